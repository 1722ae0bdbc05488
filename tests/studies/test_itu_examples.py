"""Reading the ITU's worked examples."""

import json
from pathlib import Path

import pytest

from skycommons.base.errors import DocumentError
from skycommons.studies.itu_examples import EXAMPLES, read_examples


def test_tables_come_as_columns(tmp_path: Path) -> None:
    """By recommendation and quantity."""
    path = tmp_path / EXAMPLES
    case = {"recommendation": "P.1", "quantity": "rain", "columns": ["lat", "dB"], "rows": [[1, 2], [3, 4]]}
    path.write_text(json.dumps({"cases": [case]}), encoding="utf-8")
    tables = read_examples(path)
    assert {name: column.tolist() for name, column in tables["P.1", "rain"].items()} == {"lat": [1, 3], "dB": [2, 4]}


@pytest.mark.parametrize("text", ["", "{}", '{"cases": [{}]}'])
def test_what_holds_no_examples_is_refused(tmp_path: Path, text: str) -> None:
    """With the file's name; so is a file that is not there."""
    path = tmp_path / EXAMPLES
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match="cannot be read as validation examples") as caught:
        read_examples(path)
    assert EXAMPLES in str(caught.value)
    with pytest.raises(DocumentError, match="cannot be read"):
        read_examples(tmp_path / "nothing.json")
