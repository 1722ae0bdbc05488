"""From the documents of what stands on the ground to the table of sites.

Rules: terminals first, then gateways, then PoPs. Names that the scenario itself gives are kept; names that come from a file
or are built in give way, with the kind or a number behind them. Rows of a file that cannot be used are left out and noted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import asin, nan, pi, radians, sin, sqrt
from types import MappingProxyType
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import GroundError
from skycommons.model.documents_ground import (
    GatewaysDocument,
    PopsDocument,
    TerminalDocument,
    TerminalGridDocument,
)
from skycommons.model.documents_read import Draft, Findings, did_you_mean
from skycommons.model.documents_to_territories import RuledTerritory, territories_of
from skycommons.model.equipment import Equipment, GatewayType, TerminalType
from skycommons.model.ground import GroundSite, read_ground
from skycommons.model.placement import builtin_ground
from skycommons.model.territories import exclusions_in
from skycommons.model.world import SiteKind, Sites
from skycommons.radio.climate import terrain_height_m

_KIND_WORDS: Final = MappingProxyType({SiteKind.TERMINAL: "terminal", SiteKind.GATEWAY: "gateway", SiteKind.POP: "PoP"})
_GOLDEN_ANGLE_RAD: Final = pi * (3 - sqrt(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """What a site has by its type: its row in the table of types, and where it can look."""

    equipment: int
    min_elevation_rad: float
    gso_exclusion_rad: float
    tilt_rad: float = 0.0
    field_of_view_rad: float = 2.0 * pi


_OF_POPS: Final = _Limits(equipment=-1, min_elevation_rad=nan, gso_exclusion_rad=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One site on its way into the table.

    ``given`` is false where its name may still change; ``own_exclusion`` is true where no territory changes its exclusion.
    """

    name: str
    kind: SiteKind
    latitude_deg: float
    longitude_deg: float
    height_m: float | None
    limits: _Limits
    given: bool
    own_exclusion: bool = False
    antennas: int = -1
    pop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The sites of a scenario and what their names mean in it.

    Attributes:
        sites: The table.
        row_of: Row of every name that the scenario may use.
        territories: In the order of the scenario.
        pop_row_of: Row of every name that the scenario may use for a PoP.
    """

    sites: Sites
    row_of: "dict[str, int]"
    territories: tuple[RuledTerritory, ...]
    pop_row_of: "dict[str, int]"


def ground_of(draft: Draft, equipment: Equipment, findings: Findings) -> Ground | None:
    """All sites; what is wrong goes to the findings. None where it cannot be known which terminals or PoPs there are."""
    gateways = [] if draft.gateways is None else _gateways(draft.gateways, equipment, findings)
    territories = territories_of(draft, findings)
    before = len(findings.faults)
    terminals = list(_terminals(draft, equipment, findings))
    pops = [] if draft.pops is None else _pops(draft.pops, findings)
    if draft.pops is None or len(findings.faults) > before:
        return None
    rows = terminals + gateways + pops
    names = _unique_names(rows)
    row_of = _meanings(rows, names)
    pop_rows = _pop_rows(rows, names)
    for place, pop in draft.terminal_pops:
        if pop not in pop_rows:
            hint = did_you_mean(pop, list(pop_rows)) or "; name one of the PoPs, or leave pop out for the nearest"
            findings.fault(f"terminals.{place}.pop", f"there is no PoP {pop!r}{hint}")
    home_pop = [-1 if row.pop is None else pop_rows.get(row.pop, -1) for row in rows]
    sites = _table(rows, names, home_pop, territories=territories)
    return Ground(sites=sites, row_of=row_of, territories=territories, pop_row_of=pop_rows)


def _terminals(draft: Draft, equipment: Equipment, findings: Findings) -> Iterator[_Row]:
    """Single terminals, then the grid's, then the file's."""
    for _, document in draft.terminals:
        yield _single_terminal(document, _terminal_limits(document.type, equipment.terminals))
    if draft.terminal_grid is not None:
        limits = _terminal_limits(draft.terminal_grid.type, equipment.terminals)
        for name, latitude_deg, longitude_deg in _grid(draft.terminal_grid):
            site = GroundSite(name=name, latitude_deg=latitude_deg, longitude_deg=longitude_deg, kind=SiteKind.TERMINAL)
            yield _row(site, limits)
    if draft.terminals_file is not None:
        limits = _terminal_limits(draft.terminals_file.type, equipment.terminals)
        path = draft.terminals_file.file
        for site in _file_sites(path, SiteKind.TERMINAL, "terminals_file.file", findings):
            yield _row(site, limits)


def _terminal_limits(name: str, types: Sequence[TerminalType]) -> _Limits:
    """Limits of a type of terminals."""
    row = _type_row(name, types)
    return _Limits(
        equipment=row,
        min_elevation_rad=types[row].min_elevation_rad,
        gso_exclusion_rad=types[row].gso_exclusion_rad,
        tilt_rad=types[row].tilt_rad,
        field_of_view_rad=types[row].field_of_view_rad,
    )


def _type_row(name: str, types: Sequence[TerminalType | GatewayType]) -> int:
    """Row of the type of this name; the first for an unknown one, which is another check's fault."""
    return next((row for row, each in enumerate(types) if each.name == name), 0)


def _single_terminal(document: TerminalDocument, limits: _Limits) -> _Row:
    """A terminal as the document describes it, its type's limits where it has none of its own."""
    site = GroundSite(
        name=document.name,
        latitude_deg=document.latitude_deg,
        longitude_deg=document.longitude_deg,
        height_m=document.height_m,
        kind=SiteKind.TERMINAL,
        min_elevation_deg=document.min_elevation_deg,
    )
    return replace(_given(site, limits, document.gso_exclusion_deg), pop=document.pop)


def _grid(document: TerminalGridDocument) -> Iterator[tuple[str, float, float]]:
    """Name, latitude and longitude of points that share the band's area evenly (Fibonacci lattice)."""
    south, north = sin(radians(document.min_latitude_deg)), sin(radians(document.max_latitude_deg))
    digits = len(str(document.count))
    for place in range(document.count):
        latitude_rad = asin(south + (north - south) * (place + 0.5) / document.count)
        longitude_rad = (place * _GOLDEN_ANGLE_RAD + pi) % (2 * pi) - pi
        yield f"{document.prefix}-{place + 1:0{digits}d}", latitude_rad * 180 / pi, longitude_rad * 180 / pi


def _gateways(document: GatewaysDocument, equipment: Equipment, findings: Findings) -> list[_Row]:
    """Built-in gateways, the file's, and single ones."""
    limits = _Limits(
        equipment=_type_row(document.type, equipment.gateways),
        min_elevation_rad=radians(document.min_elevation_deg),
        gso_exclusion_rad=radians(document.gso_exclusion_deg),
    )
    rows = [_row(site, limits) for site in _loaded(document, SiteKind.GATEWAY, findings)]
    for single in document.site:
        site = GroundSite(
            name=single.name,
            latitude_deg=single.latitude_deg,
            longitude_deg=single.longitude_deg,
            height_m=single.height_m,
            kind=SiteKind.GATEWAY,
            min_elevation_deg=single.min_elevation_deg,
            antennas=single.antennas,
        )
        kind = document.type if single.type is None else single.type
        own = replace(limits, equipment=_type_row(kind, equipment.gateways))
        rows.append(_given(site, own, single.gso_exclusion_deg))
    return rows


def _pops(document: PopsDocument, findings: Findings) -> list[_Row]:
    """Built-in PoPs, the file's, and single ones; they see no satellites."""
    loaded = [
        _row(replace(site, min_elevation_deg=None), _OF_POPS) for site in _loaded(document, SiteKind.POP, findings)
    ]
    single = [
        GroundSite(
            name=site.name,
            latitude_deg=site.latitude_deg,
            longitude_deg=site.longitude_deg,
            height_m=site.height_m,
            kind=SiteKind.POP,
        )
        for site in document.site
    ]
    return loaded + [_given(site, _OF_POPS, None) for site in single]


def _loaded(document: GatewaysDocument | PopsDocument, kind: SiteKind, findings: Findings) -> list[GroundSite]:
    """Sites of one kind that are built in or come from a file."""
    section = "gateways" if kind is SiteKind.GATEWAY else "pops"
    sites = [site for site in builtin_ground() if site.kind is kind] if document.builtin else []
    if document.file is None:
        return sites
    found = _file_sites(document.file, kind, f"{section}.file", findings)
    if not document.status:
        wanted = [site for site in found if site.is_operational]
        if len(wanted) < len(found):
            findings.notes.append(f"{document.file}: {len(found) - len(wanted):,} site(s) not in operation left out")
    else:
        wanted = [site for site in found if site.status in document.status]
    if found and not wanted:
        states = ", ".join(sorted({site.status for site in found if site.status})) or "not given"
        findings.fault(f"{section}.status", f"leaves no site of {document.file}; its states are {states}")
    return sites + wanted


def _file_sites(file: str, kind: SiteKind, place: str, findings: Findings) -> list[GroundSite]:
    """The usable sites of one kind in a file; none at all is a fault."""
    try:
        ground = read_ground(findings.folder / file, kind=kind)
    except GroundError as error:
        findings.file_faults(place, file, error.faults)
        return []
    findings.masked(file, ground.faults)
    return list(ground.sites)


def _row(site: GroundSite, limits: _Limits) -> _Row:
    """A loaded site as a row; its name may still change."""
    elevation_deg = site.min_elevation_deg
    return _Row(
        name=site.name,
        kind=site.kind,
        latitude_deg=site.latitude_deg,
        longitude_deg=site.longitude_deg,
        height_m=site.height_m,
        limits=limits if elevation_deg is None else replace(limits, min_elevation_rad=radians(elevation_deg)),
        given=False,
        antennas=-1 if site.antennas is None else site.antennas,
    )


def _given(site: GroundSite, limits: _Limits, exclusion_deg: float | None) -> _Row:
    """A site that the scenario itself describes; an exclusion of its own goes before those of its type and territory."""
    row = replace(_row(site, limits), given=True)
    if exclusion_deg is None:
        return row
    return replace(row, limits=replace(row.limits, gso_exclusion_rad=radians(exclusion_deg)), own_exclusion=True)


def _unique_names(rows: Sequence[_Row]) -> list[str]:
    """One name per row, all different: the given ones as they are, the others with their kind or a number behind."""
    taken = {row.name for row in rows if row.given}
    names: list[str] = []
    for row in rows:
        name = row.name
        if not row.given:
            if name in taken:
                name = f"{row.name} ({_KIND_WORDS[row.kind]})"
            number = 2
            while name in taken:
                name = f"{row.name} ({_KIND_WORDS[row.kind]} {number})"
                number += 1
            taken.add(name)
        names.append(name)
    return names


def _meanings(rows: Sequence[_Row], names: Sequence[str]) -> dict[str, int]:
    """Row of every name; a site that had to change its name answers to the old one where that is free, PoPs first."""
    row_of = {name: place for place, name in enumerate(names)}
    for place in sorted(range(len(rows)), key=lambda place: rows[place].kind is not SiteKind.POP):
        row_of.setdefault(rows[place].name, place)
    return row_of


def _pop_rows(rows: Sequence[_Row], names: Sequence[str]) -> dict[str, int]:
    """Row of every name for a PoP, the new names before the old ones."""
    places = [place for place, row in enumerate(rows) if row.kind is SiteKind.POP]
    row_of = {names[place]: place for place in places}
    for place in places:
        row_of.setdefault(rows[place].name, place)
    return row_of


def _table(
    rows: Sequence[_Row], names: Sequence[str], home_pop: Sequence[int], *, territories: tuple[RuledTerritory, ...]
) -> Sites:
    """Rows as columns, in radians."""
    latitude_rad = np.radians([row.latitude_deg for row in rows], dtype=np.float64)
    longitude_rad = np.radians([row.longitude_deg for row in rows], dtype=np.float64)
    usual_rad = np.array([row.limits.gso_exclusion_rad for row in rows], dtype=np.float64)
    local_rad = exclusions_in(
        [territory.spec for territory in territories],
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        elsewhere_rad=usual_rad,
    )
    keeps = np.array([row.own_exclusion or row.kind is SiteKind.POP for row in rows], dtype=np.bool_)
    return Sites(
        ids=tuple(names),
        kind=np.array([int(row.kind) for row in rows], dtype=np.int64),
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        height_m=_heights_m(rows, latitude_rad=latitude_rad, longitude_rad=longitude_rad),
        min_elevation_rad=np.array([row.limits.min_elevation_rad for row in rows], dtype=np.float64),
        gso_exclusion_rad=np.where(keeps, usual_rad, local_rad),
        home_pop=np.array(home_pop, dtype=np.int64),
        equipment=np.array([row.limits.equipment for row in rows], dtype=np.int64),
        tilt_rad=np.array([row.limits.tilt_rad for row in rows], dtype=np.float64),
        field_of_view_rad=np.array([row.limits.field_of_view_rad for row in rows], dtype=np.float64),
        antennas=np.array([row.antennas for row in rows], dtype=np.int64),
    )


def _heights_m(rows: Sequence[_Row], *, latitude_rad: Floats, longitude_rad: Floats) -> Floats:
    """Given heights, and the terrain's where none is given: rain falls only on what stands below its height."""
    height_m = np.array([np.nan if row.height_m is None else row.height_m for row in rows], dtype=np.float64)
    unknown = np.isnan(height_m)
    if unknown.any():
        height_m[unknown] = terrain_height_m(latitude_rad[unknown], longitude_rad[unknown])
    return height_m
