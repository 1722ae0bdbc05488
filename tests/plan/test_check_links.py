"""Bounds on links without air, against what the planner's own rates say under a clear sky."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.model.scenario import Scenario
from skycommons.plan.cell_rates import CellRates
from skycommons.plan.check_links import Looks, feeder_bound_bps, service_bound_bps
from skycommons.plan.radio import Radio
from tests.support.plans import with_equipment
from tests.support.service_world import service_scenario

WORLD = service_scenario()
PAYLOADS = tuple(payload.name for payload in WORLD.world.equipment.payloads)
pytestmark = pytest.mark.kernel


def flying(payload: str) -> Scenario:
    """The world in which all satellites carry one payload."""
    satellites = WORLD.world.satellites
    alike = replace(satellites, generations=(payload,) * len(satellites))
    return WORLD.replace(world=replace(WORLD.world, satellites=alike))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("lowest_deg", [5.0, 25.0])
def test_no_cell_is_given_more_than_the_bound_and_the_bound_is_near(payload: str, lowest_deg: float) -> None:
    """At every elevation, in the tropics and near a pole; where much is carried, the bound is not far above."""
    scenario = with_equipment(flying(payload), "terminals", min_elevation_rad=np.radians(lowest_deg))
    equipment = scenario.world.equipment
    row = PAYLOADS.index(payload)
    rates = CellRates.of(scenario, np.radians([47.0, 0.0, -70.0]), np.radians([8.0, 100.0, 20.0]))
    cell, sine = np.repeat(np.arange(3), 99), np.tile(np.linspace(np.sin(np.radians(lowest_deg)), 1.0, 99), 3)
    looks = Looks.at(
        np.arcsin(sine),
        ground_m=np.linalg.norm(rates.radio.horizon.position_itrf_m, axis=1)[rates.zone[cell]],
        radius_m=np.full(len(cell), rates.radius_m[0]),
    )
    found = rates.at(scenario.start_ns).links(cell, np.full(len(cell), row), sine)
    bounds = service_bound_bps(looks, equipment.payloads[row], equipment.terminals[0], scenario.radio)
    for rate_bps, most_bps in zip(found, bounds, strict=True):
        bound_bps = np.minimum(most_bps, equipment.payloads[row].beam_limit_bps)
        assert (rate_bps <= bound_bps * (1.0 + 1e-9)).all()
        assert (rate_bps[sine > 0.9] >= 0.85 * bound_bps[sine > 0.9]).all()


def test_nothing_is_carried_from_below_the_horizon() -> None:
    """Nor is anything made of it that is no number."""
    looks = Looks.at(np.radians([-1.0, 90.0]), ground_m=np.full(2, 6.37e6), radius_m=np.full(2, 6.92e6))
    equipment = WORLD.world.equipment
    down_bps, up_bps = service_bound_bps(looks, equipment.payloads[0], equipment.terminals[0], WORLD.radio)
    assert (down_bps[0], up_bps[0]) == (0.0, 0.0)
    assert down_bps[1] > 1e8
    assert looks.range_m[1] == pytest.approx(5.5e5)
    assert looks.nadir_rad[1] == pytest.approx(0.0)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_feeder_carries_more_than_the_bound(payload: str) -> None:
    """Both ways, to every satellite that a gateway of the built-in type sees."""
    scenario = flying(payload)
    equipment, radio = scenario.world.equipment, Radio.of(scenario)
    gateway = int(np.flatnonzero(scenario.world.sites.kind == 1)[0])
    position_m = scenario.propagate(scenario.times()[:1]).position_itrf_m[0]
    sight_m = position_m - radio.horizon.position_itrf_m[gateway]
    range_m = np.linalg.norm(sight_m, axis=1)
    seen = np.flatnonzero(sight_m @ radio.horizon.up_itrf[gateway] > np.sin(np.radians(25.0)) * range_m)
    return_bps, forward_bps = radio.rates_bps(radio.clear_skies(), np.full(len(seen), gateway), seen, position_m)
    bounds = feeder_bound_bps(
        range_m[seen], equipment.payloads[PAYLOADS.index(payload)], equipment.gateways[0], scenario.radio
    )
    assert len(seen) > 3
    for rate_bps, bound_bps in zip((forward_bps, return_bps), bounds, strict=True):
        assert (rate_bps <= bound_bps).all()
        assert (rate_bps >= 0.7 * bound_bps).all()


def test_bands_that_only_one_side_has_carry_nothing() -> None:
    """A dish without a partner."""
    equipment = WORLD.world.equipment
    deaf = replace(equipment.payloads[0], feeders=())
    bounds = feeder_bound_bps(np.array([6e5]), deaf, equipment.gateways[0], WORLD.radio)
    assert [bound.tolist() for bound in bounds] == [[0.0], [0.0]]
