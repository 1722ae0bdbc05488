"""Tables of demand keep their sums, and know who is barred."""

import numpy as np
import pytest

from skycommons.base.arrays import Bools
from skycommons.model.cells import canonical, cells_of
from skycommons.model.demand import (
    demand_given,
    demand_of_people,
    demand_of_terminals,
    no_demand,
    only,
    rules_at,
    together,
    with_terminals,
)
from skycommons.model.demand_files import GivenDemand
from skycommons.model.service_rules import TerminalAccounts
from skycommons.model.world import SiteKind
from tests.support.tiny_world import tiny_scenario

CELLS = canonical(cells_of(np.full(3, 0.8), np.arange(3.0) * 0.01))
ZURICH = cells_of(np.radians([47.37]), np.radians([8.54]))
POPS = '[pops]\nsite = [{ name = "frankfurt", latitude_deg = 50.1, longitude_deg = 8.7 }]\ncountries = { CH = "frankfurt" }'
TWO = '[[terminals]]\nname = "{}"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'


def accounts(*barred: bool) -> TerminalAccounts:
    """Standard terminals that ask for 4 Mbit/s down and 1 up each."""
    count = len(barred)
    return TerminalAccounts(
        rank=np.full(count, 2, dtype=np.uint8),
        is_barred=np.array(barred, dtype=np.bool_),
        down_bps=np.full(count, 4e6),
        up_bps=np.full(count, 1e6),
    )


def test_people_ask_by_their_number() -> None:
    """In one rank."""
    table = demand_of_people(
        CELLS, np.array([1e3, 2e3, 0.0]), share=0.01, rank=2, rates_bps=(3e6, 1e6), source="people"
    )
    assert table.subscribers.tolist() == [10.0, 20.0, 0.0]
    assert table.down_bps[:, 2].tolist() == [30e6, 60e6, 0.0]
    assert table.up_bps.sum(axis=0).tolist() == [0.0, 0.0, 30e6, 0.0]
    assert not table.is_barred.any()


def test_given_demand_adds_up_by_cell_and_rank() -> None:
    """Rows of one cell may have several classes."""
    given = GivenDemand(
        cells=CELLS[[2, 0, 2]],
        subscribers=np.array([1.0, 2.0, 3.0]),
        down_bps=np.array([1e6, 2e6, 3e6]),
        up_bps=np.zeros(3),
        rank=np.array([0, 2, 2], dtype=np.uint8),
    )
    table = demand_given(given, source="given.csv")
    assert table.cells.tolist() == CELLS[[0, 2]].tolist()
    assert table.subscribers.tolist() == [2.0, 4.0]
    assert table.down_bps.tolist() == [[0.0, 0.0, 2e6, 0.0], [1e6, 0.0, 3e6, 0.0]]
    assert table.sources == ("given.csv",)


@pytest.mark.parametrize(
    ("barred", "is_barred", "down_bps"),
    [((False, False), False, 8e6), ((True, False), False, 4e6), ((True, True), True, 8e6)],
)
def test_a_cell_is_barred_if_all_its_terminals_are(barred: tuple[bool, ...], is_barred: bool, down_bps: float) -> None:
    """A barred one asks for nothing where another one may."""
    table = demand_of_terminals(np.repeat(ZURICH, 2), accounts(*barred))
    assert table.is_barred.tolist() == [is_barred]
    assert table.subscribers.tolist() == [2.0]
    assert table.down_bps[0, 2] == down_bps


def test_a_barred_terminal_among_people() -> None:
    """They ask, it does not."""
    sites = tiny_scenario().world.sites
    people = demand_of_people(ZURICH, np.array([1e3]), share=0.01, rank=2, rates_bps=(3e6, 1e6), source="people")
    table = with_terminals(people, sites, accounts(True))
    assert table.is_barred.tolist() == [False]
    assert table.down_bps[0, 2] == 30e6
    assert table.subscribers.tolist() == [11.0]
    assert table.sources == ("people", "terminals")
    assert with_terminals(no_demand(), sites, accounts(True)).is_barred.tolist() == [True]


def test_tables_together_keep_their_sums() -> None:
    """One table is itself, none is nobody."""
    one, other = (
        demand_of_people(cells, np.full(2, 1e3), share=0.001, rank=rank, rates_bps=(3e6, 1e6), source=f"rank {rank}")
        for cells, rank in ((CELLS[:2], 1), (CELLS[1:], 3))
    )
    both = together([one, no_demand(), other])
    assert both.cells.tolist() == CELLS.tolist()
    assert both.people.tolist() == [1e3, 2e3, 1e3]
    assert both.down_bps[1].tolist() == [0.0, 3e6, 0.0, 3e6]
    assert both.sources == ("rank 1", "rank 3")
    assert together([one, no_demand()]) is one
    assert len(together([])) == 0


def test_some_cells_of_a_table() -> None:
    """All columns go with them."""
    table = demand_of_terminals(CELLS, accounts(False, True, False))
    chosen: Bools = np.array([False, True, True])
    few = only(table, chosen)
    assert few.cells.tolist() == CELLS[1:].tolist()
    assert few.is_barred.tolist() == [True, False]


def test_rules_follow_the_terminals_that_are_left() -> None:
    """Accounts and demand lose what left; a PoP that is gone serves no country any more."""
    terminals = TWO.format("one") + "protected = true\n" + TWO.format("two") + "down_mbps = 7\n"
    scenario = tiny_scenario(
        terminals=terminals,
        pairs="",
        schedule="[schedule]",
        pops=POPS,
    )
    rules = scenario.service
    assert rules is not None
    assert rules.accounts.rank.tolist() == [0, 2]
    assert rules.demand.subscribers.tolist() == [2.0]
    assert rules.pop_of_country == (("CH", "frankfurt"),)
    left = scenario.without("one", "frankfurt").service
    assert left is not None
    assert left.accounts.rank.tolist() == [2]
    assert left.accounts.down_bps.tolist() == [7e6]
    assert left.demand.subscribers.tolist() == [1.0]
    assert left.demand.down_bps[0].tolist() == [0.0, 0.0, 7e6, 0.0]
    assert left.pop_of_country == ()
    nobody = scenario.without("one", "two").service
    assert nobody is not None
    assert len(nobody.demand) == 0


def test_demand_that_nobody_can_take_apart_stays() -> None:
    """Rules that were made by hand do not say who asks besides the terminals."""
    scenario = tiny_scenario(schedule="[schedule]")
    rules = scenario.service
    assert rules is not None
    kept = np.zeros(1, dtype=np.bool_)
    sites = scenario.without("zurich").world.sites
    assert len(sites.rows(SiteKind.TERMINAL)) == 0
    by_hand = type(rules)(
        demand=rules.demand,
        accounts=rules.accounts,
        busy_hour_shape=rules.busy_hour_shape,
        service_map=rules.service_map,
        schedule=rules.schedule,
    )
    assert rules_at(by_hand, sites, kept).demand is rules.demand
