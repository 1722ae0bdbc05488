"""Ends of ways over lasers, on a chain."""

import numpy as np
import pytest

from skycommons.plan.backhaul_kernel import ends

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("reverse", [False, True])
def test_every_satellite_of_a_chain_comes_down_at_its_end(reverse: bool) -> None:
    """0 -> 1 -> 2, whichever end is looked at first; the last satellite has no way."""
    chain = [2, 1, 0] if reverse else [0, 1, 2]
    parent = np.full((1, 4), -1, dtype=np.int32)
    parent[0, chain[0]], parent[0, chain[1]] = chain[1], chain[2]
    cost = np.array([[1.0, 1.0, 1.0, np.inf]])
    landing, hops = ends(cost, parent)
    assert landing.tolist() == [[chain[2]] * 3 + [-1]]
    assert [int(hops[0, sat]) for sat in chain] == [2, 1, 0]
    assert hops[0, 3] == -1


def test_branches_share_what_is_known() -> None:
    """Two satellites hang on a third one; each PoP has a tree of its own."""
    parent = np.array([[1, -1, 1], [-1, -1, -1]], dtype=np.int32)
    cost = np.array([[2.0, 1.0, 3.0], [np.inf, 1.0, 1.0]])
    landing, hops = ends(cost, parent)
    assert landing.tolist() == [[1, 1, 1], [-1, 1, 2]]
    assert hops.tolist() == [[1, 0, 1], [-1, 0, 0]]
