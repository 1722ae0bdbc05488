"""Every Python block of the documentation runs, and shows what it says it shows."""

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
SYBIL = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], pattern="*.md")


def with_examples() -> list[Path]:
    """Pages that hold Python."""
    return [page for page in PAGES if page.exists() and "```python" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", with_examples(), ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_the_examples_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the first block to the last, in a folder where the scenarios lie as they do in the repository."""
    if (REPOSITORY / "scenarios").is_dir():
        (tmp_path / "scenarios").symlink_to(REPOSITORY / "scenarios")
    monkeypatch.chdir(tmp_path)
    for example in SYBIL.parse(page).examples():
        example.evaluate()
    capsys.readouterr()


def test_the_readme_and_the_concepts_show_python() -> None:
    """A page that loses its examples by accident is noticed."""
    shown = {str(page.relative_to(REPOSITORY)) for page in with_examples()}
    assert {"README.md", "docs/concepts/orbits.md", "docs/concepts/lasers.md", "docs/tutorial/from-python.md"} <= shown
