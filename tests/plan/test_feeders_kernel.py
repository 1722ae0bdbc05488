"""The matching of antennas and satellites, on cases that can be drawn on paper."""

import numpy as np
import pytest

from skycommons.base.arrays import Ints32
from skycommons.plan.feeders_kernel import match_feeders

pytestmark = pytest.mark.kernel


def matched(
    seen: list[list[int]], antennas: list[int], *, kept: list[int], order: list[int] | None = None
) -> list[int]:
    """Gateways of the satellites; each gateway's list names the satellites that it sees."""
    start = np.concatenate([[0], np.cumsum([len(row) for row in seen])]).astype(np.int64)
    sat: Ints32 = np.array([each for row in seen for each in row], dtype=np.int32)
    wanted = np.arange(len(sat)) if order is None else np.array(order, dtype=np.int64)
    fed = match_feeders(start, sat, wanted, np.array(antennas, dtype=np.int64), np.array(kept, dtype=np.int32))
    return [int(gateway) for gateway in fed]


def test_the_most_wanted_pairs_are_taken_first() -> None:
    """One antenna, two satellites: the second pair comes first in the order."""
    assert matched([[0, 1]], [1], kept=[-1, -1], order=[1, 0]) == [-1, 0]


def test_a_pair_of_the_slot_before_goes_before_the_most_wanted() -> None:
    """The antenna stays where it was."""
    assert matched([[0, 1]], [1], kept=[0, -1], order=[1, 0]) == [0, -1]


def test_a_pair_that_is_out_of_sight_is_not_kept() -> None:
    """Satellite 0 was fed by gateway 0, which sees only satellite 1 now."""
    assert matched([[1], [0]], [1, 1], kept=[0, -1]) == [1, 0]


def test_a_gateway_that_lost_antennas_keeps_as_many_as_it_has() -> None:
    """Two satellites were fed, one antenna is left."""
    assert matched([[0, 1]], [1], kept=[0, 0]) == [0, -1]


def test_a_satellite_moves_on_so_that_one_more_is_fed() -> None:
    """Gateway 0 has both, gateway 1 only satellite 0: it must take satellite 0 over."""
    assert matched([[0, 1], [0]], [1, 1], kept=[0, -1]) == [1, 0]


def test_a_chain_of_moves_is_found() -> None:
    """Satellites 0, 1, 2 each move one gateway on, and satellite 3 comes in."""
    assert matched([[0, 3], [0, 1], [1, 2], [2]], [1, 1, 1, 1], kept=[0, 1, 2, -1]) == [1, 2, 3, 0]


def test_searches_without_success_do_not_hide_ways_for_others() -> None:
    """Gateways 0 and 1 are full for good; behind gateway 2, seen by satellite 4, there is room."""
    assert matched([[0, 1, 2], [3], [4]], [1, 1, 2], kept=[0, -1, -1, 1, -1]) == [0, -1, -1, 1, 2]


def test_marks_of_a_search_are_wiped_after_success() -> None:
    """Two satellites come in by the same gateways, one after the other."""
    seen = [[0, 1, 2, 3], [0, 1]]
    assert sorted(matched(seen, [2, 2], kept=[0, 0, -1, -1])) == [0, 0, 1, 1]


def test_a_gateway_without_antennas_feeds_nobody() -> None:
    """And is no way to others."""
    assert matched([[0], [0]], [0, 1], kept=[-1]) == [1]
    assert matched([[0]], [0], kept=[-1]) == [-1]


def test_without_gateways_nothing_is_fed() -> None:
    """Empty views are no special case."""
    assert matched([], [], kept=[-1, -1]) == [-1, -1]
