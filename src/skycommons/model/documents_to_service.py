"""From the documents of demand, service and schedule to what the scheduler is told.

Rules: a scenario has service rules if it has one of the three sections, or a territory that says who may be served in it.
Its terminals ask then, in their own cells. Later territories count over earlier ones, and all of them over the map's file.
Cells of territories are looked for only where they are needed.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Bools
from skycommons.base.errors import InputError
from skycommons.model.borders import country
from skycommons.model.cells import CellIds
from skycommons.model.demand import demand_given, demand_of_people, no_demand, only, together, with_terminals
from skycommons.model.demand_files import read_demand, read_people
from skycommons.model.documents_read import Draft, Findings, did_you_mean
from skycommons.model.documents_service import DemandDocument, ScheduleDocument, ServiceDocument
from skycommons.model.documents_to_ground import Ground
from skycommons.model.documents_to_territories import RuledTerritory
from skycommons.model.placement import NEAREST, pop_row
from skycommons.model.population import world_cells
from skycommons.model.service_map import ServiceClass, ServiceMap
from skycommons.model.service_map_file import read_service_map
from skycommons.model.service_rules import (
    AuctionAssignment,
    DemandTable,
    ScheduleRules,
    ServiceRules,
    TerminalAccounts,
)
from skycommons.model.territories import territory_of
from skycommons.model.world import SiteKind

_BITS_PER_MBIT: Final = 1e6
_SYNTHETIC: Final = "synthetic population of the package"
_SCHEDULED_KEYS: Final = ("service_class", "protected", "account", "down_mbps", "up_mbps")


def service_of(draft: Draft, ground: Ground | None, findings: Findings) -> ServiceRules | None:
    """What the scheduler is told; None where the scenario has nothing for it, or ground that cannot be used."""
    demand, service = draft.demand or DemandDocument(), draft.service or ServiceDocument()
    schedule = _schedule(draft.schedule or ScheduleDocument(), findings)
    others, base = _others(demand, findings), _base_map(service, findings)
    if ground is None:
        return None
    pops = _pops_of_countries(draft, ground, findings)
    ruled = [each for each in ground.territories if each.state is not None or each.service_class is not None]
    if not (draft.demand or draft.service or draft.schedule or ruled):
        _note_unused(draft, findings)
        return None
    _note_own_limits(draft, findings)
    if demand.territories:
        others = only(others, _in_territories(others.cells, demand, ground.territories, findings))
    accounts = _accounts(draft, demand, len(ground.sites.rows(SiteKind.TERMINAL)))
    asked = with_terminals(others, ground.sites, accounts)
    if not len(asked) and (draft.demand or draft.schedule):
        _fault_of_nobody("demand" if draft.demand else "schedule", demand, findings)
    return ServiceRules(
        demand=asked,
        accounts=accounts,
        busy_hour_shape=demand.busy_hour_shape,
        service_map=_with_territories(base, ruled, findings),
        schedule=schedule,
        pop_of_country=pops,
        others=others,
    )


def _fault_of_nobody(section: str, demand: DemandDocument, findings: Findings) -> None:
    """That nobody asks is a fault, and what to do depends on who could; another fault of the demand is reason enough."""
    if any(fault.place.startswith("demand.") for fault in findings.faults):
        return
    if not demand.population and demand.people_file is None and demand.cells_file is None:
        mend = "add terminals, or population = true to [demand]"
    elif demand.territories:
        mend = "its territories hold no cell in which enough people live; name others, or lower min_subscribers"
    else:
        mend = "no cell has enough people; raise subscribers_per_1000_people, or lower min_subscribers"
    findings.fault(section, f"finds nobody who asks for service; {mend}")


def _schedule(document: ScheduleDocument, findings: Findings) -> ScheduleRules:
    """Rules of the schedule; a gap where nothing is auctioned is a fault."""
    policy = document.policy
    if document.gap_nats is not None:
        if isinstance(policy, AuctionAssignment):
            policy = AuctionAssignment(gap_nats=document.gap_nats)
        else:
            findings.fault("schedule.gap_nats", 'counts only where policy is "auction"; remove it')
    return ScheduleRules(
        policy=policy,
        slot_s=document.slot_s,
        slot_phase_s=document.slot_phase_s,
        cells_per_beam=document.cells_per_beam,
        channels=document.channels,
        separation_rings=document.separation_rings,
        candidates=document.candidates,
    )


def _pops_of_countries(draft: Draft, ground: Ground, findings: Findings) -> tuple[tuple[str, str], ...]:
    """Names of PoPs by country, sorted; unknown countries and PoPs are faults."""
    found: list[tuple[str, str]] = []
    for code, pop in sorted(draft.pops.countries.items() if draft.pops is not None else ()):
        here = f"pops.countries.{code}"
        try:
            country(code)
        except InputError as error:
            findings.fault(here, str(error))
        names = list(ground.pop_row_of)
        row = pop_row(pop, names)
        if pop == NEAREST or row >= 0:
            found.append((code, NEAREST if row < 0 else ground.sites.ids[ground.pop_row_of[names[row]]]))
            continue
        hint = did_you_mean(pop, names) or "; name one of the PoPs or its city, or nearest"
        findings.fault(here, f"there is no PoP {pop!r}{hint}")
    return tuple(found)


def _note_unused(draft: Draft, findings: Findings) -> None:
    """Say that nobody reads what is for the scheduler alone."""
    unused = ["[pops.countries]"] if draft.pops is not None and draft.pops.countries else []
    given = {key for _, terminal in draft.terminals for key in terminal.model_fields_set}
    unused += [f"{key} of terminals" for key in _SCHEDULED_KEYS if key in given]
    if unused:
        findings.notes.append(f"{', '.join(unused)}: only the scheduler reads them; add [schedule]")


def _note_own_limits(draft: Draft, findings: Findings) -> None:
    """Say that limits of single terminals do not reach the scheduler, which judges cells."""
    given = {key for _, terminal in draft.terminals for key in terminal.model_fields_set}
    own = [f"{key} of terminals" for key in ("min_elevation_deg", "gso_exclusion_deg") if key in given]
    if own:
        findings.notes.append(
            f"{', '.join(own)}: the scheduler judges a cell by the first type of terminal; give the type these limits"
        )


def _others(document: DemandDocument, findings: Findings) -> DemandTable:
    """Who asks besides the terminals, anywhere."""
    if document.population and document.people_file is not None:
        findings.fault("demand.people_file", "counts the same people as population = true; remove one of them")
    tables = [_of_people(document, findings)]
    if document.cells_file is not None:
        given = findings.read(read_demand, document.cells_file, "demand.cells_file")
        if given is not None:
            tables.append(demand_given(given, source=document.cells_file))
    return together(tables)


def _of_people(document: DemandDocument, findings: Findings) -> DemandTable:
    """Demand of the people of the built-in world or of a file."""
    if document.people_file is not None:
        people = findings.read(read_people, document.people_file, "demand.people_file")
        source = document.people_file
    elif document.population:
        people, source = world_cells(), _SYNTHETIC
        findings.notes.append(f"[demand] takes the {_SYNTHETIC}: no census; subscribers are spread evenly over people")
    else:
        people = None
    if people is None:
        return no_demand()
    share = document.subscribers_per_1000_people / 1e3
    asks = (people[1] > 0.0) & (people[1] * share >= document.min_subscribers)
    return demand_of_people(
        people[0][asks],
        people[1][asks],
        share=share,
        rank=1 + document.service_class,
        rates_bps=(
            document.down_mbps_per_subscriber * _BITS_PER_MBIT,
            document.up_mbps_per_subscriber * _BITS_PER_MBIT,
        ),
        source=source,
    )


def _in_territories(
    cells: CellIds, document: DemandDocument, territories: tuple[RuledTerritory, ...], findings: Findings
) -> Bools:
    """``(C,)`` which cells lie in one of the territories that count; unknown names are faults."""
    by_name = {territory.spec.name: territory.spec for territory in territories}
    inside = np.zeros(len(cells), dtype=np.bool_)
    for place, name in enumerate(document.territories):
        if name not in by_name:
            hint = did_you_mean(name, list(by_name)) or "; add it to [[territories]]"
            findings.fault(f"demand.territories.{place}", f"there is no territory {name!r}{hint}")
            continue
        spec = by_name[name]
        rest = np.flatnonzero(~inside)
        inside[rest] = spec.plus.has_cells(cells[rest]) & ~spec.minus.has_cells(cells[rest])
    return inside


def _accounts(draft: Draft, demand: DemandDocument, count: int) -> TerminalAccounts:
    """Accounts of all terminals: those that the scenario describes come first, the others are usual ones."""
    usual_bps = np.array([demand.down_mbps_per_subscriber, demand.up_mbps_per_subscriber]) * _BITS_PER_MBIT
    rank = np.full(count, 1 + ServiceClass.STANDARD, dtype=np.uint8)
    is_barred = np.zeros(count, dtype=np.bool_)
    rates_bps = np.tile(usual_bps[:, None], count)
    for row, (_, terminal) in enumerate(draft.terminals):
        rank[row] = 0 if terminal.protected else 1 + terminal.service_class
        is_barred[row] = terminal.account
        for direction, rate_mbps in enumerate((terminal.down_mbps, terminal.up_mbps)):
            if rate_mbps is not None:
                rates_bps[direction, row] = rate_mbps * _BITS_PER_MBIT
    return TerminalAccounts(rank=rank, is_barred=is_barred, down_bps=rates_bps[0], up_bps=rates_bps[1])


def _base_map(document: ServiceDocument, findings: Findings) -> ServiceMap:
    """The map of the file, or service for everybody, with the section's defaults."""
    found = None
    if document.map_file is not None:
        found = findings.read(read_service_map, document.map_file, "service.map_file")
    if found is None:
        found = ServiceMap.everywhere()
    return found.with_defaults(state=document.default, service_class=document.default_class)


def _with_territories(found: ServiceMap, ruled: list[RuledTerritory], findings: Findings) -> ServiceMap:
    """A map with the rules of territories on top; those without a cell are faults."""
    for territory in ruled:
        try:
            cells = territory_of(territory.spec).cells
        except InputError as error:
            if not any(fault.place.startswith(f"territories.{territory.place}.") for fault in findings.faults):
                findings.fault(f"territories.{territory.place}", str(error))
        else:
            found = found.over(cells, state=territory.state, service_class=territory.service_class)
    return found
