"""What series of probes say: quantiles, losses, how far they are from a plan, and what handovers changed.

Rules: NaN stands for a packet that did not come back and for a number that does not exist; it never counts as a value. Jitter is the
mean change of the round-trip time from one packet to the next (IPDV of RFC 3393, without its sign).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.live_record import Handover
from skycommons.emulation.probes import TIME, Series

Expectation = Callable[[Ints], Floats]
_NAN: Final = float("nan")


def rtt_summary(rtt_s: Floats) -> dict[str, float]:
    """Round-trip times in numbers: least, median, 95 %, 99 %, greatest, jitter, and the share that was lost.

    Args:
        rtt_s: ``(N,)`` in the order of sending, NaN for what was lost.
    """
    known = rtt_s[np.isfinite(rtt_s)]
    steps = np.abs(np.diff(rtt_s))
    steps = steps[np.isfinite(steps)]
    low, median, p95, p99, high = np.quantile(known, (0.0, 0.5, 0.95, 0.99, 1.0)).tolist() if known.size else [_NAN] * 5
    return {
        "packets": float(len(rtt_s)),
        "loss_share": 1.0 - known.size / len(rtt_s) if len(rtt_s) else _NAN,
        "rtt_min_s": low,
        "rtt_median_s": median,
        "rtt_p95_s": p95,
        "rtt_p99_s": p99,
        "rtt_max_s": high,
        "jitter_s": float(steps.mean()) if steps.size else _NAN,
    }


def rate_summary(goodput_bps: Floats, span_s: Floats) -> dict[str, float]:
    """Goodput in numbers: mean over time, and median, 5 % and 95 % of its intervals.

    Args:
        goodput_bps: ``(N,)`` of the intervals.
        span_s: ``(N,)`` their lengths; those of less than half the usual one count for the mean alone.
    """
    known = np.isfinite(goodput_bps) & (span_s > 0.0)
    if not known.any():
        return dict.fromkeys(("goodput_mean_bps", "goodput_median_bps", "goodput_p5_bps", "goodput_p95_bps"), _NAN)
    rates, spans = goodput_bps[known], span_s[known]
    whole = rates[spans >= 0.5 * np.median(spans)]
    p5, median, p95 = np.quantile(whole, (0.05, 0.5, 0.95)).tolist()
    return {
        "goodput_mean_bps": float((rates * spans).sum() / spans.sum()),
        "goodput_median_bps": median,
        "goodput_p5_bps": p5,
        "goodput_p95_bps": p95,
    }


def reordered(sequence: Ints) -> int:
    """How many packets came after one that was sent later (RFC 4737), from their numbers in the order of arrival.

    >>> reordered(np.array([1, 2, 4, 3, 5]))
    1
    """
    if not len(sequence):
        return 0
    return int(np.count_nonzero(sequence < np.maximum.accumulate(sequence)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RttErrors:
    """How far measured round trips were from a plan's, in ms; the median of signed errors apart, without sign.

    Attributes:
        compared: How many round trips could be compared.
    """

    compared: int
    p50_ms: float
    p99_ms: float
    bias_ms: float


def compare_rtt(series: Series, expected: Expectation) -> RttErrors:
    """Hold measured round-trip times against those that a plan has for the same instants.

    Args:
        series: With ``time_ns`` and ``rtt_s``.
        expected: Round-trip times by instants, NaN where the plan has none.
    """
    rtt_s = series["rtt_s"]
    known = np.isfinite(rtt_s)
    errors_s = rtt_s[known] - expected(series[TIME][known])
    errors_ms = 1e3 * errors_s[np.isfinite(errors_s)]
    if not errors_ms.size:
        return RttErrors(compared=0, p50_ms=_NAN, p99_ms=_NAN, bias_ms=_NAN)
    p50_ms, p99_ms = np.quantile(np.abs(errors_ms), (0.5, 0.99)).tolist()
    return RttErrors(compared=errors_ms.size, p50_ms=p50_ms, p99_ms=p99_ms, bias_ms=float(np.median(errors_ms)))


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """Round-trip times about one handover; NaN where none was measured or planned.

    Attributes:
        before, after: Satellites.
        measured_before_s, measured_after_s: Medians of what was measured next to it.
        planned_before_s, planned_after_s: The same of the plan, at the same instants.
        lost_packets: Next to it, on both sides.
    """

    time_ns: int
    before: str
    after: str
    measured_before_s: float
    measured_after_s: float
    planned_before_s: float
    planned_after_s: float
    lost_packets: int


def handover_rows(
    series: Series, handovers: Sequence[Handover], *, expected: Expectation | None = None, span_s: float = 3.0
) -> tuple[HandoverRow, ...]:
    """What each handover did to round-trip times, for those that a series spans.

    Args:
        series: With ``time_ns`` and ``rtt_s``.
        handovers: In the order of time.
        expected: Round-trip times by instants.
        span_s: How far to look on both sides, no further than to the next handover.
    """
    time_ns = series[TIME]
    if not len(time_ns):
        return ()
    instants = [handover.time_ns for handover in handovers]
    rows = []
    for number, handover in enumerate(handovers):
        if not time_ns[0] < handover.time_ns <= time_ns[-1]:
            continue
        reach_ns = round(span_s * NS_PER_S)
        begin_ns = max(handover.time_ns - reach_ns, *instants[number - 1 : number], int(time_ns[0]))
        end_ns = min(handover.time_ns + reach_ns, *instants[number + 1 : number + 2], int(time_ns[-1]) + 1)
        first, middle, last = np.searchsorted(time_ns, [begin_ns, handover.time_ns, end_ns]).tolist()
        rtt_s = series["rtt_s"]
        planned_s = np.full(last - first, _NAN) if expected is None else expected(time_ns[first:last])
        rows.append(
            HandoverRow(
                time_ns=handover.time_ns,
                before=handover.before,
                after=handover.after,
                measured_before_s=_median(rtt_s[first:middle]),
                measured_after_s=_median(rtt_s[middle:last]),
                planned_before_s=_median(planned_s[: middle - first]),
                planned_after_s=_median(planned_s[middle - first :]),
                lost_packets=int(np.isnan(rtt_s[first:last]).sum()),
            )
        )
    return tuple(rows)


def _median(values: Floats) -> float:
    """The median of what is known."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else _NAN
