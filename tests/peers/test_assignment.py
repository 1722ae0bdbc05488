"""The exact assignment beside SciPy's: slot by slot as a square matrix, and as a linear program."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment, linprog

from skycommons.plan.assignment import Exact, Problem, total_worth
from tests.support.assignments import problem_of

ROUNDING_NATS = 1e-3  # of each request


def crowded(seed: int) -> Problem:
    """40 cells, 8 satellites, about as many slots as requests."""
    draw = np.random.default_rng(seed)
    rows = [[(int(sat), float(draw.gumbel())) for sat in draw.permutation(8)[: draw.integers(0, 6)]] for _ in range(40)]
    requests = [(cell, int(draw.integers(4))) for cell in range(40) for _ in range(draw.integers(1, 4))]
    return problem_of(rows, requests, draw.integers(0, 14, 8).tolist())


@pytest.mark.parametrize("seed", range(6))
def test_no_matching_of_requests_and_slots_is_worth_more(seed: int) -> None:
    """SciPy's matching takes every slot for itself, and a place outside for every request."""
    problem = crowded(seed)
    owner = np.repeat(np.arange(len(problem.slots)), problem.slots)
    worth = np.full((len(problem), len(owner) + len(problem)), -1e6)
    worth[np.arange(len(problem)), len(owner) + np.arange(len(problem))] = -problem.left_out_nats
    for request, cell in enumerate(problem.cell):
        for sat, nats in zip(problem.options.satellite[cell], problem.options.worth_nats[cell], strict=True):
            if sat >= 0:
                worth[request, np.flatnonzero(owner == sat)] = nats
    rows, columns = linear_sum_assignment(worth, maximize=True)
    _same(problem, float(worth[rows, columns].sum()))


@pytest.mark.parametrize("seed", range(6))
def test_no_linear_program_is_worth_more(seed: int) -> None:
    """HiGHS may even split a request."""
    problem = crowded(seed)
    request, place = np.nonzero(problem.options.satellite[problem.cell] >= 0)
    sat = problem.options.satellite[problem.cell[request], place]
    gain = problem.options.worth_nats[problem.cell[request], place] + problem.left_out_nats[request]
    by_request = (request == np.arange(len(problem))[:, np.newaxis]).astype(float)
    by_satellite = (sat == np.arange(len(problem.slots))[:, np.newaxis]).astype(float)
    solved = linprog(
        -gain,
        A_ub=np.concatenate([by_request, by_satellite]),
        b_ub=np.concatenate([np.ones(len(problem)), problem.slots]),
        bounds=(0.0, 1.0),
    )
    assert solved.fun is not None
    _same(problem, float(-solved.fun - problem.left_out_nats.sum()))


def _same(problem: Problem, best_nats: float) -> None:
    found = total_worth(problem, Exact().assign(problem))
    assert found <= best_nats + 1e-6
    assert found >= best_nats - ROUNDING_NATS * len(problem)
