"""What paths carry, and what holds them down."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from skycommons.model.equipment import Payload, Processing
from skycommons.model.rules import BentPipeMode, FixedExceedance, LaserMode, LaserRules, NoLasers, RadioRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.lasers import Lasers
from skycommons.plan.path_rates import Limit, PathRater, PathRates
from skycommons.plan.radio import Radio
from skycommons.plan.routes import Network, Reason, StepRoutes, route_step
from tests.support.networks import above, lasers_up, scenario_of, site_table, some_satellites

A = ("a", SiteKind.TERMINAL, 2.0, -1.0)
A_TOO = ("a-too", SiteKind.TERMINAL, 2.0, -1.5)
B = ("b", SiteKind.TERMINAL, 2.0, 41.0)
NEAR = ("near", SiteKind.GATEWAY, 2.0, 1.0)
POP = ("pop", SiteKind.POP, 2.0, 2.0)
FAR_TERMINAL = ("far", SiteKind.TERMINAL, 2.0, 170.0)
SKY = np.array([above(2.0, longitude) for longitude in (0.0, 14.0, 28.0, 42.0)])
CHAIN = lasers_up([(0, 1), (1, 2), (2, 3)], SKY)
VALID = np.ones(len(SKY), dtype=np.bool_)
CLEAR = RadioRules()


def scenario(*places: Any, radio: RadioRules = CLEAR, laser_bps: float = 100e9, **payload: Any) -> Scenario:
    """Terminals and a gateway under a chain of satellites that carry the first payload with these changes."""
    found = scenario_of(
        site_table(places),
        some_satellites(len(SKY)),
        radio=radio,
        lasers=LaserRules(topology=NoLasers(), rate_bps=laser_bps),
    )
    equipment = found.world.equipment
    changed: Payload = replace(equipment.payloads[0], **payload)
    return replace(found, world=replace(found.world, equipment=replace(equipment, payloads=(changed,))))


def rated(found: Scenario, *, lasers: Lasers = CHAIN) -> tuple[PathRates, StepRoutes, Radio]:
    """Rates of all flows at one step in the scenario's weather."""
    network, radio = Network.of(found), Radio.of(found)
    skies = radio.skies(found.start_ns)
    routes = route_step(network, SKY, VALID, lasers, closing=lambda seen: radio.closing(seen, skies, SKY))
    return PathRater.of(found, network.flows, radio).rates(routes, skies, SKY), routes, radio


def test_a_bent_pipe_carries_what_the_dish_can() -> None:
    """The gateway's feeder carries far more; the columns are those of the dish's own link."""
    rates, routes, radio = rated(scenario(A, NEAR, POP))
    own = radio.links(radio.clear_skies(), np.array([0]), np.array([0]), SKY)
    assert routes.laser_hops[0, 0] == 0
    assert rates.down_bps[0] == own.down_bps[0] > 1e8
    assert rates.up_bps[0] == own.up_bps[0] > 1e6
    assert rates.limit.tolist() == [Limit.OWN_LINK]
    assert rates.cn_db[0] == own.down_cn_db[0]
    assert rates.fade_db[0] == pytest.approx(0.0, abs=1e-9)


def test_between_two_dishes_the_sender_is_the_bottleneck() -> None:
    """What comes down to one went up from the other."""
    rates, routes, radio = rated(scenario(A, B, NEAR, POP).replace(pairs=((0, 1),)))
    clear = radio.clear_skies()
    ends = radio.links(clear, np.array([0, 1]), np.array([0, 3]), SKY)
    assert routes.laser_hops[2, 0] == 3
    assert rates.down_bps[2] == ends.up_bps[1]
    assert rates.up_bps[2] == ends.up_bps[0]
    assert rates.limit[2] == Limit.FAR_LINK


def test_a_slow_laser_is_the_bottleneck() -> None:
    """Only on paths that cross one."""
    rates, _, _ = rated(scenario(A, B, NEAR, POP, laser_bps=1e6))
    assert rates.limit.tolist() == [Limit.OWN_LINK, Limit.LASER]
    assert rates.down_bps[1] == rates.up_bps[1] == 1e6


def test_flows_that_enter_by_one_satellite_keep_its_limit_together() -> None:
    """Both are turned down; the limit is met."""
    alone, _, _ = rated(scenario(A, A_TOO, NEAR, POP))
    both, _, _ = rated(scenario(A, A_TOO, NEAR, POP, down_limit_bps=900e6, up_limit_bps=10e6))
    assert alone.down_bps.sum() > 900e6
    assert both.down_bps.sum() == pytest.approx(900e6)
    assert both.up_bps.sum() == pytest.approx(10e6)
    assert both.limit.tolist() == [Limit.SATELLITE] * 2


def test_a_satellite_that_only_amplifies_adds_the_noise_of_both_halves() -> None:
    """With a feeder as weak as the user's link; paths over lasers, which decode, do not change."""
    plain = scenario(A, B, NEAR, POP)
    feeders = tuple(
        replace(feeder, g_over_t_db_k=feeder.g_over_t_db_k - 25.0)
        for feeder in plain.world.equipment.payloads[0].feeders
    )
    decoding, _, _ = rated(scenario(A, B, NEAR, POP, feeders=feeders))
    bent, _, _ = rated(scenario(A, B, NEAR, POP, feeders=feeders, processing=Processing.BENT_PIPE))
    assert 0.0 < bent.down_bps[0] < decoding.down_bps[0]
    assert bent.down_bps[1] == decoding.down_bps[1]


def test_a_flow_without_a_path_gets_nothing() -> None:
    """And says so."""
    rates, routes, _ = rated(scenario(FAR_TERMINAL, NEAR, POP))
    assert routes.reason.tolist() == [Reason.NO_SATELLITE]
    assert (rates.down_bps.tolist(), rates.up_bps.tolist()) == ([0.0], [0.0])
    assert rates.limit.tolist() == [Limit.NO_PATH]
    assert np.isnan(rates.cn_db[0])
    assert np.isnan(rates.fade_db[0])


def test_rain_takes_rate_and_at_last_the_link() -> None:
    """Rare weather takes more; a link that does not close is no link, and the reason says so."""
    clear, _, _ = rated(scenario(A, NEAR, POP))
    rainy, _, _ = rated(scenario(A, NEAR, POP, radio=RadioRules(weather=FixedExceedance(exceedance=1e-2))))
    assert 0.0 < rainy.down_bps[0] < clear.down_bps[0]
    assert rainy.fade_db[0] > 0.5
    drowned, routes, _ = rated(
        scenario(A, NEAR, POP, radio=RadioRules(weather=FixedExceedance(exceedance=1e-5)), down_pfd_dbw_m2_4khz=-160.0)
    )
    assert routes.reason.tolist() == [Reason.NO_LINK]
    assert drowned.down_bps.tolist() == [0.0]


@pytest.mark.parametrize("mode", [LaserMode(), BentPipeMode()])
def test_a_gateway_that_weather_closed_is_not_said_to_be_out_of_reach(mode: LaserMode | BentPipeMode) -> None:
    """The terminal's own link closes; the feeder does not, in either mode."""
    found = scenario(A, NEAR, POP)
    feeders = tuple(replace(feeder, g_over_t_db_k=-60.0) for feeder in found.world.equipment.payloads[0].feeders)
    routing = replace(found.routing, mode=mode)
    _, routes, _ = rated(scenario(A, NEAR, POP, feeders=feeders).replace(routing=routing))
    assert routes.reason.tolist() == [Reason.NO_LINK]


def test_a_bent_pipe_is_told_of_its_own_gateway_though_another_one_works() -> None:
    """The one in sight is of a type that no link closes with."""
    far = ("other", SiteKind.GATEWAY, 2.0, 41.0)
    found = scenario(A, NEAR, far, POP)
    weak = found.world.equipment.gateways[0]
    weak = replace(weak, name="weak", feeders=tuple(replace(band, transmit_eirp_dbw=-60.0) for band in weak.feeders))
    equipment = replace(found.world.equipment, gateways=(*found.world.equipment.gateways, weak))
    kinds = np.where(np.arange(4) == 1, len(equipment.gateways) - 1, found.world.sites.equipment)
    sites = replace(found.world.sites, equipment=kinds)
    routing = replace(found.routing, mode=BentPipeMode())
    _, routes, _ = rated(replace(found, routing=routing, world=replace(found.world, sites=sites, equipment=equipment)))
    assert routes.reason.tolist() == [Reason.NO_LINK]
