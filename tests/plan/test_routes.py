"""Which way packets go, on networks small enough to work out with a pencil."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import EARTH_MEAN_RADIUS_M, FIBRE_GROUP_INDEX, LIGHT_SPEED_M_S
from skycommons.base.errors import InputError, PlanError, ShapeError
from skycommons.model.rules import (
    BentPipeMode,
    Grid,
    HighestElevation,
    LaserRules,
    NoLasers,
    Pairs,
    RoutingRules,
)
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.plan.attachment import Candidates
from skycommons.plan.routes import LONGEST_PATH, Network, Reason, Routes, changes, route, route_step
from tests.support.networks import above, fleet, lasers_up, moving, scenario_of, site_table, some_satellites, standing

# On the equator. From 1,200 km a satellite serves 15° around: each site sees those of its own neighbourhood only.
A = ("a", SiteKind.TERMINAL, 0.0, 0.0)
B = ("b", SiteKind.TERMINAL, 0.0, 60.0)
NEAR = ("near-gateway", SiteKind.GATEWAY, 0.0, 10.0)
FAR = ("far-gateway", SiteKind.GATEWAY, 0.0, 50.0)
POP = ("pop", SiteKind.POP, 0.0, 12.0)
FAR_POP = ("far-pop", SiteKind.POP, 0.0, 52.0)
HEIGHT_M = 1_200e3
SKY = [above(0.0, longitude, HEIGHT_M) for longitude in (0.0, 20.0, 40.0, 60.0)]
CHAIN = LaserRules(topology=Pairs.of([(0, 1), (1, 2), (2, 3)]))
FIBRE = RoutingRules().fibre_detour * FIBRE_GROUP_INDEX
PICOSECOND = 1e-12


def ground(place: tuple[str, SiteKind, float, float]) -> Floats:
    """Where a site stands."""
    return above(place[2], place[3], 0.0)


def apart(*points_m: Floats) -> float:
    """Length of a line through these points."""
    return float(sum(np.linalg.norm(b - a) for a, b in pairwise(points_m)))


def fibre_m(degrees: float) -> float:
    """Cost of fibre along the equator."""
    return FIBRE * EARTH_MEAN_RADIUS_M * float(np.radians(degrees))


def routed(*places: tuple[str, SiteKind, float, float], ephemeris: Ephemeris | None = None, **rules: Any) -> Routes:
    """Routes over four satellites that stand still, or over others."""
    sky = standing(*SKY) if ephemeris is None else ephemeris
    return route(scenario_of(site_table(places), some_satellites(sky.position_itrf_m.shape[1]), **rules), sky)


def test_a_bent_pipe_is_up_down_and_fibre() -> None:
    """The shorter of two satellites that both ends see."""
    middle = above(0.0, 5.0, HEIGHT_M)
    routes = routed(A, NEAR, POP, ephemeris=standing(above(0.0, 12.0, HEIGHT_M), middle))
    expected_m = apart(ground(A), middle, ground(NEAR)) + fibre_m(2.0)
    np.testing.assert_allclose(routes.delay_s, [[expected_m / LIGHT_SPEED_M_S]], rtol=0, atol=PICOSECOND)
    assert routes.laser_hops.tolist() == [[0]]
    assert routes.entry_satellite.tolist() == routes.exit_satellite.tolist() == [[1]]
    assert routes.exit_site.tolist() == [[1]]
    assert routes.path[0, 0, :2].tolist() == [1, -1]
    assert routes.reason.tolist() == [[Reason.REACHABLE]]
    assert repr(routes) == "<Routes: 1 steps, 1 flows, 100.0% reachable>"


def test_traffic_crosses_lasers_to_a_gateway_far_away() -> None:
    """Two lasers, down to the far gateway, and fibre."""
    routes = routed(A, FAR, FAR_POP, lasers=CHAIN)
    expected_m = apart(ground(A), *SKY[:3], ground(FAR)) + fibre_m(2.0)
    np.testing.assert_allclose(routes.delay_s, [[expected_m / LIGHT_SPEED_M_S]], rtol=0, atol=PICOSECOND)
    assert routes.laser_hops.tolist() == [[2]]
    assert routes.path[0, 0, :4].tolist() == [0, 1, 2, -1]
    assert routes.path.shape == (1, 1, LONGEST_PATH)
    assert (routes.entry_satellite[0, 0], routes.exit_satellite[0, 0], routes.exit_site[0, 0]) == (0, 2, 1)
    np.testing.assert_allclose(routes.entry_elevation_rad, np.pi / 2)


def test_fibre_and_lasers_compete() -> None:
    """Down at once and by slow fibre to the PoP by name, or over lasers and down late."""
    places = (A, NEAR, FAR, FAR_POP)
    slow = routed(*places, lasers=CHAIN)
    assert slow.exit_site.tolist() == [[2]]
    fast = routed(*places, lasers=CHAIN, routing=RoutingRules(fibre_detour=0.5))
    assert fast.exit_site.tolist() == [[1]]
    assert fast.laser_hops.tolist() == [[0]]


def test_two_terminals_meet_over_lasers_alone() -> None:
    """No gateway takes part: the path ends at the other terminal."""
    routes = routed(A, B, NEAR, POP, lasers=CHAIN, pairs=((0, 1),))
    expected_m = apart(ground(A), *SKY, ground(B))
    np.testing.assert_allclose(routes.delay_s[0, 2], expected_m / LIGHT_SPEED_M_S, rtol=0, atol=PICOSECOND)
    assert routes.laser_hops[0, 2] == 3
    assert routes.exit_site[0, 2] == 1
    assert routes.path[0, 2, :5].tolist() == [0, 1, 2, 3, -1]


@pytest.mark.parametrize("attachment", [RoutingRules().attachment, HighestElevation()])
def test_without_lasers_two_terminals_meet_over_two_gateways(attachment: Any) -> None:
    """Up, down, fibre from gateway to gateway, up, down."""
    rules = RoutingRules(mode=BentPipeMode(), attachment=attachment)
    routes = routed(A, B, NEAR, FAR, POP, lasers=CHAIN, routing=rules, pairs=((0, 1),))
    expected_m = apart(ground(A), SKY[0], ground(NEAR)) + fibre_m(40.0) + apart(ground(FAR), SKY[3], ground(B))
    np.testing.assert_allclose(routes.delay_s[0, 2], expected_m / LIGHT_SPEED_M_S, rtol=0, atol=PICOSECOND)
    assert routes.laser_hops[0, 2] == 0
    assert routes.exit_site[0, 2] == 2


def test_the_target_too_attaches_to_its_highest_satellite_if_so_ruled() -> None:
    """Though a lower one were nearer to the source, in either mode."""
    low, high = above(0.0, 52.0, HEIGHT_M), above(0.0, 59.0, HEIGHT_M)
    sky = standing(SKY[0], low, high)
    lasers = LaserRules(topology=Pairs.of([(0, 1), (0, 2)]), max_range_m=1e8, min_grazing_height_m=-1e8)
    highest, best = RoutingRules(attachment=HighestElevation()), RoutingRules()
    assert routed(A, B, ephemeris=sky, lasers=lasers, routing=highest, pairs=((0, 1),)).exit_satellite[0, 2] == 2
    assert routed(A, B, ephemeris=sky, lasers=lasers, routing=best, pairs=((0, 1),)).exit_satellite[0, 2] == 1
    delays_s = [
        routed(
            A, B, NEAR, FAR, ephemeris=sky, routing=RoutingRules(mode=BentPipeMode(), attachment=rule), pairs=((0, 1),)
        ).delay_s[0, 2]
        for rule in (best.attachment, highest.attachment)
    ]
    over_high_m = apart(ground(A), SKY[0], ground(NEAR)) + fibre_m(40.0) + apart(ground(FAR), high, ground(B))
    np.testing.assert_allclose(delays_s[1], over_high_m / LIGHT_SPEED_M_S, rtol=0, atol=PICOSECOND)
    assert delays_s[0] < delays_s[1]


def test_a_gateway_can_be_either_end() -> None:
    """From a gateway up; or down to that gateway and no other."""
    routes = routed(A, NEAR, FAR, POP, lasers=CHAIN, pairs=((0, 2), (2, 0)))
    expected_m = apart(ground(A), *SKY[:3], ground(FAR))
    np.testing.assert_allclose(routes.delay_s[0, 1:], expected_m / LIGHT_SPEED_M_S, rtol=0, atol=PICOSECOND)
    assert routes.exit_site[0, 1:].tolist() == [2, 0]


def test_a_flow_from_a_pop_is_the_way_back() -> None:
    """Same delay as towards it."""
    there = routed(A, NEAR, POP, lasers=CHAIN)
    back = routed(A, NEAR, POP, lasers=CHAIN, pairs=((2, 0),))
    assert back.delay_s[0].tolist() == [there.delay_s[0, 0]] * 2


def test_a_terminal_without_a_satellite_says_so() -> None:
    """Whatever else may lack."""
    routes = routed(A, ephemeris=standing(*SKY[2:]))
    assert routes.reason.tolist() == [[Reason.NO_SATELLITE]]
    assert np.isnan(routes.delay_s).all()
    assert np.isnan(routes.entry_elevation_rad).all()
    for column in (routes.entry_satellite, routes.exit_satellite, routes.exit_site, routes.laser_hops):
        assert column.tolist() == [[-1]]
    assert (routes.path == -1).all()
    assert repr(routes) == "<Routes: 1 steps, 1 flows, 0.0% reachable>"


@pytest.mark.parametrize(
    "places", [(A,), (A, POP), (A, NEAR), (A, ("blind", SiteKind.GATEWAY, 80.0, 0.0), POP)], ids=len
)
def test_no_gateway_in_reach_of_any_satellite(places: Any) -> None:
    """None at all, none that sees a satellite, or no PoP behind it."""
    assert routed(*places, lasers=CHAIN).reason.tolist() == [[Reason.NO_GATEWAY]]


def test_a_bent_pipe_needs_the_gateway_under_the_same_satellite() -> None:
    """Lasers could go there, but are not used."""
    rules = RoutingRules(mode=BentPipeMode())
    assert routed(A, FAR, FAR_POP, lasers=CHAIN, routing=rules).reason.tolist() == [[Reason.NO_GATEWAY]]
    pair = routed(A, B, NEAR, POP, lasers=CHAIN, routing=rules, pairs=((0, 1),))
    assert pair.reason.tolist() == [[Reason.REACHABLE, Reason.NO_GATEWAY, Reason.NO_GATEWAY]]


def test_two_terminals_without_any_gateway_have_no_bent_pipe() -> None:
    """Said, not stumbled over."""
    routes = routed(A, B, routing=RoutingRules(mode=BentPipeMode()), pairs=((0, 1),))
    assert (routes.reason == Reason.NO_GATEWAY).all()


@pytest.mark.parametrize("topology", [NoLasers(), Pairs.of([(0, 1), (2, 3)])])
def test_a_gap_between_lasers_is_no_path(topology: Any) -> None:
    """The gateway is in reach of some satellite, but not of ours."""
    routes = routed(A, FAR, FAR_POP, lasers=LaserRules(topology=topology))
    assert routes.reason.tolist() == [[Reason.NO_LASER_PATH]]
    assert routes.laser_hops.tolist() == [[-1]]


def test_a_target_without_a_satellite_says_so() -> None:
    """The source sees one; so does the gateway."""
    routes = routed(
        A, B, NEAR, POP, ephemeris=standing(*SKY[:2]), lasers=LaserRules(topology=NoLasers()), pairs=((0, 1),)
    )
    assert routes.reason[0].tolist() == [Reason.REACHABLE, Reason.NO_SATELLITE, Reason.NO_SATELLITE_AT_TARGET]


def test_alternatives_are_sorted_and_enter_by_different_satellites() -> None:
    """As many as there are; NaN behind them."""
    sky = standing(*(above(0.0, longitude, HEIGHT_M) for longitude in (-4.0, 8.0, 3.0)), SKY[3])
    network = Network.of(
        scenario_of(site_table([A, NEAR, POP]), some_satellites(4), routing=RoutingRules(alternatives=4))
    )
    step = route_step(network, sky.position_itrf_m[0], sky.valid[0], lasers_up([], sky.position_itrf_m[0]))
    expected_m = [
        apart(ground(A), sky.position_itrf_m[0, sat], ground(NEAR)) + fibre_m(2.0)
        for sat in step.entry_satellite[0, :3]
    ]
    np.testing.assert_allclose(step.delay_s[0, :3], np.array(expected_m) / LIGHT_SPEED_M_S, atol=PICOSECOND)
    assert expected_m == sorted(expected_m)
    assert sorted(step.entry_satellite[0].tolist()) == [-1, 0, 1, 2]
    assert np.isnan(step.delay_s[0, 3])
    assert step.laser_hops[0].tolist() == [0, 0, 0, -1]
    assert step.exit_site[0].tolist() == [1, 1, 1, -1]
    routes = route(network.scenario, sky)
    np.testing.assert_array_equal(routes.alternative_delay_s[0], step.delay_s)
    np.testing.assert_array_equal(routes.delay_s[0], step.delay_s[:, 0])


def test_changes_of_path_are_flagged() -> None:
    """Satellites that stand, then move on by one."""
    position_m = np.array([SKY, SKY, np.roll(SKY, 1, axis=0), np.roll(SKY, 1, axis=0)])
    routes = routed(A, NEAR, POP, ephemeris=moving(position_m))
    assert routes.changed[:, 0].tolist() == [False, False, True, False]
    assert routes.entry_satellite[:, 0].tolist() == [0, 0, 1, 1]
    assert len(routes.time_ns) == 4


def test_the_first_step_of_a_block_is_compared_with_the_last_of_the_one_before() -> None:
    """If there was one."""
    marks = np.array([[1, 2], [1, 3]])
    assert changes(marks).tolist() == [[False, False], [False, True]]
    assert changes(marks, np.array([1, 1])).tolist() == [[False, True], [False, True]]


def test_lasers_are_followed_from_step_to_step() -> None:
    """A laser that has just come into reach carries nothing for its first twelve seconds."""
    apart_m, together_m = [SKY[0], SKY[3]], [SKY[0], SKY[1]]
    sky = moving(np.array([apart_m, together_m, together_m, together_m]), step_s=5.0)
    place = ("beyond", SiteKind.GATEWAY, 0.0, 21.0)
    routes = routed(A, place, POP, ephemeris=sky, lasers=LaserRules(topology=Pairs.of([(0, 1)]), acquisition_s=7.0))
    assert routes.laser_hops[:, 0].tolist() == [-1, -1, -1, 1]


def test_a_policy_of_the_users_own_decides() -> None:
    """Here: the candidate that comes last in the table."""

    class Last:
        def choose(self, candidates: Candidates, count: int) -> Ints:
            return np.asarray(candidates.start[1:, None] - 1 - np.arange(count))

    sky = standing(*(above(0.0, longitude, HEIGHT_M) for longitude in (4.0, 5.0, 3.0)))
    scenario = scenario_of(site_table([A, NEAR, POP]), some_satellites(3))
    assert route(scenario, sky).entry_satellite.tolist() == [[1]]
    assert route(scenario, sky, attachment=Last()).entry_satellite.tolist() == [[2]]


def test_a_policy_that_answers_in_another_shape_is_refused() -> None:
    """One place per flow and alternative."""

    class Flat:
        def choose(self, candidates: Candidates, count: int) -> Ints:
            return np.zeros(len(candidates.start) - 1, dtype=np.int64)

    with pytest.raises(ShapeError, match="chosen"):
        route(scenario_of(site_table([A, NEAR, POP]), some_satellites(4)), standing(*SKY), attachment=Flat())


def test_a_higher_satellite_without_a_path_is_chosen_all_the_same_if_so_ruled() -> None:
    """The rule says: whatever follows."""
    rules = RoutingRules(attachment=HighestElevation(), alternatives=2)
    routes = routed(
        A,
        ("east", SiteKind.GATEWAY, 0.0, 20.0),
        POP,
        ephemeris=standing(SKY[0], above(0.0, 9.0, HEIGHT_M)),
        routing=rules,
    )
    assert routes.reason.tolist() == [[Reason.NO_LASER_PATH]]
    assert np.isnan(routes.alternative_delay_s[0, 0, 0])
    assert np.isfinite(routes.alternative_delay_s[0, 0, 1])


@pytest.mark.parametrize("mode", [RoutingRules().mode, BentPipeMode()])
def test_the_highest_satellite_is_never_faster_than_the_best(mode: Any) -> None:
    """On a whole shell, over lasers or not."""
    places = [A, B, ("zurich", SiteKind.TERMINAL, 47.4, 8.5), NEAR, FAR, POP, FAR_POP]
    scenario = scenario_of(
        site_table(places, min_elevation_deg=8.0),
        lasers=LaserRules(topology=Grid(), max_range_m=8_000e3),
        pairs=((0, 1), (2, 1)),
    )
    ephemeris = scenario.propagate(scenario.times(hours=2.0, every_s=100.0))
    best = route(scenario.replace(routing=RoutingRules(mode=mode)), ephemeris)
    high = route(scenario.replace(routing=RoutingRules(mode=mode, attachment=HighestElevation())), ephemeris)
    both = np.isfinite(high.delay_s)
    assert both.any()
    assert np.isfinite(best.delay_s[both]).all()
    assert (high.delay_s[both] >= best.delay_s[both] - PICOSECOND).all()


def nobody() -> Scenario:
    """Gateways and PoPs, but nobody who talks."""
    return scenario_of(site_table([NEAR, POP]), some_satellites(4))


def test_a_world_without_flows_has_routes_of_no_length() -> None:
    """All columns are there."""
    routes = route(nobody(), standing(*SKY, steps=2))
    assert routes.delay_s.shape == routes.changed.shape == (2, 0)
    assert routes.path.shape == (2, 0, LONGEST_PATH)
    assert repr(routes) == "<Routes: 2 steps, 0 flows, 0.0% reachable>"
    step = route_step(Network.of(nobody()), np.array(SKY), np.ones(4, dtype=np.bool_), lasers_up([], np.array(SKY)))
    assert step.served.tolist() == [True, True, False, False]


def test_only_tracked_flows_keep_their_path() -> None:
    """In the order that is asked for; none, if none is."""
    scenario = scenario_of(site_table([A, B, NEAR, FAR, POP]), some_satellites(4))
    valid, lasers = np.ones(4, dtype=np.bool_), lasers_up([], np.array(SKY))
    chosen = Network.of(scenario, tracked=np.array([1, 0]))
    assert route_step(chosen, np.array(SKY), valid, lasers).path[:, 0].tolist() == [3, 0]
    untracked = Network.of(scenario, tracked=np.zeros(0, dtype=np.int64))
    assert route_step(untracked, np.array(SKY), valid, lasers).path.shape == (0, LONGEST_PATH)


def test_a_sky_without_satellites_reaches_nobody() -> None:
    """All of them decayed."""
    sky = standing(*SKY, valid=np.zeros((1, 4), dtype=np.bool_))
    assert routed(A, NEAR, POP, ephemeris=sky, lasers=CHAIN).reason.tolist() == [[Reason.NO_SATELLITE]]


def test_impossible_questions_are_refused_clearly() -> None:
    """No steps; flows between PoPs; lasers to satellites that are not there."""
    with pytest.raises(InputError, match="no steps"):
        route(nobody(), moving(np.zeros((0, 4, 3))))
    with pytest.raises(PlanError, match="both ends are PoPs"):
        routed(POP, FAR_POP, pairs=((0, 1),))
    with pytest.raises(PlanError, match="row 9 of 4"):
        routed(A, NEAR, POP, lasers=LaserRules(topology=Pairs.of([(0, 9)])))


def test_a_network_is_prepared_once() -> None:
    """All flows are tracked unless told otherwise."""
    scenario = scenario_of(site_table([A, B, NEAR, POP]), fleet())
    assert Network.of(scenario).tracked.tolist() == [0, 1]
