"""Rows of lines: their shape is checked, and the row of an instant is found."""

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.emulation.line_rows import LineRow, LineRows, LineSettings, LineState


def test_the_row_of_an_instant_is_the_last_that_began() -> None:
    """The first row holds before its instant as well, the last one for ever."""
    rows = LineRows.of_lines([[(100, LineRow()), (200, LineRow(delay_ns=5.0))], [(50, LineRow(state=LineState.DROP))]])
    assert [rows.row_at(0, mono_ns) for mono_ns in (0, 100, 199, 200, 10**18)] == [0, 0, 0, 1, 1]
    assert [rows.row_at(1, mono_ns) for mono_ns in (0, 50, 51)] == [2, 2, 2]
    assert rows.rows_at(0, np.array([10**18, 0, 200])).tolist() == [1, 0, 1]
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([[]], "needs a row"),
        ([[(2, LineRow()), (2, LineRow())]], "must rise"),
        ([[(1, LineRow(delay_ns=-1.0))]], "delay_ns"),
        ([[(1, LineRow(delay_slope=float("nan")))]], "delay_slope"),
        ([[(1, LineRow(loss=1.5))]], "a loss"),
        ([[(1, LineRow(delay_ns=1e300))]], "delay_ns is at most"),
        ([[(1, LineRow(ns_per_byte=1e16))]], "ns_per_byte is at most"),
        ([[(1, LineRow(queue_bytes=-1))]], "a queue"),
    ],
)
def test_rows_that_make_no_sense_are_refused(lines: list[list[tuple[int, LineRow]]], why: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=why):
        LineRows.of_lines(lines)


def test_a_falling_slope_and_a_later_line_that_begins_earlier_are_fine() -> None:
    """Delays may fall, and lines have instants of their own."""
    assert len(LineRows.of_lines([[(9, LineRow(delay_slope=-1e-6))], [(1, LineRow())]])) == 2


def test_columns_of_another_length_are_refused() -> None:
    """All columns have one length."""
    good = LineRows.of_lines([[(1, LineRow())]])
    columns = {name: getattr(good, name) for name in LineRows.__dataclass_fields__}
    with pytest.raises(ShapeError, match="loss"):
        LineRows(**{**columns, "loss": np.zeros(2)})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"wait_hold_ns": 0}, "wait_hold_ns"),
        ({"mtu": 100}, "MTU"),
        ({"wait_quantiles": np.array([1.0])}, "two or more"),
        ({"wait_quantiles": np.array([1.0, 0.5])}, "do not fall"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object], why: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=why):
        LineSettings(**{"wait_quantiles": np.array([0.0, 2.0]), **wrong})  # type: ignore[arg-type] # wrong on purpose
