"""Scales of time, and how the Earth stands at an instant.

Rules: an instant is UTC unix ns. SGP4's frame turns into the Earth's by sidereal time, which follows UT1, not UTC; the
difference (below 0.9 s) and the pole's motion come from IERS tables that a package ships, so nothing is downloaded.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import astropy_iers_data
import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S, SECONDS_PER_DAY

_NS_PER_DAY = 86_400 * NS_PER_S
_UNIX_JULIAN_DATE = 2_440_587.5
_UNIX_MJD = 40_587
_RADIANS_PER_ARCSECOND = np.pi / 648_000.0


def julian_date(time_ns: Ints) -> tuple[Floats, Floats]:
    """Julian date of UTC instants in two parts, midnight and fraction, so that no precision is lost.

    >>> day, fraction = julian_date(np.array([43_200_000_000_000]))
    >>> float(day[0]), float(fraction[0])
    (2440587.5, 0.5)
    """
    days, rest_ns = np.divmod(np.asarray(time_ns, dtype=np.int64), _NS_PER_DAY)
    return days + _UNIX_JULIAN_DATE, rest_ns / _NS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class EarthAngles:
    """What IERS measures of the Earth's turning.

    Attributes:
        dut1_s: ``(T,)`` UT1 - UTC.
        pole_x_rad, pole_y_rad: ``(T,)`` coordinates of the pole.
    """

    dut1_s: Floats
    pole_x_rad: Floats
    pole_y_rad: Floats


class Orientation(Protocol):
    """Anything that knows the Earth's angles at an instant."""

    def at(self, time_ns: Ints) -> EarthAngles:
        """Angles at ``(T,)`` instants."""
        ...


@dataclass(frozen=True, slots=True)
class SiderealOnly:
    """The fast path: UT1 taken as UTC, the pole at rest.

    Accuracy: satellites stand up to 0.9 s of Earth's turning (at most 450 m for 500 km orbits; 40 m in 2025, when
    UT1 - UTC was 0.08 s) plus up to 20 m of polar motion from the truth (tests/golden/test_frames.py).
    """

    def at(self, time_ns: Ints) -> EarthAngles:
        """Zeros."""
        zero = np.zeros(len(time_ns))
        return EarthAngles(dut1_s=zero, pole_x_rad=zero, pole_y_rad=zero)


@dataclass(frozen=True, slots=True, kw_only=True)
class IersTable:
    """Daily IERS values, linear between days; before the first and after the last day the nearest value holds.

    Attributes:
        mjd: ``(N,)`` days, UTC.
        dut1_s, pole_x_rad, pole_y_rad: ``(N,)``.
    """

    mjd: Floats
    dut1_s: Floats
    pole_x_rad: Floats
    pole_y_rad: Floats

    @staticmethod
    def load(path: Path | None = None) -> "IersTable":
        """Read a ``finals2000A`` file (IERS Bulletin A); without a path, the one shipped by ``astropy-iers-data``.

        Source: IERS Rapid Service, readme.finals2000A: columns of the fixed-width format.
        """
        return _bundled() if path is None else _read_finals(path)

    def at(self, time_ns: Ints) -> EarthAngles:
        """Angles at ``(T,)`` instants; a leap second is a step at midnight, not a slope through the day before."""
        mjd = np.asarray(time_ns, dtype=np.int64) / _NS_PER_DAY + _UNIX_MJD
        leaps = np.concatenate([[0.0], np.cumsum(np.rint(np.diff(self.dut1_s)))])
        day = np.clip(np.searchsorted(self.mjd, mjd, side="right") - 1, 0, len(self.mjd) - 1)
        return EarthAngles(
            dut1_s=np.interp(mjd, self.mjd, self.dut1_s - leaps) + leaps[day],
            pole_x_rad=np.interp(mjd, self.mjd, self.pole_x_rad),
            pole_y_rad=np.interp(mjd, self.mjd, self.pole_y_rad),
        )


@cache
def _bundled() -> IersTable:
    """The table that comes with the installation, read once."""
    return _read_finals(Path(astropy_iers_data.IERS_A_FILE))


def _read_finals(path: Path) -> IersTable:
    """Rows of a finals2000A file that hold values."""
    rows = [line for line in path.read_text("ascii").splitlines() if line[58:68].strip()]

    def column(start: int, stop: int) -> Floats:
        return np.array([float(line[start:stop]) for line in rows])

    return IersTable(
        mjd=column(7, 15),
        dut1_s=column(58, 68),
        pole_x_rad=column(18, 27) * _RADIANS_PER_ARCSECOND,
        pole_y_rad=column(37, 46) * _RADIANS_PER_ARCSECOND,
    )


def universal_time(time_ns: Ints, dut1_s: Floats) -> tuple[Floats, Floats]:
    """UT1 as a two-part Julian date."""
    day, fraction = julian_date(time_ns)
    return day, fraction + dut1_s / SECONDS_PER_DAY
