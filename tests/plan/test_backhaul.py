"""Ways from satellites to PoPs, on networks small enough to work out with a pencil."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.constants import EARTH_MEAN_RADIUS_M, FIBRE_GROUP_INDEX
from skycommons.base.errors import ShapeError
from skycommons.model.rules import BentPipeMode, FixedExceedance, RadioRules, RoutingRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind, World
from skycommons.plan.backhaul import ANY_GATEWAY, Backhaul, BackhaulPlanner, feeder_rates
from skycommons.plan.radio import Radio
from skycommons.plan.visibility import View
from tests.support.networks import Place, above, lasers_up, scenario_of, site_table, some_satellites

# On the equator. From 1,200 km a satellite serves 15° around, and each of these gateways sees one satellite only.
SOMEBODY: Place = ("somebody", SiteKind.TERMINAL, 0.0, 5.0)
WEST: Place = ("west-gateway", SiteKind.GATEWAY, 0.0, 0.0)
EAST: Place = ("east-gateway", SiteKind.GATEWAY, 0.0, 60.0)
WEST_POP: Place = ("west-pop", SiteKind.POP, 0.0, 2.0)
EAST_POP: Place = ("east-pop", SiteKind.POP, 0.0, 61.0)
PLACES = (SOMEBODY, WEST_POP, WEST, EAST_POP, EAST)  # rows 0 to 4
HEIGHT_M = 1_200e3
SKY = np.array([above(0.0, longitude, HEIGHT_M) for longitude in (0.0, 20.0, 40.0, 60.0)])
VALID = np.ones(4, dtype=np.bool_)
CHAIN = lasers_up([(0, 1), (1, 2), (2, 3)], SKY)
HOP_M = float(np.linalg.norm(SKY[0] - SKY[1]))
FIBRE = RoutingRules().fibre_detour * FIBRE_GROUP_INDEX


def fibre_m(degrees: float) -> float:
    """Cost of fibre along the equator."""
    return FIBRE * EARTH_MEAN_RADIUS_M * float(np.radians(degrees))


def world(*places: Place, antennas: int = 8, **rules: Any) -> Scenario:
    """A scenario of four satellites; every gateway has so many antennas."""
    scenario = scenario_of(site_table(places), some_satellites(4), **rules)
    equipment = scenario.world.equipment
    types = tuple(replace(entry, antennas=antennas) for entry in equipment.gateways)
    return scenario.replace(
        world=World(
            satellites=scenario.world.satellites,
            sites=scenario.world.sites,
            equipment=replace(equipment, gateways=types),
        )
    )


def planned(scenario: Scenario, *, sky: Floats = SKY, before: Backhaul | None = None, **words: Any) -> Backhaul:
    """Ways over a chain of lasers."""
    return BackhaulPlanner.of(scenario).at(
        sky, VALID, CHAIN, gateway=None if before is None else before.gateway, **words
    )


def test_traffic_comes_down_where_it_is_soonest_at_its_pop() -> None:
    """Each PoP has a gateway near it; satellites between use the lasers towards it."""
    backhaul = planned(world(*PLACES))
    assert backhaul.pops.tolist() == [1, 3]
    assert backhaul.gateway.tolist() == [2, -1, -1, 4]
    np.testing.assert_allclose(backhaul.feeder_range_m, [HEIGHT_M, np.nan, np.nan, HEIGHT_M], rtol=0, atol=1e-6)
    assert backhaul.landing.tolist() == [[0, 0, 0, 0], [3, 3, 3, 3]]
    assert backhaul.laser_hops.tolist() == [[0, 1, 2, 3], [3, 2, 1, 0]]
    west = HEIGHT_M + fibre_m(2.0) + HOP_M * np.arange(4)
    east = HEIGHT_M + fibre_m(1.0) + HOP_M * np.arange(4)[::-1]
    np.testing.assert_allclose(backhaul.onward_m, [west, east], rtol=1e-7)
    assert repr(backhaul) == "<Backhaul: 2 of 4 satellites fed, 2 PoPs>"


def test_a_bent_pipe_needs_a_feeder_of_its_own() -> None:
    """The two satellites between have no way, the two others send everything to their own gateway."""
    backhaul = planned(world(*PLACES, routing=RoutingRules(mode=BentPipeMode())))
    assert backhaul.landing.tolist() == [[0, -1, -1, 3], [0, -1, -1, 3]]
    assert backhaul.laser_hops.tolist() == [[0, -1, -1, 0], [0, -1, -1, 0]]
    np.testing.assert_allclose(backhaul.onward_m[0, 3], HEIGHT_M + fibre_m(58.0), rtol=1e-7)
    assert np.isinf(backhaul.onward_m[:, 1:3]).all()


def test_without_lasers_it_is_the_same() -> None:
    """No laser is up."""
    scenario = world(*PLACES)
    none = lasers_up([], SKY)
    backhaul = BackhaulPlanner.of(scenario).at(SKY, VALID, none, gateway=None)
    assert backhaul.landing.tolist() == [[0, -1, -1, 3], [0, -1, -1, 3]]


def test_an_antenna_follows_one_satellite_and_stays_with_it() -> None:
    """Two satellites over one gateway with one antenna: the nearest first; later the one that was followed before."""
    scenario = world(WEST, WEST_POP, antennas=1)
    sky = np.array([above(0.0, longitude, HEIGHT_M) for longitude in (3.0, 1.0, 40.0, 60.0)])
    first = planned(scenario, sky=sky)
    assert first.gateway.tolist() == [-1, 0, -1, -1]
    swapped = sky[[1, 0, 2, 3]]
    assert planned(scenario, sky=swapped).gateway.tolist() == [0, -1, -1, -1]
    assert planned(scenario, sky=swapped, before=first).gateway.tolist() == [-1, 0, -1, -1]
    assert first.landing.tolist() == [[1, 1, 1, 1]]


def test_only_the_pops_in_use_are_looked_at() -> None:
    """One row, the same as of all."""
    scenario = world(*PLACES)
    planner = BackhaulPlanner.of(scenario, pops=np.array([3]))
    backhaul = planner.at(SKY, VALID, CHAIN, gateway=None)
    assert backhaul.pops.tolist() == [3]
    np.testing.assert_array_equal(backhaul.onward_m[0], planned(scenario).onward_m[1])


def test_without_pops_every_gateway_is_an_end() -> None:
    """One row, which costs the feeder and the lasers to it."""
    backhaul = planned(world(WEST, EAST))
    assert backhaul.pops.tolist() == [ANY_GATEWAY]
    assert backhaul.landing.tolist() == [[0, 0, 3, 3]]
    np.testing.assert_allclose(backhaul.onward_m, [HEIGHT_M + HOP_M * np.array([0, 1, 1, 0])], rtol=1e-7)


def test_without_gateways_nothing_has_a_way() -> None:
    """Terminals and PoPs alone."""
    backhaul = planned(world(SOMEBODY, WEST_POP))
    assert backhaul.gateway.tolist() == [-1] * 4
    assert backhaul.landing.tolist() == [[-1] * 4]
    assert np.isinf(backhaul.onward_m).all()


def test_weather_is_asked_with_a_view_of_all_sites() -> None:
    """Rain closes the west gateway, whose row is that of the site; everything goes east."""
    scenario = world(*PLACES)
    asked: list[View] = []

    def closing(seen: View) -> View:
        asked.append(seen)
        counts = seen.counts()
        gone = slice(seen.start[2], seen.start[3])
        counts[2] = 0
        left = {name: np.delete(getattr(seen, name), gone) for name in ("sat", "range_m", "sine_elevation")}
        return View(start=np.concatenate([[0], np.cumsum(counts)]), **left)

    backhaul = planned(scenario, closing=closing)
    assert asked[0].counts().tolist() == [0, 0, 1, 0, 1]
    assert backhaul.gateway.tolist() == [-1, -1, -1, 4]
    assert backhaul.landing.tolist() == [[3] * 4, [3] * 4]


def test_the_radio_closes_what_rain_drowns() -> None:
    """In the worst weather there is, a feeder that would be used under a clear sky carries nothing."""
    scenario = world(*PLACES, radio=RadioRules(weather=FixedExceedance(exceedance=1e-5)))
    radio = Radio.of(scenario)
    skies = radio.skies(0)
    backhaul = planned(scenario, closing=lambda seen: radio.closing(seen, skies, SKY))
    up_bps, down_bps = feeder_rates(radio, skies, planned(scenario), SKY)
    closes = (up_bps > 0.0) & (down_bps > 0.0)
    assert (backhaul.gateway >= 0).tolist() == closes.tolist()
    assert not closes.all()


def test_feeder_rates_are_those_of_the_link() -> None:
    """More goes up than down, as the bands are; a satellite without a feeder has none."""
    scenario = world(*PLACES)
    radio = Radio.of(scenario)
    backhaul = planned(scenario)
    up_bps, down_bps = feeder_rates(radio, radio.clear_skies(), backhaul, SKY)
    links = radio.links(radio.clear_skies(), np.array([2, 4]), np.array([0, 3]), SKY)
    assert up_bps.tolist() == [links.up_bps[0], 0.0, 0.0, links.up_bps[1]]
    assert down_bps.tolist() == [links.down_bps[0], 0.0, 0.0, links.down_bps[1]]
    assert up_bps[0] > down_bps[0] > 1e9


def test_a_slot_before_of_other_satellites_is_refused() -> None:
    """Rows would mean something else."""
    scenario = world(*PLACES)
    before = planned(scenario)
    with pytest.raises(ShapeError, match=r"before\.gateway"):
        BackhaulPlanner.of(scenario).at(SKY[:3], VALID[:3], lasers_up([], SKY), gateway=before.gateway)
    with pytest.raises(ShapeError, match="landing"):
        replace(before, landing=before.landing[:1])
