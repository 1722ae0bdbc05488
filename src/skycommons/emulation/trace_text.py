"""The bytes and lines of trace files, read with bounds, and their faults.

Rules: a file is read whole, unpacked if it is gzip, and never beyond a limit. Faults carry the number of their line; the
first ones are kept and the rest counted, and one error tells all of them. A text is UTF-8, with or without a byte order mark.
"""

import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import Fault, FormatError
from skycommons.model.element_sets import FaultList

MOST_BYTES: Final = 256 * 2**20
"""Of a file, packed or unpacked."""
_FAULTS_KEPT: Final = 20
_GZIP: Final = b"\x1f\x8b"
_SECONDS: Final = re.compile(r"\s*(\d{1,10})(?:\.(\d{1,9})0*)?\s*", re.ASCII)
_LATEST_S: Final = 9_223_372_036  # what 64 bits of nanoseconds hold


class Faults:
    """Faults of one file, in its order.

    Attributes:
        source: Name of the file.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._list = FaultList(_FAULTS_KEPT)

    def __bool__(self) -> bool:
        return self._list.count > 0

    def line(self, number: int, message: str) -> None:
        """One more, of a line counted from 1."""
        self.at(f"line {number}", message)

    def at(self, place: str, message: str) -> None:
        """One more, of any place."""
        self._list.add(Fault(place, message))

    def check(self) -> None:
        """Raise if there are any.

        Raises:
            FormatError: With the first of them, and how many more there are.
        """
        if not self:
            return
        more = self._list.count - len(self._list.kept)
        raise FormatError(self.source, [*self._list.kept, *([Fault("further on", f"{more:,} more")] if more else [])])


def refusal(source: str, message: str) -> FormatError:
    """The error for a file that is wrong as a whole."""
    return FormatError(source, [Fault("file", message)])


def read_bytes(path: Path) -> bytes:
    """Content of a file, unpacked if it is gzip.

    Raises:
        FormatError: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise refusal(str(path), f"cannot be read: {(error.strerror or 'input error').lower()}") from None
    return unpacked(data, path.name)


def unpacked(data: bytes, source: str) -> bytes:
    """The content, decompressed when it is gzip.

    Raises:
        FormatError: It is damaged, empty or too large.
    """
    if data.startswith(_GZIP):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
                data = stream.read(MOST_BYTES + 1)
        except EOFError:
            raise refusal(source, "is a gzip file that breaks off; copy it again") from None
        except (OSError, zlib.error):
            raise refusal(source, "is a damaged gzip file; copy it again") from None
    if len(data) > MOST_BYTES:
        raise refusal(source, f"holds more than {MOST_BYTES // 2**20} MB; cut it into parts")
    if not data.strip():
        raise refusal(source, "is empty")
    return data


def packed(data: bytes) -> bytes:
    """Content as gzip, the same for the same content at any time and under any name."""
    return gzip.compress(data, mtime=0)


def text_of(data: bytes) -> str:
    """The text of a file; bytes that are no UTF-8 become question marks, which no number is."""
    return data.decode("utf-8-sig", errors="replace")


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without their ends, counted from 1; the empty rest after the last line feed is none."""
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        yield number, line.removesuffix("\n")


def float_of(text: str) -> float:
    """A number; NaN for what is none.

    >>> float_of(" 1.5"), float_of("x")
    (1.5, nan)
    """
    try:
        return float(text)
    except ValueError:
        return math.nan


def seconds_text(ns: int) -> str:
    """Nanoseconds as seconds without loss.

    >>> seconds_text(15_000_000_000), seconds_text(1)
    ('15', '0.000000001')
    """
    seconds, rest = divmod(int(ns), NS_PER_S)
    return f"{seconds}.{rest:09d}".rstrip("0") if rest else str(seconds)


def seconds_ns(text: str) -> int | None:
    """Seconds, as decimals with up to nine places, in whole nanoseconds; nothing for what is none.

    >>> seconds_ns("0.000000001"), seconds_ns("15"), seconds_ns("-1")
    (1, 15000000000, None)
    """
    found = _SECONDS.fullmatch(text)
    if found is None or int(found[1]) >= _LATEST_S:
        return None
    return int(found[1]) * NS_PER_S + int((found[2] or "").ljust(9, "0"))
