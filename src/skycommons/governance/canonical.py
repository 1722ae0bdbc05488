"""Documents that are signed, as canonical JSON (RFC 8785), narrowed until one value has one text.

* Whole numbers within ±(2**53 - 1), strings, booleans, arrays and objects; no floats, no null.
* The reader refuses what the writer would not have written: other spaces, another order, duplicate keys, other escapes.
  It writes what it read again and compares the bytes, so no rule can be forgotten.
* Strings are compared as they are. Two spellings of one letter in Unicode are two strings, and two documents.

Writing is left to the library ``rfc8785``; the limits and the strictness stand here.
"""

import json
from typing import Final, NoReturn, TypeAlias

import rfc8785

from skycommons.base.errors import FormatError
from skycommons.governance.lines import malformed

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json]"

MAX_BYTES: Final = 65_535  # what an entry of the log holds
MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53 - 1  # what every JSON reader keeps exactly

_MAX_DIGITS: Final = len(str(-MAX_INTEGER))


class _RefusedError(ValueError):
    """JSON that no document may hold; it leaves this module as `FormatError`."""


def canonical_bytes(value: Json, *, source: str = "document", most_bytes: int = MAX_BYTES) -> bytes:
    """A value as the one text that stands for it.

    Args:
        value: Booleans, whole numbers, strings, lists, and dictionaries with strings as keys.
        source: What is written, for the error.
        most_bytes: How long the text may be; an entry of the log may be no longer than the default.

    Raises:
        FormatError: The value holds something else, or its text is longer.

    Source: RFC 8785.

    >>> canonical_bytes({"b": 1, "a": [True, "é"]}).decode()
    '{"a":[true,"é"],"b":1}'
    """
    _check(value, "$", 1, source)
    try:
        data = rfc8785.dumps(value)
    except ValueError as error:  # a surrogate without its partner
        raise malformed(source, "$", "holds a string that is not Unicode") from error
    if len(data) > most_bytes:
        raise malformed(source, "size", f"has {len(data):,} bytes; at most {most_bytes:,} may be written")
    return data


def parse_canonical(data: bytes, *, source: str = "document") -> Json:
    """The value that canonical JSON stands for.

    Raises:
        FormatError: The bytes are not exactly what `canonical_bytes` writes.
    """
    if len(data) > MAX_BYTES:
        raise malformed(source, "size", f"has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
            object_pairs_hook=_object,
        )
    except RecursionError as error:
        raise _too_deep(source) from error
    except ValueError as error:
        raise malformed(source, "JSON", str(error)) from error
    if _written(value, data, source) != data:
        raise malformed(source, "JSON", "is not canonical (RFC 8785): write it with sorted keys and without spaces")
    return value


def _written(value: Json, data: bytes, source: str) -> bytes:
    """A value that was read from some bytes, written again.

    Where all is ASCII and nothing is escaped by its number, the standard library writes what RFC 8785 asks for, and far quicker: it
    sorts by code points, which are the code units there. Elsewhere the library for RFC 8785 writes.
    """
    if not data.isascii() or b"\\u" in data:
        return canonical_bytes(value, source=source)
    _check(value, "$", 1, source)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check(value: object, place: str, depth: int, source: str) -> None:
    """Refuse what has no place in a signed document."""
    if depth > MAX_DEPTH:
        raise _too_deep(source)
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise malformed(source, place, f"has the key {key!r}; keys are strings")
            _check(item, f"{place}.{key}", depth + 1, source)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _check(item, f"{place}[{number}]", depth + 1, source)
    elif type(value) is int:
        if abs(value) > MAX_INTEGER:
            raise malformed(source, place, "is beyond ±(2**53 - 1); write larger numbers as strings")
    elif not isinstance(value, bool | str):
        raise malformed(source, place, f"is a {type(value).__name__}; allowed are whole numbers, strings, booleans")


def _too_deep(source: str) -> FormatError:
    """The error of a document with too many brackets in brackets."""
    return malformed(source, "depth", f"is nested more than {MAX_DEPTH} deep")


def _integer(digits: str) -> int:
    """A number that is short enough to be read at all."""
    if len(digits) > _MAX_DIGITS:
        raise _RefusedError("holds a whole number beyond ±(2**53 - 1)")
    return int(digits)


def _no_float(text: str) -> NoReturn:
    """No floats, no NaN, no infinity."""
    raise _RefusedError(f"holds {text[:20]}; numbers are whole")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """An object whose keys are all different."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RefusedError("holds an object with the same key twice")
    return found
