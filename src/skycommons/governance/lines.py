"""Numbers, base64 and hashes as the texts of a log write them.

Each has exactly one spelling, so that a text that is read and written again is the same text. Readers answer ``None``
to another spelling and leave it to their caller to say where.
"""

import base64
import binascii
import re
from typing import Final

from skycommons.base.errors import Fault, FormatError

HASH_BYTES: Final = 32
MAX_NUMBER: Final = 2**63 - 1  # what a signed word of 64 bits holds; every peer reads as much

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


def malformed(source: str, place: str, message: str) -> FormatError:
    """The error of a text that is not in its form."""
    return FormatError(source, [Fault(printable(place), printable(message))])


def printable(text: str) -> str:
    """Text of a stranger for a terminal: what is not printed, or turns what is printed around, as escapes."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def read_text(data: bytes, *, source: str, most_bytes: int) -> str:
    """UTF-8 without control characters other than newlines.

    Raises:
        FormatError: Longer than ``most_bytes``, not UTF-8, or with a control character.
    """
    if len(data) > most_bytes:
        raise malformed(source, "size", f"has {len(data):,} bytes; at most {most_bytes:,} are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed(source, f"byte {error.start}", "is not UTF-8") from error
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise malformed(source, f"line {line}", f"holds the control character U+{ord(found.group()):04X}")
    return text


def decimal_of(text: str) -> int | None:
    """A whole number from 0 to ``MAX_NUMBER`` in ASCII digits without leading zeros.

    >>> decimal_of("20852163"), decimal_of("007"), decimal_of("-1")
    (20852163, None, None)
    """
    number = int(text) if _DECIMAL.fullmatch(text) else None
    return number if number is not None and number <= MAX_NUMBER else None


def base64_of(data: bytes) -> str:
    """Standard base64 with padding, RFC 4648 section 4."""
    return base64.b64encode(data).decode("ascii")


def bytes_of(text: str) -> bytes | None:
    """The bytes that standard base64 stands for; bits that say nothing must be zero.

    >>> bytes_of("aGk="), bytes_of("aGl="), bytes_of("aGk")
    (b'hi', None, None)
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64_of(data) == text else None


def hash_of(text: str) -> bytes | None:
    """A SHA-256 hash in base64."""
    data = bytes_of(text)
    return data if data is not None and len(data) == HASH_BYTES else None


def hashes_of(lines: list[str], *, source: str, first_line: int) -> tuple[bytes, ...]:
    """One hash a line.

    Args:
        lines: The lines without their newlines.
        source: What is read, for the error.
        first_line: Number of the first of them, counted from 1.

    Raises:
        FormatError: A line is not a hash.
    """
    hashes = []
    for number, line in enumerate(lines, first_line):
        digest = hash_of(line)
        if digest is None:
            raise malformed(source, f"line {number}", "must be a SHA-256 hash in base64")
        hashes.append(digest)
    return tuple(hashes)
