"""The best assignment as a flow."""

import numpy as np
import pytest
from ortools.graph.python import min_cost_flow

from skycommons.base.errors import PlanError
from skycommons.plan.assignment import Exact
from tests.support.assignments import problem_of


def test_like_requests_share_what_their_group_is_given() -> None:
    """Requests of one cell and rank need not stand side by side; those behind go short."""
    problem = problem_of([[(0, 1.0), (1, 0.0)], [(1, 5.0)]], [(0, 2), (0, 1), (0, 2), (1, 2), (0, 2)], [2, 2])
    assigned = Exact().assign(problem)
    assert assigned[1] == 0
    assert assigned[3] == 0
    assert assigned[[0, 2, 4]].tolist() == [0, 1, -1]


def test_a_chain_of_requests_moves_up() -> None:
    """One satellite each is best only if all step aside."""
    problem = problem_of(
        [[(0, 5.0)], [(0, 6.0), (1, 1.0)], [(1, 6.0), (2, 1.0)]], [(cell, 2) for cell in range(3)], [1, 1, 1]
    )
    assert Exact().assign(problem).tolist() == [0, 1, 1]


def test_a_solver_that_gives_up_is_an_error_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said and what to do."""

    real = min_cost_flow.SimpleMinCostFlow
    quitter = type("Quitter", (real,), {"solve": lambda self: real.Status.BAD_COST_RANGE})
    monkeypatch.setattr(min_cost_flow, "SimpleMinCostFlow", quitter)
    with pytest.raises(PlanError, match="ended with BAD_COST_RANGE; assign by auction instead"):
        Exact().assign(problem_of([[(0, 1.0)]], [(0, 2)], [1]))


def test_worth_below_the_price_of_being_left_out_is_not_taken() -> None:
    """The aim is the sum, so an option can be too bad."""
    problem = problem_of([[(0, -25.0)]], [(0, 3)], [1])
    assert Exact().assign(problem).tolist() == [-1]
    assert np.isfinite(problem.options.worth_nats).all()
