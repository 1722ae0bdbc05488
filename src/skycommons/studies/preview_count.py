"""What two plans differ in, counted: terminals, people, protected sites, cells and capacity.

Rules:

* Whoever has service at fewer of the slots after the decision than before loses, at more of them gains; nobody does both.
* Terminals of a cell share its fate, in three groups: protected ones, barred ones (who have no service in either state), and all
  others. Expected subscribers count as terminals. Of demand that is given by cell, protected users have the part of the
  subscribers that they have of the demand.
* People are those who live in cells, with a terminal or without: those of the scenario's demand where it counts any, else those
  of the package's synthetic world. They lose with the cell's ordinary terminals.
* A protected site loses if its cell's protected users do, if the map no longer serves them, or if the decision names it. One in
  whose cell nobody else is protected keeps, where protected users are exempt, what the cell had.
* Capacity is what cells are given, down, the mean over the slots.
* Whole numbers. What is a sum of fractions keeps three digits, so that the last bits of a float cannot turn a figure unless it
  lies within them of an edge; cells and protected sites are counted one by one.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.governance.previews import CapacityEffect, CellsEffect, PeopleEffect, ProtectedEffect, TerminalsEffect
from skycommons.model.cells import CellIds, cell_texts, cells_of
from skycommons.model.population import world_cells
from skycommons.model.protected import cells_of_sites
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.model.service_rules import DemandTable, ServiceRules
from skycommons.model.world import SiteKind
from skycommons.plan.requests import PROTECTED, Unserved
from skycommons.studies.preview_world import AFTER, BEFORE, TwoPlans

DIGITS: Final = 3
TERMINAL_CLASS: Final = "protected-terminal"
SYNTHETIC: Final = "synthetic population of the package; the scenario counts no people"
_NO_ID: Final = re.compile(r"[^a-z0-9._-]+")
_ID_LENGTH: Final = 56
_HALF: Final = 0.5 + 1e-6  # a little more, so that exact halves go up on every machine


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """Who of ``N`` cells has service at fewer slots after (-1), at as many (0), at more (1).

    Attributes:
        ordinary: ``(N,)`` of everybody whose account is neither barred nor protected.
        protected: ``(N,)`` of protected users.
        site: ``(N,)`` of protected sites, which ask for nothing themselves.
    """

    ordinary: Ints
    protected: Ints
    site: Ints

    @staticmethod
    def of(plans: TwoPlans) -> "Changes":
        """Compare two plans."""
        served = plans.is_served
        is_partial = plans.state == CellState.PROTECTED_ONLY
        bare = is_partial[:, np.newaxis] & (plans.reason == Unserved.SUSPENDED)
        return Changes(
            ordinary=_sign(served & ~is_partial[:, np.newaxis]),
            protected=_sign(served),
            site=_sign(served | (bare & served[::-1])),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terminals:
    """Terminals of ``N`` cells by group.

    Attributes:
        subscribers: ``(N,)`` all of them.
        ordinary, protected: ``(N,)`` of them; the rest is barred.
    """

    subscribers: Floats
    ordinary: Floats
    protected: Floats

    @staticmethod
    def of(demand: DemandTable, service: ServiceRules, scenario: Scenario) -> "Terminals":
        """The terminals of cells.

        Args:
            demand: Of the cells that are looked at.
            service: Rules of the whole scenario.
            scenario: With its terminals.
        """
        others = service.others if service.others is not None else service.demand
        protected = _of_cells(demand.cells, others.cells, others.subscribers * _protected_share(others))
        barred = np.zeros(len(demand))
        if service.others is not None:
            rows = scenario.world.sites.rows(SiteKind.TERMINAL)
            is_barred, is_protected = service.accounts.is_barred, np.asarray(service.accounts.rank == PROTECTED)
            is_told = np.asarray(is_barred | is_protected)
            own = _cells_of_rows(scenario, rows[is_told])
            counts = is_barred[is_told]
            barred = _count(demand.cells, own[counts])
            protected = protected + _count(demand.cells, own[~counts])
        else:
            barred = np.where(demand.is_barred, demand.subscribers, 0.0)
        return Terminals(
            subscribers=demand.subscribers,
            ordinary=np.maximum(demand.subscribers - barred - protected, 0.0),
            protected=protected,
        )


def coarse(amount: float, digits: int = DIGITS) -> int:
    """A whole number with so many digits; below that it stays what it is.

    >>> [coarse(amount) for amount in (0.4, 999.2, 1234.4, 1235.0, 1_000_400.0)]
    [0, 999, 1230, 1240, 1000000]
    """
    whole = int(np.floor(amount + _HALF))
    step: int = 10 ** max(len(str(whole)) - digits, 0)
    return (whole + step // 2) // step * step


def count_terminals(plans: TwoPlans, changes: Changes, terminals: Terminals, *, lost: Ints) -> TerminalsEffect:
    """How many terminals lose and gain.

    Args:
        plans, changes: Of ``N`` cells.
        changes: What becomes of them.
        terminals: Of the cells.
        lost: ``(N,)`` protected terminals that the decision names one by one and that had service.
    """
    inside = plans.is_inside
    kept = np.maximum(terminals.protected - lost, 0.0)
    lose = terminals.ordinary * (changes.ordinary < 0) + kept * (changes.protected < 0) + lost
    gain = terminals.ordinary * (changes.ordinary > 0) + terminals.protected * (changes.protected > 0)
    return TerminalsEffect(
        inside=coarse(terminals.subscribers[inside].sum()),
        lose=coarse(lose[inside].sum()),
        gain=coarse(gain[inside].sum()),
        elsewhere_lose=coarse(lose[~inside].sum()),
    )


def people_of(demand: DemandTable, cells: CellIds) -> tuple[Floats, str]:
    """``(N,)`` who lives in cells, and in words how that is known.

    Args:
        demand: Of the whole scenario.
        cells: ``(N,)``.
    """
    if demand.people.any():
        sources = "; ".join(demand.sources)
        return _of_cells(cells, demand.cells, demand.people), f"those of cells in which somebody asks, by {sources}"
    return _of_cells(cells, *world_cells()), SYNTHETIC


def count_people(plans: TwoPlans, changes: Changes, cells: CellIds, people: Floats) -> PeopleEffect:
    """How many people live where service is lost and gained.

    Args:
        plans, changes: Of the cells that are planned.
        changes: What becomes of them.
        cells: ``(C,)`` of the area.
        people: ``(C,)`` who lives there.
    """
    change = _of_cells(cells, plans.cells, changes.ordinary.astype(np.float64))
    return PeopleEffect(
        inside=coarse(people.sum()), lose=coarse(people[change < 0].sum()), gain=coarse(people[change > 0].sum())
    )


def count_capacity(plans: TwoPlans) -> CapacityEffect:
    """What the area and its surroundings are given."""
    given_kbps = plans.given_bps.mean(axis=1) / 1e3

    def of(state: int, where: Bools) -> int:
        return coarse(float(given_kbps[state, where].sum()))

    return CapacityEffect(
        inside_before_kbps=of(BEFORE, plans.is_inside),
        inside_after_kbps=of(AFTER, plans.is_inside),
        elsewhere_before_kbps=of(BEFORE, ~plans.is_inside),
        elsewhere_after_kbps=of(AFTER, ~plans.is_inside),
    )


def count_cells(plans: TwoPlans) -> CellsEffect:
    """Cells of the area that are served."""
    slots = plans.is_served[:, :, plans.is_inside].sum(axis=1)
    before, after = np.count_nonzero(slots, axis=1).tolist()
    return CellsEffect(served_before=before, served_after=after)


def fates_of(
    scenario: Scenario,
    plans: TwoPlans,
    changes: Changes,
    maps: tuple[ServiceMap, ServiceMap],
    *,
    cells: CellIds,
    named: tuple[str, ...],
) -> tuple[tuple[ProtectedEffect, ...], Ints]:
    """What becomes of protected sites and terminals, and how many terminals of each cell are named as losing service.

    Args:
        scenario: With protected sites, and terminals that are protected.
        plans, changes: Of ``N`` cells.
        changes: What becomes of them.
        maps: Before and after.
        cells: ``(C,)`` of the area.
        named: Ids that lose service though others are exempt.
    Returns:
        Sorted by id; and ``(N,)``.
    """
    sites, here = scenario.protected, cells_of_sites(scenario.protected)
    is_named = np.array([site.id in named for site in sites], dtype=np.bool_)
    loses = (_of_cells(here, plans.cells, changes.site.astype(np.float64)) < 0) | _forbidden(maps, here) | is_named
    found = [
        ProtectedEffect(id=site.id, site_class=site.protected_class.value, cell=cell, loses=bool(lost))
        for site, cell, lost in zip(sites, cell_texts(here), loses, strict=True)
    ]
    terminals, lost = _terminal_fates(scenario, plans, changes, named, taken={site.id for site in sites})
    area = set(cell_texts(cells))
    told = (fate for fate in (*found, *terminals) if fate.cell in area or fate.loses)
    return tuple(sorted(told, key=lambda fate: fate.id)), lost


def _terminal_fates(
    scenario: Scenario, plans: TwoPlans, changes: Changes, named: tuple[str, ...], *, taken: set[str]
) -> tuple[list[ProtectedEffect], Ints]:
    """Protected terminals whose account is not barred, and how many of each cell are named and had service."""
    service, lost = scenario.service, np.zeros(len(plans.cells), dtype=np.int64)
    if service is None or service.others is None:
        return [], lost
    is_told = (service.accounts.rank == PROTECTED) & ~service.accounts.is_barred
    rows = scenario.world.sites.rows(SiteKind.TERMINAL)[is_told]
    own, ids = _cells_of_rows(scenario, rows), [scenario.world.sites.ids[row] for row in rows]
    change = _of_cells(own, plans.cells, changes.protected.astype(np.float64))
    had = _of_cells(own, plans.cells, plans.is_served[BEFORE].any(axis=0).astype(np.float64)) > 0.0
    is_lost = had & np.array([each in named for each in ids], dtype=np.bool_)
    np.add.at(lost, np.searchsorted(plans.cells, own[is_lost]), 1)
    loses = (change < 0) | is_lost
    return [
        ProtectedEffect(id=_public_id(name, taken), site_class=TERMINAL_CLASS, cell=cell, loses=bool(gone))
        for name, cell, gone in zip(ids, cell_texts(own), loses, strict=True)
    ], lost


def _public_id(name: str, taken: set[str]) -> str:
    """A terminal's name in the letters of a signed id; with a number behind it where another has it already."""
    stem = _NO_ID.sub("-", name.casefold()).strip("-._")[:_ID_LENGTH] or "terminal"
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    taken.add(found)
    return found


def _forbidden(maps: tuple[ServiceMap, ServiceMap], cells: CellIds) -> Bools:
    """``(N,)`` where the map serves protected users before and no longer after."""
    before, after = (np.isin(each.states_of(cells), (CellState.ACTIVE, CellState.PROTECTED_ONLY)) for each in maps)
    return np.asarray(before & ~after)


def _sign(served: Bools) -> Ints:
    """``(N,)`` -1, 0 or 1 by the slots ``(2, T, N)`` at which somebody is served."""
    slots = served.sum(axis=1)
    return np.asarray(np.sign(slots[AFTER] - slots[BEFORE]), dtype=np.int64)


def _protected_share(demand: DemandTable) -> Floats:
    """``(C,)`` part of the demand that protected users ask for."""
    asked = demand.down_bps + demand.up_bps
    total = asked.sum(axis=1)
    return np.asarray(np.divide(asked[:, PROTECTED], total, out=np.zeros(len(demand)), where=total > 0.0))


def _cells_of_rows(scenario: Scenario, rows: Ints) -> CellIds:
    """Cells of sites by their rows."""
    sites = scenario.world.sites
    return cells_of(sites.latitude_rad[rows], sites.longitude_rad[rows])


def _count(cells: CellIds, of: CellIds) -> Floats:
    """``(N,)`` how often each cell appears among others."""
    listed, count = np.unique(of, return_counts=True)
    return _of_cells(cells, listed, count.astype(np.float64))


def _of_cells(cells: CellIds, listed: CellIds, amount: Floats) -> Floats:
    """``(N,)`` amounts looked up by cell; 0 for cells that are not listed."""
    found = np.zeros(len(cells))
    if len(listed):
        place = np.minimum(np.searchsorted(listed, cells), len(listed) - 1)
        is_there = listed[place] == cells
        found[is_there] = amount[place[is_there]]
    return found
