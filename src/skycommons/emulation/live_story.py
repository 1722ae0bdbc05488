"""What a live run meant to happen, told from its plan: for tables and pictures beside what was measured.

Rules: a round trip is told as its mean on an idle line, and as the band between the 5 % and the 95 % of the wait for the radio and of
the extra about boundaries. A span is dark where a decision took service away, an outage where something else did, and weather where
it takes more than a few decibels.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.expected import round_trip_s
from skycommons.emulation.line_rows import LineRows, LineSettings, LineState
from skycommons.emulation.live_record import Event, Expected, Handover, LiveStory, Span, SpanKind, TerminalStory
from skycommons.emulation.live_state import RAIN_FADE_DB, Names
from skycommons.emulation.pace import Pace
from skycommons.emulation.plan_source import LiveSlot
from skycommons.emulation.world_state import LiveEvent, MapApplies, instant_of
from skycommons.model.emulation_rules import (
    DishReboots,
    DishStows,
    DishUnstows,
    GatewayFails,
    GatewayReturns,
    RainFalls,
    SatelliteFails,
    SatelliteReturns,
    ServiceChanges,
)
from skycommons.plan.lines import SlotLines
from skycommons.plan.requests import Unserved

EVERY_S: Final = 0.1
_BAND: Final = (0.05, 0.95)
_DECIDED: Final = frozenset({Unserved.TERRITORY_INACTIVE, Unserved.SUSPENDED, Unserved.UNLICENSED, Unserved.ACCOUNT})


def story_of(
    slots: Sequence[LiveSlot],
    rows: LineRows,
    settings: LineSettings,
    *,
    names: Names,
    pace: Pace,
    span_ns: tuple[int, int],
    events: Sequence[LiveEvent] = (),
    title: str = "",
) -> LiveStory:
    """The story of a run between two instants.

    Args:
        slots: That were played.
        rows: What the lines did.
        settings: Of the run.
        names: What rows are called.
        pace: Of the run.
        span_ns: Begin and end, emulated time.
        events: What was to happen.
        title: Of the run.
    """
    begin_ns, end_ns = span_ns
    told = [slot for slot in slots if slot.lines.end_ns > begin_ns and slot.lines.begin_ns < end_ns]
    told_events = sorted(
        (Event(time_ns=instant_of(event, pace.start_ns), label=words_of(event)) for event in events),
        key=lambda event: event.time_ns,
    )
    return LiveStory(
        title=title,
        slot_ns=np.array([slot.lines.begin_ns for slot in told if slot.lines.begin_ns >= begin_ns], dtype=np.int64),
        events=tuple(event for event in told_events if begin_ns <= event.time_ns < end_ns),
        terminals={
            name: TerminalStory(
                handovers=_handovers(told, row, names),
                spans=_spans(told, rows, row, pace=pace, span_ns=span_ns),
                expected=_expected(rows, settings, row, pace=pace, span_ns=span_ns),
            )
            for row, name in enumerate(names.terminals)
        },
    )


def exact_rtt(
    rows: LineRows, settings: LineSettings, terminal: int, pace: Pace, *, packet_bytes: int = 84
) -> Callable[[Ints], Floats]:
    """What single packets of a terminal should take there and back over idle lines, by the emulated instants at which they are sent.

    Args:
        rows: What the lines did.
        settings: Of the run.
        terminal: Its row.
        pace: Of the run.
        packet_bytes: Of request and reply; `ping` sends 84.
    """

    def at(time_ns: Ints) -> Floats:
        return round_trip_s(rows, settings, terminal, pace.monos_of(time_ns), packet_bytes=packet_bytes)

    return at


def words_of(event: LiveEvent) -> str:
    """An event in a few words."""
    match event:
        case SatelliteFails(satellite=name, serving=serving) | SatelliteReturns(satellite=name, serving=serving):
            what = name or f"satellite of {serving}"
            return f"{what} {'fails' if isinstance(event, SatelliteFails) else 'works again'}"
        case GatewayFails(gateway=name, serving=serving) | GatewayReturns(gateway=name, serving=serving):
            what = name or f"gateway of {serving}"
            return f"{what} {'fails' if isinstance(event, GatewayFails) else 'works again'}"
        case RainFalls(terminal=terminal, rate_mm_h=rate_mm_h):
            return f"rain, {rate_mm_h:g} mm/h" + (f", at {terminal}" if terminal else "")
        case DishStows(terminal=terminal):
            return f"dish of {terminal} is stowed"
        case DishUnstows(terminal=terminal):
            return f"dish of {terminal} gets up"
        case DishReboots(terminal=terminal):
            return f"dish of {terminal} boots"
        case ServiceChanges(territory=territory, state=state):
            return f"{territory}: {state.name.lower()}"
        case MapApplies():
            return "a service map is obeyed"


def _handovers(slots: Sequence[LiveSlot], terminal: int, names: Names) -> tuple[Handover, ...]:
    """Where the satellite changes from one slot to the next."""
    found = []
    for before, after in pairwise(slots):
        one, other = (int(slot.lines.satellite[terminal]) for slot in (before, after))
        if one >= 0 and other >= 0 and one != other:
            pair = (names.satellites[one], names.satellites[other])
            found.append(Handover(time_ns=after.lines.begin_ns, before=pair[0], after=pair[1]))
    return tuple(found)


def _spans(
    slots: Sequence[LiveSlot], rows: LineRows, terminal: int, *, pace: Pace, span_ns: tuple[int, int]
) -> tuple[Span, ...]:
    """Where a line lost everything, and where weather took its part."""
    found: list[Span] = []
    edges_ns, is_cut = _cuts(rows, terminal)
    for row in np.flatnonzero(is_cut).tolist():
        began_ns = pace.time_of(edges_ns[row]) if row else span_ns[0]  # the first row holds before it, too
        ended_ns = pace.time_of(edges_ns[row + 1]) if row + 1 < len(edges_ns) else span_ns[1]
        held = (max(began_ns, span_ns[0]), min(ended_ns, span_ns[1]))
        if held[0] < held[1]:
            reason = _reason(slots, terminal, sum(held) // 2)  # the clock's ns put its begin on either side of a slot's
            kind = SpanKind.DARK if reason in _DECIDED else SpanKind.OUTAGE
            label = "no service" if reason is Unserved.SERVED else reason.name.lower().replace("_", " ")
            _add(found, Span(begin_ns=held[0], end_ns=held[1], label=label, kind=kind))
    weather: list[Span] = []
    for slot in slots:
        for began_ns, ended_ns in _rainy(slot.lines, terminal):
            held = (max(began_ns, span_ns[0]), min(ended_ns, span_ns[1]))
            if held[0] < held[1]:
                _add(weather, Span(begin_ns=held[0], end_ns=held[1], label="rain", kind=SpanKind.WEATHER))
    return tuple(sorted([*found, *weather], key=lambda span: span.begin_ns))


def _rainy(lines: SlotLines, terminal: int) -> list[tuple[int, int]]:
    """Steps of a slot in which it rains; where rain elsewhere in the slot has left no way, that is rain as well."""
    fades_db = lines.fade_db[:-1, terminal]
    is_rain = fades_db > RAIN_FADE_DB
    if np.nanmax(lines.fade_db[:, terminal], initial=0.0) > RAIN_FADE_DB:
        is_rain |= np.isnan(fades_db)
    return [(int(lines.time_ns[step]), int(lines.time_ns[step + 1])) for step in np.flatnonzero(is_rain).tolist()]


def _cuts(rows: LineRows, terminal: int) -> tuple[list[int], Bools]:
    """Instants at which the rows of either line begin, and whether a line loses everything from then on."""
    edges_ns = np.unique(rows.mono_ns[int(rows.first[2 * terminal]) : int(rows.first[2 * terminal + 2])])
    is_cut: Bools = np.zeros(len(edges_ns), dtype=np.bool_)
    for line in (2 * terminal, 2 * terminal + 1):
        is_cut |= rows.state[rows.rows_at(line, edges_ns)] == LineState.DROP
    return edges_ns.tolist(), is_cut


def _add(spans: list[Span], span: Span) -> None:
    """Append a span, or let the last one go on."""
    if spans and (spans[-1].end_ns, spans[-1].label, spans[-1].kind) == (span.begin_ns, span.label, span.kind):
        spans[-1] = Span(begin_ns=spans[-1].begin_ns, end_ns=span.end_ns, label=span.label, kind=span.kind)
    else:
        spans.append(span)


def _reason(slots: Sequence[LiveSlot], terminal: int, time_ns: int) -> Unserved:
    """Why a terminal is not served at an instant."""
    held = [slot for slot in slots if slot.lines.begin_ns <= time_ns]
    return Unserved(int((held[-1] if held else slots[0]).lines.reason[terminal])) if slots else Unserved.SERVED


def _expected(
    rows: LineRows, settings: LineSettings, terminal: int, *, pace: Pace, span_ns: tuple[int, int]
) -> Expected:
    """What the plan has for a terminal over time."""
    time_ns = np.arange(span_ns[0], span_ns[1], round(EVERY_S * NS_PER_S), dtype=np.int64)
    lines = [_line(rows, 2 * terminal + side, pace.monos_of(time_ns)) for side in (0, 1)]
    quantiles, shares = settings.wait_quantiles, np.linspace(0.0, 1.0, len(settings.wait_quantiles))
    low, high = (float(np.interp(share, shares, quantiles)) for share in _BAND)
    fixed_ns, wait_ns, extra_ns = (lines[0][name] + lines[1][name] for name in ("delay_ns", "wait_ns", "extra_ns"))
    return Expected(
        time_ns=time_ns,
        rtt_s=(fixed_ns + wait_ns + extra_ns) / NS_PER_S,
        rtt_low_s=(fixed_ns + low * wait_ns - np.log(1.0 - _BAND[0]) * extra_ns) / NS_PER_S,
        rtt_high_s=(fixed_ns + high * wait_ns - np.log(1.0 - _BAND[1]) * extra_ns) / NS_PER_S,
        up_bps=lines[0]["rate_bps"],
        down_bps=lines[1]["rate_bps"],
    )


def _line(rows: LineRows, line: int, mono_ns: Ints) -> Mapping[str, Floats]:
    """What a line does at instants; NaN delays where it serves nothing."""
    row = rows.rows_at(line, mono_ns)
    is_up = rows.state[row] == LineState.UP
    since = np.maximum(mono_ns - rows.mono_ns[row], 0).astype(np.float64)
    rate_bps = np.divide(
        8.0 * NS_PER_S, rows.ns_per_byte[row], out=np.full(len(row), np.nan), where=rows.ns_per_byte[row] > 0
    )
    return {
        "delay_ns": np.where(is_up, np.maximum(rows.delay_ns[row] + rows.delay_slope[row] * since, 0.0), np.nan),
        "wait_ns": rows.wait_ns[row],
        "extra_ns": rows.extra_ns[row],
        "rate_bps": np.where(is_up, rate_bps, 0.0),
    }
