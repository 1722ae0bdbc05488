"""Tables of mean elements."""

from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.orbit.elements import Elements
from tests.support.orbits import ORDINARY, table


def test_a_table_has_as_many_rows_as_its_columns() -> None:
    assert len(table(bstar=[0.0, 1.0, 2.0])) == 3


def test_columns_of_different_length_are_refused() -> None:
    """The error names the column."""
    columns: dict[str, Any] = {name: np.zeros(2, dtype=np.int64) for name in ORDINARY}
    with pytest.raises(ShapeError) as caught:
        Elements(**{**columns, "bstar": np.zeros(3)})
    assert caught.value.name == "bstar"


def test_a_table_cannot_be_changed() -> None:
    """It is shared without copies."""
    with pytest.raises(ValueError, match="read-only"):
        table().bstar[0] = 1.0


def test_rows_are_taken_by_index_or_by_mask() -> None:
    """In the order that is asked for."""
    elements = table(bstar=[0.0, 1.0, 2.0])
    assert elements.take(np.array([2, 0])).bstar.tolist() == [2.0, 0.0]
    assert elements.take(np.array([True, False, True])).bstar.tolist() == [0.0, 2.0]


def test_tables_stand_below_each_other() -> None:
    joined = Elements.concatenate([table(bstar=[1.0]), table(bstar=[]), table(bstar=[2.0, 3.0])])
    assert joined.bstar.tolist() == [1.0, 2.0, 3.0]
    assert joined.epoch_ns.dtype == np.int64
