"""The script that writes the table of the radio part."""

from pathlib import Path

import pytest

from scripts import make_accuracy
from skycommons.studies.radio_check import Acceptance, compared

CHECK = compared("C/N", "a table", 8.5, 8.5, test=Acceptance.BUDGETS, unit="dB", absolute=0.1)
PAGE = f"before\n{make_accuracy.START}old\n{make_accuracy.END}after\n"


def test_only_the_table_changes() -> None:
    """What stands around it is kept, and a second time nothing changes."""
    text = make_accuracy.page(PAGE, [CHECK])
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| C/N | 8.5 dB |" in text
    assert "old" not in text
    assert make_accuracy.page(text, [CHECK]) == text


def test_a_page_without_marks_is_refused() -> None:
    """Nothing is written anywhere."""
    with pytest.raises(ValueError, match="no place for the table"):
        make_accuracy.page("a page", [CHECK])


def test_the_script_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder that it is given."""
    monkeypatch.setattr(make_accuracy, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(make_accuracy, "validate_radio", lambda folder: [CHECK] if folder == tmp_path else [])
    make_accuracy.PAGE.write_text(PAGE, "utf-8")
    assert make_accuracy.main(tmp_path) == 0
    assert "| C/N | 8.5 dB |" in make_accuracy.PAGE.read_text("utf-8")
