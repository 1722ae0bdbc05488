"""How a source chooses its satellites."""

import numpy as np
import pytest

from skycommons.base.arrays import Ints
from skycommons.model.rules import HighestElevation, LowestDelay
from skycommons.plan.attachment import ByDelay, ByElevation, Candidates, policy_of

# Two flows: the first has three candidates, the second none, the third two of which one leads nowhere.
CANDIDATES = Candidates(
    start=np.array([0, 3, 3, 5]),
    sat=np.array([4, 7, 9, 1, 2], dtype=np.int32),
    range_m=np.array([1_000.0, 900.0, 1_100.0, 500.0, 600.0]),
    sine_elevation=np.array([0.5, 0.9, 0.7, 0.8, 0.6]),
    onward_m=np.array([2_000.0, 2_200.0, 1_500.0, np.inf, 4_000.0]),
)


def test_by_delay_the_whole_path_counts() -> None:
    """Smallest sum first; candidates that lead nowhere are no choice."""
    assert ByDelay().choose(CANDIDATES, 2).tolist() == [[2, 0], [-1, -1], [4, -1]]


def test_by_elevation_the_highest_is_taken_whatever_follows() -> None:
    """Even if it leads nowhere."""
    assert ByElevation().choose(CANDIDATES, 4).tolist() == [[1, 2, 0, -1], [-1] * 4, [3, 4, -1, -1]]


def test_rules_become_their_policy() -> None:
    """And a policy of the user's own is taken as it is."""

    class Own:
        def choose(self, candidates: Candidates, count: int) -> Ints:
            return np.full((len(candidates.start) - 1, count), -1)

    own = Own()
    assert policy_of(LowestDelay()) == ByDelay()
    assert policy_of(HighestElevation()) == ByElevation()
    assert policy_of(own) is own


@pytest.mark.parametrize("count", [1, 3])
def test_nobody_chooses_from_nothing(count: int) -> None:
    """No flows, no choices."""
    nothing = Candidates(
        start=np.zeros(1, dtype=np.int64),
        sat=np.zeros(0, dtype=np.int32),
        range_m=np.zeros(0),
        sine_elevation=np.zeros(0),
        onward_m=np.zeros(0),
    )
    assert ByDelay().choose(nothing, count).shape == (0, count)
