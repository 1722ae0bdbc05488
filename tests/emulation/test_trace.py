"""The value of a trace: what it refuses, and what it says of itself."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import (
    Direction,
    Trace,
    TraceContext,
    TraceSide,
    check_line,
    handovers,
    same_side,
    up_and_down,
)
from tests.support.traces import SECOND_NS, assert_same_side, assert_same_trace, side, small_trace


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"delay_s": -0.1}, "a delay"),
        ({"delay_s": 3_601.0}, "a delay"),
        ({"delay_s": float("nan")}, "a delay"),
        ({"rate_bps": -1.0}, "a rate"),
        ({"rate_bps": float("nan")}, "a rate"),
        ({"loss": 1.01}, "a loss"),
        ({"loss": float("nan")}, "a loss"),
        ({"state": [0, 1, 3]}, "a state"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(columns: dict[str, Any], why: str) -> None:
    """Each is named."""
    with pytest.raises(InputError, match=why):
        side(**columns)


def test_columns_of_a_side_have_one_length_and_are_read_only() -> None:
    """A side is a value."""
    three = side()
    with pytest.raises(ShapeError):
        TraceSide(delay_s=np.zeros(2), rate_bps=three.rate_bps, loss=three.loss, state=three.state)
    assert not three.delay_s.flags.writeable
    assert len(three) == 3


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"at_ns": np.array([1, 2, 3])}, "begin with 0"),
        ({"at_ns": np.array([0, 2, 2])}, "rise"),
        ({"length_ns": 30 * SECOND_NS}, "ends after"),
        ({"up": side(2)}, "up has 2 rows"),
        ({"at_ns": np.zeros(0, dtype=np.int64), "up": side(0), "down": side(0), "context": None}, "0 rows"),
        ({"source": "two\nlines"}, "one line"),
        ({"notes": ("bell \a",)}, "one line"),
    ],
)
def test_a_trace_that_makes_no_sense_is_refused(changes: dict[str, Any], why: str) -> None:
    """Whatever is wrong is said."""
    with pytest.raises(InputError, match=why):
        small_trace(**changes)


def test_a_trace_knows_spans_round_trips_and_rows_of_instants() -> None:
    """A row holds until the next; the last until the end, and beyond."""
    trace = small_trace()
    assert trace.span_ns.tolist() == [15 * SECOND_NS] * 3
    np.testing.assert_allclose(trace.rtt_s, [0.022, 0.038, 0.038])
    assert trace.is_passing.tolist() == [True, True, False]
    assert [trace.row_at(second * SECOND_NS) for second in (-1, 0, 14, 15, 44, 99)] == [0, 0, 0, 1, 2, 2]
    assert repr(trace) == "<Trace 'made by hand': 3 rows over 45 s>"


def test_what_a_side_serves_and_loses_depends_on_its_state() -> None:
    """A gap serves nothing; a drop loses everything, a hold nothing."""
    mixed = side(rate_bps=8.0, loss=0.5, state=[0, 1, 2])
    assert mixed.served_bps().tolist() == [8.0, 0.0, 0.0]
    assert mixed.lost_share().tolist() == [0.5, 1.0, 0.5]


def test_one_direction_can_be_asked_for_both_only_if_they_agree() -> None:
    """A format that holds one direction never guesses which."""
    trace = small_trace()
    assert trace.side(Direction.UP) is trace.up
    assert trace.side(Direction.DOWN) is trace.down
    with pytest.raises(InputError, match="say which, up or down"):
        trace.side(Direction.BOTH)
    assert_same_side(small_trace(up=trace.down).side(Direction.BOTH), trace.down)


def test_a_file_of_one_direction_leaves_the_other_plain() -> None:
    """Or stands for both."""
    one = side(delay_s=0.3)
    for direction, wanted in ((Direction.UP, (0.3, 0.0)), (Direction.DOWN, (0.0, 0.3)), (Direction.BOTH, (0.3, 0.3))):
        up, down = up_and_down(one, direction)
        assert (up.delay_s[0], down.delay_s[0]) == wanted
    assert not same_side(one, side())


def test_rows_that_repeat_the_one_before_can_be_left_out() -> None:
    """Infinite rates are alike; a change of context or a handover keeps its row."""
    plain = side(4, delay_s=[0.1, 0.1, 0.1, 0.2])
    at_ns = np.arange(4, dtype=np.int64)
    trace = Trace(at_ns=at_ns, length_ns=9, up=plain, down=plain, source="x")
    short = trace.without_repeats()
    assert short.at_ns.tolist() == [0, 3]
    assert_same_side(short.up, plain.take(np.array([0, 3])))
    flags = np.array([False, True, False, False])
    context = TraceContext(satellite=("a", "a", "b", "b"), gateway=("",) * 4, pop=("",) * 4, is_handover=flags)
    assert replace(trace, context=context).without_repeats().at_ns.tolist() == [0, 1, 2, 3]
    assert_same_trace(small_trace().without_repeats(), small_trace())


def test_a_handover_is_from_one_satellite_to_another() -> None:
    """Coming from an outage is none, nor is the begin."""
    assert handovers(("", "a", "b", "b", "", "b")).tolist() == [False, False, True, False, False, False]
    assert handovers(()).tolist() == []


def test_names_of_a_context_are_plain_and_as_many_as_rows() -> None:
    """They go into files."""
    with pytest.raises(InputError, match="differ in number"):
        TraceContext.of_names(("a",), (), ("p",))
    with pytest.raises(InputError, match="one line"):
        TraceContext.of_names(("a\tb",), ("",), ("",))
    check_line("Zürich – 47°")


def test_a_note_is_taken_once() -> None:
    """However often it is added."""
    assert small_trace(notes=("a",)).noted("a", "b").notes == ("a", "b")


def test_states_have_the_numbers_of_the_wire() -> None:
    """A trace holds what a line's row holds."""
    assert [state.value for state in LineState] == [0, 1, 2]
