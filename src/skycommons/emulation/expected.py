"""What a packet on an idle line should meet, computed from the rows and the wire's own draws.

Rules: the same draws as the wire's, so that a measured round trip is compared with the one that the plan meant for this very
packet and not with a mean. Queues and the machine's own lateness are not in it: what is left over is the emulator's error.
"""

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_rows import LineRows, LineSettings, LineState
from skycommons.emulation.wire_draws import added_ns


def one_way_ns(rows: LineRows, settings: LineSettings, line: int, departure_mono_ns: Ints) -> Floats:
    """Delay of packets that depart at these instants; NaN where the line does not carry them.

    Args:
        rows: Of the run.
        settings: Of the run.
        line: ``2 u`` up, ``2 u + 1`` down.
        departure_mono_ns: ``(N,)``.
    """
    begin, end = int(rows.first[line]), int(rows.first[line + 1])
    held = np.searchsorted(rows.mono_ns[begin:end], departure_mono_ns, side="right") - 1
    row = begin + np.maximum(held, 0)
    since = np.where(held >= 0, departure_mono_ns - rows.mono_ns[row], 0).astype(np.float64)
    added = added_ns(settings, np.int64(line) + np.zeros_like(departure_mono_ns), departure_mono_ns, wait_ns=rows.wait_ns[row], extra_ns=rows.extra_ns[row])
    delay = np.maximum(rows.delay_ns[row] + rows.delay_slope[row] * since, 0.0) + added
    return np.where(rows.state[row] == LineState.UP, delay, np.nan)


def round_trip_s(
    rows: LineRows, settings: LineSettings, terminal: int, sent_mono_ns: Ints, *, packet_bytes: int = 84
) -> Floats:
    """Round trips of small packets that a terminal sends at these instants over an idle line; NaN where one is lost.

    Args:
        rows: Of the run.
        settings: Of the run.
        terminal: Its row.
        sent_mono_ns: ``(N,)``.
        packet_bytes: Of request and reply, whose own length takes time on the line; `ping` sends 84.
    """
    out = _through_ns(rows, settings, 2 * terminal, sent_mono_ns, packet_bytes=packet_bytes)
    back_at = sent_mono_ns + np.nan_to_num(out).astype(np.int64)
    back = _through_ns(rows, settings, 2 * terminal + 1, back_at, packet_bytes=packet_bytes)
    return np.asarray((out + back) / NS_PER_S)


def _through_ns(rows: LineRows, settings: LineSettings, line: int, at_mono_ns: Ints, *, packet_bytes: int) -> Floats:
    """Serialisation and delay of packets that find a line idle."""
    begin, end = int(rows.first[line]), int(rows.first[line + 1])
    row = begin + np.maximum(np.searchsorted(rows.mono_ns[begin:end], at_mono_ns, side="right") - 1, 0)
    own_ns = rows.ns_per_byte[row] * packet_bytes
    return np.asarray(own_ns + one_way_ns(rows, settings, line, at_mono_ns + own_ns.astype(np.int64)))
