"""The reference pages say what the code says, and name every command and every key."""

import re
from pathlib import Path

import pytest

from scripts.make_reference import main, pages
from skycommons.model.documents_read import known_keys


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_reference_page_is_fresh(repository: Path, name: str) -> None:
    """If this fails, run ``python scripts/make_reference.py``."""
    assert (repository / "docs" / "reference" / name).read_text(encoding="utf-8") == pages()[name]


def test_every_key_of_a_scenario_is_documented(repository: Path) -> None:
    """Tables as headings, plain keys as rows."""
    page = (repository / "docs" / "reference" / "scenario.md").read_text(encoding="utf-8")
    assert [key for key in known_keys() if not re.search(rf"[`.\[]{key}[`.\]]", page)] == []


def test_writing_the_pages_changes_nothing_that_is_fresh(repository: Path) -> None:
    """The script is its own check."""
    before = {name: (repository / "docs" / "reference" / name).read_bytes() for name in pages()}
    assert main() == 0
    assert {name: (repository / "docs" / "reference" / name).read_bytes() for name in pages()} == before
