"""Rain rates at the sites of a scenario, as they were measured or forecast."""

from dataclasses import dataclass
from typing import Final

from skycommons.base.arrays import Floats, Ints, check_shape, freeze

# What a file may hold, whatever its form.
HIGHEST_MM_H: Final = (
    3000.0  # above the heaviest minute on record, 2,280 mm/h (Barot 1970, recalled): the unit is wrong
)
ROUNDING_MM_H: Final = 1e-3  # packed grids hold zeros this far below zero
MOST_RATES: Final = 250_000_000  # instants times sites: 2 GB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RainTable:
    """Rain rates of ``G`` sites at ``N`` instants.

    Attributes:
        source: Where they are from.
        time_ns: ``(N,)`` UTC unix ns, rising.
        rate_mm_h: ``(N, G)`` in mm/h, the field's unit; NaN where nothing is known.
    """

    source: str
    time_ns: Ints
    rate_mm_h: Floats

    def __post_init__(self) -> None:
        check_shape("rate_mm_h", self.rate_mm_h, (len(self.time_ns), None))
        freeze(self.time_ns, self.rate_mm_h)


def within_span(time_ns: Ints, span_ns: tuple[int, int] | None) -> slice:
    """Rows of the rising instants that a span needs: from the last not after its start to the first not before its end.

    >>> import numpy as np
    >>> within_span(np.array([0, 10, 20, 30, 40]), (12, 20))
    slice(1, 3, None)
    """
    if span_ns is None:
        return slice(0, len(time_ns))
    first = int(time_ns.searchsorted(span_ns[0], side="right")) - 1
    last = int(time_ns.searchsorted(span_ns[1], side="left"))
    return slice(max(first, 0), min(last + 1, len(time_ns)))
