"""Canonical JSON: one value, one text."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INTEGER,
    Json,
    canonical_bytes,
    parse_canonical,
)


def nested(depth: int) -> bytes:
    """Arrays in arrays."""
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        ("", '""'),
        (False, "false"),
        (-MAX_INTEGER, "-9007199254740991"),
        # RFC 8785, section 3.2.2.2: escapes; section 3.2.3: names are sorted by UTF-16 code units.
        ('€$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        (
            {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7},
            '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
        ),
        ({"b": [1, True, {"z": "y", "a": []}], "a": "\u2028"}, '{"a":"\u2028","b":[1,true,{"a":[],"z":"y"}]}'),
    ],
)
def test_a_value_has_one_text(value: Json, text: str) -> None:
    """And the text is read as that value."""
    assert canonical_bytes(value) == text.encode()
    assert parse_canonical(text.encode()) == value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Expecting value"),
        (b"{", "JSON: Expecting property name"),
        (b"\xff", "JSON: 'utf-8' codec"),
        (b'\xef\xbb\xbf"a"', "JSON: Unexpected UTF-8 BOM"),
        (b'"a"\n', "not canonical"),
        (b'{"b":1,"a":2}', "not canonical"),
        (b'{"a": 1}', "not canonical"),
        (b'"\\u0041"', "not canonical"),
        (b'"\\/"', "not canonical"),
        (b"-0", "not canonical"),
        (b"1.0", "holds 1.0; numbers are whole"),
        (b"1e2", "holds 1e2; numbers are whole"),
        (b"NaN", "holds NaN; numbers are whole"),
        (b"-Infinity", "holds -Infinity; numbers are whole"),
        (b"null", "is a NoneType"),
        (b'{"a":1,"a":1}', "same key twice"),
        (b'{"a":1,"\\u0061":1}', "same key twice"),
        (b"9007199254740992", r"\$: is beyond"),
        (b"-9007199254740992", r"\$: is beyond"),
        (b"9" * 5000, "holds a whole number beyond"),
        (b'"\\ud800"', "holds a string that is not Unicode"),
        (b'{"\\ud800":1}', "holds a string that is not Unicode"),
        (b'"' + b"a" * MAX_BYTES + b'"', "at most 65,535 are read"),
        (nested(MAX_DEPTH + 1), "nested more than 32 deep"),
        (nested(30_000), "nested more than 32 deep"),
    ],
)
def test_everything_else_is_refused(data: bytes, words: str) -> None:
    """Whatever the writer would not have written."""
    with pytest.raises(FormatError, match=words):
        parse_canonical(data)


def test_the_limits_are_within_reach() -> None:
    """The deepest and the longest document can be read."""
    assert parse_canonical(nested(MAX_DEPTH))
    longest = b'"' + b"a" * (MAX_BYTES - 2) + b'"'
    assert canonical_bytes(parse_canonical(longest)) == longest


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [1.5]}, r"\$\.a\[0\]: is a float"),
        ({"a": None}, r"\$\.a: is a NoneType"),
        ((1, 2), "is a tuple"),
        ({1: 2}, "has the key 1; keys are strings"),
        (b"a", "is a bytes"),
        ("a" * MAX_BYTES, "at most 65,535 may be written"),
        (2**53, "is beyond"),
    ],
)
def test_the_writer_refuses_the_same(value: Json, words: str) -> None:
    """With the place in the document."""
    with pytest.raises(FormatError, match=words):
        canonical_bytes(value, source="decision")


def test_a_document_that_holds_itself_ends() -> None:
    """It is too deep."""
    circle: list[Json] = []
    circle.append(circle)
    with pytest.raises(FormatError, match="nested more than"):
        canonical_bytes(circle)


@given(
    st.recursive(
        st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="ascii"), max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=4), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_what_the_library_writes_is_read(value: Json) -> None:
    """In ASCII the reader compares with another writer than the library: they agree."""
    assert parse_canonical(rfc8785.dumps(value)) == value
