"""How far a satellite stands from the geostationary arc, seen from a site.

The separation is the angle at the site between the satellite and the nearest point of the arc above the horizon. Near
the poles no point of the arc is above the horizon; there the separation is π: nothing has to be protected.

Source: ITU-R S.1503-3, part D, section D.4: the angle α at the earth station towards the nearest GSO point.
"""

import numpy as np
from numba import njit

from skycommons.base.constants import GSO_RADIUS_M

_MAX_STEPS = 12
_LAST_STEP_RAD = 1e-5  # Newton squares the error: after a step this small it is below 1e-9 rad
_BROADSIDE_COSINE = 0.1  # beyond about 84° two places of the arc can compete
_SCAN_POINTS = 24
_LONGEST_STEP_RAD = 0.5


@njit(error_model="numpy", nogil=True, cache=True)
def gso_separation(
    site_x: float, site_y: float, site_z: float, up_x: float, up_y: float, up_z: float, dx: float, dy: float, dz: float
) -> float:
    """Smallest angle (rad) between a line of sight and the visible geostationary arc.

    Newton's method on the arc's longitude, counted from the site's meridian and carried as its cosine and sine, so that
    no trigonometric function is called. Starts from the best of three points: where the line of sight leaves the sphere
    of the geostationary radius, and the two ends of the visible arc.

    Args:
        site_x, site_y, site_z: ITRF position of the site, m.
        up_x, up_y, up_z: Unit normal of the ellipsoid there.
        dx, dy, dz: Line of sight in ITRF, any length.
    Accuracy: 1e-7 rad of a dense scan of the arc (tests/orbit/test_gso_arc.py).
    """
    axis_distance = np.sqrt(site_x * site_x + site_y * site_y)
    normal = np.sqrt(up_x * up_x + up_y * up_y) * GSO_RADIUS_M
    height = site_x * up_x + site_y * up_y + site_z * up_z
    if normal <= height:
        return np.pi  # no point of the arc is above the horizon
    end_c = height / normal
    end_s = np.sqrt(1.0 - end_c * end_c)
    length = np.sqrt(dx * dx + dy * dy + dz * dz)
    turn_c, turn_s = site_x / axis_distance, site_y / axis_distance
    u = (turn_c * dx + turn_s * dy) / length
    v = (turn_c * dy - turn_s * dx) / length
    w = dz / length
    # Constants of the direction cosine N / sqrt(D): N = R (u c + v s) - m, D = q - 2 R a c.
    m = u * axis_distance + w * site_z
    q = GSO_RADIUS_M * GSO_RADIUS_M + axis_distance * axis_distance + site_z * site_z
    reach = -m + np.sqrt(m * m + 2.0 * GSO_RADIUS_M * GSO_RADIUS_M - q)
    c, s = axis_distance + reach * u, reach * v
    scale = 1.0 / np.sqrt(c * c + s * s)
    c, s = _within(c * scale, s * scale, end_c, end_s)
    best = _direction_cosine(c, s, u, v, m, q, axis_distance)
    for sign in (-1.0, 1.0):
        cosine = _direction_cosine(end_c, sign * end_s, u, v, m, q, axis_distance)
        if cosine > best:
            best, c, s = cosine, end_c, sign * end_s
    if best < _BROADSIDE_COSINE:
        c, s = _best_of_scan(end_c, u, v, m, q, axis_distance)
    for _ in range(_MAX_STEPS):
        step = _newton_step(c, s, u, v, m, q, axis_distance)
        grow = 1.0 / np.sqrt(1.0 + step * step)
        c, s = _within((c - s * step) * grow, (s + c * step) * grow, end_c, end_s)
        if abs(step) < _LAST_STEP_RAD:
            break
    px, py, pz = GSO_RADIUS_M * c - axis_distance, GSO_RADIUS_M * s, -site_z
    cx, cy, cz = py * w - pz * v, pz * u - px * w, px * v - py * u
    return float(np.arctan2(np.sqrt(cx * cx + cy * cy + cz * cz), px * u + py * v + pz * w))


@njit(error_model="numpy", nogil=True, cache=True)
def _within(c: float, s: float, end_c: float, end_s: float) -> tuple[float, float]:
    """The point of the arc, or its nearer visible end."""
    if c >= end_c:
        return c, s
    return end_c, end_s if s >= 0.0 else -end_s


@njit(error_model="numpy", nogil=True, cache=True)
def _direction_cosine(c: float, s: float, u: float, v: float, m: float, q: float, axis_distance: float) -> float:
    """Cosine of the angle between the line of sight and a point of the arc."""
    return float((GSO_RADIUS_M * (u * c + v * s) - m) / np.sqrt(q - 2.0 * GSO_RADIUS_M * axis_distance * c))


@njit(error_model="numpy", nogil=True, cache=True)
def _newton_step(c: float, s: float, u: float, v: float, m: float, q: float, axis_distance: float) -> float:
    """Change of longitude (rad) towards the largest direction cosine; uphill where the slope has no zero ahead."""
    n0 = GSO_RADIUS_M * (u * c + v * s) - m
    n1 = GSO_RADIUS_M * (v * c - u * s)
    n2 = -GSO_RADIUS_M * (u * c + v * s)
    d0 = q - 2.0 * GSO_RADIUS_M * axis_distance * c
    d1 = GSO_RADIUS_M * axis_distance * s  # half of the first and second derivative of D
    d2 = GSO_RADIUS_M * axis_distance * c
    slope = n1 * d0 - n0 * d1
    bend = n2 * d0 + n1 * d1 - n0 * d2
    if bend >= 0.0:
        return _LONGEST_STEP_RAD if slope > 0.0 else -_LONGEST_STEP_RAD
    return min(max(-slope / bend, -_LONGEST_STEP_RAD), _LONGEST_STEP_RAD)


@njit(error_model="numpy", nogil=True, cache=True)
def _best_of_scan(end_c: float, u: float, v: float, m: float, q: float, axis_distance: float) -> tuple[float, float]:
    """The best of evenly spaced points of the visible arc, its ends included."""
    half_width = np.arccos(end_c)
    best, best_c, best_s = -2.0, 1.0, 0.0
    for point in range(_SCAN_POINTS):
        offset = half_width * (2.0 * point / (_SCAN_POINTS - 1) - 1.0)
        c, s = np.cos(offset), np.sin(offset)
        cosine = _direction_cosine(c, s, u, v, m, q, axis_distance)
        if cosine > best:
            best, best_c, best_s = cosine, c, s
    return best_c, best_s
