"""A trace in place of a plan: the lines of every terminal do what one trace says, again and again.

Rules: the trace begins with the run, and begins anew whenever it ends. It is told in pieces of a few seconds, as slots of a plan are.
Nobody schedules, so that nothing can happen to satellites or gateways; dishes are told of delays and rates and of no satellite.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.packed_rows import PackedRows
from skycommons.emulation.plan_source import LiveSlot
from skycommons.emulation.trace import Trace, TraceSide
from skycommons.emulation.trace_rows import rows_of_trace
from skycommons.emulation.world_state import LiveEvent
from skycommons.plan.lines import SlotLines
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason

PIECE_S: Final = 5.0
_PIECES_TOLD: Final = 5.0  # two that are over, the one that runs, and two ahead
_MOST_ROWS: Final = 200_000  # of a line that are told at a time: several a millisecond


class TraceSource:
    """Plays a trace piece by piece; a `SlotSource`."""

    def __init__(self, trace: Trace, *, pop: Ints, start_ns: int, queue_s: float) -> None:
        """Prepare a trace.

        Args:
            trace: What lines do.
            pop: ``(U,)`` site row of each terminal's PoP.
            start_ns: When the run begins, UTC unix ns.
            queue_s: How long a full queue takes to empty at the line's rate.

        Raises:
            InputError: The trace has more rows than lines can be told.
        """
        self._trace, self._pop, self._start_ns = trace, pop, start_ns
        if self.rows_per_line > _MOST_ROWS:
            raise InputError(
                f"trace: it changes {len(trace):,} times in {trace.length_ns / NS_PER_S:g} s, which is more than lines can be told; "
                f"make it coarser or longer"
            )
        rows = rows_of_trace(trace, mono0_ns=0, queue_s=queue_s)
        self._rows: Final = tuple([row for _, row in side] for side in rows)
        self._slots: list[LiveSlot] = []

    @property
    def rows_per_line(self) -> int:
        """Most rows of a line that are told at a time: those that begin meanwhile, and the first of each piece."""
        told_ns, at_ns = round(_PIECES_TOLD * PIECE_S * NS_PER_S), self._trace.at_ns
        times = told_ns // self._trace.length_ns
        ends = np.searchsorted(at_ns, at_ns + told_ns % self._trace.length_ns, side="right")
        within = 2 * int((ends - np.arange(len(at_ns))).max())  # twice, since they may go on at the trace's begin
        return times * len(at_ns) + within + round(_PIECES_TOLD)

    @property
    def slots(self) -> tuple[LiveSlot, ...]:
        """What is known, in order."""
        return tuple(self._slots)

    @property
    def planned_until_ns(self) -> int:
        """The end of what is known."""
        return self._slots[-1].lines.end_ns if self._slots else self._start_ns

    def plan_next(self) -> LiveSlot:
        """Tell one piece more."""
        begin_ns = self.planned_until_ns
        end_ns = begin_ns + round(PIECE_S * NS_PER_S)
        played = self._played(begin_ns, end_ns)
        sides = [[(time_ns, rows[row]) for time_ns, row in played] for rows in self._rows]
        slot = LiveSlot(
            lines=self._lines(begin_ns, end_ns, first=played[0][1], last=played[-1][1]),
            rows=PackedRows.of([side for _ in self._pop for side in sides]),
            dark=(),
        )
        self._slots.append(slot)
        return slot

    def check(self, event: LiveEvent) -> None:
        """Refuse what cannot happen.

        Raises:
            InputError: Always: a trace knows no satellites.
        """
        raise InputError(
            f"{type(event).__name__}: a trace is played in place of the plan, so nothing can happen to satellites, gateways or "
            "service; leave out --trace"
        )

    def insert(self, event: LiveEvent) -> None:
        """Refuse what cannot happen.

        Raises:
            InputError: Always.
        """
        self.check(event)

    def forget_before(self, time_ns: int) -> None:
        """Nothing is kept that could be forgotten."""

    def _played(self, begin_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Instants of a piece, and the rows of the trace that begin there."""
        found: list[tuple[int, int]] = []
        time_ns, length_ns = begin_ns, self._trace.length_ns
        while time_ns < end_ns:
            at_ns = (time_ns - self._start_ns) % length_ns
            row = self._trace.row_at(at_ns)
            found.append((time_ns, row))
            time_ns += int(self._trace.at_ns[row] + self._trace.span_ns[row]) - at_ns
        return found

    def _lines(self, begin_ns: int, end_ns: int, *, first: int, last: int) -> SlotLines:
        """What a piece looks like as a slot."""
        count, ends = len(self._pop), [first, last]
        up, down = self._trace.up, self._trace.down
        nobody, nowhere = np.full(count, -1, dtype=np.int64), np.full(count, np.nan)
        is_up = (up.state[ends] != LineState.DROP) & (down.state[ends] != LineState.DROP)
        delay_s = np.where(is_up, 0.5 * (up.delay_s[ends] + down.delay_s[ends]), np.nan)
        return SlotLines(
            begin_ns=begin_ns,
            end_ns=end_ns,
            time_ns=np.array([begin_ns, end_ns], dtype=np.int64),
            delay_s=_of_all(delay_s, count),
            laser_hops=np.zeros((2, count), dtype=np.int64),
            down_bps=_of_all(_rates_bps(down, ends), count),
            up_bps=_of_all(_rates_bps(up, ends), count),
            fade_db=np.full((2, count), np.nan),
            satellite=nobody,
            way=np.full((2, count, 1), -1, dtype=np.int32),
            gateway=nobody.copy(),
            pop=self._pop.copy(),
            azimuth_rad=nowhere,
            elevation_rad=nowhere.copy(),
            reason=np.full(count, Unserved.SERVED, dtype=np.uint8),
            route_reason=np.full(count, Reason.REACHABLE, dtype=np.uint8),
        )


def _rates_bps(side: TraceSide, rows: list[int]) -> Floats:
    """Rates of some rows; 0 in a gap."""
    return side.served_bps()[rows]


def _of_all(values: Floats, terminals: int) -> Floats:
    """``(K, U)`` the same for every terminal."""
    return np.repeat(values[:, np.newaxis], terminals, axis=1)
