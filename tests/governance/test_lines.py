"""Numbers, base64 and hashes have one spelling."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.lines import bytes_of, decimal_of, hash_of, hashes_of, malformed, printable, read_text


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("9223372036854775807", 2**63 - 1), ("10", 10)])
def test_a_number_is_read(text: str, number: int) -> None:
    """Up to what 63 bits hold."""
    assert decimal_of(text) == number


@pytest.mark.parametrize(
    "text", ["", "00", "01", "+1", "-1", "1 ", " 1", "1\n", "٣", "9223372036854775808", "1e3", "9" * 50]
)
def test_another_spelling_is_no_number(text: str) -> None:
    """Also digits of other scripts, which Python would read."""
    assert decimal_of(text) is None


@pytest.mark.parametrize("text", ["A", "AA", "AA=", "AB==", "AA==\n", "A A==", "-_==", "AA==AA==", "é", "AAA"])
def test_another_spelling_is_no_base64(text: str) -> None:
    """No bits that say nothing, no spaces, no other alphabet."""
    assert bytes_of(text) is None


def test_base64_is_read() -> None:
    """With padding; nothing is written as nothing."""
    assert bytes_of("+/8=") == b"\xfb\xff"
    assert bytes_of("") == b""


def test_a_hash_has_32_bytes() -> None:
    """Not 31."""
    assert hash_of("A" * 43 + "=") == bytes(32)
    assert hash_of("A" * 40) is None
    assert hash_of("*") is None


def test_hashes_say_which_line_is_none() -> None:
    """Counted from where they begin."""
    assert hashes_of(["A" * 43 + "="], source="proof", first_line=3) == (bytes(32),)
    with pytest.raises(FormatError, match="line 4: must be a SHA-256 hash"):
        hashes_of(["A" * 43 + "=", "A"], source="proof", first_line=3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"12345", "size: has 5 bytes; at most 4 are read"),
        (b"a\xff", "byte 1: is not UTF-8"),
        (b"\xed\xa0\x80", "byte 0: is not UTF-8"),
        (b"\n\na\r", "line 3: holds the control character U\\+000D"),
        (b"\x00", "line 1: holds the control character U\\+0000"),
    ],
)
def test_text_is_utf_8_without_control_characters(data: bytes, words: str) -> None:
    """Newlines apart."""
    with pytest.raises(FormatError, match=words):
        read_text(data, source="note", most_bytes=4)
    assert read_text("é\n".encode(), source="note", most_bytes=4) == "é\n"


def test_a_stranger_cannot_write_on_the_terminal() -> None:
    """Neither by control sequences nor by letters that turn the line around."""
    assert printable("w1\x9b2J\u202eé") == "w1\\x9b2J\\u202eé"
    assert str(malformed("note", "\x9b", "\u202e")) == "note: 1 fault(s)\n  \\x9b: \\u202e"


def test_a_control_character_is_told_with_its_line() -> None:
    """The line that it stands in, whatever comes after."""
    with pytest.raises(FormatError, match=r"line 2: holds the control character U\+0007"):
        read_text(b"one\ntwo\x07\nthree\nfour\n", source="text", most_bytes=100)
