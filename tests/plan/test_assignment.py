"""Policies share out slots, each in its own way; what breaks a rule is refused in words."""

from typing import cast

import numpy as np
import pytest

from skycommons.base.arrays import Ints32
from skycommons.base.errors import InputError, PlanError, ShapeError
from skycommons.model.service_rules import (
    AssignmentRule,
    AuctionAssignment,
    ExactAssignment,
    GreedyAssignment,
    HighestAssignment,
    ObservedAssignment,
)
from skycommons.plan.assignment import (
    AssignmentPolicy,
    Auction,
    Exact,
    Greedy,
    Highest,
    Observed,
    Problem,
    checked,
    policy_of,
    served_satellite,
    total_worth,
)
from tests.support.assignments import problem_of

pytestmark = pytest.mark.kernel
STANDARD, PROTECTED, BACKGROUND = 2, 0, 3


def two_of_one_mind(*, slots: tuple[int, int] = (1, 1)) -> Problem:
    """Both cells rather have satellite 0; the second hardly cares."""
    return problem_of(
        [[(0, 3.0), (1, 0.0)], [(0, 4.0), (1, 3.5)]], [(0, STANDARD), (1, STANDARD)], slots, elevations=[[0.6, 0.9]] * 2
    )


@pytest.mark.parametrize("policy", [Exact(), Auction(), Observed()], ids=lambda policy: type(policy).__name__)
def test_all_pairs_are_weighed(policy: AssignmentPolicy) -> None:
    """Who hardly cares steps back."""
    problem = two_of_one_mind()
    assigned = policy.assign(problem)
    assert served_satellite(problem, assigned).tolist() == [0, 1]
    assert total_worth(problem, assigned) == pytest.approx(6.5)


def test_greedy_takes_the_best_pair_and_keeps_it() -> None:
    """The second cell's first choice is worth most."""
    problem = two_of_one_mind()
    assigned = Greedy().assign(problem)
    assert served_satellite(problem, assigned).tolist() == [1, 0]
    assert total_worth(problem, assigned) == pytest.approx(4.0)


def test_highest_looks_at_elevation_alone() -> None:
    """The first cell takes the higher satellite; the second has to take the other."""
    problem = two_of_one_mind()
    assert served_satellite(problem, Highest().assign(problem)).tolist() == [1, 0]
    assert served_satellite(
        two_of_one_mind(slots=(1, 2)), Highest().assign(two_of_one_mind(slots=(1, 2)))
    ).tolist() == [1, 1]


@pytest.mark.parametrize(
    "policy", [Exact(), Auction(), Observed(), Greedy(), Highest()], ids=lambda policy: type(policy).__name__
)
def test_protected_users_come_first(policy: AssignmentPolicy) -> None:
    """However little their option is worth; who is left out costs the price of its rank."""
    problem = problem_of([[(0, -5.0)], [(0, 9.0)], []], [(1, BACKGROUND), (0, PROTECTED), (2, STANDARD)], [1])
    assigned = policy.assign(problem)
    assert assigned.tolist() == [-1, 0, -1]
    assert total_worth(problem, assigned) == pytest.approx(-5.0 - 20.0 - 40.0)


def test_requests_of_a_cell_may_part() -> None:
    """Three channels of one cell and two satellites with room for two and one."""
    problem = problem_of([[(0, 1.0), (1, 0.5)]], [(0, STANDARD)] * 3, [2, 1])
    for policy in (Exact(), Auction(), Greedy()):
        assert sorted(policy.assign(problem).tolist()) == [0, 0, 1]


def test_no_requests_need_no_satellite() -> None:
    """An empty question has an empty answer."""
    problem = problem_of([[(0, 1.0)]], [], [1])
    for policy in (Exact(), Auction(), Greedy(), Highest()):
        assert policy.assign(problem).tolist() == []
        assert total_worth(problem, policy.assign(problem)) == 0.0


@pytest.mark.parametrize(
    ("rule", "policy"),
    [
        (ObservedAssignment(), Observed()),
        (HighestAssignment(), Highest()),
        (GreedyAssignment(), Greedy()),
        (AuctionAssignment(gap_nats=0.2), Auction(gap_nats=0.2)),
        (ExactAssignment(), Exact()),
        (Greedy(), Greedy()),
    ],
    ids=lambda item: type(item).__name__,
)
def test_a_rule_names_its_policy(rule: AssignmentRule | AssignmentPolicy, policy: AssignmentPolicy) -> None:
    """And a policy stays itself."""
    assert policy_of(rule) == policy


def test_only_the_observed_policy_is_random_and_only_the_highest_looks_at_elevation_alone() -> None:
    """What options are worth hangs on the policy."""
    assert [policy.is_random for policy in (Observed(), Highest(), Greedy(), Auction(), Exact())] == [True] + 4 * [
        False
    ]
    assert Highest().weights.elevation_nats == 1.0
    assert not Highest().weights.vector_nats.any()
    assert Greedy().weights == Exact().weights == Observed().weights


@pytest.mark.parametrize("gap_nats", [0.0, -1.0, 1e-4, float("nan")])
def test_a_gap_of_nothing_is_refused(gap_nats: float) -> None:
    """An auction that raises by nothing may never end."""
    with pytest.raises(InputError, match=r"gap_nats: must be 0\.001 or more"):
        Auction(gap_nats=gap_nats)
    with pytest.raises(InputError, match="the exact policy has no gap"):
        Observed(gap_nats=gap_nats)


@pytest.mark.parametrize(
    ("assigned", "words"),
    [
        (np.array([0], dtype=np.int32), r"one whole number for each of 2 requests, not int32 of shape \(1,\)"),
        (np.array([0.0, 1.0]), "one whole number for each of 2 requests, not float64"),
        (None, r"one whole number for each of 2 requests, not object of shape \(\)"),
        (np.array([0, 2], dtype=np.int32), r"request 1 column 2, which is no option of its cell \(1 such\)"),
        (np.array([-2, 5], dtype=np.int32), r"request 0 column -2, which is no option of its cell \(2 such\)"),
        (np.array([0, 0], dtype=np.int32), r"satellite 0 2 requests, but it has 1 slots \(1 such\)"),
    ],
)
def test_an_illegal_answer_is_refused(assigned: Ints32, words: str) -> None:
    """With what is wrong and where."""
    with pytest.raises(PlanError, match=words):
        checked(two_of_one_mind(), assigned)


def test_what_lacks_a_part_is_no_policy() -> None:
    """And is told which, before anything is planned."""
    with pytest.raises(PlanError, match="the policy object lacks is_random, weights, assign"):
        policy_of(cast("AssignmentPolicy", object()))


def test_an_option_behind_the_last_is_none() -> None:
    """A cell that sees one satellite has one column, however wide the table is."""
    problem = problem_of([[(0, 1.0), (1, 0.0)], [(1, 1.0)]], [(0, STANDARD), (1, STANDARD)], [5, 5])
    with pytest.raises(PlanError, match="request 1 column 1"):
        checked(problem, np.array([0, 1], dtype=np.int32))
    assert checked(problem, np.array([1, -1])).dtype == np.int32


def test_columns_of_a_question_have_one_length() -> None:
    """Ranks that are missing are noticed at once."""
    problem = two_of_one_mind()
    with pytest.raises(ShapeError):
        Problem(
            options=problem.options,
            cell=problem.cell,
            rank=problem.rank[:1],
            slots=problem.slots,
            before=problem.before,
        )
