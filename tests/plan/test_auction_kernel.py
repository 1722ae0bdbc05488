"""Bids, prices and the proof of the gap."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats, Ints32
from skycommons.plan.assignment import Auction, Exact, Problem, total_worth
from skycommons.plan.auction_kernel import book_rows, fill_free_slots, hold_auction, proven_gap
from tests.support.assignments import problem_of

pytestmark = pytest.mark.kernel


def held(problem: Problem, *, raise_by: float, least: float = 0.0) -> tuple[Ints32, Floats, float, int]:
    """Columns, prices, proven gap and number of bids."""
    options, slots = problem.options, problem.slots
    asked = (options.satellite, options.worth_nats, problem.cell, problem.left_out_nats, slots)
    column, price = np.empty(len(problem), dtype=np.int32), np.empty(len(slots))
    first = book_rows(options.satellite, problem.cell, slots)
    bids = hold_auction(*asked, first, np.full(len(slots), least), raise_by, column, price)
    return column, price, proven_gap(*asked, column, price), bids


def crowd(seed: int, *, slots: int = 3) -> Problem:
    """Twice as many requests as slots."""
    draw = np.random.default_rng(seed)
    rows = [[(int(sat), float(draw.gumbel())) for sat in draw.permutation(4)[:3]] for _ in range(16)]
    return problem_of(rows, [(cell, int(draw.integers(1, 4))) for cell in range(16) for _ in range(2)], [slots] * 4)


def test_only_satellites_that_can_fill_keep_a_book() -> None:
    """One has room for all who name it, one no room at all."""
    problem = problem_of([[(0, 1.0), (1, 0.0), (2, -1.0)], [(1, 1.0), (2, 0.0)]], [(0, 2), (1, 2)], [1, 1, 0])
    assert book_rows(problem.options.satellite, problem.cell, problem.slots).tolist() == [0, 0, 1, 1]


def test_where_there_is_room_everyone_gets_the_first_choice_for_nothing() -> None:
    """One bid each."""
    problem = problem_of([[(0, 1.0), (1, 0.0)], [(0, 2.0), (1, 1.0)]], [(0, 2), (1, 2), (1, 3)], [3, 1])
    column, price, gap, bids = held(problem, raise_by=0.1)
    assert (column.tolist(), price.tolist(), gap, bids) == ([0, 0, 0], [0.0, 0.0], 0.0, 3)


def test_a_satellite_without_slots_serves_nobody() -> None:
    """Its price is beyond everybody."""
    column, price, gap, _ = held(problem_of([[(0, 9.0), (1, 0.0)]], [(0, 2)], [0, 1]), raise_by=0.1)
    assert column.tolist() == [1]
    assert np.isposinf(price[0])
    assert gap == pytest.approx(0.0)


def test_the_price_is_the_lowest_bid_that_is_kept() -> None:
    """Three ask for two slots and nothing else; the one whose option is worth least is left out at the price of its rank."""
    problem = problem_of([[(0, 1.0)], [(0, 2.0)], [(0, 3.0)]], [(0, 2), (1, 2), (2, 2)], [2])
    column, price, gap, _ = held(problem, raise_by=0.25)
    assert column.tolist() == [-1, 0, 0]
    assert price.tolist() == [2.0 + 40.0 + 0.25]
    assert gap == pytest.approx(0.25)  # the one raise by which the price is too high for the request at the margin


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("raise_by", [0.01, 0.5, 4.0])
def test_the_proven_gap_holds_and_is_no_more_than_a_raise_for_each(seed: int, raise_by: float) -> None:
    """It lies between the true gap and the one that the theory promises."""
    problem = crowd(seed)
    column, _, gap, _ = held(problem, raise_by=raise_by)
    best = total_worth(problem, Exact().assign(problem))
    assert best - total_worth(problem, column) <= gap + 1e-3 * len(problem)
    assert gap <= raise_by * np.count_nonzero(column >= 0) + 1e-9


def test_an_auction_that_begins_too_high_proves_that_it_went_wrong() -> None:
    """Slots stay free at a price, and the gap says so."""
    problem = problem_of([[(0, 1.0)], [(0, 2.0)]], [(0, 3), (1, 3)], [1])
    column, _, gap, _ = held(problem, raise_by=0.1, least=100.0)
    assert column.tolist() == [-1, -1]
    assert gap == pytest.approx(100.0)


def test_a_coarse_auction_that_proves_too_little_is_held_again() -> None:
    """The policy ends within its gap where a single coarse round does not."""
    problem, gap_nats = crowd(1), 0.02
    column, _, gap, _ = held(problem, raise_by=32 * gap_nats)
    assert gap > gap_nats * np.count_nonzero(column >= 0)
    assigned = Auction(gap_nats=gap_nats).assign(problem)
    best = total_worth(problem, Exact().assign(problem))
    assert total_worth(problem, assigned) >= best - gap_nats * np.count_nonzero(assigned >= 0) - 1e-3 * len(problem)


def test_who_is_left_out_takes_what_is_free() -> None:
    """The most valued free option, in the order given; nothing that is worth less than to be left out."""
    problem = problem_of(
        [[(0, 3.0), (1, 2.0), (2, 1.0)], [(0, 1.0)], [(2, -50.0)]], [(0, 2), (0, 2), (1, 2), (2, 2)], [1, 1, 2]
    )
    options, column = problem.options, np.full(4, -1, dtype=np.int32)
    free = np.array([0, 1, 2])
    fill_free_slots(
        *(options.satellite, options.worth_nats, problem.cell, problem.left_out_nats),
        np.array([1, 0, 2, 3]),
        free,
        column,
    )
    assert column.tolist() == [2, 1, -1, -1]
    assert free.tolist() == [0, 0, 1]
