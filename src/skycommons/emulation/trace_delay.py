"""Delay traces of LeoReplayer: one number of milliseconds for each ten milliseconds.

Rules: line *i* is the one-way delay from 10 (i - 1) ms to 10 i ms, in milliseconds, the same up and down; at its end the trace
begins anew. LeoReplayer reads whole numbers; decimals are read here as well, and written never.

Source:
    The format's description in LeoCC's ``traces/README.md`` and the replayer's ``delay_queue.cc``.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.emulation.trace import LONGEST_DELAY_S, MOST_ROWS, Direction, Trace, TraceSide, up_and_down
from skycommons.emulation.trace_text import Faults, float_of, numbered_lines, refusal

INTERVAL_NS: Final = 10_000_000
"""Of one line."""


def delay_lines(trace: Trace, direction: Direction) -> Iterator[str]:
    """Delays as lines: the mean over each ten milliseconds, rounded to whole milliseconds.

    Args:
        trace: Gaps and losses in it are left out.
        direction: Of which way; of both it is half the round trip.
    Raises:
        InputError: There would be too many lines.
    """
    lines = -(-trace.length_ns // INTERVAL_NS)
    if lines > MOST_ROWS:
        raise InputError(f"delay trace: {lines:,} lines, more than {MOST_ROWS:,}; cut the trace into parts")
    delay_s = trace.rtt_s / 2.0 if direction is Direction.BOTH else trace.side(direction).delay_s
    for delay_ms in np.rint(interval_means(trace, delay_s) * 1e3).astype(np.int64).tolist():
        yield f"{delay_ms}\n"


def interval_means(trace: Trace, delay_s: Floats) -> Floats:
    """``(M,)`` mean delay over each ten milliseconds, the last of which may be shorter."""
    edges_ns = np.minimum(
        np.arange(-(-trace.length_ns // INTERVAL_NS) + 1, dtype=np.int64) * INTERVAL_NS, trace.length_ns
    )
    least_s = delay_s.min()  # what all rows have in common stays out of the sums, and so does its rounding
    summed = np.concatenate(([0.0], np.cumsum((delay_s - least_s) * trace.span_ns)))
    sums = np.interp(edges_ns, np.append(trace.at_ns, trace.length_ns), summed)
    return np.asarray(least_s + np.maximum(np.diff(sums), 0.0) / np.diff(edges_ns))


def parse_delay(text: str, source: str, *, direction: Direction = Direction.BOTH) -> Trace:
    """A trace of these delays, without limits and losses.

    Args:
        text: Of the file.
        source: Its name.
        direction: Which side has the delays.
    Raises:
        FormatError: With all faults of the lines.
    """
    faults = Faults(source)
    delays_ms: list[float] = []
    for number, line in numbered_lines(text):
        delay_ms = float_of(line)
        if not 0.0 <= delay_ms <= LONGEST_DELAY_S * 1e3:
            shown = repr(line.strip()[:40]) if line.strip() else "an empty line"
            faults.line(number, f"{shown} should be a delay in ms, from 0 to {LONGEST_DELAY_S * 1e3:g}")
        delays_ms.append(delay_ms)
        if len(delays_ms) > MOST_ROWS:
            raise refusal(source, f"has more than {MOST_ROWS:,} lines; cut it into parts")
    faults.check()
    delay_s = np.array(delays_ms, dtype=np.float64) / 1e3
    up, down = up_and_down(TraceSide.filled(len(delay_s), delay_s=delay_s), direction)
    return Trace(
        at_ns=np.arange(len(up), dtype=np.int64) * INTERVAL_NS,
        length_ns=len(up) * INTERVAL_NS,
        up=up,
        down=down,
        source=source,
    ).without_repeats()
