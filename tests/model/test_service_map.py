"""A service map answers for every cell, listed or not."""

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.model.cells import CellIds, canonical, cells_of
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap


def some_cells(count: int) -> CellIds:
    """Cells along a parallel, in canonical order."""
    return canonical(cells_of(np.full(count, 0.8), np.linspace(0.0, 0.01 * count, count)))


def test_service_everywhere() -> None:
    """Nothing is listed."""
    everywhere = ServiceMap.everywhere()
    cells = some_cells(3)
    assert len(everywhere) == 0
    assert everywhere.states_of(cells).tolist() == [CellState.ACTIVE] * 3
    assert everywhere.classes_of(cells).tolist() == [ServiceClass.PRIORITY] * 3


def test_a_later_rule_counts_over_an_earlier_one() -> None:
    """State and class are set apart, and what nobody sets stays."""
    cells = some_cells(4)
    first = ServiceMap.everywhere().over(cells[:3], state=CellState.INACTIVE)
    both = first.over(cells[2:], state=CellState.SUSPENDED, service_class=ServiceClass.BACKGROUND)
    assert both.states_of(cells).tolist() == [CellState.INACTIVE, CellState.INACTIVE, *[CellState.SUSPENDED] * 2]
    assert both.classes_of(cells).tolist() == [ServiceClass.PRIORITY] * 2 + [ServiceClass.BACKGROUND] * 2
    assert first.states_of(cells).tolist() == [CellState.INACTIVE] * 3 + [CellState.ACTIVE]
    assert len(both) == 4


def test_defaults_hold_where_nothing_is_listed() -> None:
    """And leave alone what is."""
    cells = some_cells(2)
    first = ServiceMap.everywhere().over(cells[:1], state=CellState.ACTIVE)
    dark = first.with_defaults(state=CellState.UNLICENSED, service_class=ServiceClass.STANDARD)
    assert dark.states_of(cells).tolist() == [CellState.ACTIVE, CellState.UNLICENSED]
    assert dark.classes_of(cells).tolist() == [ServiceClass.PRIORITY, ServiceClass.STANDARD]
    assert dark.with_defaults().default_state is CellState.UNLICENSED


def test_a_map_that_cannot_be_is_refused() -> None:
    """Cells out of order, a state that is none, columns of different lengths."""
    cells = some_cells(2)
    two = np.zeros(2, dtype=np.uint8)
    with pytest.raises(InputError, match="sorted"):
        ServiceMap(cells=cells[::-1].copy(), state=two.copy(), service_class=two.copy())
    with pytest.raises(InputError, match="states 0 to 4"):
        ServiceMap(cells=cells.copy(), state=two + np.uint8(5), service_class=two.copy())
    with pytest.raises(ShapeError):
        ServiceMap(cells=cells.copy(), state=two[:1].copy(), service_class=two.copy())
