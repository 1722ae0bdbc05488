"""A scenario: what exists, over which span, under which rules.

Rules: a scenario is a value. `Scenario.replace` and `Scenario.without` copy it; nothing changes it. Everything in it is in
SI units and rows; the document that it came from is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from math import radians
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.clock import format_time, time_grid
from skycommons.base.errors import InputError, ScenarioError
from skycommons.model.demand import rules_at
from skycommons.model.documents import (
    AnyLasers,
    GridLasersDocument,
    MotifLasersDocument,
    NearestLasersDocument,
    NoLasersDocument,
    PairLasersDocument,
)
from skycommons.model.documents_check import cross_faults
from skycommons.model.documents_protected import ProtectedDocument
from skycommons.model.documents_read import (
    Draft,
    Findings,
    did_you_mean,
    in_file_order,
    parse_toml,
    read_document,
    read_text,
)
from skycommons.model.documents_to_emulation import emulation_of
from skycommons.model.documents_to_equipment import equipment_of, note_borrowed_payloads
from skycommons.model.documents_to_fleet import satellites_of
from skycommons.model.documents_to_ground import Ground, ground_of
from skycommons.model.documents_to_radio import radio_of
from skycommons.model.documents_to_service import service_of
from skycommons.model.emulation_rules import EmulationRules
from skycommons.model.protected import ProtectedSite
from skycommons.model.rules import (
    Grid,
    LaserRules,
    MeasuredRain,
    Motif,
    Nearest,
    NoLasers,
    Pairs,
    RadioRules,
    RoutingRules,
    Showers,
    Topology,
)
from skycommons.model.service_rules import ServiceRules
from skycommons.model.territories import Territory, TerritorySpec, territory_of
from skycommons.model.world import Satellites, SiteKind, Sites, World

if TYPE_CHECKING:
    from skycommons.orbit.ephemeris import Ephemeris

_LONGEST_ACQUISITION_S: Final = 30.0  # the slower end of what laser terminals take; the faster end is a measured 12 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that a run needs.

    Attributes:
        name: Short name; files of results are called after it.
        title, description, labels: Words for people.
        source: Where it came from.
        world: Satellites and sites.
        start_ns: First instant, UTC unix ns.
        duration_s: Length of the span.
        step_s: Time between two steps.
        seed: Seed of every random stream.
        lasers: Which satellites point lasers at which.
        routing: How traffic finds its way.
        radio: How links become rates.
        pairs: Flows between two named sites, as site rows ``(source, target)``.
        territories: Named areas, in the order of the document.
        protected: Places whose loss of service previews name.
        service: What the scheduler is told; None where flows choose for themselves.
        emulation: How it is run live.
        notes: What a reader of the results should know: rows left out, old elements, assumptions.
    """

    name: str
    title: str = ""
    description: str = ""
    labels: Mapping[str, str]
    source: str = ""
    world: World
    start_ns: int
    duration_s: float
    step_s: float
    seed: int = 0
    lasers: LaserRules
    routing: RoutingRules
    radio: RadioRules = field(default_factory=RadioRules)
    pairs: tuple[tuple[int, int], ...] = ()
    territories: tuple[TerritorySpec, ...] = ()
    protected: tuple[ProtectedSite, ...] = ()
    service: ServiceRules | None = None
    emulation: EmulationRules = field(default_factory=EmulationRules)
    notes: tuple[str, ...] = ()

    def times(self, hours: float | None = None, every_s: float | None = None) -> Ints:
        """Instants of the span, ``(T,)`` UTC unix ns: the start included, the end not.

        Args:
            hours: Length in place of the scenario's.
            every_s: Step in place of the scenario's.
        Raises:
            InputError: A length or step is not positive.
        """
        duration_s = self.duration_s if hours is None else hours * 3600.0
        return time_grid(self.start_ns, duration_s, self.step_s if every_s is None else every_s)

    def propagate(self, time_ns: Ints) -> "Ephemeris":
        """Where all satellites are at these instants."""
        from skycommons.orbit.ephemeris import propagate

        return propagate(self.world.satellites.elements, time_ns)

    def site(self, name: str) -> int:
        """Row of a site by its name.

        Raises:
            InputError: There is no such site.
        """
        return self.world.sites.row(name)

    def territory(self, name: str) -> Territory:
        """The cells of a territory by its name.

        Raises:
            InputError: There is no such territory, or it has no cell.
        """
        names = [spec.name for spec in self.territories]
        if name not in names:
            hint = did_you_mean(name, names) or f"; there are {', '.join(names) or 'none: add [[territories]]'}"
            raise InputError(f"there is no territory {name!r}{hint}")
        return territory_of(self.territories[names.index(name)])

    def replace(self, **changes: object) -> "Scenario":
        """A copy with other values.

        Raises:
            InputError: There is no such value.
        """
        unknown = [name for name in changes if name not in self.__slots__]
        if unknown:
            raise InputError(f"a scenario has no {unknown[0]!r}{did_you_mean(unknown[0], list(self.__slots__))}")
        values: dict[str, Any] = changes
        return replace(self, **values)

    def without(self, *names: str) -> "Scenario":
        """A copy without these sites and without the flows from or to them.

        Raises:
            InputError: There is no such site.
        """
        gone = {self.site(name) for name in names}
        return self.at_sites(np.array([row for row in range(len(self.world.sites)) if row not in gone], dtype=np.int64))

    def at_sites(self, rows: Ints) -> "Scenario":
        """A copy with only these sites and the flows between them.

        Args:
            rows: Of the site table, ascending.
        """
        new_row = np.full(len(self.world.sites) + 1, -1, dtype=np.int64)  # its last place answers for row -1
        new_row[rows] = np.arange(len(rows))
        ends = ((int(new_row[source]), int(new_row[target])) for source, target in self.pairs)
        sites = _sites_at(self.world.sites, rows, new_row)
        radio = _radio_at(self.radio, rows)
        pairs = tuple(pair for pair in ends if min(pair) >= 0)
        service = self.service
        if service is not None:
            stays = np.isin(self.world.sites.rows(SiteKind.TERMINAL), rows)
            service = rules_at(service, sites, stays)
        gone = frozenset(self.world.sites.ids).difference(sites.ids)
        world, emulation = replace(self.world, sites=sites), self.emulation.without(gone)
        return replace(self, world=world, radio=radio, pairs=pairs, service=service, emulation=emulation)

    def __repr__(self) -> str:
        count = _counts(self.world.sites)
        return (
            f"<Scenario {self.name!r}: {len(self.world.satellites):,} satellites, "
            f"{count[SiteKind.GATEWAY]:,} gateways, {count[SiteKind.TERMINAL]:,} terminals>"
        )

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        count = _counts(self.world.sites)
        rows = {
            "satellites": f"{len(self.world.satellites):,} in {len(self.world.satellites.shell_names):,} shells",
            "terminals": f"{count[SiteKind.TERMINAL]:,}",
            "gateways": f"{count[SiteKind.GATEWAY]:,}",
            "PoPs": f"{count[SiteKind.POP]:,}",
            "start": format_time(self.start_ns),
            "span": f"{self.duration_s / 3600:g} h, every {self.step_s:g} s",
            "lasers": type(self.lasers.topology).__name__,
            "routing": f"{type(self.routing.mode).__name__}, {type(self.routing.attachment).__name__}",
        }
        cells = "".join(f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in rows.items())
        return f"<table><caption>{escape(self.title or self.name)}</caption>{cells}</table>"


def load(path: str | Path, *, instead: Mapping[str, object] | None = None) -> Scenario:
    """The scenario of a TOML file; files that it names are found relative to it.

    Args:
        path: The file.
        instead: Sections that take the place of the file's own, such as ``{"gateways": {"file": "mine.csv"}}``.
    Raises:
        ScenarioError: The file cannot be read or has faults; all of them are listed.
    """
    file = Path(path)
    return parse(read_text(file), source=str(path), folder=file.parent, instead=instead)


def parse(
    text: str, source: str = "scenario", folder: Path = Path(), *, instead: Mapping[str, object] | None = None
) -> Scenario:
    """The scenario of a TOML text.

    Args:
        text: The document.
        source: What to call it in messages.
        folder: Where the relative paths in it start.
        instead: Sections that take the place of the document's own.
    Raises:
        ScenarioError: The document has faults; all of them are listed.
    """
    raw = {**parse_toml(text, source), **(instead or {})}
    draft, form_faults = read_document(raw)
    findings = Findings(folder=folder)
    findings.faults.extend([*form_faults, *cross_faults(raw)])
    satellites = satellites_of(draft, findings)
    equipment = equipment_of(draft, findings)
    ground = ground_of(draft, equipment, findings)
    radio = radio_of(draft, ground.sites if ground is not None else None, findings)
    service = service_of(draft, ground, findings)
    topology = _topology(draft, satellites, findings)
    pairs = _pairs(draft, ground, findings)
    is_scheduled = service is not None or bool(raw.keys() & {"demand", "service", "schedule"})
    emulation = emulation_of(draft, ground, satellites, is_scheduled=is_scheduled, findings=findings)
    if findings.faults or draft.document is None or satellites is None or ground is None:
        raise ScenarioError(source, in_file_order(findings.faults, raw))
    document = draft.document
    note_borrowed_payloads(satellites, equipment, findings)
    hours = document.time.hours
    return Scenario(
        name=document.name,
        title=document.title,
        description=document.description,
        labels=document.labels,
        source=source,
        world=World(satellites=satellites, sites=ground.sites, equipment=equipment),
        start_ns=document.time.start,
        duration_s=document.time.duration_s or (hours or 0.0) * 3600.0,
        step_s=document.time.step_s,
        seed=document.seed,
        lasers=_laser_rules(document.lasers, topology),
        routing=RoutingRules(
            mode=document.routing.mode,
            attachment=document.routing.attachment,
            fibre_detour=document.routing.fibre_detour,
            alternatives=document.routing.alternatives,
        ),
        radio=radio,
        pairs=pairs,
        territories=tuple(territory.spec for territory in ground.territories),
        protected=_protected(document.protected),
        service=service,
        emulation=emulation,
        notes=tuple(findings.notes),
    )


def _topology(draft: Draft, satellites: Satellites | None, findings: Findings) -> Topology:
    """The strategy of a lasers section; unknown satellites are faults."""
    match draft.lasers:
        case NearestLasersDocument(per_satellite=per_satellite):
            return Nearest(per_satellite=per_satellite)
        case MotifLasersDocument(motif=motif):
            return Motif(offsets=motif)
        case PairLasersDocument(pairs=pairs) if satellites is not None:
            return Pairs.of(_laser_pairs(pairs, satellites, findings))
        case NoLasersDocument():
            return NoLasers()
        case _:
            return Grid()


def _protected(documents: tuple[ProtectedDocument, ...]) -> tuple[ProtectedSite, ...]:
    """Protected sites in radians."""
    return tuple(
        ProtectedSite(
            id=document.id,
            protected_class=document.protected_class,
            latitude_rad=radians(document.latitude_deg),
            longitude_rad=radians(document.longitude_deg),
        )
        for document in documents
    )


def _laser_pairs(
    pairs: tuple[tuple[str, str], ...], satellites: Satellites, findings: Findings
) -> list[tuple[int, int]]:
    """Satellite rows of the named pairs."""
    row_of = {satellite_id: row for row, satellite_id in enumerate(satellites.ids)}
    rows: list[tuple[int, int]] = []
    for place, pair in enumerate(pairs):
        unknown = [name for name in pair if name not in row_of]
        for name in unknown:
            hint = did_you_mean(name, satellites.ids) or "; remove the pair"
            findings.fault(f"lasers.pairs.{place}", f"there is no satellite {name!r}{hint}")
        if pair[0] == pair[1]:
            findings.fault(f"lasers.pairs.{place}", f"points {pair[0]!r} at itself; remove it")
        if not unknown:
            rows.append((row_of[pair[0]], row_of[pair[1]]))
    return rows


def _laser_rules(document: AnyLasers, topology: Topology) -> LaserRules:
    """Laser rules in SI units."""
    limits = GridLasersDocument() if isinstance(document, NoLasersDocument) else document
    longest_s = limits.longest_acquisition_s
    return LaserRules(
        topology=topology,
        max_range_m=limits.max_range_km * 1e3,
        min_grazing_height_m=limits.min_grazing_height_km * 1e3,
        acquisition_s=limits.acquisition_s,
        longest_acquisition_s=max(_LONGEST_ACQUISITION_S, limits.acquisition_s) if longest_s is None else longest_s,
        rate_bps=limits.rate_gbps * 1e9,
    )


def _pairs(draft: Draft, ground: Ground | None, findings: Findings) -> tuple[tuple[int, int], ...]:
    """Site rows of the named flows; unknown names, and flows that need no satellite or are there already, are faults."""
    if ground is None:
        return ()
    sites = ground.sites
    pairs: list[tuple[int, int]] = []
    for place, document in draft.pairs:
        here = f"pairs.{place}"
        ends: list[int] = []
        for key, name in (("from", document.source), ("to", document.target)):
            ends.append(ground.row_of.get(name, -1))
            if name not in ground.row_of and name not in draft.terminal_names:
                hint = did_you_mean(name, list(ground.row_of)) or "; name a terminal, a gateway or a PoP"
                findings.fault(f"{here}.{key}", f"there is no site {name!r}{hint}")
        source, target = ends
        if min(ends) >= 0 and all(sites.kind[row] == SiteKind.POP for row in ends):
            findings.fault(here, "both ends are PoPs, which need no satellites; name a terminal or a gateway")
        if min(ends) >= 0 and sites.home_pop[source] == target:
            findings.fault(
                here, f"{document.source!r} has this flow already, because {document.target!r} is its PoP; remove it"
            )
        pairs.append((source, target))
    return tuple(pairs)


def _sites_at(sites: Sites, kept: Ints, new_row: Ints) -> Sites:
    """The table with only these rows; a terminal whose PoP is gone turns to the nearest."""
    columns = {name: getattr(sites, name)[kept] for name in Sites.__slots__ if name not in {"ids", "home_pop"}}
    return Sites(ids=tuple(sites.ids[row] for row in kept), home_pop=new_row[sites.home_pop[kept]], **columns)


def _radio_at(radio: RadioRules, kept: Ints) -> RadioRules:
    """The rules with measured rain, which has a column for each site, at only these rows."""
    match radio.weather:
        case MeasuredRain(table=table):
            return replace(radio, weather=MeasuredRain(table=replace(table, rate_mm_h=table.rate_mm_h[:, kept])))
        case Showers(base=base, showers=showers):
            return replace(
                radio, weather=Showers(base=_radio_at(replace(radio, weather=base), kept).weather, showers=showers)
            )
        case _:
            return radio


def _counts(sites: Sites) -> dict[SiteKind, int]:
    """How many sites there are of each kind."""
    return {kind: len(sites.rows(kind)) for kind in SiteKind}
