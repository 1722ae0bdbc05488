"""The compiled search for the nearest neighbours of satellites."""

import numpy as np
from numba import njit

from skycommons.base.arrays import Bools, Floats, Ints32
from skycommons.plan.visibility_kernel import BANDS, SECTORS, bin_satellites

_CANDIDATES = 12  # nearest that each satellite offers; more than any satellite carries lasers


@njit(error_model="numpy", nogil=True, cache=True)
def _box_spans(x: float, y: float, z: float, max_range_m: float) -> tuple[int, int, int, int]:
    """Bands and sectors that hold every satellite within the range."""
    radius = np.sqrt(x * x + y * y + z * z)
    # a chord of this range spans at most this angle, also to a satellite somewhat lower
    reach = 2.0 * np.arcsin(min(0.5 * max_range_m / radius * 1.1, 1.0))
    latitude = np.arcsin(z / radius)
    first = int((np.sin(max(latitude - reach, -0.5 * np.pi)) + 1.0) * 0.5 * BANDS)
    last = int((np.sin(min(latitude + reach, 0.5 * np.pi)) + 1.0) * 0.5 * BANDS)
    if abs(latitude) + reach >= 0.5 * np.pi:
        return max(first, 0), min(last, BANDS - 1), 0, SECTORS
    half = np.arcsin(min(np.sin(reach) / np.cos(latitude), 1.0))
    if half >= 0.4 * np.pi:
        return max(first, 0), min(last, BANDS - 1), 0, SECTORS
    # sectors are even in a stand-in for longitude that differs from it by less than 0.08 rad
    width = 2.0 * np.pi / SECTORS
    longitude = np.arctan2(y, x)
    low = int(np.floor((longitude - half - 0.1) / width))
    high = int(np.floor((longitude + half + 0.1) / width))
    return max(first, 0), min(last, BANDS - 1), low % SECTORS, min(high - low + 1, SECTORS)


@njit(error_model="numpy", nogil=True, cache=True)
def _offers(position_m: Floats, valid: Bools, max_range_m: float) -> tuple[Ints32, Floats]:
    """Up to `_CANDIDATES` nearest satellites of each, with their distances, nearest first; -1 where there are none."""
    start, order, _ = bin_satellites(position_m, valid)
    count = len(position_m)
    neighbour = np.full((count, _CANDIDATES), -1, np.int32)
    distance = np.full((count, _CANDIDATES), np.inf)
    for sat in range(count):
        if not valid[sat]:
            continue
        x, y, z = position_m[sat, 0], position_m[sat, 1], position_m[sat, 2]
        first_band, last_band, first_sector, sectors = _box_spans(x, y, z, max_range_m)
        for band in range(first_band, last_band + 1):
            for turn in range(sectors):
                box = band * SECTORS + (first_sector + turn) % SECTORS
                for place in range(start[box], start[box + 1]):
                    other = order[place]
                    dx, dy, dz = position_m[other, 0] - x, position_m[other, 1] - y, position_m[other, 2] - z
                    apart = np.sqrt(dx * dx + dy * dy + dz * dz)
                    if other == sat or apart > max_range_m or apart >= distance[sat, _CANDIDATES - 1]:
                        continue
                    slot = _CANDIDATES - 1
                    while slot > 0 and distance[sat, slot - 1] > apart:
                        distance[sat, slot] = distance[sat, slot - 1]
                        neighbour[sat, slot] = neighbour[sat, slot - 1]
                        slot -= 1
                    distance[sat, slot] = apart
                    neighbour[sat, slot] = other
    return neighbour, distance


@njit(error_model="numpy", nogil=True, cache=True)
def nearest_pairs(position_m: Floats, valid: Bools, per_satellite: int, max_range_m: float) -> Ints32:
    """Shortest pairs first, until every satellite has ``per_satellite`` partners or none of its nearest twelve is left.

    Args:
        position_m: ``(S, 3)``; ``valid`` ``(S,)``.
        per_satellite: Lasers per satellite, at most 12.
        max_range_m: No pair is longer.
    Returns:
        ``(E, 2)`` rows, smaller row first, shortest pair first.
    """
    neighbour, distance = _offers(position_m, valid, max_range_m)
    flat = np.argsort(distance.ravel(), kind="mergesort")
    free = np.full(len(position_m), per_satellite, np.int32)
    pairs = np.empty((len(position_m) * per_satellite // 2 + 1, 2), np.int32)
    used = 0
    for place in flat:
        sat, rank = place // _CANDIDATES, place % _CANDIDATES
        other = neighbour[sat, rank]
        if other < 0:
            break
        mirrored = other < sat and _offers_back(neighbour, other, sat)
        if mirrored or free[sat] == 0 or free[other] == 0:
            continue
        free[sat] -= 1
        free[other] -= 1
        pairs[used, 0] = min(sat, other)
        pairs[used, 1] = max(sat, other)
        used += 1
    return pairs[:used].copy()


@njit(error_model="numpy", nogil=True, cache=True)
def _offers_back(neighbour: Ints32, other: int, sat: int) -> bool:
    """Whether the other satellite names this one too; then the pair is taken from its side."""
    named = False
    for rank in range(_CANDIDATES):
        if neighbour[other, rank] == sat:
            named = True
    return named
