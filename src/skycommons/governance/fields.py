"""One strict reader of JSON objects, for every document that somebody signs.

* An object has exactly its keys: one that is missing, and one that is not known, is a fault. There is no null; ``""`` and 0 mean
  none where a getter allows it.
* All faults of a document are told at once, each with its place (``scope.cells_count``, ``members.2.keys.0.key``). Until `finish`
  a faulty value is stood in for by an empty one, which nobody gets to see.
* Texts hold no control characters, and none of the characters that turn the direction of what follows: what people read is
  what they sign. Ids are plain ASCII, so that two that look the same are the same.
* What a character is stands here in full and not in a table of the Python version, so that all verifiers judge alike.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final, Protocol, TypeGuard, TypeVar, cast

from skycommons.base.errors import Fault, FormatError
from skycommons.governance.canonical import MAX_INTEGER, Json
from skycommons.governance.lines import bytes_of, malformed, printable

MAX_TIME_S: Final = 253_402_300_799  # the last second of the year 9999
MAX_ID: Final = 64
MAX_ITEMS: Final = 1_000

_ID: Final = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{MAX_ID - 1}}}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NONCE: Final = re.compile(r"(?:[0-9a-f]{2}){16,32}")
_CELL: Final = re.compile(r"85[0-9a-f]{5}[37bf]f{7}")
_COUNTRY: Final = re.compile(r"[A-Z]{3}")
# C0 and C1 controls; separators of lines and paragraphs; embeddings, overrides and isolates of direction; byte order marks.
_UNREADABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_UNREADABLE_LINES: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

Word = TypeVar("Word", bound=StrEnum)
Item = TypeVar("Item", bound=str)
Value = TypeVar("Value")
Document = TypeVar("Document")


class Record(Protocol):
    """A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Fields:
    """The fields of one object, read one by one.

    Args:
        value: The object; ``None`` for one that is not there, which whoever looked for it has told.
        place: Where in the document it stands; empty for the whole.
        faults: Those of the document so far; objects within one another share them.
    """

    __slots__ = ("_faults", "_inner", "_left", "_place")

    def __init__(self, value: dict[str, Json] | None, *, place: str = "", faults: list[Fault] | None = None) -> None:
        self._place = place
        self._faults: list[Fault] = [] if faults is None else faults
        self._inner: list[Fields] = []
        self._left = None if value is None else dict(value)

    @property
    def is_sound(self) -> bool:
        """Whether no fault was found in the document so far."""
        return not self._faults

    def text(self, name: str, *, most: int = 200, least: int = 0) -> str:
        """One line of text with so many characters."""
        return self._text(name, _UNREADABLE, least, most)

    def lines(self, name: str, *, most: int, least: int = 0) -> str:
        """Text of any number of lines."""
        return self._text(name, _UNREADABLE_LINES, least, most)

    def id(self, name: str) -> str:
        """A name that programs compare."""
        return self._matching(name, _ID, _ID_RULE)

    def id_or_none(self, name: str) -> str:
        """A name that programs compare, or nothing."""
        return self._matching(name, _ID, _ID_RULE, is_optional=True)

    def digest(self, name: str) -> str:
        """A SHA-256 hash in hex."""
        return self._matching(name, _DIGEST, "must be a SHA-256 hash as 64 lower-case hex digits")

    def digest_or_none(self, name: str) -> str:
        """A SHA-256 hash in hex, or nothing."""
        rule = 'must be a SHA-256 hash as 64 lower-case hex digits, or "" for none'
        return self._matching(name, _DIGEST, rule, is_optional=True)

    def nonce(self, name: str = "nonce") -> str:
        """Bytes of chance, so that no two documents are the same."""
        return self._matching(name, _NONCE, "must be 16 to 32 random bytes as lower-case hex digits")

    def country(self, name: str) -> str:
        """A code of ISO 3166-1, or nothing."""
        rule = 'must be a country as three capital letters of ISO 3166-1, or "" for none'
        return self._matching(name, _COUNTRY, rule, is_optional=True)

    def cell(self, name: str) -> str:
        """A cell of resolution 5."""
        return self._matching(name, _CELL, "must be a cell of resolution 5: 15 lower-case hex digits as H3 writes it")

    def number(self, name: str, *, least: int = 0, most: int = MAX_INTEGER) -> int:
        """A whole number within bounds."""
        value = self._take(name, int)
        if value is None:
            return least
        if not least <= value <= most:
            self.fault(name, f"must be {least:,} to {most:,}, is {value:,}")
        return value

    def time_s(self, name: str, *, least: int = 0) -> int:
        """Seconds since 1970-01-01 UTC."""
        return self.number(name, least=least, most=MAX_TIME_S)

    def flag(self, name: str) -> bool:
        """True or false."""
        return self._take(name, bool) is True

    def word(self, name: str, words: type[Word]) -> Word:
        """One of a few words."""
        value = self._take(name, str)
        return next(iter(words)) if value is None else self._word(name, value, words)

    def words(self, name: str, words: type[Word], *, least: int = 0) -> tuple[Word, ...]:
        """Some of a few words, each once."""
        found = [self._word(f"{name}.{row}", value, words) for row, value in self._items(name, str, least, MAX_ITEMS)]
        return self._each_once(name, found)

    def ids(self, name: str, *, least: int = 0, most: int = MAX_ITEMS) -> tuple[str, ...]:
        """Names that programs compare, each once."""
        found = []
        for row, value in self._items(name, str, least, most):
            if not _ID.fullmatch(value):
                self.fault(f"{name}.{row}", _ID_RULE)
            found.append(value)
        return self._each_once(name, found)

    def numbers(self, name: str, *, most: int = MAX_ITEMS) -> tuple[int, ...]:
        """Whole numbers from 0, in order, each once."""
        found = []
        for row, value in self._items(name, int, 0, most):
            if value < 0:
                self.fault(f"{name}.{row}", f"must be 0 or more, is {value:,}")
            found.append(value)
        if found != sorted(set(found)):
            self.fault(name, "must be in order, each once")
        return tuple(found)

    def counts(self, name: str, words: type[Word], *, most: int) -> dict[Word, int]:
        """How many of which word; words that do not stand there are none."""
        inner = self.nested(name)
        return {word: inner.number(word, least=1, most=most) for word in words if inner.has(word)}

    def base64(self, name: str, *, least: int, most: int) -> str:
        """So many bytes in base64."""
        value = self._take(name, str)
        if value is None:
            return ""
        data = bytes_of(value)
        if data is None or not least <= len(data) <= most:
            length = f"{least:,}" if least == most else f"{least:,} to {most:,}"
            self.fault(name, f"must be {length} bytes in base64 with padding")
        return value

    def raw(self, name: str) -> dict[str, Json]:
        """An object that is not looked into."""
        return self._take(name, dict) or {}

    def nested(self, name: str) -> "Fields":
        """An object in the object."""
        return self._child(name, self._take(name, dict))

    def objects(self, name: str, *, least: int = 0, most: int = MAX_ITEMS) -> list["Fields"]:
        """A list of objects."""
        return [self._child(f"{name}.{row}", value) for row, value in self._items(name, dict, least, most)]

    def has(self, name: str) -> bool:
        """Whether a key stands there and has not been read yet."""
        return self._left is not None and name in self._left

    def constant(self, name: str, expected: int | str) -> None:
        """A value that is always the same."""
        value = self._take(name, type(expected))
        if value is not None and value != expected:
            self.fault(name, f"must be {expected}, is {str(value)[:40]}")

    def fault(self, name: str, message: str) -> None:
        """Keep a fault of a field."""
        place = f"{self._place}.{name}" if self._place else name
        self._faults.append(Fault(printable(place), printable(message)))

    def require(self, name: str, message: str, *, holds: bool) -> None:
        """Keep a fault of a field unless a condition holds."""
        if not holds:
            self.fault(name, message)

    def finish(self, source: str) -> None:
        """The document was read.

        Args:
            source: What was read, for the error.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        self._refuse_rest()
        if self._faults:
            raise FormatError(source, self._faults)

    def _refuse_rest(self) -> None:
        """Whatever was not asked for is not known."""
        for name in self._left or ():
            self.fault(name[:MAX_ID], "is not known here; leave it out")
        for inner in self._inner:
            inner._refuse_rest()  # noqa: SLF001 - an object closes the objects within it

    def _take(self, name: str, kind: type[Value]) -> Value | None:
        """A value of one type; ``None`` for another, which is told."""
        if self._left is None:
            return None
        value: object = self._left.pop(name, None)
        if _is(value, kind):
            return value
        self.fault(name, "is missing" if value is None else f"must be {_TYPES[kind]}, not {_type_of(value)}")
        return None

    def _text(self, name: str, unreadable: re.Pattern[str], least: int, most: int) -> str:
        """Text with so many characters, none of them unreadable."""
        value = self._take(name, str)
        if value is None:
            return ""
        if not least <= len(value) <= most:
            self.fault(name, f"must have {least:,} to {most:,} characters, has {len(value):,}")
        if found := unreadable.search(value):
            self.fault(name, f"holds the character U+{ord(found.group()):04X}, which cannot be seen")
        return value

    def _matching(self, name: str, form: re.Pattern[str], rule: str, *, is_optional: bool = False) -> str:
        """Text in one form."""
        value = self._take(name, str)
        if value is None:
            return ""
        if not (form.fullmatch(value) or (is_optional and not value)):
            self.fault(name, rule)
        return value

    def _word(self, name: str, value: str, words: type[Word]) -> Word:
        """One of a few words."""
        try:
            return words(value)
        except ValueError:
            self.fault(name, f"must be {' or '.join(words)}, is {value[:40] or 'empty'}")
            return next(iter(words))

    def _items(self, name: str, kind: type[Value], least: int, most: int) -> list[tuple[int, Value]]:
        """Items of a list that have the one type, each with its place."""
        values: list[object] = self._take(name, list) or []
        if not least <= len(values) <= most:
            self.fault(name, f"must have {least:,} to {most:,} items, has {len(values):,}")
        found = []
        for row, value in enumerate(values[:most]):
            if _is(value, kind):
                found.append((row, value))
            else:
                self.fault(f"{name}.{row}", f"must be {_TYPES[kind]}, not {_type_of(value)}")
        return found

    def _each_once(self, name: str, found: list[Item]) -> tuple[Item, ...]:
        """Items that all differ."""
        if len(set(found)) < len(found):
            twice = next(item for row, item in enumerate(found) if item in found[:row])
            self.fault(name, f"holds {twice[:MAX_ID]} twice")
        return tuple(found)

    def _child(self, name: str, value: dict[str, Json] | None) -> "Fields":
        """The fields of an object within."""
        place = f"{self._place}.{name}" if self._place else name
        inner = Fields(value, place=place, faults=self._faults)
        self._inner.append(inner)
        return inner


def read_object(value: object, source: str, read: Callable[[Fields], Document]) -> Document:
    """A whole document.

    Args:
        value: What should be an object.
        source: What is read, for the error.
        read: Takes its fields.

    Raises:
        FormatError: It has faults; all of them are told.
    """
    if not isinstance(value, dict):
        raise malformed(source, "$", f"must be {_TYPES[dict]}, not {_type_of(value)}")
    fields = Fields(value)
    document = read(fields)
    fields.finish(source)
    return document


def object_of(document: Record) -> dict[str, Json]:
    """A dataclass as the object that it is read from: its fields under their names, but for those that begin with ``_``.

    Args:
        document: Its fields hold texts, words, whole numbers, booleans, tuples, mappings and dataclasses of these.
    """
    names = (field.name for field in dataclass_fields(document))
    return {name: _plain(getattr(document, name)) for name in names if not name.startswith("_")}


def _plain(value: object) -> Json:
    """A value as JSON has it."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return object_of(cast("Record", value))


_ID_RULE: Final = f"must be an id: 1 to {MAX_ID} of the characters a-z 0-9 . _ - and a letter or digit first"
_TYPES: Final[Mapping[type, str]] = MappingProxyType(
    {bool: "true or false", int: "a whole number", str: "text", list: "a list", dict: "an object"}
)


def _is(value: object, kind: type[Value]) -> TypeGuard[Value]:
    """Whether a value has a type; true and false are no numbers."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _type_of(value: object) -> str:
    """What a value is, in words."""
    return _TYPES.get(type(value), f"a {type(value).__name__}")
