"""A plan as plain rows, so that it can be written, edited by hand, read again and checked without what made it.

Rules: one row for each request of each slot, and one for each cell that makes no request, with channel -1. The rows of a
slot stand together. Rows of satellites and sites are those of the scenario's world; -1 stands for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints, Ints32, Shorts, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.model.cells import CellIds

if TYPE_CHECKING:
    from skycommons.plan.requests import Requests
    from skycommons.plan.schedule import Schedule, StepPlan

NO_RANK = 255
"""Rank of a row that stands for a cell without a request."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanTable:
    """``T`` slots with ``R`` rows and ``F`` fed satellites; the rows of slot *t* are ``first[t]`` to ``first[t + 1]``.

    Attributes:
        time_ns: ``(T,)`` begin of each slot, UTC unix ns.
        first: ``(T + 1,)``.
        cell: ``(R,)`` the cell itself.
        channel: ``(R,)`` -1 where the cell makes no request.
        rank: ``(R,)`` 0 protected to 3 background; `NO_RANK` without a request.
        satellite, beam: ``(R,)`` -1 if not served.
        share: ``(R,)`` of the beam's time.
        down_bps, up_bps: ``(R,)`` what is given.
        pop: ``(R,)`` site row, -1 if not served.
        egress: ``(R,)`` satellite at which the traffic comes down, -1 if not served.
        reason: ``(R,)`` `Unserved`.
        first_fed: ``(T + 1,)`` as ``first``, of the fed satellites.
        fed, gateway: ``(F,)`` satellite and site row of the gateway whose antenna follows it.
    Raises:
        InputError: ``first`` or ``first_fed`` does not cut the rows into slots.
        ShapeError: The columns differ in length.
    """

    time_ns: Ints
    first: Ints
    cell: CellIds
    channel: Shorts
    rank: Bytes
    satellite: Ints32
    beam: Shorts
    share: Floats
    down_bps: Floats
    up_bps: Floats
    pop: Ints32
    egress: Ints32
    reason: Bytes
    first_fed: Ints
    fed: Ints32
    gateway: Ints32

    def __post_init__(self) -> None:
        for name in ROW_COLUMNS:
            check_shape(name, getattr(self, name), (len(self.cell),))
        check_shape("gateway", self.gateway, (len(self.fed),))
        for name, rows in (("first", self.cell), ("first_fed", self.fed)):
            cuts = getattr(self, name)
            check_shape(name, cuts, (len(self.time_ns) + 1,))
            if cuts[0] != 0 or cuts[-1] != len(rows) or (np.diff(cuts) < 0).any():
                raise InputError(f"plan: {name} must rise from 0 to {len(rows)}")
        freeze(*(getattr(self, name) for name in self.__slots__))

    def __len__(self) -> int:
        return len(self.time_ns)

    def __repr__(self) -> str:
        return f"<PlanTable: {len(self.time_ns):,} slots, {len(self.cell):,} rows>"

    def rows(self, step: int) -> slice:
        """Rows of a slot."""
        return slice(int(self.first[step]), int(self.first[step + 1]))

    def fed_rows(self, step: int) -> slice:
        """Fed satellites of a slot."""
        return slice(int(self.first_fed[step]), int(self.first_fed[step + 1]))

    def gateways_at(self, step: int, satellites: int) -> Ints32:
        """``(S,)`` site row of the gateway that feeds each satellite in a slot; -1 for none.

        Args:
            step: The slot.
            satellites: How many there are.
        """
        gateway = np.full(satellites, -1, dtype=np.int32)
        fed = self.fed_rows(step)
        gateway[self.fed[fed]] = self.gateway[fed]
        return gateway


ROW_COLUMNS = ("cell", "channel", "rank", "satellite", "beam", "share", "down_bps", "up_bps", "pop", "egress", "reason")


def table_of(schedule: "Schedule") -> PlanTable:
    """The rows of a schedule."""
    scheduler = schedule.scheduler
    return plan_table(schedule.steps, scheduler.requests, scheduler.cells)


def plan_table(steps: Sequence["StepPlan"], requests: "Requests", cells: CellIds) -> PlanTable:
    """The rows of some slots of a schedule.

    Args:
        steps: Slots, in order.
        requests: What was asked for, of ``C`` cells.
        cells: ``(C,)``.
    """
    idle = np.flatnonzero(np.diff(requests.first) == 0)
    order = np.argsort(np.concatenate([requests.cell, idle]), kind="stable")
    per_step = len(requests) + len(idle)
    fed = [np.flatnonzero(step.gateway >= 0) for step in steps]
    gateways = [step.gateway[rows] for step, rows in zip(steps, fed, strict=True)]

    def column(name: str, without: float, kind: type[np.generic]) -> np.ndarray:
        """A column of all slots: that of the requests, and what stands in it for cells without one."""
        filler = np.full(len(idle), without)
        parts = [np.concatenate([getattr(step, name), filler])[order] for step in steps]
        return np.concatenate([np.empty(0), *parts]).astype(kind)

    def repeated(values: np.ndarray) -> np.ndarray:
        """The same column in each slot."""
        return np.tile(values[order], len(steps))

    reasons = [np.concatenate([step.reason, step.cell_reason[idle]])[order] for step in steps]
    return PlanTable(
        time_ns=np.array([step.time_ns for step in steps], dtype=np.int64),
        first=per_step * np.arange(len(steps) + 1),
        cell=repeated(np.concatenate([cells[requests.cell], cells[idle]])),
        channel=repeated(np.concatenate([requests.channel, np.full(len(idle), -1)]).astype(np.int16)),
        rank=repeated(np.concatenate([requests.rank, np.full(len(idle), NO_RANK)]).astype(np.uint8)),
        satellite=column("satellite", -1, np.int32),
        beam=column("beam", -1, np.int16),
        share=column("share", 0.0, np.float64),
        down_bps=column("down_bps", 0.0, np.float64),
        up_bps=column("up_bps", 0.0, np.float64),
        pop=column("pop", -1, np.int32),
        egress=column("egress", -1, np.int32),
        reason=np.concatenate([np.empty(0), *reasons]).astype(np.uint8),
        first_fed=np.concatenate([[0], np.cumsum([len(rows) for rows in fed])]).astype(np.int64),
        fed=np.concatenate([np.empty(0), *fed]).astype(np.int32),
        gateway=np.concatenate([np.empty(0), *gateways]).astype(np.int32),
    )
