"""Whatever a trace is, each format gives it back within what the format can say; and nothing makes the readers fall over."""

import gzip
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineRows, LineState
from skycommons.emulation.trace import Direction, Trace
from skycommons.emulation.trace_delay import INTERVAL_NS, delay_lines, interval_means, parse_delay
from skycommons.emulation.trace_formats import FORMATS, TraceFormat, parse_trace, trace_bytes
from skycommons.emulation.trace_mahimahi import PACKET_BYTES, mahimahi_lines, parse_mahimahi
from skycommons.emulation.trace_netem import LEAST_BPS, netem_lines, parse_netem
from skycommons.emulation.trace_rows import rows_of_trace
from skycommons.emulation.trace_rtt import RttSeries, rtt_series, trace_of_rtts
from tests.support.traces import SECOND_NS, assert_same_trace, column_at, traces

MS_NS = 1_000_000
ONE_PACKET = 1.0 + 1e-5
HALF_MS = 0.0005 + 1e-9
NANOSECOND = 1e-9
PICOSECOND = 1e-12

ways = st.sampled_from([Direction.UP, Direction.DOWN])


@given(traces())
def test_the_native_format_loses_nothing(trace: Trace) -> None:
    """To the last bit, plain or packed."""
    assert_same_trace(parse_trace(trace_bytes(trace, TraceFormat.CSV), "x"), trace)
    assert_same_trace(parse_trace(trace_bytes(trace, TraceFormat.CSV, is_packed=True), "x"), trace)


@given(traces(is_limited=True, longest_ns=SECOND_NS), ways)
def test_at_any_millisecond_the_lines_are_within_a_packet_of_the_rate(trace: Trace, way: Direction) -> None:
    """No error adds up; the last line alone may come before its packet, and is the length of the trace."""
    stamps_ms = np.array([int(line) for line in "".join(mahimahi_lines(trace, way)).splitlines()])
    length_ms = -(-trace.length_ns // MS_NS)
    assert stamps_ms[-1] == length_ms
    side = trace.side(way)
    passed_ms = np.arange(1, length_ms + 1)
    edges_ns = np.append(trace.at_ns, trace.length_ns)
    bits = np.concatenate(([0.0], np.cumsum(side.served_bps() * trace.span_ns / 1e9)))
    packets = np.interp(np.minimum(passed_ms * MS_NS, trace.length_ns), edges_ns, bits) / (8 * PACKET_BYTES)
    lines = np.searchsorted(stamps_ms, passed_ms, side="right")
    assert (np.abs(lines - packets) <= ONE_PACKET).all()
    assert (lines[:-1] <= packets[:-1] + 1e-5).all()


@given(traces(is_limited=True, longest_ns=SECOND_NS), ways, st.integers(1, 300))
def test_lines_are_counted_once_whatever_the_window(trace: Trace, way: Direction, window_ms: int) -> None:
    """The rate over all windows carries as many packets as there are lines."""
    text = "".join(mahimahi_lines(trace, way))
    read = parse_mahimahi(text, "x", direction=way, window_s=window_ms / 1e3)
    carried = (read.side(way).rate_bps * read.span_ns / 1e9).sum() / (8 * PACKET_BYTES)
    assert carried == pytest.approx(text.count("\n"))
    assert read.length_ns == -(-trace.length_ns // MS_NS) * MS_NS


@given(traces(longest_ns=SECOND_NS), ways)
def test_delays_come_back_within_half_a_millisecond_of_each_mean(trace: Trace, way: Direction) -> None:
    """Of ten milliseconds."""
    read = parse_delay("".join(delay_lines(trace, way)), "x", direction=way)
    means_s = interval_means(trace, trace.side(way).delay_s)
    instants = np.arange(len(means_s)) * INTERVAL_NS
    assert (np.abs(column_at(read, read.side(way).delay_s, instants) - means_s) <= HALF_MS).all()
    assert read.length_ns == len(means_s) * INTERVAL_NS


@given(traces(), ways)
def test_scripts_of_netem_give_back_what_packets_meet(trace: Trace, way: Direction) -> None:
    """Delays to the nanosecond, rates to the bit per second; what is lost whole is a drop, what has no rate of a byte a second is a hold."""
    read = parse_netem("".join(netem_lines(trace, way)), "x", direction=way)
    side, found = trace.side(way), read.side(way)
    assert (read.begin_ns, read.length_ns) == (trace.begin_ns, trace.length_ns)
    np.testing.assert_array_equal(read.at_ns, trace.at_ns)
    np.testing.assert_allclose(found.delay_s, side.delay_s, rtol=0.0, atol=NANOSECOND)
    is_held = (side.state == LineState.HOLD) | ((side.state == LineState.UP) & (side.rate_bps < LEAST_BPS))
    is_lost = ~is_held & ((side.state == LineState.DROP) | (np.round(side.loss * 100.0, 9) == 100.0))
    np.testing.assert_array_equal(found.state == LineState.HOLD, is_held)
    np.testing.assert_array_equal(found.state == LineState.DROP, is_lost)
    is_up = ~is_held & ~is_lost
    np.testing.assert_allclose(found.loss[is_up], side.loss[is_up], atol=1e-9)
    np.testing.assert_allclose(found.rate_bps[is_up], side.rate_bps[is_up], rtol=0.0, atol=0.5)


@given(traces(), st.integers(0, 10**15), st.sampled_from([0.5, 1.0, 3.0, 1e6]), st.integers(1, 3))
def test_rows_of_lines_do_what_the_trace_says(trace: Trace, mono0_ns: int, speed: float, repeats: int) -> None:
    """At any instant of either line, unless rows are too short for the clock."""
    rows = LineRows.of_lines(rows_of_trace(trace, mono0_ns=mono0_ns, speed=speed, repeats=repeats))
    for at_ns in range(0, trace.length_ns * repeats, max(trace.length_ns * repeats // 7, 1)):
        row = trace.row_at(at_ns % trace.length_ns)
        mono_ns = mono0_ns + round(at_ns / speed)
        for line, side in ((0, trace.up), (1, trace.down)):
            place = rows.row_at(line, mono_ns)
            edges = np.abs(trace.at_ns - at_ns % trace.length_ns)
            if edges[edges > 0].min(initial=trace.length_ns - at_ns % trace.length_ns) > 2 * speed:
                assert rows.delay_ns[place] == side.delay_s[row] * 1e9


@st.composite
def series(draw: st.DrawFn) -> RttSeries:
    """Any packets with an answer among them."""
    count = draw(st.integers(1, 30))
    gaps_ns = draw(st.lists(st.integers(1, 3 * SECOND_NS), min_size=count, max_size=count))
    rtts_s = draw(st.lists(st.just(np.nan) | st.floats(0.0, 2.0), min_size=count, max_size=count))
    rtts_s[draw(st.integers(0, count - 1))] = 0.1
    return rtt_series(np.cumsum(gaps_ns), np.array(rtts_s), is_dated=draw(st.booleans()), source="x")


@given(series(), st.floats(0.01, 10.0), st.integers(1, 5))
def test_a_ping_over_the_trace_of_a_ping_sees_the_same(pings: RttSeries, window_s: float, gap_pings: int) -> None:
    """The same round trips; what was lost is lost or may be, what was answered may be answered."""
    trace = trace_of_rtts(pings, window_s=window_s, gap_pings=gap_pings)
    at_ns = pings.sent_ns - pings.sent_ns[0]
    answered = pings.is_answered
    np.testing.assert_allclose(column_at(trace, trace.rtt_s, at_ns)[answered], pings.rtt_s[answered], atol=PICOSECOND)
    lost = 1.0 - (1.0 - trace.up.lost_share()) * (1.0 - trace.down.lost_share())
    seen = column_at(trace, lost, at_ns)
    assert (seen[~answered] > 0.0).all()
    assert (seen[answered] < 1.0).all()


@given(st.binary(max_size=300), st.sampled_from([name for name, facts in FORMATS.items() if facts.reads]))
def test_no_bytes_make_a_reader_fall_over(data: bytes, found: TraceFormat) -> None:
    """Whatever they are: a trace, or an error that says what is wrong."""
    for content in (data, gzip.compress(data)):
        for said in (found, None):
            with suppress(InputError):
                parse_trace(content, "x", trace_format=said)


LINES = (
    *(
        "at_s,up_delay_s",
        "# begin: 2026-01-01",
        "0,1",
        "1,inf",
        "PING x",
        "64 bytes from x: icmp_seq=1 ttl=1 time=1 ms",
    ),
    *("1 1 1", "2 2 -1", "9999999999 1 1", "time_ns,rtt_s", "5,", "#!/bin/sh", "sleep 1", "until_ns 7", "{}"),
    *("tc qdisc add dev e root netem delay 1ms", "tc qdisc del dev e root", "tc qdisc change dev e root netem rate 0"),
    *('{"round_trips": [{"lost": "true_up", "timestamps": {"client": {"send": {"wall": 1}}}}]}', "1", "7", "3.5", ""),
)


@given(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join))
def test_no_mixture_of_lines_makes_a_reader_fall_over(text: str) -> None:
    """Lines of one format in another."""
    for found, facts in FORMATS.items():
        if facts.reads:
            with suppress(InputError):
                parse_trace(text.encode(), "x", trace_format=found)
