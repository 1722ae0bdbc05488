"""Lists of cells: where a decision or a licence holds, as a text that lies beside the log and is named by its hash.

* One cell a line, 15 lower-case hex digits as H3 writes them, sorted, each once, every line with its newline. So
  ``LC_ALL=C sort -u FILE | sha256sum`` makes the hash too.
* Cells are of resolution 5: their text begins with ``85`` and ends with 30 bits that are set. Nothing here knows where a cell lies;
  the bits between may name a cell that does not exist, which no terminal is ever in.
* There is at least one cell: an area of nothing is no area.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from operator import lt
from typing import Final

from skycommons.governance.lines import malformed
from skycommons.governance.policy import MAX_CELLS

CELL_DIGITS: Final = 15
MAX_BYTES: Final = MAX_CELLS * (CELL_DIGITS + 1)

_SOURCE: Final = "cell list"
_RULE: Final = "must be a cell of resolution 5: 15 lower-case hex digits, as H3 writes it"
_CELL: Final = re.compile(r"85[0-9a-f]{5}[37bf]f{7}")
_LIST: Final = re.compile(rb"(?:85[0-9a-f]{5}[37bf]f{7}\n)+")


def parse_cells(data: bytes, *, source: str = _SOURCE) -> tuple[str, ...]:
    """The cells of a list, in order.

    Raises:
        FormatError: It is not in its form; the first line that is not is told.
    """
    if len(data) > MAX_BYTES:
        raise malformed(source, "size", f"has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    if not _LIST.fullmatch(data):
        raise malformed(source, *_first_fault(data))
    cells = tuple(data.decode("ascii").split())
    if not all(map(lt, cells, cells[1:])):
        row = next(row for row in range(1, len(cells)) if cells[row - 1] >= cells[row])
        raise malformed(source, f"line {row + 1}", "must come after the line before it: cells are sorted, each once")
    return cells


def encode_cells(cells: Iterable[str]) -> bytes:
    """The list of some cells.

    Args:
        cells: In any order; one that stands there twice is written once.

    Raises:
        FormatError: There is none, or one of them is no cell of resolution 5.
    """
    ordered = sorted(set(cells))
    data = "".join(f"{cell}\n" for cell in ordered).encode("ascii", "replace")
    if not _LIST.fullmatch(data) or len(data) > MAX_BYTES:
        wrong = next((cell for cell in ordered if not _CELL.fullmatch(cell)), "")
        raise malformed(_SOURCE, wrong[:40] or "cells", _RULE if wrong else f"must be 1 to {MAX_CELLS:,} cells")
    return data


def cells_sha256(cells: Iterable[str]) -> str:
    """Hash of the list of some cells, in hex.

    Raises:
        FormatError: As `encode_cells`.
    """
    return sha256(encode_cells(cells)).hexdigest()


def _first_fault(data: bytes) -> tuple[str, str]:
    """Where a list goes wrong, and how."""
    if not data:
        return "line 1", "is missing: a list has one cell at least"
    lines = data.decode("ascii", "replace").split("\n")
    wrong = next((row for row, line in enumerate(lines[:-1], 1) if not _CELL.fullmatch(line)), 0)
    return (
        (f"line {wrong}", _RULE) if wrong else (f"line {len(lines)}", "must end with a newline; is the list cut off?")
    )
