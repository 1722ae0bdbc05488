"""Tables of measurements."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import DocumentError
from skycommons.studies.measured_table import MeasuredTable, read_measured


def read(path: Path, text: str) -> MeasuredTable:
    """A table with a place, a time that must be there and one that need not."""
    path.write_text(text)
    return read_measured(
        path,
        words=("place", "pop"),
        numbers={"time_ms": (0.0, 100.0), "other_ms": (0.0, 100.0)},
        may_be_empty=("pop",),
        may_lack=("other_ms",),
    )


def test_words_and_numbers_come_in_columns(tmp_path: Path) -> None:
    """What is empty or missing is empty or NaN."""
    table = read(tmp_path / "t.csv", "time_ms,place,pop,more\n5, here ,,x\n6,there,Oslo,\n")
    assert table.words == {"place": ("here", "there"), "pop": ("", "Oslo")}
    np.testing.assert_array_equal(table.numbers["time_ms"], [5.0, 6.0])
    assert np.isnan(table.numbers["other_ms"]).all()


def test_all_faults_are_said_with_their_lines(tmp_path: Path) -> None:
    """An empty word, no number, one out of range."""
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / "t.csv", "place,pop,time_ms\n,,5\na,,x\nb,,500\nc,,\n")
    words = str(caught.value)
    for part in ("line 2: place is empty", "line 3: time_ms: 'x' is no number", "line 4: time_ms: 500", "line 5"):
        assert part in words


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """With the one that was perhaps meant."""
    with pytest.raises(DocumentError, match="no column 'time_ms'; did you mean"):
        read(tmp_path / "t.csv", "place,pop,times_ms\na,,5\n")


@pytest.mark.parametrize(("content", "words"), [(b"place,pop,time_ms\n", "no rows"), (b"\xff\xfe", "not text")])
def test_a_file_without_a_table_is_said_so(tmp_path: Path, content: bytes, words: str) -> None:
    """Empty, or not text."""
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=words):
        read_measured(path, words=("place", "pop"), numbers={"time_ms": (0.0, 1.0)})


def test_a_file_that_is_not_there_or_far_too_large_is_said_so(tmp_path: Path) -> None:
    """Before anything is read into rows."""
    with pytest.raises(DocumentError, match="cannot be read"):
        read_measured(tmp_path / "none.csv", words=(), numbers={})
    (tmp_path / "large.csv").write_bytes(b"a" * (2**24 + 1))
    with pytest.raises(DocumentError, match="larger than 16 MB"):
        read_measured(tmp_path / "large.csv", words=(), numbers={})
