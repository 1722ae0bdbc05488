"""All formats: which one a file has, and which a name asks for."""

import gzip
import json
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, InputError
from skycommons.emulation.trace import Direction, Trace
from skycommons.emulation.trace_csv import csv_lines
from skycommons.emulation.trace_formats import (
    FORMATS,
    TraceFormat,
    format_of_name,
    guessed,
    is_packed_name,
    left_out,
    parse_trace,
    read_capture,
    read_series,
    read_trace,
    trace_bytes,
)
from tests.support.traces import PCAP, assert_same_trace, side, small_trace

IRTT = json.dumps(
    {
        "round_trips": [
            {"lost": "false", "timestamps": {"client": {"send": {"wall": 5}}}, "delay": {"rtt": 40_000_000}},
        ]
    }
).encode()
PING = b"PING x (203.0.113.1) 56(84) bytes of data.\n64 bytes from 203.0.113.1: icmp_seq=1 ttl=63 time=40.0 ms\n"
SAMPLES = {
    TraceFormat.CSV: b"at_s,up_delay_s,down_delay_s\n0,0.02,0.02\n",
    TraceFormat.MAHIMAHI: b"0\n1\n1\n2\n",
    TraceFormat.DELAY: b"20\n21\n20\n",
    TraceFormat.NETEM: b"#!/bin/sh\ntc qdisc add dev e root netem delay 20ms\nsleep 1\n",
    TraceFormat.PING: PING,
    TraceFormat.PING_SERIES: b"100.05 1 40.0\n101.05 2 -1\n",
    TraceFormat.RTT_CSV: b"time_ns,rtt_s\n5,0.04\n",
    TraceFormat.IRTT: IRTT,
    TraceFormat.PCAP: PCAP,
}


def test_every_format_that_is_read_has_a_sample_here() -> None:
    """So that a new one is tested."""
    assert set(SAMPLES) == {found for found, facts in FORMATS.items() if facts.reads}
    assert set(FORMATS) == set(TraceFormat)


@pytest.mark.parametrize(("wanted", "data"), SAMPLES.items(), ids=[name.value for name in SAMPLES])
def test_the_content_tells_the_format(wanted: TraceFormat, data: bytes, tmp_path: Path) -> None:
    """Plain or packed, with or without a byte order mark, whatever the name."""
    assert guessed(data, "noname") is wanted
    path = tmp_path / "noname"
    path.write_bytes(gzip.compress(data))
    trace = read_trace(path)
    assert isinstance(trace, Trace)
    assert trace.source == "noname"
    series = read_series(path)
    assert (series is not None) == (
        wanted in (TraceFormat.PING, TraceFormat.PING_SERIES, TraceFormat.RTT_CSV, TraceFormat.IRTT, TraceFormat.PCAP)
    )
    if series is not None:
        assert trace.rtt_s[0] == pytest.approx(0.04)
    assert (read_capture(path) is not None) == (wanted is TraceFormat.PCAP)
    if wanted is not TraceFormat.PCAP:
        assert guessed(b"\xef\xbb\xbf" + data, "noname") is wanted


def test_names_are_asked_where_two_formats_look_alike() -> None:
    """Numbers that never fall are delivery times, unless the name says delay; decimals are delays."""
    assert guessed(b"1\n2\n", "a") is TraceFormat.MAHIMAHI
    assert guessed(b"1\n2\n", "my-Delay.txt") is TraceFormat.DELAY
    assert guessed(b"1\n2.5\n", "a") is TraceFormat.DELAY
    with pytest.raises(FormatError, match="one number alone"):
        guessed(b"7\n7\n", "a")
    with pytest.raises(FormatError, match="looks like no format"):
        guessed(b"hello\n", "a")
    with pytest.raises(FormatError, match="looks like no format"):
        guessed(b"# nothing else\n", "a")


def test_a_number_that_the_first_megabyte_cuts_is_not_looked_at() -> None:
    """Long traces are told by their begin."""
    lines = b"".join(b"%d\n" % number for number in range(100_000, 300_000))
    assert guessed(lines, "a") is TraceFormat.MAHIMAHI


def test_a_format_may_be_said() -> None:
    """And then decides."""
    data = b"1\n2\n"
    assert parse_trace(data, "a", trace_format=TraceFormat.DELAY).up.delay_s.tolist() == [0.001, 0.002]
    up_only = parse_trace(data, "a", direction=Direction.UP, window_s=0.001)
    assert up_only.up.rate_bps.tolist() == [12e6]
    with pytest.raises(InputError, match="written only"):
        parse_trace(data, "a", trace_format=TraceFormat.NETEM_TABLE)


def test_a_capture_without_echoes_makes_no_trace() -> None:
    """The message says what to do."""
    with pytest.raises(FormatError, match="holds no ICMP echo"):
        parse_trace(PCAP[:24] + PCAP[24:].replace(b"\x08\x00\x00\x00\x00\x07", b"\x03\x00\x00\x00\x00\x07"), "a")


def test_a_source_that_no_line_can_hold_is_escaped() -> None:
    """File names may hold anything."""
    assert parse_trace(b"at_s,up_loss\n0,0\n", "a\nb").source == r"'a\nb'"


def test_the_name_of_a_new_file_tells_its_format() -> None:
    """With or without gzip; each format has a suffix of its own."""
    for found, facts in FORMATS.items():
        for suffix in facts.suffixes:
            assert format_of_name(f"a{suffix}") is found
            assert format_of_name(f"a{suffix}.gz") is found
    assert is_packed_name("a.csv.gz")
    assert not is_packed_name("a.csv")
    with pytest.raises(InputError, match=r"does not tell a format \(\.csv, \.mahi, \.delay, \.sh, \.dist\)"):
        format_of_name("a.txt")


def test_every_format_that_is_written_can_be_written() -> None:
    """Packed as well; those that are not say so."""
    trace = small_trace()
    for found, facts in FORMATS.items():
        if facts.writes:
            assert trace_bytes(trace, found, direction=Direction.DOWN)
        else:
            with pytest.raises(InputError, match="read only"):
                trace_bytes(trace, found)
    packed = trace_bytes(trace, TraceFormat.CSV, is_packed=True)
    assert gzip.decompress(packed).decode() == "".join(csv_lines(trace))
    assert_same_trace(parse_trace(packed, "x"), trace)


def test_what_a_format_cannot_say_is_told() -> None:
    """The native one says everything."""
    trace = small_trace()
    assert left_out(trace, TraceFormat.CSV) == ()
    assert left_out(trace, TraceFormat.MAHIMAHI, direction=Direction.UP) == (
        "mahimahi does not hold the other way, delays, losses, who carries the packets",
    )
    assert left_out(trace, TraceFormat.DELAY) == ("delay does not hold rates, losses, gaps, who carries the packets",)
    assert left_out(trace, TraceFormat.NETEM, direction=Direction.UP) == (
        "netem does not hold the other way, who carries the packets",
    )
    plain = small_trace(context=None, up=side(), down=side())
    assert left_out(plain, TraceFormat.DELAY) == ()
