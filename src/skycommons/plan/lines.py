"""What the terminals' lines have, slot by slot, ahead of time: the plan as a live network wants it.

Rules:

* The same parts make it that a run is made of; here they are asked slot by slot, by whoever lets time pass. What was planned for
  the slot before is an argument, never a memory.
* Within a slot the satellite, the beam and the gateway stay; delay, rate and weather are found at some instants of it, its begin
  and its end among them.
* A scenario without rules of service has slots all the same: of the length and phase of the built-in rules. Its terminals choose
  for themselves at each instant.
* Satellites that have failed are told for each slot. What else changes is another scenario: prepare it, and go on from the slot
  before.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints, Ints32, check_shape, freeze
from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.base.threads import in_parallel
from skycommons.model.scenario import Scenario
from skycommons.model.service_rules import ScheduleRules
from skycommons.model.world import SiteKind
from skycommons.orbit.frames import look_angles, teme_to_itrf
from skycommons.orbit.sgp4 import Propagator
from skycommons.orbit.time import IersTable
from skycommons.plan.lasers import Lasers
from skycommons.plan.path_rates import PathRater, PathRates
from skycommons.plan.planned_step import planned_step
from skycommons.plan.radio import Radio
from skycommons.plan.requests import Requests, Unserved
from skycommons.plan.routes import Network, StepRoutes
from skycommons.plan.schedule import Scheduler, StepPlan
from skycommons.plan.serving import Serving, TerminalShares
from skycommons.plan.slots import slot_begin, slot_ns

EVERY_S: Final = 5.0  # delays bend by less than 20 µs between such instants


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlotLines:
    """What ``U`` terminals have in one slot, at ``K`` instants of it.

    Attributes:
        begin_ns, end_ns: Of the slot, UTC unix ns.
        time_ns: ``(K,)`` instants, the slot's begin first and its end last.
        delay_s: ``(K, U)`` one way to the PoP, travel time of light alone; NaN without a way.
        laser_hops: ``(K, U)`` lasers crossed; -1 without a way.
        down_bps, up_bps: ``(K, U)`` 0 without a way.
        fade_db: ``(K, U)`` what the weather takes from the downlink; NaN without a way.
        satellite: ``(U,)`` row as the slot begins, or as soon as there is a way; -1 for none.
        way: ``(K, U, H)`` all satellites of the way, from the terminal's own on; -1 behind its end.
        gateway: ``(U,)`` site row at that instant; -1 for none.
        pop: ``(U,)`` site row at which the traffic ends; -1 if that is not known.
        azimuth_rad, elevation_rad: ``(U,)`` of the satellite as the slot begins; NaN for none.
        reason: ``(U,)`` `Unserved`; `SERVED` where nobody schedules.
        route_reason: ``(U,)`` `skycommons.plan.routes.Reason` at that instant.
    """

    begin_ns: int
    end_ns: int
    time_ns: Ints
    delay_s: Floats
    laser_hops: Ints
    down_bps: Floats
    up_bps: Floats
    fade_db: Floats
    satellite: Ints
    way: Ints32
    gateway: Ints
    pop: Ints
    azimuth_rad: Floats
    elevation_rad: Floats
    reason: Bytes
    route_reason: Bytes

    def __post_init__(self) -> None:
        for name in _BY_INSTANT:
            check_shape(name, getattr(self, name), (len(self.time_ns), len(self.satellite)))
        for name in _BY_TERMINAL:
            check_shape(name, getattr(self, name), self.satellite.shape)
        check_shape("way", self.way, (len(self.time_ns), len(self.satellite), None))
        freeze(self.time_ns, self.way, *(getattr(self, name) for name in (*_BY_INSTANT, *_BY_TERMINAL)))

    def __len__(self) -> int:
        return len(self.satellite)

    def __repr__(self) -> str:
        served = int(np.count_nonzero(self.satellite >= 0))
        return f"<SlotLines {format_time(self.begin_ns)}: {served:,} of {len(self):,} terminals have a line>"


_BY_INSTANT = ("delay_s", "laser_hops", "down_bps", "up_bps", "fade_db")
_BY_TERMINAL = ("satellite", "gateway", "pop", "azimuth_rad", "elevation_rad", "reason", "route_reason")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedSlot:
    """A slot as it is planned, and what the next one is planned from.

    Attributes:
        lines: What the terminals have.
        plan: What everybody has; None where nobody schedules.
        requests: Whose rows the plan has; None likewise.
        lasers_before, lasers: As the slot before ended, None if there was none, and as it ends.
    """

    lines: SlotLines
    plan: StepPlan | None
    requests: Requests | None
    lasers_before: Lasers | None
    lasers: Lasers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sky:
    """Where everything is at ``K`` instants of a slot, and what lasers do.

    Attributes:
        time_ns: ``(K,)``.
        position_itrf_m: ``(K, S, 3)``.
        valid: ``(K, S)``.
        lasers_before: As the slot before ended.
        lasers: ``K`` of them.
    """

    time_ns: Ints
    position_itrf_m: Floats
    valid: Bools
    lasers_before: Lasers | None
    lasers: tuple[Lasers, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinePlanner:
    """A scenario prepared for lines.

    Attributes:
        scenario: With each terminal at the PoP of its cell.
        site: ``(U,)`` rows of the terminals that are asked for.
        flow: ``(U,)`` their flows.
        rules: When slots begin.
        terminals: What the scheduler's plans give; None where nobody schedules.
        network, rater: Of its ways and rates.
        propagator, orientation: Of its satellites.
        every_s: Time between two instants within a slot.
    """

    scenario: Scenario
    site: Ints
    flow: Ints
    rules: ScheduleRules
    terminals: TerminalShares | None
    network: Network
    rater: PathRater
    propagator: Propagator
    orientation: IersTable
    every_s: float

    @staticmethod
    def of(scenario: Scenario, *, names: tuple[str, ...] = (), every_s: float = EVERY_S) -> "LinePlanner":
        """Prepare a scenario.

        Args:
            scenario: The scenario.
            names: Terminals whose lines are wanted; all of them unless given.
            every_s: Time between two instants within a slot.
        Raises:
            InputError: A name is no terminal's, or there is none.
            PlanError: The scenario's rules of service make no sense.
        """
        site = terminal_rows(scenario, names)
        terminals = None if scenario.service is None else TerminalShares.of(Scheduler.of(scenario))
        here = scenario if terminals is None else terminals.with_home_pops()
        flow = np.searchsorted(here.world.sites.rows(SiteKind.TERMINAL), site)
        network = Network.of(here, tracked=flow)
        return LinePlanner(
            scenario=here,
            site=site,
            flow=flow,
            rules=ScheduleRules() if scenario.service is None else scenario.service.schedule,
            terminals=terminals,
            network=network,
            rater=PathRater.of(here, network.flows, Radio.of(here)),
            propagator=Propagator.prepare(here.world.satellites.elements),
            orientation=IersTable.load(),
            every_s=every_s,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """``U`` names of the terminals."""
        return tuple(self.scenario.world.sites.ids[row] for row in self.site.tolist())

    def slot(self, time_ns: int, *, before: PlannedSlot | None = None, failed: Bools | None = None) -> PlannedSlot:
        """Plan the slot that contains an instant.

        Args:
            time_ns: UTC unix ns.
            before: The slot before, of this scenario or of another state of it.
            failed: ``(S,)`` satellites that do not work any more; none unless given.
        Raises:
            PlanError: The service map changes between the scenario's span and that instant.
        """
        sky = self._sky(time_ns, failed, None if before is None else before.lasers)
        return self._slot(sky, self._plan(sky, before))

    def again(self, planned: PlannedSlot, *, failed: Bools | None = None) -> PlannedSlot:
        """A slot that was planned already, by the same plan under the weather of this scenario.

        Args:
            planned: The slot, of this scenario or of another state of it with the same cells.
            failed: ``(S,)`` satellites that did not work any more when it was planned; none unless given.
        """
        sky = self._sky(planned.lines.begin_ns, failed, planned.lasers_before)
        return self._slot(sky, None if self.terminals is None else carried(planned, self.terminals.scheduler.requests))

    def _sky(self, time_ns: int, failed: Bools | None, lasers_before: Lasers | None) -> _Sky:
        """Where everything is in the slot that contains an instant."""
        instants = self._instants(time_ns)
        states = self.propagator(instants, teme_to_itrf(instants, self.orientation))
        valid = states.valid if failed is None else states.valid & ~failed
        lasers: list[Lasers] = []
        for step, instant in enumerate(instants.tolist()):
            last = lasers[-1] if lasers else lasers_before
            lasers.append(self.network.lasers(instant, states.position_m[step], valid[step], before=last))
        return _Sky(
            time_ns=instants,
            position_itrf_m=states.position_m,
            valid=valid,
            lasers_before=lasers_before,
            lasers=tuple(lasers),
        )

    def _slot(self, sky: _Sky, plan: StepPlan | None) -> PlannedSlot:
        """What the terminals have by a plan, or without one."""
        serving = None if self.terminals is None or plan is None else self.terminals.serving(plan)

        def one(step: int) -> tuple[StepRoutes, PathRates]:
            routes, (rates,) = planned_step(
                self.network,
                self.rater,
                position_itrf_m=sky.position_itrf_m[step],
                valid=sky.valid[step],
                lasers=sky.lasers[step],
                skies=[self.rater.radio.skies(int(sky.time_ns[step]))],
                serving=serving,
            )
            return routes, rates

        found = in_parallel(one, list(range(len(sky.time_ns))))
        return PlannedSlot(
            lines=self._lines(sky.time_ns, found, serving, position_itrf_m=sky.position_itrf_m[0]),
            plan=plan,
            requests=None if self.terminals is None else self.terminals.scheduler.requests,
            lasers_before=sky.lasers_before,
            lasers=sky.lasers[-1],
        )

    def _instants(self, time_ns: int) -> Ints:
        """``(K,)`` the slot's begin, some instants within, and its end."""
        begin_ns = int(slot_begin(np.array(time_ns), self.rules))
        length_ns = slot_ns(self.rules)
        steps = max(round(length_ns / (self.every_s * NS_PER_S)), 1)
        return begin_ns + (length_ns * np.arange(steps + 1, dtype=np.int64)) // steps

    def _plan(self, sky: _Sky, before: PlannedSlot | None) -> StepPlan | None:
        """What the scheduler says of the slot."""
        if self.terminals is None:
            return None
        scheduler = self.terminals.scheduler
        last = None if before is None else carried(before, scheduler.requests)
        return scheduler.step(int(sky.time_ns[0]), sky.position_itrf_m[0], sky.valid[0], sky.lasers[0], before=last)

    def _lines(
        self,
        time_ns: Ints,
        found: list[tuple[StepRoutes, PathRates]],
        serving: Serving | None,
        *,
        position_itrf_m: Floats,
    ) -> SlotLines:
        """What is told of the terminals that are asked for."""
        flow = self.flow
        entries = np.stack([step.entry_satellite[flow, 0] for step, _ in found]).astype(np.int64)
        step_of = (entries >= 0).argmax(axis=0), np.arange(len(flow))  # the first instant with a way, else the begin
        exits = np.stack([step.exit_site[flow, 0] for step, _ in found]).astype(np.int64)[step_of]
        satellite = entries[step_of]
        look = self._look(satellite, position_itrf_m)
        return SlotLines(
            begin_ns=int(time_ns[0]),
            end_ns=int(time_ns[-1]),
            time_ns=time_ns,
            delay_s=np.stack([step.delay_s[flow, 0] for step, _ in found]),
            laser_hops=np.stack([step.laser_hops[flow, 0] for step, _ in found]).astype(np.int64),
            down_bps=np.stack([rates.down_bps[flow] for _, rates in found]),
            up_bps=np.stack([rates.up_bps[flow] for _, rates in found]),
            fade_db=np.stack([rates.fade_db[flow] for _, rates in found]),
            satellite=satellite,
            way=_shortened(np.stack([step.path for step, _ in found])),
            gateway=self._gateways(exits),
            pop=self._pops(exits),
            azimuth_rad=look[0],
            elevation_rad=look[1],
            reason=np.full(len(flow), Unserved.SERVED, np.uint8) if serving is None else serving.reason[self.site],
            route_reason=np.stack([step.reason[flow] for step, _ in found])[step_of],
        )

    def _gateways(self, exit_site: Ints) -> Ints:
        """``(U,)`` the exit where it is a gateway; -1 elsewhere."""
        is_gateway = self.scenario.world.sites.kind[exit_site] == SiteKind.GATEWAY
        return np.where((exit_site >= 0) & is_gateway, exit_site, -1)

    def _pops(self, exit_site: Ints) -> Ints:
        """``(U,)`` the terminal's own PoP, else that of its gateway."""
        ground = self.network.ground
        own = self.scenario.world.sites.home_pop[self.site]
        if not len(ground.gateways):
            return np.asarray(own, dtype=np.int64)
        place = np.minimum(np.searchsorted(ground.gateways, exit_site), len(ground.gateways) - 1)
        nearest = np.where(ground.gateways[place] == exit_site, ground.gateway_pop[place], -1)
        return np.where(own >= 0, own, nearest).astype(np.int64)

    def _look(self, satellite: Ints, position_itrf_m: Floats) -> tuple[Floats, Floats]:
        """``(U,)`` azimuth and elevation of each terminal's satellite; NaN for none."""
        sites = self.scenario.world.sites
        azimuth_rad, elevation_rad = np.full((2, len(satellite)), np.nan)
        for row in np.flatnonzero(satellite >= 0).tolist():
            site = int(self.site[row])
            seen = look_angles(
                position_itrf_m[satellite[row]],
                latitude_rad=float(sites.latitude_rad[site]),
                longitude_rad=float(sites.longitude_rad[site]),
                height_m=float(sites.height_m[site]),
            )
            azimuth_rad[row], elevation_rad[row] = seen.azimuth_rad, seen.elevation_rad
        return azimuth_rad, elevation_rad


def carried(before: PlannedSlot, requests: Requests) -> StepPlan | None:
    """The plan of the slot before in the rows of other requests of the same cells: what served one is known by its place in its cell.

    Args:
        before: The slot before.
        requests: Of the slot that is to be planned.
    """
    plan, old = before.plan, before.requests
    if plan is None or old is None or len(old.first) != len(requests.first):
        return None
    if np.array_equal(old.first, requests.first):
        return plan
    cell = requests.cell
    place = np.arange(len(requests)) - requests.first[cell]
    row = np.where(place < np.diff(old.first)[cell], old.first[cell] + place, -1)
    nothing = {"share": 0.0, "sine_elevation": np.nan, "delay_s": np.nan, "down_bps": 0.0, "up_bps": 0.0}
    columns: dict[str, Any] = {
        name: np.append(getattr(plan, name), np.array([nothing.get(name, -1)]).astype(getattr(plan, name).dtype))[row]
        for name in _CARRIED
    }
    return replace(plan, **columns, reason=np.append(plan.reason, np.uint8(Unserved.SUSPENDED))[row])


_CARRIED = (
    *("satellite", "beam", "share", "sine_elevation", "delay_s", "egress", "laser_hops", "pop"),
    *("down_bps", "up_bps"),
)


def terminal_rows(scenario: Scenario, names: tuple[str, ...] = ()) -> Ints:
    """``(U,)`` rows of the terminals that are asked for, in the order of the site table.

    Args:
        scenario: The scenario.
        names: Of terminals; all of them unless given.
    Raises:
        InputError: A name is no terminal's, or there is none.
    """
    terminals = scenario.world.sites.rows(SiteKind.TERMINAL)
    if not names:
        if not len(terminals):
            raise InputError("the scenario has no terminals; add one under [[terminals]]")
        return np.asarray(terminals)
    rows = np.unique(np.array([scenario.site(name) for name in names], dtype=np.int64))
    strangers = [scenario.world.sites.ids[row] for row in rows.tolist() if row not in set(terminals.tolist())]
    if strangers:
        raise InputError(f"not a terminal: {', '.join(strangers)}")
    return rows


def _shortened(path: Ints32) -> Ints32:
    """Ways without the places that none of them needs."""
    return path[..., : int((path >= 0).sum(axis=-1).max(initial=0))].copy()
