"""A trace as rows of two lines, so that the wire does what the trace says.

Rules: rows begin at a clock's instant and at the trace's own pace, or faster; delays, rates and losses stay what they are. No limit
is 0 ns a byte; a rate of 0, or next to it, holds packets. After the trace its last row holds on, or it begins anew as often as asked.
"""

from typing import Final

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import QUEUE_BYTES, LineRow, LineState, TimedRows
from skycommons.emulation.trace import MOST_ROWS, Trace, TraceSide

LEAST_QUEUE_BYTES: Final = 15_000
LEAST_BPS: Final = 1e-3
"""A packet would take months at less: such a rate serves nothing."""


def rows_of_trace(
    trace: Trace,
    *,
    mono0_ns: int,
    speed: float = 1.0,
    queue_bytes: int = QUEUE_BYTES,
    queue_s: float | None = None,
    repeats: int = 1,
) -> tuple[TimedRows, TimedRows]:
    """Rows of the line up and of the line down, as `LineRows.of_lines` takes them.

    Args:
        trace: What lines do.
        mono0_ns: Instant at which it begins, of whichever clock.
        speed: Seconds of the trace in one of the clock.
        queue_bytes: Most that waits.
        queue_s: If given, and the rate is limited, the queue holds what the rate empties in this time instead.
        repeats: How often the trace is played.
    Raises:
        InputError: A number makes no sense, or there would be too many rows.
    """
    if not 0.0 < speed < np.inf or repeats < 1 or queue_bytes < 0:
        raise InputError("trace: a speed is above 0, it is played once or more, and a queue holds 0 bytes or more")
    if len(trace) * repeats > MOST_ROWS:
        raise InputError(f"trace: {repeats:,} times {len(trace):,} rows are more than {MOST_ROWS:,}")
    played_ns = (trace.at_ns[np.newaxis] + trace.length_ns * np.arange(repeats)[:, np.newaxis]).ravel()
    mono_ns = mono0_ns + (played_ns if speed == 1.0 else np.rint(played_ns / speed).astype(np.int64))
    is_last = np.append(np.diff(mono_ns) > 0, True)  # of rows that fall on one instant the last holds
    kept = np.flatnonzero(is_last).tolist()
    instants = mono_ns.tolist()
    up, down = (_rows(side, queue_bytes=queue_bytes, queue_s=queue_s) for side in (trace.up, trace.down))
    return (
        [(instants[row], up[row % len(trace)]) for row in kept],
        [(instants[row], down[row % len(trace)]) for row in kept],
    )


def _rows(side: TraceSide, *, queue_bytes: int, queue_s: float | None) -> list[LineRow]:
    """What a line does in each row of its side."""
    found = []
    for delay_s, rate_bps, loss, state in zip(
        side.delay_s.tolist(), side.rate_bps.tolist(), side.loss.tolist(), side.state.tolist(), strict=True
    ):
        is_limited = LEAST_BPS <= rate_bps < np.inf
        held = LineState.HOLD if rate_bps < LEAST_BPS and state == LineState.UP else LineState(state)
        emptied = round(rate_bps * queue_s / 8.0) if is_limited and queue_s is not None else None
        found.append(
            LineRow(
                delay_ns=delay_s * NS_PER_S,
                ns_per_byte=8.0 * NS_PER_S / rate_bps if is_limited else 0.0,
                loss=loss,
                queue_bytes=queue_bytes if emptied is None else max(emptied, LEAST_QUEUE_BYTES),
                state=held,
            )
        )
    return found
