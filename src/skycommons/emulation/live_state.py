"""How each terminal of a live network stands, now.

Rules: what is told is what the plan says of this instant and what cuts the lines; round trips are of an idle line, the mean
wait for the radio included.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_model import DarkSpan
from skycommons.emulation.line_rows import LineRow, LineState, TimedRows
from skycommons.emulation.plan_source import LiveSlot
from skycommons.plan.lines import SlotLines
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason

RAIN_FADE_DB: Final = 3.0
"""What the weather takes from a downlink at least for it to be called rain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What rows are called.

    Attributes:
        terminals: ``U`` of the run.
        satellites: ``S``.
        sites: ``G``.
    """

    terminals: tuple[str, ...]
    satellites: tuple[str, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalNow:
    """How one terminal stands at an instant.

    Attributes:
        name: Its own.
        row: Among the terminals of the run.
        time_ns: The instant, UTC unix ns.
        satellite, gateway, pop: Names; empty for none.
        reason: Why the scheduler does not serve it; `SERVED` where it does, or where nobody schedules.
        route_reason: Why there is no way.
        is_up: Whether its lines carry anything.
        why: Why they do not, in words; empty where they do.
        rtt_s: There and back on an idle line; NaN while they do not.
        up_bps, down_bps: 0 while they do not.
        azimuth_rad, elevation_rad: Of the satellite as the slot began; NaN for none.
        fade_db: What the weather takes from the downlink; NaN for none.
        slot_begin_ns, slot_end_ns: UTC unix ns.
    """

    name: str
    row: int
    time_ns: int
    satellite: str
    gateway: str
    pop: str
    reason: Unserved
    route_reason: Reason
    is_up: bool
    why: str
    rtt_s: float
    up_bps: float
    down_bps: float
    azimuth_rad: float
    elevation_rad: float
    fade_db: float
    slot_begin_ns: int
    slot_end_ns: int


def slot_at(slots: Sequence[LiveSlot], time_ns: int) -> LiveSlot:
    """The slot that contains an instant; the first or the last one where none does."""
    held = bisect_right(slots, time_ns, key=lambda slot: slot.lines.begin_ns)
    return slots[max(held - 1, 0)]


def terminals_at(
    slot: LiveSlot, time_ns: int, names: Names, *, dark: Sequence[DarkSpan] = ()
) -> tuple[TerminalNow, ...]:
    """How ``U`` terminals stand at an instant of a slot.

    Args:
        slot: That contains the instant.
        time_ns: UTC unix ns.
        names: What rows are called.
        dark: What cuts lines besides what the slot knows.
    """
    return tuple(_terminal(slot, row, time_ns, names=names, dark=dark) for row in range(len(names.terminals)))


def row_now(rows: TimedRows, time_ns: int) -> tuple[int, LineRow]:
    """The row that holds at an instant, and since when; the first one before all."""
    return next((one for one in reversed(rows) if one[0] <= time_ns), rows[0])


def _terminal(slot: LiveSlot, terminal: int, time_ns: int, *, names: Names, dark: Sequence[DarkSpan]) -> TerminalNow:
    """How one of them stands."""
    lines = slot.lines
    step = int(np.clip(np.searchsorted(lines.time_ns, time_ns, side="right") - 1, 0, len(lines.time_ns) - 2))
    up, down = (row_now(slot.rows[2 * terminal + side], time_ns) for side in (0, 1))
    spans = [
        span for span in (*slot.dark, *dark) if span.terminal == terminal and span.begin_ns <= time_ns < span.end_ns
    ]
    is_up = not spans and LineState.DROP not in (up[1].state, down[1].state)
    return TerminalNow(
        name=names.terminals[terminal],
        row=terminal,
        time_ns=time_ns,
        satellite=_name(names.satellites, int(lines.satellite[terminal])),
        gateway=_name(names.sites, int(lines.gateway[terminal])),
        pop=_name(names.sites, int(lines.pop[terminal])),
        reason=Unserved(int(lines.reason[terminal])),
        route_reason=Reason(int(lines.route_reason[terminal])),
        is_up=is_up,
        why="" if is_up else _why(spans, lines, terminal, step),
        rtt_s=(_delay_s(up, time_ns) + _delay_s(down, time_ns)) if is_up else float("nan"),
        up_bps=float(lines.up_bps[step, terminal]) if is_up else 0.0,
        down_bps=float(lines.down_bps[step, terminal]) if is_up else 0.0,
        azimuth_rad=float(lines.azimuth_rad[terminal]),
        elevation_rad=float(lines.elevation_rad[terminal]),
        fade_db=float(lines.fade_db[step, terminal]),
        slot_begin_ns=lines.begin_ns,
        slot_end_ns=lines.end_ns,
    )


def _delay_s(held: tuple[int, LineRow], time_ns: int) -> float:
    """Mean one-way delay of an idle line."""
    since_ns, row = held
    return (row.delay_ns + row.delay_slope * (time_ns - since_ns) + row.wait_ns + row.extra_ns) / NS_PER_S


def _why(spans: Sequence[DarkSpan], lines: SlotLines, terminal: int, step: int) -> str:
    """Why lines carry nothing, in words."""
    reason, route_reason = Unserved(int(lines.reason[terminal])), Reason(int(lines.route_reason[terminal]))
    if spans:
        return spans[0].why
    if reason is not Unserved.SERVED:
        return reason.name.lower().replace("_", " ")
    if route_reason is not Reason.REACHABLE:
        return route_reason.name.lower().replace("_", " ")
    if not np.isfinite(lines.delay_s[step, terminal]):
        return "rain" if np.nanmax(lines.fade_db[:, terminal], initial=0.0) > RAIN_FADE_DB else "no way for now"
    if min(lines.up_bps[step, terminal], lines.down_bps[step, terminal]) <= 0.0:
        return "no rate is left for it"
    return "a gap at the slot's boundary"


def _name(names: tuple[str, ...], row: int) -> str:
    """A row's name; empty for none."""
    return names[row] if row >= 0 else ""
