"""The search for options cell by cell: gates, worth, order, and the few that are kept."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.model.world import SiteKind
from skycommons.plan.choice import OBSERVED_WEIGHTS, UtilityWeights
from skycommons.plan.options import Kept, Luck, Options, SkyStep, find_options
from skycommons.plan.requests import Unserved
from skycommons.plan.visibility import Horizon
from tests.support.networks import above, site_table
from tests.support.plain_options import PLACES, closing_above, plain_options, setting, sky_over

pytestmark = pytest.mark.kernel

HIGHEST = UtilityWeights(
    cosecant_nats=0.0,
    poleward_nats=0.0,
    v2_mini_nats=0.0,
    kept_nats=0.0,
    low_nats=0.0,
    near_gso_nats=0.0,
    source="a policy of its own",
    elevation_nats=1.0,
)


def reason_over_zurich(latitude_deg: float, *, closes: float = 0.0, has_way: bool = True) -> int:
    """Why Zürich is not served by a single satellite above the meridian of Zürich."""
    sites = replace(site_table(PLACES[2:]), gso_exclusion_rad=np.radians([18.0]))
    sky = SkyStep(
        position_itrf_m=above(latitude_deg, 8.5)[np.newaxis],
        valid=np.array([True]),
        payload=np.array([0]),
        is_v2_mini=np.array([True]),
        load=np.zeros(1),
        has_way=np.array([has_way]),
    )
    rates = closing_above(np.array([[closes]]), 1)
    return int(find_options(Horizon.of(sites), sky, count=4, **setting(1, rates=rates)).reason[0])


def test_a_cell_without_options_names_the_last_gate() -> None:
    """Too low; before the arc; link does not close; no way; and none of these."""
    assert reason_over_zurich(30.0) == Unserved.NO_SATELLITE
    assert reason_over_zurich(42.0, closes=2.0, has_way=False) == Unserved.GSO_EXCLUSION
    assert reason_over_zurich(47.4, closes=2.0, has_way=False) == Unserved.RAIN
    assert reason_over_zurich(47.4, has_way=False) == Unserved.NO_FEEDER
    assert reason_over_zurich(47.4) == Unserved.SERVED


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_best_are_kept_in_order(count: int) -> None:
    """With luck, on both sides of the date line and on the equator; the third cell is forbidden."""
    sites = site_table(PLACES, min_elevation_deg=20.0)
    sky = replace(sky_over(sites, 36), pop=np.array([0, -1, 0]))
    values = setting(
        3,
        blocked=np.array([0, 0, Unserved.SUSPENDED], dtype=np.uint8),
        luck=Luck(seed=3, slot=8, cell=np.array([2**59 + 1, 2**59 + 2, 5], dtype=np.uint64)),
        kept=Kept(first=np.array([0, 2, 2, 2]), satellite=np.array([-1, 9], dtype=np.int32)),
        weights=replace(OBSERVED_WEIGHTS, elevation_nats=0.5, load_nats=-1.0),
    )
    found, plain = find_options(Horizon.of(sites), sky, count=count, **values), plain_options(sites, sky, **values)
    assert found.reason.tolist() == plain.reason == [0, 0, Unserved.SUSPENDED]
    for cell in range(3):
        expected = [*plain.satellite[cell], *[-1] * count][:count]
        assert found.satellite[cell].tolist() == expected


def test_equal_worth_goes_by_row() -> None:
    """Four satellites at one place: the first rows stay, in order."""
    sites = site_table(PLACES[2:])
    sky = sky_over(sites, 4)
    sky = replace(sky, position_itrf_m=np.repeat(above(48.0, 9.0)[np.newaxis], 4, axis=0))
    found = find_options(Horizon.of(sites), sky, count=3, **setting(1, weights=HIGHEST))
    assert found.satellite.tolist() == [[0, 1, 2]]


def test_the_pole_has_options_too() -> None:
    """No direction leads to the pole from there, and the arc lies below the horizon."""
    sites = site_table([("pole", SiteKind.TERMINAL, 90.0, 0.0)])
    sky = replace(sky_over(sites, 1), position_itrf_m=above(88.0, 30.0)[np.newaxis])
    found = find_options(Horizon.of(sites), sky, count=2, **setting(1))
    assert found.satellite.tolist() == [[0, -1]]


def test_the_highest_policy_sorts_by_elevation() -> None:
    """Worth is the elevation itself."""
    sites = site_table(PLACES)
    found: Options = find_options(Horizon.of(sites), sky_over(sites, 30), count=5, **setting(3, weights=HIGHEST))
    np.testing.assert_allclose(found.worth_nats, np.arcsin(found.sine_elevation), atol=1e-6)
    assert (np.diff(found.sine_elevation, axis=1) <= 0.0).all()


@pytest.mark.parametrize("exclusion_deg", [0.0, 11.0])
def test_limits_of_the_arc_are_met_to_the_angle(exclusion_deg: float) -> None:
    """Satellites side by side across the limit, where only the angle itself can tell."""
    sites = replace(site_table(PLACES[2:], min_elevation_deg=10.0), gso_exclusion_rad=np.radians([exclusion_deg]))
    sky = replace(
        sky_over(sites, 60),
        position_itrf_m=np.array([above(north, east) for east in (8.5, 20.0) for north in np.linspace(42.0, 44.0, 30)]),
    )
    values = setting(1)
    plain = plain_options(sites, sky, **values)
    found = find_options(Horizon.of(sites), sky, count=60, **values)
    assert found.satellite[0, : len(plain.satellite[0])].tolist() == plain.satellite[0]
