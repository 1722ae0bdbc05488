"""The compiled filling of beams: which beam of its satellite serves a request, and for which share of the time."""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats, Ints, Ints32, Shorts


@njit(error_model="numpy", nogil=True, cache=True)
def fill_beams(satellite: Ints32, cell: Ints, time: Floats, beams: Ints, most: int) -> tuple[Shorts, Floats]:
    """Beams of requests and shares of their time.

    Args:
        satellite: ``(N,)`` row of the satellite that serves each request.
        cell: ``(N,)`` row of its cell; requests of one cell stand together.
        time: ``(N, R)`` share of a beam's time that each asks for by rank, the first rank first served.
        beams: ``(S,)``.
        most: Requests that one beam visits.
    Returns:
        Beam ``(N,)``, -1 where no beam of the satellite may take the request; share ``(N,)`` of its time.
    """
    beam = np.full(len(satellite), -1, np.int16)
    share = np.zeros(len(satellite))
    start, row = _grouped(satellite, len(beams))
    load = time.sum(axis=1)
    widest = max(1, beams.max()) if len(beams) else 1
    room = np.empty((widest, most), np.int64)
    count, weight, is_taken = np.empty(widest, np.int64), np.empty(widest), np.empty(widest, np.bool_)
    for sat in range(len(beams)):
        mine = row[start[sat] : start[sat + 1]]
        if len(mine) == 0 or beams[sat] < 1:
            continue
        width = beams[sat]
        order = mine[np.argsort(-load[mine], kind="mergesort")]
        if not _by_load(beam, order, cell, satellite, load, count[:width], weight[:width], is_taken[:width], most):
            _in_turn(beam, mine, cell, count[:width], most)
        count[:width] = 0
        for request in mine:
            place = beam[request]
            if place >= 0:
                room[place, count[place]] = request
                count[place] += 1
        for place in range(width):
            _divide(share, room[place, : count[place]], time)
    return beam, share


@njit(error_model="numpy", nogil=True, cache=True)
def _grouped(satellite: Ints32, satellites: int) -> tuple[Ints, Ints]:
    """Requests by satellite, in their order: begin of each satellite's and the rows."""
    start = np.zeros(satellites + 1, np.int64)
    for sat in satellite:
        start[sat + 1] += 1
    for sat in range(satellites):
        start[sat + 1] += start[sat]
    free = start[:-1].copy()
    row = np.empty(len(satellite), np.int64)
    for request in range(len(satellite)):
        row[free[satellite[request]]] = request
        free[satellite[request]] += 1
    return start, row


@njit(error_model="numpy", nogil=True, cache=True)
def _by_load(
    beam: Shorts,
    order: Ints,
    cell: Ints,
    satellite: Ints32,
    load: Floats,
    count: Ints,
    weight: Floats,
    is_taken: np.ndarray,
    most: int,
) -> bool:
    """Put the heaviest request first into the lightest beam that may take it; whether all found one."""
    count[:] = 0
    weight[:] = 0.0
    for request in order:
        is_taken[:] = False
        for step in (-1, 1):
            other = request + step
            while 0 <= other < len(cell) and cell[other] == cell[request]:
                if satellite[other] == satellite[request] and beam[other] >= 0:
                    is_taken[beam[other]] = True
                other += step
        best = -1
        for place in range(len(count)):
            if is_taken[place] or count[place] >= most:
                continue
            if best < 0 or weight[place] < weight[best]:
                best = place
        if best < 0:
            return False
        beam[request] = best
        count[best] += 1
        weight[best] += load[request]
    return True


@njit(error_model="numpy", nogil=True, cache=True)
def _in_turn(beam: Shorts, mine: Ints, cell: Ints, count: Ints, most: int) -> None:
    """Deal requests to beams in turn: all find one, but those of a cell that has more requests than there are beams."""
    count[:] = 0
    turn, begin = 0, 0
    for place in range(len(mine)):
        request = mine[place]
        beam[request] = -1
        if place > 0 and cell[mine[place - 1]] != cell[request]:
            begin = place
        chosen = turn % len(count)
        if place - begin < len(count) and count[chosen] < most:
            beam[request] = chosen
            count[chosen] += 1
            turn += 1


@njit(error_model="numpy", nogil=True, cache=True)
def _divide(share: Floats, members: Ints, time: Floats) -> None:
    """Divide one beam's time: rank after rank, each gets the least of what it asks for and an equal part of what is left."""
    left = 1.0
    for rank in range(time.shape[1]):
        asked = 0.0
        for request in members:
            asked += time[request, rank]
        level = np.inf if asked <= left else _level(members, time[:, rank], left)
        for request in members:
            share[request] += min(time[request, rank], level)
        left = max(0.0, left - asked)


@njit(error_model="numpy", nogil=True, cache=True)
def _level(members: Ints, time: Floats, left: float) -> float:
    """The equal part of those who cannot have all they ask for."""
    level = left / len(members)
    for _ in range(len(members)):
        rest, above = left, 0
        for request in members:
            if time[request] <= level:
                rest -= time[request]
            else:
                above += 1
        if above == 0 or rest / above <= level:
            break
        level = rest / above
    return level
