"""One network planned twice, with the service map before a decision and with the one after it.

Rules:

* What can change is planned and nothing else: the cells of the decision and those around them over which one of their
  satellites may stand. A cell farther away shares no satellite with the area; it could notice a decision only through a chain of
  others who move aside, or through a feeder link far away, and is left out of both plans.
* Both states have the same sky, ground segment, weather, rates and options; who may ask, channels, assignment and beams are
  each state's own. So each plan is the one that the scheduler makes of these cells with that map.
* A slot is planned by itself, without one before it, so that nothing hangs on what happened earlier.
* The plan begins with the first slot and lasts to the last one: requests are made for the demand of these slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints
from skycommons.base.constants import EARTH_MEAN_RADIUS_M, NS_PER_S
from skycommons.base.errors import PlanError
from skycommons.model.cells import CellIds, centres
from skycommons.model.demand import only
from skycommons.model.rules import MeasuredRain
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import ServiceMap
from skycommons.model.service_moment import service_at
from skycommons.model.service_rules import DemandTable, ServiceRules, TerminalAccounts
from skycommons.model.world import SiteKind
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import up_axis
from skycommons.plan.beams import usual_beam_bps
from skycommons.plan.demand import busiest_share
from skycommons.plan.lasers import lasers_at
from skycommons.plan.moments import ALWAYS, Law, moments_of
from skycommons.plan.options import Options
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import Scheduler, StepPlan
from skycommons.plan.slots import slot_begin
from skycommons.plan.topology import pointing_of

STATES: Final = 2
BEFORE, AFTER = 0, 1
FAMILY: Final = 3
"""Resolution of H3 of the coarse cells by which surroundings are measured: some 110 km from centre to centre."""
REACH_STEP_M: Final = 100e3  # distances are rounded up to it, and have as much added for the size of families
WHOLE_EARTH_M: Final = float(np.pi * EARTH_MEAN_RADIUS_M)
_AT_ONCE: Final = 512  # families compared with all others at once


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoPlans:
    """Plans of ``T`` slots of ``N`` cells in the two states `BEFORE` and `AFTER`.

    Attributes:
        slots_s: ``T`` instants, POSIX seconds.
        reach_m: How far around the area cells are planned.
        demand: Of the cells that are planned.
        is_inside: ``(N,)`` whether the decision covers the cell.
        state: ``(2, N)`` `CellState`.
        reason: ``(2, T, N)`` `Unserved`.
        given_bps: ``(2, T, N)`` what cells are given, down.
    """

    slots_s: tuple[int, ...]
    reach_m: float
    demand: DemandTable
    is_inside: Bools
    state: Bytes
    reason: Bytes
    given_bps: Floats

    @property
    def cells(self) -> CellIds:
        """``(N,)`` the cells that are planned."""
        return self.demand.cells

    @property
    def is_served(self) -> Bools:
        """``(2, T, N)`` whether anybody in the cell is served."""
        return np.asarray(self.reason == Unserved.SERVED)


def plan_both(
    scenario: Scenario,
    maps: tuple[ServiceMap, ServiceMap],
    *,
    cells: CellIds,
    slots_s: Sequence[int],
    reach_m: float | None = None,
) -> TwoPlans:
    """Plan a network before and after a decision.

    Args:
        scenario: With rules of service; its own map does not count, its layers of groups do.
        maps: Before and after.
        cells: ``(C,)`` canonical: those that the decision covers.
        slots_s: Instants, POSIX seconds, rising.
        reach_m: How far around the area cells are planned; as far as satellites are shared unless given.
    Raises:
        PlanError: The scenario has no rules of service, or no slot can be planned.
    """
    service = _service_of(scenario)
    if not slots_s:
        raise PlanError("a preview needs a slot at least")
    rules = service.schedule
    begins_ns = slot_begin(np.array([slot * NS_PER_S for slot in slots_s], dtype=np.int64), rules)
    moved = scenario.replace(
        start_ns=int(begins_ns[0]), duration_s=float(begins_ns[-1] - begins_ns[0]) / NS_PER_S + rules.slot_s
    )
    flown = moved.propagate(begins_ns)
    reach = shared_reach_m(scenario, flown) if reach_m is None else reach_m
    rows = np.flatnonzero(near_cells(service.demand.cells, cells, reach))
    if not len(rows):
        raise PlanError("nobody asks for service in the area or around it; there is nothing to preview")
    before = Scheduler.of(_around(moved, service_at(service, scenario.world, moved.start_ns), rows, maps[BEFORE]))
    states = (before, _under(before, maps[AFTER]))
    plans = _plans(states, flown)
    demand = before.service.demand
    return TwoPlans(
        slots_s=tuple(slots_s),
        reach_m=reach,
        demand=demand,
        is_inside=np.isin(demand.cells, cells),
        state=np.stack([service_map.states_of(demand.cells) for service_map in maps]),
        reason=np.array([[plan.cell_reason for plan in of_state] for of_state in plans]),
        given_bps=np.array(
            [
                [_by_cell(scheduler, plan, len(demand)) for plan in of_state]
                for scheduler, of_state in zip(states, plans, strict=True)
            ]
        ),
    )


def shared_reach_m(scenario: Scenario, flown: Ephemeris) -> float:
    """How far apart two cells may lie that one satellite serves, rounded up generously.

    Args:
        scenario: Whose first type of terminal sets the least elevation.
        flown: Where the satellites are.
    """
    radius_m = np.linalg.norm(flown.position_itrf_m[flown.valid], axis=1)
    if not len(radius_m):
        return REACH_STEP_M
    least_rad = scenario.world.equipment.terminals[0].min_elevation_rad
    highest_m = max(float(radius_m.max()), EARTH_MEAN_RADIUS_M)
    half_rad = np.arccos(EARTH_MEAN_RADIUS_M * np.cos(least_rad) / highest_m) - least_rad
    apart_m = 2.0 * float(half_rad) * EARTH_MEAN_RADIUS_M
    return min(float(np.ceil(apart_m / REACH_STEP_M)) * REACH_STEP_M + REACH_STEP_M, WHOLE_EARTH_M)


def near_cells(cells: CellIds, area: CellIds, reach_m: float) -> Bools:
    """``(N,)`` which cells lie near an area.

    A cell is near if the centre of its family, the coarse cell of H3 that it belongs to, is no farther than the reach from the
    centre of a family with a cell of the area. Cells of the area are near whatever the reach.

    Args:
        cells: ``(N,)``.
        area: ``(C,)`` cells.
        reach_m: On a round Earth.
    """
    inside: Bools = np.isin(cells, area)
    if reach_m >= WHOLE_EARTH_M:
        return np.ones(len(cells), dtype=np.bool_)
    families, family = np.unique(_families(cells), return_inverse=True)
    here, there = (up_axis(*centres(each)) for each in (families, np.unique(_families(area))))
    near = np.zeros(len(families), dtype=np.bool_)
    for begin in range(0, len(there), _AT_ONCE):
        cosine = here @ there[begin : begin + _AT_ONCE].T
        near |= (cosine >= np.cos(reach_m / EARTH_MEAN_RADIUS_M)).any(axis=1)
    return near[family] | inside


def _families(cells: CellIds) -> CellIds:
    """``(N,)`` the coarse cell of each cell.

    Source: H3's index: four bits of resolution from bit 52, then three bits a digit, all set behind the last one.
    """
    unused = np.uint64((1 << 3 * (15 - FAMILY)) - 1)
    return np.asarray(cells & ~np.uint64(0xF << 52) | np.uint64(FAMILY << 52) | unused)


def _service_of(scenario: Scenario) -> ServiceRules:
    """The rules of service, or a clear error."""
    if scenario.service is None:
        raise PlanError(f"scenario {scenario.name!r} says nothing of service; add [demand] or [schedule]")
    return scenario.service


def _around(scenario: Scenario, service: ServiceRules, rows: Ints, service_map: ServiceMap) -> Scenario:
    """The scenario with some rows of its demand and without terminals, whose demand is among them."""
    told = replace(service, demand=only(service.demand, _chosen(rows, len(service.demand))), others=None, layers=())
    told = replace(told, service_map=service_map)
    if isinstance(scenario.radio.weather, MeasuredRain):  # whose rain stands by site, terminals included
        return scenario.replace(service=told)
    stations = np.flatnonzero(scenario.world.sites.kind != SiteKind.TERMINAL)
    nobody = TerminalAccounts(
        rank=np.zeros(0, dtype=np.uint8),
        is_barred=np.zeros(0, dtype=np.bool_),
        down_bps=np.zeros(0),
        up_bps=np.zeros(0),
    )
    return scenario.replace(service=None).at_sites(stations).replace(service=replace(told, accounts=nobody))


def _chosen(rows: Ints, count: int) -> Bools:
    """Rows as a mask."""
    chosen = np.zeros(count, dtype=np.bool_)
    chosen[rows] = True
    return chosen


def _under(before: Scheduler, service_map: ServiceMap) -> Scheduler:
    """The same network with another map: only who may ask for what is settled anew."""
    scenario, payload = before.scenario, before.payload
    service = replace(before.service, service_map=service_map)
    cells = before.cells
    law = Law(begin_ns=-ALWAYS, end_ns=ALWAYS, service=service, layer=np.full(len(cells), -1, dtype=np.int64))
    carriers = [entry.carriers_per_cell for entry in scenario.world.equipment.payloads]
    return replace(
        before,
        scenario=scenario.replace(service=service),
        service=service,
        moments=moments_of(
            *([law], scenario.world),
            share=busiest_share(
                service.busy_hour_shape,
                before.places.longitude_rad,
                start_ns=scenario.start_ns,
                duration_s=scenario.duration_s,
            ),
            beam_bps=usual_beam_bps(before.rates.at(scenario.start_ns), payload),
            carriers_per_cell=min((carriers[row] for row in np.unique(payload)), default=1),
        ),
    )


def _plans(states: tuple[Scheduler, Scheduler], flown: Ephemeris) -> list[list[StepPlan]]:
    """Plans by state and slot."""
    first = states[BEFORE]
    scenario, rules = first.scenario, first.scenario.lasers
    pointing = pointing_of(rules.topology, scenario.world.satellites, scenario.start_ns, rules.max_range_m)
    found: list[list[StepPlan]] = [[], []]
    for row, time_ns in enumerate(flown.time_ns.tolist()):
        position_m, valid = flown.position_itrf_m[row], flown.valid[row]
        lasers = lasers_at(*(rules, pointing, time_ns), position_itrf_m=position_m, valid=valid, seed=scenario.seed)
        ground = first.stations.at(time_ns, position_m, valid, lasers=lasers)
        rates = first.rates.at(time_ns)
        options = _open_to_both(states).options(
            *(time_ns, position_m, valid), ground=ground.backhaul, rates=rates, before=None
        )
        for scheduler, plans in zip(states, found, strict=True):
            own = without_blocked(options, scheduler.requests.blocked)
            column = scheduler.assign(time_ns, own, before=None)
            plans.append(
                scheduler.given(
                    *(own, column),
                    time_ns=time_ns,
                    position_itrf_m=position_m,
                    lasers=lasers,
                    ground=ground,
                    rates=rates,
                )
            )
    return found


def _open_to_both(states: tuple[Scheduler, Scheduler]) -> Scheduler:
    """A scheduler in which every cell seeks satellites that may ask in either state."""
    moment = states[BEFORE].moments[0]
    either = np.minimum(*(scheduler.requests.blocked for scheduler in states))
    return replace(states[BEFORE], moments=(replace(moment, requests=replace(moment.requests, blocked=either)),))


def without_blocked(options: Options, blocked: Bytes) -> Options:
    """Options without those of cells that may not ask, as if nobody had sought them.

    Args:
        options: Of ``C`` cells.
        blocked: ``(C,)`` `Unserved`; `SERVED` for cells that may ask.
    """
    shut = blocked != Unserved.SERVED
    if not shut.any():
        return options
    aside = shut[:, np.newaxis]
    return Options(
        satellite=np.where(aside, np.int32(-1), options.satellite),
        worth_nats=np.where(aside, np.float32(0.0), options.worth_nats),
        sine_elevation=np.where(aside, np.float32(0.0), options.sine_elevation),
        reason=np.where(shut, blocked, options.reason).astype(np.uint8),
    )


def _by_cell(scheduler: Scheduler, plan: StepPlan, cells: int) -> Floats:
    """``(C,)`` what cells are given, down."""
    return np.bincount(scheduler.requests.cell, weights=plan.down_bps, minlength=cells).astype(np.float64)
