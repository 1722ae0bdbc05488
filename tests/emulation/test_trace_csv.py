"""The native format: exact, short by hand, strict about faults."""

import numpy as np
import pytest

from skycommons.base.errors import FormatError
from skycommons.emulation import trace_csv
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace_csv import csv_lines, parse_csv
from tests.support.traces import BOUNDARY_NS, SECOND_NS, assert_same_trace, side, small_trace


def test_a_trace_is_read_as_it_was_written() -> None:
    """To the last bit, with its words."""
    trace = small_trace(notes=("one, with: a colon", "two"))
    text = "".join(csv_lines(trace))
    assert text.startswith(
        "# skycommons trace 1\n# begin: 2026-01-01T00:00:12Z\n# length_s: 45\n# source: made by hand\n"
    )
    assert "15,0.02,24000000.0,0.01,up,0.018,96000000.0,0.001,up,s2,g,p,1\n" in text
    assert_same_trace(parse_csv(text, "file.csv"), trace)


def test_an_unknown_begin_and_no_context_are_kept_too() -> None:
    """And infinite rates."""
    trace = small_trace(begin_ns=None, context=None, up=side(rate_bps=np.inf))
    assert_same_trace(parse_csv("".join(csv_lines(trace)), "file.csv"), trace)


def test_names_with_commas_and_quotes_are_quoted() -> None:
    """Nothing in a name breaks a row."""
    context = small_trace().context
    assert context is not None
    odd = ('a,"b"', " c", "#d")
    trace = small_trace(context=type(context)(satellite=odd, gateway=odd, pop=odd, is_handover=context.is_handover))
    assert_same_trace(parse_csv("".join(csv_lines(trace)), "file.csv"), trace)


def test_a_short_file_by_hand_is_enough() -> None:
    """In any order of columns; what is missing has its default, and the length is assumed."""
    trace = parse_csv("down_delay_s, at_s\n0.02,0\n0.03,1.5\n\n", "hand.csv")
    assert trace.at_ns.tolist() == [0, 1_500_000_000]
    assert trace.length_ns == 3 * SECOND_NS
    assert trace.down.delay_s.tolist() == [0.02, 0.03]
    assert trace.up.rate_bps.tolist() == [np.inf, np.inf]
    assert trace.source == "hand.csv"
    assert "length is assumed" in trace.notes[0]
    assert trace.context is None
    assert parse_csv("at_s,up_loss\n0,1\n", "x").length_ns == SECOND_NS


def test_handovers_are_found_if_only_satellites_are_named() -> None:
    """Comments that say nothing to us are passed over."""
    trace = parse_csv("# by me\n# begin: 1970-01-01\nat_s,satellite,up_state\n0,a,up\n1,b,hold\n2,b,drop\n", "hand.csv")
    assert trace.context is not None
    assert trace.context.is_handover.tolist() == [False, True, False]
    assert trace.begin_ns == 0
    assert trace.up.state.tolist() == [LineState.UP, LineState.HOLD, LineState.DROP]


def test_all_faults_of_a_file_are_told_with_their_lines() -> None:
    """One error for the whole file."""
    text = (
        "at_s,up_delay_s,up_rate_bps,up_loss,up_state,satellite,is_handover\n"
        "1,-1,0,0,up,a,0\n"
        "0.5,0,nan,2,down,a,2\n"
        "x,inf,0,0,up,\x07,0\n"
        "2,0,0,0,up\n"
        '3,0,0,0,up,"a,0\n'
    )
    with pytest.raises(FormatError) as caught:
        parse_csv(text, "bad.csv")
    told = str(caught.value)
    for part in (
        "line 2: at_s: the first row should be at 0",
        "line 2: up_delay_s: '-1' should be between 0 and 3600",
        "line 3: at_s: 0.5 should be after",
        "line 3: up_rate_bps: 'nan' should be 0 or more, or inf",
        "line 3: up_loss: '2' should be between 0 and 1",
        "line 3: up_state: 'down' should be up, drop, hold",
        "line 3: is_handover: '2' should be 0 or 1",
        "line 4: at_s: 'x' should be seconds",
        "line 4: up_delay_s: 'inf'",
        r"line 4: satellite: '\x07' holds control characters",
        "line 5: has 5 cells where the heading has 7",
        "line 6: has an open quotation mark",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# skycommons trace 2\nat_s,up_loss\n0,0\n", "line 1: is of another version"),
        ("# begin: yesterday\nat_s,up_loss\n0,0\n", "line 1: begin: 'yesterday'"),
        ("# length_s: -4\nat_s,up_loss\n0,0\n", "line 1: length_s: '-4' should be seconds"),
        ("# length_s: 1\nat_s,up_loss\n0,0\n2,0\n", "length_s: 1 should be after the last row"),
        ("# source: \x07\nat_s,up_loss\n0,0\n", "line 1: holds control characters"),
        ("# only this\n", "no heading"),
        ("at_s,up_loss\n", "without any row"),
        ("at_s,color\n0,0\n", "no column 'color'"),
        ("at_s,up_loss,up_loss\n0,0,0\n", "column up_loss stands there more than once"),
        ("up_loss\n0\n", "the heading needs at_s"),
        ("at_s\n0\n", "and at least one more"),
    ],
)
def test_what_is_wrong_with_the_head_is_told(text: str, why: str) -> None:
    """Before any row is looked at."""
    with pytest.raises(FormatError, match=why):
        parse_csv(text, "bad.csv")


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded."""
    monkeypatch.setattr(trace_csv, "MOST_ROWS", 2)
    with pytest.raises(FormatError, match="more than 2 rows"):
        parse_csv("at_s,up_loss\n0,0\n1,0\n2,0\n", "long.csv")


def test_the_begin_is_exact() -> None:
    """To the nanosecond."""
    trace = small_trace(begin_ns=BOUNDARY_NS + 1)
    assert parse_csv("".join(csv_lines(trace)), "x").begin_ns == BOUNDARY_NS + 1
