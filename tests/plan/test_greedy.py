"""Assignments that never take back."""

import numpy as np
import pytest

from skycommons.plan.assignment import Greedy, Highest, Problem
from tests.support.assignments import problem_of

pytestmark = pytest.mark.kernel


def plainest(problem: Problem) -> list[int]:
    """The best free pair first, by sorting all pairs."""
    options = problem.options
    pairs = sorted(
        (int(problem.rank[request]), -float(options.worth_nats[cell, column]), request, column)
        for request, cell in enumerate(problem.cell)
        for column in range(options.satellite.shape[1])
        if options.satellite[cell, column] >= 0
    )
    free, taken = problem.slots.tolist(), [-1] * len(problem)
    for _, _, request, column in pairs:
        sat = options.satellite[problem.cell[request], column]
        if taken[request] < 0 and free[sat] > 0:
            taken[request] = column
            free[sat] -= 1
    return taken


@pytest.mark.parametrize("seed", range(8))
def test_the_best_free_pair_comes_first(seed: int) -> None:
    """As if all pairs were sorted, ties by row."""
    draw = np.random.default_rng(seed)
    rows = [
        [(int(sat), float(draw.integers(5))) for sat in draw.permutation(5)[: draw.integers(0, 5)]] for _ in range(12)
    ]
    requests = [(cell, int(draw.integers(4))) for cell in range(12) for _ in range(draw.integers(0, 4))]
    problem = problem_of(rows, requests, draw.integers(0, 6, 5).tolist())
    assert Greedy().assign(problem).tolist() == plainest(problem)


def test_the_highest_with_a_free_slot_wins_whatever_it_is_worth() -> None:
    """Worth orders the columns, elevation the choice; the better rank chooses first."""
    problem = problem_of(
        [[(0, 3.0), (1, 2.0), (2, 1.0)]],
        [(0, 3), (0, 1), (0, 2), (0, 3)],
        [1, 1, 1],
        elevations=[[0.5, 0.7, 0.9]],
    )
    assert Highest().assign(problem).tolist() == [0, 2, 1, -1]
    assert problem.slots.tolist() == [1, 1, 1]
