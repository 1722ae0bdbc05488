"""What the kernel's netem is told about a line, and when: rows as shapes that hold for a while.

Rules:

* Pure: rows and instants in, shapes and instants out. A shape that equals the one before is left out.
* A delay that changes slowly is told in steps, each with the delay of its middle.
* Waits and extras are the wire's own draws, one for each stretch of time. If so many lines draw that the kernel would be told too
  often, only every so many stretches count, each for as long.
* A line that holds is told the delay until it goes on, in small steps: packets leave up to a step late and never early. Held
  without an end in sight, it loses what comes.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_rows import LineRows, LineSettings, LineState
from skycommons.emulation.wire_draws import added_ns

DELAY_STEP_NS: Final = 50_000
"""Most by which the delay that is told differs from the planned one."""
LONGEST_STEP_NS: Final = NS_PER_S
SHORTEST_STEP_NS: Final = 20_000_000
HOLD_STEP_NS: Final = 5_000_000
MOST_CHANGES_PER_S: Final = 2_000
"""Draws told in a second, of all lines together."""
MOST_BPS: Final = 100_000_000_000
"""Stands for no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetemShape:
    """What a line does for a while.

    Attributes:
        delay_ns: Of each packet.
        loss: Share of packets that are lost.
        rate_bps: Bits of IP packets in a second.
        queue_bytes: Most that may wait, bytes of IP packets.
        is_dark: Whether everything is lost because the line does not serve.
    """

    delay_ns: int = 0
    loss: float = 0.0
    rate_bps: int = MOST_BPS
    queue_bytes: int = 1 << 26
    is_dark: bool = False

    def after(self, before: "NetemShape | None") -> "NetemShape":
        """What is told after another shape: a line that goes dark keeps its rate, so that what is on its way arrives as before."""
        return replace(before, loss=1.0, is_dark=True) if self.is_dark and before is not None else self


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapes:
    """Rows as shapes.

    Attributes:
        rows: What lines do.
        settings: Of the run.
        stretches: How many stretches of time share a draw; `stretches_for` says it.
    """

    rows: LineRows
    settings: LineSettings
    stretches: int = 1

    def at(self, line: int, mono_ns: int) -> NetemShape:
        """What a line is told at an instant."""
        return self.between(line, mono_ns, mono_ns + 1)[0][1]

    def between(self, line: int, begin_ns: int, end_ns: int) -> list[tuple[int, NetemShape]]:
        """What a line is told between two instants, the end not in: one shape at the begin, then one for each change."""
        instants = self._instants(line, begin_ns, end_ns)
        drawn_ns = self._drawn_ns(line, instants).tolist()
        begins = instants.tolist()
        found: list[tuple[int, NetemShape]] = []
        for mono_ns, until_ns, extra_ns in zip(begins, [*begins[1:], end_ns], drawn_ns, strict=True):
            shape = self._shape(line, mono_ns, until_ns, drawn_ns=extra_ns)
            if not found or found[-1][1] != shape:
                found.append((mono_ns, shape))
        return found

    def _instants(self, line: int, begin_ns: int, end_ns: int) -> Ints:
        """Instants at which something may change, the begin first."""
        rows = self.rows
        found = [np.array([begin_ns], dtype=np.int64)]
        for row in range(rows.row_at(line, begin_ns), int(rows.first[line + 1])):
            since_ns = max(int(rows.mono_ns[row]), begin_ns)
            until_ns = end_ns if self._is_last(line, row) else min(int(rows.mono_ns[row + 1]), end_ns)
            if since_ns >= end_ns:
                break
            found.append(np.array([since_ns], dtype=np.int64))
            # Multiples of the step, so that whoever looks at another time finds the same instants.
            found += [
                np.arange(-(-since_ns // step_ns) * step_ns, until_ns, step_ns, dtype=np.int64)
                for step_ns in self._steps_ns(row)
            ]
        return np.unique(np.concatenate(found))

    def _steps_ns(self, row: int) -> list[int]:
        """At which intervals what a row says has to be told anew."""
        rows, state = self.rows, int(self.rows.state[row])
        if state == LineState.HOLD:
            return [HOLD_STEP_NS]
        if state == LineState.DROP:
            return []
        slope = abs(float(rows.delay_slope[row]))
        steps = []
        if slope > 0.0:
            steps.append(int(np.clip(2.0 * DELAY_STEP_NS / slope, SHORTEST_STEP_NS, LONGEST_STEP_NS)))
        if rows.wait_ns[row] > 0.0 or rows.extra_ns[row] > 0.0:
            steps.append(self.stretches * self.settings.wait_hold_ns)
        return steps

    def _drawn_ns(self, line: int, instants: Ints) -> Floats:
        """``(N,)`` what chance adds from instants on."""
        rows = self.rows
        begin, end = int(rows.first[line]), int(rows.first[line + 1])
        at = begin + np.maximum(np.searchsorted(rows.mono_ns[begin:end], instants, side="right") - 1, 0)
        wait_ns, extra_ns = rows.wait_ns[at], rows.extra_ns[at]
        if not (wait_ns.any() or extra_ns.any()):
            return np.zeros(len(instants))
        hold_ns = self.stretches * self.settings.wait_hold_ns
        return added_ns(self.settings, line, instants // hold_ns * hold_ns, wait_ns=wait_ns, extra_ns=extra_ns)

    def _shape(self, line: int, mono_ns: int, until_ns: int, *, drawn_ns: float) -> NetemShape:
        """What is told for a span in which nothing but the slope changes anything."""
        rows = self.rows
        row = rows.row_at(line, mono_ns)
        state = int(rows.state[row])
        if state == LineState.HOLD:
            return self._held(line, row, mono_ns)
        if state == LineState.DROP:
            return NetemShape(loss=1.0, is_dark=True)
        since_ns = max(0.5 * (mono_ns + until_ns) - float(rows.mono_ns[row]), 0.0)
        ns_per_byte = float(rows.ns_per_byte[row])
        delay_ns = max(float(rows.delay_ns[row]) + float(rows.delay_slope[row]) * since_ns, 0.0) + drawn_ns
        return NetemShape(
            delay_ns=round(delay_ns),
            loss=float(rows.loss[row]),
            rate_bps=min(round(8.0 * NS_PER_S / ns_per_byte), MOST_BPS) if ns_per_byte > 0.0 else MOST_BPS,
            queue_bytes=int(rows.queue_bytes[row]),
        )

    def _held(self, line: int, row: int, mono_ns: int) -> NetemShape:
        """What packets meet that come while a line holds: the time until it goes on, and what it does then."""
        rows = self.rows
        later = row
        while int(rows.state[later]) == LineState.HOLD:
            if self._is_last(line, later):
                return NetemShape(loss=1.0, is_dark=True)
            later += 1
        end_ns = int(rows.mono_ns[later])
        shape = self.at(line, end_ns)
        return shape if shape.is_dark else replace(shape, delay_ns=shape.delay_ns + end_ns - mono_ns)

    def _is_last(self, line: int, row: int) -> bool:
        return row + 1 == int(self.rows.first[line + 1])


def stretches_for(rows: LineRows, settings: LineSettings) -> int:
    """How many stretches share a draw, so that the kernel is not told too often."""
    draws = int(np.logical_or.reduceat((rows.wait_ns > 0.0) | (rows.extra_ns > 0.0), rows.first[:-1]).sum())
    if draws:
        draws = max(draws, len(rows) // 2)  # a line that is dark as yet will draw, too
    return max(ceil(draws * NS_PER_S / settings.wait_hold_ns / MOST_CHANGES_PER_S), 1)
