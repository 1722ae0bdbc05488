"""Equivalent power flux density: what many satellites together do to a dish that looks at another one.

Every satellite's flux density counts by how well the dish hears in its direction, compared with straight ahead. Flux
density is counted in 40 kHz here, as article 22 of the Radio Regulations does at 10.7 to 12.75 GHz; ``_dbw_m2_40khz`` says
so in names. Beams of satellites have side lobes, so that one that serves a place far away is heard as well.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.base.errors import InputError
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.spectrum import REFERENCE_BANDWIDTH_HZ

EPFD_BANDWIDTH_HZ: Final = 40e3
_SMALLEST_WAVELENGTHS: Final = 20.0
_SMALL_WAVELENGTHS: Final = 25.0
_LARGE_WAVELENGTHS: Final = 100.0
_NEAR_LOBE_DB: Final = -6.75  # S.1528, recommends 1.3, for low orbits
_FAR_LOBE_DBI: Final = 5.0  # the same


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceDish:
    """A receiving earth station of the geostationary service, by the pattern that epfd is defined with.

    Attributes:
        diameter_m: At least 20 wavelengths.
        frequency_hz: Of what it receives.
    Raises:
        InputError: A diameter or frequency outside the recommendation.
    Source: ITU-R S.1428-1, not read itself: the formulas are recalled, and one program that implements them says the same
        but for the peak gain above 100 wavelengths. There we take the recalled 8.4 dB over the square of the wavelengths;
        the program keeps 7.7. A pattern that another program calls article 22's differs, and is not this one.
    """

    diameter_m: float
    frequency_hz: float

    def __post_init__(self) -> None:
        if not 10.7e9 <= self.frequency_hz <= 30e9:
            raise InputError(f"ITU-R S.1428 holds from 10.7 to 30 GHz, not at {self.frequency_hz / 1e9:g} GHz")
        if not _SMALLEST_WAVELENGTHS <= self.wavelengths < np.inf:
            least_m = _SMALLEST_WAVELENGTHS * LIGHT_SPEED_M_S / self.frequency_hz
            raise InputError(
                f"ITU-R S.1428 holds from 20 wavelengths, {np.ceil(100.0 * least_m) / 100.0:.2f} m here, "
                f"not for a dish of {self.diameter_m:g} m"
            )

    @property
    def wavelengths(self) -> float:
        """Diameter in wavelengths."""
        return self.diameter_m * self.frequency_hz / LIGHT_SPEED_M_S

    @property
    def peak_gain_dbi(self) -> float:
        """Straight ahead."""
        return 20.0 * float(np.log10(self.wavelengths)) + (8.4 if self._is_large else 7.7)

    def gain_dbi(self, off_axis_rad: Floats | float) -> Floats:
        """Gain at an angle from straight ahead; NaN beyond 180 degrees.

        Accuracy: an envelope: 0.02 dB of steps where its parts meet, and the steps of the recommendation at 80 and 120
            degrees (tests/radio/test_epfd.py).
        """
        angle_deg = np.degrees(np.abs(np.asarray(off_axis_rad, dtype=np.float64)))
        shoulder_dbi, shoulder_end_deg = self._shoulder
        main_end_deg = 20.0 / self.wavelengths * np.sqrt(self.peak_gain_dbi - shoulder_dbi)
        slope_db = to_db(np.maximum(angle_deg, shoulder_end_deg))  # never asked closer in
        parts = [
            (angle_deg < main_end_deg, self.peak_gain_dbi - 2.5e-3 * (self.wavelengths * angle_deg) ** 2),
            (angle_deg < shoulder_end_deg, np.full_like(angle_deg, shoulder_dbi)),
            *((angle_deg <= end_deg, level_db - fall * slope_db) for end_deg, level_db, fall in self._lobes),
        ]
        return np.select([part[0] for part in parts], [part[1] for part in parts], default=np.nan)

    def relative_gain_db(self, off_axis_rad: Floats | float) -> Floats:
        """Gain at an angle, less the gain straight ahead.

        >>> ReferenceDish(diameter_m=1.2, frequency_hz=11.7e9).relative_gain_db(0.0).tolist()
        0.0
        """
        return np.asarray(self.gain_dbi(off_axis_rad) - self.peak_gain_dbi)

    @property
    def _is_large(self) -> bool:
        """Whether the pattern of large dishes holds."""
        return self.wavelengths > _LARGE_WAVELENGTHS

    @property
    def _shoulder(self) -> tuple[float, float]:
        """Level (dBi) of the first side lobes, and the angle (degrees) where they end."""
        if self._is_large:
            return -1.0 + 15.0 * float(np.log10(self.wavelengths)), 15.85 * self.wavelengths**-0.6
        end_deg = 95.0 / self.wavelengths
        return 29.0 - 25.0 * float(np.log10(end_deg)), end_deg

    @property
    def _lobes(self) -> tuple[tuple[float, float, float], ...]:
        """Beyond the shoulder: up to which degrees, what level (dBi), and its fall in dB per dB of angle."""
        if self._is_large:
            return ((10.0, 29.0, 2.5), (34.1, 34.0, 3.0), (80.0, -12.0, 0.0), (120.0, -7.0, 0.0), (180.0, -12.0, 0.0))
        if self.wavelengths > _SMALL_WAVELENGTHS:
            return ((33.1, 29.0, 2.5), (80.0, -9.0, 0.0), (120.0, -4.0, 0.0), (180.0, -9.0, 0.0))
        return ((33.1, 29.0, 2.5), (80.0, -9.0, 0.0), (180.0, -5.0, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteBeam:
    """A satellite's beam with its side lobes.

    Attributes:
        half_beamwidth_rad: From the middle to half power.
        peak_gain_dbi: In the middle; decides how far below it the far side lobes lie.
    Raises:
        InputError: A beam that is none.
    Source: ITU-R S.1528, recommends 1.3 (low orbits), from a program that implements it.
    """

    half_beamwidth_rad: float
    peak_gain_dbi: float

    def __post_init__(self) -> None:
        if not 0.0 < self.half_beamwidth_rad < np.pi / 4.0 or not 12.0 <= self.peak_gain_dbi <= 70.0:
            raise InputError(
                f"a beam has a half width above 0 and below 45 degrees and a gain of 12 to 70 dBi, not "
                f"{np.degrees(self.half_beamwidth_rad):g} degrees and {self.peak_gain_dbi:g} dBi"
            )

    def relative_gain_db(self, off_axis_rad: Floats | float) -> Floats:
        """Gain at an angle from the beam's middle, less the gain there.

        Accuracy: an envelope, the same around the axis; a steered array's beam is wider in the plane of steering.
        >>> SatelliteBeam(half_beamwidth_rad=0.01, peak_gain_dbi=40.0).relative_gain_db(0.01).round(9).tolist()
        -3.0
        """
        widths = np.abs(np.asarray(off_axis_rad, dtype=np.float64)) / self.half_beamwidth_rad
        lobes_db = _NEAR_LOBE_DB - 2.5 * to_db(np.maximum(widths, 1.5) / 1.5)
        return np.where(widths <= 1.5, -3.0 * widths**2, np.maximum(lobes_db, _FAR_LOBE_DBI - self.peak_gain_dbi))


# Assumed: 1.5 degrees wide, which lights 14.4 km from 550 km, and the gain of a dish as narrow (70° λ/D, 65 %).
ASSUMED_BEAM: Final = SatelliteBeam(half_beamwidth_rad=float(np.radians(0.75)), peak_gain_dbi=41.5)


def pfd_dbw_m2_40khz(pfd_dbw_m2_4khz: Floats | float) -> Floats:
    """Flux density of a flat carrier in 40 kHz, from that in 4 kHz.

    >>> pfd_dbw_m2_40khz(-146.0).tolist()
    -136.0
    """
    return np.asarray(pfd_dbw_m2_4khz + to_db(EPFD_BANDWIDTH_HZ / REFERENCE_BANDWIDTH_HZ))


def epfd_dbw_m2_40khz(pfd_dbw_m2_40khz: Floats | float, off_axis_rad: Floats | float, *, dish: ReferenceDish) -> Floats:
    """Equivalent power flux density of many signals at one dish.

    Args:
        pfd_dbw_m2_40khz: ``(..., N)``, of each signal at the dish; minus infinity for none.
        off_axis_rad: ``(..., N)``, between the signal's sender and where the dish looks.
        dish: The dish.
    Returns:
        ``(...)``; minus infinity where there is no signal at all.
    Source: ITU Radio Regulations No. 22.5C.1: the sum over stations of the power, each with the receiving gain in its
        direction over the largest gain.
    >>> dish = ReferenceDish(diameter_m=1.2, frequency_hz=11.7e9)
    >>> epfd_dbw_m2_40khz(np.array([-140.0, -140.0]), np.array([0.0, 0.0]), dish=dish).round(2).tolist()
    -136.99
    """
    heard_db = np.asarray(pfd_dbw_m2_40khz, dtype=np.float64) + dish.relative_gain_db(off_axis_rad)
    return to_db(np.sum(from_db(heard_db), axis=-1))
