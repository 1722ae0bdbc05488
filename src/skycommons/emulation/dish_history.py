"""What a dish remembers since its boot: a ring of one sample a second, its outages, and a log of events.

Rules: samples count from the boot; sample *n* is the second that began *n* s after it and stands at *n* modulo 900, so that ``current``,
the number of samples, tells readers where the ring goes on. A second that nobody reported takes the values of the next report. An
outage is listed when it is over. What a user did to the dish stands in the event log beside the outages that it caused.

Nothing here knows threads or the wire; `skycommons.emulation.dish_state.Dish` guards it.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_codes import OutageCause

RING_S: Final = 900
MOST_OUTAGES: Final = 1_000
MOST_EVENTS: Final = 1_000
SAMPLE: Final = ("ping_drop_rate", "ping_latency_s", "down_bps", "up_bps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time without connection.

    Attributes:
        cause: Why.
        begin_ns: When it began, UTC.
        duration_ns: How long it lasted, or has lasted until now.
        did_switch: Whether another satellite served after it than before.
    """

    cause: OutageCause
    begin_ns: int
    duration_ns: int
    did_switch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the event log.

    Attributes:
        begin_ns: When it began, UTC.
        duration_ns: 0 for what has no duration.
        outage: The outage that it was; None for a command.
        command: What the dish was told to do; empty for an outage.
    """

    begin_ns: int
    duration_ns: int = 0
    outage: OutageCause | None = None
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a second of a dish was like.

    Attributes:
        ping_drop_rate: Share of the pings to the PoP that stayed unanswered.
        ping_latency_s: Mean round trip of the others; 0 where there were none.
        down_bps, up_bps: What was carried.
    """

    ping_drop_rate: float
    ping_latency_s: float
    down_bps: float
    up_bps: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recollection:
    """A copy of what a dish remembers.

    Attributes:
        begin_ns: Of sample 0: the boot.
        current: Samples since the boot.
        ping_drop_rate, ping_latency_s, down_bps, up_bps: ``(900,)`` rings, 0 where no sample stands yet.
        outages: Those that are over, oldest first.
        events: Oldest first.
    """

    begin_ns: int
    current: int
    ping_drop_rate: Floats
    ping_latency_s: Floats
    down_bps: Floats
    up_bps: Floats
    outages: tuple[Outage, ...]
    events: tuple[Event, ...]

    def last(self, name: str, seconds: int) -> Floats:
        """The newest samples of a ring, oldest first, as many as there are."""
        count = min(seconds, self.current, RING_S)
        ring: Floats = getattr(self, name)
        return ring[np.arange(self.current - count, self.current) % RING_S]


class History:
    """The memory of one dish since one boot."""

    def __init__(self, begin_ns: int) -> None:
        self._begin_ns = begin_ns
        self._current = 0
        self._rings = np.zeros((len(SAMPLE), RING_S))
        self._outages: deque[Outage] = deque(maxlen=MOST_OUTAGES)
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)

    def fill(self, time_ns: int, sample: Sample) -> None:
        """Give all seconds that are over by an instant, and have no sample yet, this one."""
        whole = (time_ns - self._begin_ns) // NS_PER_S
        if whole > self._current:
            rows = np.arange(max(self._current, whole - RING_S), whole) % RING_S
            self._rings[:, rows] = np.array([[getattr(sample, name)] for name in SAMPLE])
            self._current = int(whole)

    def end_outage(self, outage: Outage) -> None:
        """List an outage that is over."""
        self._outages.append(outage)
        self._events.append(Event(begin_ns=outage.begin_ns, duration_ns=outage.duration_ns, outage=outage.cause))

    def note(self, time_ns: int, command: str) -> None:
        """Log what the dish was told to do."""
        self._events.append(Event(begin_ns=time_ns, command=command))

    def recall(self) -> Recollection:
        """A copy."""
        rings = self._rings.copy()
        return Recollection(
            begin_ns=self._begin_ns,
            current=self._current,
            **{name: rings[row] for row, name in enumerate(SAMPLE)},
            outages=tuple(self._outages),
            events=tuple(self._events),
        )
