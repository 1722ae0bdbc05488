"""A trace as rows of lines."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation import trace_rows
from skycommons.emulation.line_rows import QUEUE_BYTES, LineRows, LineState
from skycommons.emulation.trace_rows import rows_of_trace
from tests.support.traces import SECOND_NS, side, small_trace


def test_rows_begin_with_the_clock_and_say_what_the_trace_says() -> None:
    """As the wire takes them."""
    up, down = rows_of_trace(small_trace(), mono0_ns=7)
    rows = LineRows.of_lines([up, down])
    assert rows.mono_ns.tolist() == [7, 7 + 15 * SECOND_NS, 7 + 30 * SECOND_NS] * 2
    np.testing.assert_allclose(rows.delay_ns[:3], [12e6, 20e6, 20e6])
    np.testing.assert_allclose(rows.ns_per_byte, [8e9 / 12e6, 8e9 / 24e6, 0.0, 8e9 / 120e6, 8e9 / 96e6, 8e9 / 96e6])
    np.testing.assert_allclose(rows.loss, [0.0, 0.01, 0.0, 0.001, 0.001, 0.001])
    assert rows.state.tolist() == [0, 0, 1] * 2
    assert set(rows.queue_bytes.tolist()) == {QUEUE_BYTES}
    assert not rows.delay_slope.any()


def test_a_rate_of_zero_holds_and_no_limit_costs_nothing() -> None:
    """The wire knows no rate of zero."""
    for nothing_bps in (0.0, 1e-310):
        up, _ = rows_of_trace(small_trace(up=side(rate_bps=[nothing_bps, np.inf, 1.0])), mono0_ns=0)
        assert [row.state for _, row in up] == [LineState.HOLD, LineState.UP, LineState.UP]
        assert [row.ns_per_byte for _, row in up] == [0.0, 0.0, 8e9]


def test_a_queue_may_be_as_long_as_it_takes_to_empty() -> None:
    """Ten packets at least; where there is no limit it has bytes."""
    trace = small_trace(up=side(rate_bps=[80e6, 1.0, np.inf]))
    up, _ = rows_of_trace(trace, mono0_ns=0, queue_bytes=5, queue_s=0.1)
    assert [row.queue_bytes for _, row in up] == [1_000_000, 15_000, 5]


def test_a_trace_may_be_played_faster_and_again() -> None:
    """Delays stay; of rows that fall on one instant the last one holds."""
    up, down = rows_of_trace(small_trace(), mono0_ns=0, speed=10.0, repeats=2)
    assert [mono_ns / 1e9 for mono_ns, _ in up] == [0.0, 1.5, 3.0, 4.5, 6.0, 7.5]
    assert up[3][1] == up[0][1]
    assert len(down) == 6
    fast, _ = rows_of_trace(small_trace(), mono0_ns=0, speed=1e12)
    assert [(mono_ns, row.delay_ns) for mono_ns, row in fast] == [(0, 20e6)]


def test_numbers_that_make_no_sense_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are bounded."""
    for numbers in ({"speed": 0.0}, {"speed": np.inf}, {"repeats": 0}, {"queue_bytes": -1}):
        with pytest.raises(InputError, match="a speed is above 0"):
            rows_of_trace(small_trace(), mono0_ns=0, **numbers)
    monkeypatch.setattr(trace_rows, "MOST_ROWS", 5)
    with pytest.raises(InputError, match="more than 5"):
        rows_of_trace(small_trace(), mono0_ns=0, repeats=2)
