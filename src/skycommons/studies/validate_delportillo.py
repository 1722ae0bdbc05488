"""The system totals of del Portillo et al. 2019, rebuilt from their inputs with our orbits, people and sites.

Nothing is fitted; where the totals differ, they differ. What is theirs: orbits, least elevations, share and rate of
users, rates of beams, bands, numbers of sites. What is ours, because theirs is not at hand, all fixed beforehand:

- People: `studies.population` in place of a census raster. A cell's demand is shared by all satellites that see it,
  ``people × share × rate / satellites in view``, and capped by what one beam carries.
- Beams: OneWeb's sixteen are strips of what a satellite sees, side by side from south to north. The others steer: each
  takes the cells with most demand in view, one beam each. SpaceX's number of beams, the satellites' gateway antennas and
  the whole band in each of Telesat's beams are inferred from the paper's largest rates per satellite.
- Sites: the largest cities at least 1,000 km apart, in place of an optimised choice. Each has 30 antennas; each antenna
  feeds one satellite on both polarisations.
- Antennas go first to satellites with demand and few sites in view. Traffic of satellites without enough of them may
  cross lasers to satellites with spare antennas, 20 Gbit/s out or in of each (not OneWeb, which has none), anywhere.
- The tables' rates hold always: no weather.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import floor
from pathlib import Path
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.constants import NS_PER_S, SECONDS_PER_DAY
from skycommons.base.errors import DocumentError, Fault, InputError
from skycommons.model.placement import MAX_LATITUDE_DEG, POP_SEPARATION_M, cities, spread_out
from skycommons.orbit.elements import Elements
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.frames import up_axis
from skycommons.orbit.time import SiderealOnly
from skycommons.orbit.walker import Shell, walker_elements
from skycommons.radio.sphere import central_angle_rad, nadir_angle_rad
from skycommons.studies.population import COUNTRYSIDE_M, PeopleGrid, people_grid
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared

INPUTS: Final = "delportillo2019.json"
INSTANTS: Final = 24
SITE_ANTENNAS: Final = 30  # "realistic" in the paper; 3,500 antennas at 123 sites are 28 each
_PAPER = "del Portillo et al. 2019 (Acta Astronautica 159)"
_TOLERANCE = 0.2
_EPOCH_NS = 1_577_836_800 * NS_PER_S  # 2020-01-01; any day gives the same
_POLAR_RAD = np.radians(85.0)  # from here on a constellation's planes fill half a turn
_PHASING = 1.0  # assumed
# Inferred: SpaceX's most per satellite is 32 beams of its rate; Telesat's is four carriers, two antennas of two
# polarisations, of its gateway rate.
_STEERED_BEAMS = {"SpaceX": 32}
_GATEWAY_ANTENNAS = {"OneWeb": 1, "SpaceX": 1, "Telesat": 2}
_FIXED_STRIPS = ("OneWeb",)
_INFERRED = ("SpaceX", "Telesat")
_LASERS = ("SpaceX", "Telesat")
_POLARISATIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One of the three constellations.

    Attributes:
        name: As the paper calls it.
        shells: Its orbits.
        user_elevation_rad, gateway_elevation_rad: Least elevations.
        beams: User beams of a satellite.
        beam_bps: Most that one carries.
        strips: Whether beams are fixed strips; else they steer.
        gateway_antennas: Of a satellite.
        gateway_bps: Through one of them.
        laser_bps: Out of or into one satellite; zero without lasers.
        sites: Ground stations.
    """

    name: str
    shells: tuple[Shell, ...]
    user_elevation_rad: float
    gateway_elevation_rad: float
    beams: int
    beam_bps: float
    strips: bool
    gateway_antennas: int
    gateway_bps: float
    laser_bps: float
    sites: int

    @property
    def most_bps(self) -> float:
        """That one satellite can carry."""
        return min(self.beams * self.beam_bps, self.gateway_antennas * self.gateway_bps)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTotal:
    """What one constellation carries, ours beside theirs.

    Attributes:
        name: As the paper calls it.
        satellites: How many it has.
        sites: Ground stations.
        total_bps: Mean over the instants.
        demand_bps: What its beams could carry, were there no limit on the ground.
        without_lasers_bps: The total if nothing crosses lasers.
        published_bps, published_average_bps, published_most_bps: Theirs, in all and for one satellite.
        most_bps: That one satellite can carry here.
    """

    name: str
    satellites: int
    sites: int
    total_bps: float
    demand_bps: float
    without_lasers_bps: float
    published_bps: float
    published_average_bps: float
    published_most_bps: float
    most_bps: float

    @property
    def average_bps(self) -> float:
        """For one satellite."""
        return self.total_bps / self.satellites

    @property
    def difference(self) -> float:
        """Of the totals, relative to theirs."""
        return self.total_bps / self.published_bps - 1.0


def validate_delportillo(
    folder: Path, *, instants: int = INSTANTS, countryside_m: float = COUNTRYSIDE_M
) -> tuple[SystemTotal, ...]:
    """The totals of the three systems.

    Args:
        folder: With ``delportillo2019.json``.
        instants: Evenly over a day.
        countryside_m: How far from a listed place people live.
    Raises:
        DocumentError: The file is missing or is something else.
        InputError: No instants.
    """
    if instants < 1:
        raise InputError(f"at least one instant of the day is needed, not {instants}")
    path = folder / INPUTS
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        systems = _systems(document)
        area_m2 = float(document["beam_area_km2"]["SpaceX"]) * 1e6
        user_bps = document["demand_model"]["market_share"] * document["demand_model"]["avg_kbps"] * 1e3
        results = document["results"]
        totals, averages = results["total_throughput_tbps"], results["avg_per_sat_gbps"]
        most = results["per_sat_max_gbps_derived_from_avg_over_efficiency"]
        published = [(totals[s.name] * 1e12, averages[s.name] * 1e9, most[s.name] * 1e9) for s in systems]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DocumentError(str(path), [Fault("file", f"cannot be read as the paper's inputs ({error!r})")]) from error
    grid = people_grid(cities(), cell_area_m2=area_m2, countryside_m=countryside_m)
    found = []
    for system, (total_bps, average_bps, most_bps) in zip(systems, published, strict=True):
        loads = np.mean(list(_loads(system, grid, user_bps=user_bps, instants=instants)), axis=0)
        found.append(
            SystemTotal(
                name=system.name,
                satellites=sum(len(shell) for shell in system.shells),
                sites=system.sites,
                total_bps=float(loads[0]),
                without_lasers_bps=float(loads[1]),
                demand_bps=float(loads[2]),
                published_bps=total_bps,
                published_average_bps=average_bps,
                published_most_bps=most_bps,
                most_bps=system.most_bps,
            )
        )
    return tuple(found)


def delportillo_checks(folder: Path, *, instants: int = INSTANTS) -> list[RadioCheck]:
    """The totals as rows, with the average and the most of one satellite."""
    return [row for result in validate_delportillo(folder, instants=instants) for row in _rows(result)]


def _rows(result: SystemTotal) -> Iterator[RadioCheck]:
    """Three figures of one system; one that we took from the paper itself cannot be judged by it."""
    figures = (
        ("total", result.total_bps / 1e12, result.published_bps / 1e12, "Tbit/s"),
        ("average of a satellite", result.average_bps / 1e9, result.published_average_bps / 1e9, "Gbit/s"),
        ("most of a satellite", result.most_bps / 1e9, result.published_most_bps / 1e9, "Gbit/s"),
    )
    limit = "sites do not limit here" if result.total_bps > 0.99 * result.demand_bps else "and sites are ours too"
    for name, ours, theirs, unit in figures:
        row = compared(
            f"{result.name}, {name}",
            f"{_PAPER}, rebuilt with our people and sites",
            ours,
            theirs,
            test=Acceptance.CONSTELLATIONS,
            unit=unit,
            relative=_TOLERANCE,
            reason=f"not explained: no weather here, beams take the best cells freely, people are ours; {limit}",
        )
        if name.startswith("most") and result.name in _INFERRED:
            row = replace(
                row, comparable=False, reason="beams or antennas of a satellite are inferred from this figure"
            )
        yield row


def _systems(document: Mapping[str, Any]) -> list[System]:
    """The three systems from the paper's inputs."""
    rates, channels = document["data_rates_mbps"], document["bands_ghz"]
    found = []
    for name in sorted(document["n_sat"]):
        user, gateway = rates["user_down"][name], rates["gateway_up"][name]
        band = channels[name]
        down, up = band.get("user_down", band.get("down")), band.get("gw_up", band.get("up"))
        # Where a beam may take the whole band, it carries as many channels as fit; elsewhere beams are counted instead.
        carriers = floor((down[1] - down[0]) * 1e3 / user["bw_mhz"]) if "down" in band else 1
        gateway_carriers = floor((up[1] - up[0]) * 1e3 / gateway["bw_mhz"] + 1e-9) * _POLARISATIONS
        found.append(
            System(
                name=name,
                shells=tuple(_shell(name, orbit) for orbit in document["orbits"][name]),
                user_elevation_rad=float(np.radians(document["min_user_elevation_deg"][name])),
                gateway_elevation_rad=float(np.radians(document["min_gateway_elevation_deg"])),
                beams=document["user_beams"].get(name) or _STEERED_BEAMS[name],
                beam_bps=carriers * user["rate"] * 1e6,
                strips=name in _FIXED_STRIPS,
                gateway_antennas=_GATEWAY_ANTENNAS[name],
                gateway_bps=gateway_carriers * gateway["rate"] * 1e6,
                laser_bps=max(document["results"]["isl_rates_gbps_tested"]) * 1e9 if name in _LASERS else 0.0,
                sites=int(document["results"]["ground_stations_for_max"][name]),
            )
        )
    return found


def _shell(name: str, orbit: tuple[float, float, int, int]) -> Shell:
    altitude_km, inclination_deg, planes, slots = orbit
    inclination_rad = float(np.radians(inclination_deg))
    return Shell(
        name=name,
        planes=planes,
        slots_per_plane=slots,
        inclination_rad=inclination_rad,
        altitude_m=altitude_km * 1e3,
        phasing=_PHASING,
        raan_spread_rad=np.pi if inclination_rad >= _POLAR_RAD else 2.0 * np.pi,
    )


def _loads(system: System, grid: PeopleGrid, *, user_bps: float, instants: int) -> Iterator[tuple[float, float, float]]:
    """Carried, carried without lasers, and asked for, at each instant; bit/s of the whole system."""
    elements = Elements.concatenate([walker_elements(shell, _EPOCH_NS) for shell in system.shells])
    altitude_m = np.concatenate([np.full(len(shell), shell.altitude_m) for shell in system.shells])
    user_reach, site_reach = (
        central_angle_rad(nadir_angle_rad(elevation_rad, altitude_m), altitude_m)
        for elevation_rad in (system.user_elevation_rad, system.gateway_elevation_rad)
    )
    chosen = spread_out(cities(), POP_SEPARATION_M, count=system.sites, max_latitude_deg=MAX_LATITUDE_DEG)
    sites = up_axis(
        *(np.radians([getattr(city, name) for city in chosen]) for name in ("latitude_deg", "longitude_deg"))
    )
    time_ns = _EPOCH_NS + (np.arange(instants) * (SECONDS_PER_DAY * NS_PER_S / instants)).astype(np.int64)
    for position_m in propagate(elements, time_ns, orientation=SiderealOnly()).position_itrf_m:
        satellites = position_m / np.linalg.norm(position_m, axis=-1, keepdims=True)
        asked_bps = asked_of_satellites(system, grid, satellites, user_reach, user_bps=user_bps)
        in_sight = satellites @ sites.T >= np.cos(site_reach)[:, np.newaxis]
        fed_bps = system.gateway_bps * antennas_of_satellites(
            in_sight, asked_bps > 0.0, site_antennas=SITE_ANTENNAS, satellite_antennas=system.gateway_antennas
        )
        alone_bps = float(np.sum(np.minimum(asked_bps, fed_bps)))
        out_bps, in_bps = (
            float(np.sum(np.clip(spare, 0.0, system.laser_bps))) for spare in (asked_bps - fed_bps, fed_bps - asked_bps)
        )
        yield alone_bps + min(out_bps, in_bps), alone_bps, float(asked_bps.sum())


def asked_of_satellites(
    system: System, grid: PeopleGrid, vectors: Floats, reach_rad: Floats, *, user_bps: float
) -> Floats:
    """What the users under each satellite ask of its beams, ``(S,)`` bit/s.

    Args:
        system: Whose beams.
        grid: Who lives where.
        vectors: ``(S, 3)`` directions of the satellites.
        reach_rad: ``(S,)`` from the point below a satellite to the farthest user.
        user_bps: Of each inhabitant, users or not.
    """
    satellite, cell = grid.within(vectors, reach_rad)
    in_view = np.bincount(cell, minlength=len(grid))
    asked_bps = grid.people[cell] * user_bps / in_view[cell]
    if system.strips:
        offset = (grid.latitude_rad[cell] - np.arcsin(vectors[satellite, 2])) / reach_rad[satellite]
        strip = np.clip(((offset + 1.0) / 2.0 * system.beams).astype(np.int64), 0, system.beams - 1)
        beams_bps = np.bincount(
            satellite * system.beams + strip, weights=asked_bps, minlength=len(vectors) * system.beams
        )
        return np.asarray(np.minimum(beams_bps, system.beam_bps).reshape(-1, system.beams).sum(axis=1))
    capped_bps = np.minimum(asked_bps, system.beam_bps)
    order = np.lexsort((-capped_bps, satellite))
    rank = np.arange(len(order)) - np.searchsorted(satellite[order], satellite[order])
    served = order[rank < system.beams]
    beams_bps = np.bincount(satellite[served], weights=capped_bps[served], minlength=len(vectors))
    return np.asarray(beams_bps, dtype=np.float64)


def antennas_of_satellites(in_sight: Bools, asked: Bools, *, site_antennas: int, satellite_antennas: int) -> Ints:
    """How many gateway antennas feed each satellite, ``(S,)``; each at another site.

    First come satellites with demand, among them those with few sites in view; each takes the sites with most free.

    Args:
        in_sight: ``(S, G)`` which site sees which satellite.
        asked: ``(S,)`` whether users under it ask for anything.
        site_antennas: Of each site.
        satellite_antennas: Of each satellite.
    """
    free = np.full(in_sight.shape[1], site_antennas)
    fed = np.zeros(len(in_sight), dtype=np.int64)
    for satellite in np.lexsort((in_sight.sum(axis=1), ~asked)):
        sites = np.flatnonzero(in_sight[satellite] & (free > 0))
        chosen = sites[np.argsort(-free[sites], kind="stable")[:satellite_antennas]]
        free[chosen] -= 1
        fed[satellite] = len(chosen)
    return fed
