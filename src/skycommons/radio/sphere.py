"""Triangles between a site, a satellite and the centre of a round Earth, as link budgets in print draw them.

Real positions give elevations and ranges on the ellipsoid
(`orbit.frames.look_angles`); these formulas are for a link that is known by its elevation and altitude alone.
Accuracy: 1e-4 degrees, to which the reference table is rounded (tests/golden/test_link_budgets.py).
"""

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.free_space import TR38821_RADIUS_M


def sky_or_nan(elevation_rad: Floats | float) -> Floats:
    """Elevations between the horizon and the zenith; NaN for all others.

    >>> np.degrees(sky_or_nan(np.radians([40.0, 95.0]))).round(9).tolist()
    [40.0, nan]
    """
    elevation = np.asarray(elevation_rad, dtype=np.float64)
    return np.where((elevation >= 0.0) & (elevation <= np.pi / 2.0), elevation, np.nan)


def nadir_angle_rad(elevation_rad: Floats | float, altitude_m: Floats | float) -> Floats:
    """Angle at the satellite between straight down and the site; NaN outside the sky.

    Source: law of sines.
    """
    shrink = TR38821_RADIUS_M / (TR38821_RADIUS_M + np.asarray(altitude_m, dtype=np.float64))
    return np.asarray(np.arcsin(shrink * np.cos(sky_or_nan(elevation_rad))))


def central_angle_rad(nadir_rad: Floats | float, altitude_m: Floats | float) -> Floats:
    """Angle at the Earth's centre between the point below a satellite and where a ray of it lands; NaN beyond the limb.

    Args:
        nadir_rad: Of the ray, from straight down; negative on the other side.
        altitude_m: Of the satellite.
    Source: law of sines.
    """
    stretch = 1.0 + np.asarray(altitude_m, dtype=np.float64) / TR38821_RADIUS_M
    with np.errstate(invalid="ignore"):
        return np.asarray(np.arcsin(stretch * np.sin(nadir_rad)) - nadir_rad)
