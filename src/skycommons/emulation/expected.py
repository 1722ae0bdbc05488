"""What packets on an idle line should meet, computed from the rows and the wire's own draws.

Rules: the same draws as the wire's, so that a measured round trip is compared with the one that the plan meant for this very
packet and not with a mean. Packets that are asked for together wait for each other, and none overtakes the one ahead; a line that
holds serves what it held when it goes on. Packets that are lost at random count as if they were not. Other packets' queues and the
machine's own lateness are not in it: what is left over is the emulator's error.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_rows import LineRows, LineSettings, LineState
from skycommons.emulation.wire_draws import added_ns


def one_way_ns(
    rows: LineRows, settings: LineSettings, line: int, sent_mono_ns: Ints, *, packet_bytes: int = 84
) -> Floats:
    """How long small packets take over an idle line; NaN where it does not carry them.

    Args:
        rows: Of the run.
        settings: Of the run.
        line: ``2 u`` up, ``2 u + 1`` down.
        sent_mono_ns: ``(N,)`` of packets that follow one another, in any order.
        packet_bytes: Length, which takes time on the line; `ping` sends 84.
    """
    return _sent(rows, settings, line, np.asarray(sent_mono_ns, dtype=np.int64), packet_bytes=packet_bytes).took_ns()


def round_trip_s(
    rows: LineRows, settings: LineSettings, terminal: int, sent_mono_ns: Ints, *, packet_bytes: int = 84
) -> Floats:
    """Round trips of small packets that a terminal sends at these instants over idle lines; NaN where one is lost.

    Args:
        rows: Of the run.
        settings: Of the run.
        terminal: Its row.
        sent_mono_ns: ``(N,)`` of packets that follow one another, in any order.
        packet_bytes: Of request and reply, whose own length takes time on the line; `ping` sends 84.
    """
    sent_ns = np.asarray(sent_mono_ns, dtype=np.int64)
    out = _sent(rows, settings, 2 * terminal, sent_ns, packet_bytes=packet_bytes)
    back = _sent(rows, settings, 2 * terminal + 1, out.due_ns, packet_bytes=packet_bytes, comes=out.comes)
    return np.where(back.comes, (back.due_ns - sent_ns) / NS_PER_S, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sent:
    """What became of ``N`` packets on a line.

    Attributes:
        sent_ns: When each was handed to it.
        due_ns: When each arrives; for one that does not, when it was handed over.
        comes: Whether it arrives.
    """

    sent_ns: Ints
    due_ns: Ints
    comes: np.ndarray

    def took_ns(self) -> Floats:
        """How long each was on its way; NaN for one that was lost."""
        return np.where(self.comes, (self.due_ns - self.sent_ns).astype(np.float64), np.nan)


def _sent(
    rows: LineRows,
    settings: LineSettings,
    line: int,
    sent_ns: Ints,
    *,
    packet_bytes: int,
    comes: np.ndarray | None = None,
) -> _Sent:
    """Send packets, of which only some come, over an idle line."""
    begin_ns = _served_ns(rows, line, sent_ns)
    at = rows.rows_at(line, begin_ns)
    is_carried = (rows.state[at] == LineState.UP) & (True if comes is None else comes)
    order = np.flatnonzero(is_carried)[np.argsort(sent_ns[is_carried], kind="stable")]
    own_ns = np.floor(rows.ns_per_byte[at] * packet_bytes + 0.5).astype(np.int64)
    leaves_ns = begin_ns + own_ns
    whole_ns = np.cumsum(own_ns[order])
    leaves_ns[order] = whole_ns + np.maximum.accumulate(leaves_ns[order] - whole_ns)
    later = rows.rows_at(line, leaves_ns)
    row = np.where(rows.state[later] == LineState.UP, later, at)
    since = np.maximum(leaves_ns - rows.mono_ns[row], 0).astype(np.float64)
    added = added_ns(
        settings, np.full_like(leaves_ns, line), leaves_ns, wait_ns=rows.wait_ns[row], extra_ns=rows.extra_ns[row]
    )
    delay = np.maximum(rows.delay_ns[row] + rows.delay_slope[row] * since, 0.0) + added
    due_ns = leaves_ns + np.floor(delay + 0.5).astype(np.int64)
    due_ns[order] = np.maximum.accumulate(due_ns[order])
    return _Sent(sent_ns=sent_ns, due_ns=np.where(is_carried, due_ns, sent_ns), comes=is_carried)


def _served_ns(rows: LineRows, line: int, sent_ns: Ints) -> Ints:
    """``(N,)`` when a line begins to serve packets: at once, or when it does not hold them any more."""
    begin, end = int(rows.first[line]), int(rows.first[line + 1])
    begins_ns = rows.mono_ns[begin:end]
    goes_on = np.flatnonzero(rows.state[begin:end] != LineState.HOLD)
    at = rows.rows_at(line, sent_ns) - begin
    later = np.searchsorted(goes_on, at)
    is_held = (rows.state[begin:end] == LineState.HOLD)[at] & (later < len(goes_on))
    if not len(goes_on):
        return sent_ns
    return np.where(is_held, begins_ns[goes_on[np.minimum(later, len(goes_on) - 1)]], sent_ns)
