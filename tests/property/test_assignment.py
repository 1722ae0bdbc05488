"""Whatever is asked for, every policy answers within the slots, and the aim orders their answers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.plan.assignment import (
    Auction,
    Exact,
    Greedy,
    Highest,
    Observed,
    Problem,
    checked,
    served_satellite,
    total_worth,
)
from tests.support.assignments import faults, problems, slighted

POLICIES = (Observed(), Highest(), Greedy(), Auction(), Auction(gap_nats=1.0), Exact())
ROUNDING_NATS = 1e-3  # of each request, by the exact policy's whole numbers
FLOAT_NATS = 1e-6


@given(problems())
def test_every_answer_is_legal(problem: Problem) -> None:
    """One option of its own for each request or none, and no satellite over its slots."""
    for policy in POLICIES:
        assigned = policy.assign(problem)
        assert faults(problem, assigned) == []
        assert checked(problem, assigned) is assigned
        assert ((served_satellite(problem, assigned) >= 0) == (assigned >= 0)).all()


@given(problems())
def test_nothing_is_worth_more_than_the_exact_answer(problem: Problem) -> None:
    """By more than the rounding of its costs."""
    best = total_worth(problem, Exact().assign(problem))
    for policy in POLICIES:
        assert total_worth(problem, policy.assign(problem)) <= best + ROUNDING_NATS * len(problem)


@given(problems(most_cells=12, most_satellites=6), st.sampled_from([0.001, 0.05, 0.3, 2.0, 10.0]))
def test_an_auction_keeps_its_gap(problem: Problem, gap_nats: float) -> None:
    """Within the gap, times the requests that are served, of the exact answer."""
    best = total_worth(problem, Exact().assign(problem))
    for policy in (Auction(gap_nats=gap_nats), Observed(gap_nats=gap_nats)):
        assigned = policy.assign(problem)
        room = gap_nats * np.count_nonzero(assigned >= 0) + ROUNDING_NATS * len(problem) + FLOAT_NATS
        assert total_worth(problem, assigned) >= best - room


@given(problems())
def test_nobody_is_left_out_for_a_worse_rank(problem: Problem) -> None:
    """Worths of one satellite differ by less than the prices of two ranks, so a better rank never goes short."""
    for policy in POLICIES:
        assert slighted(problem, policy.assign(problem)) == []


@given(problems())
def test_a_request_goes_short_only_where_every_option_is_full(problem: Problem) -> None:
    """A free slot that somebody could use is used."""
    for policy in POLICIES:
        assigned = policy.assign(problem)
        satellite = served_satellite(problem, assigned)
        free = np.bincount(satellite[satellite >= 0], minlength=len(problem.slots)) < problem.slots
        for request in np.flatnonzero(assigned < 0):
            options = problem.options.satellite[problem.cell[request]]
            assert not free[options[options >= 0]].any()


@given(problems())
def test_the_same_question_has_the_same_answer(problem: Problem) -> None:
    """Policies keep nothing and draw nothing."""
    for policy in POLICIES:
        assert policy.assign(problem).tolist() == policy.assign(problem).tolist()
