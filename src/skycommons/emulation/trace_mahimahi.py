"""Packet-delivery traces of mahimahi: when one packet more may leave.

Rules, as its ``mm-link`` has them: each line is a whole number of milliseconds at which 1,500 bytes may leave; several lines may
say the same; they never fall; at the end the trace begins anew, its last number being its length. A line a millisecond is
12 Mbit/s. (mm-link counts 1,504 bytes, of which four are the head that a TUN device puts before each packet.)

Source:
    mahimahi's manual page mm-link(1) and its ``link_queue.cc``; LeoReplayer reads the same.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import InputError
from skycommons.emulation.trace import MOST_ROWS, Direction, Trace, TraceSide, up_and_down
from skycommons.emulation.trace_text import Faults, numbered_lines, refusal

PACKET_BYTES: Final = 1_500
"""Bytes of IP that one line lets leave."""
MOST_LINES: Final = 25_000_000
"""Lines that are written or read at most: 200 Mbit/s for 25 minutes."""
WINDOW_S: Final = 0.1
"""Over which lines are counted to make a rate, if nothing else is asked for."""
_NS_PER_MS: Final = 1_000_000
_WHOLE: Final = 1e-6  # of a packet: what sums of floats may lack
_LINES_AT_ONCE: Final = 65_536


def mahimahi_lines(trace: Trace, direction: Direction) -> Iterator[str]:
    """One side's rate as delivery opportunities, many lines a piece.

    At every whole millisecond as many lines have passed as whole packets could have left. Where the trace ends without a
    line, one more stands there, so that it begins anew in time; at most one packet more than could leave passes then.

    Raises:
        InputError: The rate has no limit somewhere, or there would be too many lines.
    """
    passed = opportunities(trace, direction)
    lines = int(passed[-1])
    if lines > MOST_LINES:
        raise InputError(f"mahimahi: {lines:,} lines, more than {MOST_LINES:,}; cut the trace into parts")
    counts = np.diff(passed, prepend=0)
    stamps = np.flatnonzero(counts)
    ends = np.cumsum(counts[stamps])
    begin = 0
    while begin < len(stamps):
        before = int(ends[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(ends, before + _LINES_AT_ONCE)), begin + 1)
        for_all = np.repeat(stamps[begin:end] + 1, counts[stamps[begin:end]])
        yield "\n".join(map(str, for_all.tolist())) + "\n"
        begin = end


def opportunities(trace: Trace, direction: Direction) -> Ints:
    """``(M,)`` how many lines have passed at the end of each of the trace's milliseconds, the last one always with a line.

    Raises:
        InputError: The rate has no limit somewhere.
    """
    side = trace.side(direction)
    served_bps = side.served_bps()
    if np.isinf(served_bps).any():
        raise InputError("mahimahi: the trace has no limit to its rate, which this format needs; give it one")
    length_ms = -(-trace.length_ns // _NS_PER_MS)
    if length_ms > 10 * MOST_ROWS:
        raise InputError("mahimahi: the trace is longer than eleven hours; cut it into parts")
    ends_ns = np.arange(1, length_ms + 1, dtype=np.int64) * _NS_PER_MS
    packets = np.interp(
        ends_ns,
        np.append(trace.at_ns, trace.length_ns),
        np.concatenate(([0.0], np.cumsum(served_bps * trace.span_ns) / (8e9 * PACKET_BYTES))),
    )
    passed = np.floor(packets + _WHOLE).astype(np.int64)
    before = passed[-2] if length_ms > 1 else 0
    passed[-1] = max(passed[-1], before + 1)
    return passed


def parse_mahimahi(
    text: str, source: str, *, direction: Direction = Direction.BOTH, window_s: float = WINDOW_S
) -> Trace:
    """A trace whose rates are those of the lines within each window; nothing else is limited.

    Args:
        text: Of the file.
        source: Its name.
        direction: Which side has the rates.
        window_s: Length of a window; the last one may be shorter.
    Raises:
        FormatError: With all faults of the lines.
        InputError: The window is no whole number of milliseconds, or makes too many rows.
    """
    window_ms = round(window_s * 1e3)
    if window_ms < 1 or abs(window_ms - window_s * 1e3) > 1e-6:
        raise InputError(f"mahimahi: a window of {window_s:g} s is no whole number of milliseconds")
    stamps_ms = _stamps_ms(text, source)
    length_ms = int(stamps_ms[-1])
    rows = -(-length_ms // window_ms)
    if rows > MOST_ROWS:
        raise InputError(f"mahimahi: windows of {window_s:g} s make {rows:,} rows of {source}; take longer ones")
    counts = np.bincount(np.maximum(stamps_ms - 1, 0) // window_ms, minlength=rows)
    lengths_ms = np.full(rows, window_ms, dtype=np.int64)
    lengths_ms[-1] = length_ms - (rows - 1) * window_ms
    rate_bps: Floats = counts * (8e3 * PACKET_BYTES) / lengths_ms
    up, down = up_and_down(TraceSide.filled(rows, rate_bps=rate_bps), direction)
    return Trace(
        at_ns=np.arange(rows, dtype=np.int64) * (window_ms * _NS_PER_MS),
        length_ns=length_ms * _NS_PER_MS,
        up=up,
        down=down,
        source=source,
    ).without_repeats()


def _stamps_ms(text: str, source: str) -> Ints:
    """The numbers of all lines."""
    faults = Faults(source)
    stamps: list[int] = []
    last = 0
    for number, line in numbered_lines(text):
        word = line.strip()
        if not (word.isascii() and word.isdigit() and len(word) < 13):
            faults.line(number, f"{word[:40]!r} should be a whole number of milliseconds" if word else "is empty")
            continue
        stamp = int(word)
        if stamp < last:
            faults.line(number, f"{stamp} should not be before {last}, of the line before")
        last = stamp
        stamps.append(stamp)
        if len(stamps) > MOST_LINES:
            raise refusal(source, f"has more than {MOST_LINES:,} lines; cut it into parts")
    faults.check()
    if not last:
        raise refusal(source, "lasts no time: its last line should be above 0")
    return np.array(stamps, dtype=np.int64)
