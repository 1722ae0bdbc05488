"""The ground segment in a slot speaks of the scenario's own rows, whatever it was prepared with."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.model.rules import FixedExceedance, SimulatedWeather
from skycommons.model.scenario import Scenario
from skycommons.plan.lasers import Lasers, lasers_at
from skycommons.plan.stations import Stations, StationsNow
from skycommons.plan.topology import pointing_of
from tests.support.tiny_world import DENSE, PARTS, tiny_scenario


def world(pops: str = PARTS["pops"]) -> Scenario:
    """Two terminals come before the gateway and the PoP."""
    two = (
        "[[terminals]]\nname = 'a'\nlatitude_deg = 1\nlongitude_deg = 1\n[[terminals]]\nname = 'b'\nlatitude_deg = 2\n"
    )
    return tiny_scenario(constellation=DENSE, terminals=two + "longitude_deg = 2", pairs="", pops=pops)


def lasers_of(scenario: Scenario) -> Lasers:
    """At its begin."""
    flown = scenario.propagate(np.array([scenario.start_ns]))
    pointing = pointing_of(scenario.lasers.topology, scenario.world.satellites, scenario.start_ns, 5e6)
    return lasers_at(
        scenario.lasers,
        pointing,
        scenario.start_ns,
        position_itrf_m=flown.position_itrf_m[0],
        valid=flown.valid[0],
    )


def at_begin(scenario: Scenario, before: StationsNow | None = None) -> StationsNow:
    """The ground segment at its begin."""
    flown = scenario.propagate(np.array([scenario.start_ns]))
    return Stations.of(scenario).at(
        scenario.start_ns,
        flown.position_itrf_m[0],
        flown.valid[0],
        lasers=lasers_of(scenario),
        gateway=None if before is None else before.backhaul.gateway,
    )


def test_rows_are_those_of_the_scenario() -> None:
    """Not those of the stations alone."""
    scenario = world()
    found = at_begin(scenario)
    assert found.backhaul.pops.tolist() == [scenario.site("frankfurt")]
    assert set(found.backhaul.gateway) == {-1, scenario.site("basel")}


def test_only_fed_satellites_have_a_feeder() -> None:
    """Both ways."""
    found = at_begin(world())
    fed = found.backhaul.gateway >= 0
    assert ((found.forward_bps > 0.0) == fed).all()
    assert ((found.return_bps > 0.0) == fed).all()


def test_antennas_stay_with_their_satellites() -> None:
    """What was fed in the slot before is fed again while it is in view."""
    scenario = world()
    first = at_begin(scenario)
    again = at_begin(scenario, before=first)
    np.testing.assert_array_equal(again.backhaul.gateway, first.backhaul.gateway)


@pytest.mark.parametrize("weather", [FixedExceedance(exceedance=0.5), SimulatedWeather()], ids=["fixed", "simulated"])
def test_the_air_is_prepared_where_it_does_not_change(weather: FixedExceedance | SimulatedWeather) -> None:
    """Otherwise it is asked for in each slot."""
    scenario = world()
    rainy = scenario.replace(radio=replace(scenario.radio, weather=weather))
    assert (Stations.of(rainy).steady is None) == isinstance(weather, SimulatedWeather)
    assert (at_begin(rainy).backhaul.gateway >= 0).any()


def test_without_pops_traffic_ends_at_a_gateway() -> None:
    """No PoP has a row."""
    found = at_begin(world(pops="[pops]\nbuiltin = false"))
    assert found.backhaul.pops.tolist() == [-1]


def test_a_landing_can_be_avoided() -> None:
    """Feeders stay; traffic lands elsewhere and its true cost is told."""
    scenario = world()
    stations, now = Stations.of(scenario), at_begin(scenario)
    fed = np.flatnonzero(now.backhaul.gateway >= 0)
    busiest = int(np.bincount(now.backhaul.landing[0][now.backhaul.landing[0] >= 0]).argmax())
    detour_m = np.zeros(len(now.forward_bps))
    detour_m[busiest] = 1e9
    other = stations.avoiding(now, lasers_of(scenario), detour_m).backhaul
    np.testing.assert_array_equal(other.gateway, now.backhaul.gateway)
    np.testing.assert_array_equal(other.pops, now.backhaul.pops)
    assert len(fed) == 1 or not (other.landing == busiest).any()
    assert (other.onward_m >= now.backhaul.onward_m - 1.0).all()
    same = stations.avoiding(now, lasers_of(scenario), np.zeros(len(detour_m))).backhaul
    np.testing.assert_array_equal(same.landing, now.backhaul.landing)
    np.testing.assert_allclose(same.onward_m, now.backhaul.onward_m)
