"""A trace: what the two lines of a terminal do over time, as one value that every format is read into and written from.

Rules: a row holds from its instant until the next one, the last one until the trace ends; nothing is interpolated. Instants
count from the trace's begin, whose own instant may be unknown. A delay is one way, without any queue. What a file cannot
say is the line's default (no delay, no limit, no loss, up), and what an import or export had to leave out is a note.
"""

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineState

MOST_ROWS: Final = 4_000_000
"""Rows that a trace may have: an hour at one row a millisecond."""
LONGEST_DELAY_S: Final = 3_600.0
SIDE_COLUMNS: Final = ("delay_s", "rate_bps", "loss", "state")


class Direction(StrEnum):
    """Which way of a line something is about."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TraceSide:
    """One direction of a trace, ``N`` rows.

    Attributes:
        delay_s: ``(N,)`` one way.
        rate_bps: ``(N,)``; infinite for no limit, 0 where nothing is served.
        loss: ``(N,)`` share of packets that are lost at random.
        state: ``(N,)`` `LineState`.
    Raises:
        ShapeError: Columns differ in length.
        InputError: A number makes no sense.
    """

    delay_s: Floats
    rate_bps: Floats
    loss: Floats
    state: Bytes

    def __post_init__(self) -> None:
        for name in SIDE_COLUMNS:
            check_shape(name, getattr(self, name), (len(self.delay_s),))
        if not ((self.delay_s >= 0.0) & (self.delay_s <= LONGEST_DELAY_S)).all():
            raise InputError(f"trace: a delay lies between 0 and {LONGEST_DELAY_S:g} s")
        if not (self.rate_bps >= 0.0).all():
            raise InputError("trace: a rate is 0 or more, or infinite")
        if not ((self.loss >= 0.0) & (self.loss <= 1.0)).all():
            raise InputError("trace: a loss lies between 0 and 1")
        if (self.state > max(LineState)).any():
            raise InputError("trace: a state is up, drop or hold")
        freeze(*(getattr(self, name) for name in SIDE_COLUMNS))

    def __len__(self) -> int:
        return len(self.delay_s)

    @staticmethod
    def filled(
        rows: int,
        *,
        delay_s: Floats | float = 0.0,
        rate_bps: Floats | float = np.inf,
        loss: Floats | float = 0.0,
        state: Bytes | LineState = LineState.UP,
    ) -> "TraceSide":
        """A side of so many rows; a single number stands in all of them."""

        def column(value: Floats | float) -> Floats:
            return np.broadcast_to(np.asarray(value, dtype=np.float64), (rows,)).copy()

        return TraceSide(
            delay_s=column(delay_s),
            rate_bps=column(rate_bps),
            loss=column(loss),
            state=np.broadcast_to(np.asarray(state, dtype=np.uint8), (rows,)).copy(),
        )

    def take(self, rows: Ints | Bools) -> "TraceSide":
        """Some of its rows."""
        return TraceSide(**{name: getattr(self, name)[rows] for name in SIDE_COLUMNS})

    def served_bps(self) -> Floats:
        """``(N,)`` rate at which packets get through: 0 in a gap."""
        return np.where(self.state == LineState.UP, self.rate_bps, 0.0)

    def lost_share(self) -> Floats:
        """``(N,)`` share of packets that are lost, by chance or in state DROP."""
        return np.where(self.state == LineState.DROP, 1.0, self.loss)

    def changes(self) -> Bools:
        """``(N,)`` whether a row differs from the one before; the first one does."""
        changed = np.ones(len(self), dtype=np.bool_)
        changed[1:] = np.any([np.diff(getattr(self, name)) != 0 for name in ("delay_s", "loss", "state")], axis=0)
        changed[1:] |= self.rate_bps[1:] != self.rate_bps[:-1]  # a difference of infinities is none
        return changed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TraceContext:
    """Who carries the packets in each of ``N`` rows; texts are empty where nobody does or nobody knows.

    Attributes:
        satellite: ``N`` names.
        gateway: ``N`` names.
        pop: ``N`` names.
        is_handover: ``(N,)`` whether the satellite changes as the row begins.
    Raises:
        ShapeError: Columns differ in length.
        InputError: A name holds what no line of a file can hold.
    """

    satellite: tuple[str, ...]
    gateway: tuple[str, ...]
    pop: tuple[str, ...]
    is_handover: Bools

    def __post_init__(self) -> None:
        rows = len(self.satellite)
        if not rows == len(self.gateway) == len(self.pop):
            raise InputError("trace: names of satellites, gateways and PoPs differ in number")
        check_shape("is_handover", self.is_handover, (rows,))
        for name in {*self.satellite, *self.gateway, *self.pop}:
            check_line(name)
        freeze(self.is_handover)

    def __len__(self) -> int:
        return len(self.satellite)

    @staticmethod
    def of_names(satellite: tuple[str, ...], gateway: tuple[str, ...], pop: tuple[str, ...]) -> "TraceContext":
        """Context in which a handover is where one satellite follows another; coming from an outage is none."""
        return TraceContext(satellite=satellite, gateway=gateway, pop=pop, is_handover=handovers(satellite))

    def take(self, rows: Ints | Bools) -> "TraceContext":
        """Some of its rows."""
        chosen = np.arange(len(self))[rows].tolist()
        names = {name: tuple(getattr(self, name)[row] for row in chosen) for name in ("satellite", "gateway", "pop")}
        return TraceContext(**names, is_handover=self.is_handover[rows])

    def changes(self) -> Bools:
        """``(N,)`` whether a row differs from the one before or begins with a handover; the first one does."""
        rows = list(zip(self.satellite, self.gateway, self.pop, strict=True))
        differs = [True, *(after != before for before, after in pairwise(rows))]
        return np.array(differs[: len(rows)], dtype=np.bool_) | self.is_handover


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """What the lines of one terminal do, ``N`` rows.

    Attributes:
        begin_ns: UTC unix ns at which the first row begins; ``None`` where the source does not say.
        at_ns: ``(N,)`` since the begin; the first is 0, and they rise.
        length_ns: Since the begin, when the last row ends.
        up: From the terminal.
        down: To the terminal.
        context: Who carries the packets, if that is known.
        source: Where it comes from, in words, on one line.
        notes: What could not be kept or had to be assumed, a line each.
    Raises:
        ShapeError: Columns differ in length.
        InputError: There is no row, instants do not rise, or a text spans lines.
    """

    begin_ns: int | None = None
    at_ns: Ints
    length_ns: int
    up: TraceSide
    down: TraceSide
    context: TraceContext | None = None
    source: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_shape("at_ns", self.at_ns, (None,))
        rows = len(self.at_ns)
        for name in ("up", "down", "context"):
            part = getattr(self, name)
            if part is not None and len(part) != rows:
                raise InputError(f"trace: {name} has {len(part):,} rows where there are {rows:,} instants")
        if not 0 < rows <= MOST_ROWS:
            raise InputError(f"trace: {rows:,} rows, where there must be one or more, and at most {MOST_ROWS:,}")
        if self.at_ns[0] != 0 or (np.diff(self.at_ns) <= 0).any() or self.length_ns <= self.at_ns[-1]:
            raise InputError("trace: instants begin with 0 and rise, and the trace ends after the last one")
        for text in (self.source, *self.notes):
            check_line(text)
        freeze(self.at_ns)

    def __len__(self) -> int:
        return len(self.at_ns)

    def __repr__(self) -> str:
        return f"<Trace {self.source!r}: {len(self):,} rows over {self.length_ns / 1e9:g} s>"

    @property
    def span_ns(self) -> Ints:
        """``(N,)`` how long each row holds."""
        return np.diff(self.at_ns, append=self.length_ns)

    @property
    def rtt_s(self) -> Floats:
        """``(N,)`` there and back, without queues."""
        return self.up.delay_s + self.down.delay_s

    @property
    def is_passing(self) -> Bools:
        """``(N,)`` whether both directions serve packets."""
        return np.asarray((self.up.state == LineState.UP) & (self.down.state == LineState.UP))

    def side(self, direction: Direction) -> TraceSide:
        """The way up or the way down.

        Raises:
            InputError: Both are asked for, and they differ.
        """
        if direction is Direction.BOTH:
            if not same_side(self.up, self.down):
                raise InputError(
                    "trace: the two ways differ, and this format holds one: say which, up or down (--direction)"
                )
            return self.down
        return self.up if direction is Direction.UP else self.down

    def row_at(self, at_ns: int) -> int:
        """Row that holds at an instant since the begin; the first before it, the last after the end."""
        return max(int(np.searchsorted(self.at_ns, at_ns, side="right")) - 1, 0)

    def noted(self, *notes: str) -> "Trace":
        """The same trace with these notes as well, those aside that it has."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note not in self.notes)))

    def without_repeats(self) -> "Trace":
        """The same trace without rows that repeat the one before."""
        kept = self.up.changes() | self.down.changes()
        if self.context is not None:
            kept |= self.context.changes()
        context = None if self.context is None else self.context.take(kept)
        return replace(self, at_ns=self.at_ns[kept], up=self.up.take(kept), down=self.down.take(kept), context=context)


def handovers(satellite: tuple[str, ...]) -> Bools:
    """``(N,)`` where one satellite follows another; coming from an outage is none.

    >>> handovers(("a", "a", "b", "", "b")).tolist()
    [False, False, True, False, False]
    """
    moves = [bool(before and after) and before != after for before, after in pairwise(satellite)]
    return np.array([False, *moves][: len(satellite)], dtype=np.bool_)


def same_side(one: TraceSide, other: TraceSide) -> bool:
    """Whether two sides say the same in every row."""
    return all(np.array_equal(getattr(one, part.name), getattr(other, part.name)) for part in fields(TraceSide))


def up_and_down(side: TraceSide, direction: Direction) -> tuple[TraceSide, TraceSide]:
    """The two sides of a trace of which one, or both, are this one; the other has every default."""
    plain = TraceSide.filled(len(side))
    return plain if direction is Direction.DOWN else side, plain if direction is Direction.UP else side


def check_line(text: str) -> None:
    """Refuse text that would not stay on its line.

    Raises:
        InputError: It holds control characters or line breaks.
    """
    if not text.isprintable():
        raise InputError(f"trace: {text[:60]!r} should be plain text on one line")
