"""Rows kept as columns are the rows that were put in."""

import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineRow, LineState, TimedRows
from skycommons.emulation.packed_rows import PackedRows

LINES: list[TimedRows] = [
    [(10, LineRow(delay_ns=1.5, delay_slope=-1e-6, loss=0.25)), (20, LineRow(state=LineState.HOLD, queue_bytes=7))],
    [(10, LineRow(ns_per_byte=80.0, wait_ns=3.0, extra_ns=4.0, state=LineState.DROP))],
]


def test_what_goes_in_comes_out() -> None:
    """Line by line, one after the other, with states that are states."""
    packed = PackedRows.of(LINES)
    assert len(packed) == 2
    assert [packed[0], packed[1]] == list(packed) == LINES
    assert packed[1][0][1].state is LineState.DROP


def test_rows_that_make_no_sense_are_refused() -> None:
    """As by the wire's own."""
    with pytest.raises(InputError, match="needs a row"):
        PackedRows.of([[]])
