"""Moments: a slot obeys the map of its begin, and what ends within a span ends in the plan by itself."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Bools
from skycommons.base.errors import PlanError
from skycommons.model.cells import CellIds
from skycommons.model.demand import with_terminals
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.service_rules import RANKS
from skycommons.model.service_timeline import LayerKind, ServiceLayer
from skycommons.plan.check import check
from skycommons.plan.moments import laws_of
from skycommons.plan.plan_table import table_of
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import Schedule, Scheduler, schedule
from skycommons.plan.serving import TerminalShares
from tests.support.service_world import HOME, accounts, demand, disk, rules, service_scenario

START_NS = 1_767_225_600 * 10**9
END_NS = START_NS + 20 * 10**9  # between the slots that begin 12 s and 27 s after the start
HERE = np.array([HOME], dtype=np.uint64)


def layer(
    *,
    cells: CellIds | None = None,
    state: CellState = CellState.SUSPENDED,
    is_exempt: bool = False,
    ends_ns: int = END_NS,
    service_class: ServiceClass = ServiceClass.PRIORITY,
    sites: tuple[str, ...] = (),
    kind: LayerKind = LayerKind.TERRITORY,
    groups: tuple[str, ...] = (),
) -> ServiceLayer:
    """A decision that ends within the span."""
    return ServiceLayer(
        decision="d1",
        kind=kind,
        cells=disk(0) if cells is None else cells,
        state=state,
        is_exempt=is_exempt,
        ends_ns=ends_ns,
        service_class=service_class,
        sites=sites,
        groups=groups,
    )


def world(*layers: ServiceLayer, down_bps: float = 50e6, protected_bps: float = 0.0, rank: int = 2) -> Scenario:
    """The middle of seven cells has a terminal; everybody asks for the same, and some of it is protected."""
    scenario = service_scenario()
    asked = np.zeros((7, RANKS))
    asked[:, 2], asked[:, 0] = down_bps, protected_bps
    others = replace(demand(disk(1)), down_bps=asked, up_bps=0.1 * asked)
    own = accounts(1, rank=rank)
    service = replace(rules(), demand=with_terminals(others, scenario.world.sites, own), others=others, accounts=own)
    return scenario.replace(service=replace(service, layers=layers))


def planned(scenario: Scenario) -> Schedule:
    """All slots of a minute, of which none breaks a rule."""
    made = schedule(scenario, scenario.propagate(scenario.times()))
    assert check(scenario, table_of(made)) == ()
    return made


def home(made: Schedule) -> Bools:
    """Which requests are those of the terminal's cell."""
    return np.asarray(made.scheduler.cells[made.scheduler.requests.cell] == HOME)


def reasons(made: Schedule) -> list[int]:
    """Why the terminal's cell is not served, slot after slot."""
    row = int(np.flatnonzero(made.scheduler.cells == HOME)[0])
    return [int(plan.cell_reason[row]) for plan in made]


def test_what_ends_within_the_span_ends_in_the_plan() -> None:
    """The slot that begins after the end has service again; rows stay what they were."""
    made = planned(world(layer()))
    assert reasons(made) == [Unserved.SUSPENDED] * 2 + [Unserved.SERVED] * 2
    assert {len(plan) for plan in made} == {7}
    assert len(made.scheduler.moments) == 2
    assert [int(made.scheduler.terminal_reason(plan)[0]) for plan in made] == reasons(made)


def test_an_emergency_that_lights_a_dark_area_ends_too() -> None:
    """Its cells are dark again within one slot."""
    dark = layer(cells=disk(1), ends_ns=0, state=CellState.INACTIVE)
    made = planned(world(dark, layer(state=CellState.ACTIVE)))
    assert reasons(made) == [Unserved.SERVED] * 2 + [Unserved.TERRITORY_INACTIVE] * 2
    assert [int((plan.satellite >= 0).sum()) for plan in made] == [1, 1, 0, 0]
    assert len(made.scheduler.requests) == 1


@pytest.mark.parametrize("rank", [0, 2])
def test_protected_users_keep_service(rank: int) -> None:
    """Others of the cell are suspended; the cell asks for what the protected ask for, on as few channels as that needs."""
    made = planned(world(layer(is_exempt=True), down_bps=400e6, protected_bps=20e6, rank=rank))
    assert reasons(made) == [Unserved.SERVED] * 4
    own = home(made)
    assert int(own.sum()) > 1
    assert [int((plan.satellite[own] >= 0).sum()) for plan in made][:3] == [1, 1, int(own.sum())]
    assert set(made[0].reason[own][1:].tolist()) == {Unserved.SUSPENDED}
    expected_bps = 20e6 + (1e6 if rank == 0 else 0.0)
    assert made[0].down_bps[own].sum() == pytest.approx(expected_bps)
    why = [int(made.scheduler.terminal_reason(plan)[0]) for plan in made]
    assert why == ([Unserved.SERVED] * 4 if rank == 0 else [Unserved.SUSPENDED] * 2 + [Unserved.SERVED] * 2)
    servings = [TerminalShares.of(made.scheduler).serving(plan) for plan in made]
    site = made.scheduler.scenario.site("zurich")
    assert servings[0].down_bps[site] == pytest.approx(1e6 if rank == 0 else 0.0)
    assert servings[0].up_bps[site] == pytest.approx(1e5 if rank == 0 else 0.0)
    assert (servings[0].satellite[site] >= 0) == (rank == 0)
    assert servings[2].down_bps[site] == pytest.approx(1e6)


def test_a_cell_in_which_nobody_is_protected_is_suspended() -> None:
    """There is nobody to serve."""
    assert reasons(planned(world(layer(is_exempt=True))))[:3] == [Unserved.SUSPENDED] * 2 + [Unserved.SERVED]


def test_a_site_named_one_by_one_loses_service() -> None:
    """Other protected users of the cell keep theirs."""
    made = planned(world(layer(is_exempt=True, sites=("zurich",)), protected_bps=20e6, rank=0))
    assert reasons(made)[:1] == [Unserved.SERVED]
    assert [int(made.scheduler.terminal_reason(plan)[0]) for plan in made][1:3] == [Unserved.ACCOUNT, Unserved.SERVED]


def test_a_class_may_change_within_the_span() -> None:
    """Requests have the rank that the map of their slot grants."""
    made = planned(world(layer(service_class=ServiceClass.BACKGROUND, state=CellState.ACTIVE)))
    own = home(made)
    ranks = [set(made.scheduler.at(plan.time_ns).requests.rank[own].tolist()) for plan in made]
    assert ranks[1:3] == [{3}, {2}]
    table = table_of(made)
    assert table.rank.reshape(4, 7)[:, own.argmax()].tolist() == [3, 3, 2, 2]


def test_layers_of_groups_reach_terminals_alone() -> None:
    """The cell is served; the account of the terminal is not."""
    made = planned(world(layer(kind=LayerKind.CUSTOMER_GROUP, groups=("zurich",))))
    assert reasons(made) == [Unserved.SERVED] * 4
    assert [int(made.scheduler.terminal_reason(plan)[0]) for plan in made][1:3] == [Unserved.ACCOUNT, Unserved.SERVED]


def test_changes_that_nobody_notices_make_no_moment() -> None:
    """Elsewhere, before and after the span, or to what holds anyway."""
    far = np.array([int(disk(3)[~np.isin(disk(3), disk(2))][0])], dtype=np.uint64)
    before, after = layer(ends_ns=START_NS - 10**12), layer(ends_ns=START_NS + 10**15)
    scheduler = Scheduler.of(world(layer(cells=far), before, after))
    assert len(scheduler.moments) == 1
    assert scheduler.moments[0].law.layer.max() == 2
    assert set(scheduler.moments[0].law.state.tolist()) == {CellState.ACTIVE, CellState.SUSPENDED}


def test_beyond_the_span_nothing_is_promised() -> None:
    """Requests are those of the span; another map would need others."""
    scheduler = Scheduler.of(world(layer(ends_ns=START_NS + 10**12)))
    assert scheduler.row_at(START_NS - 10**15) == 0
    with pytest.raises(PlanError, match="outside the scenario's span"):
        scheduler.at(START_NS + 10**12)


def test_laws_follow_each_other() -> None:
    """Without a gap, from the first instant to the last."""
    scenario = world(layer(), layer(cells=disk(1), ends_ns=END_NS + 10**10))
    assert scenario.service is not None
    laws = laws_of(scenario.service, scenario.world, begin_ns=START_NS, end_ns=START_NS + 60 * 10**9)
    assert [(law.begin_ns, law.end_ns) for law in laws][1:] == [(END_NS + 10**10, laws[-1].end_ns)]
    assert laws[0].end_ns == laws[1].begin_ns
