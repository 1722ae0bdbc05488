"""All formats of traces: which there are, which one a file has, and reading and writing any of them.

Rules: the content tells a file's format where it can; its name is asked only where two formats look alike. gzip is unpacked
whatever the file is called, and packed where the new file's name ends in ``.gz``. A format that holds one direction is told which.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.errors import InputError
from skycommons.emulation import trace_mahimahi
from skycommons.emulation.trace import Direction, Trace
from skycommons.emulation.trace_csv import csv_lines, parse_csv
from skycommons.emulation.trace_delay import delay_lines, parse_delay
from skycommons.emulation.trace_irtt import parse_irtt
from skycommons.emulation.trace_mahimahi import mahimahi_lines, parse_mahimahi
from skycommons.emulation.trace_netem import netem_lines, parse_netem
from skycommons.emulation.trace_netem_table import table_lines
from skycommons.emulation.trace_pcap import MAGICS, PcapSeries, parse_pcap
from skycommons.emulation.trace_ping import LOOKS_LIKE_PING, parse_ping
from skycommons.emulation.trace_ping_series import LOOKS_LIKE_COLUMNS, has_heading, parse_ping_series, parse_rtt_csv
from skycommons.emulation.trace_rtt import WINDOW_S, RttSeries, trace_of_rtts
from skycommons.emulation.trace_text import packed, read_bytes, refusal, text_of, unpacked

_DELAYS_ALONE: Final = ("delay", "netem-table")
_GZIP: Final = ".gz"
_SNIFFED_BYTES: Final = 2**20
_WHOLE: Final = re.compile(rb"\d+", re.ASCII)
_NUMBER: Final = re.compile(rb"\d+(?:\.\d*)?", re.ASCII)


class TraceFormat(StrEnum):
    """Forms in which files hold traces, or what traces are made from."""

    CSV = "csv"
    MAHIMAHI = "mahimahi"
    DELAY = "delay"
    NETEM = "netem"
    NETEM_TABLE = "netem-table"
    PING = "ping"
    PING_SERIES = "ping-series"
    RTT_CSV = "rtt-csv"
    IRTT = "irtt"
    PCAP = "pcap"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatFacts:
    """What is known of a format.

    Attributes:
        words: What it holds.
        suffixes: Of names of files that are written in it; the first is the usual one.
        reads: Whether it is read.
        writes: Whether it is written.
    """

    words: str
    suffixes: tuple[str, ...] = ()
    reads: bool = True
    writes: bool = False


FORMATS: Final = {
    TraceFormat.CSV: FormatFacts(
        words="everything, exactly: the native format", suffixes=(".csv", ".trace"), writes=True
    ),
    TraceFormat.MAHIMAHI: FormatFacts(
        words="mahimahi's packet-delivery trace: a line for each 1,500 bytes, in ms",
        suffixes=(".mahi", ".mahimahi", ".bw", ".pps"),
        writes=True,
    ),
    TraceFormat.DELAY: FormatFacts(
        words="LeoReplayer's delay trace: one-way ms, a line for each 10 ms", suffixes=(".delay",), writes=True
    ),
    TraceFormat.NETEM: FormatFacts(words="shell script of tc qdisc … netem lines", suffixes=(".sh",), writes=True),
    TraceFormat.NETEM_TABLE: FormatFacts(
        words="netem's table of delays, without their order", suffixes=(".dist",), reads=False, writes=True
    ),
    TraceFormat.PING: FormatFacts(words="what ping prints, best with -D"),
    TraceFormat.PING_SERIES: FormatFacts(words="columns: seconds of the answer, number, round trip in ms or -1"),
    TraceFormat.RTT_CSV: FormatFacts(words="CSV with time_ns or sent_s, and rtt_s or rtt_ms"),
    TraceFormat.IRTT: FormatFacts(words="JSON of irtt client -o"),
    TraceFormat.PCAP: FormatFacts(words="capture of tcpdump: round trips of ICMP echoes (pcap, pcapng)"),
}


def read_trace(
    path: Path,
    *,
    trace_format: TraceFormat | None = None,
    direction: Direction = Direction.BOTH,
    window_s: float | None = None,
) -> Trace:
    """The trace in a file.

    Args:
        path: Of the file, plain or gzip.
        trace_format: Of the file; found from its content and name unless given.
        direction: Which way a file is about that holds one.
        window_s: Over which a mahimahi trace's rate, or a series' losses are counted; each has a default.
    Raises:
        FormatError: The file cannot be read, or has faults: all of them.
        InputError: A number makes no sense.
    """
    return parse_trace(read_bytes(path), path.name, trace_format=trace_format, direction=direction, window_s=window_s)


def parse_trace(
    data: bytes,
    source: str,
    *,
    trace_format: TraceFormat | None = None,
    direction: Direction = Direction.BOTH,
    window_s: float | None = None,
) -> Trace:
    """The trace in the bytes of a file; see `read_trace`."""
    plain = unpacked(data, source)
    found = trace_format or guessed(plain, source)
    if not FORMATS[found].reads:
        raise InputError(f"{source}: {found} is written only, not read")
    name = source if source.isprintable() else ascii(source)
    if found is TraceFormat.PCAP:
        echo = parse_pcap(plain, name).echo
        if echo is None:
            raise refusal(name, "holds no ICMP echo, and nothing else tells a delay without queues; run ping beside")
        return _of_series(echo, window_s)
    text = text_of(plain)
    if found is TraceFormat.CSV:
        return parse_csv(text, name)
    if found is TraceFormat.MAHIMAHI:
        return parse_mahimahi(text, name, direction=direction, window_s=window_s or trace_mahimahi.WINDOW_S)
    if found is TraceFormat.DELAY:
        return parse_delay(text, name, direction=direction)
    if found is TraceFormat.NETEM:
        return parse_netem(text, name, direction=direction)
    return _of_series(_SERIES[found](text, name), window_s)


def read_series(path: Path, *, trace_format: TraceFormat | None = None) -> RttSeries | None:
    """The packets that a file tells of one by one; none if its format has no such.

    Args:
        path: Of the file, plain or gzip.
        trace_format: Of the file; found from its content and name unless given.
    Raises:
        FormatError: The file cannot be read, or has faults: all of them.
    """
    data = read_bytes(path)
    found = trace_format or guessed(data, path.name)
    if found is TraceFormat.PCAP:
        return parse_pcap(data, path.name).echo
    return _SERIES[found](text_of(data), path.name) if found in _SERIES else None


def read_capture(path: Path, *, trace_format: TraceFormat | None = None) -> PcapSeries | None:
    """What a capture of packets holds; none if the file is none.

    Args:
        path: Of the file, plain or gzip.
        trace_format: Of the file; found from its content and name unless given.
    Raises:
        FormatError: The file cannot be read, or has faults: all of them.
    """
    data = read_bytes(path)
    found = trace_format or guessed(data, path.name)
    return parse_pcap(data, path.name) if found is TraceFormat.PCAP else None


def trace_bytes(
    trace: Trace, trace_format: TraceFormat, *, direction: Direction = Direction.BOTH, is_packed: bool = False
) -> bytes:
    """A file's content in a format.

    Args:
        trace: Any.
        trace_format: Of the content.
        direction: Which way, for a format that holds one; both if they are alike, or half the round trip for delays.
        is_packed: Whether it is gzip.
    Raises:
        InputError: The format cannot hold the trace, or is read only.
    """
    data = "".join(_lines(trace, trace_format, direction)).encode()
    return packed(data) if is_packed else data


def left_out(trace: Trace, trace_format: TraceFormat, *, direction: Direction = Direction.BOTH) -> tuple[str, ...]:
    """What a format cannot say of a trace, a sentence each.

    Args:
        trace: Any.
        trace_format: In which it is written.
        direction: Which way is written.
    """
    if trace_format is TraceFormat.CSV:
        return ()
    parts = [
        ("the other way", direction is not Direction.BOTH),
        ("delays", trace_format is TraceFormat.MAHIMAHI and bool(trace.rtt_s.any())),
        (
            "rates",
            trace_format in _DELAYS_ALONE and not (np.isinf(trace.up.rate_bps) & np.isinf(trace.down.rate_bps)).all(),
        ),
        ("losses", trace_format is not TraceFormat.NETEM and bool(trace.up.loss.any() or trace.down.loss.any())),
        ("gaps", trace_format in _DELAYS_ALONE and not trace.is_passing.all()),
        ("who carries the packets", trace.context is not None),
    ]
    lost = [name for name, is_lost in parts if is_lost]
    return (f"{trace_format} does not hold {', '.join(lost)}",) if lost else ()


def guessed(data: bytes, name: str) -> TraceFormat:
    """The format of a file, from its unpacked content and, where two look alike, its name.

    Raises:
        FormatError: It looks like none, or like two.
    """
    head = data[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf")
    if head.startswith(MAGICS):
        return TraceFormat.PCAP
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    plain = [line for line in lines if not line.startswith(b"#")]
    first = plain[0] if plain else b""
    words = first.decode("utf-8", errors="replace")
    if first.startswith(b"{"):
        return TraceFormat.IRTT
    if b"tc qdisc " in head or head.startswith(b"#!"):
        return TraceFormat.NETEM
    if LOOKS_LIKE_PING.search(head):
        return TraceFormat.PING
    if "at_s" in [word.strip() for word in words.split(",")]:
        return TraceFormat.CSV
    if has_heading(words):
        return TraceFormat.RTT_CSV
    if LOOKS_LIKE_COLUMNS.fullmatch(first):
        return TraceFormat.PING_SERIES
    return _of_numbers(plain[:-1] if len(data) > _SNIFFED_BYTES else plain, name)


def format_of_name(name: str) -> TraceFormat:
    """The format in which a file of this name is written.

    Raises:
        InputError: The name does not tell.
    >>> format_of_name("down.mahi.gz").value, format_of_name("zurich.csv").value
    ('mahimahi', 'csv')
    """
    suffix = Path(name.removesuffix(_GZIP)).suffix.lower()
    for found, facts in FORMATS.items():
        if facts.writes and suffix in facts.suffixes:
            return found
    known = ", ".join(facts.suffixes[0] for facts in FORMATS.values() if facts.writes)
    raise InputError(f"{name}: the name does not tell a format ({known}); say which one")


def is_packed_name(name: str) -> bool:
    """Whether a file of this name is written as gzip."""
    return name.lower().endswith(_GZIP)


def _of_series(series: RttSeries, window_s: float | None) -> Trace:
    return trace_of_rtts(series, window_s=window_s or WINDOW_S)


def _of_numbers(lines: list[bytes], name: str) -> TraceFormat:
    """A column of numbers: opportunities never fall, delays do; and a name may say it."""
    if not lines or not all(_NUMBER.fullmatch(line) for line in lines):
        raise refusal(name, "looks like no format of traces; say which one it has")
    if not all(_WHOLE.fullmatch(line) for line in lines) or "delay" in name.lower():
        return TraceFormat.DELAY
    numbers = [int(line) for line in lines]
    if any(after < before for before, after in pairwise(numbers)):
        return TraceFormat.DELAY
    if numbers[-1] > numbers[0]:
        return TraceFormat.MAHIMAHI
    raise refusal(name, "holds one number alone, which may be a delay or a delivery time; say which format it has")


def _lines(trace: Trace, trace_format: TraceFormat, direction: Direction) -> Iterator[str]:
    """Pieces of a file's text."""
    if trace_format is TraceFormat.CSV:
        return csv_lines(trace)
    writers: dict[TraceFormat, Callable[[Trace, Direction], Iterator[str]]] = {
        TraceFormat.MAHIMAHI: mahimahi_lines,
        TraceFormat.DELAY: delay_lines,
        TraceFormat.NETEM: netem_lines,
        TraceFormat.NETEM_TABLE: table_lines,
    }
    if trace_format not in writers:
        raise InputError(f"{trace_format} is read only, not written")
    return writers[trace_format](trace, direction)


_SERIES: Final[dict[TraceFormat, Callable[[str, str], RttSeries]]] = {
    TraceFormat.PING: parse_ping,
    TraceFormat.PING_SERIES: parse_ping_series,
    TraceFormat.RTT_CSV: parse_rtt_csv,
    TraceFormat.IRTT: parse_irtt,
}
