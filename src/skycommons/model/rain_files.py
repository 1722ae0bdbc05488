"""Measured or forecast rain at the sites of a scenario, from a file of stations (CSV) or a grid (NetCDF, Zarr).

Rules: rates leave here in mm/h, NaN where a site knows nothing. A site takes the nearest station within
`STATION_REACH_M`, or the four grid points around it. Stations need not report at the same instants: between two of its own
reports a station is linear, and an empty cell says that nothing is known until its next one. A file is taken or refused as
a whole, with every fault and its place.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import parse_time
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import Fault, InputError, RainError
from skycommons.model.rain_grid import read_grid
from skycommons.model.rain_table import HIGHEST_MM_H, MOST_RATES, ROUNDING_MM_H, RainTable, within_span

STATION_REACH_M: Final = 50e3  # farther away, rain is too little alike: the correlation of P.618-14 is below 0.6
COLUMNS: Final = ("time", "latitude_deg", "longitude_deg", "rain_mm_h")

_HDF5 = b"\x89HDF"
_NETCDF3 = b"CDF"
_GRID_SUFFIXES = frozenset({".nc", ".nc4", ".h5", ".hdf5"})
_MOST_FAULTS = 20
_SITES_AT_ONCE = 256


@dataclass(slots=True, kw_only=True)
class _Station:
    """Reports of one station, in rising order; NaN where it says nothing."""

    time_ns: list[int] = field(default_factory=list)
    rate_mm_h: list[float] = field(default_factory=list)


_Stations = dict[tuple[float, float], _Station]


def read_rain(
    path: Path, *, latitude_rad: Floats, longitude_rad: Floats, span_ns: tuple[int, int] | None = None
) -> RainTable:
    """Rain rates at sites, from CSV, NetCDF 4 or Zarr; the form is told from the content.

    Args:
        path: A CSV of stations with the columns `COLUMNS`, or a grid whose variable of rain has the dimensions time,
            latitude and longitude and a unit of rain per time.
        latitude_rad, longitude_rad: ``(G,)`` of the sites.
        span_ns: First and last instant that are needed, UTC unix ns; without it the whole file is kept.
    Returns:
        Rates at the file's instants, NaN at sites that it says nothing about.
    Raises:
        RainError: The file cannot be used; all faults are listed.
    """
    try:
        if path.is_dir():
            beginning = b""
        else:
            with path.open("rb") as file:
                beginning = file.read(4)
    except OSError as error:
        raise RainError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
    if beginning.startswith(_NETCDF3):
        message = "is NetCDF 3; write it as NetCDF 4, for instance with `nccopy -k nc4 OLD NEW`"
        raise RainError(str(path), [Fault("file", message)])
    if path.suffix.lower() in _GRID_SUFFIXES and beginning != _HDF5 and not path.is_dir():
        message = f"is called {path.suffix} but is no NetCDF 4 file; write it again, or call a table of stations .csv"
        raise RainError(str(path), [Fault("file", message)])
    reader = read_grid if path.is_dir() or beginning == _HDF5 else _read_stations
    return reader(path, latitude_rad=latitude_rad, longitude_rad=longitude_rad, span_ns=span_ns)


def _read_stations(
    path: Path, *, latitude_rad: Floats, longitude_rad: Floats, span_ns: tuple[int, int] | None
) -> RainTable:
    """Rain rates at sites from a CSV of stations."""
    stations = _read_csv(path)
    places_deg = np.array(list(stations))
    nearest, apart_m = _nearest(np.radians(places_deg), np.stack([latitude_rad, longitude_rad], axis=1))
    within = apart_m <= STATION_REACH_M
    if not within.any():
        least_km = np.min(apart_m, initial=np.inf) / 1e3
        message = (
            f"has no station within {STATION_REACH_M / 1e3:g} km of a site; the nearest is {least_km:,.0f} km away"
        )
        raise RainError(str(path), [Fault("file", message)])
    reports = list(stations.values())
    used = np.unique(nearest[within])
    time_ns = np.unique(np.concatenate([np.array(reports[row].time_ns, dtype=np.int64) for row in used]))
    time_ns = time_ns[within_span(time_ns, span_ns)]
    if len(time_ns) * len(within) > MOST_RATES:
        message = f"has {len(time_ns):,} instants, which is too much for {len(within):,} sites; cut it into spans"
        raise RainError(str(path), [Fault("file", message)])
    rates = np.full((len(time_ns), len(within)), np.nan)
    for row in used:
        rates[:, within & (nearest == row)] = _at(reports[row], time_ns)[:, None]
    return RainTable(source=path.name, time_ns=time_ns, rate_mm_h=rates)


def _read_csv(path: Path) -> _Stations:
    """Every station's reports by its place in degrees, or all faults."""
    stations: _Stations = {}
    faults: list[Fault] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in _rows(file, faults):
                _report(line, row, stations, faults)
    except UnicodeDecodeError:
        faults.append(Fault("file", "is neither CSV in UTF-8 nor NetCDF 4 nor Zarr"))
    except csv.Error as error:
        faults.append(Fault("file", f"is no CSV: {error}"))
    if not stations and not faults:
        faults.append(Fault("file", "holds no report of a station"))
    if faults:
        left = len(faults) - _MOST_FAULTS
        rest = [Fault("file", f"{left:,} more fault(s)")] if left > 0 else []
        raise RainError(str(path), [*faults[:_MOST_FAULTS], *rest])
    return stations


def _rows(file: Iterator[str], faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """The four cells of every line that is not blank, in the order of `COLUMNS`, with the line's number."""
    reader = csv.reader(file)
    header = [name.strip().casefold() for name in next(reader, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        faults.append(
            Fault("line 1", f"has no column {', '.join(missing)}; its columns are {', '.join(header) or 'none'}")
        )
        return
    places = [header.index(name) for name in COLUMNS]
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            faults.append(Fault(f"line {reader.line_num}", f"has {len(row)} cells where the header has {len(header)}"))
            continue
        yield reader.line_num, [row[place].strip() for place in places]


def _report(line: int, row: list[str], stations: _Stations, faults: list[Fault]) -> None:
    """File one report with its station, or its faults."""
    known = len(faults)
    place = f"line {line}"
    time_ns = 0
    try:
        time_ns = parse_time(row[0])
    except InputError as error:
        faults.append(Fault(place, f"time: {error}"))
    latitude_deg = _number(place, row, 1, faults, span=(-90.0, 90.0))
    longitude_deg = _number(place, row, 2, faults, span=(-180.0, 360.0))
    rate_mm_h = _number(place, row, 3, faults, span=(-ROUNDING_MM_H, HIGHEST_MM_H)) if row[3] else math.nan
    if len(faults) > known:
        return
    station = stations.setdefault((latitude_deg, longitude_deg), _Station())
    if station.time_ns and time_ns <= station.time_ns[-1]:
        faults.append(Fault(place, f"time: {row[0]} is not after this station's report before; sort the lines by time"))
        return
    station.time_ns.append(time_ns)
    station.rate_mm_h.append(max(rate_mm_h, 0.0))  # NaN first: it stays NaN


def _number(place: str, row: list[str], column: int, faults: list[Fault], *, span: tuple[float, float]) -> float:
    """A cell within a span; NaN and a fault otherwise."""
    try:
        value = float(row[column])
    except ValueError:
        faults.append(Fault(place, f"{COLUMNS[column]}: {row[column][:40]!r} is not a number"))
        return math.nan
    if not span[0] <= value <= span[1]:
        faults.append(
            Fault(place, f"{COLUMNS[column]}: {value:g} is not between {round(span[0])} and {round(span[1])}")
        )
        return math.nan
    return value


def _nearest(stations_rad: Floats, sites_rad: Floats) -> tuple[Ints, Floats]:
    """``(G,)`` row of each site's nearest station, and its distance in metres; rows of both are latitude, longitude."""
    stations, sites = _upward(stations_rad), _upward(sites_rad)
    nearest, chord = np.empty(len(sites), dtype=np.int64), np.empty(len(sites))
    for first in range(0, len(sites), _SITES_AT_ONCE):
        rows = slice(first, first + _SITES_AT_ONCE)
        nearest[rows] = np.argmax(sites[rows] @ stations.T, axis=1)
        chord[rows] = np.linalg.norm(sites[rows] - stations[nearest[rows]], axis=1)
    return nearest, 2.0 * EARTH_MEAN_RADIUS_M * np.arcsin(np.minimum(chord / 2.0, 1.0))


def _upward(places_rad: Floats) -> Floats:
    """Unit vectors ``(N, 3)`` of places on a sphere."""
    latitude, longitude = places_rad.T
    across = np.cos(latitude)
    return np.stack([across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)], axis=1)


def _at(station: _Station, time_ns: Ints) -> Floats:
    """A station's rates at instants, NaN before its first and after its last report and beside unknown ones."""
    own_ns = np.array(station.time_ns, dtype=np.int64)
    since = (time_ns - own_ns[0]).astype(np.float64)
    reported = (own_ns - own_ns[0]).astype(np.float64)
    return np.asarray(np.interp(since, reported, station.rate_mm_h, left=np.nan, right=np.nan))
