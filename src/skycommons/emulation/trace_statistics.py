"""What a trace amounts to: quantiles over its time, and where its losses lie.

Rules: a row counts by how long it holds. Delays and rates are those of the time in which both directions pass packets. A quantile is
a value that occurs: the least one that so large a share of the time does not exceed. A loss is near a boundary if its packet was sent
within a second of where one scheduling slot ends and the next begins; evenly spread losses are so to 2 s over a slot's length.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace import Trace, TraceSide
from skycommons.emulation.trace_rtt import RttSeries
from skycommons.model.service_rules import ScheduleRules
from skycommons.plan.slots import slot_begin, slot_ns

SHARES: Final = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""For which quantiles are told."""
NEAR_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceSummary:
    """A trace in numbers; NaN where nothing says them.

    Attributes:
        length_s: Of the trace.
        rows: How many it has.
        rtt_s: Quantiles at `SHARES` of the round trip without queues.
        up_bps, down_bps: Quantiles at `SHARES` of the rates.
        up_loss, down_loss: Mean share that is lost by chance, in the time in which that way serves.
        drop_share: Share of the time in which one way or both lose everything.
        hold_share: Share of the time in which one way or both hold packets.
        gaps: How often one way or both stop serving.
        handovers: How many there are; -1 where it is not known who serves.
        near_boundary_share: Of all losses, round trip, those near boundaries of slots.
        evenly_share: What that would be if losses were spread evenly.
    """

    length_s: float
    rows: int
    rtt_s: tuple[float, ...]
    up_bps: tuple[float, ...]
    down_bps: tuple[float, ...]
    up_loss: float
    down_loss: float
    drop_share: float
    hold_share: float
    gaps: int
    handovers: int
    near_boundary_share: float
    evenly_share: float


def summarise_trace(trace: Trace, rules: ScheduleRules | None = None) -> TraceSummary:
    """A trace in numbers.

    Args:
        trace: Any.
        rules: When slots begin; of the built-in rules unless given.
    """
    chosen = rules or ScheduleRules()
    passing = trace.is_passing
    span_ns = trace.span_ns.astype(np.float64)
    passed_ns = np.where(passing, span_ns, 0.0)
    states = np.stack([trace.up.state, trace.down.state])
    return TraceSummary(
        length_s=trace.length_ns / NS_PER_S,
        rows=len(trace),
        rtt_s=weighted_quantiles(trace.rtt_s, passed_ns),
        up_bps=weighted_quantiles(trace.up.rate_bps, passed_ns),
        down_bps=weighted_quantiles(trace.down.rate_bps, passed_ns),
        up_loss=_mean_loss(trace.up, span_ns),
        down_loss=_mean_loss(trace.down, span_ns),
        drop_share=float(np.average((states == LineState.DROP).any(axis=0), weights=span_ns)),
        hold_share=float(np.average((states == LineState.HOLD).any(axis=0), weights=span_ns)),
        gaps=int(np.count_nonzero(~passing & np.append(True, passing[:-1]))),
        handovers=-1 if trace.context is None else int(np.count_nonzero(trace.context.is_handover)),
        near_boundary_share=loss_near_boundaries(trace, chosen),
        evenly_share=min(2.0 * NEAR_S * NS_PER_S / slot_ns(chosen), 1.0),
    )


def weighted_quantiles(values: Floats, weights: Floats, shares: tuple[float, ...] = SHARES) -> tuple[float, ...]:
    """Least values that these shares of the weight do not exceed; NaN where nothing has weight.

    >>> weighted_quantiles(np.array([3.0, 1.0]), np.array([1.0, 3.0]), (0.5, 0.75, 0.8))
    (1.0, 1.0, 3.0)
    """
    order = np.argsort(values, kind="stable")
    order = order[weights[order] > 0.0]
    if not len(order):
        return (np.nan,) * len(shares)
    summed = np.cumsum(weights[order])
    places = np.searchsorted(summed, np.array(shares) * summed[-1] * (1.0 - 1e-12))
    return tuple(values[order][np.minimum(places, len(order) - 1)].tolist())


def loss_near_boundaries(trace: Trace, rules: ScheduleRules | None = None, *, near_s: float = NEAR_S) -> float:
    """Share of a trace's losses that lie near boundaries of slots; NaN without losses, or if it is not known when it began.

    A loss counts by how likely a packet's round trip, sent then, is lost.

    Args:
        trace: Any.
        rules: When slots begin; of the built-in rules unless given.
        near_s: What is near.
    """
    chosen = rules or ScheduleRules()
    lost = 1.0 - (1.0 - trace.up.lost_share()) * (1.0 - trace.down.lost_share())
    summed = np.concatenate(([0.0], np.cumsum(lost * trace.span_ns)))
    if trace.begin_ns is None or summed[-1] <= 0.0:
        return float("nan")
    edges_ns = np.append(trace.at_ns, trace.length_ns)
    near_ns = min(round(near_s * NS_PER_S), slot_ns(chosen) // 2)
    first_ns = int(slot_begin(np.array(trace.begin_ns), chosen)) - trace.begin_ns
    boundaries_ns = np.arange(first_ns, trace.length_ns + 2 * slot_ns(chosen), slot_ns(chosen), dtype=np.int64)

    def until(at_ns: Ints) -> Floats:
        return np.interp(np.clip(at_ns, 0, trace.length_ns), edges_ns, summed)

    near = (until(boundaries_ns + near_ns) - until(boundaries_ns - near_ns)).sum()
    return float(min(near / summed[-1], 1.0))


def pings_lost_near_boundaries(
    series: RttSeries, rules: ScheduleRules | None = None, *, near_s: float = NEAR_S
) -> float:
    """Share of the lost packets that were sent near boundaries of slots; NaN without losses, or if it is not known when.

    Args:
        series: Any.
        rules: When slots begin; of the built-in rules unless given.
        near_s: What is near.
    """
    chosen = rules or ScheduleRules()
    lost_ns = series.sent_ns[~series.is_answered]
    if not series.is_dated or not len(lost_ns):
        return float("nan")
    since_ns = lost_ns - slot_begin(lost_ns, chosen)
    near_ns = round(near_s * NS_PER_S)
    return float(np.mean((since_ns <= near_ns) | (since_ns >= slot_ns(chosen) - near_ns)))


def _mean_loss(side: TraceSide, span_ns: Floats) -> float:
    """Mean share lost by chance while a side serves; NaN if it never does."""
    served_ns = np.where(side.state == LineState.UP, span_ns, 0.0)
    return float(np.average(side.loss, weights=served_ns)) if served_ns.any() else float("nan")
