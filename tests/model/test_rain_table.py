"""The table of rain rates."""

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.model.rain_table import RainTable, within_span


def test_a_table_has_a_row_for_each_instant() -> None:
    """And cannot be changed."""
    with pytest.raises(ShapeError, match="rate_mm_h"):
        RainTable(source="x", time_ns=np.arange(2), rate_mm_h=np.zeros((3, 1)))
    table = RainTable(source="x", time_ns=np.arange(2), rate_mm_h=np.zeros((2, 1)))
    assert not table.rate_mm_h.flags.writeable


@pytest.mark.parametrize(
    ("span_ns", "rows"),
    [
        (None, (0, 3)),
        ((10, 20), (1, 3)),
        ((11, 19), (1, 3)),
        ((-9, -5), (0, 1)),
        ((5, 5), (0, 2)),
        ((25, 30), (2, 3)),
    ],
)
def test_a_span_keeps_the_instants_around_it(span_ns: tuple[int, int] | None, rows: tuple[int, int]) -> None:
    """So that all of it lies between two of them, where there are any."""
    assert within_span(np.array([0, 10, 20]), span_ns) == slice(*rows)
