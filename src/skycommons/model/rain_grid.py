"""Rain rates on a grid of latitudes and longitudes, NetCDF 4 or Zarr, brought to sites.

Rules: the variable of rain is found by its name (`NAMES`), its unit by its attribute (`PER_MM_H`); sums per step
(``mm``) are refused, because a file does not say over how long they were taken. Longitudes may run from 0 to 360 or from
-180 to 180 and latitudes either way. A site between four grid points is bilinear between them, NaN where one of them is
unknown or where the site is not between any. Only the part of the grid around the sites is read, some instants at once.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.clock import format_time
from skycommons.base.errors import Fault, RainError
from skycommons.model.rain_table import HIGHEST_MM_H, MOST_RATES, ROUNDING_MM_H, RainTable, within_span

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

NAMES: Final = (
    "rain_mm_h",
    "rain_rate",
    "rainfall_rate",
    "rainrate",
    "precipitation_rate",
    "precipitation_flux",
    "precipitation",
    "precipitationcal",
    "tprate",
    "mtpr",
    "prate",
)
"""Names of the variable in small letters, best first: ours, then those of satellite products, radars and forecasts."""

PER_MM_H: Final[Mapping[str, float]] = MappingProxyType(
    {
        **dict.fromkeys(("mm/h", "mmh-1", "mm/hr", "mmhr-1", "mm/hour", "mmhour-1", "kgm-2h-1", "kg/m2/h"), 1.0),
        **dict.fromkeys(("kgm-2s-1", "kg/m2/s", "mm/s", "mms-1"), 3600.0),
        **dict.fromkeys(("m/s", "ms-1"), 3.6e6),
        **dict.fromkeys(("mm/day", "mmday-1", "mm/d", "mmd-1"), 1.0 / 24.0),
    }
)
"""Factors to mm/h by unit, in small letters without blanks, ``^`` and ``**``."""

_SUMS = ("mm", "m", "kgm-2", "kg/m2", "kg/m**2")
_AXES = {"time": ("time", "valid_time"), "latitude": ("latitude", "lat"), "longitude": ("longitude", "lon")}
_LEAST_POINTS = 2
_WHOLE_TURN = 3_600_000  # places on the grid count ten-thousandths of a degree: single precision, and whole numbers
_WIDEST_CELL = 1.5  # a gap this many times the usual one is no cell but the end of a regional grid
_AT_ONCE = 8_000_000  # numbers read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """Where ``G`` sites lie along one axis: ``(2, G)`` rows of the grid and their weights, and whether they lie on it."""

    rows: Ints
    weight: Floats
    inside: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """A variable of rain that was found fit for use: dimensions time, latitude, longitude; ``(N,)`` instants."""

    rain: "DataArray"
    factor: float
    time_ns: Ints
    latitude_deg: Floats
    longitude_deg: Floats


def read_grid(
    path: Path, *, latitude_rad: Floats, longitude_rad: Floats, span_ns: tuple[int, int] | None = None
) -> RainTable:
    """Rain rates at sites from NetCDF 4 (HDF5) or Zarr.

    Args:
        path: A file, or the folder of a Zarr store.
        latitude_rad, longitude_rad: ``(G,)`` of the sites.
        span_ns: First and last instant that are needed, UTC unix ns; without it the whole file is kept.
    Raises:
        RainError: The file cannot be used; all faults are listed.
    """
    try:
        with _open(path) as dataset:
            grid = _checked(dataset, path)
            along = _along_latitude(grid.latitude_deg, np.degrees(latitude_rad))
            around = _along_longitude(grid.longitude_deg, np.degrees(longitude_rad))
            inside = along.inside & around.inside
            rows = within_span(grid.time_ns, span_ns)
            time_ns = grid.time_ns[rows]
            _check_reach(path, inside, len(time_ns))
            rates = np.full((len(time_ns), len(inside)), np.nan)
            rates[:, inside] = _values(path, grid, rows, (_only(along, inside), _only(around, inside)))
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        if isinstance(error, RainError):
            raise
        words = " ".join(str(error).split())
        raise RainError(str(path), [Fault("file", f"cannot be read as NetCDF 4 or Zarr: {words[:300]}")]) from None
    return RainTable(source=path.name, time_ns=time_ns, rate_mm_h=rates)


def _open(path: Path) -> "Dataset":
    """The file, nothing but its index read."""
    import xarray as xr

    if path.is_dir():
        return xr.open_dataset(path, engine="zarr", consolidated=False, chunks=None, cache=False)
    return xr.open_dataset(path, engine="h5netcdf", chunks=None, cache=False)


def _checked(dataset: "Dataset", path: Path) -> _Grid:
    """The variable of rain with its axes and its unit, or all that is wrong with them."""
    named = {str(name).casefold(): name for name in dataset.data_vars}
    name = next((named[name] for name in NAMES if name in named), None)
    if name is None:
        message = f"holds no variable of rain; one of {', '.join(NAMES)} is expected, and there is {', '.join(named) or 'none'}"
        raise RainError(str(path), [Fault("file", message)])
    faults: list[Fault] = []
    rain = dataset[name]
    factor = _factor(rain, faults)
    axes = _axes(rain, faults)
    if len(axes) < len(_AXES):
        raise RainError(str(path), faults)
    rain = rain.isel({other: 0 for other in rain.dims if other not in axes.values()}, drop=True)
    grid = _Grid(
        rain=rain.transpose(*axes.values()),
        factor=factor,
        time_ns=_instants(dataset[axes["time"]], faults),
        latitude_deg=_degrees(dataset[axes["latitude"]], faults, limit=90.0),
        longitude_deg=_degrees(dataset[axes["longitude"]], faults, limit=360.0),
    )
    if faults:
        raise RainError(str(path), faults)
    return grid


def _factor(rain: "DataArray", faults: list[Fault]) -> float:
    """What turns the variable's numbers into mm/h; 1 and a fault where its unit is unknown."""
    given = str(rain.attrs.get("units", "mm/h" if str(rain.name).casefold() == NAMES[0] else ""))
    unit = given.casefold()
    for mark in (" ", "^", "**", "·"):
        unit = unit.replace(mark, "")
    if unit in PER_MM_H:
        return PER_MM_H[unit]
    if unit in _SUMS:
        message = f"unit {given!r} is a sum over a step; divide it by the length of the step and write mm/h"
    else:
        message = f"unit {given!r} is unknown; use mm/h, mm h-1, mm/day, kg m-2 s-1 or m/s"
    faults.append(Fault(str(rain.name), message))
    return 1.0


def _axes(rain: "DataArray", faults: list[Fault]) -> dict[str, Hashable]:
    """Time, latitude and longitude by the variable's own names of them; faults for what is missing or too much."""
    axes: dict[str, Hashable] = {}
    for axis, names in _AXES.items():
        found = [dim for dim in rain.dims if str(dim).casefold() in names and dim in rain.coords]
        if found:
            axes[axis] = found[0]
        else:
            faults.append(Fault(str(rain.name), f"has no dimension {' or '.join(names)} with coordinates"))
    if len(axes) == len(_AXES):
        more = [dim for dim in rain.dims if dim not in axes.values() and rain.sizes[dim] > 1]
        faults += [Fault(str(rain.name), f"has {rain.sizes[dim]} of {dim!s}; choose one of them") for dim in more]
    return axes


def _instants(time: "DataArray", faults: list[Fault]) -> Ints:
    """UTC unix ns; a fault where they are no times or do not rise."""
    if time.dtype.kind != "M" or np.isnat(time.values).any():
        message = "is not a column of times; give it a unit such as 'hours since 2026-01-01' and a standard calendar"
        faults.append(Fault(str(time.name), message))
        return np.zeros(0, dtype=np.int64)
    time_ns = time.values.astype("datetime64[ns]").astype(np.int64)
    falls = np.flatnonzero(np.diff(time_ns) <= 0)
    if len(time_ns) == 0:
        faults.append(Fault(str(time.name), "is empty"))
    elif len(falls):
        row = int(falls[0]) + 1
        message = f"{format_time(int(time_ns[row]))} is not after the instant before; sort the file by time"
        faults.append(Fault(f"{time.name!s} {row}", message))
    return np.asarray(time_ns)


def _degrees(axis: "DataArray", faults: list[Fault], *, limit: float) -> Floats:
    """Coordinates in degrees; a fault where they are too few, none, double, or beyond the limit."""
    degrees = axis.values.astype(np.float64)
    if len(degrees) < _LEAST_POINTS:
        faults.append(Fault(str(axis.name), f"has {len(degrees)} point(s); a grid needs {_LEAST_POINTS} or more"))
    elif not np.all(np.abs(degrees) <= limit):
        faults.append(Fault(str(axis.name), f"is not degrees within {limit:g} on both sides"))
    elif len(np.unique(_whole(degrees))) < len(degrees):
        faults.append(Fault(str(axis.name), "has the same point twice"))
    return degrees


def _whole(degrees: Floats) -> Ints:
    """Ten-thousandths of a degree, 11 m: what single precision keeps of a longitude."""
    return np.rint(degrees * 1e4).astype(np.int64)


def _along_latitude(grid_deg: Floats, site_deg: Floats) -> _Cells:
    """Between which latitudes of the grid the sites lie."""
    grid, site = _whole(grid_deg), _whole(site_deg)
    order = np.argsort(grid)
    rising = grid[order]
    upper = np.clip(np.searchsorted(rising, site, side="right"), 1, len(grid) - 1)
    share = (site - rising[upper - 1]) / (rising[upper] - rising[upper - 1])
    return _Cells(
        rows=np.stack([order[upper - 1], order[upper]]),
        weight=np.stack([1.0 - share, share]),
        inside=(site >= rising[0]) & (site <= rising[-1]),
    )


def _along_longitude(grid_deg: Floats, site_deg: Floats) -> _Cells:
    """Between which longitudes of the grid the sites lie; a grid around the Earth has no end."""
    rising, order = np.unique(_whole(grid_deg) % _WHOLE_TURN, return_index=True)
    site = _whole(site_deg) % _WHOLE_TURN
    east = np.searchsorted(rising, site, side="right")
    west, east = (east - 1) % len(rising), east % len(rising)
    gap = (rising[east] - rising[west] - 1) % _WHOLE_TURN + 1
    usual = np.median(np.diff(rising, append=rising[0] + _WHOLE_TURN))
    share = ((site - rising[west]) % _WHOLE_TURN) / gap
    closed = gap <= _WIDEST_CELL * usual
    share = np.where(closed, share, np.where(share == 0.0, 0.0, np.nan))
    return _Cells(
        rows=np.stack([order[west], order[east]]),
        weight=np.stack([1.0 - share, share]),
        inside=~np.isnan(share),
    )


def _only(cells: _Cells, kept: Bools) -> _Cells:
    """The cells of some sites."""
    return _Cells(rows=cells.rows[:, kept], weight=cells.weight[:, kept], inside=cells.inside[kept])


def _check_reach(path: Path, inside: Bools, instants: int) -> None:
    """Raise where no site lies on the grid, or the table would not fit."""
    if not inside.any():
        raise RainError(str(path), [Fault("file", "its grid covers none of the sites")])
    if instants * len(inside) > MOST_RATES:
        message = f"has {instants:,} instants, which is too much for {len(inside):,} sites; cut it into spans"
        raise RainError(str(path), [Fault("file", message)])


def _values(path: Path, grid: _Grid, instants: slice, cells: tuple[_Cells, _Cells]) -> Floats:
    """``(N, K)`` mm/h at the sites on the grid, some instants at once."""
    (south, north), (west, east) = ((int(axis.rows.min()), int(axis.rows.max()) + 1) for axis in cells)
    latitude, longitude = cells[0].rows - south, cells[1].rows - west
    weight = (cells[0].weight[:, None] * cells[1].weight[None, :]).reshape(4, -1)
    corners = (np.repeat(latitude, 2, axis=0), np.tile(longitude, (2, 1)))
    step = max(1, _AT_ONCE // max((north - south) * (east - west), weight.size))
    parts: list[Floats] = []
    faults: list[Fault] = []
    for first in range(instants.start, instants.stop, step):
        window = slice(first, min(first + step, instants.stop))
        box = grid.rain[window, south:north, west:east].values
        rate = box[:, corners[0], corners[1]].astype(np.float64) * grid.factor
        faults += _rate_faults(str(grid.rain.name), rate, grid.time_ns[window])
        rate = np.where(weight > 0.0, np.maximum(rate, 0.0) * weight, 0.0)
        parts.append(rate.sum(axis=1))
    if faults:
        raise RainError(str(path), faults[:20])
    return np.concatenate(parts)


def _rate_faults(name: str, rate_mm_h: Floats, time_ns: Ints) -> list[Fault]:
    """One fault where rates of some instants are negative, one where they are too high, each with the first instant."""
    faults = []
    for wrong, what in (
        (rate_mm_h < -ROUNDING_MM_H, "negative; name the number that stands for unknown in the attribute _FillValue"),
        (rate_mm_h > HIGHEST_MM_H, f"above {HIGHEST_MM_H:g} mm/h; look at the unit"),
    ):
        when = np.flatnonzero(wrong.any(axis=(1, 2)))
        if len(when):
            place = f"{name} {format_time(int(time_ns[when[0]]))}"
            faults.append(Fault(place, f"{np.count_nonzero(wrong):,} rate(s) around the sites are {what}"))
    return faults
