"""Compiled assignments that never take back what they gave.

Rules: requests of a better rank come first. Ties go to the request of the lower row and the option of the lower column.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Bytes, Floats32, Ints, Ints32


@njit(error_model="numpy", nogil=True, cache=True)
def best_pairs_first(
    satellite: Ints32, worth: Floats32, cell: Ints, by_rank: Ints, rank: Bytes, free: Ints32, column: Ints32
) -> None:
    """Of all pairs with a free slot take the one that is worth most, until there is none; rank by rank, in place.

    Each request waits with its best option that may be free; one whose satellite has filled meanwhile waits again with
    its next, so only pairs that could be taken are ever compared.

    Args:
        satellite, worth: ``(C, K)`` options (nats), the most valued first.
        cell, rank: ``(Q,)``.
        by_rank: ``(Q,)`` requests, those of better rank first.
        free: ``(S,)`` slots; those that are left remain.
        column: ``(Q,)`` becomes the column of the option that each request gets, -1 for none.
    """
    column[:] = -1
    begin = 0
    while begin < len(by_rank):
        end = begin
        while end < len(by_rank) and rank[by_rank[end]] == rank[by_rank[begin]]:
            end += 1
        _one_rank(satellite, worth, cell, by_rank[begin:end], free, column)
        begin = end


@njit(error_model="numpy", nogil=True, cache=True)
def _one_rank(satellite: Ints32, worth: Floats32, cell: Ints, requests: Ints, free: Ints32, column: Ints32) -> None:
    """The best pairs of requests of one rank."""
    key, waiting = np.empty(len(requests), np.float32), np.empty(len(requests), np.int64)
    size = 0
    for request in requests:
        if satellite[cell[request], 0] >= 0:
            key[size], waiting[size] = worth[cell[request], 0], request
            column[request] = 0
            size += 1
    for place in range(size // 2 - 1, -1, -1):
        _sift_down(key, waiting, size, place)
    while size > 0:
        request = waiting[0]
        row, place = cell[request], column[request]
        if free[satellite[row, place]] > 0:
            free[satellite[row, place]] -= 1
            following = -1
        else:
            following = _next_free(satellite[row], free, place + 1)
            column[request] = following
        if following >= 0:
            key[0] = worth[row, following]
        else:
            size -= 1
            key[0], waiting[0] = key[size], waiting[size]
        _sift_down(key, waiting, size, 0)


@njit(error_model="numpy", nogil=True, cache=True)
def _next_free(satellite: Ints32, free: Ints32, place: int) -> int:
    """The first column from here on whose satellite has a free slot, -1 for none."""
    for column in range(place, len(satellite)):
        if satellite[column] < 0:
            break
        if free[satellite[column]] > 0:
            return column
    return -1


@njit(error_model="numpy", nogil=True, cache=True)
def _sift_down(key: Floats32, waiting: Ints, size: int, place: int) -> None:
    """Mend a heap, highest key first and then lowest request, from one place downwards."""
    if size == 0:
        return
    moved_key, moved = key[place], waiting[place]
    here = place
    while True:
        child = 2 * here + 1
        if child >= size:
            break
        if child + 1 < size and _comes_first(key[child + 1], waiting[child + 1], key[child], waiting[child]):
            child += 1
        if not _comes_first(key[child], waiting[child], moved_key, moved):
            break
        key[here], waiting[here] = key[child], waiting[child]
        here = child
    key[here], waiting[here] = moved_key, moved


@njit(error_model="numpy", nogil=True, cache=True)
def _comes_first(key: float, request: int, other_key: float, other_request: int) -> bool:
    """Whether one waiting request stands before another."""
    return key > other_key or (key == other_key and request < other_request)


@njit(error_model="numpy", nogil=True, cache=True)
def highest_first(
    satellite: Ints32, sine_elevation: Floats32, cell: Ints, by_rank: Ints, free: Ints32, column: Ints32
) -> None:
    """Request after request takes the highest satellite with a free slot, in place.

    Args:
        satellite, sine_elevation: ``(C, K)`` options in any order.
        cell: ``(Q,)``.
        by_rank: ``(Q,)`` requests in the order in which they choose.
        free: ``(S,)`` slots; those that are left remain.
        column: ``(Q,)`` becomes the column of the option that each request gets, -1 for none.
    """
    for request in by_rank:
        row, best = cell[request], -1
        for place in range(satellite.shape[1]):
            sat = satellite[row, place]
            if sat < 0:
                break
            if free[sat] > 0 and (best < 0 or sine_elevation[row, place] > sine_elevation[row, best]):
                best = place
        column[request] = best
        if best >= 0:
            free[satellite[row, best]] -= 1
