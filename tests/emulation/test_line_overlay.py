"""Spans that cut lines, and rows on the machine's clock."""

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_model import FOREVER_NS, DarkSpan
from skycommons.emulation.line_overlay import cut, slots_on_clock
from skycommons.emulation.line_rows import COLUMNS, LineRow, LineRows, LineState, TimedRows
from skycommons.emulation.packed_rows import PackedRows
from tests.support.live_worlds import SLOT_NS, Clock, plain_model, slot_lines

ROWS: TimedRows = [(100, LineRow(delay_ns=10.0, delay_slope=0.1)), (200, LineRow(delay_ns=50.0))]


def span(begin_ns: int, end_ns: int = FOREVER_NS, *, terminal: int = 0) -> DarkSpan:
    """In which a terminal is cut off."""
    return DarkSpan(terminal=terminal, begin_ns=begin_ns, end_ns=end_ns)


def told(rows: TimedRows) -> list[tuple[int, float, LineState]]:
    """What matters of rows."""
    return [(time_ns, row.delay_ns, row.state) for time_ns, row in rows]


def test_a_span_cuts_from_its_begin_until_just_before_its_end() -> None:
    """The delay goes on as it was."""
    assert told(cut(ROWS, [span(150, 250)])) == [
        (100, 10.0, LineState.UP),
        (150, 15.0, LineState.DROP),
        (200, 50.0, LineState.DROP),
        (250, 50.0, LineState.UP),
    ]


def test_spans_may_overlap_and_begin_before_all_rows() -> None:
    """What is before the first row is that of the first row."""
    assert told(cut(ROWS, [span(120, 160), span(0, 130)])) == [
        (100, 10.0, LineState.DROP),
        (120, 12.0, LineState.DROP),
        (130, 13.0, LineState.DROP),
        (160, 16.0, LineState.UP),
        (200, 50.0, LineState.UP),
    ]
    assert told(cut(ROWS, [span(0, 100)])) == told(ROWS)


def test_an_open_span_has_no_end() -> None:
    """And needs no row at the end of time."""
    assert told(cut(ROWS, [span(180)])) == [
        (100, 10.0, LineState.UP),
        (180, 18.0, LineState.DROP),
        (200, 50.0, LineState.DROP),
    ]


def test_a_delay_that_falls_ends_at_nothing() -> None:
    """However far a row is carried on."""
    falling: TimedRows = [(0, LineRow(delay_ns=5.0, delay_slope=-1.0))]
    assert told(cut(falling, [span(10, 20)]))[-1] == (20, 0.0, LineState.UP)


def test_without_spans_rows_stay_as_they_are() -> None:
    """The very same list."""
    assert cut(ROWS, []) is ROWS


def test_rows_go_over_to_the_machines_clock() -> None:
    """Twice as fast, instants come in half the time and delays grow twice as fast; delays stay what they are."""
    pace = Clock().pace(start_ns=100, speed=2.0)
    rows = slots_on_clock([PackedRows.of([ROWS, ROWS[:1]])], pace)
    assert rows.first.tolist() == [0, 2, 3]
    assert rows.mono_ns.tolist() == [0, 50, 0]
    assert rows.delay_ns.tolist() == [10.0, 50.0, 10.0]
    assert rows.delay_slope.tolist() == [0.2, 0.0, 0.2]


def test_of_rows_that_fall_on_one_instant_the_last_holds() -> None:
    """Fast as time may go, instants of one line rise; another line's first row is its own."""
    close: TimedRows = [(0, LineRow(delay_ns=1.0)), (10, LineRow(delay_ns=2.0)), (1_000, LineRow(delay_ns=3.0))]
    rows = slots_on_clock([PackedRows.of([close, close[:1], close])], Clock().pace(speed=100.0))
    assert rows.mono_ns.tolist() == [0, 10, 0, 0, 10]
    assert rows.delay_ns.tolist() == [2.0, 3.0, 1.0, 2.0, 3.0]
    assert rows.first.tolist() == [0, 2, 3, 5]


@pytest.mark.parametrize("dark", [(), (span(3 * NS_PER_S, 20 * NS_PER_S, terminal=1), span(31 * NS_PER_S, terminal=0))])
def test_slots_follow_each_other_on_every_line(dark: tuple[DarkSpan, ...]) -> None:
    """Told at once as column by column, they are what each line is by itself."""
    slots = [
        PackedRows.of(plain_model().rows(slot_lines(row * SLOT_NS, terminals=3, delay_s=1e-3 * (row + 1)), None))
        for row in range(3)
    ]
    pace = Clock(mono_ns=5).pace(speed=3.0)
    one_by_one = [
        cut([row for slot in slots for row in slot[line]], [each for each in dark if each.terminal == line // 2])
        for line in range(6)
    ]
    told = slots_on_clock([PackedRows.of(one_by_one)], pace)
    at_once = slots_on_clock(slots, pace, dark=dark)
    for name in ("first", *COLUMNS):
        np.testing.assert_array_equal(getattr(at_once, name), getattr(told, name), err_msg=name)
    assert isinstance(at_once, LineRows)
    assert len(at_once) == 6
