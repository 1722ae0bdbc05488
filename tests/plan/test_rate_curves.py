"""Rate against elevation."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.rules import ClearSky, FixedExceedance
from skycommons.model.scenario import Scenario
from skycommons.plan.link_budget import site_budget
from skycommons.plan.rate_curves import rate_curves
from skycommons.plan.sight import standing_sight
from tests.support.tiny_world import tiny_scenario

WEATHERS = (ClearSky(), FixedExceedance(exceedance=1e-3))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A terminal, a gateway and a PoP."""
    return tiny_scenario()


@pytest.mark.parametrize("site", [0, 1])
def test_curves_run_from_the_lowest_elevation_to_the_zenith(scenario: Scenario, site: int) -> None:
    """Each point is the rate of the budget there; rain never helps."""
    world = scenario.world
    payload = world.equipment.payloads[0]
    curves = rate_curves(
        world, scenario.radio, site=site, payload=payload, altitude_m=550e3, weathers=WEATHERS, points=4
    )
    np.testing.assert_allclose(np.degrees(curves.elevation_rad[[0, -1]]), [25.0, 90.0])
    assert curves.down_bps.shape == curves.up_bps.shape == (2, 4)
    assert (curves.down_bps[1] <= curves.down_bps[0]).all()
    found = standing_sight(world.sites, site, elevation_rad=float(curves.elevation_rad[1]), altitude_m=550e3)
    links = site_budget(world, scenario.radio, site=site, payload=payload, found=found, weather=WEATHERS[1]).links
    assert curves.down_bps[1, 1] == sum(link.rate_bps for link in links if link.kind.is_down)
    assert curves.up_bps[1, 1] == sum(link.rate_bps for link in links if not link.kind.is_down)


def test_what_has_no_curve_is_refused(scenario: Scenario) -> None:
    """A PoP, and a single point."""
    world = scenario.world
    payload = world.equipment.payloads[0]
    with pytest.raises(InputError, match="'frankfurt' is a PoP and has no radio"):
        rate_curves(world, scenario.radio, site=2, payload=payload, altitude_m=550e3, weathers=WEATHERS)
    with pytest.raises(InputError, match="a curve has at least 2 points, not 1"):
        rate_curves(world, scenario.radio, site=0, payload=payload, altitude_m=550e3, weathers=WEATHERS, points=1)
