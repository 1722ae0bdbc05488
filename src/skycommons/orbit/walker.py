"""Walker shells: many satellites from a few numbers, flown by the same SGP4 as real element sets.

A shell has an altitude *or* a mean motion; the other is derived, by SGP4's own relations, so that a shell that says
550 km flies at 550 km. Altitude is the orbit's mean radius less the equatorial radius of WGS 84.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import WGS72_RADIUS_M, WGS84_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.orbit.elements import Elements
from skycommons.orbit.sgp4_terms import J2, XKE, original_orbit

_FIXED_POINT_ROUNDS = 20  # each round gains three digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A Walker constellation *i: t/p/F*, delta or star.

    Attributes:
        name: Label of the shell.
        planes: Number of planes *p*.
        slots_per_plane: Satellites per plane, *t/p*.
        inclination_rad: *i*.
        altitude_m: Mean radius less the WGS 84 equatorial radius.
        phasing: *F*: the next plane is ahead by ``F * 2π / t``. Any real number.
        raan_spread_rad: 2π for a delta, π for a star.
        raan_offset_rad: Right ascension of plane 0.
        anomaly_offset_rad: Argument of latitude of slot 0 in plane 0.
    """

    name: str
    planes: int
    slots_per_plane: int
    inclination_rad: float
    altitude_m: float
    phasing: float
    raan_spread_rad: float
    raan_offset_rad: float = 0.0
    anomaly_offset_rad: float = 0.0

    def __post_init__(self) -> None:
        if self.planes < 1 or self.slots_per_plane < 1:
            raise InputError(f"shell {self.name!r}: planes and slots_per_plane must be at least 1")

    def __len__(self) -> int:
        return self.planes * self.slots_per_plane


def mean_motion_for_altitude(altitude_m: float, inclination_rad: float) -> float:
    """Kozai mean motion (rad/s) of a circular orbit whose SGP4 radius averages to this altitude.

    Accuracy: the mean radius over a revolution is within 20 m of the asked one (tests/orbit/test_walker.py).
    Source: SGP4's short-period radius (Spacetrack Report 3, section 6): its average over a revolution is
    ``a - 0.75 J2 (3 cos²i - 1) / a``, solved here for ``a``; then the Kozai convention is put back.
    """
    radius = (altitude_m + WGS84_RADIUS_M) / WGS72_RADIUS_M
    oblateness = 0.75 * J2 * (3.0 * np.cos(inclination_rad) ** 2 - 1.0)
    axis = 0.5 * (radius + np.sqrt(radius * radius + 4.0 * oblateness))
    wanted = XKE / axis**1.5
    kozai_rad_s = wanted / 60.0
    for _ in range(_FIXED_POINT_ROUNDS):
        kozai_rad_s *= wanted / _brouwer_rad_min(kozai_rad_s, inclination_rad)
    return float(kozai_rad_s)


def altitude_for_mean_motion(mean_motion_rad_s: float, inclination_rad: float) -> float:
    """Altitude (m) at which a circular orbit of this Kozai mean motion flies: the inverse of the above."""
    axis = (XKE / _brouwer_rad_min(mean_motion_rad_s, inclination_rad)) ** (2.0 / 3.0)
    radius = axis - 0.75 * J2 * (3.0 * np.cos(inclination_rad) ** 2 - 1.0) / axis
    return float(radius * WGS72_RADIUS_M - WGS84_RADIUS_M)


def _brouwer_rad_min(kozai_rad_s: float, inclination_rad: float) -> float:
    """Mean motion without the Kozai convention, rad per minute, circular orbit."""
    orbit = original_orbit(np.array([kozai_rad_s]), np.zeros(1), np.array([inclination_rad]))
    return float(orbit.mean_motion[0])


def walker_elements(shell: Shell, epoch_ns: int) -> Elements:
    """Mean elements of every satellite of a shell, plane by plane.

    Args:
        shell: The shell; ``planes * slots_per_plane`` rows come out.
        epoch_ns: Instant at which the shell stands as described.
    Source: Walker 1984, J. Brit. Interplan. Soc. 37: pattern *i: t/p/F*.
    """
    count = len(shell)
    plane, slot = np.divmod(np.arange(count), shell.slots_per_plane)
    anomaly = (
        shell.anomaly_offset_rad
        + 2.0 * np.pi * slot / shell.slots_per_plane
        + 2.0 * np.pi * shell.phasing * plane / count
    )
    return Elements(
        catalogue_number=np.zeros(count, dtype=np.int64),
        epoch_ns=np.full(count, epoch_ns, dtype=np.int64),
        mean_motion_rad_s=np.full(count, mean_motion_for_altitude(shell.altitude_m, shell.inclination_rad)),
        eccentricity=np.zeros(count),
        inclination_rad=np.full(count, shell.inclination_rad),
        raan_rad=_turns(shell.raan_offset_rad + shell.raan_spread_rad * plane / shell.planes),
        arg_perigee_rad=np.zeros(count),
        mean_anomaly_rad=_turns(anomaly),
        bstar=np.zeros(count),
    )


def _turns(angle_rad: Floats) -> Floats:
    """Brought into [0, 2π)."""
    return np.mod(angle_rad, 2.0 * np.pi)
