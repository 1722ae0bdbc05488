"""Whether service is what was decided: measured service beside the service map, cell by cell and span by span.

Rules:

* An outage is a span of slots in which nobody in a cell is served, or protected users alone are. Each has the decision by which
  the cell has its state, or says that there is none: then it is a fault.
* Three things are alarms: service where the map forbids it; a reason that claims a decision where there is none; and a fault that
  lasts five minutes or more in a cell that had service before in the run. A cell that was never served was not switched off.
* The map is the one that was verified, not the one that the plan claims.
* Records have the columns of Cloudflare Radar's outage annotations, so that they can be laid beside measurements by others; what
  they have besides comes after these.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Bytes, Ints, check_shape
from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.model.cells import CellIds, cell_texts, centres
from skycommons.model.country_of import country_of_places
from skycommons.model.service_map import CellState
from skycommons.model.service_timeline import ServiceTimeline
from skycommons.plan.requests import Unserved
from skycommons.studies.files import replacing
from skycommons.studies.service_laws import slot_ends
from skycommons.studies.store import time_ns

NO_DECISION: Final = "no decision: fault"
MAP_DEFAULT: Final = "default of the service map"
LEAST_S: Final = 300.0
"""How long a fault may last before it is an alarm: invariant I15 asks for five minutes."""

_CELLS_AT_ONCE: Final = 4_096
_DECISIONS: Final = (Unserved.TERRITORY_INACTIVE, Unserved.SUSPENDED, Unserved.UNLICENSED)
_OF_STATE: Final = (
    *(Unserved.SERVED, Unserved.TERRITORY_INACTIVE, Unserved.SUSPENDED, Unserved.UNLICENSED),
    Unserved.SUSPENDED,
)


class AlarmKind(StrEnum):
    """What is wrong."""

    SERVED_AGAINST_MAP = "served-against-map"
    REASON_WITHOUT_DECISION = "reason-without-decision"
    DROP_WITHOUT_DECISION = "drop-without-decision"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """Whether ``C`` cells had service in ``K`` slots, from a plan or from elsewhere.

    Attributes:
        begin_ns, end_ns: ``(K,)`` of the slots, UTC unix ns, rising.
        cells: ``(C,)``.
        subscribers: ``(C,)``.
        reason: ``(K, C)`` `Unserved`; `SERVED` where anybody in the cell is.
    Raises:
        ShapeError: The columns do not fit together.
    """

    begin_ns: Ints
    end_ns: Ints
    cells: CellIds
    subscribers: NDArray[np.float64]
    reason: Bytes

    def __post_init__(self) -> None:
        check_shape("end_ns", self.end_ns, (len(self.begin_ns),))
        check_shape("subscribers", self.subscribers, (len(self.cells),))
        check_shape("reason", self.reason, (len(self.begin_ns), len(self.cells)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRecord:
    """One cell without service over one span.

    Attributes:
        cell: Where.
        country: Code of the country of its centre by the packaged borders; empty at sea.
        begin_ns, end_ns: When, UTC unix ns.
        cause: ``GOVERNMENT_DIRECTED``, ``OPERATOR_DECISION``, ``WEATHER``, ``ACCOUNT`` or ``TECHNICAL_PROBLEM``.
        decision: Digest of the decision, or that there is none.
        is_partial: Whether protected users are served.
        reason: `Unserved` that the plan says, at most of the slots.
        subscribers: In the cell.
    """

    cell: str
    country: str
    begin_ns: int
    end_ns: int
    cause: str
    decision: str
    is_partial: bool
    reason: Unserved
    subscribers: float

    def row(self) -> dict[str, str | float]:
        """A row of the file: the columns of Cloudflare Radar's annotations first."""
        begin, end = format_time(self.begin_ns), format_time(self.end_ns)
        return {
            "id": f"{self.cell}-{begin}",
            "startDate": begin,
            "endDate": end,
            "locations": self.country,
            "asns": "",
            "scope": self.cell,
            "eventType": "OUTAGE",
            "outageCause": self.cause,
            "outageType": "REGIONAL",
            "linkedUrl": "",
            "dataSource": "OWN",
            "decision": self.decision,
            "who": "all but protected users" if self.is_partial else "everybody",
            "reason": self.reason.name.lower(),
            "subscribers": round(self.subscribers, 2),
        }


COLUMNS: Final = (
    *("id", "startDate", "endDate", "locations", "asns", "scope", "eventType", "outageCause", "outageType"),
    *("linkedUrl", "dataSource", "decision", "who", "reason", "subscribers"),
)
"""Of the file of outages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Where measured service is not what was decided.

    Attributes:
        kind: What is wrong.
        cell: Where.
        begin_ns, end_ns: When, UTC unix ns.
        detail: In words.
    """

    kind: AlarmKind
    cell: str
    begin_ns: int
    end_ns: int
    detail: str

    def to_json_dict(self) -> dict[str, str]:
        """Everything as plain JSON values."""
        begin, end = format_time(self.begin_ns), format_time(self.end_ns)
        return {"kind": self.kind.value, "cell": self.cell, "begin": begin, "end": end, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """All outages and alarms; true if there is no alarm."""

    records: tuple[OutageRecord, ...]
    alarms: tuple[Alarm, ...]

    def __bool__(self) -> bool:
        return not self.alarms

    def counts(self) -> dict[str, int]:
        """How many there are of each."""
        faults = sum(record.decision == NO_DECISION for record in self.records)
        found = {"outages": len(self.records), "by_decision": len(self.records) - faults, "faults": faults}
        return found | {kind.value: sum(alarm.kind is kind for alarm in self.alarms) for kind in AlarmKind}


def measured(dataset: xr.Dataset) -> Measured:
    """What a result store says of the cells that ask for service."""
    asks = dataset["cell_demand_bps"].values.sum(axis=0) > 0.0
    return Measured(
        begin_ns=time_ns(dataset["slot_time"]),
        end_ns=slot_ends(dataset),
        cells=dataset["cell_id"].values[asks],
        subscribers=dataset["cell_subscribers"].values[asks].astype(np.float64),
        reason=dataset["cell_reason"].values[:, asks],
    )


def reconcile(
    service: Measured,
    timeline: ServiceTimeline,
    *,
    causes: dict[str, str] | None = None,
    least_s: float = LEAST_S,
) -> Reconciliation:
    """Outages and alarms of measured service under a map.

    Args:
        service: What was measured.
        timeline: What was decided.
        causes: ``outageCause`` by digest of the decision; ``OPERATOR_DECISION`` unless given.
        least_s: How long a fault lasts before it is an alarm.
    """
    records: list[OutageRecord] = []
    alarms: list[Alarm] = []
    for first in range(0, len(service.cells), _CELLS_AT_ONCE):
        part = _Part.of(service, timeline, slice(first, first + _CELLS_AT_ONCE), causes or {})
        records.extend(part.records())
        alarms.extend(part.alarms(round(least_s * NS_PER_S)))
    return Reconciliation(records=tuple(records), alarms=tuple(alarms))


def write_reconciliation(found: Reconciliation, folder: Path) -> dict[str, Path]:
    """Write ``reconciliation.csv`` with one row an outage, and ``reconciliation.json`` with alarms and counts besides.

    Raises:
        HostError: A file cannot be written.
    """
    paths = {"reconciliation": folder / "reconciliation.csv", "reconciliation-json": folder / "reconciliation.json"}
    rows = [record.row() for record in found.records]
    with replacing(paths["reconciliation"]) as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    document = {"counts": found.counts(), "alarms": [one.to_json_dict() for one in found.alarms], "annotations": rows}
    with replacing(paths["reconciliation-json"]) as stream:
        json.dump(document, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    return paths


class _Run(NamedTuple):
    """Slots ``begin`` to ``end`` of a cell."""

    cell: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Some cells of what was measured, and what holds for them in each slot: ``(K, N)`` all."""

    service: Measured
    timeline: ServiceTimeline
    causes: dict[str, str]
    texts: list[str]
    country: list[str]
    subscribers: list[float]
    reason: Bytes
    state: Bytes
    layer: Ints

    @staticmethod
    def of(service: Measured, timeline: ServiceTimeline, some: slice, causes: dict[str, str]) -> "_Part":
        cells, edges = service.cells[some], timeline.changes
        change = np.searchsorted(edges, service.begin_ns, side="right")
        state = np.zeros((len(change), len(cells)), dtype=np.uint8)
        layer = np.full(state.shape, -1, dtype=np.int64)
        for number in np.unique(change).tolist():
            slots = np.flatnonzero(change == number)
            now_ns = int(service.begin_ns[slots[0]])
            state[slots], layer[slots] = timeline.at(now_ns).states_of(cells), timeline.layer_of(cells, now_ns)
        return _Part(
            service=service,
            timeline=timeline,
            causes=causes,
            texts=cell_texts(cells),
            country=country_of_places(*centres(cells)).tolist(),
            subscribers=service.subscribers[some].tolist(),
            reason=service.reason[:, some],
            state=state,
            layer=layer,
        )

    @property
    def is_served(self) -> Bools:
        """Whether anybody in the cell is served."""
        return np.asarray(self.reason == Unserved.SERVED)

    @property
    def is_decided(self) -> Bools:
        """Whether somebody in the cell is shut out by its state."""
        return np.asarray(self.state != CellState.ACTIVE)

    def records(self) -> Iterator[OutageRecord]:
        """Outages, cell by cell; one ends where the state or what decided it changes."""
        is_partial = self.state == CellState.PROTECTED_ONLY
        mark = 1 + self.layer * 16 + self.state * 2 + (is_partial & self.is_served)
        for run in _runs(_marked(~self.is_served | is_partial, mark + 16)):
            reasons = self.reason[run.begin : run.end, run.cell]
            against = reasons[reasons != Unserved.SERVED]
            reason = Unserved(int(np.bincount(against).argmax()) if len(against) else Unserved.SUSPENDED)
            decision = self._decision(run)
            yield OutageRecord(
                cell=self.texts[run.cell],
                country=self.country[run.cell],
                begin_ns=int(self.service.begin_ns[run.begin]),
                end_ns=int(self.service.end_ns[run.end - 1]),
                cause=self._cause(decision, reason),
                decision=decision,
                is_partial=bool(is_partial[run.begin, run.cell] and self.is_served[run.begin, run.cell]),
                reason=reason,
                subscribers=self.subscribers[run.cell],
            )

    def _decision(self, run: _Run) -> str:
        """By which decision a cell has no service, in words."""
        if not self.is_decided[run.begin, run.cell]:
            return NO_DECISION
        row = int(self.layer[run.begin, run.cell])
        return self.timeline.layers[row].decision if row >= 0 else MAP_DEFAULT

    def _cause(self, decision: str, reason: Unserved) -> str:
        """Why, in the words of the annotations as far as they have one."""
        if decision != NO_DECISION:
            return self.causes.get(decision, "OPERATOR_DECISION")
        words = {Unserved.RAIN: "WEATHER", Unserved.ACCOUNT: "ACCOUNT"}
        return words.get(reason, "TECHNICAL_PROBLEM")

    def alarms(self, least_ns: int) -> Iterator[Alarm]:
        """Everything that is not as decided."""
        is_closed = self.is_decided & (self.state != CellState.PROTECTED_ONLY)
        state_words = np.array([state.name.lower() for state in CellState])
        for run in _runs(_marked(is_closed & self.is_served, self.state)):
            detail = f"is served, but its state is {state_words[self.state[run.begin, run.cell]]}"
            yield self._alarm(AlarmKind.SERVED_AGAINST_MAP, run, detail)
        claims = np.isin(self.reason, _DECISIONS) & (self.reason != np.array(_OF_STATE)[self.state])
        for run in _runs(_marked(claims, self.reason * np.int64(16) + self.state)):
            claimed = Unserved(int(self.reason[run.begin, run.cell])).name.lower()
            detail = f"is said to be {claimed}; its state is {state_words[self.state[run.begin, run.cell]]}"
            yield self._alarm(AlarmKind.REASON_WITHOUT_DECISION, run, detail)
        had_service = np.logical_or.accumulate(self.is_served, axis=0)
        is_fault = had_service & ~self.is_served & ~self.is_decided & ~claims & (self.reason != Unserved.ACCOUNT)
        for run in _runs(_marked(is_fault, np.zeros_like(self.state))):
            lasted_ns = int(self.service.end_ns[run.end - 1] - self.service.begin_ns[run.begin])
            if lasted_ns >= least_ns:
                detail = f"lost service for {lasted_ns / NS_PER_S:g} s, and nobody decided it"
                yield self._alarm(AlarmKind.DROP_WITHOUT_DECISION, run, detail)

    def _alarm(self, kind: AlarmKind, run: _Run, detail: str) -> Alarm:
        """One alarm."""
        return Alarm(
            kind=kind,
            cell=self.texts[run.cell],
            begin_ns=int(self.service.begin_ns[run.begin]),
            end_ns=int(self.service.end_ns[run.end - 1]),
            detail=detail,
        )


def _marked(chosen: Bools, mark: NDArray[Any]) -> Ints:
    """Marks from 0 on of what is chosen, and -1 elsewhere."""
    return np.where(chosen, mark.astype(np.int64), -1)


def _runs(mark: Ints) -> Iterator[_Run]:
    """Runs of equal marks in the columns of ``(K, N)``; -1 marks nothing."""
    columns = mark.T
    begins = np.ones(columns.shape, dtype=np.bool_)
    begins[:, 1:] = columns[:, 1:] != columns[:, :-1]
    cell, begin = np.nonzero(begins)
    is_last = np.append(cell[1:] != cell[:-1], [True]) if len(cell) else np.zeros(0, dtype=np.bool_)
    end = np.where(is_last, columns.shape[1], np.append(begin[1:], [0])) if len(cell) else begin
    kept = columns[cell, begin] != -1
    yield from map(_Run._make, zip(cell[kept].tolist(), begin[kept].tolist(), end[kept].tolist(), strict=True))
