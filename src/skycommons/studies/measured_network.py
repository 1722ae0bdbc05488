"""The network around measured places: a real catalogue, lists of gateways and PoPs, a terminal at each place.

Public lists are incomplete and mix kinds, so three rules mend them, the same for every command:

- PoPs that a list marks as standing in a public facility (``netfac``) serve everybody; the others (a base, a mine, a ship)
  serve only whom the measurements name them for. A list without such marks is taken as it is.
- A PoP with no gateway in operation within 300 km has one beside it: its traffic must come down somewhere, and lists have
  few gateways in Africa and South Asia. Assumed; it is said how many.
- Whose PoP is not named belongs to the PoP that was observed for its country, else to the nearest by delay.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.clock import format_time
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.model.catalogues import read_catalogue
from skycommons.model.ground import COLUMNS, GroundSite, read_ground
from skycommons.model.ground_formats import LATITUDE, LONGITUDE, RawSite, parse_table
from skycommons.model.placement import slug
from skycommons.model.scenario import Scenario, parse
from skycommons.model.world import SiteKind
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import up_axis
from skycommons.plan.pop_assignment import pops_of_places

BESIDE_M: Final = 300e3  # assumed: how far a PoP's traffic comes down at most
STEPS: Final = 60  # instants of a span; satellites move on by several degrees between two of them
_PUBLIC: Final = "netfac"
_PLACE: Final = (LATITUDE, LONGITUDE)
_SHORTEST_STEP_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody measured.

    Attributes:
        latitude_deg, longitude_deg: WGS 84.
        pop: City or code of its PoP; empty where nobody says.
    """

    latitude_deg: float
    longitude_deg: float
    pop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFiles:
    """What the network is made from.

    Attributes:
        catalogue: Element sets.
        gateways, pops: Lists of sites.
        hours: Span from the catalogue's median epoch.
    """

    catalogue: Path
    gateways: Path
    pops: Path
    hours: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredNetwork:
    """A scenario with a terminal at each place.

    Attributes:
        scenario: Terminals in the order of the places.
        pop_names: ``F`` names of the PoPs that are assigned; empty for the nearest by delay.
        added: PoPs beside which a gateway was assumed.
        unlisted: PoPs that places name and the list has not; the nearest by delay stands in.
    """

    scenario: Scenario
    pop_names: tuple[str, ...]
    added: tuple[str, ...]
    unlisted: tuple[str, ...]

    def ephemeris(self) -> Ephemeris:
        """Instants spread over the span."""
        scenario = self.scenario
        step_s = max(_SHORTEST_STEP_S, scenario.duration_s / STEPS)
        return scenario.propagate(scenario.times(every_s=step_s))


def network_of(places: Sequence[Place], files: NetworkFiles) -> MeasuredNetwork:
    """Build the network.

    Raises:
        InputError: A file cannot be used, or the span is none.
    """
    if not 0.0 < files.hours <= 240.0:
        raise InputError(f"hours must be above 0 and at most 240, not {files.hours:g}")
    start_ns = int(np.median(read_catalogue(files.catalogue).elements.epoch_ns))
    gateways = read_ground(files.gateways, kind=SiteKind.GATEWAY).operational().sites
    listed = read_ground(files.pops, kind=SiteKind.POP).operational().sites
    marks = parse_table(files.pops.read_bytes(), files.pops.name).rows
    named = [_named_pop(place.pop, listed, marks) for place in places]
    public = _public(listed, marks)
    pops = [site for site in listed if site in public or site in named]
    added = _without_gateway(pops, gateways)
    lines = [
        'name = "measured"',
        f"[time]\nstart = {format_time(start_ns).split('.')[0].rstrip('Z')}Z\nhours = {files.hours}",
        f"[[constellation]]\ncatalogue = {_quoted(files.catalogue)}",
        f"[gateways]\nfile = {_quoted(files.gateways)}",
        *(_site("gateways.site", f"{site.name} (assumed)", site) for site in added),
        *(_site("pops.site", site.name, site) for site in pops),
    ]
    for number, (place, pop) in enumerate(zip(places, named, strict=True)):
        lines.append(
            f'[[terminals]]\nname = "place {number}"\nlatitude_deg = {place.latitude_deg}\n'
            f"longitude_deg = {place.longitude_deg}" + (f"\npop = {json.dumps(pop.name)}" if pop else "")
        )
    scenario = parse("\n".join(lines), source=str(files.catalogue), folder=Path())
    scenario = _at_home_by_country(scenario)
    sites = scenario.world.sites
    homes = sites.home_pop[sites.rows(SiteKind.TERMINAL)]
    return MeasuredNetwork(
        scenario=scenario,
        pop_names=tuple(sites.ids[row] if row >= 0 else "" for row in homes.tolist()),
        added=tuple(site.name for site in added),
        unlisted=tuple(sorted({place.pop for place, pop in zip(places, named, strict=True) if place.pop and not pop})),
    )


def _named_pop(name: str, listed: Sequence[GroundSite], marks: Sequence[RawSite]) -> GroundSite | None:
    """The listed PoP that a measurement means: of that code or name, or the first whose name begins with it."""
    if not name:
        return None
    coded = _places_with(marks, "code", name)
    wanted = slug(name)
    begins = [
        site
        for site in listed
        if (site.latitude_deg, site.longitude_deg) in coded or f"{slug(site.name)}-".startswith(f"{wanted}-")
    ]
    return min(begins, key=lambda site: len(site.name), default=None)


def _public(listed: Sequence[GroundSite], marks: Sequence[RawSite]) -> list[GroundSite]:
    """The PoPs in public facilities; all where the list has no such mark."""
    public = _places_with(marks, "type", _PUBLIC)
    return [site for site in listed if not public or (site.latitude_deg, site.longitude_deg) in public]


def _places_with(marks: Sequence[RawSite], column: str, word: str) -> set[tuple[float, float]]:
    """Where the rows stand that have this word in this column."""
    rows = [row.cells for row in marks if row.cells.get(column, "").casefold() == word.casefold()]
    found = [[next((cells[name] for name in COLUMNS[key] if name in cells), "") for key in _PLACE] for cells in rows]
    return {(float(latitude), float(longitude)) for latitude, longitude in found if latitude and longitude}


def _without_gateway(pops: Sequence[GroundSite], gateways: Sequence[GroundSite]) -> list[GroundSite]:
    """PoPs with no gateway near."""
    chord_m = 2.0 * EARTH_MEAN_RADIUS_M * np.sin(0.5 * BESIDE_M / EARTH_MEAN_RADIUS_M)
    apart = np.linalg.norm(_directions(pops)[:, None] - _directions(gateways), axis=2) * EARTH_MEAN_RADIUS_M
    alone = (apart > chord_m).all(axis=1)
    return [pop for pop, is_alone in zip(pops, alone.tolist(), strict=True) if is_alone]


def _directions(sites: Sequence[GroundSite]) -> Floats:
    """Unit vectors of sites."""
    degrees = np.array([(site.latitude_deg, site.longitude_deg) for site in sites]).reshape(-1, 2)
    return up_axis(*np.radians(degrees).T)


def _at_home_by_country(scenario: Scenario) -> Scenario:
    """Terminals whose PoP is not named get the one that was observed for their country."""
    sites = scenario.world.sites
    rows, pops = sites.rows(SiteKind.TERMINAL), sites.rows(SiteKind.POP)
    assigned = pops_of_places(sites, sites.latitude_rad[rows], sites.longitude_rad[rows])
    home = sites.home_pop.copy()
    home[rows] = np.where((home[rows] < 0) & (assigned >= 0), pops[assigned], home[rows])
    world = replace(scenario.world, sites=replace(sites, home_pop=home))
    return scenario.replace(world=world)


def _site(table: str, name: str, site: GroundSite) -> str:
    """A site as a section of a scenario."""
    return (
        f"[[{table}]]\nname = {json.dumps(name)}\nlatitude_deg = {site.latitude_deg}\n"
        f"longitude_deg = {site.longitude_deg}"
    )


def _quoted(path: Path) -> str:
    """A path as a TOML string."""
    return json.dumps(str(path.resolve()))
