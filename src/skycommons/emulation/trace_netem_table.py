"""Delays as a distribution table of netem, for ``tc qdisc … netem delay MEAN SPREAD distribution NAME``.

Rules: 4,096 whole numbers, the delays at evenly spaced shares of time from the shortest to the longest, each as its distance from
the mean in units of the standard deviation over 8,192, cut to 16 bits. Mean and spread stand in comments. netem draws every packet's
delay anew from such a table, so packets overtake one another and slots are forgotten: a script keeps both in order.

Source:
    iproute2, ``netem/maketable.c`` and tc-netem(8).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.emulation.trace import Direction, Trace

ENTRIES: Final = 4_096
UNIT: Final = 8_192
_PER_LINE: Final = 8
_LEAST, _MOST = -32_768, 32_767


def table_lines(trace: Trace, direction: Direction) -> Iterator[str]:
    """The table of one side's delays while packets pass, or of half the round trip.

    Raises:
        InputError: The delay never changes, or nothing ever passes.
    """
    passing = trace.is_passing
    if not passing.any():
        raise InputError("netem table: nothing ever passes in the trace")
    delay_s = trace.rtt_s / 2.0 if direction is Direction.BOTH else trace.side(direction).delay_s
    span_ns = np.where(passing, trace.span_ns, 0).astype(np.float64)
    mean_s = float(np.average(delay_s, weights=span_ns))
    spread_s = float(np.sqrt(np.average((delay_s - mean_s) ** 2, weights=span_ns)))
    if spread_s < 1e-9:
        raise InputError("netem table: the delay never changes, so it has no distribution")
    yield f"# {trace.source}\n# mean {mean_s * 1e3:.6f}ms, spread {spread_s * 1e3:.6f}ms:\n"
    yield f"# tc qdisc ... netem delay {mean_s * 1e3:.6f}ms {spread_s * 1e3:.6f}ms distribution NAME\n"
    entries = table_entries((delay_s - mean_s) / spread_s, span_ns)
    for begin in range(0, ENTRIES, _PER_LINE):
        yield " ".join(f"{entry:6d}" for entry in entries[begin : begin + _PER_LINE]) + "\n"


def table_entries(deviations: Floats, weights: Floats) -> list[int]:
    """Numbers of a table: deviations, in standard deviations, at evenly spaced shares of their weights."""
    order = np.argsort(deviations, kind="stable")
    summed = np.cumsum(weights[order])
    shares = (np.arange(ENTRIES) + 0.5) / ENTRIES
    places = np.minimum(np.searchsorted(summed, shares * summed[-1]), len(order) - 1)
    scaled = np.rint(deviations[order][places] * UNIT)
    return [int(value) for value in np.clip(scaled, _LEAST, _MOST)]
