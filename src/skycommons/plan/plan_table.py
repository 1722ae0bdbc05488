"""A plan as plain rows, so that it can be written, edited by hand, read again and checked without what made it.

Rules: one row for each request of each slot, and one for each cell that makes no request, with channel -1. The rows of a
slot stand together. Rows of satellites and sites are those of the scenario's world; -1 stands for none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Bytes, Floats, Ints, Ints32, Shorts, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.model.cells import CellIds

if TYPE_CHECKING:
    from skycommons.plan.schedule import Schedule, Scheduler, StepPlan

KindT = TypeVar("KindT", bound=np.generic)

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


PLANNED_COLUMNS = ("satellite", "beam", "share", "down_bps", "up_bps", "pop", "egress", "reason")
"""Columns that are decided anew in each slot, under the names that `StepPlan` has for them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What stays the same in all slots of a plan: ``Q`` requests of ``C`` cells.

    Attributes:
        cells: ``(C,)``.
        cell: ``(Q,)`` row of each request's cell.
        channel: ``(Q,)``.
    """

    cells: CellIds
    cell: Ints
    channel: Bytes

    @property
    def idle(self) -> Ints:
        """Rows of the cells without a request."""
        return np.flatnonzero(np.bincount(self.cell, minlength=len(self.cells)) == 0)


def table_of(schedule: "Schedule") -> PlanTable:
    """The rows of a schedule."""
    return plan_table(schedule.steps, schedule.scheduler)


def plan_table(steps: Sequence["StepPlan"], scheduler: "Scheduler") -> PlanTable:
    """The rows of some slots.

    Args:
        steps: Slots, in order; one at least.
        scheduler: What planned them.
    """
    requests = scheduler.requests
    return stacked_table(
        Asked(cells=scheduler.cells, cell=requests.cell, channel=requests.channel),
        np.array([step.time_ns for step in steps], dtype=np.int64),
        {name: np.stack([getattr(step, name) for step in steps]) for name in PLANNED_COLUMNS},
        rank=np.stack([scheduler.at(step.time_ns).requests.rank for step in steps]),
        cell_reason=np.stack([step.cell_reason for step in steps]),
        gateway=np.stack([step.gateway for step in steps]),
    )


def stacked_table(
    asked: Asked,
    time_ns: Ints,
    planned: Mapping[str, NDArray[Any]],
    *,
    rank: Bytes,
    cell_reason: Bytes,
    gateway: Ints32,
) -> PlanTable:
    """The rows of columns that go by slot and request.

    Args:
        asked: ``Q`` requests of ``C`` cells.
        time_ns: ``(T,)`` begins of the slots.
        planned: ``(T, Q)`` each of `PLANNED_COLUMNS`.
        rank: ``(T, Q)``.
        cell_reason: ``(T, C)`` `Unserved`.
        gateway: ``(T, S)`` site row of the gateway that feeds each satellite; -1 for none.
    """
    idle, slots = asked.idle, len(time_ns)
    order = np.argsort(np.concatenate([asked.cell, idle]), kind="stable")

    def whole(values: NDArray[Any], without: float, kind: type[KindT]) -> NDArray[KindT]:
        """A column of all slots: that of the requests, and what stands in it for cells without one."""
        filler = np.full((slots, len(idle)), without)
        return np.concatenate([values, filler], axis=1)[:, order].ravel().astype(kind)

    def column(name: str, without: float, kind: type[KindT]) -> NDArray[KindT]:
        """What is decided anew in each slot."""
        return whole(planned[name], without, kind)

    def repeated(values: NDArray[KindT]) -> NDArray[KindT]:
        """The same column in each slot."""
        return np.tile(values[order], slots)

    fed_slot, fed = np.nonzero(gateway >= 0)
    reason = np.concatenate([planned["reason"], cell_reason[:, idle]], axis=1)[:, order]
    return PlanTable(
        time_ns=np.array(time_ns, dtype=np.int64),
        first=len(order) * np.arange(slots + 1),
        cell=repeated(np.concatenate([asked.cells[asked.cell], asked.cells[idle]])),
        channel=repeated(np.concatenate([asked.channel, np.full(len(idle), -1)]).astype(np.int16)),
        rank=whole(rank, NO_RANK, np.uint8),
        satellite=column("satellite", -1, np.int32),
        beam=column("beam", -1, np.int16),
        share=column("share", 0.0, np.float64),
        down_bps=column("down_bps", 0.0, np.float64),
        up_bps=column("up_bps", 0.0, np.float64),
        pop=column("pop", -1, np.int32),
        egress=column("egress", -1, np.int32),
        reason=reason.ravel().astype(np.uint8),
        first_fed=np.searchsorted(fed_slot, np.arange(slots + 1)),
        fed=fed.astype(np.int32),
        gateway=gateway[fed_slot, fed].astype(np.int32),
    )
