"""What a terminal usually looks at: the payload and altitude that most of a fleet has, and how high its satellites stand.

Maps of the world ask for one satellite in place of many. The elevation is sampled over some instants and longitudes, since
over the years every longitude of a parallel sees the same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.model.equipment import Payload
from skycommons.model.scenario import Scenario
from skycommons.model.world import World
from skycommons.orbit.walker import altitude_for_mean_motion
from skycommons.plan.visibility import Horizon, view

_INSTANTS: Final = 8
_BETWEEN_S: Final = 1_000.0  # no divisor of an orbit, so that instants see the fleet in different phases
_LONGITUDES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualSatellite:
    """The satellite that stands for a fleet.

    Attributes:
        payload: That most satellites carry.
        altitude_m: Median of those satellites.
        satellites: How many carry it.
    """

    payload: Payload
    altitude_m: float
    satellites: int


def usual_satellite(world: World) -> UsualSatellite:
    """The payload that most satellites of a world carry, at the median of their altitudes.

    Raises:
        InputError: The world has no satellites.
    """
    fleet, equipment = world.satellites, world.equipment
    if not len(fleet):
        raise InputError(
            "the scenario has no satellites, so that nothing can be said of its links; add a constellation"
        )
    row = equipment.payload_rows(fleet.generations)
    usual = int(np.bincount(row).argmax())
    chosen = fleet.elements.take(row == usual)
    altitude_m = altitude_for_mean_motion(
        float(np.median(chosen.mean_motion_rad_s)), float(np.median(chosen.inclination_rad))
    )
    return UsualSatellite(payload=equipment.payloads[usual], altitude_m=altitude_m, satellites=len(chosen))


def usual_elevations_rad(
    scenario: Scenario, latitude_rad: Floats, *, min_elevation_rad: float, gso_exclusion_rad: float = 0.0
) -> Floats:
    """Elevation that half of the usable satellites exceed, ``(B,)`` by parallel; NaN where none is ever seen.

    Args:
        scenario: Its satellites, from its start on.
        latitude_rad: ``(B,)``.
        min_elevation_rad, gso_exclusion_rad: Of the terminal; lower satellites and those near the arc are not counted.
    Accuracy: a sample of 8 instants, 1,000 s apart, at 12 longitudes; of the built-in fleet within 1° of a sample ten times
        as large (tests/plan/test_usual.py).
    """
    steps = scenario.start_ns + np.arange(_INSTANTS, dtype=np.int64) * int(_BETWEEN_S * NS_PER_S)
    ephemeris = scenario.propagate(steps)
    horizon = Horizon.grid(
        latitude_rad, _LONGITUDES, min_elevation_rad=min_elevation_rad, gso_exclusion_rad=gso_exclusion_rad
    )
    parallels, sines = [], []
    for position_itrf_m, valid in zip(ephemeris.position_itrf_m, ephemeris.valid, strict=True):
        seen = view(horizon, position_itrf_m, valid)
        parallels.append(np.repeat(np.arange(len(horizon)) // _LONGITUDES, seen.counts()))
        sines.append(seen.sine_elevation)
    parallel, sine = np.concatenate(parallels), np.concatenate(sines)
    order = np.lexsort((sine, parallel))
    first = np.searchsorted(parallel[order], np.arange(len(latitude_rad) + 1))
    rising = np.arcsin(np.clip(sine[order], -1.0, 1.0))
    count = np.diff(first)
    middle = np.minimum(first[:-1] + count // 2, max(len(rising) - 1, 0))
    return np.where(count > 0, rising[middle] if len(rising) else np.nan, np.nan)
