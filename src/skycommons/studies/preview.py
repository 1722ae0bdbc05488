"""The effect of a decision before anybody takes it, computed from the plan: what an approver sees and what is signed.

Rules:

* The same scenario file, program version, base map and decision give the same figures on another machine. What is a sum of
  fractions keeps three digits; a figure that lies within the last bits of a float of an edge, or hangs on a satellite that does,
  may come out one step apart, and `skycommons.studies.preview_recompute` says so.
* A preview is bound to what it was made of: the cells, the hash of the scenario with its data, the version of the program, the
  hash of the map before.
* It says nothing of groups of customers or classes of terminals, whose decisions have no cells.

::

    figures = preview_of(scenario, cells=scope.cells, effect=Effect.REDUCE, to=to, exempt=True, base=service_map)
    data = preview_bytes(figures, binding)  # the blob whose hash the decision names
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

import skycommons
from skycommons.base.arrays import Bools, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError, PlanError
from skycommons.governance.decisions import Effect, To
from skycommons.governance.previews import (
    CapacityEffect,
    CellsEffect,
    PeopleEffect,
    Preview,
    ProtectedEffect,
    TerminalsEffect,
)
from skycommons.governance.words import ServiceState
from skycommons.model.cells import CellIds, centres
from skycommons.model.cells import canonical as canonical_cells
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.territories import Territory
from skycommons.orbit.frames import up_axis
from skycommons.studies.preview_count import (
    Changes,
    Terminals,
    count_capacity,
    count_cells,
    count_people,
    count_terminals,
    fates_of,
    people_of,
)
from skycommons.studies.preview_world import plan_both

MOST_PROTECTED: Final = 400  # that a preview names: more do not fit into what can be signed
_DAY_S: Final = 86_400
_HOUR_S: Final = 3_600
_DEGREE_S: Final = _DAY_S // 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a preview is bound to besides its cells.

    Attributes:
        origin: The log that decides.
        base_state_version: Version of the service map before.
        base_map_sha256: Its hash.
        scenario_sha256: Of the scenario with its data: `skycommons.model.scenario_digest`.
    """

    origin: str
    base_state_version: int
    base_map_sha256: str
    scenario_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreviewFigures:
    """What a decision changes.

    Attributes:
        effect, to, exempt: What is decided, and whether protected users keep service.
        cells: ``(C,)`` canonical: those of the decision.
        slots_s: Instants that were planned, POSIX seconds.
        terminals, people, protected, capacity, served: The figures.
        planned: ``(N,)`` cells that were planned, in the area and around it.
        is_inside: ``(N,)`` whether the decision covers them.
        change: ``(N,)`` -1 for cells that lose service, 1 for those that gain it.
        reach_m: How far around the area the network was planned: beyond it nothing is counted.
        people_source: How people are known, in words.
    """

    effect: Effect
    to: To
    exempt: bool
    cells: CellIds
    slots_s: tuple[int, ...]
    terminals: TerminalsEffect
    people: PeopleEffect
    protected: tuple[ProtectedEffect, ...]
    capacity: CapacityEffect
    served: CellsEffect
    planned: CellIds
    is_inside: Bools
    change: Ints
    reach_m: float
    people_source: str

    def __repr__(self) -> str:
        count = self.terminals
        return (
            f"<PreviewFigures of {len(self.cells):,} cells: {count.lose:,} of {count.inside:,} terminals lose service>"
        )


def preview_of(
    scenario: Scenario,
    *,
    cells: CellIds,
    effect: Effect,
    to: To,
    exempt: bool,
    base: ServiceMap,
    slots_s: tuple[int, ...] = (),
    not_before_s: int = 0,
    after: ServiceMap | None = None,
    named: tuple[str, ...] = (),
    reach_m: float | None = None,
) -> PreviewFigures:
    """What a decision over some cells changes.

    Args:
        scenario: With rules of service; its own map does not count.
        cells: Those of the decision.
        effect: Which way it goes.
        to: What is to hold in the cells.
        exempt: Whether protected users inside keep service where it is taken away.
        base: The map before.
        slots_s: Instants to plan, POSIX seconds; `decision_slots` unless given.
        not_before_s: From when the decision may hold, POSIX seconds; the scenario's start unless given.
        after: The map after, where it is not ``to`` in all cells: of a restore, which brings back what lies below.
        named: Ids of protected sites and terminals that lose service all the same.
        reach_m: How far around the area the network is planned; as far as satellites are shared unless given. What is signed
            has the reach that follows from the scenario.
    Raises:
        InputError: A cell is none of resolution 5, there are no cells, or the map after differs in others.
        PlanError: The scenario has no rules of service, nobody asks there, or more protected sites are concerned than a
            preview can name.
    """
    area = canonical_cells(cells)
    if not len(area):
        raise InputError("a preview needs cells; this decision covers none")
    service = scenario.service
    if service is None:
        raise PlanError(f"scenario {scenario.name!r} says nothing of service; add [demand] or [schedule]")
    maps = (base, map_after(base, area, to=to, exempt=exempt) if after is None else _checked(base, after, area))
    slots = slots_s or decision_slots(scenario, area, not_before_s=not_before_s)
    plans = plan_both(scenario, maps, cells=area, slots_s=slots, reach_m=reach_m)
    changes = Changes.of(plans)
    protected, lost = fates_of(scenario, plans, changes, maps, cells=area, named=named)
    if len(protected) > MOST_PROTECTED:
        raise PlanError(
            f"{len(protected):,} protected sites are concerned; a preview names {MOST_PROTECTED:,}: decide in smaller areas"
        )
    people, people_source = people_of(service.demand, area)
    terminals = Terminals.of(plans.demand, service, scenario)
    return PreviewFigures(
        effect=effect,
        to=to,
        exempt=exempt,
        cells=area,
        slots_s=plans.slots_s,
        terminals=count_terminals(plans, changes, terminals, lost=lost),
        people=count_people(plans, changes, area, people),
        protected=protected,
        capacity=count_capacity(plans),
        served=count_cells(plans),
        planned=plans.cells,
        is_inside=plans.is_inside,
        change=changes.ordinary,
        reach_m=plans.reach_m,
        people_source=people_source,
    )


def map_after(base: ServiceMap, cells: CellIds, *, to: To, exempt: bool) -> ServiceMap:
    """The map with a decision laid over it.

    Args:
        base: Before.
        cells: ``(C,)`` canonical.
        to: What is to hold in them.
        exempt: Whether protected users keep service where it is taken away.
    """
    state = CellState[to.state.name]
    if exempt and to.state is not ServiceState.ACTIVE:
        state = CellState.PROTECTED_ONLY
    return base.over(cells, state=state, service_class=ServiceClass[to.service_class.name])


def decision_slots(scenario: Scenario, cells: CellIds, *, not_before_s: int = 0) -> tuple[int, ...]:
    """The instants that a preview plans unless others are given: when the decision may hold, and the busiest hour after.

    The busiest hour is that of the demand's shape in mean solar time at the middle of the cells, to the degree.

    Args:
        scenario: With rules of service.
        cells: ``(C,)``, one at least.
        not_before_s: POSIX seconds; the scenario's start if 0.
    Raises:
        PlanError: The scenario has no rules of service.
    """
    if scenario.service is None:
        raise PlanError(f"scenario {scenario.name!r} says nothing of service; add [demand] or [schedule]")
    begin_s = not_before_s or -(-scenario.start_ns // NS_PER_S)
    middle = up_axis(*centres(cells)).mean(axis=0)
    east_deg = round(float(np.degrees(np.arctan2(middle[1], middle[0]))))
    shape = scenario.service.busy_hour_shape
    peak_s = shape.index(max(shape)) * _HOUR_S - east_deg * _DEGREE_S
    busiest_s = begin_s + (peak_s - begin_s) % _DAY_S
    return tuple(sorted({begin_s, busiest_s}))


def preview_document(figures: PreviewFigures, binding: Binding) -> Preview:
    """A preview as the document that a decision names by its hash."""
    area = Territory(name="decision", cells=figures.cells)
    return Preview(
        origin=binding.origin,
        cells_sha256=area.sha256,
        cells_count=len(area),
        to=figures.to,
        effect=figures.effect,
        base_state_version=binding.base_state_version,
        base_map_sha256=binding.base_map_sha256,
        scenario_sha256=binding.scenario_sha256,
        program=program(),
        slots=figures.slots_s,
        terminals=figures.terminals,
        people=figures.people,
        protected=figures.protected,
        capacity=figures.capacity,
        cells=figures.served,
    )


def preview_bytes(figures: PreviewFigures, binding: Binding) -> bytes:
    """A preview in its canonical form, which its hash is taken of.

    Raises:
        FormatError: It cannot be signed: a hash or the origin is none.
    """
    document = preview_document(figures, binding)
    return Preview.from_json(document.to_json()).encode()


def program() -> str:
    """What computes previews here, as they name it."""
    return f"skycommons {skycommons.__version__}"


def _checked(base: ServiceMap, after: ServiceMap, cells: CellIds) -> ServiceMap:
    """The map after, if it differs from the one before in the decision's cells alone."""
    others = np.setdiff1d(np.union1d(base.cells, after.cells), cells)
    is_same = (
        np.array_equal(base.states_of(others), after.states_of(others))
        and np.array_equal(base.classes_of(others), after.classes_of(others))
        and (base.default_state, base.default_class) == (after.default_state, after.default_class)
    )
    if not is_same:
        raise InputError("the map after differs from the one before outside of the decision's cells")
    return after
