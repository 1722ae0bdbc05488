"""Gas: what oxygen and water vapour take, line by line at one place and over a slant path.

Frequencies are the carriers'; air is described by what a weather station measures. Where the recommendation speaks of dry
pressure we take the total and subtract the vapour's.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, freeze
from skycommons.base.errors import PhysicsError
from skycommons.radio.recommendations import P676_SLANT, above_horizon

_VAPOUR_PA_M3_KG_K = 1e5 / 216.7  # pressure of water vapour per density and kelvin, P.676-13 equation (4)
_OXYGEN_WIDENING = 2.25e-6  # GHz², Zeeman splitting, P.676-13 equation (6b)

# P.676-13 annex 2: GHz, strength and width of each term of the vapour's equivalent height, after its straight line.
_HEIGHT_TERMS = ((22.235080, 2.6846, 2.7649), (183.310087, 5.8905, 4.9219), (325.152888, 2.9810, 3.0748))

HIGHEST_SLANT_HZ: Final = 90e9  # the table of the oxygen's equivalent height is carried up to here


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """Air at one place; arrays that broadcast with the path.

    Attributes:
        pressure_pa: Total, as a barometer shows it.
        temperature_k: Of the air.
        vapour_kg_m3: Density of water vapour.
    """

    pressure_pa: Floats
    temperature_k: Floats
    vapour_kg_m3: Floats

    @property
    def vapour_pressure_pa(self) -> Floats:
        """Partial pressure of the water vapour."""
        return np.asarray(_VAPOUR_PA_M3_KG_K * self.vapour_kg_m3 * self.temperature_k)


@dataclass(frozen=True, slots=True, kw_only=True)
class GasLoss:
    """Oxygen (with the dry continuum) and water vapour apart; specific, or of a path."""

    oxygen_db: Floats
    vapour_db: Floats

    @property
    def total_db(self) -> Floats:
        """Both together."""
        return self.oxygen_db + self.vapour_db


def specific_gas_loss_db_km(frequency_hz: Floats, air: Air) -> GasLoss:
    """Attenuation of gas per kilometre, line by line.

    Args:
        frequency_hz: 1 to 1000 GHz; `outside_frequency` with `P676_LINES` labels the rest.
        air: At the place.
    Returns:
        Both gases in dB/km, the field's unit.
    Accuracy: 1e-12 relative of the ITU's examples (tests/golden/test_itu_validation.py).
    Source: ITU-R P.676-13 annex 1, equations (1) to (9).
    """
    ghz = np.asarray(frequency_hz) / 1e9
    vapour = np.asarray(air.vapour_pressure_pa) / 1e2
    dry, theta = np.asarray(air.pressure_pa) / 1e2 - vapour, 300.0 / np.asarray(air.temperature_k)
    oxygen = _oxygen_lines(ghz, dry, vapour, theta) + _dry_continuum(ghz, dry, vapour, theta)
    return GasLoss(oxygen_db=0.1820 * ghz * oxygen, vapour_db=0.1820 * ghz * _vapour_lines(ghz, dry, vapour, theta))


def check_slant_carrier(frequency_hz: float, *, named: str = "a carrier") -> None:
    """Refuse a carrier whose loss in the air is not known.

    Args:
        frequency_hz: Of the carrier.
        named: What a message calls it.
    Raises:
        PhysicsError: It is not between the lowest frequency of P.676-13's annex 2 and `HIGHEST_SLANT_HZ`.
    >>> check_slant_carrier(12e9)
    """
    if not P676_SLANT.lowest_hz <= frequency_hz <= HIGHEST_SLANT_HZ:
        raise PhysicsError(
            f"{named} of {frequency_hz / 1e9:g} GHz; what the air takes is known from {P676_SLANT.lowest_hz / 1e9:g} to "
            f"{HIGHEST_SLANT_HZ / 1e9:g} GHz"
        )


def gas_loss_db(frequency_hz: Floats, elevation_rad: Floats, air: Air) -> GasLoss:
    """Attenuation of gas on a path from the ground to space.

    Args:
        frequency_hz: 1 to 90 GHz; NaN elsewhere, where the table of equivalent heights is not carried.
        elevation_rad: 5° to 90°; `outside_elevation` with `P676_SLANT` labels lower ones; NaN not above the horizon.
        air: At the ground.
    Accuracy: 1e-9 dB of the ITU's examples (tests/golden/test_itu_validation.py).
    Source: ITU-R P.676-13 annex 2, §1.1 and §2.1; heights between the rows of its table are linear in frequency.
    """
    ghz, sine = np.asarray(frequency_hz) / 1e9, np.sin(above_horizon(elevation_rad))
    specific = specific_gas_loss_db_km(frequency_hz, air)
    rows = _table("oxygen_heights.csv")
    a, b, c, d = (np.interp(ghz, rows[:, 0], column, left=np.nan, right=np.nan) for column in rows[:, 1:].T)
    pressure, density = np.asarray(air.pressure_pa) / 1e2, np.asarray(air.vapour_kg_m3) * 1e3
    oxygen_km = a + b * air.temperature_k + c * pressure + d * density
    bumps = (strength / ((ghz - line) ** 2 + width) for line, strength, width in _HEIGHT_TERMS)
    vapour_km = 5.6585e-5 * ghz + 1.8348 + sum(bumps, np.zeros_like(ghz))
    vapour_km = np.where(np.isnan(a), np.nan, vapour_km)
    return GasLoss(oxygen_db=specific.oxygen_db * oxygen_km / sine, vapour_db=specific.vapour_db * vapour_km / sine)


def _oxygen_lines(ghz: Floats, dry: Floats, vapour: Floats, theta: Floats) -> Floats:
    """Imaginary refractivity of the oxygen lines; pressures in hPa. P.676-13, equations (2) to (7)."""
    total = np.zeros(np.broadcast_shapes(ghz.shape, dry.shape, vapour.shape, theta.shape))
    for line, a1, a2, a3, a4, a5, a6 in _table("oxygen_lines.csv"):
        width = a3 * 1e-4 * (dry * theta ** (0.8 - a4) + 1.1 * vapour * theta)
        width = np.sqrt(width**2 + _OXYGEN_WIDENING)
        mixing = (a5 + a6 * theta) * 1e-4 * (dry + vapour) * theta**0.8
        strength = a1 * 1e-7 * dry * theta**3 * np.exp(a2 * (1.0 - theta))
        total += strength * _line_shape(ghz, line, width=width, mixing=mixing)
    return total


def _vapour_lines(ghz: Floats, dry: Floats, vapour: Floats, theta: Floats) -> Floats:
    """Imaginary refractivity of the water vapour lines; pressures in hPa. P.676-13, equations (2) to (7)."""
    total = np.zeros(np.broadcast_shapes(ghz.shape, dry.shape, vapour.shape, theta.shape))
    for line, b1, b2, b3, b4, b5, b6 in _table("vapour_lines.csv"):
        width = b3 * 1e-4 * (dry * theta**b4 + b5 * vapour * theta**b6)
        width = 0.535 * width + np.sqrt(0.217 * width**2 + 2.1316e-12 * line**2 / theta)  # Doppler
        strength = b1 * 1e-1 * vapour * theta**3.5 * np.exp(b2 * (1.0 - theta))
        total += strength * _line_shape(ghz, line, width=width, mixing=np.zeros(()))
    return total


def _line_shape(ghz: Floats, line: float, *, width: Floats, mixing: Floats) -> Floats:
    """Shape of one line and its mirror; P.676-13, equation (5)."""
    near = (width - mixing * (line - ghz)) / ((line - ghz) ** 2 + width**2)
    far = (width - mixing * (line + ghz)) / ((line + ghz) ** 2 + width**2)
    return ghz / line * (near + far)


def _dry_continuum(ghz: Floats, dry: Floats, vapour: Floats, theta: Floats) -> Floats:
    """Debye spectrum of oxygen and pressure-induced nitrogen; P.676-13, equations (8) and (9)."""
    debye = 5.6e-4 * (dry + vapour) * theta**0.8
    nitrogen = 1.4e-12 * dry * theta**1.5 / (1.0 + 1.9e-5 * ghz**1.5)
    return ghz * dry * theta**2 * (6.14e-5 / (debye * (1.0 + (ghz / debye) ** 2)) + nitrogen)


@cache
def _table(name: str) -> Floats:
    """One of the packaged tables, read once."""
    lines = (files("skycommons") / "data" / "radio" / name).read_text("utf-8").splitlines()
    table = np.array([[float(cell) for cell in row] for row in csv.reader(lines[1:])])
    freeze(table)
    return table
