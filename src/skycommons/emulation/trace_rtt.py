"""Round trips that a program measured, and the trace that would make it measure the same.

Rules: a series is told by when each packet was *sent*; what came back when is its round trip. A trace from it has half of each round
trip either way. A few losses in a row become a share of loss, the same either way unless the program saw which way a packet was
lost; a run of `GAP_PINGS` or more becomes state DROP, from the first lost packet to the next one that came back. Nothing is
known of rates: they have no limit. Where a window has fewer packets than the usual interval would bring, as when a ping waited long for
an answer, those that were not sent count as if they had come back.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints, check_shape, freeze
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import LONGEST_DELAY_S, Trace, TraceSide, check_line

GAP_PINGS: Final = 3
"""So many lost in a row are a gap, fewer are chance."""
WINDOW_S: Final = 1.0
"""Over which single losses are counted."""


class Fate(IntEnum):
    """What became of a packet."""

    ANSWERED = 0
    LOST = 1
    LOST_UP = 2
    LOST_DOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RttSeries:
    """``N`` packets in the order in which they were sent.

    Attributes:
        sent_ns: ``(N,)`` rising; UTC unix ns if dated, else since any instant.
        rtt_s: ``(N,)``; NaN where nothing came back.
        fate: ``(N,)`` `Fate`.
        is_dated: Whether the instants are UTC.
        source: Where it comes from, on one line.
        notes: What had to be assumed, a line each.
    Raises:
        ShapeError: Columns differ in length.
        InputError: There is no packet, they are out of order, or a number makes no sense.
    """

    sent_ns: Ints
    rtt_s: Floats
    fate: Bytes
    is_dated: bool
    source: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_shape("rtt_s", self.rtt_s, (len(self.sent_ns),))
        check_shape("fate", self.fate, (len(self.sent_ns),))
        if not len(self.sent_ns):
            raise InputError(f"{self.source}: holds no packet")
        if (np.diff(self.sent_ns) <= 0).any():
            raise InputError(f"{self.source}: packets must be sent one after the other")
        if (np.isfinite(self.rtt_s) != (self.fate == Fate.ANSWERED)).any():
            raise InputError(f"{self.source}: an answered packet has a round trip, a lost one has none")
        if not (self.rtt_s[self.is_answered] >= 0.0).all() or (self.rtt_s > 2.0 * LONGEST_DELAY_S).any():
            raise InputError(f"{self.source}: a round trip is 0 or more, and at most two hours")
        for text in (self.source, *self.notes):
            check_line(text)
        freeze(self.sent_ns, self.rtt_s, self.fate)

    def __len__(self) -> int:
        return len(self.sent_ns)

    def __repr__(self) -> str:
        return f"<RttSeries {self.source!r}: {len(self):,} packets, {np.count_nonzero(~self.is_answered):,} lost>"

    @property
    def is_answered(self) -> Bools:
        """``(N,)``."""
        return np.asarray(self.fate == Fate.ANSWERED)

    @property
    def loss_share(self) -> float:
        """Lost packets over all."""
        return float(np.mean(~self.is_answered))

    def interval_ns(self) -> int:
        """The usual time between two packets; a second if there is but one."""
        return max(int(np.median(np.diff(self.sent_ns))), 1) if len(self) > 1 else NS_PER_S


def rtt_series(
    sent_ns: Ints, rtt_s: Floats, *, is_dated: bool, source: str, fate: Bytes | None = None, notes: tuple[str, ...] = ()
) -> RttSeries:
    """A series from packets in any order: put in that in which they were sent, one a nanosecond.

    Args:
        sent_ns: ``(N,)``.
        rtt_s: ``(N,)``; NaN where nothing came back.
        is_dated: Whether the instants are UTC.
        source: Where it comes from.
        fate: ``(N,)`` `Fate`, if more is known than that a packet was lost.
        notes: What had to be assumed.
    Raises:
        InputError: There is no packet, or a number makes no sense.
    """
    found = np.where(np.isfinite(rtt_s), Fate.ANSWERED, Fate.LOST).astype(np.uint8) if fate is None else fate
    order = np.lexsort((found, sent_ns))
    order = order[np.append(True, np.diff(sent_ns[order]) > 0)[: len(order)]]
    return RttSeries(
        sent_ns=sent_ns[order], rtt_s=rtt_s[order], fate=found[order], is_dated=is_dated, source=source, notes=notes
    )


def trace_of_rtts(series: RttSeries, *, window_s: float = WINDOW_S, gap_pings: int = GAP_PINGS) -> Trace:
    """A trace whose round trips and losses are those of a series.

    Args:
        series: With at least one answer.
        window_s: Over which single losses are counted.
        gap_pings: So many lost in a row are a gap.
    Raises:
        InputError: Nothing was answered, or a number makes no sense.
    """
    if not 0.0 < window_s < np.inf or gap_pings < 1:
        raise InputError("a window of losses must be longer than 0 s, and a gap one packet or more")
    if not series.is_answered.any():
        raise InputError(f"{series.source}: no packet was answered, so no delay is known")
    gap = _gaps(series, gap_pings)
    since_ns = series.sent_ns - series.sent_ns[0]
    windows = _Windows.of(series, gap, round(window_s * NS_PER_S))
    told = series.is_answered | gap
    told[0] = True
    length_ns = int(since_ns[-1]) + series.interval_ns()
    edges_ns = np.concatenate((since_ns[told], windows.edges_ns))
    at_ns = np.unique(edges_ns[edges_ns < length_ns])
    ping = np.flatnonzero(told)[np.searchsorted(since_ns[told], at_ns, side="right") - 1]
    delay_s = _held(series)[ping] / 2.0
    up, down = (
        TraceSide.filled(
            len(at_ns),
            delay_s=delay_s,
            loss=windows.at(at_ns, lost),
            state=np.where((gap & is_blocked)[ping], LineState.DROP, LineState.UP).astype(np.uint8),
        )
        for lost, is_blocked in (
            (windows.up, _run_has(series, gap, Fate.LOST_DOWN)),
            (windows.down, _run_has(series, gap, Fate.LOST_UP)),
        )
    )
    return Trace(
        begin_ns=int(series.sent_ns[0]) if series.is_dated else None,
        at_ns=at_ns,
        length_ns=length_ns,
        up=up,
        down=down,
        source=series.source,
        notes=(*series.notes, "half of each round trip is taken either way; rates have no limit"),
    ).without_repeats()


def dated(series: RttSeries, begin_ns: int) -> RttSeries:
    """The same series, its first packet sent at this UTC instant."""
    return replace(series, sent_ns=series.sent_ns - series.sent_ns[0] + begin_ns, is_dated=True)


def _runs(series: RttSeries) -> Ints:
    """``(N,)`` number of the run of lost, or of answered, packets that each is in."""
    return np.concatenate(([0], np.cumsum(np.diff(series.is_answered.astype(np.int8)) != 0)))


def _gaps(series: RttSeries, gap_pings: int) -> Bools:
    """``(N,)`` whether a packet is one of so many lost in a row."""
    runs = _runs(series)
    return np.asarray(~series.is_answered & (np.bincount(runs)[runs] >= gap_pings))


def _run_has(series: RttSeries, gap: Bools, other: Fate) -> Bools:
    """``(N,)`` whether some packet of the same gap was lost otherwise than this: then this fate does not explain the gap."""
    runs = _runs(series)
    otherwise = np.bincount(runs, weights=(gap & (series.fate != other)).astype(np.float64))
    return np.asarray(otherwise[runs] > 0)


def _held(series: RttSeries) -> Floats:
    """``(N,)`` round trip of each packet; of a lost one that of the last answered before it, or of the first one."""
    answered = np.flatnonzero(series.is_answered)
    last = np.searchsorted(answered, np.arange(len(series)), side="right") - 1
    return np.asarray(series.rtt_s[answered[np.maximum(last, 0)]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Windows:
    """Stretches of equal length in which packets were sent, and what was lost in them by chance: gaps do not count.

    Attributes:
        length_ns: Of each.
        number: ``(W,)`` rising, counted from the first packet.
        up, down: ``(W,)`` share that is lost that way.
    """

    length_ns: int
    number: Ints
    up: Floats
    down: Floats

    @staticmethod
    def of(series: RttSeries, gap: Bools, length_ns: int) -> "_Windows":
        number, place = np.unique((series.sent_ns - series.sent_ns[0]) // length_ns, return_inverse=True)

        def count(chosen: Bools) -> Floats:
            return np.asarray(np.bincount(place, weights=(chosen & ~gap).astype(np.float64)), dtype=np.float64)

        unsent = np.maximum(
            length_ns // series.interval_ns() - np.bincount(place), 0
        )  # while ping waited for an answer
        sent = count(np.ones(len(series), dtype=np.bool_)) + unsent
        answered = count(series.is_answered) + unsent
        lost_up, lost_down = count(series.fate == Fate.LOST_UP), count(series.fate == Fate.LOST_DOWN)
        either = np.sqrt(_share(answered, sent - lost_up - lost_down))  # of those lost somewhere, as many each way
        return _Windows(
            length_ns=length_ns,
            number=number,
            up=1.0 - _share(sent - lost_up, sent) * either,
            down=1.0 - _share(sent - lost_up - lost_down, sent - lost_up) * either,
        )

    @property
    def edges_ns(self) -> Ints:
        """Begins and ends of the windows with losses."""
        lossy = self.number[(self.up > 0.0) | (self.down > 0.0)]
        return np.concatenate((lossy, lossy + 1)) * self.length_ns

    def at(self, at_ns: Ints, lost: Floats) -> Floats:
        """``(N,)`` what is lost at instants; nothing where no packet was sent."""
        wanted = at_ns // self.length_ns
        place = np.minimum(np.searchsorted(self.number, wanted), len(self.number) - 1)
        return np.where(self.number[place] == wanted, lost[place], 0.0)


def _share(part: Floats, whole: Floats) -> Floats:
    """``part`` over ``whole``; one where there is nothing."""
    return np.divide(part, whole, out=np.ones_like(part), where=whole > 0.0)
