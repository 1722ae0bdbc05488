"""A trace from a scenario's plan: what its lines would do, without any network.

Rules: the rows are those that a live network would play, events of the scenario and gaps at boundaries among them. What is random in
a packet's delay (the wait for the radio's schedule, the extra about a boundary) is in the trace as its mean. Where a row's delay
grows or falls, steps of at most `STEP_S` follow it, each with the delay at its middle.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineRow, TimedRows
from skycommons.emulation.line_settings import line_model_of
from skycommons.emulation.plan_source import LiveSlot, PlanSource, rules_at
from skycommons.emulation.trace import MOST_ROWS, Trace, TraceContext, TraceSide
from skycommons.model.scenario import Scenario

STEP_S: Final = 1.0
"""Delays change by less than 30 µs in it, so a step is wrong by less than 15 µs."""
MEAN_NOTE: Final = (
    "the wait for the radio's schedule and the extra about boundaries are in the delay up, as their means"
)


def record_plan(scenario: Scenario, site: str, *, duration_s: float) -> Trace:
    """What the lines of a terminal do from the scenario's begin on.

    Args:
        scenario: With its events; those that speak of other terminals do not happen.
        site: Name of the terminal.
        duration_s: How long; the last slot is cut there.
    Raises:
        InputError: The name is no terminal's, or the length makes no sense.
        PlanError: The scenario's rules of service make no sense.
    """
    if not 0.0 < duration_s < MOST_ROWS:
        raise InputError(f"trace: a length of {duration_s:g} s should be above 0 and below {MOST_ROWS:,} s")
    events = rules_at(scenario, (site,)).events
    source = PlanSource(scenario, line_model_of(scenario), names=(site,), events=events)
    end_ns = scenario.start_ns + round(duration_s * NS_PER_S)
    slots: list[LiveSlot] = []
    while source.planned_until_ns < end_ns:
        slots.append(source.plan_next())
        source.forget_before(slots[-1].lines.begin_ns)
    return trace_from_lines(
        slots,
        terminal=0,
        span_ns=(scenario.start_ns, end_ns),
        satellites=scenario.world.satellites.ids,
        sites=scenario.world.sites.ids,
        source=f"plan of {scenario.name}, {site}",
    )


def trace_from_lines(
    slots: Sequence[LiveSlot],
    *,
    terminal: int,
    span_ns: tuple[int, int],
    satellites: Sequence[str],
    sites: Sequence[str],
    source: str,
) -> Trace:
    """The trace of one terminal's two lines over slots that follow one another.

    Args:
        slots: In the order of time.
        terminal: Row of the terminal among those of the slots.
        span_ns: Where the trace begins and ends, UTC unix ns, within the slots.
        satellites: Names of the rows of satellites.
        sites: Names of the rows of sites.
        source: In words.
    Raises:
        InputError: The span is empty, or not within the slots.
    """
    begin_ns, end_ns = span_ns
    if not slots or not slots[0].lines.begin_ns <= begin_ns < end_ns <= slots[-1].lines.end_ns:
        raise InputError("trace: its span is not within the slots that are planned")
    up = [row for slot in slots for row in slot.rows[2 * terminal]]
    down = [row for slot in slots for row in slot.rows[2 * terminal + 1]]
    edges = {time_ns for rows in (up, down) for time_ns, _ in rows} | {slot.lines.begin_ns for slot in slots}
    time_ns = _instants(np.array(sorted({begin_ns, *(edge for edge in edges if begin_ns < edge < end_ns)})), end_ns)
    middle_ns = time_ns + np.diff(time_ns, append=end_ns) // 2
    trace = Trace(
        begin_ns=begin_ns,
        at_ns=time_ns - begin_ns,
        length_ns=end_ns - begin_ns,
        up=_side(up, time_ns, middle_ns),
        down=_side(down, time_ns, middle_ns),
        context=_context(slots, terminal, time_ns, satellites=satellites, sites=sites),
        source=source,
    )
    has_means = any(row.wait_ns or row.extra_ns for rows in (up, down) for _, row in rows)
    return (trace.noted(MEAN_NOTE) if has_means else trace).without_repeats()


def _instants(edges_ns: Ints, end_ns: int) -> Ints:
    """The edges, and steps between them that are at most so long."""
    step_ns = round(STEP_S * NS_PER_S)
    parts = [
        np.arange(begin_ns, next_ns, step_ns, dtype=np.int64)
        for begin_ns, next_ns in zip(edges_ns.tolist(), [*edges_ns.tolist()[1:], end_ns], strict=True)
    ]
    return np.concatenate(parts)


def _side(rows: TimedRows, time_ns: Ints, middle_ns: Ints) -> TraceSide:
    """One line at instants: its delay that of the step's middle."""
    begins_ns = np.array([begin_ns for begin_ns, _ in rows], dtype=np.int64)
    row = np.maximum(np.searchsorted(begins_ns, time_ns, side="right") - 1, 0)
    since_ns = middle_ns - begins_ns[row]
    chosen = [rows[place][1] for place in row.tolist()]
    return TraceSide(
        delay_s=np.array([_delay_s(line, int(ns)) for line, ns in zip(chosen, since_ns, strict=True)]),
        rate_bps=np.array([8e9 / line.ns_per_byte if line.ns_per_byte else np.inf for line in chosen]),
        loss=np.array([line.loss for line in chosen]),
        state=np.array([line.state for line in chosen], dtype=np.uint8),
    )


def _delay_s(line: LineRow, since_ns: int) -> float:
    """Mean delay of packets so long after a row's begin."""
    return max(line.delay_ns + line.delay_slope * since_ns + line.wait_ns + line.extra_ns, 0.0) / NS_PER_S


def _context(
    slots: Sequence[LiveSlot], terminal: int, time_ns: Ints, *, satellites: Sequence[str], sites: Sequence[str]
) -> TraceContext:
    """Who carries the packets at instants: as the plan says."""
    begins_ns = np.array([slot.lines.begin_ns for slot in slots], dtype=np.int64)
    slot_of = np.maximum(np.searchsorted(begins_ns, time_ns, side="right") - 1, 0)

    def names(column: str, known: Sequence[str]) -> tuple[str, ...]:
        rows = [int(getattr(slot.lines, column)[terminal]) for slot in slots]
        told = [known[row] if row >= 0 else "" for row in rows]
        return tuple(told[slot] for slot in slot_of.tolist())

    return TraceContext.of_names(names("satellite", satellites), names("gateway", sites), names("pop", sites))
