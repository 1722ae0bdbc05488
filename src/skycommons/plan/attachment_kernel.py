"""The compiled choice among the satellites that a source may use."""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats, Ints, Ints32


@njit(error_model="numpy", nogil=True, cache=True)
def smallest(start: Ints, value: Floats, count: int) -> Ints:
    """Places of the smallest finite values of every run, ascending; -1 where there are fewer."""
    flows = len(start) - 1
    chosen = np.full((flows, count), -1, np.int64)
    for flow in range(flows):
        for place in range(start[flow], start[flow + 1]):
            if not value[place] < np.inf:
                continue
            rank = count
            while rank > 0 and (chosen[flow, rank - 1] < 0 or value[place] < value[chosen[flow, rank - 1]]):
                if rank < count:
                    chosen[flow, rank] = chosen[flow, rank - 1]
                rank -= 1
            if rank < count:
                chosen[flow, rank] = place
    return chosen


@njit(error_model="numpy", nogil=True, cache=True)
def gather(
    start: Ints, sat: Ints32, range_m: Floats, sine_elevation: Floats, source: Ints, tree: Ints32, cost: Floats
) -> tuple[Ints, Ints32, Floats, Floats, Floats]:
    """Columns of `Candidates` for flows, from a view's rows and the trees' costs ``(D, S)``."""
    flows = len(source)
    begin = np.zeros(flows + 1, np.int64)
    for flow in range(flows):
        begin[flow + 1] = begin[flow] + start[source[flow] + 1] - start[source[flow]]
    total = begin[flows]
    satellite = np.empty(total, np.int32)
    reach, sine, onward = np.empty(total), np.empty(total), np.empty(total)
    for flow in range(flows):
        place = begin[flow]
        for pair in range(start[source[flow]], start[source[flow] + 1]):
            satellite[place] = sat[pair]
            reach[place] = range_m[pair]
            sine[place] = sine_elevation[pair]
            onward[place] = cost[tree[flow], sat[pair]]
            place += 1
    return begin, satellite, reach, sine, onward
