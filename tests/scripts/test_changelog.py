"""Gathering the changelog's fragments."""

from pathlib import Path

import pytest

from scripts.changelog import main


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with an older release and three fragments."""
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\nWords.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n* Old.\n")
    fragments = tmp_path / "changelog.d"
    fragments.mkdir()
    (fragments / "rain.added.md").write_text("Rain falls,\nand fades links.\n")
    (fragments / "aaa.fixed.md").write_text("No more gaps.\n")
    (fragments / "beam.added.md").write_text("Beams.\n")
    return tmp_path


def test_fragments_become_a_section_above_the_older_ones(root: Path) -> None:
    """Grouped by kind, and the fragments are gone."""
    main("0.2.0", "2026-02-02", root)
    assert (root / "CHANGELOG.md").read_text() == (
        "# Changelog\n\nWords.\n\n## 0.2.0 (2026-02-02)\n\n### Added\n\n* Beams.\n* Rain falls,\n  and fades links.\n\n"
        "### Fixed\n\n* No more gaps.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n* Old.\n"
    )
    assert list((root / "changelog.d").iterdir()) == []


def test_a_fragment_of_unknown_kind_stops_the_release(root: Path) -> None:
    """Nothing is written then."""
    (root / "changelog.d" / "odd.removed.md").write_text("Gone.\n")
    before = (root / "CHANGELOG.md").read_text()
    with pytest.raises(SystemExit, match=r"odd\.removed\.md"):
        main("0.2.0", "2026-02-02", root)
    assert (root / "CHANGELOG.md").read_text() == before


def test_nothing_to_release_is_said(tmp_path: Path) -> None:
    """An empty section helps nobody."""
    (tmp_path / "changelog.d").mkdir()
    with pytest.raises(SystemExit, match="nothing to release"):
        main("0.2.0", "2026-02-02", tmp_path)


def test_every_fragment_of_this_repository_has_a_known_kind(repository: Path) -> None:
    """Added, changed or fixed."""
    kinds = {path.name.split(".")[-2] for path in (repository / "changelog.d").glob("*.md")}
    assert kinds <= {"added", "changed", "fixed"}
