"""Free space: how far it is and what distance alone costs."""

from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.radio.recommendations import above_horizon

TR38821_RADIUS_M: Final = 6_371_000.0  # Earth's radius of 3GPP TR 38.821 §6.1.3.1


def slant_range_m(altitude_m: Floats, elevation_rad: Floats, *, radius_m: float = TR38821_RADIUS_M) -> Floats:
    """Distance to a satellite at an altitude above a spherical Earth; NaN not above the horizon.

    Args:
        altitude_m, elevation_rad: Any shapes that broadcast.
        radius_m: Of the sphere.
    Accuracy: the metre to which the reference table is rounded (tests/golden/test_link_budgets.py); the ellipsoid differs
        by up to 0.2 %, so use `orbit.frames.look_angles` where positions are known.
    Source: 3GPP TR 38.821 §6.1.3.1.
    >>> float(slant_range_m(np.array(550e3), np.array(np.pi / 2)))
    550000.0
    """
    along = radius_m * np.sin(above_horizon(elevation_rad))
    return np.sqrt(along**2 + altitude_m**2 + 2.0 * altitude_m * radius_m) - along


def free_space_loss_db(distance_m: Floats, frequency_hz: Floats) -> Floats:
    """Basic transmission loss between isotropic antennas; NaN where a distance or frequency is not positive.

    Accuracy: 1e-3 dB, to which the reference table is rounded (tests/golden/test_itu_validation.py).
    Source: ITU-R P.525-4, equation (3).
    >>> round(float(free_space_loss_db(np.array(550e3), np.array(11.7e9))), 2)
    168.62
    """
    turns = np.asarray(4.0 * np.pi / LIGHT_SPEED_M_S * np.asarray(distance_m) * np.asarray(frequency_hz))
    possible = (np.asarray(distance_m) > 0.0) & (np.asarray(frequency_hz) > 0.0)
    return 20.0 * np.log10(np.where(possible, turns, np.nan))
