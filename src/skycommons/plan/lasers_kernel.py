"""The compiled geometry of lasers: length, and height of the line of sight above the Earth."""

import numpy as np
from numba import njit

from skycommons.base.arrays import Bools, Floats, Ints32
from skycommons.base.constants import WGS84_RADIUS_M


@njit(error_model="numpy", nogil=True, cache=True)
def reachable(
    pairs: Ints32, position_m: Floats, valid: Bools, max_range_m: float, min_grazing_height_m: float
) -> tuple[Floats, Bools]:
    """Length (m) of every pair, and whether range and grazing height allow it.

    The Earth is a sphere of the equatorial radius here, so a polar line of sight is allowed up to 21 km too late.
    """
    count = len(pairs)
    range_m = np.empty(count)
    allowed = np.zeros(count, np.bool_)
    least = max(WGS84_RADIUS_M + min_grazing_height_m, 0.0)
    for pair in range(count):
        a, b = pairs[pair, 0], pairs[pair, 1]
        ax, ay, az = position_m[a, 0], position_m[a, 1], position_m[a, 2]
        dx, dy, dz = position_m[b, 0] - ax, position_m[b, 1] - ay, position_m[b, 2] - az
        square = dx * dx + dy * dy + dz * dz
        range_m[pair] = np.sqrt(square)
        if not (valid[a] and valid[b] and square <= max_range_m * max_range_m and square > 0.0):
            continue
        share = min(max(-(ax * dx + ay * dy + az * dz) / square, 0.0), 1.0)
        gx, gy, gz = ax + share * dx, ay + share * dy, az + share * dz
        allowed[pair] = gx * gx + gy * gy + gz * gz >= least * least
    return range_m, allowed
