"""Length of lasers, and how low their line of sight passes."""

import numpy as np
import pytest

from skycommons.plan.lasers_kernel import reachable

pytestmark = pytest.mark.kernel

EARTH_M = 6_378_137.0
PAIRS = np.array([[0, 1]], dtype=np.int32)
BOTH = np.ones(2, dtype=np.bool_)
FAR_M = 1e8


@pytest.mark.parametrize(("lowest_m", "allowed"), [(79_999.0, False), (80_001.0, True)])
def test_a_line_of_sight_must_stay_above_the_grazing_height(lowest_m: float, allowed: bool) -> None:
    """Two satellites whose line is lowest half way."""
    position_m = np.array([[EARTH_M + lowest_m, 2_000e3, 0.0], [EARTH_M + lowest_m, -2_000e3, 0.0]])
    range_m, up = reachable(PAIRS, position_m, BOTH, FAR_M, 80e3)
    assert range_m.tolist() == [4_000e3]
    assert up.tolist() == [allowed]


def test_a_line_that_only_rises_is_judged_at_its_lower_end() -> None:
    """The Earth behind a satellite is not in the way."""
    low, high = EARTH_M + 100e3, EARTH_M + 2_000e3
    position_m = np.array([[low, 0.0, 0.0], [high, 0.0, 0.0]])
    assert reachable(PAIRS, position_m, BOTH, FAR_M, 80e3)[1].tolist() == [True]
    assert reachable(PAIRS[:, ::-1].copy(), position_m, BOTH, FAR_M, 80e3)[1].tolist() == [True]
    assert reachable(PAIRS, position_m, BOTH, FAR_M, 101e3)[1].tolist() == [False]


def test_without_a_height_nothing_is_in_the_way() -> None:
    """Minus infinity allows a line through the Earth."""
    position_m = np.array([[7_000e3, 0.0, 0.0], [-7_000e3, 0.0, 0.0]])
    assert reachable(PAIRS, position_m, BOTH, FAR_M, 80e3)[1].tolist() == [False]
    assert reachable(PAIRS, position_m, BOTH, FAR_M, -np.inf)[1].tolist() == [True]


def test_range_and_validity_are_asked_for_too() -> None:
    """And two satellites in one place have no direction to point in."""
    position_m = np.array([[7_000e3, 0.0, 0.0], [7_000e3, 100e3, 0.0], [7_000e3, 0.0, 0.0]])
    pairs = np.array([[0, 1], [1, 2], [0, 2]], dtype=np.int32)
    valid = np.array([True, True, True])
    assert reachable(pairs, position_m, valid, 100e3, 0.0)[1].tolist() == [True, True, False]
    assert reachable(pairs, position_m, valid, 99e3, 0.0)[1].tolist() == [False, False, False]
    valid[2] = False
    assert reachable(pairs, position_m, valid, 100e3, 0.0)[1].tolist() == [True, False, False]
