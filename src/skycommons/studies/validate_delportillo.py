"""The system totals of del Portillo et al. 2019, rebuilt from their inputs with our orbits, people and sites.

Nothing is fitted; where the totals differ, they differ. What is theirs: orbits, least elevations, share and rate of
users, rates of beams, bands, numbers of sites. What is ours, because theirs is not at hand, all fixed beforehand:

- People: `model.population` in place of a census raster. A cell's demand is shared by all satellites that see it,
  ``people × share × rate / satellites in view``, and capped by what one beam carries.
- Beams: OneWeb's sixteen are strips of what a satellite sees, side by side from south to north; users of a strip share
  its time. The others steer: each takes the cells with most demand in view, one beam each. SpaceX's number of beams, the
  satellites' gateway antennas and the whole band in each of Telesat's beams are inferred from the paper's largest rates
  per satellite.
- Weather: `studies.fading_carriers`; the tables' rates are those of a clear sky, since no satellite of the paper carries
  more than 5 % above them. Users' beams carry what weather leaves them at 99 % of the time, the availability that the
  paper states. Gateways carry the mean over draws of weather at each site, as there, but 16 at each instant.
- Sites: of 160 candidates, the largest cities at least 850 km apart, those that together carry most, one after the other;
  the paper optimises too. Each has 30 antennas; each antenna feeds one satellite on both polarisations, and no more are
  in use than the paper needs.
- Antennas go first to satellites with demand and few sites in view. Traffic of satellites without enough of them may
  cross lasers to satellites with spare antennas, 20 Gbit/s out or in of each (not OneWeb, which has none), anywhere.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import floor
from pathlib import Path
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S, SECONDS_PER_DAY
from skycommons.base.errors import DocumentError, Fault, InputError
from skycommons.base.rng import stream
from skycommons.model.placement import MAX_LATITUDE_DEG, cities, spread_out
from skycommons.model.population import COUNTRYSIDE_M, PeopleGrid, cosines, country_people, people_grid
from skycommons.orbit.elements import Elements
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.frames import up_axis
from skycommons.orbit.time import SiderealOnly
from skycommons.orbit.walker import Shell, walker_elements
from skycommons.radio.climate import climate_at
from skycommons.radio.free_space import TR38821_RADIUS_M
from skycommons.radio.modcod import ladder
from skycommons.radio.sphere import central_angle_rad, nadir_angle_rad
from skycommons.studies.fading_carriers import (
    EarthStation,
    FadingCarrier,
    WeatherTable,
    clear_sky_table,
    weather_table,
)
from skycommons.studies.ground_choice import AntennaRules, best_sites, follow_satellites
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared

INPUTS: Final = "delportillo2019.json"
INSTANTS: Final = 24
SITE_ANTENNAS: Final = 30  # "realistic" in the paper; 3,500 antennas at 123 sites are 28 each
DRAWS: Final = 16  # of weather at each site and instant; the paper makes 10,000 for each site
CANDIDATES: Final = 160  # sites to choose from, as many as in the paper
_CANDIDATE_SEPARATION_M = 850e3  # the largest multiple of 50 km that leaves as many
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
_USER_DISH_M = 0.6  # assumed; only scintillation asks
_USER_NOISE = EarthStation(antenna_k=50.0, receiver_k=150.0)  # assumed: 200 K together
_SPACEX_GATEWAY_DISH_M = 1.5  # not in the paper's inputs; the operator's later filings
# Shares of the year at which gateways' weather is computed; rain is counted up to 5 %.
_EXCEEDANCES = (1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.051, 0.1, 0.2, 0.3, 0.5)
_GATEWAY_ELEVATIONS_RAD = tuple(np.radians([90.0, 40.0, 25.0, 15.0, 10.0]).tolist())
_SEED = 2019  # of the draws; any gives the same within 0.1 %


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
        user: A carrier of a beam.
        gateway: A carrier of a gateway.
        antennas: Of gateways: what one carries, how many follow a satellite.
        availability: Share of the time for which users' beams are planned.
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
    user: FadingCarrier
    gateway: FadingCarrier
    antennas: AntennaRules
    availability: float
    laser_bps: float
    sites: int

    @property
    def most_bps(self) -> float:
        """That one satellite can carry."""
        return min(self.beams * self.beam_bps, self.antennas.of_satellite * self.antennas.antenna_bps)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """Satellites at one instant over a round Earth.

    Attributes:
        vectors: ``(S, 3)`` directions.
        altitude_m: ``(S,)``.
    """

    vectors: Floats
    altitude_m: Floats

    def __len__(self) -> int:
        return len(self.vectors)

    def cosecant(self, satellite: Ints, other_vectors: Floats) -> Floats:
        """Of the elevation of satellites over places in directions ``(N, 3)``, pair by pair; they are above the horizon."""
        out = 1.0 + self.altitude_m[satellite] / TR38821_RADIUS_M
        across = np.einsum("nk,nk->n", self.vectors[satellite], other_vectors)
        return np.asarray(np.sqrt(out**2 + 1.0 - 2.0 * out * across) / (out * across - 1.0))


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
    folder: Path, *, instants: int = INSTANTS, countryside_m: float = COUNTRYSIDE_M, weather: bool = True
) -> tuple[SystemTotal, ...]:
    """The totals of the three systems.

    Args:
        folder: With ``delportillo2019.json``.
        instants: Evenly over a day.
        countryside_m: How far from a listed place people live.
        weather: Whether there is any; else the sky is clear always.
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
    grid = people_grid(cities(), country_people(), cell_area_m2=area_m2, countryside_m=countryside_m)
    found = []
    for system, (total_bps, average_bps, most_bps) in zip(systems, published, strict=True):
        skies = _Skies.of(system, grid, weather=weather)
        loads = np.mean(list(_loads(system, grid, skies, user_bps=user_bps, instants=instants)), axis=0)
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
            reason=f"not explained: beams take the best cells freely, people are ours; {limit}",
        )
        if name.startswith("most") and result.name in _INFERRED:
            row = replace(
                row, comparable=False, reason="beams or antennas of a satellite are inferred from this figure"
            )
        yield row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Skies:
    """What weather leaves: of users' beams in the cells of a grid, of gateways at the candidate sites.

    Attributes:
        users, gateways: Tables for cells and candidates.
        sites: ``(K, 3)`` directions of the candidates.
        exceedance: Of users' beams: what the availability leaves out.
        draws: Of weather at each instant.
    """

    users: WeatherTable
    gateways: WeatherTable
    sites: Floats
    exceedance: float
    draws: int

    @staticmethod
    def of(system: System, grid: PeopleGrid, *, weather: bool) -> "_Skies":
        """Of one constellation."""
        candidates = spread_out(cities(), _CANDIDATE_SEPARATION_M, count=CANDIDATES, max_latitude_deg=MAX_LATITUDE_DEG)
        places = [
            np.radians([getattr(city, name) for city in candidates]) for name in ("latitude_deg", "longitude_deg")
        ]
        users, gateways = clear_sky_table(system.user, len(grid)), clear_sky_table(system.gateway, len(candidates))
        if weather:
            least = system.user_elevation_rad
            users = weather_table(
                system.user,
                climate_at(grid.latitude_rad, grid.longitude_rad),
                elevation_rad=(np.pi / 2.0, (np.pi / 2.0 + least) / 2.0, least),
                exceedance=(1.0 - system.availability,),
            )
            gateways = weather_table(
                system.gateway, climate_at(*places), elevation_rad=_GATEWAY_ELEVATIONS_RAD, exceedance=_EXCEEDANCES
            )
        return _Skies(
            users=users,
            gateways=gateways,
            sites=up_axis(*places),
            exceedance=1.0 - system.availability,
            draws=DRAWS if weather else 1,
        )


def _systems(document: Mapping[str, Any]) -> list[System]:
    """The three systems from the paper's inputs."""
    rates, channels, results = document["data_rates_mbps"], document["bands_ghz"], document["results"]
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
                user=_carrier(down, user["modcod"], dish_m=_USER_DISH_M, hears=_USER_NOISE),
                gateway=_carrier(
                    up,
                    gateway["modcod"],
                    dish_m=document["gateway_dish_m"].get(name, _SPACEX_GATEWAY_DISH_M),
                    hears=None,
                ),
                antennas=AntennaRules(
                    antenna_bps=gateway_carriers * gateway["rate"] * 1e6,
                    of_site=SITE_ANTENNAS,
                    of_satellite=_GATEWAY_ANTENNAS[name],
                    in_all=int(results["gateway_antennas_for_max"][name]),
                ),
                availability=document["atmosphere"]["user_availability_pct"] / 100.0,
                laser_bps=max(results["isl_rates_gbps_tested"]) * 1e9 if name in _LASERS else 0.0,
                sites=int(results["ground_stations_for_max"][name]),
            )
        )
    return found


def _carrier(band_ghz: tuple[float, float], modcod: str, *, dish_m: float, hears: EarthStation | None) -> FadingCarrier:
    return FadingCarrier(
        frequency_hz=sum(band_ghz) / 2.0 * 1e9, modcod=ladder("dvb-s2x").modcod(modcod), dish_m=dish_m, hears=hears
    )


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


def _loads(
    system: System, grid: PeopleGrid, skies: _Skies, *, user_bps: float, instants: int
) -> Iterator[tuple[float, float, float]]:
    """Carried, carried without lasers, and asked for, at each instant; bit/s of the whole system."""
    elements = Elements.concatenate([walker_elements(shell, _EPOCH_NS) for shell in system.shells])
    altitude_m = np.concatenate([np.full(len(shell), shell.altitude_m) for shell in system.shells])
    user_reach, site_reach = (
        central_angle_rad(nadir_angle_rad(elevation_rad, altitude_m), altitude_m)
        for elevation_rad in (system.user_elevation_rad, system.gateway_elevation_rad)
    )
    time_ns = _EPOCH_NS + (np.arange(instants) * (SECONDS_PER_DAY * NS_PER_S / instants)).astype(np.int64)
    position_m = propagate(elements, time_ns, orientation=SiderealOnly()).position_itrf_m
    fleets = [
        Fleet(vectors=where / np.linalg.norm(where, axis=-1, keepdims=True), altitude_m=altitude_m)
        for where in position_m
    ]
    asked_bps = [
        asked_of_satellites(
            system, grid, fleet, user_reach, user_bps=user_bps, sky=skies.users, exceedance=skies.exceedance
        )
        for fleet in fleets
    ]
    in_sight = [cosines(fleet.vectors, skies.sites) >= np.cos(site_reach)[:, np.newaxis] for fleet in fleets]
    sites = best_sites(in_sight, asked_bps, count=system.sites, rules=system.antennas)
    random = stream(_SEED, "weather at gateways", system.name)
    for fleet, asked, seen in zip(fleets, asked_bps, in_sight, strict=True):
        satellite, row = follow_satellites(seen[:, sites], asked > 0.0, rules=system.antennas)
        exceedance = 1.0 - random.random((skies.draws, len(sites)))
        place = sites[row]
        cosecant = fleet.cosecant(satellite, skies.sites[place])
        share = skies.gateways.share(place, cosecant, exceedance[:, row])
        yield carried_bps(system, asked, satellite, share)


def carried_bps(system: System, asked_bps: Floats, satellite: Ints, share: Floats) -> tuple[float, float, float]:
    """Carried, carried without lasers, and asked for; bit/s of the whole system.

    Args:
        system: Whose antennas and lasers.
        asked_bps: ``(S,)``.
        satellite: ``(N,)`` which one each antenna follows.
        share: ``(D, N)`` what weather leaves of each antenna, for draws of the weather.
    """
    found = []
    for left in share:
        fed_bps = system.antennas.antenna_bps * np.bincount(satellite, weights=left, minlength=len(asked_bps))
        alone_bps = float(np.sum(np.minimum(asked_bps, fed_bps)))
        out_bps, in_bps = (
            float(np.sum(np.clip(spare, 0.0, system.laser_bps))) for spare in (asked_bps - fed_bps, fed_bps - asked_bps)
        )
        found.append((alone_bps + min(out_bps, in_bps), alone_bps))
    with_lasers_bps, without_bps = np.mean(found, axis=0)
    return float(with_lasers_bps), float(without_bps), float(asked_bps.sum())


def asked_of_satellites(
    system: System,
    grid: PeopleGrid,
    fleet: Fleet,
    reach_rad: Floats,
    *,
    user_bps: float,
    sky: WeatherTable,
    exceedance: float,
) -> Floats:
    """What the users under each satellite ask of its beams, ``(S,)`` bit/s.

    Args:
        system: Whose beams.
        grid: Who lives where.
        fleet: ``S`` satellites.
        reach_rad: ``(S,)`` from the point below a satellite to the farthest user.
        user_bps: Of each inhabitant, users or not.
        sky: Weather at the cells.
        exceedance: Share of the year in which beams may carry less.
    """
    satellite, cell = grid.within(fleet.vectors, reach_rad)
    in_view = np.bincount(cell, minlength=len(grid))
    asked_bps = grid.people[cell] * user_bps / in_view[cell]
    # Where a beam carries all even under the lowest satellite, nobody asks how much more it could.
    full = np.flatnonzero(asked_bps > system.beam_bps * sky.least_share[cell])
    if system.strips:
        full = np.arange(len(cell))
    cosecant = fleet.cosecant(satellite[full], grid.vectors[cell[full]])
    beam_bps = system.beam_bps * sky.share(cell[full], cosecant, exceedance)
    if system.strips:
        offset = (grid.latitude_rad[cell] - np.arcsin(fleet.vectors[satellite, 2])) / reach_rad[satellite]
        strip = np.clip(((offset + 1.0) / 2.0 * system.beams).astype(np.int64), 0, system.beams - 1)
        return _shared_strips(satellite * system.beams + strip, asked_bps, beam_bps, shape=(len(fleet), system.beams))
    capped_bps = asked_bps.copy()
    capped_bps[full] = np.minimum(asked_bps[full], beam_bps)
    order = np.lexsort((-capped_bps, satellite))
    rank = np.arange(len(order)) - np.searchsorted(satellite[order], satellite[order])
    served = order[rank < system.beams]
    beams_bps = np.bincount(satellite[served], weights=capped_bps[served], minlength=len(fleet))
    return np.asarray(beams_bps, dtype=np.float64)


def _shared_strips(strip: Ints, asked_bps: Floats, beam_bps: Floats, *, shape: tuple[int, int]) -> Floats:
    """What strips carry, summed over each satellite: users share a strip's time, each at its own rate.

    A user whom the weather cuts off takes no time and gets nothing.
    """
    reached = beam_bps > 0.0
    size = shape[0] * shape[1]
    sums = [
        np.bincount(strip[reached], weights=weights, minlength=size)
        for weights in (asked_bps[reached], asked_bps[reached] / beam_bps[reached])
    ]
    return np.asarray((sums[0] / np.maximum(sums[1], 1.0)).reshape(shape).sum(axis=1))
