"""Where service is allowed: a map from cells to a state and a service class, which the scheduler obeys.

Rules: a map is a value; a newer one takes its place whole. Cells that it does not list have its default. What a map forbids
is not served, whatever is free. The class of a cell is the best that anybody in it gets. Where only protected users keep
service, the others of the cell are suspended.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from skycommons.base.arrays import Bytes, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.model.cells import CellIds


class CellState(IntEnum):
    """Whether a cell may be served."""

    ACTIVE = 0
    INACTIVE = 1
    SUSPENDED = 2
    UNLICENSED = 3
    PROTECTED_ONLY = 4


class ServiceClass(IntEnum):
    """Who comes first; a smaller number comes before a larger one."""

    PRIORITY = 0
    STANDARD = 1
    BACKGROUND = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceMap:
    """State and service class of cells.

    Attributes:
        version: Rises with each change.
        cells: ``(C,)`` canonical: sorted, each once.
        state: ``(C,)`` `CellState`.
        service_class: ``(C,)`` `ServiceClass`, the best that anybody in the cell gets.
        default_state, default_class: Of all cells that are not listed.
    Raises:
        InputError: The cells are not sorted, or a state or class is none.
        ShapeError: The columns differ in length.
    """

    version: int = 0
    cells: CellIds
    state: Bytes
    service_class: Bytes
    default_state: CellState = CellState.ACTIVE
    default_class: ServiceClass = ServiceClass.PRIORITY

    def __post_init__(self) -> None:
        check_shape("state", self.state, (len(self.cells),))
        check_shape("service_class", self.service_class, (len(self.cells),))
        if (self.cells[1:] <= self.cells[:-1]).any():
            raise InputError("a service map's cells must be sorted, each once")
        if len(self.cells) and (self.state.max() > max(CellState) or self.service_class.max() > max(ServiceClass)):
            raise InputError("a service map knows states 0 to 4 and classes 0 to 2")
        freeze(self.cells, self.state, self.service_class)

    @staticmethod
    def everywhere() -> "ServiceMap":
        """Service for everybody."""
        empty = np.zeros(0, dtype=np.uint8)
        return ServiceMap(cells=np.zeros(0, dtype=np.uint64), state=empty, service_class=empty.copy())

    def __len__(self) -> int:
        return len(self.cells)

    def states_of(self, cells: CellIds) -> Bytes:
        """``(N,)`` `CellState` of cells, in their order."""
        return self._of(cells, self.state, int(self.default_state))

    def classes_of(self, cells: CellIds) -> Bytes:
        """``(N,)`` best `ServiceClass` of cells, in their order."""
        return self._of(cells, self.service_class, int(self.default_class))

    def with_defaults(
        self, *, state: CellState | None = None, service_class: ServiceClass | None = None
    ) -> "ServiceMap":
        """This map with another state or class for all cells that it does not list; None leaves what they have."""
        return replace(
            self,
            default_state=self.default_state if state is None else state,
            default_class=self.default_class if service_class is None else service_class,
        )

    def over(
        self, cells: CellIds, *, state: CellState | None = None, service_class: ServiceClass | None = None
    ) -> "ServiceMap":
        """This map with another state or class for some cells; None leaves what they have.

        Args:
            cells: ``(N,)`` canonical.
        """
        listed = np.union1d(self.cells, cells)
        states, classes = self.states_of(listed), self.classes_of(listed)
        chosen = np.isin(listed, cells, assume_unique=True)
        if state is not None:
            states[chosen] = state
        if service_class is not None:
            classes[chosen] = service_class
        return replace(self, cells=listed, state=states, service_class=classes)

    def _of(self, cells: CellIds, column: Bytes, default: int) -> Bytes:
        """A column looked up by cell."""
        found = np.full(len(cells), default, dtype=np.uint8)
        if len(self.cells):
            place = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
            listed = self.cells[place] == cells
            found[listed] = column[place[listed]]
        return found
