"""Which country a place is in, for many places at once, by the packaged borders.

Rules: codes and borders are those of `skycommons.model.borders`, one view of the world among several. A place inside no area
takes that of the nearest corner of a border within reach: the borders are coarse, and houses stand on beaches that they leave
out. This says nothing about waters. Where two areas claim a place, the first by code has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Floats, Ints, check_shape
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.model.borders import country, country_names
from skycommons.model.regions import Region
from skycommons.orbit.frames import up_axis

Codes = NDArray[np.str_]

REACH_M: Final = 25e3
"""How far outside a border a place may lie and still belong to it: the borders' own error and a cell."""

_TURN: Final = 2.0 * np.pi
_BAND: Final = 100.0  # above two turns, so that bands do not mix
_AT_ONCE: Final = 20_000  # places: keeps tables small where coasts are dense
_ROUND_A_POLE_RAD: Final = np.radians(0.01)  # an outline within this of all longitudes goes around a pole


def country_of_places(latitude_rad: Floats, longitude_rad: Floats, *, reach_m: float = REACH_M) -> Codes:
    """``(N,)`` code of the country of each place, empty at sea.

    Args:
        latitude_rad: ``(N,)``, geodetic.
        longitude_rad: ``(N,)``, east positive, any turn.
        reach_m: A place outside all areas takes the nearest one within this distance.
    Raises:
        ShapeError: The two shapes differ, or are not ``(N,)``.
    Accuracy: that of the borders, a few kilometres; the same as asking `Region.contains` of every country.
    >>> country_of_places(np.radians([46.95, 0.0]), np.radians([7.45, -30.0])).tolist()
    ['CH', '']
    """
    check_shape("longitude_rad", longitude_rad, (len(latitude_rad),))
    check_shape("latitude_rad", latitude_rad, (len(longitude_rad),))
    codes = np.array([*country_names(), ""])
    row = _inside(latitude_rad, longitude_rad)
    outside = np.flatnonzero((row < 0) & np.isfinite(latitude_rad) & np.isfinite(longitude_rad))
    row[outside] = _nearest(latitude_rad[outside], longitude_rad[outside], reach_m)
    found: Codes = codes[row]  # row -1 is the empty code at the end
    return found


def _inside(latitude_rad: Floats, longitude_rad: Floats) -> Ints:
    """``(N,)`` row of the first area that holds each place, -1 for none."""
    order = np.argsort(latitude_rad, kind="stable")
    latitude, longitude = latitude_rad[order], longitude_rad[order]
    found = np.full(len(order), -1, dtype=np.int64)
    for part in _parts():
        first, last = np.searchsorted(latitude, (part.south_rad, part.north_rad))
        east = np.mod(longitude[first:last] - part.west_rad, _TURN)
        near = first + np.flatnonzero((east <= part.span_rad) & (found[first:last] < 0))
        if len(near):
            found[near[part.region.contains(latitude[near], longitude[near])]] = part.country
    row = np.empty_like(found)
    row[order] = found
    return row


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """One polygon of a country, and the box around it."""

    country: int
    region: Region
    south_rad: float
    north_rad: float
    west_rad: float
    span_rad: float


@cache
def _parts() -> tuple[_Part, ...]:
    """All polygons of all countries, by country."""
    return tuple(part for row, code in enumerate(country_names()) for part in _parts_of(row, country(code)))


def _parts_of(row: int, region: Region) -> Iterator[_Part]:
    """The polygons of one country. A hole may stick out of its box by rounding, which changes nothing."""
    for polygon in region.polygons_rad:
        (west, south), (east, north) = polygon[0].min(axis=0), polygon[0].max(axis=0)
        round_a_pole = east - west > _TURN - _ROUND_A_POLE_RAD
        yield _Part(
            country=row,
            region=Region(name=region.name, polygons_rad=(polygon,)),
            south_rad=-np.pi if round_a_pole and south < 0.0 else float(south),
            north_rad=np.pi if round_a_pole and north > 0.0 else float(np.nextafter(north, np.inf)),
            west_rad=float(west),
            span_rad=float(east - west),
        )


def _nearest(latitude_rad: Floats, longitude_rad: Floats, reach_m: float) -> Ints:
    """``(N,)`` row of the area with the nearest corner within reach, -1 for none."""
    reach_rad = reach_m / EARTH_MEAN_RADIUS_M
    found = np.full(len(latitude_rad), -1, dtype=np.int64)
    if not reach_rad > 0.0:
        return found
    latitude, longitude, owner = _corners()
    band = np.floor(latitude / reach_rad)
    order = np.argsort(band * _BAND + longitude, kind="stable")
    corners = _Corners(
        key=(band * _BAND + longitude)[order], unit=up_axis(latitude, longitude)[order], country=owner[order]
    )
    for begin in range(0, len(found), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        east = np.mod(longitude_rad[some] + np.pi, _TURN) - np.pi
        found[some] = _nearest_of(corners, latitude_rad[some], east, reach_rad)
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Corners:
    """Corners of borders, in bands of latitude as high as the reach and from west to east in each."""

    key: Floats
    unit: Floats
    country: Ints


def _nearest_of(corners: _Corners, latitude_rad: Floats, longitude_rad: Floats, reach_rad: float) -> Ints:
    """``(N,)`` country of the nearest corner: those in the box around the reach of each place are looked at."""
    narrow = np.sin(reach_rad) < np.cos(latitude_rad)  # elsewhere a cap of this size holds the pole
    half = np.full(len(latitude_rad), np.pi)
    half[narrow] = np.arcsin(np.sin(reach_rad) / np.cos(latitude_rad[narrow]))
    band = np.floor(latitude_rad / reach_rad) + np.array([[-1.0], [0.0], [1.0]])
    first = np.searchsorted(corners.key, band * _BAND + longitude_rad - half).ravel()
    last = np.searchsorted(corners.key, band * _BAND + longitude_rad + half, side="right").ravel()
    width = last - first
    place = np.repeat(np.tile(np.arange(len(latitude_rad)), 3), width)
    corner = np.arange(len(place)) + np.repeat(first - np.cumsum(width) + width, width)
    cosine = np.einsum("ij,ij->i", corners.unit[corner], up_axis(latitude_rad, longitude_rad)[place])
    near = np.flatnonzero(cosine >= np.cos(reach_rad))
    ranked = near[np.lexsort((corners.country[corner[near]], -cosine[near], place[near]))]
    which, best = np.unique(place[ranked], return_index=True)
    found = np.full(len(latitude_rad), -1, dtype=np.int64)
    found[which] = corners.country[corner[ranked[best]]]
    return found


@cache
def _corners() -> tuple[Floats, Floats, Ints]:
    """Latitude, longitude and country of all corners, each a second time one turn away: longitudes lie within two turns."""
    rings = [(part.country, ring) for part in _parts() for ring in part.region.polygons_rad[0]]
    points = np.concatenate([ring for _, ring in rings])
    owner = np.repeat([row for row, _ in rings], [len(ring) for _, ring in rings])
    east = np.mod(points[:, 0] + np.pi, _TURN) - np.pi
    again = east - np.copysign(_TURN, east)
    return np.tile(points[:, 1], 2), np.concatenate([east, again]), np.tile(owner, 2)
