"""Files of people and of demand, brought to cells.

Rules: every row counts for the cell that it names or that holds its point; rows of one cell add up. All faults are reported
at once, and nothing of a file with faults is used. Rasters have their own module, `skycommons.model.people_raster`.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, TextIO

import numpy as np

from skycommons.base.arrays import Bytes, Floats, freeze
from skycommons.base.errors import Fault, GroundError
from skycommons.model.cells import CellIds, cells_of, parse_cells
from skycommons.model.ground_formats import fold
from skycommons.model.people_raster import RASTERS, open_text, read_raster

_SHOWN: Final = 40
_MOST: Final = 1e12  # no row holds more people or bits per second than that
_RANKS: Final = MappingProxyType({"protected": 0, "priority": 1, "standard": 2, "background": 3})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GivenDemand:
    """Demand of the busy hour as a file gives it, row by row.

    Attributes:
        cells: ``(N,)`` as in the file: a cell may stand in several rows.
        subscribers: ``(N,)``.
        down_bps, up_bps: ``(N,)`` of all subscribers of the row together.
        rank: ``(N,)`` 0 protected, then the classes priority, standard, background.
    """

    cells: CellIds
    subscribers: Floats
    down_bps: Floats
    up_bps: Floats
    rank: Bytes


def by_cell(cells: CellIds, amount: Floats) -> tuple[CellIds, Floats]:
    """Cells in canonical order and what belongs to each of them together.

    >>> by_cell(np.array([7, 5, 7], dtype=np.uint64), np.array([1.0, 2.0, 3.0]))[1].tolist()
    [2.0, 4.0]
    """
    found, row = np.unique(cells, return_inverse=True)
    total = np.bincount(row, amount, len(found)).astype(np.float64)
    freeze(found, total)
    return found, total


def read_people(path: Path) -> tuple[CellIds, Floats]:
    """People by cell: a CSV, an ESRI ASCII raster (``.asc``) or a NetCDF 4 raster (``.nc``, ``.nc4``, ``.h5``).

    Returns:
        ``(C,)`` canonical cells and the people of each.
    Raises:
        GroundError: The file cannot be used; all faults are listed.
    """
    if path.suffix.lower() in RASTERS:
        return by_cell(*read_raster(path))
    with open_text(path) as file:
        return by_cell(*_people_table(file, path.name))


def read_demand(path: Path) -> GivenDemand:
    """Demand by cell: a CSV with ``cell,subscribers,down_mbps,up_mbps`` and perhaps ``class``.

    Raises:
        GroundError: The file cannot be used; all faults are listed.
    """
    with open_text(path) as file:
        rows = _Rows.of(file, path.name)
        cells = rows.cells("cell")
        amounts = [rows.numbers(name) for name in ("subscribers", "down_mbps", "up_mbps")]
        rank = rows.words("class", "standard")
        rows.check()
    return GivenDemand(
        cells=cells, subscribers=amounts[0], down_bps=amounts[1] * 1e6, up_bps=amounts[2] * 1e6, rank=rank
    )


def _people_table(file: TextIO, source: str) -> tuple[CellIds, Floats]:
    """Cells or points of a CSV with the people of each."""
    rows = _Rows.of(file, source)
    people = rows.numbers("people")
    if "cell" in rows.columns:
        cells = rows.cells("cell")
        rows.check()
        return cells, people
    latitude, longitude = rows.numbers("latitude_deg", -90.0, 90.0), rows.numbers("longitude_deg", -360.0, 360.0)
    rows.check()
    return cells_of(np.radians(latitude), np.radians(longitude)), people


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """A table by column, with the lines that its rows stand on and the faults found so far."""

    source: str
    columns: dict[str, list[str]]
    lines: list[int]
    faults: list[Fault]

    @staticmethod
    def of(file: TextIO, source: str) -> "_Rows":
        """All rows of a CSV with a heading."""
        reader = csv.reader(file)
        try:
            names = [fold(name) for name in next(reader, [])]
            kept = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
        except csv.Error as error:
            raise GroundError(source, [Fault(f"line {reader.line_num}", f"cannot be read as CSV: {error}")]) from None
        except UnicodeDecodeError as error:
            raise GroundError(source, [Fault("file", f"byte {error.start} is not UTF-8")]) from None
        wrong = [line for line, row in kept if len(row) != len(names)]
        faults = [Fault(f"line {line}", f"does not have the {len(names)} cells of the heading") for line in wrong]
        if not kept:
            faults.append(Fault("file", "holds no row"))
        whole = [(line, row) for line, row in kept if len(row) == len(names)]
        columns = {name: [row[place].strip() for _, row in whole] for place, name in enumerate(names)}
        return _Rows(source=source, columns=columns, lines=[line for line, _ in whole], faults=faults)

    def numbers(self, name: str, least: float = 0.0, most: float = _MOST) -> Floats:
        """A column of numbers within limits."""

        def number(text: str) -> float:
            value = float(text)
            if not least <= value <= most:
                raise ValueError
            return value

        return np.array(self._column(name, number, f"should be a number from {least:g} to {most:g}"), dtype=np.float64)

    def cells(self, name: str) -> CellIds:
        """A column of cells."""
        cells, wrong = parse_cells(self._texts(name))
        self.faults.extend(Fault(f"line {self.lines[row]}", f"{name} {why}") for row, why in wrong.items())
        return cells

    def words(self, name: str, usual: str) -> Bytes:
        """A column of classes, which may be absent or empty."""
        if name not in self.columns:
            return np.full(len(self.lines), _RANKS[usual], dtype=np.uint8)

        def rank(text: str) -> int:
            if text.lower() not in {"", *_RANKS}:
                raise ValueError
            return _RANKS[text.lower() or usual]

        return np.array(self._column(name, rank, f"should be one of {', '.join(_RANKS)}"), dtype=np.uint8)

    def check(self) -> None:
        """Raise what was found."""
        if self.faults:
            left = len(self.faults) - _SHOWN
            more = [Fault("file", f"has {left:,} more faults")] if left > 0 else []
            raise GroundError(self.source, [*self.faults[:_SHOWN], *more])

    def _column(self, name: str, value_of: Callable[[str], float], wanted: str) -> list[float]:
        """The values of a column; what is none is a fault."""
        found: list[float] = []
        for line, text in zip(self.lines, self._texts(name), strict=False):
            try:
                found.append(value_of(text))
            except ValueError:
                self.faults.append(Fault(f"line {line}", f"{name} {wanted}, not {text!r:.40}"))
        return found

    def _texts(self, name: str) -> list[str]:
        """A column as it is written; a missing one is a fault."""
        if name not in self.columns:
            self.faults.append(Fault("file", f"has no column {name!r}; there is {', '.join(self.columns) or 'none'}"))
        return self.columns.get(name, [])
