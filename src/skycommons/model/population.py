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

from skycommons.base.arrays import Floats, Ints, freeze
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.model.cells import CELLS, CellIds, areas_m2, cells_around, cells_of, centres
from skycommons.model.land import is_land
from skycommons.model.placement import City, cities
from skycommons.orbit.frames import up_axis

WORLD_PEOPLE: Final = 7_800_000_000  # in 2020; UN World Population Prospects, rounded (recalled)
COUNTRYSIDE_M: Final = 250e3  # assumed
_AT_ONCE = 64  # centres whose cells are looked up together
_TOWNS_AT_ONCE = 512
_MEAN_CELL_M2 = 4.0 * np.pi * EARTH_MEAN_RADIUS_M**2 / CELLS
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
    if not 0.0 < cell_area_m2 <= EARTH_MEAN_RADIUS_M**2:
        raise InputError(f"a cell's area is above 0 m2 and far below the Earth's, not {cell_area_m2:g}")
    lattice = _Lattice.of(cell_area_m2)
    latitude, longitude = lattice.centres()
    home = lattice.cells_of(*_places(cities))
    world = _World.of(cities, countries, people=people)
    owner = world.owners(_nearest(lattice, latitude, longitude, home, countryside_m=countryside_m), latitude, longitude)
    count = world.countryside(owner, np.ones(len(owner)), home)
    np.add.at(count, home, [city.population for city in cities])
    kept = count > 0.0
    return PeopleGrid(
        latitude_rad=latitude[kept],
        longitude_rad=longitude[kept],
        vectors=up_axis(latitude[kept], longitude[kept]),
        people=count[kept],
    )


@cache
def world_cells() -> tuple[CellIds, Floats]:
    """Inhabited cells of the world, ``(C,)`` canonical, and who lives in each: `cities` and `country_people`.

    Accuracy: towns stand in their cells and sums are right (tests/model/test_population.py); the countryside is even within
        each country. Synthetic: no census.
    """
    return people_in_cells(cities(), country_people())


def people_in_cells(
    cities: Sequence[City],
    countries: Mapping[str, int],
    *,
    people: int = WORLD_PEOPLE,
    countryside_m: float = COUNTRYSIDE_M,
) -> tuple[CellIds, Floats]:
    """A world of people in the cells that service is planned by.

    Each cell of the countryside has people by its area, so that no pattern of two grids shows; what is countryside is
    decided on a lattice as fine as the cells.

    Args:
        cities: Listed places.
        countries: People of each country, as in `people_grid`.
        people: In the whole world.
        countryside_m: How far from a listed place people live.
    Returns:
        ``(C,)`` canonical cells and the people of each.
    Raises:
        InputError: As in `people_grid`.
    """
    world = _World.of(cities, countries, people=people)
    lattice = _Lattice.of(_MEAN_CELL_M2)
    latitude, longitude = lattice.centres()
    home = cells_of(*_places(cities))
    nearest = _nearest(lattice, latitude, longitude, lattice.cells_of(*_places(cities)), countryside_m=countryside_m)
    owner = world.owners(nearest, latitude, longitude)
    land = owner >= 0
    cells = np.union1d(cells_around(latitude[land], longitude[land]), home)
    owner_of_cell = owner[lattice.cells_of(*centres(cells))]
    rows = np.searchsorted(cells, home)
    area_m2 = np.ones(len(cells))
    area_m2[owner_of_cell >= 0] = areas_m2(cells[owner_of_cell >= 0])
    count = world.countryside(owner_of_cell, area_m2, rows)
    np.add.at(count, rows, [city.population for city in cities])
    found, people_there = cells[count > 0.0], count[count > 0.0]
    freeze(found, people_there)
    return found, people_there


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _World:
    """Countries with listed places: ``(K,)`` people outside these places, and the country ``(N,)`` of each place."""

    outside: Floats
    country: Ints

    @staticmethod
    def of(cities: Sequence[City], countries: Mapping[str, int], *, people: int) -> "_World":
        """Countrysides, stretched so that the world has its people."""
        rest = _outside_listed(cities, countries, people=people)
        codes, country = np.unique([city.country for city in cities], return_inverse=True)
        return _World(outside=np.array([rest.get(str(code), 0.0) for code in codes]), country=country)

    def owners(self, nearest: Ints, latitude: Floats, longitude: Floats) -> Ints:
        """Country of each cell of the countryside by the place nearest to it; -1 where nobody lives or there is no land."""
        owner = np.full(len(nearest), -1)
        near = np.flatnonzero(nearest >= 0)
        near = near[is_land(latitude[near], longitude[near])]
        owner[near] = self.country[nearest[near]]
        return owner

    def countryside(self, owner: Ints, area_m2: Floats, home: Ints) -> Floats:
        """People of each cell outside listed places: evenly on a country's land, with its towns where it has none."""
        weight = np.bincount(owner[owner >= 0], area_m2[owner >= 0], len(self.outside))
        share = np.divide(self.outside, weight, out=np.zeros(len(weight)), where=weight > 0.0)
        count = np.where(owner >= 0, area_m2 * share[owner], 0.0)
        for country in np.flatnonzero((weight == 0.0) & (self.outside > 0.0)):
            towns = np.unique(home[self.country == country])
            count[towns] += self.outside[country] / len(towns)
        return count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lattice:
    """Cells of one area in ``R`` rows from south to north, with columns from Greenwich eastwards.

    ``columns`` ``(R,)`` are how many cells a row has, ``first`` ``(R + 1,)`` where it starts.
    """

    columns: Ints
    first: Ints

    @staticmethod
    def of(cell_area_m2: float) -> "_Lattice":
        """The lattice with cells of this area."""
        side_rad = np.sqrt(cell_area_m2) / EARTH_MEAN_RADIUS_M
        rows = round(np.pi / side_rad)
        latitude = (np.arange(rows) + 0.5) * np.pi / rows - np.pi / 2.0
        columns = np.maximum(np.round(2.0 * np.pi * np.cos(latitude) / side_rad), 1.0).astype(np.int64)
        return _Lattice(columns=columns, first=np.concatenate([[0], np.cumsum(columns)]))

    def latitude(self) -> Floats:
        """``(R,)`` of the rows."""
        return (np.arange(len(self.columns)) + 0.5) * np.pi / len(self.columns) - np.pi / 2.0

    def centres(self) -> tuple[Floats, Floats]:
        """Latitude and longitude of all cells, from south to north."""
        row = np.repeat(np.arange(len(self.columns)), self.columns)
        column = np.arange(self.first[-1]) - self.first[row]
        return self.latitude()[row], (column + 0.5) * 2.0 * np.pi / self.columns[row]

    def cells_of(self, latitude_rad: Floats, longitude_rad: Floats) -> Ints:
        """Cell of each point."""
        rows = len(self.columns)
        row = np.clip((latitude_rad / np.pi + 0.5) * rows, 0, rows - 1).astype(np.int64)
        turn = np.mod(longitude_rad, 2.0 * np.pi) / (2.0 * np.pi)
        return np.asarray(self.first[row] + (turn * self.columns[row]).astype(np.int64) % self.columns[row])


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


def _places(cities: Sequence[City]) -> tuple[Floats, Floats]:
    """Latitude and longitude of places."""
    latitude_deg = np.array([city.latitude_deg for city in cities], dtype=np.float64)
    return np.radians(latitude_deg), np.radians(np.array([city.longitude_deg for city in cities], dtype=np.float64))


def _nearest(lattice: _Lattice, latitude: Floats, longitude: Floats, home: Ints, *, countryside_m: float) -> Ints:
    """Row of the place nearest to each cell, counted from the places' cells; -1 where none is within reach."""
    if not 0.0 <= countryside_m < np.inf:
        raise InputError(f"the countryside reaches 0 m or more from a place, not {countryside_m:g}")
    reach_rad = min(countryside_m / EARTH_MEAN_RADIUS_M, np.pi)
    vectors = up_axis(latitude, longitude)
    towns, place = np.unique(home, return_index=True)
    nearest = np.full(len(latitude), -1)
    closest = np.full(len(latitude), np.cos(reach_rad) - _ROUNDING)
    for start in range(0, len(towns), _TOWNS_AT_ONCE):
        some = slice(start, start + _TOWNS_AT_ONCE)
        town, cell = _surroundings(lattice, latitude[towns[some]], longitude[towns[some]], reach_rad)
        here = vectors[towns[some]][town]
        cosine = np.einsum("ij,ij->i", here, vectors[cell])
        before = closest[cell]
        np.maximum.at(closest, cell, cosine)
        nearer = np.flatnonzero((cosine == closest[cell]) & (cosine > before))[::-1]  # of equals the first one stays
        nearest[cell[nearer]] = place[some][town[nearer]]
    return nearest


def _surroundings(lattice: _Lattice, latitude: Floats, longitude: Floats, reach_rad: float) -> tuple[Ints, Ints]:
    """Pairs of centre and cell that hold all that are within reach of each other, and some of the cells around them."""
    rows = lattice.latitude()
    height = np.pi / len(rows)
    tall = int(np.ceil(reach_rad / height)) + 1
    row = np.floor((latitude / np.pi + 0.5) * len(rows)).astype(np.int64)[:, None] + np.arange(-tall, tall + 1)
    centre = np.repeat(np.arange(len(latitude)), row.shape[1])
    row = row.ravel()
    centre, row = centre[(row >= 0) & (row < len(rows))], row[(row >= 0) & (row < len(rows))]
    north, south = rows[row], latitude[centre]
    cosine = (np.cos(reach_rad) - np.sin(north) * np.sin(south)) / (np.cos(north) * np.cos(south))
    half = np.arccos(np.clip(cosine, -1.0, 1.0))
    columns = lattice.columns[row]
    step = 2.0 * np.pi / columns
    west = np.floor((longitude[centre] - half) / step).astype(np.int64)
    count = np.minimum(np.ceil(2.0 * half / step).astype(np.int64) + 2, columns)
    pair = np.repeat(np.arange(len(row)), count)
    column = west[pair] + np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    return centre[pair], lattice.first[row][pair] + column % columns[pair]


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
