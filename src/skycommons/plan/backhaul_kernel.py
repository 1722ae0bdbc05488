"""Compiled ends of ways over lasers."""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats, Ints32

_UNKNOWN = -2


@njit(error_model="numpy", nogil=True, cache=True)
def ends(cost: Floats, parent: Ints32) -> tuple[Ints32, Ints32]:
    """Where every satellite's way comes down, and after how many lasers.

    Args:
        cost: ``(P, S)`` least costs, infinite without a way.
        parent: ``(P, S)`` next satellite of each way, -1 at its last.
    Returns:
        Last satellite and number of lasers, both ``(P, S)``; -1 without a way.
    """
    landing = np.full(cost.shape, _UNKNOWN, np.int32)
    hops = np.full(cost.shape, -1, np.int32)
    for tree in range(len(cost)):
        for sat in range(cost.shape[1]):
            if not cost[tree, sat] < np.inf:
                landing[tree, sat] = -1
                continue
            here, lasers = sat, 0
            while landing[tree, here] == _UNKNOWN and parent[tree, here] >= 0:
                here = parent[tree, here]
                lasers += 1
            last = here
            if landing[tree, here] != _UNKNOWN:
                last = landing[tree, here]
                lasers += hops[tree, here]
            here = sat
            while landing[tree, here] == _UNKNOWN:
                landing[tree, here], hops[tree, here] = last, lasers
                here = parent[tree, here]
                lasers -= 1
                if here < 0:
                    break
    return landing, hops
