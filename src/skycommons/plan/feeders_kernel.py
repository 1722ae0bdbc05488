"""The compiled matching of gateways' antennas and satellites.

A gateway has several antennas, so it is matched with several satellites; a satellite with one gateway at most. First the
pairs of the slot before are kept, then the nearest pairs are taken, then paths that move satellites from gateway to gateway
make room for one more each. After a search without success no later one can succeed through the gateways that it saw, so
they are not looked at again, and all searches together cost little more than one look at every pair.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Ints, Ints32


@njit(error_model="numpy", nogil=True, cache=True)
def match_feeders(start: Ints, sat: Ints32, order: Ints, antennas: Ints, kept: Ints32) -> Ints32:
    """Which gateway feeds each satellite: as many satellites as the antennas allow.

    Args:
        start: ``(K+1,)`` the pairs of gateway ``g`` are ``start[g]:start[g+1]``.
        sat: ``(L,)`` satellite of each pair.
        order: ``(L,)`` pairs, the most wanted first.
        antennas: ``(K,)``.
        kept: ``(S,)`` gateway of the slot before, -1 for none.
    Returns:
        ``(S,)`` gateway, -1 for none.
    """
    gateways, satellites = len(start) - 1, len(kept)
    gateway_of = np.empty(len(sat), np.int32)
    held = np.empty(
        start[-1], np.int32
    )  # satellites of each gateway, from start[gateway] on: it never has more than it sees
    count = np.zeros(gateways, np.int64)
    place = np.full(satellites, -1, np.int64)  # where each satellite stands in held
    fed = np.full(satellites, -1, np.int32)
    for gateway in range(gateways):
        for pair in range(start[gateway], start[gateway + 1]):
            gateway_of[pair] = gateway
            if kept[sat[pair]] == gateway and count[gateway] < antennas[gateway]:
                _hold(sat[pair], gateway, start, held, count, place, fed)
    for pair in order:
        gateway = gateway_of[pair]
        if fed[sat[pair]] < 0 and count[gateway] < antennas[gateway]:
            _hold(sat[pair], gateway, start, held, count, place, fed)
    first, seen_by = _by_satellite(start, sat, satellites)
    mover = np.full(
        gateways, -1, np.int32
    )  # the satellite that a search would move to each gateway; -1 where none came
    queue = np.empty(gateways, np.int32)
    for pair in order:
        if fed[sat[pair]] >= 0:
            continue
        goal, used = _search(sat[pair], antennas, start, held, count, first, seen_by, mover, queue)
        if goal >= 0:
            _shift(goal, mover, start, held, count, place, fed)
            for index in range(used):
                mover[queue[index]] = -1
    return fed


@njit(error_model="numpy", nogil=True, cache=True)
def _hold(sat: int, gateway: int, start: Ints, held: Ints32, count: Ints, place: Ints, fed: Ints32) -> None:
    """A free antenna of a gateway takes a satellite."""
    place[sat] = start[gateway] + count[gateway]
    held[place[sat]] = sat
    count[gateway] += 1
    fed[sat] = gateway


@njit(error_model="numpy", nogil=True, cache=True)
def _by_satellite(start: Ints, sat: Ints32, satellites: int) -> tuple[Ints, Ints32]:
    """The pairs by satellite: where each one's begin, and the gateways that see it."""
    first = np.zeros(satellites + 1, np.int64)
    for pair in range(len(sat)):
        first[sat[pair] + 1] += 1
    for row in range(satellites):
        first[row + 1] += first[row]
    cursor = first[:-1].copy()
    seen_by = np.empty(len(sat), np.int32)
    for gateway in range(len(start) - 1):
        for pair in range(start[gateway], start[gateway + 1]):
            seen_by[cursor[sat[pair]]] = gateway
            cursor[sat[pair]] += 1
    return first, seen_by


@njit(error_model="numpy", nogil=True, cache=True)
def _search(
    root: int,
    antennas: Ints,
    start: Ints,
    held: Ints32,
    count: Ints,
    first: Ints,
    seen_by: Ints32,
    mover: Ints32,
    queue: Ints32,
) -> tuple[int, int]:
    """The gateway with a free antenna that is fewest moves away, -1 for none; and how many gateways were queued."""
    used, turn = 0, 0
    sat = root
    cursor, end = np.int64(0), np.int64(0)  # the satellites of the gateway whose turn it is
    while True:
        for index in range(first[sat], first[sat + 1]):
            gateway = seen_by[index]
            if mover[gateway] < 0 and antennas[gateway] > 0:
                mover[gateway] = sat
                queue[used] = gateway
                used += 1
                if count[gateway] < antennas[gateway]:
                    return gateway, used
        while cursor == end:
            if turn == used:
                return -1, used
            cursor = start[queue[turn]]
            end = cursor + count[queue[turn]]
            turn += 1
        sat = held[cursor]
        cursor += 1


@njit(error_model="numpy", nogil=True, cache=True)
def _shift(goal: int, mover: Ints32, start: Ints, held: Ints32, count: Ints, place: Ints, fed: Ints32) -> None:
    """Move every satellite of a found path one gateway on; the root comes in at its other end."""
    spot = start[goal] + count[goal]
    count[goal] += 1
    gateway = goal
    while gateway >= 0:
        sat = mover[gateway]
        left, freed = fed[sat], place[sat]
        held[spot], place[sat], fed[sat] = sat, spot, gateway
        gateway, spot = left, freed
