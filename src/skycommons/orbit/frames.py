"""Frames: SGP4's own (TEME), the Earth's (ITRF), and a site's (east, north, up).

ITRF and WGS 84 are the same within centimetres. Angles of a site: azimuth runs clockwise from true north, elevation is
counted from the plane normal to the ellipsoid. No refraction.
"""

from dataclasses import dataclass

import erfa
import numpy as np

from skycommons.base.arrays import Floats, Ints, check_shape
from skycommons.base.constants import EARTH_ROTATION_RAD_S
from skycommons.orbit.time import Orientation, universal_time

_WGS84 = 1  # erfa's number of the ellipsoid


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTurn:
    """How one frame is turned into another, and how that turns in time.

    Attributes:
        rotation: ``(T, 3, 3)``.
        spin_rad_s: ``(T, 3)`` rate of the new frame in its own axes.
    """

    rotation: Floats
    spin_rad_s: Floats


def teme_to_itrf(time_ns: Ints, orientation: Orientation) -> FrameTurn:
    """TEME to ITRF at ``(T,)`` instants: sidereal time of 1982 on UT1, then polar motion.

    Accuracy: 0.05 m and 0.05 mm/s of Vallado's example, 3e-5 m of ERFA's full polar motion (tests/golden/test_frames.py);
    1e-4 m of Skyfield with the same angles (tests/peers/test_skyfield.py).
    Source: Vallado et al. 2006 (AIAA 2006-6753), appendix C; polar motion to first order.
    """
    angles = orientation.at(time_ns)
    sidereal = erfa.gmst82(*universal_time(time_ns, angles.dut1_s))
    cosine, sine = np.cos(sidereal), np.sin(sidereal)
    zero, one = np.zeros_like(cosine), np.ones_like(cosine)
    turn = np.array([[cosine, sine, zero], [-sine, cosine, zero], [zero, zero, one]]).transpose(2, 0, 1)
    x, y = angles.pole_x_rad, angles.pole_y_rad
    wobble = np.array([[one, zero, x], [zero, one, -y], [-x, y, one]]).transpose(2, 0, 1)
    spin = EARTH_ROTATION_RAD_S * np.stack([x, -y, one], axis=1)
    return FrameTurn(rotation=np.ascontiguousarray(wobble @ turn), spin_rad_s=spin)


def inertial(steps: int) -> FrameTurn:
    """No turn at all: results stay in TEME."""
    return FrameTurn(rotation=np.tile(np.eye(3), (steps, 1, 1)), spin_rad_s=np.zeros((steps, 3)))


def geodetic_to_itrf(latitude_rad: Floats, longitude_rad: Floats, height_m: Floats) -> Floats:
    """ITRF position ``(..., 3)`` m of geodetic coordinates on WGS 84.

    >>> geodetic_to_itrf(np.array(0.0), np.array(0.0), np.array(0.0)).tolist()
    [6378137.0, 0.0, 0.0]
    """
    return np.asarray(erfa.gd2gc(_WGS84, longitude_rad, latitude_rad, height_m))


def itrf_to_geodetic(position_itrf_m: Floats) -> tuple[Floats, Floats, Floats]:
    """Geodetic latitude, longitude (rad) and height (m) on WGS 84 of ``(..., 3)`` positions.

    Accuracy: there and back to 2e-5 m up to 2,000 km, to 1e-3 m at the geostationary arc (tests/property/test_orbit.py).
    Source: ERFA ``gc2gd``, after Fukushima 2006 (J. Geodesy 79).
    """
    longitude, latitude, height = erfa.gc2gd(_WGS84, position_itrf_m)
    return latitude, longitude, height


def enu_axes(latitude_rad: Floats, longitude_rad: Floats) -> Floats:
    """East, north and up at sites, as the rows of ``(..., 3, 3)``."""
    sin_lat, cos_lat = np.sin(latitude_rad), np.cos(latitude_rad)
    sin_lon, cos_lon = np.sin(longitude_rad), np.cos(longitude_rad)
    zero = np.zeros_like(sin_lat)
    east = np.stack([-sin_lon, cos_lon, zero], axis=-1)
    north = np.stack([-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat], axis=-1)
    return np.stack([east, north, up_axis(latitude_rad, longitude_rad)], axis=-2)


def up_axis(latitude_rad: Floats, longitude_rad: Floats) -> Floats:
    """Unit vectors ``(..., 3)`` straight up: the ellipsoid's normal for geodetic latitudes, a sphere's for others.

    >>> up_axis(np.array(0.0), np.array(0.0)).tolist()
    [1.0, 0.0, 0.0]
    """
    across = np.cos(latitude_rad)
    return np.stack([across * np.cos(longitude_rad), across * np.sin(longitude_rad), np.sin(latitude_rad)], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAngles:
    """Where a site must look: ``azimuth_rad`` in [0, 2π), ``elevation_rad``, ``slant_range_m``; all one shape."""

    azimuth_rad: Floats
    elevation_rad: Floats
    slant_range_m: Floats


def look_angles(sat_itrf_m: Floats, latitude_rad: float, longitude_rad: float, height_m: float = 0.0) -> LookAngles:
    """Azimuth, elevation and slant range of satellites from one site.

    Args:
        sat_itrf_m: ``(..., 3)``.
        latitude_rad, longitude_rad: Geodetic.
        height_m: Above the ellipsoid.
    Raises:
        ShapeError: The last axis is not three long.
    Accuracy: 1e-9 rad and 1e-6 m of pymap3d (tests/peers/test_look_angles.py). No refraction.
    Source: Vallado 4e, algorithm 27 (RAZEL), without its rates.
    >>> up = look_angles(np.array([7e6, 0.0, 0.0]), 0.0, 0.0)
    >>> round(float(np.degrees(up.elevation_rad)), 6), round(float(up.slant_range_m))
    (90.0, 621863)
    """
    check_shape("sat_itrf_m", sat_itrf_m, (*(None,) * (sat_itrf_m.ndim - 1), 3))
    latitude, longitude = np.asarray(latitude_rad), np.asarray(longitude_rad)
    sight = sat_itrf_m - geodetic_to_itrf(latitude, longitude, np.asarray(height_m))
    east, north, up = np.moveaxis(sight @ enu_axes(latitude, longitude).T, -1, 0)
    return LookAngles(
        azimuth_rad=np.mod(np.arctan2(east, north), 2.0 * np.pi),
        elevation_rad=np.arctan2(up, np.hypot(east, north)),
        slant_range_m=np.linalg.norm(sight, axis=-1),
    )


def angle_between_rad(vectors: Floats, other_vectors: Floats) -> Floats:
    """Angle between vectors ``(..., 3)`` of any length, in ``[0, π]``; exact for small angles too.

    >>> angle_between_rad(np.array([1.0, 0.0, 0.0]), np.array([0.0, 3.0, 0.0])).round(6).tolist()
    1.570796
    """
    across = np.linalg.norm(np.cross(vectors, other_vectors), axis=-1)
    return np.asarray(np.arctan2(across, np.sum(vectors * other_vectors, axis=-1)))
