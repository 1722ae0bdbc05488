"""What the search for options accepts, and that luck hangs on nothing but its keys."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.model.world import SiteKind
from skycommons.plan.choice import OBSERVED_WEIGHTS
from skycommons.plan.options import Kept, Luck, Options, find_options
from skycommons.plan.visibility import Horizon
from tests.support.networks import site_table
from tests.support.plain_options import PLACES, closing_above, setting, sky_over


def test_luck_hangs_on_cell_slot_and_satellite_alone() -> None:
    """The same cell among others, in another place of the table, and in thousands on threads, draws the same."""
    sites = site_table(PLACES[2:])
    sky = sky_over(sites, 20)
    many = 5_000
    ids = np.arange(many, dtype=np.uint64)
    horizon, crowd = Horizon.of(sites), Horizon.of(site_table(PLACES[2:] * many))
    alone = find_options(
        horizon, sky, count=6, **setting(1, luck=Luck(seed=1, slot=2, cell=np.array([4_321], dtype=np.uint64)))
    )
    together = find_options(crowd, sky, count=6, **setting(many, luck=Luck(seed=1, slot=2, cell=ids)))
    np.testing.assert_array_equal(together.satellite[4_321], alone.satellite[0])
    np.testing.assert_array_equal(together.worth_nats[4_321], alone.worth_nats[0])
    assert len(np.unique(together.satellite[:, 0])) > 5
    later = find_options(crowd, sky, count=6, **setting(many, luck=Luck(seed=1, slot=3, cell=ids)))
    assert np.mean(later.satellite[:, 0] != together.satellite[:, 0]) > 0.3


def test_choices_follow_the_odds_of_the_utility() -> None:
    """Among two satellites of equal place the V2 mini wins by the odds of its weight; three deviations."""
    sites = site_table(PLACES[2:] * 20_000)
    sky = sky_over(sites, 2)
    sky = replace(
        sky,
        position_itrf_m=np.repeat(sky.position_itrf_m[:1], 2, axis=0),
        is_v2_mini=np.array([True, False]),
        load=np.zeros(2),
    )
    luck = Luck(seed=5, slot=1, cell=np.arange(20_000, dtype=np.uint64))
    found = find_options(Horizon.of(sites), sky, count=2, **setting(20_000, luck=luck))
    share = np.mean(found.satellite[:, 0] == 0)
    expected = 1.0 / (1.0 + np.exp(-OBSERVED_WEIGHTS.v2_mini_nats))
    assert abs(share - expected) < 3.0 * np.sqrt(0.25 / 20_000)


def test_a_cell_weighs_at_least_one() -> None:
    """None at all is no search."""
    sites = site_table(PLACES)
    with pytest.raises(InputError, match="at least 1 candidate, not 0"):
        find_options(Horizon.of(sites), sky_over(sites, 3), count=0, **setting(3))


@pytest.mark.parametrize(
    "changes",
    [
        {"blocked": np.zeros(2, dtype=np.uint8)},
        {"kept": Kept.nothing(2)},
        {"luck": Luck(seed=1, slot=1, cell=np.zeros(2, dtype=np.uint64))},
        {"rates": closing_above(np.zeros((1, 1)), 2)},
    ],
)
def test_columns_of_other_cells_are_refused(changes: dict[str, object]) -> None:
    """Each names itself."""
    sites = site_table(PLACES)
    with pytest.raises(ShapeError):
        find_options(Horizon.of(sites), sky_over(sites, 3), count=1, **setting(3, **changes))


def test_a_sky_of_unequal_columns_is_refused() -> None:
    """Ways of other satellites, PoPs of other cells, kept satellites without their cells."""
    sites = site_table(PLACES)
    sky = sky_over(sites, 3)
    with pytest.raises(ShapeError, match="has_way"):
        replace(sky, has_way=np.ones((2, 4), dtype=np.bool_))
    with pytest.raises(ShapeError, match="pop"):
        find_options(Horizon.of(sites), replace(sky, pop=np.zeros(1, dtype=np.int64)), count=1, **setting(3))
    with pytest.raises(ShapeError, match="satellite"):
        Kept(first=np.array([0, 2]), satellite=np.zeros(1, dtype=np.int32))
    assert len(sky) == 3


def test_no_satellites_and_no_cells_are_no_error() -> None:
    """An empty sky gives reasons; an empty Earth gives nothing."""
    sites = site_table(PLACES)
    empty = find_options(Horizon.of(sites), sky_over(sites, 0), count=2, **setting(3))
    assert empty.reason.tolist() == [1, 1, 1]
    nothing: Options = find_options(
        Horizon.of(site_table([("pop", SiteKind.POP, 0.0, 0.0)]), np.zeros(0, dtype=np.int64)),
        sky_over(sites, 3),
        count=2,
        **setting(0),
    )
    assert len(nothing) == 0
