"""Where people live, coarsely: cells of equal area with the people of listed cities and, around them, the countryside.

Made from what the package holds, for comparisons that need a world of users; no census raster is needed or imitated.

- Each listed place (50,000 people and more) puts its people into the cell in which it lies.
- A country's other people live evenly on its countryside: the land whose nearest listed place is one of its own and less
  than 250 km away. What is farther is desert, taiga or ice. Where the coarse map has no land, they live with the towns.
- Figures of countries are some years old: one factor stretches the countryside of all until the world has its people.

The 250 km and the evenness are assumptions. Real people crowd along rivers and coasts, so an even countryside has its
people farther apart than they are. Nearest places say roughly which people belong together; they are no borders.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.model.land import is_land
from skycommons.model.placement import City
from skycommons.orbit.frames import up_axis

WORLD_PEOPLE: Final = 7_800_000_000  # in 2020; UN World Population Prospects, rounded (recalled)
COUNTRYSIDE_M: Final = 250e3  # assumed
_AT_ONCE = 64  # centres whose cells are looked up together
_BELT_RAD = 0.15  # of latitude, along which neighbours are sought
_ROUNDING = 1e-12  # of a cosine: a place is within no distance of itself
_RIM_RAD = 1e-6  # more than the angle of that


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleGrid:
    """Inhabited cells of one area, from south to north, on a round Earth.

    Attributes:
        latitude_rad: ``(C,)`` of the cells' centres, rising.
        longitude_rad: ``(C,)``.
        vectors: ``(C, 3)`` directions of the centres.
        people: ``(C,)`` who live there.
    """

    latitude_rad: Floats
    longitude_rad: Floats
    vectors: Floats
    people: Floats

    def __len__(self) -> int:
        return len(self.people)

    def within(self, vectors: Floats, reach_rad: Floats) -> tuple[Ints, Ints]:
        """Rows of centres and cells that are no farther apart than each centre's reach.

        Args:
            vectors: ``(N, 3)`` directions of the centres.
            reach_rad: ``(N,)`` angle at the Earth's centre.
        """
        parts = list(_pairs(self.vectors, self.latitude_rad, vectors, reach_rad))
        empty = np.zeros(0, dtype=np.int64)
        return (
            np.concatenate([empty, *(rows for rows, _ in parts)]),
            np.concatenate([empty, *(cells for _, cells in parts)]),
        )


@cache
def country_people() -> Mapping[str, int]:
    """People of each country by its code in `skycommons.model.placement.City`.

    Source: GeoNames (CC BY 4.0), most figures of 2018; made by ``scripts/make_countries.py``.
    >>> country_people()["IN"] > 1_300_000_000
    True
    """
    text = files("skycommons").joinpath("data/countries.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["country"]: int(row["population"]) for row in csv.DictReader(text.splitlines())})


def people_grid(
    cities: Sequence[City],
    countries: Mapping[str, int],
    *,
    cell_area_m2: float,
    people: int = WORLD_PEOPLE,
    countryside_m: float = COUNTRYSIDE_M,
) -> PeopleGrid:
    """A world of people in cells of one area.

    Args:
        cities: Listed places.
        countries: People of each country, those of its listed places among them; a country that is not named, or has
            no more people than its listed places, has no countryside.
        cell_area_m2: Of each cell.
        people: In the whole world.
        countryside_m: How far from a listed place people live.
    Raises:
        InputError: The listed places hold more people than the world, nobody else has a country, the area makes no
            grid, or the countryside is no distance.
    """
    rest = _outside_listed(cities, countries, people=people)
    if not 0.0 < cell_area_m2 <= EARTH_MEAN_RADIUS_M**2:
        raise InputError(f"a cell's area is above 0 m2 and far below the Earth's, not {cell_area_m2:g}")
    if not 0.0 <= countryside_m < np.inf:
        raise InputError(f"the countryside reaches 0 m or more from a place, not {countryside_m:g}")
    side_rad = np.sqrt(cell_area_m2) / EARTH_MEAN_RADIUS_M
    rows = round(np.pi / side_rad)
    row_latitude = (np.arange(rows) + 0.5) * np.pi / rows - np.pi / 2.0
    columns = np.maximum(np.round(2.0 * np.pi * np.cos(row_latitude) / side_rad), 1.0).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(columns)])
    row = np.repeat(np.arange(rows), columns)
    latitude = row_latitude[row]
    longitude = (np.arange(first[-1]) - first[row] + 0.5) * 2.0 * np.pi / columns[row]
    vectors = up_axis(latitude, longitude)
    home = _cells_of(cities, columns, first)
    count = np.zeros(len(latitude))
    np.add.at(count, home, [city.population for city in cities])
    nearest = _nearest(vectors, latitude, home, countryside_m / EARTH_MEAN_RADIUS_M)
    near = np.flatnonzero(nearest >= 0)
    near = near[is_land(latitude[near], longitude[near])]
    codes, code = np.unique([city.country for city in cities], return_inverse=True)
    for number, name in enumerate(codes):
        own = near[code[nearest[near]] == number]
        cells = own if len(own) else np.unique(home[code == number])
        count[cells] += rest.get(str(name), 0.0) / len(cells)
    kept = count > 0.0
    return PeopleGrid(
        latitude_rad=latitude[kept], longitude_rad=longitude[kept], vectors=vectors[kept], people=count[kept]
    )


def cosines(vectors: Floats, other_vectors: Floats) -> Floats:
    """``(N, M)`` cosines between directions ``(N, 3)`` and ``(M, 3)``.

    Written out: over three numbers a matrix product wakes more threads than it has work for.
    """
    found = np.multiply.outer(vectors[:, 0], other_vectors[:, 0])
    for axis in (1, 2):
        found += np.multiply.outer(vectors[:, axis], other_vectors[:, axis])
    return np.asarray(found)


def _outside_listed(cities: Sequence[City], countries: Mapping[str, int], *, people: int) -> dict[str, float]:
    """People of each country's countryside, stretched so that the world has its people."""
    listed: dict[str, int] = {}
    for city in cities:
        listed[city.country] = listed.get(city.country, 0) + city.population
    missing = people - sum(listed.values())
    if missing < 0:
        raise InputError(f"the listed places hold {people - missing:,} people, more than the world's {people:,}")
    rest = {code: max(countries.get(code, 0) - inside, 0) for code, inside in listed.items()}
    known = sum(rest.values())
    if missing and not known:
        raise InputError(f"{missing:,} people live in no listed place and no country has a countryside")
    return {code: outside * missing / max(known, 1) for code, outside in rest.items()}


def _cells_of(cities: Sequence[City], columns: Ints, first: Ints) -> Ints:
    """Cell of each place, in a grid of rows from south to north and columns from Greenwich eastwards."""
    latitude_deg = np.array([city.latitude_deg for city in cities], dtype=np.float64)
    longitude_deg = np.array([city.longitude_deg for city in cities], dtype=np.float64)
    rows = len(columns)
    row = np.clip((latitude_deg + 90.0) / 180.0 * rows, 0, rows - 1).astype(np.int64)
    column = (np.mod(longitude_deg, 360.0) / 360.0 * columns[row]).astype(np.int64) % columns[row]
    return np.asarray(first[row] + column)


def _nearest(vectors: Floats, latitude_rad: Floats, home: Ints, reach_rad: float) -> Ints:
    """Row of the place nearest to each cell, counted from the places' cells; -1 where none is within reach."""
    towns, place = np.unique(home, return_index=True)
    nearest = np.full(len(vectors), -1)
    closest = np.full(len(vectors), np.cos(reach_rad) - _ROUNDING)
    for some, cells, cosine in _clusters(vectors, latitude_rad, vectors[towns], np.full(len(towns), reach_rad)):
        best = np.ascontiguousarray(cosine.T).argmax(axis=1)  # along the rows is ten times faster
        found = cosine[best, np.arange(len(cells))]
        nearer = np.flatnonzero(found > closest[cells])
        closest[cells[nearer]] = found[nearer]
        nearest[cells[nearer]] = place[some[best[nearer]]]
    return nearest


def _pairs(vectors: Floats, latitude_rad: Floats, centres: Floats, reach_rad: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Centres and cells within reach."""
    for some, cells, cosine in _clusters(vectors, latitude_rad, centres, reach_rad):
        centre, cell = np.nonzero(cosine >= np.cos(reach_rad[some])[:, np.newaxis] - _ROUNDING)
        yield some[centre], cells[cell]


def _clusters(
    vectors: Floats, latitude_rad: Floats, centres: Floats, reach_rad: Floats
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Neighbouring centres, the cells that any of them may reach, and the cosines between them.

    Cells stand from south to north.
    """
    centre_latitude = np.arcsin(np.clip(centres[:, 2], -1.0, 1.0))
    belt = np.floor(centre_latitude / _BELT_RAD)
    order = np.lexsort((np.arctan2(centres[:, 1], centres[:, 0]), belt))
    for start in range(0, len(order), _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        middle = centres[some[len(some) // 2]]
        spread = np.arccos(np.clip(cosines(centres[some], middle[np.newaxis]), -1.0, 1.0)).max()
        most = min(spread + float(reach_rad[some].max()) + _RIM_RAD, np.pi)
        latitude = np.arcsin(np.clip(middle[2], -1.0, 1.0))
        low, high = np.searchsorted(latitude_rad, (latitude - most, latitude + most))
        cells = low + np.flatnonzero(cosines(middle[np.newaxis], vectors[low:high])[0] >= np.cos(most))
        yield some, cells, cosines(centres[some], vectors[cells])
