"""What has happened so far makes the world that the next slot is planned for."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_model import DarkSpan
from skycommons.emulation.world_state import LiveEvent, MapApplies, WorldState, check_event, happened, shower_of
from skycommons.model.emulation_rules import (
    DishReboots,
    DishStows,
    DishUnstows,
    GatewayFails,
    GatewayReturns,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
)
from skycommons.model.rules import Showers
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState
from skycommons.model.service_timeline import ServiceLayer, ServiceTimeline
from skycommons.plan.lines import LinePlanner, SlotLines
from tests.support.live_sections import ALPS, TERMINALS
from tests.support.live_worlds import GRID, ON_TIME, SLOT_NS, TWO_GATEWAYS, slot_lines
from tests.support.service_world import HOME, disk, service_scenario, states
from tests.support.tiny_world import DENSE, tiny_scenario

NAMES = ("zurich", "geneva")
HARD_RAIN = RainFalls(
    at_s=20.0,
    duration_s=100.0,
    latitude_rad=0.827,
    longitude_rad=0.149,
    radius_m=20e3,
    rate_mm_h=60.0,
    terminal="zurich",
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Two terminals, two gateways, a schedule and a territory."""
    return service_scenario(time=ON_TIME, terminals=TERMINALS, gateways=TWO_GATEWAYS, territories=ALPS)


def lines_of(scenario: Scenario, **columns: object) -> SlotLines:
    """Two lines of the first slot: one over satellites 3 and 4, one over 5; both land at the first gateway."""
    usual: dict[str, Any] = {"satellite": [3, 5], "way": [[3, 4], [5, -1]], "gateway": scenario.site("basel")}
    return slot_lines(scenario.start_ns, terminals=2, **{**usual, **columns})


def after(
    scenario: Scenario, *events: LiveEvent, lines: SlotLines | None = None
) -> tuple[WorldState, tuple[DarkSpan, ...]]:
    """The state after some events of one slot, and all that they cut."""
    state, dark = WorldState(), tuple[DarkSpan, ...]()
    for event in events:
        state, cut = happened(
            *(state, event), scenario=scenario, lines=lines_of(scenario) if lines is None else lines, names=NAMES
        )
        dark += cut
    return state, dark


def test_nothing_has_happened_at_first(scenario: Scenario) -> None:
    """The world is as the scenario says."""
    state = WorldState()
    assert not state.failed(4).any()
    same = state.scenario(scenario)
    assert same.service is scenario.service
    assert same.radio is scenario.radio
    np.testing.assert_array_equal(same.world.sites.tilt_rad, scenario.world.sites.tilt_rad)


@pytest.mark.parametrize(
    ("event", "row", "hit"),
    [
        (SatelliteFails(at_s=5.0, serving="zurich"), 3, [0]),
        (SatelliteFails(at_s=5.0, serving="geneva"), 5, [1]),
    ],
)
def test_the_satellite_of_a_terminal_fails(scenario: Scenario, event: SatelliteFails, row: int, hit: list[int]) -> None:
    """Its lines are cut for the rest of the slot."""
    state, dark = after(scenario, event)
    assert state.satellites == {row}
    assert np.flatnonzero(state.failed(400)).tolist() == [row]
    begin_ns = scenario.start_ns + 5 * NS_PER_S
    assert [(span.terminal, span.begin_ns, span.end_ns) for span in dark] == [
        (terminal, begin_ns, scenario.start_ns + SLOT_NS) for terminal in hit
    ]
    assert {span.why for span in dark} == {"its satellite failed"}


def test_the_satellite_of_a_terminal_is_that_of_the_instant(scenario: Scenario) -> None:
    """Where nobody schedules, it may change within a slot."""
    way = np.array([[[3], [5]], [[3], [5]], [[8], [5]], [[8], [5]]])
    for at_s, row in ((9.0, 3), (10.0, 8)):
        state, _ = after(scenario, SatelliteFails(at_s=at_s, serving="zurich"), lines=lines_of(scenario, way=way))
        assert state.satellites == {row}


def test_a_satellite_further_along_the_way_cuts_it_too(scenario: Scenario) -> None:
    """Over lasers a line has more than one satellite; one that nobody uses cuts nothing."""
    fourth, ninth = (scenario.world.satellites.ids[row] for row in (4, 9))
    state, dark = after(scenario, SatelliteFails(satellite=fourth), SatelliteFails(satellite=ninth))
    assert state.satellites == {4, 9}
    assert [span.terminal for span in dark] == [0]


def test_a_way_is_cut_when_it_needs_the_satellite_that_failed(scenario: Scenario) -> None:
    """Ways over lasers change within a slot: what needs it later is cut later, what needed it before is not."""
    way = np.array([[[3, 4], [5, 6]], [[3, 4], [5, -1]], [[3, 7], [5, 4]], [[3, 4], [5, 4]]])
    (fourth,) = (scenario.world.satellites.ids[row] for row in (4,))
    found = []
    for at_s in (2.0, 9.0, 12.0):
        _, dark = after(scenario, SatelliteFails(at_s=at_s, satellite=fourth), lines=lines_of(scenario, way=way))
        found.append([(span.terminal, (span.begin_ns - scenario.start_ns) / NS_PER_S) for span in dark])
    assert found == [[(0, 2.0), (1, 10.0)], [(0, 9.0), (1, 10.0)], [(1, 12.0)]]


def test_a_satellite_returns_by_its_name_or_by_that_of_its_terminal(scenario: Scenario) -> None:
    """The one that failed, even if another serves the terminal by now."""
    failed, _ = after(scenario, SatelliteFails(serving="zurich"))
    later = lines_of(scenario, satellite=[7, 8], way=[[7], [8]])
    for event in (SatelliteReturns(serving="zurich"), SatelliteReturns(satellite=scenario.world.satellites.ids[3])):
        back, dark = happened(failed, event, scenario=scenario, lines=later, names=NAMES)
        assert back.satellites == frozenset()
        assert dark == ()
    never, _ = after(scenario, SatelliteReturns(serving="geneva"))
    assert never.satellites == frozenset()


def test_what_failed_last_returns_first(scenario: Scenario) -> None:
    """A terminal that lost two satellites and two gateways gets them back one by one."""
    state, dark = WorldState(), lines_of(scenario)
    other = lines_of(scenario, satellite=[7, 8], way=[[7], [8]], gateway=scenario.site("lyon"))
    for lines in (dark, other):
        for event in (SatelliteFails(serving="zurich"), GatewayFails(serving="zurich")):
            state, _ = happened(state, event, scenario=scenario, lines=lines, names=NAMES)
    found = []
    for _ in range(3):
        for again in (SatelliteReturns(serving="zurich"), GatewayReturns(serving="zurich")):
            state, _ = happened(state, again, scenario=scenario, lines=other, names=NAMES)
        found.append((set(state.satellites), set(state.gateways)))
    assert found == [({3}, {scenario.site("basel")}), (set(), set()), (set(), set())]


def test_a_terminal_without_a_satellite_names_none(scenario: Scenario) -> None:
    """Nothing fails, nothing is cut, and nothing returns."""
    dark = lines_of(scenario, satellite=-1, way=np.zeros((2, 0)), gateway=-1)
    for event in (SatelliteFails(serving="zurich"), GatewayFails(serving="zurich")):
        state, cut = after(scenario, event, lines=dark)
        assert state.satellites == state.gateways == frozenset()
        assert cut == ()
    state, _ = after(scenario, SatelliteFails(serving="zurich"), SatelliteReturns(serving="zurich"), lines=dark)
    assert state.satellites == frozenset()


def test_a_gateway_fails_and_returns(scenario: Scenario) -> None:
    """By name and by terminal; all lines that land there are cut."""
    basel = scenario.site("basel")
    for event in (GatewayFails(at_s=1.0, gateway="basel"), GatewayFails(at_s=1.0, serving="geneva")):
        state, dark = after(scenario, event)
        assert state.gateways == {basel}
        assert [span.terminal for span in dark] == [0, 1]
        assert {span.why for span in dark} == {"its gateway failed"}
    for again in (GatewayReturns(gateway="basel"), GatewayReturns(serving="geneva")):
        back, cut = happened(state, again, scenario=scenario, lines=lines_of(scenario, gateway=-1), names=NAMES)
        assert back.gateways == frozenset()
        assert cut == ()
    assert after(scenario, GatewayReturns(serving="zurich"))[0].gateways == frozenset()


@pytest.mark.parametrize("lasers", ["", GRID])
@pytest.mark.parametrize("is_scheduled", [True, False])
def test_a_gateway_that_failed_serves_nobody(*, is_scheduled: bool, lasers: str) -> None:
    """Whoever schedules, over lasers or not: traffic lands at the other one, or nowhere where there is no other."""
    made = service_scenario if is_scheduled else lambda **parts: tiny_scenario(constellation=DENSE, **parts)
    both = made(time=ON_TIME, gateways=TWO_GATEWAYS, lasers=lasers)
    first = LinePlanner.of(both).slot(both.start_ns)
    used = int(first.lines.gateway[0])
    other = ({both.site("basel"), both.site("lyon")} - {used}).pop()
    planner = LinePlanner.of(WorldState(gateways=frozenset({used})).scenario(both))
    for before in (first, None):
        after = planner.slot(both.start_ns + SLOT_NS, before=before)
        assert after.lines.gateway.tolist() == [other]
        assert after.plan is None or not (after.plan.gateway == used).any()
    none = LinePlanner.of(WorldState(gateways=frozenset({used, other})).scenario(both))
    dark = none.slot(both.start_ns + SLOT_NS, before=first)
    assert np.isnan(dark.lines.delay_s).all()
    assert dark.plan is None or (dark.plan.gateway == -1).all()


def test_rain_falls_from_its_instant_on(scenario: Scenario) -> None:
    """On top of the scenario's own weather, and of other showers."""
    shower = shower_of(HARD_RAIN, scenario.start_ns)
    assert shower.begin_ns == scenario.start_ns + 20 * NS_PER_S
    assert shower.end_ns - shower.begin_ns == 100 * NS_PER_S
    assert (shower.rain_rate_mm_h, shower.radius_m) == (60.0, 20e3)
    state, dark = after(scenario, HARD_RAIN, replace(HARD_RAIN, at_s=25.0))
    assert dark == ()
    assert [one.begin_ns for one in state.showers] == [shower.begin_ns, shower.begin_ns + 5 * NS_PER_S]
    weather = state.scenario(scenario).radio.weather
    assert isinstance(weather, Showers)
    assert weather.base is scenario.radio.weather
    assert weather.showers == state.showers


def test_a_territory_gets_another_state_and_another(scenario: Scenario) -> None:
    """The last one counts; what it overrules is not kept, what it does not concern is."""
    alps = scenario.territory("Alps").cells
    home = HOME if HOME in alps else int(alps[0])
    state, dark = after(
        scenario,
        ServiceChanges(territory="Alps", state=CellState.SUSPENDED),
        ServiceChanges(at_s=1.0, territory="Alps", state=CellState.UNLICENSED),
    )
    assert dark == ()
    assert len(state.decided) == 1
    service = state.scenario(scenario).service
    assert service is not None
    here = service.timeline.at(scenario.start_ns)
    assert here.states_of(np.array([home]))[0] == CellState.UNLICENSED
    assert "tried out at 1 s" in service.timeline.decision_of(np.array([home]), scenario.start_ns)


def test_a_map_that_applies_overrules_what_was_tried_out(scenario: Scenario) -> None:
    """And what is tried out after it lies on top of it."""
    timeline = ServiceTimeline(
        base=states(disk(), CellState.PROTECTED_ONLY),
        layers=(ServiceLayer(decision="d", cells=np.array([HOME]), state=CellState.SUSPENDED),),
    )
    tried = ServiceChanges(territory="Alps", state=CellState.UNLICENSED)
    state, _ = after(scenario, tried, MapApplies(timeline=timeline))
    service = state.scenario(scenario).service
    assert service is not None
    assert service.service_map is timeline.base
    assert service.layers == timeline.layers
    state, _ = after(scenario, MapApplies(timeline=timeline), tried)
    service = state.scenario(scenario).service
    assert service is not None
    assert len(service.layers) == 2
    assert len(state.decided) == 2


def test_dishes_are_the_dishes_own_matter(scenario: Scenario) -> None:
    """The plan does not change."""
    for event in (DishStows(terminal="zurich"), DishUnstows(terminal="zurich"), DishReboots(terminal="zurich")):
        state, dark = after(scenario, event)
        assert state == WorldState()
        assert dark == ()


@pytest.mark.parametrize(
    "event",
    [
        SatelliteFails(serving="zurich"),
        SatelliteReturns(satellite="s53-p01-01"),
        GatewayFails(gateway="lyon"),
        GatewayReturns(serving="geneva"),
        HARD_RAIN,
        DishStows(terminal="geneva"),
        ServiceChanges(territory="Alps", state=CellState.SUSPENDED),
        MapApplies(timeline=ServiceTimeline()),
    ],
)
def test_events_that_make_sense_are_taken(scenario: Scenario, event: LiveEvent) -> None:
    """Each kind of them."""
    if isinstance(event, SatelliteReturns):
        event = replace(event, satellite=scenario.world.satellites.ids[0])
    check_event(event, scenario=scenario, names=NAMES)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (SatelliteFails(), "one of the two"),
        (SatelliteFails(satellite="a", serving="zurich"), "one of the two"),
        (SatelliteFails(satellite="no-such"), "no-such"),
        (SatelliteReturns(serving="basel"), "no terminal of this run; there are zurich, geneva"),
        (GatewayFails(), "one of the two"),
        (GatewayFails(gateway="zurich"), "no gateway"),
        (GatewayReturns(gateway="nowhere"), "nowhere"),
        (DishReboots(terminal="paris"), "no terminal"),
        (ServiceChanges(territory="Andes", state=CellState.ACTIVE), "Andes"),
    ],
)
def test_events_that_name_what_is_not_there_are_refused(scenario: Scenario, event: LiveEvent, why: str) -> None:
    """Before anything happens."""
    with pytest.raises(InputError, match=why):
        check_event(event, scenario=scenario, names=NAMES)


@pytest.mark.parametrize(
    "event", [ServiceChanges(territory="Alps", state=CellState.SUSPENDED), MapApplies(timeline=ServiceTimeline())]
)
def test_a_service_map_needs_somebody_who_obeys_it(event: ServiceChanges | MapApplies) -> None:
    """A scenario without a schedule is told how to get one."""
    plain = tiny_scenario(constellation=DENSE, territories=ALPS)
    with pytest.raises(InputError, match=r"add \[schedule\]"):
        check_event(event, scenario=plain, names=("zurich",))
    with pytest.raises(InputError, match=r"add \[schedule\]"):
        happened(WorldState(), event, scenario=plain, lines=slot_lines(), names=("zurich",))
    assert WorldState(decided=(event,)).scenario(plain).service is None
