"""Which gateway antenna follows which satellite.

Rules: an antenna follows one satellite, and a satellite has one feeder at most. As many satellites are fed as the antennas of
all gateways allow together. Within that, an antenna stays with its satellite as long as the gateway can see it, and a free
one takes the nearest satellite that has no feeder, because that link is the strongest. A satellite changes its gateway
without need only where this lets one more satellite be fed.

How real gateways choose is not public; this is our rule.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats, Ints, Ints32, check_shape, freeze
from skycommons.base.errors import PlanError
from skycommons.plan.feeders_kernel import match_feeders
from skycommons.plan.visibility import View


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feeders:
    """Feeder links of one slot.

    Attributes:
        gateway_row: ``(S,)`` row of the gateway in the view; -1 for a satellite without a feeder.
        range_m: ``(S,)`` to that gateway; NaN without one.
    """

    gateway_row: Ints32
    range_m: Floats

    def __post_init__(self) -> None:
        check_shape("range_m", self.range_m, (len(self.gateway_row),))
        freeze(self.gateway_row, self.range_m)

    def count(self) -> int:
        """How many satellites are fed."""
        return int(np.count_nonzero(self.gateway_row >= 0))

    def __repr__(self) -> str:
        return f"<Feeders: {self.count():,} of {len(self.gateway_row):,} satellites fed>"


def feeders_of(seen: View, antennas: Ints, kept: Ints32) -> Feeders:
    """Point the antennas of all gateways.

    Args:
        seen: What ``K`` gateways may use, a row of the view for each.
        antennas: ``(K,)`` satellites that each can feed at a time.
        kept: ``(S,)`` row of each satellite's gateway in the slot before; -1 for none.
    Raises:
        PlanError: A gateway has fewer than no antennas, or the view names a satellite that is not there.
        ShapeError: The antennas are not those of the gateways.
    Accuracy: the number of satellites fed is the largest possible (tests/property/test_feeders.py).
    """
    check_shape("antennas", antennas, (len(seen.start) - 1,))
    if len(antennas) and antennas.min() < 0:
        raise PlanError(f"gateways: a gateway has {antennas.min()} antennas; write 0 or more")
    if len(seen.sat) and seen.sat.max() >= len(kept):
        raise PlanError(f"gateways: the view names satellite row {seen.sat.max()} of {len(kept)}")
    order = np.argsort(seen.range_m, kind="stable")
    gateway_row = match_feeders(seen.start, seen.sat, order, antennas, kept)
    range_m = np.full(len(kept), np.nan)
    gateway = np.repeat(np.arange(len(antennas)), seen.counts())
    chosen = gateway_row[seen.sat] == gateway
    range_m[seen.sat[chosen]] = seen.range_m[chosen]
    return Feeders(gateway_row=gateway_row, range_m=range_m)
