"""Rasters of people: boxes of latitude and longitude with who lives in each, brought to cells.

Rules: a raster says how many people live in each of its boxes, not how many to the square kilometre. A box wider than half a
cell is shared evenly among points in it, so that no cell between two boxes stays empty; so sums are kept. Boxes without data
count as empty. Both forms are in degrees.

Source: Esri ASCII grid, whose first line of numbers is the northernmost; NetCDF 4 with axes of latitude and longitude.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import Fault, GroundError
from skycommons.model.cells import CellIds, cells_of

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

RASTERS: Final = (".asc", ".nc", ".nc4", ".h5")
FINEST_DEG: Final = 0.08  # some 9 km on a meridian, half of what lies between two cells
_MOST_BOXES: Final = 100_000_000
_MAX_BYTES: Final = 1_000_000_000
_MOST_PEOPLE: Final = 1e11  # in one box
_HEAD: Final = ("ncols", "nrows", "xllcorner", "xllcenter", "yllcorner", "yllcenter", "cellsize", "nodata_value")
_NAMES: Final = ("people", "population", "population_count", "pop", "inhabitants", "band1")
_LATITUDES, _LONGITUDES = ("latitude", "lat", "y"), ("longitude", "lon", "x")


def read_raster(path: Path) -> tuple[CellIds, Floats]:
    """People of a raster: an ESRI ASCII grid (``.asc``) or NetCDF 4.

    Returns:
        ``(N,)`` cells and the people of each; a cell may stand in several rows.
    Raises:
        GroundError: The file cannot be used.
    """
    if path.suffix.lower() != ".asc":
        return _netcdf(path)
    with open_text(path) as file:
        try:
            return _ascii_grid(file, path.name)
        except UnicodeDecodeError as error:
            raise GroundError(path.name, [Fault("file", f"byte {error.start} is no text")]) from None


def _ascii_grid(file: TextIO, source: str) -> tuple[CellIds, Floats]:
    """Cells of the boxes of an ESRI ASCII grid in which people live."""
    head: dict[str, float] = {}
    while (name := (line := file.readline()).split(maxsplit=1)[:1]) and name[0].lower() in _HEAD:
        head[name[0].lower()] = _number(line, source)
    grid = _Grid.of_head(head, source)
    unknown = head.get("nodata_value", np.nan)
    parts: list[tuple[CellIds, Floats]] = []
    row = 0
    while line.strip():
        if row >= len(grid.latitude_deg):
            raise GroundError(source, [Fault("file", f"has more lines than nrows = {len(grid.latitude_deg):,}")])
        try:
            people = np.array(line.split(), dtype=np.float64)
        except ValueError:
            raise GroundError(source, [Fault(f"row {row + 1}", "holds something that is no number")]) from None
        parts.append(grid.row(row, np.where(people == unknown, 0.0, people), source))
        row += 1
        line = file.readline()
    if row != len(grid.latitude_deg):
        raise GroundError(source, [Fault("file", f"has {row:,} lines of numbers; nrows is {len(grid.latitude_deg):,}")])
    return _joined(parts)


def _number(line: str, source: str) -> float:
    """The number on a line of a raster's head."""
    name, _, text = line.strip().partition(" ")
    try:
        return float(text)
    except ValueError:
        raise GroundError(source, [Fault(name, f"should be a number, not {text.strip()!r:.40}")]) from None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grid:
    """Centres of boxes in degrees, ``(R,)`` and ``(K,)``, and how wide and high a box is."""

    latitude_deg: Floats
    longitude_deg: Floats
    height_deg: float
    width_deg: float

    @staticmethod
    def of_head(head: dict[str, float], source: str) -> "_Grid":
        """The boxes that the head of an ESRI ASCII grid describes."""
        side, columns, rows = (head.get(name, np.nan) for name in ("cellsize", "ncols", "nrows"))
        west = head.get("xllcorner", head.get("xllcenter", np.nan) - side / 2.0)
        south = head.get("yllcorner", head.get("yllcenter", np.nan) - side / 2.0)
        faults = [
            Fault(name, "is missing or no whole number above 0")
            for name, value in (("ncols", columns), ("nrows", rows))
            if not (value >= 1.0 and value == round(value))
        ]
        if not side > 0.0:
            faults.append(Fault("cellsize", "is missing or not above 0; the raster must be in degrees"))
        elif not faults:
            if not (south >= -90.0 - side / 2.0 and south + rows * side <= 90.0 + side / 2.0):
                faults.append(
                    Fault("yllcorner", "is missing, or the raster reaches beyond a pole; it must be in degrees")
                )
            if not (abs(west) <= 360.0 and columns * side <= 360.0 + side):
                faults.append(
                    Fault("xllcorner", "is missing, or the raster is wider than the Earth; it must be in degrees")
                )
            if columns * rows > _MOST_BOXES:
                faults.append(Fault("file", _too_many()))
        if faults:
            raise GroundError(source, faults)
        return _Grid(
            latitude_deg=south + (np.arange(rows)[::-1] + 0.5) * side,
            longitude_deg=west + (np.arange(columns) + 0.5) * side,
            height_deg=side,
            width_deg=side,
        )

    def row(self, row: int, people: Floats, source: str) -> tuple[CellIds, Floats]:
        """Cells of the boxes of one row in which people live; wide boxes are shared among points in them."""
        if len(people) != len(self.longitude_deg):
            message = f"has {len(people):,} numbers, not {len(self.longitude_deg):,}"
            raise GroundError(source, [Fault(f"row {row + 1}", message)])
        if not (people[~np.isnan(people)] >= 0.0).all() or np.isinf(people).any() or (people > _MOST_PEOPLE).any():
            message = "holds a number below 0, which is no count of people; name the one that stands for no data"
            raise GroundError(source, [Fault(f"row {row + 1}", message)])
        lived = np.flatnonzero(people > 0.0)
        north, east = _offsets(self.height_deg), _offsets(self.width_deg)
        latitude = np.clip(self.latitude_deg[row] + north, -90.0, 90.0)
        longitude = self.longitude_deg[lived, None] + east
        points = np.broadcast_arrays(latitude[:, None, None], longitude)
        cells = cells_of(np.radians(points[0].ravel()), np.radians(points[1].ravel()))
        share = people[lived, None] / (len(north) * len(east))
        return cells, np.broadcast_to(share, points[0].shape).ravel()


def _offsets(width_deg: float) -> Floats:
    """Where points stand in a box, from its centre."""
    count = int(np.ceil(width_deg / FINEST_DEG - 1e-9))
    return ((np.arange(count) + 0.5) / count - 0.5) * width_deg


def _netcdf(path: Path) -> tuple[CellIds, Floats]:
    """Cells of the boxes of a NetCDF raster in which people live."""
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf", chunks=None, cache=False) as dataset:
            people = _variable(dataset, path.name)
            latitude, longitude = people.dims
            grid = _grid(people[latitude].values, people[longitude].values, path.name)
            return _joined(grid.row(row, line, path.name) for row, line in enumerate(people.values.astype(np.float64)))
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        if isinstance(error, GroundError):
            raise
        words = " ".join(str(error).split())
        raise GroundError(path.name, [Fault("file", f"cannot be read as NetCDF 4: {words[:300]}")]) from None


def _variable(dataset: "Dataset", source: str) -> "DataArray":
    """The variable of people, latitude before longitude."""
    named = {str(name).casefold(): name for name in dataset.data_vars}
    name = next((named[name] for name in _NAMES if name in named), None)
    if name is None:
        message = f"holds none of the variables {', '.join(_NAMES)}; there is {', '.join(named) or 'none'}"
        raise GroundError(source, [Fault("file", message)])
    people = dataset[name].squeeze(drop=True)
    latitude, longitude = _axis(people, _LATITUDES), _axis(people, _LONGITUDES)
    if latitude is None or longitude is None or people.ndim != 2:
        raise GroundError(source, [Fault(str(name), "should have dimensions latitude and longitude alone")])
    if people.size > _MOST_BOXES:
        raise GroundError(source, [Fault("file", _too_many())])
    unit = str(people.attrs.get("units", ""))
    if "m-2" in unit or "/" in unit:
        message = f"unit {unit!r} is a density; multiply it by the area of each box"
        raise GroundError(source, [Fault(str(name), message)])
    return people.transpose(latitude, longitude)


def _axis(people: "DataArray", names: tuple[str, ...]) -> Hashable | None:
    """The dimension of one of these names."""
    return next((dim for dim in people.dims if str(dim).casefold() in names), None)


def _joined(parts: Iterable[tuple[CellIds, Floats]]) -> tuple[CellIds, Floats]:
    """Rows one after the other."""
    cells, people = zip(*parts, strict=True)
    return np.concatenate(cells), np.concatenate(people)


def _too_many() -> str:
    return f"has more than {_MOST_BOXES:,} boxes; bring it to 2.5 minutes of arc"


def _grid(latitude_deg: Floats, longitude_deg: Floats, source: str) -> _Grid:
    """Boxes around evenly spaced centres."""
    steps: list[float] = []
    axes = latitude_deg.astype(np.float64), longitude_deg.astype(np.float64)
    for name, axis, limit in (("latitude", axes[0], 90.0), ("longitude", axes[1], 360.0)):
        step = np.diff(axis)
        even = len(step) > 0 and bool(np.all(np.abs(step - step.mean()) <= 1e-3 * abs(step.mean())))
        if not even or not np.all(np.abs(axis) <= limit) or step.mean() == 0.0:
            raise GroundError(source, [Fault(name, f"should be evenly spaced degrees within {limit:g}")])
        steps.append(abs(float(step.mean())))
    return _Grid(
        latitude_deg=axes[0],
        longitude_deg=axes[1],
        height_deg=steps[0],
        width_deg=steps[1],
    )


def open_text(path: Path) -> TextIO:
    """A file of text, opened.

    Raises:
        GroundError: It cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise GroundError(path.name, [Fault("file", f"is larger than {_MAX_BYTES / 1e6:,.0f} MB")])
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise GroundError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
