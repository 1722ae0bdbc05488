"""People in cells of one area, on a few towns."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.cells import areas_m2, cells_of
from skycommons.model.placement import City, cities
from skycommons.model.population import country_people, people_grid, people_in_cells, world_cells
from skycommons.orbit.frames import up_axis

CELL_M2 = 10_000e6
BERNE = City(name="Berne", country="CH", latitude_deg=46.9, longitude_deg=7.4, population=100_000)
ATOLL = City(name="Atoll", country="XX", latitude_deg=-20.0, longitude_deg=-130.0, population=5_000)
PEOPLE = {"CH": 1_100_000, "XX": 5_000}


def test_all_people_live_somewhere() -> None:
    """Towns in their cells, the rest evenly on land that is near one."""
    grid = people_grid([BERNE, ATOLL], PEOPLE, cell_area_m2=CELL_M2, people=1_105_000)
    assert grid.people.sum() == pytest.approx(1_105_000)
    assert np.all(np.diff(grid.latitude_rad) >= 0.0)
    village, atoll, town = (np.sort(grid.people)[place] for place in (len(grid) // 2, 0, -1))
    assert atoll == 5_000  # no land there, so no countryside
    assert town == pytest.approx(100_000 + village)
    assert len(grid) * CELL_M2 == pytest.approx(np.pi * 250e3**2, rel=0.25)
    near = grid.vectors @ up_axis(np.radians([46.9]), np.radians([7.4]))[0] >= np.cos(
        350e3 / 6_371e3
    )  # cells reach from centre to centre
    assert np.count_nonzero(~near) == 1


def test_a_wider_countryside_is_emptier() -> None:
    """The same people on more land."""
    narrow, wide = (
        people_grid([BERNE], PEOPLE, cell_area_m2=CELL_M2, people=1_100_000, countryside_m=reach_m)
        for reach_m in (0.0, 400e3)
    )
    assert len(narrow) == 1
    assert np.median(wide.people) < 30_000


def test_a_country_keeps_its_people() -> None:
    """On the land nearest to its own places, in proportion to what its towns leave out."""
    rome = City(name="Rome", country="IT", latitude_deg=41.9, longitude_deg=12.5, population=50_000)
    grid = people_grid([BERNE, rome], {"CH": 1_100_000, "IT": 550_000}, cell_area_m2=CELL_M2, people=3_150_000)
    sides = grid.vectors @ up_axis(np.radians([46.9, 41.9]), np.radians([7.4, 12.5])).T
    swiss = sides[:, 0] > sides[:, 1]
    assert grid.people[swiss].sum() == pytest.approx(100_000 + 2_000_000)
    assert grid.people[~swiss].sum() == pytest.approx(50_000 + 1_000_000)


def test_the_world_is_coarse() -> None:
    """87 % of people north of the equator, really about 88; half of them north of 25 degrees, really 27."""
    grid = people_grid(cities(), country_people(), cell_area_m2=100_000e6)
    share = np.cumsum(grid.people) / grid.people.sum()
    assert 1.0 - share[np.searchsorted(grid.latitude_rad, 0.0)] == pytest.approx(0.875, abs=0.01)
    assert np.degrees(grid.latitude_rad[np.searchsorted(share, 0.5)]) == pytest.approx(25.5, abs=2.0)


def test_every_listed_place_has_a_country_with_people() -> None:
    """All but the handful of codes without inhabitants, and the world is nearly complete."""
    assert {city.country for city in cities() if city.population > 0} <= country_people().keys()
    assert sum(country_people().values()) == pytest.approx(7.8e9, rel=0.03)


def test_cells_within_reach_of_a_place() -> None:
    """Each centre with its own reach; none where nobody lives."""
    grid = people_grid([BERNE], PEOPLE, cell_area_m2=CELL_M2, people=1_100_000)
    centres = up_axis(np.radians([-40.0, 46.9, 46.9]), np.radians([0.0, 7.4, 7.4]))
    rows, cells = grid.within(centres, np.radians([5.0, 1.0, 20.0]))
    assert np.bincount(rows, minlength=3).tolist()[0] == 0
    assert np.count_nonzero(rows == 2) == len(grid)
    assert 1 <= np.count_nonzero(rows == 1) < 5
    angle = np.arccos(np.clip(np.sum(centres[rows] * grid.vectors[cells], axis=1), -1.0, 1.0))
    assert np.all(angle <= np.radians([5.0, 1.0, 20.0])[rows])


@pytest.mark.parametrize(
    ("cell_area_m2", "people", "countryside_m", "message"),
    [
        (CELL_M2, 99_999, 250e3, "more than the world's"),
        (0.0, 1_000_000, 250e3, "area"),
        (CELL_M2, 1_000_000, np.nan, "countryside"),
    ],
)
def test_a_world_that_cannot_be_is_refused(
    cell_area_m2: float, people: int, countryside_m: float, message: str
) -> None:
    """With what is wrong."""
    with pytest.raises(InputError, match=message):
        people_grid([BERNE], PEOPLE, cell_area_m2=cell_area_m2, people=people, countryside_m=countryside_m)


def test_a_countryside_without_land_is_the_town() -> None:
    """The coarse map has no atolls."""
    grid = people_grid([ATOLL], {"XX": 8_000}, cell_area_m2=CELL_M2, people=8_000)
    assert grid.people.tolist() == [8_000]


def test_people_without_a_country_are_refused() -> None:
    """Nobody can say where they live."""
    with pytest.raises(InputError, match="no country"):
        people_grid([ATOLL], {}, cell_area_m2=CELL_M2)


def test_people_in_the_cells_of_service() -> None:
    """Towns in their cells, the countryside by the area of each cell, so that no pattern of two grids shows."""
    cells, people = people_in_cells([BERNE, ATOLL], PEOPLE, people=1_105_000)
    assert people.sum() == pytest.approx(1_105_000)
    assert np.all(np.diff(cells.astype(np.int64)) > 0)
    towns = cells_of(np.radians([BERNE.latitude_deg, ATOLL.latitude_deg]), np.radians([7.4, -130.0]))
    at = np.searchsorted(cells, towns)
    assert people[at[1]] == 5_000
    village = np.delete(people, at)
    density = village / areas_m2(np.delete(cells, at))
    assert np.ptp(density) < 1e-9 * density.mean()
    assert people[at[0]] == pytest.approx(100_000 + village.mean(), rel=1e-3)
    assert areas_m2(cells).sum() == pytest.approx(np.pi * 250e3**2, rel=0.03)


def test_the_world_in_cells() -> None:
    """Everybody, on a fifth of all cells."""
    cells, people = world_cells()
    assert people.sum() == pytest.approx(7.8e9)
    assert len(cells) == pytest.approx(377_000, rel=0.02)
    assert people.max() > max(city.population for city in cities())
