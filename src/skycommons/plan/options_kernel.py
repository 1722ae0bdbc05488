"""The compiled search for the satellites that a cell may be served by, cell after cell, and what each is worth.

A cell looks into the boxes of its reach, as `visibility_kernel` does for sites. Gates are asked in the order in which their
reasons are counted: elevation and field of view, geostationary arc, closing of the link, way to the PoP. Memory is that of
the result: a small heap per cell keeps the best.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from skycommons.base.arrays import Bools, Bytes, Floats, Floats32, Ints, Ints32
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.rng import States
from skycommons.base.rng_kernel import next_uniform
from skycommons.orbit.gso_arc import gso_separation
from skycommons.plan.choice import LEAST_UNIFORM, LOW_ELEVATION_RAD, LOW_ORBIT_M, NEAR_GSO_RAD
from skycommons.plan.gso_band_kernel import NEAR, UNSURE, arc_band, declination_limits, nearness
from skycommons.plan.requests import Unserved
from skycommons.plan.visibility_kernel import SECTORS, boxes_in_reach

WEIGHTS = 9  # in this order
COSECANT, POLEWARD, V2_MINI, KEPT, LOW, NEAR_GSO, LOW_ORBIT, LOAD, ELEVATION = range(WEIGHTS)
_LOW_RADIUS_M = EARTH_MEAN_RADIUS_M + LOW_ORBIT_M
_WHOLE_SKY = 1e12  # tangent of the hour angle at which the arc ends, seen from the equator
_SINE_LOW = np.sin(LOW_ELEVATION_RAD)
_SERVED, _NO_SATELLITE = int(Unserved.SERVED), int(Unserved.NO_SATELLITE)
_GSO, _RAIN, _NO_FEEDER = int(Unserved.GSO_EXCLUSION), int(Unserved.RAIN), int(Unserved.NO_FEEDER)


class CellColumns(NamedTuple):
    """What the search reads of ``C`` cells.

    Attributes:
        position_m, up, boresight: ``(C, 3)`` as `Horizon` has them.
        min_elevation_rad, gso_exclusion_rad, cosine_field_of_view: ``(C,)`` likewise.
        blocked: ``(C,)`` reasons that forbid a cell before any satellite is looked at, 0 for none.
        zone: ``(C,)`` row of ``least_sine``; ``way`` ``(C,)`` row of ``has_way``.
        luck: ``(C,)`` state from which each satellite draws; empty where there is no luck.
        kept_first, kept: ``(C + 1,)`` and satellites that served the cell in the slot before.
    """

    position_m: Floats
    up: Floats
    boresight: Floats
    min_elevation_rad: Floats
    gso_exclusion_rad: Floats
    cosine_field_of_view: Floats
    blocked: Bytes
    zone: Ints
    way: Ints
    luck: States
    kept_first: Ints
    kept: Ints32


class SkyColumns(NamedTuple):
    """What the search reads of ``S`` satellites, ``N`` of them usable.

    Attributes:
        start, order, largest_m: Of `bin_satellites`.
        position_m: ``(N, 3)`` in that order.
        payload, is_v2_mini, load: ``(S,)``.
        has_way: ``(R, S)``.
        least_sine: ``(Z, PL)`` lowest sine of elevation at which a link closes, infinite if never.
        weights: ``(WEIGHTS,)`` nats.
    """

    start: Ints32
    order: Ints32
    largest_m: float
    position_m: Floats
    payload: Ints
    is_v2_mini: Bools
    load: Floats
    has_way: Bools
    least_sine: Floats
    weights: Floats


class Room(NamedTuple):
    """Where results go: ``(C, K)`` each, and ``(C,)`` reasons."""

    satellite: Ints32
    worth_nats: Floats32
    sine_elevation: Floats32
    reason: Bytes


@njit(error_model="numpy", nogil=True, cache=True)
def fill_options(cells: CellColumns, sky: SkyColumns, room: Room, begin: int, end: int) -> None:
    """Search for cells ``begin`` to ``end`` and write their rows; every row of the room must hold -1 and zeros before."""
    most = room.satellite.shape[1]
    worth, sine, sat = np.empty(most), np.empty(most), np.empty(most, np.int32)
    for cell in range(begin, end):
        if cells.blocked[cell] != _SERVED:
            room.reason[cell] = cells.blocked[cell]
            continue
        used, gate = _search(cells, sky, cell, worth, sine, sat)
        room.reason[cell] = _SERVED if used > 0 else gate
        for place in range(used - 1, -1, -1):  # the least first, from behind
            room.satellite[cell, place] = sat[0]
            room.worth_nats[cell, place] = worth[0]
            room.sine_elevation[cell, place] = sine[0]
            _sink(worth, sine, sat, worth[place], sine[place], sat[place], place)


@njit(error_model="numpy", nogil=True, cache=True)
def _search(
    cells: CellColumns, sky: SkyColumns, cell: int, worth: Floats, sine: Floats, sat: Ints32
) -> tuple[int, int]:
    """Fill the heap of one cell; how many it holds, and the last gate that removed a candidate."""
    weights, closing, has_way, way = sky.weights, sky.least_sine[cells.zone[cell]], sky.has_way, cells.way[cell]
    positions, order, payloads, v2, load = sky.position_m, sky.order, sky.payload, sky.is_v2_mini, sky.load
    kept = cells.kept[cells.kept_first[cell] : cells.kept_first[cell + 1]]
    x, y, z = cells.position_m[cell, 0], cells.position_m[cell, 1], cells.position_m[cell, 2]
    ux, uy, uz = cells.up[cell, 0], cells.up[cell, 1], cells.up[cell, 2]
    fx, fy, fz = cells.boresight[cell, 0], cells.boresight[cell, 1], cells.boresight[cell, 2]
    px, py, pz = _poleward(ux, uy, uz)
    field, exclusion = cells.cosine_field_of_view[cell], cells.gso_exclusion_rad[cell]
    least = np.sin(cells.min_elevation_rad[cell])
    low, high, along, across, turn_c, turn_s = arc_band(x, y, z, ux, uy, uz)
    arc_end = across / along if along > 0.0 else _WHOLE_SKY
    excluded = declination_limits(low, high, exclusion)
    near_limits = declination_limits(low, high, NEAR_GSO_RAD if weights[NEAR_GSO] != 0.0 else 0.0)
    luck = cells.luck[cell] if len(cells.luck) > 0 else np.uint64(0)
    used, gate = 0, _NO_SATELLITE
    reach = boxes_in_reach(x, y, z, cells.min_elevation_rad[cell], sky.largest_m)
    for run in range(2 * (reach[1] - reach[0] + 1)):
        begin, end = _run(sky.start, reach[0], reach[2], reach[3], run)
        for place in range(begin, end):
            dx, dy, dz = positions[place, 0] - x, positions[place, 1] - y, positions[place, 2] - z
            height = dx * ux + dy * uy + dz * uz
            distance = np.sqrt(dx * dx + dy * dy + dz * dz)
            if height < least * distance or dx * fx + dy * fy + dz * fz < field * distance:
                continue
            declination, ahead, aside = dz / distance, turn_c * dx + turn_s * dy, turn_c * dy - turn_s * dx
            verdict = nearness(declination, ahead, aside, excluded, arc_end)
            if verdict == UNSURE and gso_separation(x, y, z, ux, uy, uz, dx, dy, dz) < exclusion:
                verdict = NEAR
            row, elevation_sine = order[place], height / distance
            passed = _last_gate(verdict, elevation_sine - closing[payloads[row]], int(has_way[way, row]))
            if passed != _SERVED:
                gate = max(gate, passed)
                continue
            verdict = nearness(declination, ahead, aside, near_limits, arc_end)
            if verdict == UNSURE and gso_separation(x, y, z, ux, uy, uz, dx, dy, dz) < NEAR_GSO_RAD:
                verdict = NEAR
            poleward = (dx * px + dy * py + dz * pz) / distance
            value = weights[LOAD] * load[row] + (weights[V2_MINI] if v2[row] else 0.0)
            value += _sight_worth(weights, elevation_sine, poleward, verdict)
            value += weights[KEPT] if _count(kept, row) > 0 else 0.0
            value += weights[LOW_ORBIT] if _radius(positions[place]) < _LOW_RADIUS_M else 0.0
            if len(cells.luck) > 0:
                value -= np.log(-np.log(max(next_uniform(luck, row), LEAST_UNIFORM)))
            used = _put(worth, sine, sat, value, elevation_sine, row, used)
    return used, gate


@njit(error_model="numpy", nogil=True, cache=True)
def _last_gate(verdict: int, margin: float, ways: int) -> int:
    """The gate that a candidate in the field of view fails at, or none; the link closes with a margin of 0 or more."""
    if verdict == NEAR:
        return _GSO
    if not (margin >= 0.0):
        return _RAIN
    return _SERVED if ways > 0 else _NO_FEEDER


@njit(error_model="numpy", nogil=True, cache=True)
def _radius(position: Floats) -> float:
    """Distance to the Earth's centre."""
    return float(np.sqrt(position[0] ** 2 + position[1] ** 2 + position[2] ** 2))


@njit(error_model="numpy", nogil=True, cache=True)
def _sight_worth(weights: Floats, elevation_sine: float, poleward: float, verdict: int) -> float:
    """What a line of sight is worth, as `choice.features` counts it."""
    value = weights[POLEWARD] * poleward - weights[COSECANT] / elevation_sine
    if elevation_sine < _SINE_LOW:
        value += weights[LOW]
    if verdict == NEAR:
        value += weights[NEAR_GSO]
    if weights[ELEVATION] != 0.0:
        value += weights[ELEVATION] * np.arcsin(min(elevation_sine, 1.0))
    return float(value)


@njit(error_model="numpy", nogil=True, cache=True)
def _count(satellites: Ints32, row: int) -> int:
    """How often a satellite is among some few."""
    found = 0
    for number in range(len(satellites)):
        found += int(satellites[number] == row)
    return found


@njit(error_model="numpy", nogil=True, cache=True)
def _run(start: Ints32, first_band: int, first_sector: int, sectors: int, run: int) -> tuple[int, int]:
    """Places of a run of boxes side by side: two for each band, the second beyond the turn of longitude."""
    row, last = (first_band + run // 2) * SECTORS, first_sector + sectors
    if run % 2 == 0:
        return start[row + first_sector], start[row + min(last, SECTORS)]
    return start[row], start[row + max(last - SECTORS, 0)]


@njit(error_model="numpy", nogil=True, cache=True)
def _poleward(ux: float, uy: float, uz: float) -> tuple[float, float, float]:
    """Unit vector along the ground to the pole of this hemisphere; zero on the equator and at the poles."""
    flat = np.sqrt(ux * ux + uy * uy)
    if uz == 0.0 or flat == 0.0:
        return 0.0, 0.0, 0.0
    side = 1.0 if uz > 0.0 else -1.0
    return -side * ux * uz / flat, -side * uy * uz / flat, side * flat


@njit(error_model="numpy", nogil=True, cache=True)
def _is_less(worth: float, sat: int, other_worth: float, other_sat: int) -> bool:
    """Whether a candidate gives way to another: it is worth less, or as much and stands in a later row."""
    return bool(worth < other_worth or (worth == other_worth and sat > other_sat))


@njit(error_model="numpy", nogil=True, cache=True)
def _put(worth: Floats, sine: Floats, sat: Ints32, value: float, elevation_sine: float, row: int, used: int) -> int:
    """Keep a candidate if it is among the best; how many are kept then."""
    if used < len(worth):
        _rise(worth, sine, sat, value, elevation_sine, row, used)
        return used + 1
    if _is_less(worth[0], sat[0], value, row):
        _sink(worth, sine, sat, value, elevation_sine, row, used)
    return used


@njit(error_model="numpy", nogil=True, cache=True)
def _rise(worth: Floats, sine: Floats, sat: Ints32, value: float, elevation_sine: float, row: int, used: int) -> None:
    """Add a candidate to a heap of ``used`` whose first is the least."""
    place = used
    while place > 0:
        above = (place - 1) // 2
        if not _is_less(value, row, worth[above], sat[above]):
            break
        worth[place], sine[place], sat[place] = worth[above], sine[above], sat[above]
        place = above
    worth[place], sine[place], sat[place] = value, elevation_sine, row


@njit(error_model="numpy", nogil=True, cache=True)
def _sink(worth: Floats, sine: Floats, sat: Ints32, value: float, elevation_sine: float, row: int, used: int) -> None:
    """Put a candidate in place of the first of a heap of ``used``."""
    place = 0
    while 2 * place + 1 < used:
        below = 2 * place + 1
        if below + 1 < used and _is_less(worth[below + 1], sat[below + 1], worth[below], sat[below]):
            below += 1
        if not _is_less(worth[below], sat[below], value, row):
            break
        worth[place], sine[place], sat[place] = worth[below], sine[below], sat[below]
        place = below
    worth[place], sine[place], sat[place] = value, elevation_sine, row
