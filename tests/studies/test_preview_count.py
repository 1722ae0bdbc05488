"""Tests of what is counted when two plans are compared."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.governance.previews import ProtectedEffect
from skycommons.model.demand import with_terminals
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState
from skycommons.model.service_rules import TerminalAccounts
from skycommons.studies.preview_count import TERMINAL_CLASS, Changes, Terminals, coarse, people_of
from skycommons.studies.preview_world import TwoPlans
from tests.support.plans import with_service
from tests.support.previews import AREA, decision_world, suspended
from tests.support.service_world import demand, disk

DISHES = "".join(
    f'[[terminals]]\nname = "{name}"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'
    for name in ("Clinic North", "Clinic (North)", "paid", "barred", "barred clinic")
)
RANK, BARRED = (0, 0, 2, 2, 0), (False, False, False, True, True)


def with_dishes(world: Scenario, *, rank: tuple[int, ...] = RANK) -> Scenario:
    """Five terminals in the middle: two protected, one ordinary, two barred; and who asks besides them."""
    assert world.service is not None
    accounts = TerminalAccounts(
        rank=np.array(rank, np.uint8),
        is_barred=np.array(BARRED),
        down_bps=np.full(len(rank), 1e6),
        up_bps=np.full(len(rank), 1e5),
    )
    others = world.service.demand
    asked = with_terminals(others, world.world.sites, accounts)
    return with_service(world, others=others, accounts=accounts, demand=asked)


def two_plans(reason: list[list[list[int]]], state: list[list[int]]) -> TwoPlans:
    """Plans of three cells made by hand."""
    given = np.zeros(np.shape(reason))
    return TwoPlans(
        slots_s=tuple(range(len(reason[0]))),
        reach_m=0.0,
        demand=demand(disk()[: given.shape[2]]),
        is_inside=np.ones(given.shape[2], dtype=np.bool_),
        state=np.array(state, np.uint8),
        reason=np.array(reason, np.uint8),
        given_bps=given,
    )


def test_terminals_are_protected_barred_or_ordinary() -> None:
    """Barred ones neither lose nor gain, protected ones stay where they are exempt."""
    world = with_dishes(decision_world(beams=40, terminals=DISHES, pairs=""))
    assert world.service is not None
    lost, exempt = suspended(world), suspended(world, exempt=True)
    assert lost.terminals.inside - lost.terminals.lose == sum(BARRED)
    assert lost.terminals.lose - exempt.terminals.lose == 2
    terminals = Terminals.of(world.service.demand, world.service, world)
    assert (terminals.subscribers - terminals.ordinary).sum() == len(RANK) - 1
    assert terminals.protected.sum() == 2


def test_protected_terminals_are_told_with_ids_that_can_be_signed() -> None:
    """Letters that an id may not have give way, and two of one name get numbers; barred ones are not told."""
    world = with_dishes(decision_world(beams=40, terminals=DISHES, pairs=""))
    told = [site for site in suspended(world).protected if site.site_class == TERMINAL_CLASS]
    cell = f"{int(disk(0)[0]):x}"
    assert told == [
        ProtectedEffect(id="clinic-north", site_class=TERMINAL_CLASS, cell=cell, loses=True),
        ProtectedEffect(id="clinic-north-2", site_class=TERMINAL_CLASS, cell=cell, loses=True),
    ]
    kept = suspended(world, exempt=True, named=("Clinic North",))
    assert [site.loses for site in kept.protected if site.site_class == TERMINAL_CLASS] == [True, False]
    assert kept.terminals.lose == suspended(world, exempt=True).terminals.lose + 1


def test_where_nobody_can_tell_terminals_apart_cells_are_barred_as_a_whole() -> None:
    """And no terminal is told."""
    world = with_dishes(decision_world(beams=40, terminals=DISHES, pairs=""))
    assert world.service is not None
    merged = with_service(world, others=None)
    assert merged.service is not None
    is_barred = np.isin(merged.service.demand.cells, disk(0))
    merged = with_service(merged, demand=replace(merged.service.demand, is_barred=is_barred))
    assert merged.service is not None
    terminals = Terminals.of(merged.service.demand, merged.service, merged)
    assert terminals.ordinary[is_barred].sum() == 0.0
    assert [site.id for site in suspended(merged).protected] == ["clinic"]


def test_whoever_has_service_at_fewer_slots_loses() -> None:
    """More slots is a gain, other slots are neither."""
    plans = two_plans([[[0, 5, 0], [0, 5, 5]], [[5, 0, 5], [0, 5, 0]]], [[0] * 3, [0] * 3])
    assert Changes.of(plans).ordinary.tolist() == [-1, 1, 0]


def test_where_protected_users_alone_are_served_the_others_lose() -> None:
    """A site keeps what the cell had where nobody else is protected, and where somebody is."""
    partial, suspended_reason = int(CellState.PROTECTED_ONLY), 8
    plans = two_plans([[[0, 0, 1]], [[0, suspended_reason, suspended_reason]]], [[0] * 3, [partial] * 3])
    changes = Changes.of(plans)
    assert changes.ordinary.tolist() == [-1, -1, 0]
    assert changes.protected.tolist() == [0, -1, 0]
    assert changes.site.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(0.0, 0), (0.5, 1), (999.4, 999), (999.5, 1_000), (1_004.4, 1_000), (123_456_789.0, 123_000_000)],
)
def test_figures_keep_three_digits(amount: float, expected: int) -> None:
    """The last bits of a float turn none of them, and rounding twice changes nothing."""
    assert coarse(amount) == coarse(amount * (1 - 1e-12)) == coarse(amount * (1 + 1e-12)) == expected
    assert coarse(expected) == expected


def test_rounding_keeps_the_order_of_figures() -> None:
    """So that never more lose than there are."""
    amounts = np.sort(np.random.default_rng(3).uniform(0, 1e7, 500))
    found = [coarse(amount) for amount in amounts]
    assert found == sorted(found)


def test_people_of_cells_that_nobody_counted_are_none() -> None:
    """Only cells in which somebody asks are counted where the demand counts people."""
    table = replace(demand(AREA), people=np.full(len(AREA), 10.0))
    people, source = people_of(table, disk(3))
    assert people.sum() == 10.0 * len(AREA)
    assert source.endswith("made by hand")
