"""Catalogue numbers in the five columns that a TLE has for them.

Rules: below 100,000 the field holds digits. From there to 339,999 a letter stands for the first two digits (A is 10, Z is
33; I and O are left out, being too much like 1 and 0). Larger numbers do not fit: they need an OMM.
"""

from typing import Final

from skycommons.base.errors import InputError

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # Space-Track, "What is Alpha-5?"
_FIRST_LETTER: Final = 10
LARGEST_NUMBER: Final = 339_999


def decode_number(field: str) -> int:
    """The catalogue number in a TLE's columns 3 to 7.

    Args:
        field: Five characters; numbers below 10,000 may stand right-aligned after blanks.

    Raises:
        InputError: The field is neither five digits nor one capital letter (not I, not O) and four digits.

    Source: Space-Track documentation, "What is Alpha-5?".

    >>> decode_number("44713"), decode_number("A0000"), decode_number("Z9999")
    (44713, 100000, 339999)
    """
    tail = field[1:]
    if len(field) == 5 and field.isascii():
        if field.lstrip(" ").isdigit():
            return int(field)
        if field[0] in _LETTERS and tail.isdigit():
            return (_LETTERS.index(field[0]) + _FIRST_LETTER) * 10_000 + int(tail)
    raise InputError(
        f"{field!r} is no catalogue number: a TLE has five digits there, or a capital letter but I and O and four digits"
    )


def encode_number(number: int) -> str:
    """A catalogue number as a TLE writes it.

    Raises:
        InputError: The number is negative or above 339,999; no TLE can hold it.

    Source: Space-Track documentation, "What is Alpha-5?".

    >>> encode_number(964), encode_number(148493)
    ('00964', 'E8493')
    """
    if not 0 <= number <= LARGEST_NUMBER:
        raise InputError(f"catalogue number {number} does not fit into a TLE (0 to {LARGEST_NUMBER}); use an OMM")
    head, tail = divmod(number, 10_000)
    return f"{_LETTERS[head - _FIRST_LETTER] if head >= _FIRST_LETTER else head}{tail:04d}"
