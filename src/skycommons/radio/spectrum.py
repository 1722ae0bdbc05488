"""Rules of the spectrum and the grid of channels: how loud a satellite may be on the ground, and where its carriers stand.

Power flux density is counted in 4 kHz, as the rule does; ``_dbw_m2_4khz`` says so in names.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import InputError
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.sphere import sky_or_nan

REFERENCE_BANDWIDTH_HZ = 4e3
# 47 CFR 25.208(b): one limit up to an elevation, another from a higher one on, and straight in degrees between.
LOW_PFD_DBW_M2_4KHZ, LOW_PFD_RAD = -150.0, float(np.radians(5.0))
HIGH_PFD_DBW_M2_4KHZ, HIGH_PFD_RAD = -140.0, float(np.radians(25.0))
PFD_DB_RAD = (HIGH_PFD_DBW_M2_4KHZ - LOW_PFD_DBW_M2_4KHZ) / (HIGH_PFD_RAD - LOW_PFD_RAD)
DOWN_CHANNELS = 8  # Humphreys et al. 2023 (IEEE TAES), 10.7 to 12.7 GHz
DOWN_BANDWIDTH_HZ = 240e6
UP_CHANNELS = 8  # 14.0 to 14.5 GHz; Pekhterev, SatMagazine, November 2021
UP_BANDWIDTH_HZ = 62.5e6
_BAND_START_HZ = 10.7e9
_CHANNEL_SPACING_HZ = 250e6
_UP_BAND_START_HZ = 14.0e9


def pfd_limit_dbw_m2_4khz(elevation_rad: Floats | float) -> Floats:
    """Most power flux density that one satellite may lay on the ground under an elevation; NaN outside the sky.

    The rule also limits 1 MHz, to 24 dB more. A flat carrier has 23.98 dB more there, so that 4 kHz decides.
    Source: 47 CFR 25.208(b), 10.7 to 11.7 GHz; ITU Radio Regulations article 21, table 21-4.
    >>> pfd_limit_dbw_m2_4khz(np.radians([0.0, 15.0, 60.0])).round(9).tolist()
    [-150.0, -145.0, -140.0]
    """
    rising_rad = np.clip(sky_or_nan(elevation_rad), LOW_PFD_RAD, HIGH_PFD_RAD) - LOW_PFD_RAD
    return np.asarray(LOW_PFD_DBW_M2_4KHZ + PFD_DB_RAD * rising_rad)


def pfd_dbw_m2_4khz(eirp_dbw: Floats | float, range_m: Floats | float, bandwidth_hz: float) -> Floats:
    """Power flux density at a distance from a sender whose power is flat over a bandwidth.

    Raises:
        InputError: A bandwidth that is not above zero.
    Source: power over the sphere ``4 π d²``.
    """
    return np.asarray(eirp_dbw - _spread_db(range_m, bandwidth_hz))


def eirp_from_pfd_dbw(pfd_dbw_m2_4khz: Floats | float, range_m: Floats | float, bandwidth_hz: float) -> Floats:
    """EIRP that lays a power flux density at a distance: the other way round.

    Raises:
        InputError: A bandwidth that is not above zero.
    """
    return np.asarray(pfd_dbw_m2_4khz + _spread_db(range_m, bandwidth_hz))


def beam_eirp_dbw(
    pfd_dbw_m2_4khz: float,
    *,
    most_dbw: Floats | float,
    elevation_rad: Floats,
    range_m: Floats,
    bandwidth_hz: float,
) -> Floats:
    """EIRP of a beam towards its middle: what its level on the ground asks for, but within the limit and its power.

    Args:
        pfd_dbw_m2_4khz: Its level on the ground; infinite for all that the limit allows.
        most_dbw: What the array can send that way.
        elevation_rad: Of the satellite, seen from the beam's middle.
        range_m: Between the two.
        bandwidth_hz: Over which the power is flat.
    Raises:
        InputError: A bandwidth that is not above zero.
    Source: `pfd_limit_dbw_m2_4khz`.
    """
    level = np.minimum(pfd_limit_dbw_m2_4khz(elevation_rad), pfd_dbw_m2_4khz)
    return np.minimum(eirp_from_pfd_dbw(level, range_m, bandwidth_hz), most_dbw)


def beams_within_limit_dbw_m2_4khz(pfd_dbw_m2_4khz: Floats, limit_dbw_m2_4khz: Floats | float) -> Floats:
    """Beams of one satellite on one channel, turned down together until their sum keeps the limit.

    Beams that keep it already stay as they are. Eight equal beams at the limit come down by 9 dB each.

    Args:
        pfd_dbw_m2_4khz: ``(..., B)``, of every beam at one place; minus infinity for a beam that is off.
        limit_dbw_m2_4khz: ``(...)``.
    """
    beams = np.asarray(pfd_dbw_m2_4khz, dtype=np.float64)
    total = to_db(np.sum(from_db(beams), axis=-1))
    excess = np.maximum(total - np.asarray(limit_dbw_m2_4khz, dtype=np.float64), 0.0)
    return np.asarray(beams - excess[..., np.newaxis])


def down_channel_hz(number: Ints | int) -> Floats:
    """Centres of the downlink's channels 1 to 8; NaN for other numbers.

    Source: Humphreys et al. 2023, ``10.7 GHz + F/2 + 250 MHz (i − 1/2)`` with F the spacing of subcarriers.
    """
    half_subcarrier_hz = DOWN_BANDWIDTH_HZ / STARLINK_FRAME.subcarriers / 2.0
    return _centre_hz(number, DOWN_CHANNELS, _BAND_START_HZ + half_subcarrier_hz, _CHANNEL_SPACING_HZ)


def up_channel_hz(number: Ints | int) -> Floats:
    """Centres of the uplink's channels 1 to 8; NaN for other numbers. That they fill the band evenly is assumed."""
    return _centre_hz(number, UP_CHANNELS, _UP_BAND_START_HZ, UP_BANDWIDTH_HZ)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfdmFrame:
    """A frame of OFDM symbols, and how much of band and time is left for data.

    Attributes:
        bandwidth_hz: Sampling rate, the width of all subcarriers together.
        subcarriers: In the whole width.
        idle_subcarriers: Of these, left empty about the middle.
        prefix_samples: Cyclic prefix of each symbol.
        symbols: In a frame.
        known_symbols: Of these, for synchronisation.
        frame_s: From one frame to the next, guard time included.
    Raises:
        InputError: A frame that holds more than fits, or no data.
    """

    bandwidth_hz: float
    subcarriers: int
    idle_subcarriers: int
    prefix_samples: int
    symbols: int
    known_symbols: int
    frame_s: float

    def __post_init__(self) -> None:
        if not 0.0 < self.bandwidth_hz < np.inf:
            raise InputError(f"a frame's bandwidth is above 0 Hz, not {self.bandwidth_hz:g}")
        if not 0 <= self.idle_subcarriers < self.subcarriers or not 0 <= self.known_symbols < self.symbols:
            raise InputError("a frame keeps at least one subcarrier and one symbol for data")
        if self.prefix_samples < 0 or not self.symbols * self.symbol_s <= self.frame_s * (1.0 + 1e-12):
            raise InputError(f"{self.symbols} symbols of {self.symbol_s:g} s do not fit in {self.frame_s:g} s")

    @property
    def symbol_s(self) -> float:
        """One symbol with its prefix."""
        return (self.subcarriers + self.prefix_samples) / self.bandwidth_hz

    @property
    def symbol_rate_hz(self) -> float:
        """Constellation points for data, per second, on all subcarriers together."""
        points = (self.subcarriers - self.idle_subcarriers) * (self.symbols - self.known_symbols)
        return points / self.frame_s

    @property
    def data_share(self) -> float:
        """Of bandwidth times time, the part that carries data."""
        return self.symbol_rate_hz / self.bandwidth_hz


STARLINK_FRAME = OfdmFrame(  # Humphreys et al. 2023, table III: measured at the receiver, not published by the operator
    bandwidth_hz=DOWN_BANDWIDTH_HZ,
    subcarriers=1024,
    idle_subcarriers=4,
    prefix_samples=32,
    symbols=302,
    known_symbols=2,
    frame_s=1.0 / 750.0,
)


def _spread_db(range_m: Floats | float, bandwidth_hz: float) -> Floats:
    """EIRP less flux density in 4 kHz."""
    if not 0.0 < bandwidth_hz < np.inf:
        raise InputError(f"a bandwidth is above 0 Hz, not {bandwidth_hz:g}")
    distance = np.asarray(range_m, dtype=np.float64)
    area_m2 = 4.0 * np.pi * np.where(distance > 0.0, distance, np.nan) ** 2
    return to_db(area_m2 * (bandwidth_hz / REFERENCE_BANDWIDTH_HZ))


def _centre_hz(number: Ints | int, channels: int, start_hz: float, spacing_hz: float) -> Floats:
    """Centres of evenly spaced channels counted from 1."""
    index = np.asarray(number, dtype=np.float64)
    return np.where((index >= 1) & (index <= channels), start_hz + spacing_hz * (index - 0.5), np.nan)
