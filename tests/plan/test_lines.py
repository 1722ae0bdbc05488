"""What lines have, slot by slot: the same as a run of the same scenario says, whoever of its terminals is asked for."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError, ShapeError
from skycommons.model.rules import Shower, Showers
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState
from skycommons.model.world import SiteKind
from skycommons.plan.lines import LinePlanner, PlannedSlot, carried, terminal_rows
from skycommons.plan.requests import Requests, Unserved
from skycommons.plan.routes import Reason
from skycommons.studies.run import run_scenario
from skycommons.studies.store import open_results
from tests.support.live_sections import TERMINALS
from tests.support.live_worlds import FAR_GATEWAY, GRID, ON_TIME, SLOT_NS, slot_lines
from tests.support.service_world import disk, rules, service_scenario, states
from tests.support.tiny_world import DENSE, tiny_scenario

SHORT = ON_TIME.replace("600", "45")


@pytest.fixture(scope="module")
def plain() -> LinePlanner:
    """Four hundred satellites, two terminals, nobody schedules."""
    return LinePlanner.of(tiny_scenario(constellation=DENSE, time=ON_TIME, terminals=TERMINALS))


@pytest.fixture(scope="module")
def scheduled() -> LinePlanner:
    """The same sky, a schedule and lasers to a gateway far away."""
    return LinePlanner.of(service_scenario(time=ON_TIME, gateways=FAR_GATEWAY, lasers=GRID))


def slots_of(planner: LinePlanner, count: int = 3) -> list[PlannedSlot]:
    """The first slots, each from the one before."""
    found: list[PlannedSlot] = []
    for row in range(count):
        time_ns = planner.scenario.start_ns + row * SLOT_NS
        found.append(planner.slot(time_ns, before=found[-1] if found else None))
    return found


def scheduled_scenario() -> Scenario:
    """Over lasers, by a schedule."""
    return service_scenario(time=SHORT, gateways=FAR_GATEWAY, lasers=GRID)


def plain_scenario() -> Scenario:
    """Straight down, by the terminal's own choice."""
    return tiny_scenario(constellation=DENSE, time=SHORT)


@pytest.mark.parametrize("made", [plain_scenario, scheduled_scenario])
def test_lines_have_what_a_run_says(made: object, tmp_path: Path) -> None:
    """Delay, lasers, rates, fade and satellite at every instant but the ends of slots, where the next one counts."""
    scenario: Scenario = made()  # type: ignore[operator] # one of the two functions above
    slots = slots_of(LinePlanner.of(scenario))
    with open_results(run_scenario(scenario, tmp_path / "run.zarr")) as results:
        flow = results.isel(flow=0).load()
    told = [(slot.lines, step) for slot in slots for step in range(3)]
    assert [int(lines.time_ns[step]) for lines, step in told] == flow.time.values.astype(np.int64).tolist()
    for name, column, scale, tolerance in (
        ("delay_s", "rtt_s", 0.5, 0.0),
        ("laser_hops", "laser_hops", 1.0, 0.0),
        ("down_bps", "rate_down_bps", 1.0, 1e-6),
        ("up_bps", "rate_up_bps", 1.0, 1e-6),
        ("fade_db", "fade_db", 1.0, 1e-6),
    ):
        ours = [getattr(lines, name)[step, 0] for lines, step in told]
        np.testing.assert_allclose(ours, scale * flow[column].values, rtol=tolerance, err_msg=name)
    begins = flow.isel(time=slice(None, None, 3))
    assert [slot.lines.satellite[0] for slot in slots] == begins.entry_satellite.values.tolist()
    assert [slot.lines.gateway[0] for slot in slots] == begins.exit_gateway.values.tolist()
    np.testing.assert_allclose([slot.lines.elevation_rad[0] for slot in slots], begins.entry_elevation_rad, atol=1e-6)
    assert all(slot.lines.route_reason[0] == Reason.REACHABLE for slot in slots)


def test_a_slot_is_the_one_that_contains_the_instant(plain: LinePlanner) -> None:
    """It begins at :12, whichever of its instants is asked for; its instants are 5 s apart, the end among them."""
    begin_ns = plain.scenario.start_ns
    first, last = (plain.slot(time_ns).lines for time_ns in (begin_ns, begin_ns + SLOT_NS - 1))
    assert (first.begin_ns, first.end_ns) == (last.begin_ns, last.end_ns) == (begin_ns, begin_ns + SLOT_NS)
    assert ((first.time_ns - begin_ns) // NS_PER_S).tolist() == [0, 5, 10, 15]
    np.testing.assert_array_equal(first.delay_s, last.delay_s)


def test_a_way_goes_from_the_terminals_satellite_over_the_lasers(scheduled: LinePlanner) -> None:
    """As many satellites as lasers, and one more."""
    for slot in slots_of(scheduled):
        lines = slot.lines
        assert lines.way[0, 0, 0] == lines.satellite[0]
        assert (np.count_nonzero(lines.way >= 0, axis=2) == lines.laser_hops + 1).all()
        assert lines.way.shape == (4, 1, lines.laser_hops.max() + 1)
        assert lines.laser_hops.min() > 0


def test_a_satellite_that_failed_serves_nobody(plain: LinePlanner, scheduled: LinePlanner) -> None:
    """Another one does, in the same slot; without any there is no way, and it is said why."""
    for planner in (plain, scheduled):
        usual = planner.slot(planner.scenario.start_ns).lines
        failed = np.zeros(400, dtype=np.bool_)
        failed[usual.way[usual.way >= 0]] = True
        other = planner.slot(planner.scenario.start_ns, failed=failed).lines
        assert (other.satellite >= 0).all()
        assert not np.isin(other.way[other.way >= 0], np.flatnonzero(failed)).any()
        dark = planner.slot(planner.scenario.start_ns, failed=~np.zeros(400, dtype=np.bool_)).lines
        assert np.isnan(dark.delay_s).all()
        assert np.isnan(dark.fade_db).all()
        assert np.isnan([dark.azimuth_rad, dark.elevation_rad]).all()
        assert not dark.down_bps.any()
        assert not dark.up_bps.any()
        assert (
            set(dark.laser_hops.ravel().tolist()) == set(dark.satellite.tolist()) == set(dark.gateway.tolist()) == {-1}
        )
        assert dark.way.shape == (4, len(dark), 0)
        assert (dark.route_reason != Reason.REACHABLE).all()
    assert dark.reason.tolist() == [Unserved.NO_SATELLITE]


def test_a_slot_again_is_the_same_by_the_same_plan(plain: LinePlanner, scheduled: LinePlanner) -> None:
    """To the last bit, with what had failed; the lasers are those that they were."""
    for planner in (plain, scheduled):
        failed = np.zeros(400, dtype=np.bool_)
        failed[planner.slot(planner.scenario.start_ns).lines.satellite] = True
        first = planner.slot(planner.scenario.start_ns, failed=failed)
        second = planner.slot(planner.scenario.start_ns + SLOT_NS, before=first)
        for planned, again in ((first, planner.again(first, failed=failed)), (second, planner.again(second))):
            for name in (column.name for column in fields(planned.lines)):
                np.testing.assert_array_equal(getattr(again.lines, name), getattr(planned.lines, name), err_msg=name)
            assert again.lasers_before is planned.lasers_before
            np.testing.assert_array_equal(again.lasers.state, planned.lasers.state)


def test_a_slot_again_is_that_of_another_weather() -> None:
    """The plan stays, and who serves; the signal is weaker where it rains, until there is no link any more."""
    dry = service_scenario(time=ON_TIME)
    planned = LinePlanner.of(dry).slot(dry.start_ns)
    wet, drowned = (LinePlanner.of(in_rain(dry, rate_mm_h)).again(planned) for rate_mm_h in (40.0, 2_000.0))
    assert wet.plan is drowned.plan is planned.plan
    assert (wet.lines.fade_db > planned.lines.fade_db + 1.0).all()
    np.testing.assert_array_equal(wet.lines.satellite, planned.lines.satellite)
    np.testing.assert_array_equal(wet.lines.delay_s, planned.lines.delay_s)
    assert np.isnan(drowned.lines.delay_s).all()
    assert not drowned.lines.down_bps.any()
    assert drowned.lines.reason.tolist() == [Unserved.SERVED]


def in_rain(dry: Scenario, rate_mm_h: float) -> Scenario:
    """A scenario in which it rains at Zurich for two hours."""
    sites, row = dry.world.sites, dry.site("zurich")
    shower = Shower(
        latitude_rad=float(sites.latitude_rad[row]),
        longitude_rad=float(sites.longitude_rad[row]),
        radius_m=2e4,
        rain_rate_mm_h=rate_mm_h,
        begin_ns=dry.start_ns - 3_600 * NS_PER_S,
        end_ns=dry.start_ns + 3_600 * NS_PER_S,
    )
    return dry.replace(radio=replace(dry.radio, weather=Showers(base=dry.radio.weather, showers=(shower,))))


def test_terminals_are_asked_for_by_name_and_stand_in_the_tables_order(plain: LinePlanner) -> None:
    """What one has does not hang on who else is asked for."""
    scenario = plain.scenario
    both = plain.slot(scenario.start_ns).lines
    assert plain.names == ("zurich", "geneva")
    assert repr(both) == "<SlotLines 2026-01-01T00:00:12Z: 2 of 2 terminals have a line>"
    second = LinePlanner.of(scenario, names=("geneva",))
    assert second.names == ("geneva",)
    alone = second.slot(scenario.start_ns).lines
    for name in ("delay_s", "down_bps", "up_bps", "fade_db"):
        np.testing.assert_array_equal(getattr(alone, name)[:, 0], getattr(both, name)[:, 1])
    for name in ("satellite", "gateway", "pop", "azimuth_rad", "elevation_rad"):
        assert getattr(alone, name)[0] == getattr(both, name)[1]
    np.testing.assert_array_equal(terminal_rows(scenario, ("geneva", "zurich")), [0, 1])


def test_who_is_no_terminal_is_refused(plain: LinePlanner) -> None:
    """A gateway, a stranger, and a scenario without any."""
    with pytest.raises(InputError, match="not a terminal: basel"):
        LinePlanner.of(plain.scenario, names=("zurich", "basel"))
    with pytest.raises(InputError, match="nobody"):
        LinePlanner.of(plain.scenario, names=("nobody",))
    with pytest.raises(InputError, match="no terminals"):
        LinePlanner.of(tiny_scenario(terminals="", pairs=""))


def test_traffic_ends_at_the_pop_of_the_cell_or_at_that_of_the_gateway(
    plain: LinePlanner, scheduled: LinePlanner
) -> None:
    """A scheduled terminal has its cell's; another one has its own, else that next to its gateway, else none."""
    frankfurt, home = plain.scenario.site("frankfurt"), scheduled.scenario.site("frankfurt")
    assert scheduled.scenario.world.sites.home_pop[scheduled.site].tolist() == [home]
    assert scheduled.slot(scheduled.scenario.start_ns).lines.pop.tolist() == [home]
    assert plain.slot(plain.scenario.start_ns).lines.pop.tolist() == [frankfurt, frankfurt]
    dark = plain.slot(plain.scenario.start_ns, failed=np.ones(400, dtype=np.bool_)).lines
    assert dark.pop.tolist() == [-1, -1]
    bare = LinePlanner.of(tiny_scenario(time=ON_TIME, gateways="", terminals=TERMINALS + '\npop = "frankfurt"'))
    without = bare.slot(bare.scenario.start_ns).lines
    assert without.gateway.tolist() == [-1, -1]
    assert without.pop.tolist() == [-1, bare.scenario.site("frankfurt")]


def test_a_cell_that_is_suspended_has_no_line() -> None:
    """And says so, while its neighbours' satellites fly above."""
    closed = LinePlanner.of(service_scenario(rules(service_map=states(disk(), CellState.SUSPENDED)), time=ON_TIME))
    lines = closed.slot(closed.scenario.start_ns).lines
    assert lines.reason.tolist() == [Unserved.SUSPENDED]
    assert lines.route_reason.tolist() == [Reason.NOT_SERVED]
    assert np.isnan(lines.delay_s).all()


def test_a_plan_goes_over_to_another_service_map_by_the_places_in_its_cells() -> None:
    """What served the first request of a cell is what served its first request before; new requests had nothing."""
    scenario = service_scenario(time=ON_TIME)
    planner = LinePlanner.of(scenario)
    slot = planner.slot(scenario.start_ns)
    old, plan = slot.requests, slot.plan
    assert old is not None
    assert plan is not None
    same = carried(slot, old)
    assert same is plan
    cells = len(old.blocked)
    more = _requests([2] * cells)
    moved = carried(slot, more)
    assert moved is not None
    first, second = more.first[:-1], more.first[:-1] + 1
    had = np.diff(old.first) > 0
    np.testing.assert_array_equal(moved.satellite[first[had]], plan.satellite[old.first[:-1][had]])
    new = np.diff(old.first) < 2
    assert (moved.satellite[second[new]] == -1).all()
    assert (moved.reason[second[new]] == Unserved.SUSPENDED).all()
    assert np.isnan(moved.delay_s[second[new]]).all()
    assert moved.used is plan.used
    none = carried(slot, _requests([0] * cells))
    assert none is not None
    assert len(none) == 0
    assert carried(slot, _requests([1] * (cells + 1))) is None
    assert carried(replace(slot, plan=None), old) is None
    assert carried(replace(slot, requests=None), old) is None


def _requests(counts: list[int]) -> Requests:
    """So many of each cell."""
    total = sum(counts)
    return Requests(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        channel=np.zeros(total, dtype=np.uint8),
        rank=np.zeros(total, dtype=np.uint8),
        blocked=np.zeros(len(counts), dtype=np.uint8),
        asks=np.ones(total, dtype=np.bool_),
    )


def test_a_service_map_may_change_from_slot_to_slot() -> None:
    """Suspended and back: the next slot is planned from the one before all the same."""
    scenario = service_scenario(time=ON_TIME)
    closed = service_scenario(rules(service_map=states(disk(), CellState.SUSPENDED)), time=ON_TIME)
    open_planner, closed_planner = LinePlanner.of(scenario), LinePlanner.of(closed)
    first = open_planner.slot(scenario.start_ns)
    dark = closed_planner.slot(scenario.start_ns + SLOT_NS, before=first)
    again = open_planner.slot(scenario.start_ns + 2 * SLOT_NS, before=dark)
    assert [int(slot.lines.reason[0]) for slot in (first, dark, again)] == [
        Unserved.SERVED,
        Unserved.SUSPENDED,
        Unserved.SERVED,
    ]
    assert int(np.count_nonzero(scenario.world.sites.kind == SiteKind.TERMINAL)) == len(again.lines)


@pytest.mark.parametrize("name", ["delay_s", "reason", "way"])
def test_columns_of_another_shape_are_refused(name: str) -> None:
    """Each names itself."""
    lines = slot_lines()
    with pytest.raises(ShapeError, match=name):
        replace(lines, **dict[str, Any]({name: np.zeros((7, 7, 7))}))
