"""What the benchmarks compute with: the real catalogue where it lies beside the repository, else the built-in fleet."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.clock import parse_time
from skycommons.base.rng import stream
from skycommons.model.catalogues import read_catalogue
from skycommons.model.documents_to_fleet import shell_satellites
from skycommons.model.fleet import to_satellites
from skycommons.model.placement import builtin_ground
from skycommons.model.presets import preset
from skycommons.model.rules import Grid, LaserRules, RoutingRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import Satellites, SiteKind, Sites, World
from skycommons.orbit.elements import Elements

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
CATALOGUE = SHARED / "catalogues" / "starlink_2026-05-21.tle"
START_NS = parse_time("2026-05-21T00:00:00Z")
GATEWAYS, TERMINALS = 300, 1000
MIN_ELEVATION_DEG = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Satellites and where they come from."""

    source: str
    satellites: Satellites

    @property
    def elements(self) -> Elements:
        """Their mean elements."""
        return self.satellites.elements


@cache
def fleet() -> Fleet:
    """The real catalogue, or the built-in constellation."""
    if CATALOGUE.is_file():
        return Fleet(source=CATALOGUE.name, satellites=to_satellites(read_catalogue(CATALOGUE)))
    shells = preset("starlink-2026").shells
    tables = [shell_satellites(item.shell, item.generation, START_NS) for item in shells]
    return Fleet(source="built-in starlink-2026", satellites=Satellites.concatenate(tables))


def random_sites(count: int, *names: str, max_latitude_deg: float = 60.0) -> tuple[Floats, Floats]:
    """Latitudes and longitudes (rad) evenly over the sphere between two parallels."""
    draw = stream(7, *names)
    bound = np.sin(np.radians(max_latitude_deg))
    return np.arcsin(draw.uniform(-bound, bound, count)), draw.uniform(-np.pi, np.pi, count)


def scenario(*, hours: float = 1.0) -> Scenario:
    """1,000 terminals, 300 gateways and the PoPs of the built-in ground segment."""
    ground = builtin_ground()
    gateways = [site for site in ground if site.kind == SiteKind.GATEWAY][:GATEWAYS]
    pops = [site for site in ground if site.kind == SiteKind.POP]
    latitude, longitude = random_sites(TERMINALS, "terminals")
    stations = gateways + pops
    kind = np.repeat([SiteKind.TERMINAL, SiteKind.GATEWAY, SiteKind.POP], [TERMINALS, len(gateways), len(pops)])
    sites = Sites(
        ids=tuple(f"terminal-{number}" for number in range(TERMINALS)) + tuple(site.name for site in stations),
        kind=kind.astype(np.int64),
        latitude_rad=np.concatenate([latitude, np.radians([site.latitude_deg for site in stations])]),
        longitude_rad=np.concatenate([longitude, np.radians([site.longitude_deg for site in stations])]),
        height_m=np.zeros(len(kind)),
        min_elevation_rad=np.where(kind == SiteKind.POP, np.nan, np.radians(MIN_ELEVATION_DEG)),
        gso_exclusion_rad=np.zeros(len(kind)),
        home_pop=np.full(len(kind), -1),
        equipment=np.where(kind == SiteKind.POP, -1, 0),
        tilt_rad=np.zeros(len(kind)),
        field_of_view_rad=np.full(len(kind), 2.0 * np.pi),
        antennas=np.full(len(kind), -1),
    )
    return Scenario(
        name="benchmark",
        labels={},
        world=World(satellites=fleet().satellites, sites=sites),
        start_ns=START_NS,
        duration_s=hours * 3600.0,
        step_s=15.0,
        lasers=LaserRules(topology=Grid()),
        routing=RoutingRules(),
    )
