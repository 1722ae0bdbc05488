"""The recommendations that the room computes by: versions, ranges, and who stands outside them.

A value outside a recommendation's range in frequency or exceedance is still the formula's value, an extrapolation; the
masks here label it. An elevation that is not above the horizon has no value at all and gives NaN. Doors that take a single
number from a person call `check_link`, which raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, nan
from types import MappingProxyType
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.base.errors import PhysicsError

_GHZ = 1e9
_PERCENT = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One prediction method and where it holds.

    Attributes:
        name: Document and version, as it is stamped into results.
        subject: What the method predicts.
        lowest_hz, highest_hz: Carrier frequencies that it is stated for.
        lowest_rad, highest_rad: Elevations that it is stated for.
        lowest_exceedance, highest_exceedance: Shares of the year that it is stated for; NaN where it knows none.
    """

    name: str
    subject: str
    lowest_hz: float
    highest_hz: float
    lowest_rad: float = 0.0
    highest_rad: float = np.pi / 2.0
    lowest_exceedance: float = nan
    highest_exceedance: float = nan


P525: Final = Recommendation(name="ITU-R P.525-4", subject="free space", lowest_hz=0.0, highest_hz=inf)
P838: Final = Recommendation(
    name="ITU-R P.838-3", subject="specific attenuation of rain", lowest_hz=1.0 * _GHZ, highest_hz=1000.0 * _GHZ
)
P839: Final = Recommendation(name="ITU-R P.839-4", subject="rain height", lowest_hz=0.0, highest_hz=inf)
P618_RAIN: Final = Recommendation(
    name="ITU-R P.618-14 §2.2.1.1",
    subject="rain",
    lowest_hz=1.0 * _GHZ,  # of P.838-3, which it builds on
    highest_hz=55.0 * _GHZ,
    lowest_exceedance=0.001 * _PERCENT,
    highest_exceedance=5.0 * _PERCENT,
)
P618_SCINTILLATION: Final = Recommendation(
    name="ITU-R P.618-14 §2.4.1",
    subject="scintillation",
    lowest_hz=4.0 * _GHZ,
    highest_hz=20.0 * _GHZ,
    lowest_rad=np.radians(5.0),
    lowest_exceedance=0.01 * _PERCENT,
    highest_exceedance=50.0 * _PERCENT,
)
P618_TOTAL: Final = Recommendation(
    name="ITU-R P.618-14 §2.5",
    subject="gas, cloud, rain and scintillation together",
    lowest_hz=1.0 * _GHZ,
    highest_hz=55.0 * _GHZ,
    lowest_rad=np.radians(5.0),
    lowest_exceedance=0.001 * _PERCENT,
    highest_exceedance=50.0 * _PERCENT,
)
P618_DEPOLARISATION: Final = Recommendation(
    name="ITU-R P.618-14 §4.1",
    subject="cross-polarisation in rain and ice",
    lowest_hz=6.0 * _GHZ,
    highest_hz=55.0 * _GHZ,
    highest_rad=np.radians(60.0),
    lowest_exceedance=0.001 * _PERCENT,
    highest_exceedance=1.0 * _PERCENT,
)
P618_JOINT_RAIN: Final = Recommendation(
    name="ITU-R P.618-14 §2.2.4.1",
    subject="rain at two places together",
    lowest_hz=1.0 * _GHZ,  # of P.838-3, which it builds on
    highest_hz=55.0 * _GHZ,
    lowest_exceedance=0.001 * _PERCENT,
    highest_exceedance=5.0 * _PERCENT,
)
P618_DIVERSITY_GAIN: Final = Recommendation(
    name="ITU-R P.618-14 §2.2.4.2",
    subject="diversity gain of near sites",
    lowest_hz=10.0 * _GHZ,
    highest_hz=30.0 * _GHZ,
)
P618_NOISE: Final = Recommendation(
    name="ITU-R P.618-14 §3", subject="noise of the sky in rain", lowest_hz=0.0, highest_hz=inf
)
P1853: Final = Recommendation(
    name="ITU-R P.1853-2", subject="correlation of weather in time", lowest_hz=0.0, highest_hz=inf
)
P676_LINES: Final = Recommendation(
    name="ITU-R P.676-13 annex 1", subject="specific attenuation of gas", lowest_hz=1.0 * _GHZ, highest_hz=1000.0 * _GHZ
)
P676_SLANT: Final = Recommendation(
    name="ITU-R P.676-13 annex 2",
    subject="gas on a slant path",
    lowest_hz=1.0 * _GHZ,
    highest_hz=350.0 * _GHZ,
    lowest_rad=np.radians(5.0),
)
P840: Final = Recommendation(
    name="ITU-R P.840-9",
    subject="cloud",
    lowest_hz=1.0 * _GHZ,
    highest_hz=200.0 * _GHZ,
    lowest_rad=np.radians(5.0),
    lowest_exceedance=0.01 * _PERCENT,
    highest_exceedance=99.0 * _PERCENT,
)
# What the climate's maps are (radio/climate.py); they know no frequency.
CLIMATE_MAPS: Final = tuple(
    Recommendation(name=name, subject=subject, lowest_hz=0.0, highest_hz=inf)
    for name, subject in (
        ("ITU-R P.1511-2", "map of the ground's height"),
        ("ITU-R P.837-7", "map of the rain rate exceeded for 0.01 % of the year"),
        ("ITU-R P.839-4", "map of the 0 °C isotherm"),
        ("ITU-R P.1510-1", "map of the annual mean temperature"),
        ("ITU-R P.453-14", "map of the wet refractivity"),
        ("ITU-R P.836-6", "map of the water vapour"),
        ("ITU-R P.840-8 × 0.46, fitted to examples of P.840-9", "map of the cloud water"),
        ("ITU-R P.835-6", "pressure by height"),
    )
)

RECOMMENDATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        method.subject: method.name
        for method in (
            *(P525, P676_LINES, P676_SLANT, P840, P838, P839),
            *(P618_RAIN, P618_SCINTILLATION, P618_TOTAL, P618_DEPOLARISATION),
            *(P618_JOINT_RAIN, P618_DIVERSITY_GAIN, P618_NOISE, P1853),
            *CLIMATE_MAPS,
        )
    }
)
"""Subject to document and version: what results are stamped with."""

PFD_RULE: Final = "47 CFR 25.208(b)"
ARC_ANGLE: Final = "ITU-R S.1503-3"

SPECTRUM_RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "limit of flux density on the ground": PFD_RULE,
        "angle to the geostationary arc": ARC_ANGLE,
        "equivalent power flux density": "ITU Radio Regulations No. 22.5C.1",
        "pattern of a geostationary service's dish": "ITU-R S.1428-1, recalled",
        "side lobes of a satellite's beam": "ITU-R S.1528, recommends 1.3, by way of a program",
    }
)
"""The same for results that are about the spectrum's rules."""


def above_horizon(elevation_rad: Floats) -> Floats:
    """The elevations, with NaN where they are not in (0, π/2].

    >>> above_horizon(np.array([-0.1, 0.5])).tolist()
    [nan, 0.5]
    """
    elevation = np.asarray(elevation_rad, dtype=np.float64)
    return np.where((elevation > 0.0) & (elevation <= np.pi / 2.0), elevation, np.nan)


def outside_frequency(method: Recommendation, frequency_hz: Floats) -> Bools:
    """Where a frequency is not one that the method is stated for: results there are extrapolations.

    >>> outside_frequency(P618_RAIN, np.array([12e9, 75e9])).tolist()
    [False, True]
    """
    return ~((np.asarray(frequency_hz) >= method.lowest_hz) & (np.asarray(frequency_hz) <= method.highest_hz))


def outside_elevation(method: Recommendation, elevation_rad: Floats) -> Bools:
    """Where an elevation is not one that the method is stated for."""
    return ~((np.asarray(elevation_rad) >= method.lowest_rad) & (np.asarray(elevation_rad) <= method.highest_rad))


def outside_exceedance(method: Recommendation, exceedance: Floats) -> Bools:
    """Where a share of the year is not one that the method is stated for; nowhere if it knows no shares.

    >>> outside_exceedance(P618_RAIN, np.array([1e-4, 0.2])).tolist()
    [False, True]
    """
    share = np.asarray(exceedance)
    return (share < method.lowest_exceedance) | (share > method.highest_exceedance) | np.isnan(share)


def check_link(frequency_hz: float, elevation_rad: float) -> None:
    """Refuse a carrier or an elevation that no method can answer for.

    Raises:
        PhysicsError: The frequency is not positive and finite, or the elevation is not above 0° and at most 90°.
    >>> check_link(12e9, 0.5)
    """
    if not 0.0 < frequency_hz < inf:
        raise PhysicsError(f"a carrier of {frequency_hz:g} Hz cannot be: it must be positive and finite")
    if not 0.0 < elevation_rad <= np.pi / 2.0:
        raise PhysicsError(
            f"an elevation of {np.degrees(elevation_rad):.6g}° has no path to a satellite: it must be above 0° and at "
            "most 90°"
        )
