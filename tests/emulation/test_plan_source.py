"""Slot after slot, with what happens on the way: known before, or told while the run goes on."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation import plan_source
from skycommons.emulation.line_rows import COLUMNS, LineState
from skycommons.emulation.live_state import row_now
from skycommons.emulation.plan_source import LiveSlot, PlanSource
from skycommons.emulation.world_state import LiveEvent, MapApplies
from skycommons.model.emulation_rules import (
    DishStows,
    GatewayFails,
    GatewayReturns,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
)
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState
from skycommons.model.service_timeline import ServiceTimeline
from skycommons.plan.lines import LinePlanner
from skycommons.plan.requests import Unserved
from tests.support.live_sections import ALPS, TERMINALS
from tests.support.live_worlds import ON_TIME, SLOT_NS, TWO_GATEWAYS, plain_model
from tests.support.service_world import disk, service_scenario, states
from tests.support.tiny_world import DENSE, tiny_scenario

RAIN = RainFalls(
    at_s=18.0,
    duration_s=60.0,
    latitude_rad=0.8268,
    longitude_rad=0.1491,
    radius_m=20e3,
    rate_mm_h=60.0,
    terminal="zurich",
)
SUSPENDED = ServiceChanges(at_s=5.0, territory="Alps", state=CellState.SUSPENDED)
AGAIN = ServiceChanges(at_s=20.0, territory="Alps", state=CellState.ACTIVE)

Planned = Callable[..., PlanSource]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """One terminal, two gateways, a schedule."""
    return service_scenario(time=ON_TIME, gateways=TWO_GATEWAYS, territories=ALPS)


@pytest.fixture
def planned(scenario: Scenario, prepared: dict[object, LinePlanner], monkeypatch: pytest.MonkeyPatch) -> Planned:
    """Makes a source and lets it plan some slots; nothing is prepared twice in all these tests."""

    def of(here: Scenario, *, names: tuple[str, ...] = ()) -> LinePlanner:
        key = _told_apart(here, names)
        if key not in prepared:
            prepared[key] = _PREPARE(here, names=names)
        return prepared[key]

    monkeypatch.setattr(LinePlanner, "of", staticmethod(of))

    def plan(*events: LiveEvent, slots: int = 3) -> PlanSource:
        source = PlanSource(scenario, plain_model(), events=events)
        for _ in range(slots):
            source.plan_next()
        return source

    return plan


_PREPARE = LinePlanner.of


@pytest.fixture(scope="module")
def prepared() -> dict[object, LinePlanner]:
    """What was prepared already."""
    return {}


def _told_apart(scenario: Scenario, names: tuple[str, ...]) -> object:
    """What makes two scenarios of these tests different."""
    service = scenario.service
    layers = () if service is None else tuple((layer.cells.tobytes(), layer.state) for layer in service.layers)
    base = None if service is None else id(service.service_map)
    sites = scenario.world.sites
    weather = repr(scenario.radio.weather)
    return sites.field_of_view_rad.tobytes(), weather, layers, base, len(sites), service is None, names


def state_at(slot: LiveSlot, seconds: float, *, line: int = 0) -> LineState:
    """What a line does so long after the slot's begin."""
    return row_now(slot.rows[line], slot.lines.begin_ns + round(seconds * NS_PER_S))[1].state


def served(source: PlanSource) -> list[int]:
    """Who serves the first terminal, slot by slot."""
    return [int(slot.lines.satellite[0]) for slot in source.slots]


def assert_alike(one: PlanSource, other: PlanSource) -> None:
    """The same slots, the same rows, to the last bit."""
    assert len(one.slots) == len(other.slots)
    for ours, theirs in zip(one.slots, other.slots, strict=True):
        assert ours.dark == theirs.dark
        for name in ("delay_s", "down_bps", "satellite", "gateway", "reason", "fade_db"):
            np.testing.assert_array_equal(getattr(ours.lines, name), getattr(theirs.lines, name), err_msg=name)
        for name in ("first", *COLUMNS):
            np.testing.assert_array_equal(getattr(ours.rows.columns, name), getattr(theirs.rows.columns, name))


def test_slots_follow_each_other_from_the_scenarios_begin_on(planned: Planned, scenario: Scenario) -> None:
    """Each with rows of both lines; nothing is planned before it is asked for."""
    source = planned(slots=0)
    assert source.slots == ()
    assert source.planned_until_ns == scenario.start_ns
    assert source.names == ("zurich",)
    assert source.planner.names == ("zurich",)
    slots = [source.plan_next() for _ in range(3)]
    assert source.slots == tuple(slots)
    assert [slot.lines.begin_ns - scenario.start_ns for slot in slots] == [0, SLOT_NS, 2 * SLOT_NS]
    assert source.planned_until_ns == scenario.start_ns + 3 * SLOT_NS
    assert all(len(slot.rows) == 2 for slot in slots)
    assert all(slot.dark == () for slot in slots)


def test_a_scenario_may_begin_within_a_slot() -> None:
    """Its first slot is the one that contains its begin."""
    scenario = tiny_scenario(terminals=TERMINALS)
    source = PlanSource(scenario, plain_model(), names=("geneva",))
    assert source.names == ("geneva",)
    slot = source.plan_next()
    assert slot.lines.begin_ns == scenario.start_ns - 3 * NS_PER_S
    assert len(slot.rows) == 2


def test_what_makes_no_sense_is_refused_before_anything_is_planned(planned: Planned, scenario: Scenario) -> None:
    """As a known event, as one that is told, and as a name."""
    wrong = SatelliteFails(serving="paris")
    with pytest.raises(InputError, match="paris"):
        planned(wrong)
    source = planned(slots=1)
    with pytest.raises(InputError, match="paris"):
        source.insert(wrong)
    assert len(source.slots) == 1
    with pytest.raises(InputError, match="nobody"):
        PlanSource(scenario, plain_model(), names=("nobody",))


def test_a_satellite_fails_and_the_next_slot_has_another(planned: Planned) -> None:
    """Dark for the rest of the slot; nothing else is different before. When it works again, it may serve again."""
    usual = served(planned())
    source = planned(SatelliteFails(at_s=5.0, serving="zurich"), SatelliteReturns(at_s=16.0, serving="zurich"))
    assert served(source)[0] == usual[0]
    assert served(source)[1] not in (usual[0], -1)
    first, second = source.slots[:2]
    assert [state_at(first, seconds) for seconds in (0.0, 4.9, 5.0, 14.9)] == [
        LineState.UP,
        LineState.UP,
        LineState.DROP,
        LineState.DROP,
    ]
    assert state_at(first, 6.0, line=1) is LineState.DROP
    assert second.dark == ()
    assert state_at(second, 0.0) is LineState.UP
    without = planned(SatelliteFails(at_s=5.0, satellite=source.scenario.world.satellites.ids[usual[1]]))
    assert without.slots[0].dark == ()
    assert usual[1] not in served(without)


def test_a_gateway_fails_and_the_next_slot_lands_at_another(planned: Planned) -> None:
    """And comes back: the scenario of the begin is not prepared again."""
    source = planned(GatewayFails(at_s=1.0, serving="zurich"), GatewayReturns(at_s=20.0, serving="zurich"), slots=3)
    gateways = [int(slot.lines.gateway[0]) for slot in source.slots]
    assert gateways[1] not in (gateways[0], -1)
    assert state_at(source.slots[0], 2.0) is LineState.DROP
    assert state_at(source.slots[1], 0.0) is LineState.UP
    assert len(source._planners) == 2


def test_two_events_of_one_slot_both_count(planned: Planned) -> None:
    """In the order of time, however they are listed; the later ends where the slot does."""
    source = planned(GatewayFails(at_s=9.0, serving="zurich"), SatelliteFails(at_s=5.0, serving="zurich"))
    assert [span.why for span in source.slots[0].dark] == ["its satellite failed", "its gateway failed"]
    assert source.slots[1].lines.satellite[0] != source.slots[0].lines.satellite[0]
    assert source.slots[1].lines.gateway[0] != source.slots[0].lines.gateway[0]


def test_an_event_at_a_boundary_belongs_to_the_slot_that_begins(planned: Planned) -> None:
    """Which was planned without it: it is dark from its begin to its end."""
    source = planned(SatelliteFails(at_s=15.0, serving="zurich"))
    assert source.slots[0].dark == ()
    assert [state_at(source.slots[1], seconds) for seconds in (0.0, 14.9)] == [LineState.DROP, LineState.DROP]
    assert state_at(source.slots[2], 0.0) is LineState.UP
    told = planned(slots=3)
    told.insert(SatelliteFails(at_s=15.0, serving="zurich"))
    assert len(told.slots) == 2
    told.plan_next()
    assert_alike(told, source)


def test_service_is_suspended_from_the_next_slot_on_and_given_back(planned: Planned) -> None:
    """The lines drop, and it is said why; what is known already is not prepared again."""
    later = replace(SUSPENDED, at_s=35.0), replace(AGAIN, at_s=50.0)
    source = planned(SUSPENDED, AGAIN, *later, slots=5)
    reasons = [Unserved(int(slot.lines.reason[0])) for slot in source.slots]
    assert reasons == [
        Unserved.SERVED,
        Unserved.SUSPENDED,
        Unserved.SERVED,
        Unserved.SUSPENDED,
        Unserved.SERVED,
    ]
    for slot, reason in zip(source.slots, reasons, strict=True):
        expected = LineState.UP if reason is Unserved.SERVED else LineState.DROP
        assert {state_at(slot, seconds, line=line) for seconds in (0.0, 14.0) for line in (0, 1)} == {expected}
    assert len(source._planners) == 3


def test_a_service_map_applies_from_the_next_slot_on(planned: Planned) -> None:
    """It replaces the scenario's, and what was tried out before."""
    timeline = ServiceTimeline(base=states(disk(), CellState.UNLICENSED))
    source = planned(SUSPENDED, MapApplies(at_s=20.0, timeline=timeline))
    assert [int(slot.lines.reason[0]) for slot in source.slots] == [
        Unserved.SERVED,
        Unserved.SUSPENDED,
        Unserved.UNLICENSED,
    ]


def test_rain_takes_from_the_lines_of_the_slot_in_which_it_begins(planned: Planned) -> None:
    """Known or told, and again where more rain is told for the same slot; the plan of the slot stays."""
    dry, known = planned(), planned(RAIN)
    fades = [slot.lines.fade_db[:, 0] for slot in known.slots]
    np.testing.assert_array_equal(fades[0][:2], dry.slots[0].lines.fade_db[:2, 0])
    assert fades[1][-1] > dry.slots[1].lines.fade_db[-1, 0] + 1.0
    told = planned()
    told.insert(replace(RAIN, rate_mm_h=1.0))
    light_db = told.slots[1].lines.fade_db[-1, 0]
    told.insert(RAIN)
    assert told.planned_until_ns == told.scenario.start_ns + 2 * SLOT_NS
    assert dry.slots[1].lines.fade_db[-1, 0] < light_db < told.slots[1].lines.fade_db[-1, 0]
    np.testing.assert_array_equal(told.slots[1].lines.fade_db[:, 0], fades[1])
    np.testing.assert_array_equal(told.slots[1].lines.satellite, dry.slots[1].lines.satellite)
    np.testing.assert_array_equal(told.plan_next().lines.fade_db[:, 0], fades[2])


def test_rain_reaches_no_slot_whose_plan_is_forgotten(planned: Planned) -> None:
    """That is over; what comes after is planned in the rain."""
    told = planned()
    begin = told.slots[0].lines
    told.forget_before(begin.end_ns + 1)
    told.insert(replace(RAIN, at_s=2.0))
    assert told.slots[0].lines is begin
    np.testing.assert_array_equal(
        told.plan_next().lines.fade_db, planned(replace(RAIN, at_s=2.0)).slots[1].lines.fade_db
    )


@pytest.mark.parametrize(
    "events",
    [
        (SatelliteFails(at_s=20.0, serving="zurich"),),
        (GatewayFails(at_s=3.0, serving="zurich"), GatewayReturns(at_s=33.0, serving="zurich")),
        (SatelliteFails(at_s=20.0, serving="zurich"), SatelliteFails(at_s=5.0, serving="zurich")),
        (SUSPENDED, AGAIN),
        (RAIN,),
        (SatelliteFails(at_s=3.0, serving="zurich"), RAIN, SatelliteReturns(at_s=33.0, serving="zurich")),
        (GatewayFails(at_s=19.0, serving="zurich"), RAIN),
        (DishStows(at_s=4.0, terminal="zurich"),),
    ],
)
def test_an_event_that_is_told_late_gives_the_plan_that_it_would_have_given(
    planned: Planned, events: tuple[LiveEvent, ...]
) -> None:
    """Whenever it is told, also long after its time, and in whichever order."""
    known = planned(*events, slots=4)
    told = planned(slots=4)
    for event in events:
        told.insert(event)
        while len(told.slots) < 4:
            told.plan_next()
    assert_alike(told, known)


def test_an_event_plans_anew_what_comes_after_its_slot_alone(planned: Planned) -> None:
    """What was before stays the very same; its own slot keeps its plan and gets its cuts; what is to come is planned later."""
    source = planned(slots=4)
    before = source.slots
    source.insert(SatelliteFails(at_s=20.0, serving="zurich"))
    after = source.slots
    assert len(after) == 2
    assert after[0] is before[0]
    assert after[1].lines is before[1].lines
    assert [span.begin_ns - source.scenario.start_ns for span in after[1].dark] == [20 * NS_PER_S]
    assert source.planned_until_ns == source.scenario.start_ns + 2 * SLOT_NS
    assert source.plan_next().lines.satellite[0] != before[1].lines.satellite[0]


def test_an_event_to_come_changes_nothing_that_is_planned(planned: Planned) -> None:
    """It waits for its slot; so does one that comes before anything is planned."""
    source = planned(slots=2)
    before = source.slots
    source.insert(SatelliteFails(at_s=30.0, serving="zurich"))
    assert source.slots == before
    assert source.plan_next().dark != ()
    early = planned(slots=0)
    early.insert(SatelliteFails(at_s=5.0, serving="zurich"))
    assert early.plan_next().dark != ()


def test_plans_are_forgotten_and_what_terminals_had_is_kept(planned: Planned) -> None:
    """Slots go on from where they were; even an event of long ago can be told."""
    source, whole = planned(slots=3), planned(slots=5)
    before = source.slots
    source.forget_before(source.scenario.start_ns + 2 * SLOT_NS + 1)
    source.forget_before(source.scenario.start_ns + 100 * SLOT_NS)
    assert source.slots == before
    assert [made.planned is None for made in source._made] == [True, True, False]
    for _ in range(2):
        source.plan_next()
    assert_alike(source, whole)
    source.insert(SatelliteFails(at_s=2.0, serving="zurich"))
    assert len(source.slots) == 1
    assert source.plan_next().lines.satellite[0] != before[0].lines.satellite[0]


def test_only_some_scenarios_are_kept_prepared(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the begin always."""
    monkeypatch.setattr(plan_source, "_KEPT_PLANNERS", 2)
    source = planned(slots=1)
    first = source.planner
    for at_s, event in ((2.0, SUSPENDED), (20.0, AGAIN), (40.0, SUSPENDED)):
        source.insert(replace(event, at_s=at_s))
        source.plan_next()
        assert len(source._planners) == 2
        assert source.planner is first


def test_terminals_choose_for_themselves_where_nobody_schedules() -> None:
    """Events count all the same."""
    scenario = tiny_scenario(constellation=DENSE, time=ON_TIME)
    source = PlanSource(scenario, plain_model(), events=[SatelliteFails(at_s=1.0, serving="zurich")])
    first, second = source.plan_next(), source.plan_next()
    assert first.dark[0].terminal == 0
    assert second.lines.satellite[0] not in (-1, first.lines.satellite[0])
    source.forget_before(scenario.start_ns + 2 * SLOT_NS)
    assert source.plan_next().lines.begin_ns == scenario.start_ns + 2 * SLOT_NS
