"""Tables of measurements: CSV files with a row for each place, some columns words, the others numbers."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import DocumentError, Fault
from skycommons.model.documents_read import did_you_mean

_MOST_FAULTS = 50
_MAX_BYTES = 2**24


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredTable:
    """Columns of ``N`` rows.

    Attributes:
        words: ``N`` texts by column.
        numbers: ``(N,)`` by column, in the file's units; NaN where a cell that may be empty is.
    """

    words: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Floats]


def read_measured(
    path: Path,
    *,
    words: Sequence[str],
    numbers: Mapping[str, tuple[float, float]],
    may_be_empty: Sequence[str] = (),
    may_lack: Sequence[str] = (),
) -> MeasuredTable:
    """Read a table.

    Args:
        path: CSV in UTF-8 with names of columns in its first line; columns that are not asked for are passed over.
        words: Columns of words.
        numbers: Least and largest allowed value of each column of numbers.
        may_be_empty: Columns whose cells may be empty.
        may_lack: Columns that the file need not have: empty words, numbers that are not known.
    Raises:
        DocumentError: The file cannot be read, lacks a column, has no rows, or a cell is not what it should be; all faults.
    """
    lines = _text(path).splitlines()
    reader = csv.DictReader(lines)
    names = list(reader.fieldnames or ())
    missing = [name for name in (*words, *numbers) if name not in names and name not in may_lack]
    if missing:
        hints = [f"there is no column {name!r}{did_you_mean(name, names)}" for name in missing]
        raise DocumentError(path.name, [Fault("line 1", hint) for hint in hints])
    rows = [(f"line {reader.line_num}", row) for row in reader]
    faults: list[Fault] = [] if rows else [Fault("file", "has no rows of measurements")]
    optional = {*may_be_empty, *may_lack}
    found = {
        name: tuple(_word(place, name, row.get(name), faults, optional=name in optional) for place, row in rows)
        for name in words
    }
    columns = {
        name: np.array(
            [
                _number(f"{place}: {name}", row.get(name), faults, limits=limits, optional=name in optional)
                for place, row in rows
            ]
        )
        for name, limits in numbers.items()
    }
    if faults:
        raise DocumentError(path.name, faults[:_MOST_FAULTS])
    return MeasuredTable(words=found, numbers=columns)


def _text(path: Path) -> str:
    """The file's text."""
    try:
        data = path.read_bytes()
        if len(data) > _MAX_BYTES:
            raise DocumentError(path.name, [Fault("file", f"is larger than {_MAX_BYTES >> 20} MB: no table of places")])
        return data.decode("utf-8-sig")
    except OSError as error:
        raise DocumentError(str(path), [Fault("file", f"cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError:
        raise DocumentError(path.name, [Fault("file", "is not text in UTF-8")]) from None


def _word(place: str, name: str, cell: str | None, faults: list[Fault], *, optional: bool) -> str:
    """A cell's text."""
    text = (cell or "").strip()
    if not text and not optional:
        faults.append(Fault(place, f"{name} is empty"))
    return text


def _number(place: str, cell: str | None, faults: list[Fault], *, limits: tuple[float, float], optional: bool) -> float:
    """A cell's number; NaN and a fault where it is none."""
    text = (cell or "").strip()
    if not text and optional:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        faults.append(Fault(place, f"{text[:40]!r} is no number"))
        return math.nan
    if not limits[0] <= value <= limits[1]:
        faults.append(Fault(place, f"{text[:40]} is not between {limits[0]:g} and {limits[1]:g}"))
        return math.nan
    return value
