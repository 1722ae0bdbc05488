"""The scheduler's part of a run: slot after slot is planned, written and forgotten.

Rules: slots are planned in order, because a plan looks back at the one before; where steps lie farther apart than slots, the
slots between are not planned. Plans of a few slots live at a time, so that memory does not grow with the span; what is kept
is what terminals fly by, and sums by cell and satellite. All names of variables stand in `service_store`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.clock import time_grid
from skycommons.base.constants import NS_PER_S
from skycommons.model.scenario import Scenario
from skycommons.model.service_map_file import map_sha256
from skycommons.model.service_rules import ServiceRules
from skycommons.orbit.frames import teme_to_itrf
from skycommons.orbit.sgp4 import Propagator
from skycommons.orbit.time import IersTable
from skycommons.plan.assignment import AssignmentPolicy
from skycommons.plan.demand import demand_share
from skycommons.plan.lasers import Lasers
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Network
from skycommons.plan.schedule import REQUEST_COLUMNS, Scheduler, StepPlan
from skycommons.plan.serving import Serving, TerminalShares
from skycommons.plan.slots import slot_begin
from skycommons.studies.service_laws import decisions_of, law_columns
from skycommons.studies.service_store import REQUEST_TYPES, SERVICE_WORDS, SITE_TYPES, request_name, site_name
from skycommons.studies.store_writer import TIME_ATTRIBUTES, StoreWriter, Stream

SLOTS_AT_ONCE: Final = 8  # plans of 200,000 requests then take 72 MB
_REQUESTS_PER_CHUNK: Final = 65_536
_ROUNDING: Final = 1e-6  # of rates that a plan keeps in single precision


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellTally:
    """Sums over the slots of a run by cell and satellite, added up in place.

    Attributes:
        reason_slots: ``(R, C)`` slots at which a cell had each `Unserved`.
        asked_bps, given_bps, used_bps: ``(2, C)`` down and up: asked for, given, and given of what was asked for.
        used: ``(S,)`` requests served; ``most_used`` the most in one slot; ``down_bps`` what it carried to the ground.
        changes: ``(C,)`` times at which the satellite of a cell's first request changed; ``held`` at which it could have.
        laser_requests: ``(1,)`` requests served over lasers; ``served_requests`` ``(1,)`` all that were served.
    """

    reason_slots: NDArray[np.int32]
    asked_bps: Floats
    given_bps: Floats
    used_bps: Floats
    used: Ints
    most_used: Ints
    down_bps: Floats
    changes: Ints
    held: Ints
    laser_requests: Ints
    served_requests: Ints

    @staticmethod
    def empty(cells: int, satellites: int) -> "CellTally":
        """Nothing counted yet."""
        return CellTally(
            reason_slots=np.zeros((len(Unserved), cells), dtype=np.int32),
            asked_bps=np.zeros((2, cells)),
            given_bps=np.zeros((2, cells)),
            used_bps=np.zeros((2, cells)),
            used=np.zeros(satellites, dtype=np.int64),
            most_used=np.zeros(satellites, dtype=np.int64),
            down_bps=np.zeros(satellites),
            changes=np.zeros(cells, dtype=np.int64),
            held=np.zeros(cells, dtype=np.int64),
            laser_requests=np.zeros(1, dtype=np.int64),
            served_requests=np.zeros(1, dtype=np.int64),
        )

    def add(self, plan: StepPlan, before: StepPlan | None, *, cell: Ints, first: Ints, asked_bps: Floats) -> None:
        """Add one slot.

        Args:
            plan: Of the slot; ``before`` of the very slot before it, if that was planned.
            cell: ``(Q,)`` row of each request's cell.
            first: ``(C,)`` first request of each cell that makes any, -1 for others.
            asked_bps: ``(2, C)``.
        """
        cells = len(plan.cell_reason)
        self.reason_slots[plan.cell_reason, np.arange(cells)] += 1
        for row, rate_bps in enumerate((plan.down_bps, plan.up_bps)):
            given_bps = np.bincount(cell, weights=rate_bps, minlength=cells)
            self.asked_bps[row] += asked_bps[row]
            self.given_bps[row] += given_bps
            is_all = given_bps >= asked_bps[row] * (1.0 - _ROUNDING)
            self.used_bps[row] += np.where(is_all, asked_bps[row], given_bps)
        served = plan.satellite >= 0
        np.add(self.used, plan.used, out=self.used)
        np.maximum(self.most_used, plan.used, out=self.most_used)
        np.add.at(self.down_bps, plan.satellite[served], plan.down_bps[served])
        self.served_requests[0] += np.count_nonzero(served)
        self.laser_requests[0] += np.count_nonzero(served & (plan.laser_hops > 0))
        if before is not None and len(cell):
            here = np.maximum(first, 0)
            both = (first >= 0) & (plan.satellite[here] >= 0) & (before.satellite[here] >= 0)
            self.held[both] += 1
            self.changes[both & (plan.satellite[here] != before.satellite[here])] += 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceRun:
    """A scenario with service rules, prepared for a run.

    Attributes:
        scenario: With each terminal at the PoP of its cell.
        rules: Its rules of service.
        scheduler: Plans a slot.
        terminals: What the scenario's terminals get of it.
        slot_ns: ``(K,)`` begins of the slots that are planned.
        slot_of_step: ``(T,)`` row of the slot in which each step lies.
        tally: Sums by cell.
        enforced: What is told of the verified service map; None where nobody verified any.
    """

    scenario: Scenario
    rules: ServiceRules
    scheduler: Scheduler
    terminals: TerminalShares
    slot_ns: Ints
    slot_of_step: Ints
    tally: CellTally
    enforced: Mapping[str, Any] | None = None

    @staticmethod
    def of(
        scenario: Scenario, *, policy: AssignmentPolicy | None = None, enforced: Mapping[str, Any] | None = None
    ) -> "ServiceRun":
        """Prepare a scenario with rules of service.

        Args:
            scenario: The scenario.
            policy: Of your own, in place of the scenario's.
            enforced: What to tell of the verified service map by which it has its rules, as plain JSON values.
        Raises:
            PlanError: It has no rules of service.
        """
        scheduler = Scheduler.of(scenario, policy=policy)
        rules = scheduler.service
        terminals = TerminalShares.of(scheduler)
        times = time_grid(scenario.start_ns, scenario.duration_s, scenario.step_s)
        slot_ns, slot_of_step = np.unique(slot_begin(times, rules.schedule), return_inverse=True)
        return ServiceRun(
            scenario=terminals.with_home_pops(),
            rules=rules,
            scheduler=scheduler,
            terminals=terminals,
            slot_ns=slot_ns,
            slot_of_step=slot_of_step,
            tally=CellTally.empty(len(rules.demand), len(scenario.world.satellites)),
            enforced=enforced,
        )

    def streams(self) -> dict[str, Stream]:
        """The variables that grow with the slots."""
        slots, requests = len(self.slot_ns), len(self.scheduler.requests)
        sites, satellites = len(self.scenario.world.sites), len(self.scenario.world.satellites)

        def stream(name: str, dtype: str, *dims: str, length: int) -> Stream:
            most = min(length, _REQUESTS_PER_CHUNK) or 1
            return Stream(
                dims=("slot", *dims),
                shape=(slots, length),
                dtype=dtype,
                chunks=(min(SLOTS_AT_ONCE, slots), most),
                attributes=_attributes(name),
            )

        return {
            "slot_time": Stream(dims=("slot",), shape=(slots,), dtype="int64", attributes=TIME_ATTRIBUTES),
            **{
                request_name(column): stream(request_name(column), dtype, "request", length=requests)
                for column, dtype in REQUEST_TYPES.items()
            },
            "cell_reason": stream("cell_reason", "uint8", "cell", length=len(self.rules.demand)),
            "satellite_gateway": stream("satellite_gateway", "int32", "satellite", length=satellites),
            "satellite_used": stream("satellite_used", "int32", "satellite", length=satellites),
            **{
                site_name(column): stream(site_name(column), dtype, "site", length=sites)
                for column, dtype in SITE_TYPES.items()
            },
        }

    def of_steps(self, network: Network, writer: StoreWriter) -> Iterator[Serving]:
        """What each step of the run has, in order; plans are made and written as they are needed."""
        counts = np.bincount(self.slot_of_step, minlength=len(self.slot_ns))
        for serving, steps in zip(self._of_slots(network, writer), counts.tolist(), strict=True):
            yield from repeat(serving, steps)

    def _of_slots(self, network: Network, writer: StoreWriter) -> Iterator[Serving]:
        """What each slot has, in order."""
        propagator = Propagator.prepare(self.scenario.world.satellites.elements)
        orientation = IersTable.load()
        lasers: Lasers | None = None
        before: StepPlan | None = None
        first = _first_requests(self.scheduler.requests.first)
        cell = self.scheduler.requests.cell
        for begin in range(0, len(self.slot_ns), SLOTS_AT_ONCE):
            block_ns = self.slot_ns[begin : begin + SLOTS_AT_ONCE]
            states = propagator(block_ns, teme_to_itrf(block_ns, orientation))
            plans: list[StepPlan] = []
            for row, time_ns in enumerate(block_ns.tolist()):
                position_m, valid = states.position_m[row], states.valid[row]
                lasers = network.lasers(time_ns, position_m, valid, before=lasers)
                plan = self.scheduler.step(time_ns, position_m, valid, lasers, before=before)
                just_before = before if self._follows(time_ns, before) else None
                self.tally.add(plan, just_before, cell=cell, first=first, asked_bps=self._asked_bps(time_ns))
                before = plan
                plans.append(plan)
            servings = [self.terminals.serving(plan) for plan in plans]
            writer.write(begin, _columns(plans, servings))
            yield from servings

    def _follows(self, time_ns: int, before: StepPlan | None) -> bool:
        """Whether a slot is the very next one, so that what changes between the two is measured."""
        return before is not None and time_ns - before.time_ns == round(self.rules.schedule.slot_s * NS_PER_S)

    def _asked_bps(self, time_ns: int) -> Floats:
        """``(2, C)`` what each cell asks for at an instant, down and up."""
        demand = self.rules.demand
        share = demand_share(self.rules.busy_hour_shape, self.scheduler.places.longitude_rad, time_ns)
        return np.stack([demand.down_bps.sum(axis=1) * share, demand.up_bps.sum(axis=1) * share])

    def notes(self) -> tuple[str, ...]:
        """What a reader of the results must know."""
        slot_s = self.rules.schedule.slot_s
        found = [f"Demand: {source}" for source in self.rules.demand.sources]
        found.append(
            "A terminal gets its part of what its cell is given: down by rank and then by how much it asks, up by how much it "
            "asks; beams, satellites and feeders are shared out among all who ask."
        )
        if len(self.slot_ns) > 1 and float(np.diff(self.slot_ns).max()) > 1.5 * slot_s * NS_PER_S:
            found.append(
                f"Steps lie farther apart than slots of {slot_s:g} s: slots between are not planned, what was served "
                "before a slot is what was served one step before, and handovers are not counted across them."
            )
        return tuple(found)

    def whole(self) -> xr.Dataset:
        """Everything about service that does not grow with time."""
        demand, requests, places = self.rules.demand, self.scheduler.requests, self.scheduler.places
        slots = max(len(self.slot_ns), 1)
        names, member = self._territories()
        variables: dict[str, tuple[Any, ...]] = {
            "time_slot": ("time", self.slot_of_step.astype(np.int32)),
            "cell_id": ("cell", demand.cells.view(np.uint64)),
            "cell_latitude_rad": ("cell", places.latitude_rad),
            "cell_longitude_rad": ("cell", places.longitude_rad),
            "cell_people": ("cell", demand.people),
            "cell_subscribers": ("cell", demand.subscribers),
            "cell_demand_bps": (("direction", "cell"), np.stack([demand.down_bps.sum(1), demand.up_bps.sum(1)])),
            "cell_asked_bps": (("direction", "cell"), self.tally.asked_bps / slots),
            "cell_given_bps": (("direction", "cell"), self.tally.given_bps / slots),
            "cell_used_bps": (("direction", "cell"), self.tally.used_bps / slots),
            "cell_reason_slots": (("unserved", "cell"), self.tally.reason_slots),
            "cell_changes": ("cell", self.tally.changes),
            "cell_held": ("cell", self.tally.held),
            "request_cell": ("request", requests.cell.astype(np.int32)),
            "request_channel": ("request", requests.channel),
            "satellite_requests": ("satellite", self.tally.used / slots),
            "satellite_most_requests": ("satellite", self.tally.most_used.astype(np.int32)),
            "satellite_down_bps": ("satellite", self.tally.down_bps / slots),
            "territory_cell": (("territory", "cell"), member),
            **law_columns(self.scheduler, self.slot_ns),
        }
        return xr.Dataset(
            {name: (*values, _attributes(name)) for name, values in variables.items()},
            coords={
                "territory": np.array(names, dtype=np.dtypes.StringDType()),
                "direction": np.array(["down", "up"], dtype=np.dtypes.StringDType()),
            },
            attrs={"service": json.dumps(self._description())},
        )

    def _territories(self) -> tuple[list[str], Bools]:
        """Names of the scenario's territories, and ``(N, C)`` which cells with demand each has."""
        cells, specs = self.rules.demand.cells, self.scenario.territories
        member = np.zeros((len(specs), len(cells)), dtype=np.bool_)
        for row, spec in enumerate(specs):
            member[row] = spec.plus.has_cells(cells) & ~spec.minus.has_cells(cells)
        return [spec.name for spec in specs], member

    def _description(self) -> dict[str, object]:
        """The rules in words and numbers, for the store's attributes."""
        rules, timeline = self.rules.schedule, self.rules.timeline
        served_map = timeline.at(int(self.slot_ns[0]))
        served = max(int(self.tally.served_requests[0]), 1)
        return {
            "policy": type(rules.policy).__name__.removesuffix("Assignment").lower(),
            "slot_s": rules.slot_s,
            "slot_phase_s": rules.slot_phase_s,
            "cells_per_beam": rules.cells_per_beam,
            "channels": rules.channels,
            "separation_rings": rules.separation_rings,
            "candidates": rules.candidates,
            "laser_share": int(self.tally.laser_requests[0]) / served,
            "map_version": served_map.version,
            "map_sha256": map_sha256(served_map),
            "decisions": decisions_of(timeline),
            "notes": list(self.notes()),
            **(
                {}
                if self.enforced is None
                else {"map_sha256": self.enforced["map_sha256"], "enforced": dict(self.enforced)}
            ),
        }


def _columns(plans: list[StepPlan], servings: list[Serving]) -> dict[str, NDArray[Any]]:
    """Values of the growing variables of some slots."""
    columns: dict[str, NDArray[Any]] = {
        request_name(column): np.stack([getattr(plan, column) for plan in plans]) for column in REQUEST_COLUMNS
    }
    return columns | {
        "slot_time": np.array([plan.time_ns for plan in plans], dtype=np.int64),
        "cell_reason": np.stack([plan.cell_reason for plan in plans]),
        "satellite_gateway": np.stack([plan.gateway for plan in plans]),
        "satellite_used": np.stack([plan.used for plan in plans]),
        **_site_columns(plans, servings),
    }


def _site_columns(plans: list[StepPlan], servings: list[Serving]) -> dict[str, NDArray[Any]]:
    """By whom and over which way the terminals are served in some slots; -1 where they are not, and for other sites."""
    pairs = list(zip(plans, servings, strict=True))

    def taken(name: str) -> NDArray[Any]:
        return np.stack([np.append(getattr(plan, name), -1)[serving.request] for plan, serving in pairs])

    egress = taken("egress")
    gateway = np.stack([np.append(plan.gateway, -1)[row] for plan, row in zip(plans, egress, strict=True)])
    columns = {name: taken(name) for name in ("satellite", "beam", "pop", "laser_hops")}
    reason = np.stack([serving.reason for serving in servings])
    return {site_name(name): values for name, values in {**columns, "gateway": gateway, "reason": reason}.items()}


def _first_requests(first: Ints) -> Ints:
    """``(C,)`` row of each cell's first request, -1 for a cell that makes none."""
    return np.where(np.diff(first) > 0, first[:-1], -1)


def _attributes(name: str) -> dict[str, Any]:
    """What a reader should know of a variable."""
    words = SERVICE_WORDS.get(name, "")
    found: dict[str, Any] = {"long_name": words} if words else {}
    if name.endswith("_reason"):
        found["flag_values"] = [int(reason) for reason in Unserved]
        found["flag_meanings"] = " ".join(reason.name.lower() for reason in Unserved)
    for suffix, unit in (("_bps", "bit/s"), ("_rad", "rad"), ("_s", "s")):
        if name.endswith(suffix):
            found["units"] = unit
    return found
