"""Scintillation: how the clear troposphere makes a carrier flicker.

The method is stated for 4 to 20 GHz. Above, the ITU's examples for P.618-14 take the value at 20 GHz, and so do we; those
for P.618-13 let the formula grow, which gave some 23 % more at 29 GHz. `outside_frequency` labels such carriers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.recommendations import P618_SCINTILLATION, above_horizon

CONSERVATIVE_EFFICIENCY: Final = 0.5  # P.618-14 §2.4.1, where the aperture's own is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Aperture:
    """The antenna as scintillation sees it; arrays that broadcast with the path.

    Attributes:
        diameter_m: Physical diameter.
        efficiency: Between 0 and 1.
    """

    diameter_m: Floats | float
    efficiency: Floats | float = CONSERVATIVE_EFFICIENCY


def scintillation_deviation_db(
    frequency_hz: Floats,
    elevation_rad: Floats,
    *,
    wet_refractivity: Floats,
    aperture: Aperture,
    turbulence_height_m: float = 1000.0,
) -> Floats:
    """Standard deviation of the signal's amplitude; NaN not above the horizon.

    Args:
        frequency_hz: 4 to 20 GHz; higher ones count as 20 GHz.
        elevation_rad: 5° to 90°.
        wet_refractivity: Wet term of the surface's refractivity, N units, median of the average year.
        aperture: It averages the flicker; an averaging factor below zero counts as zero.
        turbulence_height_m: Height of the turbulent layer.
    Source: ITU-R P.618-14 §2.4.1, steps 3 to 7.
    """
    frequency = np.minimum(frequency_hz, P618_SCINTILLATION.highest_hz) / 1e9
    sine = np.sin(above_horizon(elevation_rad))
    path_m = 2.0 * turbulence_height_m / (np.sqrt(sine**2 + 2.35e-4) + sine)
    ratio = 1.22 * aperture.efficiency * aperture.diameter_m**2 * frequency / path_m
    averaging = 3.86 * (ratio**2 + 1.0) ** (11.0 / 12.0) * np.sin(11.0 / 6.0 * np.arctan2(1.0, ratio))
    averaging = averaging - 7.08 * ratio ** (5.0 / 6.0)
    averaging = np.where(ratio < 7.0, np.sqrt(np.maximum(averaging, 0.0)), 0.0)
    return (3.6e-3 + 1e-4 * wet_refractivity) * frequency ** (7.0 / 12.0) * averaging / sine**1.2


def scintillation_loss_db(deviation_db: Floats, exceedance: Floats) -> Floats:
    """Fade that scintillation exceeds for a share of the year.

    Args:
        deviation_db: From `scintillation_deviation_db`.
        exceedance: 1e-4 to 0.5; `outside_exceedance` with `P618_SCINTILLATION` labels the rest.
    Accuracy: 1e-8 relative of the ITU's examples (tests/golden/test_itu_validation.py).
    Source: ITU-R P.618-14 §2.4.1, steps 8 and 9.
    >>> float(scintillation_loss_db(np.array(0.1), np.array(0.01))).__round__(3)
    0.3
    """
    log_percent = np.log10(100.0 * np.asarray(exceedance))
    factor = -0.061 * log_percent**3 + 0.072 * log_percent**2 - 1.71 * log_percent + 3.0
    return factor * deviation_db
