"""Networks built by hand: satellites where a test wants them, sites in degrees, and a scenario around both."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.model.rules import LaserRules, NoLasers, RoutingRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import Satellites, SiteKind, Sites, World
from skycommons.orbit.elements import Elements
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.walker import Shell, walker_elements
from skycommons.plan.lasers import Lasers, LaserState

WGS84_AXIS_M, WGS84_FLAT = 6_378_137.0, 1.0 / 298.257223563
FIRST_SHELL = Shell(
    name="first",
    planes=72,
    slots_per_plane=22,
    inclination_rad=float(np.radians(53.0)),
    altitude_m=550e3,
    phasing=39.0,
    raan_spread_rad=2.0 * np.pi,
)
SMALL_SHELL = Shell(
    name="small",
    planes=8,
    slots_per_plane=8,
    inclination_rad=float(np.radians(60.0)),
    altitude_m=1_200e3,
    phasing=3.0,
    raan_spread_rad=2.0 * np.pi,
)

# One site: name, kind, latitude and longitude in degrees.
Place = tuple[str, SiteKind, float, float]


def fleet(shell: Shell = SMALL_SHELL, *, epoch_ns: int = 0, knows_planes: bool = True) -> Satellites:
    """All satellites of a shell, with or without a record of who flies in which plane."""
    return fleet_of(walker_elements(shell, epoch_ns), slots=shell.slots_per_plane if knows_planes else 0)


def fleet_of(elements: Elements, *, slots: int = 0) -> Satellites:
    """Satellites of one shell from their elements; without slots per plane nobody knows the planes."""
    count = len(elements)
    plane, slot = np.divmod(np.arange(count), slots) if slots else (np.full(count, -1), np.full(count, -1))
    return Satellites(
        ids=tuple(f"sat-{row}" for row in range(count)),
        elements=elements,
        shell=np.zeros(count, dtype=np.int64),
        plane=plane,
        slot=slot,
        shell_names=("shell",),
        generations=("",) * count,
    )


def above(latitude_deg: float, longitude_deg: float, height_m: float = 550e3) -> Floats:
    """Earth-fixed position over a place."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    squared = WGS84_FLAT * (2.0 - WGS84_FLAT)
    normal_m = WGS84_AXIS_M / np.sqrt(1.0 - squared * np.sin(latitude) ** 2)
    across_m = (normal_m + height_m) * np.cos(latitude)
    return np.array(
        [
            across_m * np.cos(longitude),
            across_m * np.sin(longitude),
            (normal_m * (1.0 - squared) + height_m) * np.sin(latitude),
        ]
    )


def site_table(
    places: Sequence[Place],
    *,
    min_elevation_deg: float = 25.0,
    gso_exclusion_deg: float = 0.0,
    home_pop: dict[str, str] | None = None,
) -> Sites:
    """The site table of these places; PoPs see nothing."""
    ids = tuple(place[0] for place in places)
    kind = np.array([place[1] for place in places], dtype=np.int64)
    homes = home_pop or {}
    return Sites(
        ids=ids,
        kind=kind,
        latitude_rad=np.radians([place[2] for place in places]),
        longitude_rad=np.radians([place[3] for place in places]),
        height_m=np.zeros(len(ids)),
        min_elevation_rad=np.where(kind == SiteKind.POP, np.nan, np.radians(min_elevation_deg)),
        gso_exclusion_rad=np.full(len(ids), np.radians(gso_exclusion_deg)),
        home_pop=np.array([ids.index(homes[name]) if name in homes else -1 for name in ids], dtype=np.int64),
        equipment=np.where(kind == SiteKind.POP, -1, 0),
        tilt_rad=np.zeros(len(kind)),
        field_of_view_rad=np.full(len(kind), 2.0 * np.pi),
        antennas=np.full(len(kind), -1),
    )


def scenario_of(sites: Sites, satellites: Satellites | None = None, **changes: Any) -> Scenario:
    """A scenario of one minute; no lasers unless asked for."""
    values: dict[str, Any] = {
        "name": "hand-made",
        "labels": {},
        "start_ns": 0,
        "duration_s": 60.0,
        "step_s": 15.0,
        "lasers": LaserRules(topology=NoLasers()),
        "routing": RoutingRules(),
        **changes,
    }
    return Scenario(world=World(satellites=satellites if satellites is not None else fleet(), sites=sites), **values)


def some_satellites(count: int) -> Satellites:
    """As many satellites as a hand-made ephemeris has; their elements play no part."""
    return fleet_of(walker_elements(SMALL_SHELL, 0).take(np.arange(count)))


def standing(*positions_m: Floats, steps: int = 1, step_s: float = 15.0, valid: Bools | None = None) -> Ephemeris:
    """Satellites that stand still over the turning Earth."""
    position = np.repeat(np.array(positions_m, dtype=np.float64).reshape(1, -1, 3), steps, axis=0)
    return moving(position, step_s=step_s, valid=valid)


def moving(position_m: Floats, *, step_s: float = 15.0, valid: Bools | None = None) -> Ephemeris:
    """Satellites at given positions ``(T, S, 3)``."""
    time_ns: Ints = np.arange(len(position_m), dtype=np.int64) * round(step_s * 1e9)
    return Ephemeris(
        time_ns=time_ns,
        position_itrf_m=position_m,
        velocity_itrf_m_s=np.zeros(position_m.shape),
        valid=np.ones(position_m.shape[:2], dtype=np.bool_) if valid is None else valid,
    )


def lasers_up(pairs: Sequence[tuple[int, int]], position_m: Floats) -> Lasers:
    """These lasers, all of them up."""
    rows = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return Lasers(
        pairs=rows,
        range_m=np.linalg.norm(position_m[rows[:, 0]] - position_m[rows[:, 1]], axis=1),
        state=np.full(len(rows), LaserState.UP, dtype=np.uint8),
        since_ns=np.zeros(len(rows), dtype=np.int64),
    )
