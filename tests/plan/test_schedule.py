"""The scheduler as a whole: who is served, by whom, and why not."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest

from skycommons.base.arrays import Ints32
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.base.errors import PlanError
from skycommons.model.cells import canonical, cells_of
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState
from skycommons.model.service_rules import HighestAssignment, ScheduleRules
from skycommons.plan.assignment import ELEVATION_ALONE, Highest, Problem
from skycommons.plan.check import check
from skycommons.plan.choice import UtilityWeights
from skycommons.plan.plan_table import plan_table, table_of
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import Schedule, Scheduler, schedule
from tests.support.service_world import HOME, demand, disk, rules, service_scenario, states
from tests.support.tiny_world import tiny_scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A policy that gives everybody who has an option the same column."""

    is_random: ClassVar[bool] = False

    column: int = 0
    weights: UtilityWeights = ELEVATION_ALONE

    def assign(self, problem: Problem) -> Ints32:
        """The same for all."""
        has_option = problem.options.satellite[problem.cell, 0] >= 0
        return np.where(has_option, self.column, -1).astype(np.int32)


QUIET = service_scenario()


def planned(scenario: Scenario = QUIET) -> Schedule:
    """All slots of a minute."""
    return schedule(scenario, scenario.propagate(scenario.times()))


PLAN = planned()


def test_a_scenario_without_service_has_no_scheduler() -> None:
    """The message says what to add."""
    with pytest.raises(PlanError, match=r"add \[demand\] or \[schedule\]"):
        Scheduler.of(tiny_scenario())


def test_every_cell_is_served_where_there_is_plenty() -> None:
    """In every slot of the minute, which touches four."""
    assert len(PLAN) == 4
    assert np.unique(np.diff(PLAN.time_ns)).tolist() == [15_000_000_000]
    assert {int(reason) for plan in PLAN for reason in plan.cell_reason} == {Unserved.SERVED}
    assert repr(PLAN) == "<Schedule: 4 slots, 7 cells, 7 requests, 100.0% of cells served>"
    assert repr(PLAN[0]) == "<StepPlan 2025-12-31T23:59:57Z: 7 of 7 requests served>"


def test_requests_are_given_what_their_cells_ask_for() -> None:
    """And no more; a cell that makes several requests divides what it asks for."""
    np.testing.assert_allclose(PLAN[1].down_bps, 50e6, rtol=1e-6)
    np.testing.assert_allclose(PLAN[1].up_bps, 5e6, rtol=1e-6)
    busy = planned(service_scenario(rules(demand(disk(0), down_bps=300e6))))
    assert len(busy.scheduler.requests) > 1
    np.testing.assert_allclose(busy[0].down_bps.sum(), 300e6, rtol=1e-6)


def test_delay_is_light_over_the_whole_way() -> None:
    """From the cell to its satellite, and on from there."""
    scheduler, plan = PLAN.scheduler, PLAN[1]
    position_m = QUIET.propagate(np.array([plan.time_ns])).position_itrf_m[0]
    up_m = np.linalg.norm(position_m[plan.satellite] - scheduler.horizon.position_itrf_m, axis=1)
    way_m = plan.delay_s * LIGHT_SPEED_M_S
    assert (way_m > up_m + 1_200e3).all()  # the satellite is 1,200 km above the gateway too
    assert (way_m < up_m + 4_000e3).all()
    assert (plan.laser_hops == 0).all()
    np.testing.assert_array_equal(plan.egress, plan.satellite)
    assert set(plan.pop) == {QUIET.site("frankfurt")}


def test_used_counts_what_each_satellite_serves() -> None:
    """And traffic comes down where a gateway follows."""
    for plan in PLAN:
        assert plan.used.sum() == len(plan)
        assert set(plan.gateway[plan.egress]) == {QUIET.site("basel")}


def test_same_arguments_same_plan() -> None:
    """Luck hangs on the seed; another seed plans otherwise."""
    again = planned()
    for mine, other in zip(PLAN, again, strict=True):
        np.testing.assert_array_equal(mine.satellite, other.satellite)
    lucky = planned(QUIET.replace(seed=8))
    assert any((mine.satellite != other.satellite).any() for mine, other in zip(PLAN, lucky, strict=True))


def test_the_instant_within_a_slot_changes_nothing() -> None:
    """A plan is that of the slot's begin; slots that the ephemeris does not know are flown to."""
    within = schedule(QUIET, QUIET.propagate(PLAN.time_ns[:2] + 4_000_000_000))
    assert within.time_ns.tolist() == PLAN.time_ns[:2].tolist()
    np.testing.assert_array_equal(within[1].satellite, PLAN[1].satellite)
    known = schedule(QUIET, QUIET.propagate(PLAN.time_ns[:2]))
    np.testing.assert_array_equal(known[1].satellite, PLAN[1].satellite)


def test_the_slot_before_makes_satellites_stay() -> None:
    """A cell to which that is worth much keeps what served it."""
    sticky = Column(weights=replace(ELEVATION_ALONE, kept_nats=100.0))
    held = schedule(QUIET, QUIET.propagate(PLAN.time_ns), policy=sticky)
    assert all((a.satellite == b.satellite).all() for a, b in pairwise(held))


def test_load_drives_cells_away() -> None:
    """A satellite that served many is worth less in the next slot."""
    wary = Column(weights=replace(ELEVATION_ALONE, load_nats=-1e6))
    moved = schedule(QUIET, QUIET.propagate(PLAN.time_ns[:2]), policy=wary)
    assert not set(moved[0].satellite) & set(moved[1].satellite)


def test_what_the_map_forbids_is_not_served() -> None:
    """The neighbours are, and the reason is named."""
    dark = planned(service_scenario(rules(service_map=states(disk(0), CellState.INACTIVE))))
    row = int(np.flatnonzero(disk() == HOME)[0])
    for plan in dark:
        assert plan.cell_reason[row] == Unserved.TERRITORY_INACTIVE
        assert np.delete(plan.cell_reason, row).tolist() == [Unserved.SERVED] * 6
    assert dark.scheduler.terminal_reason(dark[0]).tolist() == [Unserved.TERRITORY_INACTIVE]
    assert (dark.of_terminals() == -1).all()


def test_reasons_name_the_gate() -> None:
    """No satellite stands over the pole; without gateways nothing comes down."""
    pole = canonical(cells_of(np.radians([89.0]), np.radians([0.0])))
    assert set(planned(service_scenario(rules(demand(pole))))[0].cell_reason) == {Unserved.NO_SATELLITE}
    silent = service_scenario(gateways="[gateways]\nbuiltin = false", pairs="")
    assert set(planned(silent)[0].cell_reason) == {Unserved.NO_FEEDER}


def test_a_territory_sets_its_own_limit_to_the_arc() -> None:
    """In its cells alone; the last one named counts."""
    area = "polygon_deg = [[47.3, 8.3], [47.3, 8.8], [47.5, 8.8], [47.5, 8.3]]"
    strict = f"[[territories]]\nname = 'strict'\n{area}\ngso_exclusion_deg = 80"
    scheduler = Scheduler.of(service_scenario(rules(demand(disk(2))), territories=strict))
    inside = scheduler.horizon.gso_exclusion_rad > 1.0
    assert inside[scheduler.terminal_cell[0]]
    assert 0 < np.count_nonzero(inside) < len(inside)
    world = scheduler.scenario
    free = schedule(QUIET, QUIET.propagate(PLAN.time_ns[:1]))
    found = schedule(world, world.propagate(PLAN.time_ns[:1]))
    assert check(world, plan_table(found.steps, scheduler)) == ()
    assert check(world, plan_table(free.steps, free.scheduler)) != ()


def test_too_few_beams_leave_requests_out() -> None:
    """Two beams carry two requests of a cell; the cell is served."""
    busy = service_scenario(rules(demand(disk(0), down_bps=2e9)))
    equipment = busy.world.equipment
    narrow = replace(equipment, payloads=tuple(replace(payload, beams_down=2) for payload in equipment.payloads))
    world = busy.replace(world=replace(busy.world, equipment=narrow))
    plan = schedule(world, world.propagate(PLAN.time_ns[:1]), policy=Column())[0]
    assert np.count_nonzero(plan.reason == Unserved.SERVED) == 2
    assert np.count_nonzero(plan.reason == Unserved.NO_BEAM) == 6
    assert plan.cell_reason.tolist() == [Unserved.SERVED]
    assert set(plan.satellite[plan.reason == Unserved.NO_BEAM]) == {-1}


def test_a_policy_that_serves_nobody_is_believed() -> None:
    """The reason is that no beam was given."""
    plan = schedule(QUIET, QUIET.propagate(PLAN.time_ns[:1]), policy=Column(column=-1))[0]
    assert set(plan.cell_reason) == {Unserved.NO_BEAM}
    assert np.isnan(plan.delay_s).all()
    assert plan.down_bps.sum() == 0.0


def test_a_policy_that_breaks_the_rules_is_refused() -> None:
    """Whoever wrote it."""
    with pytest.raises(PlanError, match="no option"):
        schedule(QUIET, QUIET.propagate(PLAN.time_ns[:1]), policy=Column(column=99))


def test_the_scenario_names_the_policy() -> None:
    """Unless another is given."""
    highest = service_scenario(rules(schedule=ScheduleRules(policy=HighestAssignment())))
    assert isinstance(Scheduler.of(highest).policy, Highest)


def test_terminals_have_the_satellite_of_their_cell() -> None:
    """In every slot."""
    row = int(np.flatnonzero(disk() == HOME)[0])
    assert PLAN.scheduler.terminal_cell.tolist() == [row]
    assert PLAN.of_terminals()[:, 0].tolist() == [int(plan.satellite[row]) for plan in PLAN]


def test_nobody_asks() -> None:
    """A service without demand is planned, and serves nobody."""
    empty = planned(service_scenario(rules(demand(disk()[:0]))))
    assert [len(plan) for plan in empty] == [0] * 4
    assert empty.scheduler.terminal_reason(empty[0]).tolist() == [Unserved.NO_CHANNEL]
    assert "0.0% of cells" in repr(empty)


def test_an_ephemeris_of_others_is_refused() -> None:
    """Nor has one without instants anything to plan."""
    with pytest.raises(PlanError, match=r"ask scenario\.propagate"):
        schedule(QUIET, tiny_scenario().propagate(QUIET.times()))
    with pytest.raises(PlanError, match="0 instants"):
        schedule(QUIET, QUIET.propagate(QUIET.times()[:0]))


def test_a_cell_asks_for_no_more_than_every_payload_can_put_on_it() -> None:
    """Nobody knows at first who will serve it."""
    busy = service_scenario(rules(demand(down_bps=5e9)))
    assert np.diff(Scheduler.of(busy).requests.first).max() > 1
    satellites = busy.world.satellites
    one_each = tuple("generic" if row % 2 else name for row, name in enumerate(satellites.generations))
    mixed = busy.replace(world=replace(busy.world, satellites=replace(satellites, generations=one_each)))
    assert np.diff(Scheduler.of(mixed).requests.first).tolist() == [1] * 7
    assert check(mixed, table_of(planned(mixed))) == ()
