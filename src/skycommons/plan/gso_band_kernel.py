"""Whether a line of sight comes nearer to the geostationary arc than a limit, mostly without the angle itself.

Seen from one site, the visible arc lies in a narrow band of declination, less than a degree high at middle latitudes, and
has exactly one point at every hour angle between its ends. So the difference of declination bounds the separation from
below everywhere, and from above where the arc reaches that hour angle. Only what neither bound decides needs the angle.
"""

import numpy as np
from numba import njit

from skycommons.base.constants import GSO_RADIUS_M

NEAR, FAR, UNSURE = range(3)
_ROUNDING_RAD = 1e-6  # what is nearer to a bound than this needs the angle


@njit(error_model="numpy", nogil=True, cache=True)
def arc_band(
    x: float, y: float, z: float, up_x: float, up_y: float, up_z: float
) -> tuple[float, float, float, float, float, float]:
    """The visible arc as a site sees it.

    Args:
        x, y, z: ITRF position of the site, m.
        up_x, up_y, up_z: Unit normal of the ellipsoid there.
    Returns:
        Lowest and highest declination (rad), NaN where no point of the arc is above the horizon; the end of the arc
        along and across the site's meridian (m); cosine and sine of the site's longitude.
    """
    axis_distance = np.sqrt(x * x + y * y)
    normal = np.sqrt(up_x * up_x + up_y * up_y) * GSO_RADIUS_M
    height = x * up_x + y * up_y + z * up_z
    if normal <= height:
        return np.nan, np.nan, 0.0, 0.0, 1.0, 0.0
    end_c = height / normal
    end_s = np.sqrt(1.0 - end_c * end_c)
    squared = GSO_RADIUS_M * GSO_RADIUS_M + axis_distance * axis_distance + z * z
    nearest = np.arcsin(-z / np.sqrt(squared - 2.0 * GSO_RADIUS_M * axis_distance))
    farthest = np.arcsin(-z / np.sqrt(squared - 2.0 * GSO_RADIUS_M * axis_distance * end_c))
    along, across = GSO_RADIUS_M * end_c - axis_distance, GSO_RADIUS_M * end_s
    low, high = min(nearest, farthest), max(nearest, farthest)
    return low, high, along, across, x / axis_distance, y / axis_distance


@njit(error_model="numpy", nogil=True, cache=True)
def declination_limits(low_rad: float, high_rad: float, limit_rad: float) -> tuple[float, float, float, float]:
    """Sines of declination that decide about a limit: outside the first two far, within the last two near.

    Args:
        low_rad, high_rad: Of `arc_band`; NaN makes everything far.
        limit_rad: Separation below which a line of sight is near; 0 makes nothing near.
    """
    if np.isnan(low_rad) or not (limit_rad > 0.0):
        return 2.0, 2.0, 2.0, -2.0
    return (
        _sine(low_rad - limit_rad - _ROUNDING_RAD),
        _sine(high_rad + limit_rad + _ROUNDING_RAD),
        _sine(high_rad - limit_rad + _ROUNDING_RAD),
        _sine(low_rad + limit_rad - _ROUNDING_RAD),
    )


@njit(error_model="numpy", nogil=True, cache=True)
def _sine(declination_rad: float) -> float:
    """Sine of a declination; out of reach beyond the poles."""
    if declination_rad >= 0.5 * np.pi:
        return 2.0
    return float(np.sin(declination_rad)) if declination_rad > -0.5 * np.pi else -2.0


@njit(error_model="numpy", nogil=True, cache=True)
def nearness(
    sine_declination: float, ahead: float, aside: float, limits: tuple[float, float, float, float], end: float
) -> int:
    """What the bounds say: `NEAR`, `FAR` or `UNSURE`.

    Args:
        sine_declination: Of the line of sight.
        ahead, aside: Its parts along and across the site's meridian, in any one unit.
        limits: Of `declination_limits`.
        end: Most of ``abs(aside) / ahead`` that the arc reaches.
    """
    if sine_declination < limits[0] or sine_declination > limits[1]:
        return FAR
    if limits[2] <= sine_declination <= limits[3] and abs(aside) <= end * ahead:
        return NEAR
    return UNSURE
