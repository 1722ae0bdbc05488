"""The strict reader of objects."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.fields import MAX_TIME_S, Fields, object_of, read_object


class Colour(StrEnum):
    """A word."""

    RED = "red"
    BLUE = "blue"


def read_one(getter: str, value: object, **limits: object) -> object:
    """What a getter makes of one value."""
    return read_object({"a": value}, "example", lambda fields: getattr(fields, getter)("a", **limits))


@pytest.mark.parametrize(
    ("getter", "value", "limits"),
    [
        ("text", "", {}),
        ("text", "é" * 200, {}),
        ("text", "سلام\u200cها", {}),  # joiners belong to the way that some languages are written
        ("lines", "one\ntwo", {"most": 7}),
        ("id", "seat-ops-1", {}),
        ("id", "a" * 64, {}),
        ("id_or_none", "", {}),
        ("digest", "0" * 64, {}),
        ("digest_or_none", "", {}),
        ("nonce", "ab" * 16, {}),
        ("nonce", "ab" * 32, {}),
        ("country", "CHE", {}),
        ("country", "", {}),
        ("cell", "851f8377fffffff", {}),
        ("number", 0, {}),
        ("number", 9, {"least": 9, "most": 9}),
        ("time_s", MAX_TIME_S, {}),
        ("flag", False, {}),
        ("flag", True, {}),
        ("word", "blue", {"words": Colour}),
        ("base64", "aGk=", {"least": 2, "most": 2}),
        ("raw", {"x": [1]}, {}),
    ],
)
def test_a_value_in_its_form_is_read_as_it_is(getter: str, value: object, limits: dict[str, object]) -> None:
    """Nothing is changed on the way."""
    assert read_one(getter, value, **limits) == value


@pytest.mark.parametrize(
    ("getter", "value", "limits", "words"),
    [
        ("text", 1, {}, "a: must be text, not a whole number"),
        ("text", "é" * 201, {}, "must have 0 to 200 characters, has 201"),
        ("text", "", {"least": 1}, "must have 1 to 200 characters, has 0"),
        ("text", "a\nb", {}, r"holds the character U\+000A"),
        ("text", "a\x00", {}, r"U\+0000"),
        ("text", "a\x7f", {}, r"U\+007F"),
        ("text", "a\x9f", {}, r"U\+009F"),
        ("text", "a\u2028", {}, r"U\+2028"),
        ("text", "a\u202e", {}, r"U\+202E"),
        ("text", "a\u2066", {}, r"U\+2066"),
        ("text", "\ufeffa", {}, r"U\+FEFF"),
        ("lines", "a\tb", {"most": 9}, r"U\+0009"),
        ("lines", "a\rb", {"most": 9}, r"U\+000D"),
        ("id", "", {}, "must be an id: 1 to 64"),
        ("id", "Seat", {}, "must be an id"),
        ("id", "-a", {}, "must be an id"),
        ("id", "a" * 65, {}, "must be an id"),
        ("id", "a\n", {}, "must be an id"),
        ("digest", "", {}, "64 lower-case hex digits"),
        ("digest", "AB" * 32, {}, "64 lower-case hex digits"),
        ("digest_or_none", "ab", {}, 'or "" for none'),
        ("nonce", "ab" * 15, {}, "16 to 32 random bytes"),
        ("nonce", "ab" * 33, {}, "16 to 32 random bytes"),
        ("nonce", "ab" * 16 + "a", {}, "16 to 32 random bytes"),
        ("country", "ch", {}, "three capital letters"),
        ("cell", "841f837ffffffff", {}, "cell of resolution 5"),
        ("cell", "851f8375fffffff", {}, "cell of resolution 5"),
        ("number", True, {}, "must be a whole number, not true or false"),
        ("number", -1, {}, "must be 0 to 9,007,199,254,740,991, is -1"),
        ("number", 10, {"most": 9}, "must be 0 to 9, is 10"),
        ("time_s", MAX_TIME_S + 1, {}, "must be 0 to 253,402,300,799"),
        ("flag", 1, {}, "must be true or false, not a whole number"),
        ("word", "green", {"words": Colour}, "must be red or blue, is green"),
        ("word", "", {"words": Colour}, "is empty"),
        ("word", 1, {"words": Colour}, "must be text"),
        ("words", "red", {"words": Colour}, "must be a list, not text"),
        ("words", ["red", "red"], {"words": Colour}, "holds red twice"),
        ("words", ["red", "green"], {"words": Colour}, r"a\.1: must be red or blue"),
        ("words", [], {"words": Colour, "least": 1}, "must have 1 to 1,000 items, has 0"),
        ("ids", ["a", "b", "a"], {}, "holds a twice"),
        ("ids", ["a", "B"], {}, r"a\.1: must be an id"),
        ("ids", ["a", 1], {}, r"a\.1: must be text, not a whole number"),
        ("ids", ["a", "b"], {"most": 1}, "must have 0 to 1 items, has 2"),
        ("numbers", [1, 1], {}, "must be in order, each once"),
        ("numbers", [2, 1], {}, "must be in order, each once"),
        ("numbers", [-1], {}, r"a\.0: must be 0 or more, is -1"),
        ("numbers", [True], {}, r"a\.0: must be a whole number"),
        ("counts", {"red": 0}, {"words": Colour, "most": 9}, r"a\.red: must be 1 to 9, is 0"),
        ("counts", {"green": 1}, {"words": Colour, "most": 9}, r"a\.green: is not known here"),
        ("base64", "aGk", {"least": 0, "most": 9}, "must be 0 to 9 bytes in base64"),
        ("base64", "aGk=", {"least": 3, "most": 3}, "must be 3 bytes in base64"),
        ("base64", 1, {"least": 3, "most": 3}, "must be text"),
        ("nested", [], {}, "must be an object, not a list"),
        ("objects", [1], {}, r"a\.0: must be an object, not a whole number"),
        ("constant", 2, {"expected": 1}, "must be 1, is 2"),
        ("constant", "2", {"expected": 1}, "must be a whole number"),
        ("raw", None, {}, "a: is missing"),
        ("raw", 1.5, {}, "must be an object, not a float"),
    ],
)
def test_every_other_value_is_refused_with_its_place(
    getter: str, value: object, limits: dict[str, object], words: str
) -> None:
    """And with how to mend it."""
    with pytest.raises(FormatError, match=words):
        read_one(getter, value, **limits)


def test_lists_are_read_in_their_order() -> None:
    """As tuples, which nobody can change."""
    assert read_one("ids", ["b", "a"]) == ("b", "a")
    assert read_one("words", ["red", "blue"], words=Colour) == (Colour.RED, Colour.BLUE)
    assert read_one("numbers", [1, 3]) == (1, 3)
    assert read_one("counts", {"blue": 2}, words=Colour, most=9) == {Colour.BLUE: 2}


def test_all_faults_are_told_at_once() -> None:
    """Missing, unknown, and wrong ones, also in objects within; an object that is not there is one fault."""

    def read(fields: Fields) -> None:
        fields.text("title")
        inner = fields.nested("inner")
        inner.number("count")
        fields.nested("gone").text("never told")
        for one in fields.objects("rows"):
            one.flag("is_right")
        assert not fields.is_sound

    value = {"inner": {"count": "1", "more\n": 2}, "rows": [{"is_right": True}, {}], "x" * 99: 1}
    with pytest.raises(FormatError) as caught:
        read_object(value, "example", read)
    assert caught.value.source == "example"
    assert [str(fault) for fault in caught.value.faults] == [
        "title: is missing",
        "inner.count: must be a whole number, not text",
        "gone: is missing",
        "rows.1.is_right: is missing",
        f"{'x' * 64}: is not known here; leave it out",
        "inner.more\\n: is not known here; leave it out",
    ]


def test_what_is_no_object_is_told_as_such() -> None:
    """A list is none."""
    with pytest.raises(FormatError, match=r"\$: must be an object, not a list"):
        read_object([], "example", lambda fields: fields.text("a"))


def test_a_condition_that_does_not_hold_is_a_fault() -> None:
    """At the place that is named."""

    def read(fields: Fields) -> None:
        fields.require("a", "never told", holds=True)
        fields.require("b", "must be more", holds=False)

    with pytest.raises(FormatError, match="b: must be more"):
        read_object({}, "example", read)


def test_a_dataclass_is_written_under_the_names_of_its_fields() -> None:
    """Words, tuples, mappings and dataclasses within it as JSON has them."""

    @dataclass(frozen=True)
    class Inner:
        count: int

    @dataclass(frozen=True)
    class Outer:
        colour: Colour
        is_right: bool
        rows: tuple[Inner, ...]
        counts: MappingProxyType[Colour, int]
        raw: list[str]

    outer = Outer(Colour.RED, True, (Inner(1),), MappingProxyType({Colour.BLUE: 2}), ["a"])
    written = object_of(outer)
    assert written == {"colour": "red", "is_right": True, "rows": [{"count": 1}], "counts": {"blue": 2}, "raw": ["a"]}
    assert type(written["colour"]) is str
