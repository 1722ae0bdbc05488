"""Bytes, lines and faults of trace files."""

import gzip
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError
from skycommons.emulation import trace_text
from skycommons.emulation.trace_text import (
    Faults,
    numbered_lines,
    packed,
    read_bytes,
    seconds_ns,
    seconds_text,
    text_of,
    unpacked,
)


def test_all_faults_are_told_at_once_and_many_are_counted() -> None:
    """Each with its line."""
    faults = Faults("x.csv")
    faults.check()
    faults.line(3, "is odd")
    faults.at("head", "is missing")
    with pytest.raises(FormatError, match=r"line 3: is odd\n  head: is missing"):
        faults.check()
    for number in range(98):
        faults.line(number, "is odd")
    with pytest.raises(FormatError, match="further on: 80 more"):
        faults.check()


def test_a_file_is_read_plain_or_packed(tmp_path: Path) -> None:
    """Whatever its name says."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"1\n")
    assert read_bytes(path) == b"1\n"
    path.write_bytes(gzip.compress(b"2\n"))
    assert read_bytes(path) == b"2\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b" \n ", "is empty"),
        (gzip.compress(b"abc" * 99)[:-12], "breaks off"),
        (b"\x1f\x8b\x08" + b"\x00" * 40, "damaged"),
        (gzip.compress(b"0" * 101), "holds more than"),
        (b"0" * 101, "holds more than"),
    ],
    ids=["empty", "cut off", "damaged", "a bomb", "too long"],  # packed bytes hold the time
)
def test_what_cannot_be_unpacked_is_refused(data: bytes, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb included."""
    monkeypatch.setattr(trace_text, "MOST_BYTES", 100)
    with pytest.raises(FormatError, match=why):
        unpacked(data, "x")


def test_a_file_that_is_not_there_is_one_clear_fault(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(FormatError, match=r"none\.csv.*\n.*cannot be read: no such file"):
        read_bytes(tmp_path / "none.csv")


def test_packing_depends_on_the_content_alone() -> None:
    """So that files can be compared."""
    assert packed(b"abc") == packed(b"abc")
    assert unpacked(packed(b"abc"), "x") == b"abc"


def test_lines_end_in_any_way_and_a_byte_order_mark_is_none_of_them() -> None:
    """Files come from everywhere."""
    assert list(numbered_lines(text_of(b"\xef\xbb\xbfa\r\nb\rc"))) == [(1, "a"), (2, "b"), (3, "c")]
    assert text_of(b"\xff") == "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("ns", [0, 1, 15_000_000_000, 9_223_372_035_999_999_999])
def test_seconds_are_exact_both_ways(ns: int) -> None:
    """To the nanosecond."""
    assert seconds_ns(seconds_text(ns)) == ns


@pytest.mark.parametrize("text", ["", "-1", "1e3", "1.", ".5", "1.0000000001", "x", "9223372036", "٣"])
def test_what_is_no_number_of_seconds_is_none(text: str) -> None:
    """Nothing is rounded in secret."""
    assert seconds_ns(text) is None
