"""Ways around full feeders: traffic lands elsewhere where the nearest landing is asked for more than it carries.

Rules: everybody first goes the shortest way. Landings that are asked for too much are then made to look farther away, the
more the fuller they are, and all ways are found again, a few times over; the ways that leave least behind are taken. All
traffic from one satellite to one PoP goes one way. Which PoP traffic belongs to does not change. Lasers have no limit here.

How a real network spreads its traffic is not public; this is our rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints, Ints32
from skycommons.plan.backhaul import Backhaul
from skycommons.plan.stations import StationsNow

ROUNDS: Final = 9  # in which other ways are looked for
DETOUR_M: Final = 600e3  # of a landing asked for twice what it carries, in each round; five degrees of an orbit
_MOST: Final = 2.0  # times that
_ENOUGH: Final = 0.01  # of all traffic left behind: no further rounds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traffic:
    """What satellites have to carry to the ground and back, in ``N`` parts.

    Attributes:
        pop: ``(N,)`` rows in `Backhaul.pops`.
        satellite: ``(N,)`` rows.
        down_bps: ``(N,)`` towards the users, the larger direction.
    """

    pop: Ints
    satellite: Ints32
    down_bps: Floats

    def landing(self, backhaul: Backhaul) -> Ints32:
        """``(N,)`` where each part comes down."""
        return backhaul.landing[self.pop, self.satellite]

    def asked_bps(self, backhaul: Backhaul) -> Floats:
        """``(S,)`` what each satellite's feeder is asked for."""
        landing = self.landing(backhaul)
        return np.asarray(np.bincount(landing, self.down_bps, len(backhaul.gateway)), dtype=np.float64)


def relieved(
    now: StationsNow, traffic: Traffic, *, avoiding: Callable[[StationsNow, Floats], StationsNow]
) -> StationsNow:
    """The ground segment with ways around full feeders.

    Args:
        now: Shortest ways.
        traffic: All that is to be carried.
        avoiding: Other ways for so much detour ``(S,)``, as `Stations.avoiding` finds them.
    """
    enough_bps = _ENOUGH * float(traffic.down_bps.sum())
    detour_m = np.zeros(len(now.forward_bps))
    best, best_bps, tried = now, np.inf, now
    for rounds in range(ROUNDS + 1):
        asked_bps = traffic.asked_bps(tried.backhaul)
        left_bps = float(np.maximum(asked_bps - now.forward_bps, 0.0).sum())
        if left_bps < best_bps:
            best, best_bps = tried, left_bps
        if left_bps <= enough_bps or rounds == ROUNDS:
            break
        over = np.divide(asked_bps, now.forward_bps, out=np.zeros_like(asked_bps), where=now.forward_bps > 0.0) - 1.0
        detour_m = detour_m + DETOUR_M * np.clip(over, 0.0, _MOST)
        tried = avoiding(now, detour_m)
    return best
