"""From what the plan gives a slot's lines to what the wire does with packets.

Rules:

* The plan's light, and what the latency model adds to a round trip: half of the fixed part and of the lasers' part each way; the
  wait for the radio's schedule and the extra about a boundary wholly on the way up, where packets wait for their turn to send.
  Only the sum is measured; this split is ours.
* Delay goes straight from instant to instant of the plan, and jumps where the path changes.
* A line without a way, or dark for another reason, loses what it would serve. At a handover it may hold packets for a while.
* A queue holds what the line's rate empties in a given time, but ten packets at least.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_rows import QUEUE_BYTES, LineRow, LineState, TimedRows
from skycommons.emulation.loss_model import LossModel
from skycommons.model.emulation_rules import EmulationRules
from skycommons.plan.latency import LatencyModel
from skycommons.plan.lines import SlotLines

FOREVER_NS: Final = 2**62
_JUMP_S: Final = 0.5e-3  # light's way changes by some 0.1 ms between two instants of one path
_LEAST_PACKETS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkSpan:
    """A time in which a terminal's lines carry nothing, whatever the plan says.

    Attributes:
        terminal: Its row among those of the run.
        begin_ns, end_ns: Emulated time, UTC unix ns.
        why: In words.
    """

    terminal: int
    begin_ns: int
    end_ns: int = FOREVER_NS
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineModel:
    """What lines do besides what the plan says.

    Attributes:
        latency: What is added to the light; None for nothing.
        losses: What is lost at random; None for nothing.
        rules: Queues, gaps, and whether rates are limited.
        seed: Of the gaps.
    """

    latency: LatencyModel | None
    losses: LossModel | None
    rules: EmulationRules
    seed: int

    def rows(self, lines: SlotLines, before: SlotLines | None, dark: Sequence[DarkSpan] = ()) -> tuple[TimedRows, ...]:
        """What the ``2 U`` lines do in a slot.

        Args:
            lines: Of the slot.
            before: Of the slot before.
            dark: Spans in which terminals are cut off; those of other slots may be among them.
        """
        found: list[TimedRows] = []
        for terminal in range(len(lines)):
            own = [span for span in dark if span.terminal == terminal]
            held_ns, lost_ns = self._gap_ends_ns(lines, before, terminal)
            states = [
                (time_ns, _state(own, time_ns, held_ns=held_ns, lost_ns=lost_ns))
                for time_ns in self._edges_ns(lines, (held_ns, lost_ns), own)
            ]
            found += [
                [(time_ns, self._row(lines, terminal, time_ns, is_up=is_up, state=state)) for time_ns, state in states]
                for is_up in (True, False)
            ]
        return tuple(found)

    def _gap_ends_ns(self, lines: SlotLines, before: SlotLines | None, terminal: int) -> tuple[int, int]:
        """Until when the slot's begin holds packets, and until when it loses them."""
        begin_ns = lines.begin_ns
        satellite = int(lines.satellite[terminal])
        is_handover = before is not None and satellite >= 0 and 0 <= int(before.satellite[terminal]) != satellite
        held_ns = begin_ns + (round(self.rules.handover_gap_s * NS_PER_S) if is_handover else 0)
        losses = self.losses
        has_gap = (
            losses is not None
            and lines.laser_hops[0, terminal] > 0
            and losses.has_gap(self.seed, terminal=terminal, begin_ns=begin_ns)
        )
        lost_ns = begin_ns + (round(losses.gap_s * NS_PER_S) if losses is not None and has_gap else 0)
        return held_ns, lost_ns

    def _edges_ns(self, lines: SlotLines, gap_ends_ns: tuple[int, int], dark: Sequence[DarkSpan]) -> list[int]:
        """Instants of the slot at which a terminal's lines change, its begin first."""
        edges = {*lines.time_ns[:-1].tolist(), *gap_ends_ns}
        if self.latency is not None:
            edges.add(lines.begin_ns + round(self.latency.boundary_after_s * NS_PER_S))
            edges.add(lines.end_ns - round(self.latency.boundary_before_s * NS_PER_S))
        for span in dark:
            edges.update((span.begin_ns, span.end_ns))
        return sorted(edge for edge in edges if lines.begin_ns <= edge < lines.end_ns)

    def _row(self, lines: SlotLines, terminal: int, time_ns: int, *, is_up: bool, state: LineState) -> LineRow:
        """What one line does from an instant of the slot on."""
        step = int(np.searchsorted(lines.time_ns, time_ns, side="right")) - 1
        light_s = float(lines.delay_s[step, terminal])
        rate_bps = float((lines.up_bps if is_up else lines.down_bps)[step, terminal])
        has_way = np.isfinite(light_s) and rate_bps > 0.0
        if not has_way:
            return LineRow(state=LineState.DROP, queue_bytes=_LEAST_PACKETS * self.rules.mtu)
        slope = _slope(lines, terminal, step)
        hops = int(lines.laser_hops[step, terminal])
        since_s = (time_ns - int(lines.time_ns[step])) / NS_PER_S
        is_limited = self.rules.limit_rates
        return LineRow(
            delay_ns=(light_s + slope * since_s + self._fixed_s(hops)) * NS_PER_S,
            delay_slope=slope,
            ns_per_byte=8.0 * NS_PER_S / rate_bps if is_limited else 0.0,
            loss=0.0 if self.losses is None else self.losses.share(is_up=is_up, is_over_lasers=hops > 0),
            wait_ns=self.latency.wait_s * NS_PER_S if self.latency is not None and is_up else 0.0,
            extra_ns=self._extra_ns(lines, time_ns) if is_up else 0.0,
            queue_bytes=self._queue_bytes(rate_bps) if is_limited else QUEUE_BYTES,
            state=state,
        )

    def _fixed_s(self, hops: int) -> float:
        """What is added each way besides waits."""
        return 0.0 if self.latency is None else 0.5 * (self.latency.fixed_s + self.latency.hop_s * hops)

    def _extra_ns(self, lines: SlotLines, time_ns: int) -> float:
        """Mean of what is added near the slot's begin and end."""
        if self.latency is None:
            return 0.0
        after_ns = round(self.latency.boundary_after_s * NS_PER_S)
        before_ns = round(self.latency.boundary_before_s * NS_PER_S)
        is_near = time_ns < lines.begin_ns + after_ns or time_ns >= lines.end_ns - before_ns
        return self.latency.boundary_extra_s * NS_PER_S if is_near else 0.0

    def _queue_bytes(self, rate_bps: float) -> int:
        """Most that may wait at a rate."""
        return max(round(rate_bps * self.rules.queue_s / 8.0), _LEAST_PACKETS * self.rules.mtu)


def _slope(lines: SlotLines, terminal: int, step: int) -> float:
    """By how much the light's way grows between two instants; nothing where the path changes or ends."""
    now_s, next_s = (float(lines.delay_s[row, terminal]) for row in (step, step + 1))
    is_same = lines.laser_hops[step, terminal] == lines.laser_hops[step + 1, terminal]
    if not (is_same and abs(next_s - now_s) < _JUMP_S):
        return 0.0
    return (next_s - now_s) * NS_PER_S / float(lines.time_ns[step + 1] - lines.time_ns[step])


def _state(dark: Sequence[DarkSpan], time_ns: int, *, held_ns: int, lost_ns: int) -> LineState:
    """What a line with a way does at an instant."""
    if time_ns < lost_ns or any(span.begin_ns <= time_ns < span.end_ns for span in dark):
        return LineState.DROP
    return LineState.HOLD if time_ns < held_ns else LineState.UP
