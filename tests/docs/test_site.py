"""The site's pages hang together: everything in the navigation exists, and every page is in it."""

import re
from pathlib import Path

import pytest


def pages_in_navigation(repository: Path) -> set[str]:
    """Markdown files that mkdocs.yml names."""
    text = (repository / "mkdocs.yml").read_text(encoding="utf-8")
    return set(re.findall(r"\s([\w/-]+\.md)$", text, flags=re.MULTILINE))


def test_the_navigation_names_every_page_and_no_other(repository: Path) -> None:
    """A page that nobody can find is not documentation."""
    docs = repository / "docs"
    written = {str(path.relative_to(docs)) for path in docs.rglob("*.md")}
    assert written == pages_in_navigation(repository)


def test_every_link_between_pages_leads_somewhere(repository: Path) -> None:
    """Relative links of README and docs point at files that exist."""
    lost = []
    for page in [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        lost += [
            f"{page.relative_to(repository)}: {target}"
            for target in targets
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
        ]
    assert lost == []


def test_every_room_has_its_page_in_the_reference(repository: Path) -> None:
    """A new room appears in the reference."""
    rooms = {path.parent.name for path in (repository / "src" / "skycommons").glob("*/__init__.py")}
    for room in rooms - {"cli", "serve"}:
        assert f"::: skycommons.{room}" in (repository / "docs" / "reference" / f"{room}.md").read_text()


@pytest.mark.parametrize("page", ["concepts/pipeline.md", "conventions.md", "glossary.md", "adr/index.md"])
def test_the_pages_that_others_point_to_exist(repository: Path, page: str) -> None:
    """The first hour of a contributor leads through these."""
    assert (repository / "docs" / page).is_file()
