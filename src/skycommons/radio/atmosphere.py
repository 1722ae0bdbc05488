"""All that the atmosphere takes together, and what it takes from polarisation."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.recommendations import above_horizon

PERCENT_ROUNDING: Final = 1.0 + 1e-9  # a percentage that was a share before may have gained a last digit
SLOW_EXCEEDANCE: Final = 0.05  # P.618-14 §2.5: gas and cloud are taken no rarer than this


@dataclass(frozen=True, slots=True, kw_only=True)
class AtmosphereLoss:
    """What each part takes at one exceedance; arrays that broadcast.

    Attributes:
        gas_db, cloud_db: At `slow_exceedance` of the exceedance.
        rain_db: At the exceedance; it is counted up to 5 % of the year and zero beyond.
        scintillation_db: At the exceedance.
    """

    gas_db: Floats
    cloud_db: Floats
    rain_db: Floats
    scintillation_db: Floats

    @property
    def total_db(self) -> Floats:
        """All parts together.

        Accuracy: 1e-8 dB of the ITU's examples for P.618-13, whose formula is the same
            (tests/golden/test_itu_validation.py).
        Source: ITU-R P.618-14 §2.5.
        """
        return self.gas_db + np.hypot(np.asarray(self.rain_db) + self.cloud_db, self.scintillation_db)


def slow_exceedance(exceedance: Floats) -> Floats:
    """Share of the year at which gas and cloud enter the total: rarer weather does not add more of them.

    Source: ITU-R P.618-14 §2.5; P.618-13 took 1 % where -14 takes 5 %.
    >>> slow_exceedance(np.array([1e-4, 0.1])).tolist()
    [0.05, 0.1]
    """
    return np.maximum(exceedance, SLOW_EXCEEDANCE)


def cross_polar_discrimination_db(
    frequency_hz: Floats, elevation_rad: Floats, *, tilt_rad: Floats, rain_db: Floats, exceedance: Floats
) -> Floats:
    """Cross-polar discrimination through rain and ice, not exceeded for a share of the year.

    Args:
        frequency_hz: 6 to 55 GHz; NaN elsewhere.
        elevation_rad: Up to 60°; `outside_elevation` with `P618_DEPOLARISATION` labels the rest; NaN not above the horizon.
        tilt_rad: Of the polarisation against the horizontal; π/4 for circular.
        rain_db: Rain attenuation at the same exceedance; infinite discrimination where there is none.
        exceedance: 1e-5 to 0.01: the canting angle is that of the next of 0.001, 0.01, 0.1 and 1 % not below it.
    Accuracy: 1e-6 dB of the ITU's examples (tests/golden/test_itu_validation.py).
    Source: ITU-R P.618-14 §4.1.
    """
    ghz, percent = np.asarray(frequency_hz) / 1e9, 100.0 * np.asarray(exceedance)
    elevation = above_horizon(elevation_rad)
    log_ghz = np.log10(ghz)
    bands = [(ghz >= 6.0) & (ghz < 9.0), (ghz >= 9.0) & (ghz < 36.0), (ghz >= 36.0) & (ghz <= 55.0)]
    of_frequency = np.select(bands, [60.0 * log_ghz - 28.3, 26.0 * log_ghz + 4.1, 35.9 * log_ghz - 11.3], np.nan)
    slopes = [30.8 * ghz**-0.21, 12.8 * ghz**0.19, np.full_like(ghz, 22.6), 13.0 * ghz**0.15]
    slope = np.select([ghz < 9.0, ghz < 20.0, ghz < 40.0, ghz <= 55.0], slopes, np.nan)
    with np.errstate(divide="ignore"):
        of_rain = slope * np.log10(rain_db)
    of_tilt = -10.0 * np.log10(1.0 - 0.484 * (1.0 + np.cos(4.0 * np.asarray(tilt_rad))))
    of_elevation = -40.0 * np.log10(np.cos(elevation))
    canting = np.select(
        [percent <= 0.001 * PERCENT_ROUNDING, percent <= 0.01 * PERCENT_ROUNDING, percent <= 0.1 * PERCENT_ROUNDING],
        [15.0, 10.0, 5.0],
    )
    rain = of_frequency - of_rain + of_tilt + of_elevation + 0.0053 * canting**2
    return rain * (1.0 - (0.3 + 0.1 * np.log10(percent)) / 2.0)
