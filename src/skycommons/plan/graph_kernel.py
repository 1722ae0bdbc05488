"""Compiled shortest paths over lasers.

Costs are metres of vacuum that light would cross in the same time, so that fibre and space add up. A tree is grown from
its destination outwards by Dial's bucket queue: buckets may be wider than the shortest laser, and a satellite that is
reached more cheaply after its turn is simply queued again, so the result is exact for any bucket width.

Every satellite has a row of neighbours of one fixed width, filled up with itself at infinite length: a loop of fixed
length over unsigned indices is a third faster than compressed rows (benchmarks/routes.py).
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Bools, Floats, Ints, Ints32

BUCKET_M = 100e3  # measured: 60 to 250 km are alike (benchmarks/routes.py)
BUCKETS = 4096  # the last one takes everything farther, still exactly
_STRIDE = 4  # neighbours looked at in one go: the lasers of a +Grid


@njit(error_model="numpy", nogil=True, cache=True)
def build_graph(satellites: int, pairs: Ints32, range_m: Floats, up: Bools) -> tuple[Ints32, Floats]:
    """Neighbours of every satellite over lasers that are up.

    Args:
        satellites: Number of satellites ``S``.
        pairs: ``(E, 2)`` rows; ``range_m`` and ``up`` ``(E,)``.
    Returns:
        Neighbour and length (m), both ``(S, W)``; ``W`` is a multiple of four. Unused places name the satellite itself
        at infinite length.
    """
    degree = np.zeros(satellites, np.int32)
    for pair in range(len(pairs)):
        if up[pair]:
            degree[pairs[pair, 0]] += 1
            degree[pairs[pair, 1]] += 1
    widest = 1
    for sat in range(satellites):
        widest = max(widest, degree[sat])
    width = (widest + _STRIDE - 1) // _STRIDE * _STRIDE
    neighbour = np.empty((satellites, width), np.int32)
    length = np.full((satellites, width), np.inf)
    for sat in range(satellites):
        neighbour[sat] = sat
        degree[sat] = 0
    for pair in range(len(pairs)):
        if up[pair]:
            a, b = pairs[pair, 0], pairs[pair, 1]
            neighbour[a, degree[a]], length[a, degree[a]] = b, range_m[pair]
            neighbour[b, degree[b]], length[b, degree[b]] = a, range_m[pair]
            degree[a] += 1
            degree[b] += 1
    return neighbour, length


@njit(error_model="numpy", nogil=True, cache=True)
def grow_trees(neighbour: Ints32, length: Floats, cost: Floats, parent: Ints32) -> None:
    """Shortest paths from every satellite to its nearest seed, for ``D`` sets of seeds, in place.

    Args:
        neighbour, length: ``(S, W)`` as `build_graph` makes them.
        cost: ``(D, S)`` seed cost of each satellite, infinite where it is no seed; becomes the least cost.
        parent: ``(D, S)`` becomes the next satellite towards the seed, -1 at seeds and where there is no path.
    """
    satellites = len(neighbour)
    strides = neighbour.shape[1] // _STRIDE
    head = np.full(BUCKETS, -1, np.int32)
    entry = np.empty(2 * neighbour.size + 2 * satellites, np.int32)
    following = np.empty_like(entry)
    settled = np.empty(satellites, np.bool_)
    flat_neighbour, flat_length = neighbour.reshape(-1), length.reshape(-1)
    for tree in range(len(cost)):
        _grow_tree(flat_neighbour, flat_length, strides, cost[tree], parent[tree], head, entry, following, settled)


@njit(error_model="numpy", nogil=True, cache=True)
def _grow_tree(
    neighbour: Ints32,
    length: Floats,
    strides: int,
    cost: Floats,
    parent: Ints32,
    head: Ints32,
    entry: Ints32,
    following: Ints32,
    settled: Bools,
) -> None:
    """One tree. Scratch: ``head`` all -1 before and after; linked lists of waiting satellites, one per bucket."""
    used, top = 0, np.uintp(0)
    for sat in range(len(cost)):
        parent[sat] = -1
        settled[sat] = False
        if cost[sat] < np.inf:
            bucket = _bucket_of(cost[sat])
            entry[used], following[used] = sat, head[bucket]
            head[bucket] = used
            used += 1
            top = max(top, bucket)
    current = np.uintp(0)
    while current <= top:
        item = head[current]
        if item < 0:
            current += np.uintp(1)
            continue
        head[current] = following[np.uintp(item)]
        here_sat = np.uintp(entry[np.uintp(item)])
        if settled[here_sat]:
            continue
        settled[here_sat] = True
        here = cost[here_sat]
        if used + strides * _STRIDE > len(entry):
            used = _compact(head, entry, following, cost, settled)
        for stride in range(strides):
            for place in range(_STRIDE):
                link = np.uintp((here_sat * np.uintp(strides) + np.uintp(stride)) * np.uintp(_STRIDE) + np.uintp(place))
                other = np.uintp(neighbour[link])
                there = here + length[link]
                if there < cost[other]:
                    cost[other] = there
                    parent[other] = np.int32(here_sat)
                    settled[other] = False
                    bucket = _bucket_of(there)
                    entry[used], following[used] = np.int32(other), head[bucket]
                    head[bucket] = used
                    used += 1
                    top = max(top, bucket)


@njit(error_model="numpy", nogil=True, cache=True)
def _bucket_of(cost_m: float) -> np.uintp:
    """Where a satellite of this cost waits."""
    return np.uintp(min(int(cost_m * (1.0 / BUCKET_M)), BUCKETS - 1))


@njit(error_model="numpy", nogil=True, cache=True)
def _compact(head: Ints32, entry: Ints32, following: Ints32, cost: Floats, settled: Bools) -> int:
    """Queue anew every satellite that still waits, once; returns how many do, so there is always room for the rest."""
    head[:] = -1
    used = 0
    for sat in range(len(cost)):
        if cost[sat] < np.inf and not settled[sat]:
            bucket = _bucket_of(cost[sat])
            entry[used], following[used] = sat, head[bucket]
            head[bucket] = used
            used += 1
    return used


@njit(error_model="numpy", nogil=True, cache=True)
def seed_landings(
    start: Ints, sat: Ints32, range_m: Floats, sites: Ints, onward_m: Floats, cost: Floats, landing: Ints32
) -> None:
    """Cheapest way down from every satellite, over sites that know their cost onwards; in place.

    Args:
        start, sat, range_m: A `View`'s compressed rows.
        sites: ``(K,)`` rows of the view that may take the traffic.
        onward_m: ``(K,)`` cost from there to the destination; infinite where there is no way.
        cost: ``(S,)`` lowered where a site is cheaper.
        landing: ``(S,)`` becomes the site row of the cheapest way down.
    """
    for index in range(len(sites)):
        if not onward_m[index] < np.inf:
            continue
        site = sites[index]
        for pair in range(start[site], start[site + 1]):
            total = range_m[pair] + onward_m[index]
            if total < cost[sat[pair]]:
                cost[sat[pair]] = total
                landing[sat[pair]] = site


@njit(error_model="numpy", nogil=True, cache=True)
def trace(
    first: Ints32, parent: Ints32, tree: Ints32, landing: Ints32, path: Ints32
) -> tuple[Ints32, Ints32, Ints32, Ints]:
    """Follow flows from their first satellite to the ground.

    Args:
        first: ``(F,)`` satellite that the flow enters, -1 for none.
        parent, landing: ``(D, S)`` trees and ways down.
        tree: ``(F,)`` tree of each flow.
        path: ``(K, H)`` receives the satellites of the first ``K`` flows, -1 behind the end; a longer path is cut.
    Returns:
        Per flow: last satellite, landing site, lasers crossed (-1 without a path), and a fingerprint of the path.
    """
    flows = len(first)
    last = np.full(flows, -1, np.int32)
    site = np.full(flows, -1, np.int32)
    hops = np.full(flows, -1, np.int32)
    fingerprint = np.zeros(flows, np.int64)
    path[:] = -1
    for flow in range(flows):
        sat = first[flow]
        if sat < 0:
            continue
        mark = np.uint64(14695981039346656037)  # FNV-1a, 64 bit
        count = 0
        while True:
            if flow < len(path) and count < path.shape[1]:
                path[flow, count] = sat
            mark = (mark ^ np.uint64(sat)) * np.uint64(1099511628211)
            following = parent[tree[flow], sat]
            if following < 0:
                break
            sat = following
            count += 1
        last[flow], hops[flow] = sat, count
        site[flow] = landing[tree[flow], sat]
        fingerprint[flow] = np.int64((mark ^ np.uint64(site[flow] + 1)) * np.uint64(1099511628211))
    return last, site, hops, fingerprint
