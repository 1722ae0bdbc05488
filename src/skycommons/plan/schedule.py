"""The scheduler: who is served, by which satellite, beam and gateway, slot after slot.

Rules:

* The plan of an instant is that of the slot that contains it, made from where everything is at the slot's begin. What was
  planned for the slot before is an argument, never a memory: same arguments, same plan.
* A slot is planned from the sky down: which satellites have a way to the PoPs, which of them each cell may use, which
  request gets which, and at last how each satellite shares its beams out.
* Nobody served is a result, not an error; every request, cell and terminal that is not served says why.
* The service map that counts is that of the slot's begin: what ends within the span ends in the plan by itself.

::

    scheduler = Scheduler.of(scenario)  # once
    plan = scheduler.step(time_ns, position_itrf_m, valid, lasers, before=None)  # for every slot
    schedule(scenario, scenario.propagate(times))  # or all at once
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Floats32, Ints, Ints32, Shorts, check_shape, freeze
from skycommons.base.clock import format_time
from skycommons.base.constants import LIGHT_SPEED_M_S, NS_PER_S
from skycommons.base.errors import PlanError
from skycommons.model.cells import CellIds, centres
from skycommons.model.scenario import Scenario
from skycommons.model.service_rules import DemandTable, ServiceRules
from skycommons.model.territories import exclusions_in
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.plan.assignment import AssignmentPolicy, Problem, checked, policy_of
from skycommons.plan.backhaul import Backhaul
from skycommons.plan.beams import Asking, BeamLimits, Given, share_out, through_feeders, usual_beam_bps
from skycommons.plan.cell_rates import CellRates, CellRatesNow
from skycommons.plan.demand import busiest_share, demand_share
from skycommons.plan.lasers import Lasers, lasers_at
from skycommons.plan.moments import Moment, laws_of, moments_of, row_at
from skycommons.plan.options import Kept, Luck, Options, Placed, SkyStep, find_options
from skycommons.plan.pop_assignment import pops_of_places, settled
from skycommons.plan.relief import Traffic, relieved
from skycommons.plan.requests import CellPlaces, Requests, Unserved, cell_reasons
from skycommons.plan.slots import slot_begin, slot_begins, slot_number
from skycommons.plan.stations import Stations, StationsNow
from skycommons.plan.topology import pointing_of
from skycommons.plan.visibility import Horizon

V2_MINI: Final = "v2-mini"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepPlan:
    """What is decided for one slot, by request ``Q`` and satellite ``S``.

    Attributes:
        time_ns: Begin of the slot, UTC unix ns.
        satellite: ``(Q,)`` rows; -1 for a request that is not served.
        beam: ``(Q,)`` beam of that satellite; -1 likewise.
        share: ``(Q,)`` of the beam's time.
        sine_elevation: ``(Q,)`` of the satellite; NaN if not served.
        delay_s: ``(Q,)`` one way from the cell to its PoP, travel time of light alone; NaN if not served.
        egress: ``(Q,)`` satellite at which the traffic comes down; -1 if not served.
        laser_hops: ``(Q,)`` -1 if not served.
        pop: ``(Q,)`` site row; -1 if not served.
        down_bps, up_bps: ``(Q,)`` what the request is given; 0 if not served.
        reason: ``(Q,)`` `Unserved`.
        cell_reason: ``(C,)`` `Unserved` of the cell: `SERVED` if any of its requests is.
        gateway: ``(S,)`` site row of the gateway that feeds the satellite; -1 for none.
        used: ``(S,)`` requests served by each satellite.
    """

    time_ns: int
    satellite: Ints32
    beam: Shorts
    share: Floats32
    sine_elevation: Floats32
    delay_s: Floats32
    egress: Ints32
    laser_hops: Shorts
    pop: Ints32
    down_bps: Floats32
    up_bps: Floats32
    reason: Bytes
    cell_reason: Bytes
    gateway: Ints32
    used: Ints32

    def __post_init__(self) -> None:
        for name in REQUEST_COLUMNS:
            check_shape(name, getattr(self, name), (len(self.satellite),))
        check_shape("used", self.used, (len(self.gateway),))
        freeze(*(getattr(self, name) for name in (*REQUEST_COLUMNS, "cell_reason", "gateway", "used")))

    def __len__(self) -> int:
        return len(self.satellite)

    def __repr__(self) -> str:
        served = int(np.count_nonzero(self.satellite >= 0))
        return f"<StepPlan {format_time(self.time_ns)}: {served:,} of {len(self):,} requests served>"


REQUEST_COLUMNS = (
    *("satellite", "beam", "share", "sine_elevation", "delay_s", "egress", "laser_hops", "pop"),
    *("down_bps", "up_bps", "reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scheduler:
    """A scenario prepared for scheduling: everything that does not change from slot to slot.

    Attributes:
        scenario: The scenario.
        service: Its rules of service.
        policy: Who gets which satellite.
        moments: Who asks for what from one change of the service map to the next: ``Q`` requests of ``C`` cells.
        places: Where the cells are and to which PoP they belong.
        horizon: What the cells see, judged at their centres with the first type of terminal.
        rates: What their links carry.
        stations: Gateways and PoPs.
        limits: Beams and rates of the ``S`` satellites.
        payload: ``(S,)`` row of each satellite's payload.
        is_v2_mini: ``(S,)``.
    """

    scenario: Scenario
    service: ServiceRules
    policy: AssignmentPolicy
    moments: tuple[Moment, ...]
    places: CellPlaces
    horizon: Horizon
    rates: CellRates
    stations: Stations
    limits: BeamLimits
    payload: Ints
    is_v2_mini: Bools

    @staticmethod
    def of(scenario: Scenario, *, policy: AssignmentPolicy | None = None) -> "Scheduler":
        """Prepare a scenario.

        Args:
            scenario: The scenario, with rules of service.
            policy: A policy of the user's own; the scenario's rule unless given.
        Raises:
            PlanError: The scenario has no rules of service, or names a PoP or country that is not there.
        """
        service = _service_of(scenario)
        world, rules = scenario.world, service.schedule
        latitude_rad, longitude_rad = centres(service.demand.cells)
        generations = world.satellites.generations
        payload = world.equipment.payload_rows(generations)
        rates = CellRates.of(scenario, latitude_rad, longitude_rad)
        by_country = pops_of_places(world.sites, latitude_rad, longitude_rad, pop_of_country=service.pop_of_country)
        share = busiest_share(
            service.busy_hour_shape, longitude_rad, start_ns=scenario.start_ns, duration_s=scenario.duration_s
        )
        carriers = [entry.carriers_per_cell for entry in world.equipment.payloads]
        end_ns = scenario.start_ns + round(scenario.duration_s * NS_PER_S)
        begin_ns = int(slot_begin(np.array(scenario.start_ns), rules))
        return Scheduler(
            scenario=scenario,
            service=service,
            policy=policy_of(rules.policy if policy is None else policy),
            moments=moments_of(
                *(laws_of(service, world, begin_ns=begin_ns, end_ns=end_ns), world),
                share=share,
                beam_bps=usual_beam_bps(rates.at(scenario.start_ns), payload),
                carriers_per_cell=min((carriers[row] for row in np.unique(payload)), default=1),  # whoever serves it
            ),
            places=CellPlaces(
                latitude_rad=latitude_rad,
                longitude_rad=longitude_rad,
                pop=settled(by_country, world.sites, latitude_rad, longitude_rad),
            ),
            horizon=_horizon(scenario, latitude_rad, longitude_rad),
            rates=rates,
            stations=Stations.of(scenario),
            limits=BeamLimits.of(scenario, cells_per_beam=rules.cells_per_beam),
            payload=payload,
            is_v2_mini=np.array([name == V2_MINI for name in generations], dtype=np.bool_),
        )

    @property
    def cells(self) -> CellIds:
        """``(C,)`` the cells, in their rows."""
        return self.demand.cells

    @property
    def demand(self) -> DemandTable:
        """Who asks as the span begins, in the ranks that the service map grants; its cells are the same at all times."""
        return self.moments[0].demand

    @property
    def requests(self) -> Requests:
        """What they ask for as the span begins; rows, cells and channels are the same at all times."""
        return self.moments[0].requests

    def row_at(self, time_ns: int) -> int:
        """Row of the moment in which an instant lies.

        Raises:
            PlanError: The map changes between the span and that instant.
        """
        return row_at([moment.law for moment in self.moments], time_ns)

    def at(self, time_ns: int) -> Moment:
        """Who asks for what at an instant, UTC unix ns.

        Raises:
            PlanError: The map changes between the span and that instant.
        """
        return self.moments[self.row_at(time_ns)]

    @property
    def terminal_cell(self) -> Ints:
        """``(U,)`` row of the cell of each of the scenario's terminals; -1 for one that no cell counts."""
        return self.moments[0].terminals.cell

    def terminal_reason(self, plan: StepPlan) -> Bytes:
        """``(U,)`` `Unserved` of each of the scenario's terminals."""
        return self.at(plan.time_ns).terminals.reason(plan.cell_reason)

    def terminal_request(self, plan: StepPlan) -> Ints:
        """``(U,)`` request that serves each of the scenario's terminals; -1 for none."""
        return self.at(plan.time_ns).terminals.request(self.requests.cell, plan.satellite >= 0)

    def step(
        self, time_ns: int, position_itrf_m: Floats, valid: Bools, lasers: Lasers, *, before: StepPlan | None
    ) -> StepPlan:
        """Plan one slot.

        Args:
            time_ns: An instant of the slot, UTC unix ns; the rest is that of its begin.
            position_itrf_m: ``(S, 3)``.
            valid: ``(S,)`` which satellites have a position.
            lasers: Between them.
            before: Plan of the slot before.
        Raises:
            PlanError: The policy gives what it must not.
        """
        begin_ns = int(slot_begin(np.array(time_ns), self.service.schedule))
        ground = self.stations.at(
            *(begin_ns, position_itrf_m, valid), lasers=lasers, gateway=None if before is None else before.gateway
        )
        rates = self.rates.at(begin_ns)
        options = self.options(begin_ns, position_itrf_m, valid, ground=ground.backhaul, rates=rates, before=before)
        column = self.assign(begin_ns, options, before=before)
        return self.given(
            *(options, column),
            time_ns=begin_ns,
            position_itrf_m=position_itrf_m,
            lasers=lasers,
            ground=ground,
            rates=rates,
        )

    def options(
        self,
        begin_ns: int,
        position_itrf_m: Floats,
        valid: Bools,
        *,
        ground: Backhaul,
        rates: CellRatesNow,
        before: StepPlan | None,
    ) -> Options:
        """Which satellites each cell may use in a slot."""
        service, slots = self.service, self.limits.slots
        kept = Kept.nothing(len(self.demand))
        load = np.zeros(len(slots))
        if before is not None:
            kept = Kept(first=self.requests.first, satellite=before.satellite)
            load = before.used / np.maximum(slots, 1)
        slot = int(slot_number(np.array(begin_ns), service.schedule))
        return find_options(
            self.horizon,
            SkyStep(
                position_itrf_m=position_itrf_m,
                valid=valid,
                payload=self.payload,
                is_v2_mini=self.is_v2_mini,
                load=load,
                has_way=np.isfinite(ground.onward_m),
                pop=self.places.pop,
            ),
            blocked=self.at(begin_ns).requests.blocked,
            weights=self.policy.weights,
            luck=Luck(seed=self.scenario.seed, slot=slot, cell=self.cells) if self.policy.is_random else None,
            kept=kept,
            rates=rates,
            count=service.schedule.candidates,
        )

    def assign(self, begin_ns: int, options: Options, *, before: StepPlan | None) -> Ints32:
        """``(Q,)`` column of its cell's options that each request gets in a slot, -1 for none.

        Raises:
            PlanError: The policy gives what it must not.
        """
        requests = self.at(begin_ns).requests
        column, kept = (np.full(len(requests), -1, dtype=np.int32) for _ in range(2))
        asking = np.flatnonzero(requests.asks)
        problem = Problem(
            options=options,
            cell=requests.cell[asking],
            rank=requests.rank[asking],
            slots=self.limits.slots,
            before=(kept if before is None else before.satellite)[asking],
        )
        if len(problem):
            column[asking] = checked(problem, self.policy.assign(problem))
        return column

    def given(
        self,
        options: Options,
        column: Ints32,
        *,
        time_ns: int,
        position_itrf_m: Floats,
        lasers: Lasers,
        ground: StationsNow,
        rates: CellRatesNow,
    ) -> StepPlan:
        """The plan of a slot after its requests have satellites: beams, rates, ways, delays and reasons."""
        place = Placed.of(options, column, self.requests.cell)
        pop = self._pops(place, ground.backhaul)
        given = share_out(self._asking(time_ns, place, rates), self.limits)
        traffic = Traffic(pop=pop, satellite=place.satellite, down_bps=given.down_bps.astype(np.float64))
        ground = relieved(ground, traffic, avoiding=lambda now, detour_m: self.stations.avoiding(now, lasers, detour_m))
        given = through_feeders(
            *(given, traffic.landing(ground.backhaul)), forward_bps=ground.forward_bps, return_bps=ground.return_bps
        )
        return self._plan(time_ns, options, place, given=given, pop=pop, ground=ground, position_itrf_m=position_itrf_m)

    def _pops(self, place: Placed, ground: Backhaul) -> Ints:
        """``(N,)`` row of the PoP at which the traffic of each placed request ends."""
        nearest = ground.onward_m.argmin(axis=0)
        own = self.places.pop[place.cell]
        return np.where(own >= 0, own, nearest[place.satellite])

    def _asking(self, begin_ns: int, place: Placed, rates: CellRatesNow) -> Asking:
        """What placed requests ask of their satellites: those of one cell ask for the same each."""
        part = demand_share(self.service.busy_hour_shape, self.places.longitude_rad, begin_ns)
        part = part / np.maximum(np.bincount(place.cell, minlength=len(part)), 1)
        demand = self.at(begin_ns).demand
        beam_down_bps, beam_up_bps = rates.links(place.cell, self.payload[place.satellite], place.sine_elevation)
        return Asking(
            satellite=place.satellite,
            cell=place.cell,
            down_bps=(demand.down_bps * part[:, np.newaxis])[place.cell],
            up_bps=(demand.up_bps.sum(axis=1) * part)[place.cell],
            beam_down_bps=beam_down_bps,
            beam_up_bps=beam_up_bps,
        )

    def _plan(
        self,
        begin_ns: int,
        options: Options,
        place: Placed,
        *,
        given: Given,
        pop: Ints,
        ground: StationsNow,
        position_itrf_m: Floats,
    ) -> StepPlan:
        """The plan of all requests, of which only some are placed and have a beam."""
        served = given.beam >= 0
        row, satellite, cell, pop = place.row[served], place.satellite[served], place.cell[served], pop[served]
        requests, back = self.at(begin_ns).requests, ground.backhaul
        slant_m = np.linalg.norm(position_itrf_m[satellite] - self.horizon.position_itrf_m[cell], axis=1)
        delay_s = (slant_m + back.onward_m[pop, satellite]) / LIGHT_SPEED_M_S

        def column(values: np.ndarray, nothing: float, kind: type[np.generic]) -> np.ndarray:
            """A column of all requests."""
            full = np.full(len(requests), nothing, dtype=kind)
            full[row] = values
            return full

        reason = options.reason[requests.cell]
        reason[reason == Unserved.SERVED] = Unserved.NO_BEAM
        reason[~requests.asks & (requests.blocked[requests.cell] == Unserved.SERVED)] = Unserved.SUSPENDED
        reason[row] = Unserved.SERVED
        return StepPlan(
            time_ns=begin_ns,
            satellite=column(satellite, -1, np.int32),
            beam=column(given.beam[served], -1, np.int16),
            share=column(given.share[served], 0.0, np.float32),
            sine_elevation=column(place.sine_elevation[served], np.nan, np.float32),
            delay_s=column(delay_s, np.nan, np.float32),
            egress=column(back.landing[pop, satellite], -1, np.int32),
            laser_hops=column(back.laser_hops[pop, satellite], -1, np.int16),
            pop=column(back.pops[pop], -1, np.int32),
            down_bps=column(given.down_bps[served], 0.0, np.float32),
            up_bps=column(given.up_bps[served], 0.0, np.float32),
            reason=reason,
            cell_reason=cell_reasons(requests, reason),
            gateway=back.gateway,
            used=np.bincount(satellite, minlength=len(self.payload)).astype(np.int32),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule:
    """Plans of ``T`` slots, and what made them.

    Attributes:
        scheduler: The prepared scenario: its cells, requests and places.
        steps: Plans, in the order of time.
    """

    scheduler: Scheduler
    steps: tuple[StepPlan, ...]

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, step: int) -> StepPlan:
        return self.steps[step]

    def __iter__(self) -> Iterator[StepPlan]:
        return iter(self.steps)

    def __repr__(self) -> str:
        cells = len(self.scheduler.demand)
        served = sum(int(np.count_nonzero(plan.cell_reason == Unserved.SERVED)) for plan in self.steps)
        share = served / (cells * len(self.steps)) if cells and self.steps else 0.0
        requests = len(self.scheduler.requests)
        return f"<Schedule: {len(self):,} slots, {cells:,} cells, {requests:,} requests, {share:.1%} of cells served>"

    @property
    def time_ns(self) -> Ints:
        """``(T,)`` begins of the slots, UTC unix ns."""
        return np.array([plan.time_ns for plan in self.steps], dtype=np.int64)

    def of_terminals(self) -> Ints32:
        """``(T, U)`` satellite that serves each of the scenario's terminals; -1 for none."""
        requests = [self.scheduler.terminal_request(plan) for plan in self.steps]
        return np.stack(
            [np.append(plan.satellite, np.int32(-1))[row] for plan, row in zip(self.steps, requests, strict=True)]
        )


def schedule(scenario: Scenario, ephemeris: Ephemeris, *, policy: AssignmentPolicy | None = None) -> Schedule:
    """Plan all slots that contain an instant of an ephemeris.

    Args:
        scenario: The scenario, with rules of service.
        ephemeris: Where its satellites are. Slots whose begin is none of its instants are flown to anew.
        policy: A policy of the user's own; the scenario's rule unless given.
    Raises:
        PlanError: The scenario has no rules of service, the ephemeris has no instants or is of other satellites, or the
            policy gives what it must not.
    """
    satellites = scenario.world.satellites
    if not len(ephemeris) or ephemeris.valid.shape[1] != len(satellites):
        raise PlanError(
            f"the ephemeris has {len(ephemeris):,} instants of {ephemeris.valid.shape[1]:,} satellites; the scenario's are "
            f"{len(satellites):,}: ask scenario.propagate"
        )
    scheduler = Scheduler.of(scenario, policy=policy)
    begins = slot_begins(ephemeris.time_ns, scheduler.service.schedule)
    flown = ephemeris if np.isin(begins, ephemeris.time_ns).all() else scenario.propagate(begins)
    rules = scenario.lasers
    pointing = pointing_of(rules.topology, satellites, scenario.start_ns, rules.max_range_m)
    lasers: Lasers | None = None
    steps: list[StepPlan] = []
    for time_ns in begins.tolist():
        row = int(np.flatnonzero(flown.time_ns == time_ns)[0])
        position_m, valid = flown.position_itrf_m[row], flown.valid[row]
        lasers = lasers_at(
            *(rules, pointing, time_ns), position_itrf_m=position_m, valid=valid, before=lasers, seed=scenario.seed
        )
        steps.append(scheduler.step(time_ns, position_m, valid, lasers, before=steps[-1] if steps else None))
    return Schedule(scheduler=scheduler, steps=tuple(steps))


def _service_of(scenario: Scenario) -> ServiceRules:
    """The rules of service, or a clear error."""
    if scenario.service is None:
        raise PlanError(f"scenario {scenario.name!r} says nothing of service; add [demand] or [schedule]")
    return scenario.service


def _horizon(scenario: Scenario, latitude_rad: Floats, longitude_rad: Floats) -> Horizon:
    """What cells see: the first type of terminal, and each territory's own limit to the geostationary arc."""
    alike = Horizon.alike(latitude_rad, longitude_rad, scenario.world.equipment.terminals[0])
    exclusion_rad = exclusions_in(
        scenario.territories,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        elsewhere_rad=alike.gso_exclusion_rad,
    )
    return replace(alike, gso_exclusion_rad=exclusion_rad)
