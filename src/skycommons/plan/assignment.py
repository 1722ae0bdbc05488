"""Which request gets which satellite, so that no satellite serves more than it can.

Rules: policies are objects; write your own and pass it in. All serve the same aim, the sum of what is worth most with a
price on every request that is left out, so that their results can be compared: `total_worth`. Options stand with the most
valued first. Same problem, same result.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, Protocol

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints, Ints32, check_shape
from skycommons.base.errors import InputError, PlanError
from skycommons.model.service_rules import (
    AssignmentRule,
    AuctionAssignment,
    ExactAssignment,
    GreedyAssignment,
    HighestAssignment,
    ObservedAssignment,
)
from skycommons.plan.auction_kernel import book_rows, fill_free_slots, hold_auction, proven_gap
from skycommons.plan.choice import OBSERVED_WEIGHTS, UtilityWeights
from skycommons.plan.greedy_kernel import best_pairs_first, highest_first
from skycommons.plan.min_cost_flow import cheapest_flow
from skycommons.plan.options import Options

UNSERVED_NATS: Final = MappingProxyType({0: 160.0, 1: 80.0, 2: 40.0, 3: 20.0})
"""What it costs to leave out a request, by its rank; far above what one satellite can be worth over another."""
LEAST_GAP_NATS: Final = 1e-3  # the exact policy's own rounding
ROUNDS: Final = (32.0, 4.0, 1.0)  # an auction's raises in gaps, coarse to fine; measured: decision 0028
RETREAT: Final = 3.0  # raises by which prices step back between rounds; less leaves slots free that are not cheap

ELEVATION_ALONE: Final = UtilityWeights(
    elevation_nats=1.0,
    cosecant_nats=0.0,
    poleward_nats=0.0,
    v2_mini_nats=0.0,
    kept_nats=0.0,
    low_nats=0.0,
    near_gso_nats=0.0,
    source="orders by elevation and by nothing else",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """One slot's question.

    Attributes:
        options: Of the ``C`` cells.
        cell: ``(Q,)`` row of each request's cell.
        rank: ``(Q,)`` 0 protected to 3 background.
        slots: ``(S,)`` how many requests each satellite can serve.
        before: ``(Q,)`` satellite that served the request in the slot before, -1 for none.
    """

    options: Options
    cell: Ints
    rank: Bytes
    slots: Ints32
    before: Ints32

    def __post_init__(self) -> None:
        for name in ("rank", "before"):
            check_shape(name, getattr(self, name), (len(self.cell),))

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def by_rank(self) -> Ints:
        """``(Q,)`` rows of the requests, better ranks first."""
        return np.argsort(self.rank, kind="stable")

    @property
    def left_out_nats(self) -> Floats:
        """``(Q,)`` what it costs to leave out each request."""
        return np.array([UNSERVED_NATS[rank] for rank in sorted(UNSERVED_NATS)])[self.rank]


class AssignmentPolicy(Protocol):
    """What a policy must have."""

    is_random: ClassVar[bool]

    @property
    def weights(self) -> UtilityWeights:
        """What a candidate is worth, before luck."""
        ...

    def assign(self, problem: Problem) -> Ints32:
        """``(Q,)`` column of the cell's options that each request gets, -1 for none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Chance weighted by what the real scheduler is seen to prefer, within capacity.

    Options carry luck, so a satellite with free slots is drawn by the odds of `skycommons.plan.choice`; where slots are
    scarce, an auction settles who steps back.

    Attributes:
        weights: What a candidate is worth before luck.
        gap_nats: As `Auction`'s.
    Raises:
        InputError: The gap is below 0.001.
    """

    is_random: ClassVar[bool] = True

    weights: UtilityWeights = OBSERVED_WEIGHTS
    gap_nats: float = 0.1

    def __post_init__(self) -> None:
        _check_gap(self.gap_nats)

    def assign(self, problem: Problem) -> Ints32:
        """By auction."""
        return _auction(problem, self.gap_nats)


@dataclass(frozen=True, slots=True)
class Highest:
    """Request after request, better ranks first, takes the highest satellite with a free slot: the naive policy."""

    is_random: ClassVar[bool] = False

    @property
    def weights(self) -> UtilityWeights:
        """Elevation alone."""
        return ELEVATION_ALONE

    def assign(self, problem: Problem) -> Ints32:
        """By elevation."""
        column = np.empty(len(problem), dtype=np.int32)
        options, by_rank = problem.options, problem.by_rank
        highest_first(*(options.satellite, options.sine_elevation, problem.cell, by_rank), problem.slots.copy(), column)
        return column


@dataclass(frozen=True, slots=True, kw_only=True)
class Greedy:
    """The best pair with a free slot first, better ranks first; nothing is taken back.

    Attributes:
        weights: What a candidate is worth.
    """

    is_random: ClassVar[bool] = False

    weights: UtilityWeights = OBSERVED_WEIGHTS

    def assign(self, problem: Problem) -> Ints32:
        """By falling worth."""
        column = np.empty(len(problem), dtype=np.int32)
        options, by_rank = problem.options, problem.by_rank
        best_pairs_first(
            *(options.satellite, options.worth_nats, problem.cell, by_rank),
            *(problem.rank, problem.slots.copy(), column),
        )
        return column


@dataclass(frozen=True, slots=True, kw_only=True)
class Auction:
    """All pairs weighed against each other, to a stated gap.

    Requests bid for slots. Each bids for what is worth most to it after the price, as much as its second choice (or to be
    left out) justifies, and a little more: the raise. At the end nobody would gain more than one raise elsewhere at the
    prices then, so the total is within one raise for each request that is served of the best there is (Bertsekas).

    A coarse raise is fast, a fine one near the best. Rounds go from coarse to fine, each beginning a little below the
    prices of the last, and end as soon as the gap is proven: whatever the prices, what all slots cost and what each request
    would gain at these prices bounds the total of every assignment. If no round proves it, a last one begins at zero, where
    the argument above holds by itself.

    Attributes:
        weights: What a candidate is worth.
        gap_nats: The total worth is within this, times the requests that are served, of the greatest.
    Raises:
        InputError: The gap is below 0.001.
    Accuracy: tests/property/test_assignment.py, against `Exact`.
    Source: Bertsekas and Castañon 1989, The auction algorithm for the transportation problem.
    """

    is_random: ClassVar[bool] = False

    weights: UtilityWeights = OBSERVED_WEIGHTS
    gap_nats: float = 0.05

    def __post_init__(self) -> None:
        _check_gap(self.gap_nats)

    def assign(self, problem: Problem) -> Ints32:
        """By auction."""
        return _auction(problem, self.gap_nats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """The best assignment there is, to 0.001 nats a request; ten times slower than an auction.

    Attributes:
        weights: What a candidate is worth.
    """

    is_random: ClassVar[bool] = False

    weights: UtilityWeights = OBSERVED_WEIGHTS

    def assign(self, problem: Problem) -> Ints32:
        """By min-cost flow."""
        return cheapest_flow(
            *(problem.options.satellite, problem.options.worth_nats, problem.cell),
            left_out_nats=problem.left_out_nats,
            rank=problem.rank,
            slots=problem.slots,
        )


def policy_of(rule: AssignmentRule | AssignmentPolicy) -> AssignmentPolicy:
    """The policy that a scenario names; a policy stays itself.

    Raises:
        PlanError: It is no policy.
    """
    match rule:
        case ObservedAssignment():
            return Observed()
        case HighestAssignment():
            return Highest()
        case GreedyAssignment():
            return Greedy()
        case AuctionAssignment():
            return Auction(gap_nats=rule.gap_nats)
        case ExactAssignment():
            return Exact()
        case _:
            lacking = [name for name in ("is_random", "weights", "assign") if not hasattr(rule, name)]
            if lacking:
                raise PlanError(f"the policy {type(rule).__name__} lacks {', '.join(lacking)}")
            return rule


def total_worth(problem: Problem, assigned: Ints32) -> float:
    """What an assignment is worth (nats): its options' worth less `UNSERVED_NATS` of every request that is left out.

    Args:
        problem: ``Q`` requests.
        assigned: ``(Q,)`` columns, -1 for none.
    """
    served = assigned >= 0
    gained = problem.options.worth_nats[problem.cell[served], assigned[served]]
    return float(gained.sum(dtype=np.float64) - problem.left_out_nats[~served].sum())


def served_satellite(problem: Problem, assigned: Ints32) -> Ints32:
    """``(Q,)`` satellite that serves each request, -1 for none."""
    taken = problem.options.satellite[problem.cell, np.maximum(assigned, 0)]
    return np.where(assigned >= 0, taken, np.int32(-1))


def checked(problem: Problem, assigned: Ints32) -> Ints32:
    """The same assignment, if it is legal: what anybody's policy must pass.

    Args:
        problem: ``Q`` requests.
        assigned: ``(Q,)`` columns, -1 for none.
    Raises:
        PlanError: It is not one whole number for each request, names an option that is none, or more requests than a
            satellite has slots.
    """
    assigned = np.asarray(assigned)  # a user's policy may give anything
    if assigned.shape != (len(problem),) or assigned.dtype.kind != "i":
        raise PlanError(
            f"the policy must give one whole number for each of {len(problem):,} requests, not {assigned.dtype} of shape "
            f"{assigned.shape}"
        )
    options = problem.options.satellite
    column = np.clip(assigned, 0, max(options.shape[1] - 1, 0))
    wrong = (assigned < -1) | (assigned >= options.shape[1])
    if not wrong.any() and options.size:
        wrong = (assigned >= 0) & (options[problem.cell, column] < 0)
    if wrong.any():
        request = int(np.argmax(wrong))
        raise PlanError(
            f"the policy gave request {request} column {assigned[request]}, which is no option of its cell "
            f"({int(wrong.sum()):,} such); -1 leaves a request out"
        )
    satellite = served_satellite(problem, assigned)
    used = np.bincount(satellite[satellite >= 0], minlength=len(problem.slots))
    over = np.flatnonzero(used > problem.slots)
    if len(over):
        raise PlanError(
            f"the policy gave satellite {over[0]} {used[over[0]]:,} requests, but it has {problem.slots[over[0]]:,} slots "
            f"({len(over):,} such)"
        )
    return assigned.astype(np.int32, copy=False)


def _check_gap(gap_nats: float) -> None:
    if not gap_nats >= LEAST_GAP_NATS:
        raise InputError(f"gap_nats: must be {LEAST_GAP_NATS} or more, got {gap_nats}; the exact policy has no gap")


def _auction(problem: Problem, gap_nats: float) -> Ints32:
    """Rounds of bids from coarse to fine, until the gap is proven."""
    options, left_out = problem.options, problem.left_out_nats
    first = book_rows(options.satellite, problem.cell, problem.slots)
    column, price = np.empty(len(problem), dtype=np.int32), np.empty(len(problem.slots))
    asked = (options.satellite, options.worth_nats, problem.cell, left_out, problem.slots)
    least = np.zeros(len(problem.slots))
    for rounds, gaps in enumerate(ROUNDS):
        hold_auction(*asked, first, least, gaps * gap_nats, column, price)
        if rounds and proven_gap(*asked, column, price) <= gap_nats * np.count_nonzero(column >= 0):
            _fill(problem, column)
            return column
        least = np.maximum(0.0, price - RETREAT * gaps * gap_nats)
    hold_auction(*asked, first, np.zeros(len(problem.slots)), gap_nats, column, price)
    return column


def _fill(problem: Problem, column: Ints32) -> None:
    """Whoever is left out takes what is free, better ranks first, in place."""
    left = np.flatnonzero(column < 0)
    if len(left):
        satellite = served_satellite(problem, column)
        free = problem.slots - np.bincount(satellite[satellite >= 0], minlength=len(problem.slots))
        by_rank = left[np.argsort(problem.rank[left], kind="stable")]
        options = problem.options
        fill_free_slots(
            *(options.satellite, options.worth_nats, problem.cell, problem.left_out_nats), by_rank, free, column
        )
