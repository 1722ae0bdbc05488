"""A service map that changes by itself: layers over a base, some of which end.

Rules: what holds for a cell at an instant is what the last layer says that covers it and has not ended, else the base. A layer
holds until just before its end; nobody has to do anything for it to end. A layer never reaches beyond its cells. Layers of
groups concern accounts and types of terminals, whichever state their cells have. A plain map is a timeline without layers.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from skycommons.base.arrays import Ints, freeze
from skycommons.base.errors import InputError
from skycommons.model.cells import CellIds
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap


class LayerKind(StrEnum):
    """Whom a layer concerns."""

    TERRITORY = "territory"
    CUSTOMER_GROUP = "customer-group"
    TERMINAL_CLASS = "terminal-class"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceLayer:
    """What one decision says of some cells.

    Attributes:
        decision: Digest or name of the decision.
        kind: Whom it concerns.
        cells: ``(N,)`` canonical. Of groups, none stands for everywhere.
        state: Of the cells or, of groups, whether their accounts are served.
        service_class: The best that anybody concerned gets.
        is_exempt: Whether protected users keep service where the state denies it.
        sites: Ids of protected sites that lose service all the same, named one by one.
        groups: Whom a layer of groups concerns.
        ends_ns: When it ends, UTC unix ns; 0 for never.
    Raises:
        InputError: The cells are not sorted, or it ends before 1970.
    """

    decision: str
    kind: LayerKind = LayerKind.TERRITORY
    cells: CellIds
    state: CellState
    service_class: ServiceClass = ServiceClass.PRIORITY
    is_exempt: bool = False
    sites: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    ends_ns: int = 0

    def __post_init__(self) -> None:
        if (self.cells[1:] <= self.cells[:-1]).any():
            raise InputError("a service layer's cells must be sorted, each once")
        if self.ends_ns < 0:
            raise InputError(f"a service layer ends after 1970 or, with 0, never, not at {self.ends_ns} ns")
        freeze(self.cells)

    def holds_at(self, time_ns: int) -> bool:
        """Whether it has not ended."""
        return self.ends_ns == 0 or self.ends_ns > time_ns

    @property
    def cell_state(self) -> CellState:
        """The state of its cells: where protected users keep what others lose, it is theirs alone."""
        if self.is_exempt and self.state is not CellState.ACTIVE:
            return CellState.PROTECTED_ONLY
        return self.state


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceTimeline:
    """A base map and layers over it.

    Attributes:
        base: What holds where no layer does.
        layers: In the order in which they were laid.
    """

    base: ServiceMap = field(default_factory=ServiceMap.everywhere)
    layers: tuple[ServiceLayer, ...] = ()

    def at(self, time_ns: int) -> ServiceMap:
        """The map of an instant."""
        rows = self._territories(time_ns)
        if not rows:
            return self.base
        cells, row = self._covered(rows)
        state = np.array([layer.cell_state for layer in self.layers], dtype=np.uint8)[row]
        service_class = np.array([layer.service_class for layer in self.layers], dtype=np.uint8)[row]
        rest = ~np.isin(self.base.cells, cells, assume_unique=True)
        listed = np.concatenate([cells, self.base.cells[rest]])
        order = np.argsort(listed, kind="stable")
        return ServiceMap(
            version=self.base.version,
            cells=listed[order],
            state=np.concatenate([state, self.base.state[rest]])[order],
            service_class=np.concatenate([service_class, self.base.service_class[rest]])[order],
            default_state=self.base.default_state,
            default_class=self.base.default_class,
        )

    @property
    def changes(self) -> Ints:
        """``(K,)`` instants at which something ends, UTC unix ns, rising."""
        return np.array(sorted({layer.ends_ns for layer in self.layers if layer.ends_ns}), dtype=np.int64)

    def layer_of(self, cells: CellIds, time_ns: int) -> Ints:
        """``(N,)`` row of the layer by which each cell has its state at an instant; -1 for the base."""
        rows = self._territories(time_ns)
        found = np.full(len(cells), -1, dtype=np.int64)
        if rows:
            covered, row = self._covered(rows)
            place = np.minimum(np.searchsorted(covered, cells), max(len(covered) - 1, 0))
            is_there = covered[place] == cells if len(covered) else np.zeros(len(cells), dtype=np.bool_)
            found[is_there] = row[place[is_there]]
        return found

    def decision_of(self, cells: CellIds, time_ns: int) -> tuple[str, ...]:
        """The decision by which each cell has its state at an instant; empty for the base."""
        names = (*(layer.decision for layer in self.layers), "")
        return tuple(names[row] for row in self.layer_of(cells, time_ns).tolist())

    def holding(self, time_ns: int) -> tuple[ServiceLayer, ...]:
        """The layers that have not ended at an instant, in order."""
        return tuple(layer for layer in self.layers if layer.holds_at(time_ns))

    def _territories(self, time_ns: int) -> list[int]:
        """Rows of the layers of cells that have not ended."""
        return [
            row
            for row, layer in enumerate(self.layers)
            if layer.kind is LayerKind.TERRITORY and layer.holds_at(time_ns)
        ]

    def _covered(self, rows: list[int]) -> tuple[CellIds, Ints]:
        """All cells of some layers, sorted, and for each the last layer that covers it."""
        newest = rows[::-1]
        cells = np.concatenate([self.layers[row].cells for row in newest])
        row = np.repeat(np.array(newest, dtype=np.int64), [len(self.layers[each].cells) for each in newest])
        covered, first = np.unique(cells, return_index=True)
        return covered, row[first]
