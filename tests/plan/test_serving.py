"""Terminals fly by what their cell is given, and gateways by what their antennas follow."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.world import SiteKind
from skycommons.plan.lasers import Lasers
from skycommons.plan.path_rates import Limit, PathRates
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Network, Reason, route_step
from skycommons.plan.schedule import Scheduler, StepPlan
from skycommons.plan.serving import Serving, TerminalShares
from tests.support.service_world import accounts, demand, disk, rules, service_scenario, states
from tests.support.tiny_world import PARTS

TWO = (
    '[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'
    '[[terminals]]\nname = "near"\nlatitude_deg = 47.38\nlongitude_deg = 8.55\n'
    '[[terminals]]\nname = "far"\nlatitude_deg = -33.0\nlongitude_deg = 151.0'
)
pytestmark = pytest.mark.kernel


def at_start(scenario: Scenario) -> tuple[Scheduler, Network, StepPlan, Lasers]:
    """The plan of a scenario's first slot, and what it was made from."""
    scheduler, network = Scheduler.of(scenario), Network.of(scenario)
    ephemeris = scenario.propagate(scenario.times()[:1])
    position_m, valid, time_ns = ephemeris.position_itrf_m[0], ephemeris.valid[0], int(ephemeris.time_ns[0])
    lasers = network.lasers(time_ns, position_m, valid, before=None)
    plan = scheduler.step(time_ns, position_m, valid, lasers, before=None)
    return scheduler, network, plan, lasers


def serving_of(scenario: Scenario) -> tuple[Serving, Scheduler, StepPlan]:
    """What the sites have in the first slot."""
    scheduler, _, plan, _ = at_start(scenario)
    return TerminalShares.of(scheduler).serving(plan), scheduler, plan


def test_terminals_share_what_their_cell_is_given_by_what_they_ask() -> None:
    """Two in a cell that asks for 4 Mbit/s, one of which asks for three times as much; a third that nobody counts."""
    table = demand(down_bps=4e6)
    asked = replace(accounts(3), down_bps=np.array([3e6, 1e6, 1e6]))
    service = replace(rules(table, terminals=3), accounts=asked)
    serving, scheduler, plan = serving_of(service_scenario(service, terminals=TWO))
    zurich, near, far = serving_rows(scheduler)
    assert serving.reason[[zurich, near]].tolist() == [Unserved.SERVED, Unserved.SERVED]
    assert serving.request[[zurich, near]].tolist() == scheduler.terminal_request(plan)[:2].tolist()
    assert (serving.request >= 0).sum() == 2
    assert serving.satellite[zurich] == plan.satellite[scheduler.terminal_request(plan)[0]] >= 0
    np.testing.assert_allclose(serving.down_bps[[zurich, near]], [3e6, 1e6], rtol=1e-6)
    assert serving.reason[far] == Unserved.NO_CHANNEL
    assert serving.satellite[far] == -1
    assert serving.down_bps[far] == 0.0
    others = np.flatnonzero(scheduler.scenario.world.sites.kind != SiteKind.TERMINAL)
    assert np.isinf(serving.down_bps[others]).all()


def serving_rows(scheduler: Scheduler) -> list[int]:
    """Rows of the terminals."""
    return [int(row) for row in scheduler.scenario.world.sites.rows(SiteKind.TERMINAL)]


def test_where_nobody_asks_a_terminal_is_given_nothing() -> None:
    """Nothing of nothing, and no number is undefined."""
    scheduler = Scheduler.of(service_scenario(rules(demand(down_bps=0.0))))
    assert TerminalShares.of(scheduler).parts[0].down_share.tolist() == [0.0]


def test_protected_users_have_what_they_ask_for_before_their_neighbours_have_anything() -> None:
    """A hospital and a house in one cell that is given less than they ask for together; the map caps the class of a third."""
    table = demand(down_bps=1e9)
    table = replace(table, down_bps=table.down_bps + np.array([20e6, 1e9, 0.0, 0.0]))
    asked = replace(accounts(3), down_bps=np.array([20e6, 500e6, 1e6]), rank=np.array([0, 1, 2], dtype=np.uint8))
    capped = states(disk(), CellState.ACTIVE, service_class=ServiceClass.STANDARD)
    service = replace(rules(table, terminals=3, service_map=capped), accounts=asked)
    serving, scheduler, plan = serving_of(service_scenario(service, terminals=TWO))
    hospital, house, _ = serving_rows(scheduler)
    given_bps = plan.down_bps[scheduler.requests.cell == scheduler.terminal_cell[0]].sum()
    assert 20e6 < given_bps < 2.02e9
    assert serving.down_bps[hospital] == 20e6
    np.testing.assert_allclose(serving.down_bps[house], 0.25 * (given_bps - 20e6), rtol=1e-6)


def test_a_terminal_has_one_link_and_a_gateway_those_that_it_feeds() -> None:
    """The view is the plan's; where a satellite has no position, there is no link."""
    serving, scheduler, plan = serving_of(service_scenario())
    ephemeris = scheduler.scenario.propagate(scheduler.scenario.times()[:1])
    network = Network.of(scheduler.scenario)
    view = serving.view(network.horizon, ephemeris.position_itrf_m[0])
    counts = view.counts()
    zurich = serving_rows(scheduler)[0]
    gateway = int(scheduler.scenario.world.sites.rows(SiteKind.GATEWAY)[0])
    assert counts[zurich] == 1
    assert view.sat[view.start[zurich]] == serving.satellite[zurich]
    assert counts[gateway] == np.count_nonzero(plan.gateway == gateway) > 0
    assert (
        view.sat[view.start[gateway] : view.start[gateway + 1]].tolist()
        == np.flatnonzero(plan.gateway == gateway).tolist()
    )
    assert (view.sine_elevation > 0.0).all()
    lost = np.where(
        (np.arange(len(plan.gateway)) == serving.satellite[zurich])[:, None], np.nan, ephemeris.position_itrf_m[0]
    )
    assert serving.view(network.horizon, lost).counts()[zurich] == 0


def test_a_flow_of_a_closed_cell_says_that_its_cell_is_not_served() -> None:
    """Whatever flies above it."""
    closed = states(disk(), CellState.INACTIVE)
    scenario = service_scenario(rules(service_map=closed))
    scheduler, network, plan, lasers = at_start(scenario)
    serving = TerminalShares.of(scheduler).serving(plan)
    ephemeris = scenario.propagate(scenario.times()[:1])
    position_m = ephemeris.position_itrf_m[0]
    routes = route_step(
        *(network, position_m, ephemeris.valid[0], lasers), closing=lambda _: serving.view(network.horizon, position_m)
    )
    told = serving.explained(routes, network.flows)
    assert told.reason.tolist() == [Reason.NOT_SERVED, Reason.NOT_SERVED]
    assert serving.reason[serving_rows(scheduler)[0]] == Unserved.TERRITORY_INACTIVE


def test_rates_stay_within_what_a_terminal_is_given() -> None:
    """And say so."""
    serving, scheduler, _ = serving_of(service_scenario(rules(demand(down_bps=5e6))))
    flows = Network.of(scheduler.scenario).flows
    given_bps = serving.down_bps[serving_rows(scheduler)[0]]
    rates = PathRates(
        down_bps=np.array([1e9, 0.5 * given_bps]),
        up_bps=np.array([1e9, 1.0]),
        limit=np.full(2, Limit.OWN_LINK, dtype=np.uint8),
        cn_db=np.zeros(2),
        fade_db=np.zeros(2),
    )
    kept = serving.within(rates, flows)
    np.testing.assert_allclose(kept.down_bps, [given_bps, 0.5 * given_bps])
    assert kept.limit.tolist() == [Limit.CELL, Limit.OWN_LINK]
    assert kept.up_bps[1] == 1.0


def test_a_terminal_without_a_pop_of_its_own_takes_that_of_its_cell() -> None:
    """By country; without a rule the one that lies nearest."""
    two = f"{PARTS['pops']}\n[[pops.site]]\nname = 'oslo'\nlatitude_deg = 59.9\nlongitude_deg = 10.7"
    ruled = replace(rules(), pop_of_country=(("CH", "oslo"),))
    plain, turned = (
        TerminalShares.of(Scheduler.of(service_scenario(one, pops=two))).with_home_pops() for one in (rules(), ruled)
    )
    zurich = 0
    homes = [world.world.sites.ids[world.world.sites.home_pop[zurich]] for world in (plain, turned)]
    assert homes == ["frankfurt", "oslo"]
