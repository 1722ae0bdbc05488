"""What was meant to happen in a live run, as plain values: for tables and pictures beside what was measured.

Rules: instants are emulated time. What belongs to one terminal stands under its name; slot boundaries and events belong to all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints, check_shape, freeze
from skycommons.base.errors import InputError


class SpanKind(StrEnum):
    """What a stretch of time is like for a terminal."""

    DARK = "dark"
    """No service, as decided or planned."""
    OUTAGE = "outage"
    """No service, because something failed."""
    WEATHER = "weather"
    """Service under rain or clouds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A terminal changes its satellite.

    Attributes:
        before, after: Names of satellites; empty for none.
    """

    time_ns: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time with a name.

    Raises:
        InputError: It ends before it begins.
    """

    begin_ns: int
    end_ns: int
    label: str
    kind: SpanKind

    def __post_init__(self) -> None:
        if self.end_ns < self.begin_ns:
            raise InputError(f"span {self.label!r}: it ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that was made to happen."""

    time_ns: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expected:
    """What the plan has for one terminal over time; between two instants straight lines hold, so a step is two instants 1 ns apart.

    Attributes:
        time_ns: ``(N,)`` rising.
        rtt_s: ``(N,)`` round-trip time without queues; NaN where there is no service.
        up_bps, down_bps: ``(N,)`` what its lines carry.
        rtt_low_s, rtt_high_s: ``(N,)`` between which most round trips lie, if the plan says so.
    Raises:
        InputError: The instants do not rise.
        ShapeError: Columns differ in length.
    """

    time_ns: Ints
    rtt_s: Floats
    up_bps: Floats
    down_bps: Floats
    rtt_low_s: Floats | None = None
    rtt_high_s: Floats | None = None

    def __post_init__(self) -> None:
        columns = {"rtt_s": self.rtt_s, "up_bps": self.up_bps, "down_bps": self.down_bps}
        columns |= {
            name: column
            for name, column in (("rtt_low_s", self.rtt_low_s), ("rtt_high_s", self.rtt_high_s))
            if column is not None
        }
        for name, column in columns.items():
            check_shape(f"expected: {name}", column, self.time_ns.shape)
        if (np.diff(self.time_ns) <= 0).any():
            raise InputError("expected: the instants must rise")
        freeze(self.time_ns, *columns.values())

    @staticmethod
    def nothing() -> "Expected":
        """No prediction at all."""
        none = np.empty(0)
        return Expected(time_ns=np.empty(0, dtype=np.int64), rtt_s=none, up_bps=none, down_bps=none)

    def rtt_at(self, time_ns: Ints) -> Floats:
        """Round-trip times at instants, NaN outside what is known."""
        if not len(self.time_ns):
            return np.full(np.shape(time_ns), np.nan)
        since = (np.asarray(time_ns, dtype=np.int64) - self.time_ns[0]).astype(np.float64)
        known = (self.time_ns - self.time_ns[0]).astype(np.float64)
        return np.asarray(np.interp(since, known, self.rtt_s, left=np.nan, right=np.nan), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalStory:
    """What was meant to happen to one terminal.

    Attributes:
        handovers, spans: In the order of time.
    """

    handovers: tuple[Handover, ...] = ()
    spans: tuple[Span, ...] = ()
    expected: Expected = field(default_factory=Expected.nothing)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveStory:
    """What was meant to happen in a run.

    Attributes:
        title: Of the run.
        slot_ns: ``(S,)`` boundaries of slots.
        events: In the order of time.
        terminals: By the names of their hosts.
    """

    title: str = ""
    slot_ns: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    events: tuple[Event, ...] = ()
    terminals: Mapping[str, TerminalStory] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze(self.slot_ns)

    def of(self, *hosts: str) -> TerminalStory:
        """The story of the first of these hosts that is a terminal; an empty one if none is."""
        return next((self.terminals[name] for name in hosts if name in self.terminals), NO_STORY)


NO_STORY: Final = TerminalStory()
