"""Antennas: dishes that turn, arrays that steer, and where their beams meet the ground.

A dish keeps its gain wherever it points. An array loses gain and widens its beam as it steers away from its face, because
the face looks narrower from the side. Angles that no antenna can serve give NaN.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.base.errors import InputError
from skycommons.radio.decibels import to_db
from skycommons.radio.free_space import TR38821_RADIUS_M, slant_range_m
from skycommons.radio.sphere import central_angle_rad, nadir_angle_rad, sky_or_nan

# Between the projected area (1) and measured arrays with coupling (1.5): Mailloux, Phased Array Antenna Handbook, 2e, §1.2.
SCAN_EXPONENT = 1.3
_BEAMWIDTH_RAD = np.radians(
    70.0
)  # of a dish with tapered light, in wavelengths per diameter: Maral & Bousquet 5e, §5.2.1


def parabolic_gain_dbi(diameter_m: float, frequency_hz: Floats | float, *, aperture_efficiency: float = 0.65) -> Floats:
    """Gain of a round dish on its axis.

    Raises:
        InputError: A diameter or efficiency that no dish has.
    Accuracy: 0.1 dB of the gains that TR 38.821 gives for 0.6 m at 60 % (tests/golden/test_link_budgets.py).
    Source: ``η (π D / λ)²``; Maral & Bousquet, Satellite Communications Systems, 5e, §5.2.
    """
    _check_dish(diameter_m)
    if not 0.0 < aperture_efficiency <= 1.0:
        raise InputError(f"an aperture's efficiency lies above 0 and up to 1, not {aperture_efficiency:g}")
    return to_db(aperture_efficiency * (np.pi * diameter_m / _wavelength_m(frequency_hz)) ** 2)


def parabolic_beamwidth_rad(diameter_m: float, frequency_hz: Floats | float) -> Floats:
    """Width of a dish's beam between the points at half power.

    Raises:
        InputError: A diameter that no dish has.
    Accuracy: A rule of thumb; the taper of the feed moves it between 58 and 75 degrees times λ / D.
    Source: ``70° λ / D``; Maral & Bousquet, 5e, §5.2.1.
    """
    _check_dish(diameter_m)
    return np.asarray(_BEAMWIDTH_RAD * _wavelength_m(frequency_hz) / diameter_m)


def scan_loss_db(scan_rad: Floats | float, *, scan_exponent: float = SCAN_EXPONENT) -> Floats:
    """Gain that an array loses by steering an angle away from its face; NaN from 90 degrees on.

    Args:
        scan_rad: Angle from the face's normal.
        scan_exponent: The ``n`` of ``cosⁿ``: 1.2 to 1.5 for real arrays.
    Raises:
        InputError: A negative exponent.
    Source: ``G₀ cosⁿ``; Mailloux, Phased Array Antenna Handbook, 2e, §1.2.
    >>> scan_loss_db(0.0).tolist()
    0.0
    """
    if not scan_exponent >= 0.0:
        raise InputError(f"an array gains nothing by steering: its exponent is at least 0, not {scan_exponent:g}")
    return 0.0 - scan_exponent * to_db(_face(scan_rad))


def scanned_beamwidth_rad(beamwidth_rad: Floats | float, scan_rad: Floats | float) -> Floats:
    """Width of a steered beam in the plane of steering, from its width straight ahead; NaN from 90 degrees on.

    Across that plane the width does not change.
    Source: ``1 / cos``, the face as it looks from the side; Mailloux, 2e, §1.2.
    """
    return np.asarray(np.asarray(beamwidth_rad, dtype=np.float64) / _face(scan_rad))


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Where a beam at half power meets the ground: ``radial_m`` away from the satellite, ``transverse_m`` across it.

    NaN where a part of the beam passes the Earth by.
    """

    radial_m: Floats
    transverse_m: Floats

    @property
    def area_m2(self) -> Floats:
        """Of the ellipse with these two diameters."""
        return np.asarray(np.pi / 4.0 * self.radial_m * self.transverse_m)


def beam_footprint(
    beamwidth_rad: Floats | float, elevation_rad: Floats | float, altitude_m: Floats | float
) -> Footprint:
    """Footprint of a beam that an array facing straight down steers to where the satellite stands at an elevation.

    Accuracy: 0.05 km of the table, to which it is rounded, at 550 km (tests/golden/test_link_budgets.py); the ellipse is an approximation.
    """
    nadir = nadir_angle_rad(elevation_rad, altitude_m)
    half = scanned_beamwidth_rad(beamwidth_rad, nadir) / 2.0
    far, near = (central_angle_rad(edge, altitude_m) for edge in (nadir + half, nadir - half))
    return Footprint(
        radial_m=np.asarray(TR38821_RADIUS_M * (far - near)),
        transverse_m=np.asarray(slant_range_m(np.asarray(altitude_m), sky_or_nan(elevation_rad)) * beamwidth_rad),
    )


def _face(scan_rad: Floats | float) -> Floats:
    """How wide the face looks from an angle, of its whole width; NaN from 90 degrees on."""
    scan = np.abs(np.asarray(scan_rad, dtype=np.float64))
    return np.where(scan < np.pi / 2.0, np.cos(scan), np.nan)


def _wavelength_m(frequency_hz: Floats | float) -> Floats:
    """NaN for what is no frequency."""
    frequency = np.asarray(frequency_hz, dtype=np.float64)
    return np.asarray(LIGHT_SPEED_M_S / np.where(frequency > 0.0, frequency, np.nan))


def _check_dish(diameter_m: float) -> None:
    if not 0.0 < diameter_m < np.inf:
        raise InputError(f"a dish's diameter is above 0 m, not {diameter_m:g}")
