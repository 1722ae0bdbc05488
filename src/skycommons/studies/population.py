"""Where people live, coarsely: cells of equal area with the people of listed cities and an even countryside.

Made from what the package holds, for comparisons that need a world of users; no census raster is needed or imitated.

- Each listed place (50,000 people and more) puts its people into the cell in which it lies.
- The rest of the world's people live evenly on habitable land: land less than 250 km from a listed place. What is
  farther is desert, taiga or ice.

The 250 km and the evenness are assumptions. Real people crowd along rivers and coasts, so an even countryside has its
people farther apart than they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
_ROUNDING = 1e-12  # of a cosine: a place is within no distance of itself
_RIM_RAD = 1e-6  # more than the angle of that


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleGrid:
    """Inhabited cells of one area, from south to north, on a round Earth.

    Attributes:
        latitude_rad: ``(C,)`` of the cells' centres, rising.
        vectors: ``(C, 3)`` directions of the centres.
        people: ``(C,)`` who live there.
    """

    latitude_rad: Floats
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


def people_grid(
    cities: Sequence[City], *, cell_area_m2: float, people: int = WORLD_PEOPLE, countryside_m: float = COUNTRYSIDE_M
) -> PeopleGrid:
    """A world of people in cells of one area.

    Args:
        cities: Listed places.
        cell_area_m2: Of each cell.
        people: In the whole world.
        countryside_m: How far from a listed place people live.
    Raises:
        InputError: The listed places hold more people than the world, the area makes no grid, or the countryside is
            no distance.
    """
    listed = sum(city.population for city in cities)
    if listed > people:
        raise InputError(f"the listed places hold {listed:,} people, more than the world's {people:,}")
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
    near = np.zeros(len(latitude), dtype=np.bool_)
    towns = np.unique(home)
    reach_rad = np.full(len(towns), countryside_m / EARTH_MEAN_RADIUS_M)
    for _, cells in _pairs(vectors, latitude, vectors[towns], reach_rad):
        near[cells] = True
    near[near] = is_land(latitude[near], longitude[near])
    if not near.any():
        raise InputError("there is no land for the countryside: list a place on land")
    count[near] += (people - listed) / np.count_nonzero(near)
    kept = count > 0.0
    return PeopleGrid(latitude_rad=latitude[kept], vectors=vectors[kept], people=count[kept])


def _cells_of(cities: Sequence[City], columns: Ints, first: Ints) -> Ints:
    """Cell of each place, in a grid of rows from south to north and columns from Greenwich eastwards."""
    latitude_deg = np.array([city.latitude_deg for city in cities], dtype=np.float64)
    longitude_deg = np.array([city.longitude_deg for city in cities], dtype=np.float64)
    rows = len(columns)
    row = np.clip((latitude_deg + 90.0) / 180.0 * rows, 0, rows - 1).astype(np.int64)
    column = (np.mod(longitude_deg, 360.0) / 360.0 * columns[row]).astype(np.int64) % columns[row]
    return np.asarray(first[row] + column)


def _pairs(vectors: Floats, latitude_rad: Floats, centres: Floats, reach_rad: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Centres and cells within reach, a band of latitude at a time; cells stand from south to north."""
    centre_latitude = np.arcsin(np.clip(centres[:, 2], -1.0, 1.0))
    order = np.argsort(centre_latitude, kind="stable")
    for start in range(0, len(order), _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        most = float(reach_rad[some].max()) + _RIM_RAD
        low, high = np.searchsorted(
            latitude_rad, (centre_latitude[some].min() - most, centre_latitude[some].max() + most)
        )
        near = centres[some] @ vectors[low:high].T >= np.cos(reach_rad[some])[:, np.newaxis] - _ROUNDING
        centre, cell = np.nonzero(near)
        yield some[centre], cell + low
