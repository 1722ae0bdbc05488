"""Which row holds when, asked from any row before."""

import numpy as np
import pytest

from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.wire_columns import NEVER
from skycommons.emulation.wire_rows_kernel import delay_at, hold_end, row_from, rows_end
from tests.support.wires import Lines, rows_of

pytestmark = pytest.mark.kernel

INSTANTS = (10, 20, 25, 40, 41, 60, 100)


def test_the_row_is_the_same_wherever_the_search_begins() -> None:
    """As `LineRows.row_at` has it."""
    rows = rows_of([(at, LineRow()) for at in INSTANTS], LineRow())
    state = Lines.of([(at, LineRow()) for at in INSTANTS], LineRow()).state
    assert rows_end(state, 0) == len(INSTANTS)
    for instant in range(120):
        right = rows.row_at(0, instant)
        assert {row_from(state, begin, len(INSTANTS), instant) for begin in range(right + 1)} == {right}


def test_delay_grows_from_the_rows_instant_on() -> None:
    """Before it, it is that of the instant; it never is below nothing."""
    state = Lines.of([(100, LineRow(delay_ns=1_000.0, delay_slope=-2.0))], LineRow()).state
    found = [delay_at(state, 0, instant) for instant in (0, 100, 200, 600, 900)]
    np.testing.assert_allclose(found, [1_000.0, 1_000.0, 800.0, 0.0, 0.0])


def test_a_hold_ends_with_the_first_row_that_does_not_hold() -> None:
    """Two rows that hold are one hold; the last row of a line holds for ever."""
    hold = LineRow(state=LineState.HOLD)
    state = Lines.of([(0, hold), (10, hold), (20, LineRow(state=LineState.DROP)), (30, hold)], LineRow()).state
    assert [hold_end(state, row, 4) for row in (0, 1, 3)] == [20, 20, NEVER]
