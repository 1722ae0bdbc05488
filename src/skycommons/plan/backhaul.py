"""From a satellite to the Internet: its own gateway, or lasers to a satellite that has one, and fibre to the PoP.

Rules: traffic comes down only where a gateway's antenna follows the satellite. It takes the way with the least travel time
of light from there to its PoP; but lasers are spared: a satellite with a feeder of its own uses it unless that takes 5 ms
longer (`SPARED_M`). Without lasers only satellites with a feeder have a way. In a world without PoPs traffic ends at whatever
gateway is nearest in this sense.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Bools, Floats, Floats32, Ints, Ints32, check_shape, freeze
from skycommons.model.rules import BentPipeMode
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.backhaul_kernel import ends
from skycommons.plan.feeders import Feeders, feeders_of
from skycommons.plan.flows import great_circle_m
from skycommons.plan.graph_kernel import build_graph, grow_trees
from skycommons.plan.lasers import Lasers
from skycommons.plan.radio import Radio, Skies
from skycommons.plan.visibility import Horizon, View, view

ANY_GATEWAY = -1
"""In place of a PoP's row where there are no PoPs."""

SPARED_M = 1_500e3
"""So much longer, metres of vacuum, may a satellite's own gateway and fibre be than lasers to another: 5 ms. Assumed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backhaul:
    """How ``S`` satellites reach ``P`` PoPs in a slot.

    Attributes:
        pops: ``(P,)`` site rows of the PoPs; `ANY_GATEWAY` alone in a world without PoPs.
        gateway: ``(S,)`` site row of the gateway whose antenna follows the satellite; -1 for none.
        feeder_range_m: ``(S,)`` to that gateway; NaN without one.
        onward_m: ``(P, S)`` cost from the satellite to each PoP, metres of vacuum; infinite without a way.
        landing: ``(P, S)`` satellite at which the traffic for each PoP comes down, the satellite itself where its own
            feeder is the shortest way; -1 without a way.
        laser_hops: ``(P, S)`` lasers crossed on the way; -1 without a way.
    """

    pops: Ints
    gateway: Ints32
    feeder_range_m: Floats
    onward_m: Floats32
    landing: Ints32
    laser_hops: Ints32

    def __post_init__(self) -> None:
        shape = (len(self.pops), len(self.gateway))
        check_shape("feeder_range_m", self.feeder_range_m, (len(self.gateway),))
        for name in ("onward_m", "landing", "laser_hops"):
            check_shape(name, getattr(self, name), shape)
        freeze(self.pops, self.gateway, self.feeder_range_m, self.onward_m, self.landing, self.laser_hops)

    def __repr__(self) -> str:
        fed = int(np.count_nonzero(self.gateway >= 0))
        return f"<Backhaul: {fed:,} of {len(self.gateway):,} satellites fed, {len(self.pops):,} PoPs>"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BackhaulPlanner:
    """A scenario's ground segment, prepared: everything that does not change from slot to slot.

    Attributes:
        gateways: ``(K,)`` site rows.
        pops: ``(P,)`` site rows; `ANY_GATEWAY` alone in a world without PoPs.
        site_count: Rows of the scenario's site table.
        horizon: Of the gateways.
        antennas: ``(K,)`` satellites that each gateway can feed at a time.
        fibre_m: ``(P, K)`` from each gateway to each PoP, metres of vacuum.
        uses_lasers: Whether traffic may cross lasers.
    """

    gateways: Ints
    pops: Ints
    site_count: int
    horizon: Horizon
    antennas: Ints
    fibre_m: Floats
    uses_lasers: bool

    @staticmethod
    def of(scenario: Scenario, *, pops: Ints | None = None) -> "BackhaulPlanner":
        """Prepare a scenario.

        Args:
            scenario: The scenario.
            pops: Site rows of the PoPs that are in use; all of them unless given. Cost grows with their number.
        """
        sites, routing = scenario.world.sites, scenario.routing
        gateways, every_pop = sites.rows(SiteKind.GATEWAY), sites.rows(SiteKind.POP)
        wanted = every_pop if pops is None else np.array(pops, dtype=np.int64)
        if len(every_pop):
            factor = routing.fibre_detour * routing.fibre_index
            fibre_m = factor * great_circle_m(sites, wanted, gateways)
        else:
            wanted, fibre_m = np.array([ANY_GATEWAY]), np.zeros((1, len(gateways)))
        return BackhaulPlanner(
            gateways=gateways,
            pops=wanted,
            site_count=len(sites),
            horizon=Horizon.of(sites, gateways),
            antennas=scenario.world.antennas(gateways),
            fibre_m=fibre_m,
            uses_lasers=not isinstance(routing.mode, BentPipeMode),
        )

    def at(
        self,
        position_itrf_m: Floats,
        valid: Bools,
        lasers: Lasers,
        *,
        gateway: Ints32 | None,
        closing: Callable[[View], View] | None = None,
    ) -> Backhaul:
        """Ways of one slot.

        Args:
            position_itrf_m: ``(S, 3)``.
            valid: ``(S,)`` which of them have a position.
            lasers: Of the slot.
            gateway: ``(S,)`` site row of the gateway that fed each satellite in the slot before, -1 for none: its antenna stays
                where it can. ``None`` where there was no slot before.
            closing: What is left of the pairs in view in the weather of the slot, as `Radio.closing` tells it; all of them
                unless given. Its view has a row for every site of the scenario; only those of gateways are filled.
        """
        seen = view(self.horizon, position_itrf_m, valid)
        if closing is not None:
            seen = self._closed(seen, closing)
        feeders = feeders_of(seen, self.antennas, self._rows(gateway, len(valid)))
        onward_m, landing, laser_hops = self.ways(feeders, lasers)
        follows = np.full(len(valid), -1, dtype=np.int32)
        fed = feeders.gateway_row >= 0
        follows[fed] = self.gateways[feeders.gateway_row[fed]]
        return Backhaul(
            pops=self.pops,
            gateway=follows,
            feeder_range_m=feeders.range_m,
            onward_m=onward_m,
            landing=landing,
            laser_hops=laser_hops,
        )

    def _closed(self, seen: View, closing: Callable[[View], View]) -> View:
        """The gateways' view after the weather, which is asked with a view of all sites."""
        counts = np.zeros(self.site_count + 1, dtype=np.int64)
        counts[self.gateways + 1] = seen.counts()
        left = closing(replace(seen, start=np.cumsum(counts)))
        return replace(left, start=np.concatenate([[0], np.cumsum(left.counts()[self.gateways])]))

    def _rows(self, gateway: Ints32 | None, satellites: int) -> Ints32:
        """``(S,)`` row among the gateways of each satellite's gateway; -1 for none."""
        if gateway is None:
            return np.full(satellites, -1, dtype=np.int32)
        check_shape("before.gateway", gateway, (satellites,))
        return np.where(gateway >= 0, np.searchsorted(self.gateways, gateway), -1).astype(np.int32)

    def avoiding(self, backhaul: Backhaul, lasers: Lasers, detour_m: Floats) -> Backhaul:
        """Other ways with the same antennas: traffic takes up to so much more way to land elsewhere.

        Args:
            backhaul: Of the slot, made by this planner.
            lasers: Of the slot.
            detour_m: ``(S,)`` worth going to avoid landing at each satellite, metres of vacuum. It is not counted in what
                comes out.
        """
        feeders = Feeders(gateway_row=self._rows(backhaul.gateway, len(detour_m)), range_m=backhaul.feeder_range_m)
        onward_m, landing, laser_hops = self.ways(feeders, lasers, detour_m=detour_m)
        return replace(backhaul, onward_m=onward_m, landing=landing, laser_hops=laser_hops)

    def ways(
        self, feeders: Feeders, lasers: Lasers, *, detour_m: Floats | None = None
    ) -> tuple[Floats32, Ints32, Ints32]:
        """Costs, landings and numbers of lasers as `Backhaul` has them, once the antennas point.

        Args:
            feeders: Where they point.
            lasers: Of the slot.
            detour_m: ``(S,)`` as in `avoiding`.
        """
        satellites = len(feeders.gateway_row)
        cost_m = np.full((len(self.pops), satellites), np.inf)
        parent = np.full(cost_m.shape, -1, dtype=np.int32)
        fed = np.flatnonzero(feeders.gateway_row >= 0)
        avoided_m = np.zeros(satellites) if detour_m is None else detour_m
        own_m = self.fibre_m[:, feeders.gateway_row[fed]] + (feeders.range_m + avoided_m)[fed]
        cost_m[:, fed] = own_m
        if self.uses_lasers and len(lasers):
            neighbour, length = build_graph(satellites, lasers.pairs, lasers.range_m, lasers.up())
            grow_trees(neighbour, length, cost_m, parent)
        landing, laser_hops = ends(cost_m, parent)
        own = own_m <= cost_m[:, fed] + SPARED_M
        landing[:, fed] = np.where(own, fed, landing[:, fed])
        laser_hops[:, fed] = np.where(own, 0, laser_hops[:, fed])
        cost_m[:, fed] = np.where(own, own_m, cost_m[:, fed])
        true_m = cost_m - np.where(landing >= 0, avoided_m[landing], 0.0)
        return true_m.astype(np.float32), landing, laser_hops


def feeder_rates(radio: Radio, skies: Skies, backhaul: Backhaul, position_itrf_m: Floats) -> tuple[Floats, Floats]:
    """What the feeder link of each satellite carries in the weather of the slot.

    Args:
        radio: Of the scenario.
        skies: Of the instant.
        backhaul: Who feeds whom.
        position_itrf_m: ``(S, 3)``.
    Returns:
        To the satellite and from it, bit/s, ``(S,)`` each; 0 where it is not fed.
    """
    satellites = len(backhaul.gateway)
    up_bps, down_bps = np.zeros(satellites), np.zeros(satellites)
    fed = np.flatnonzero(backhaul.gateway >= 0)
    down_bps[fed], up_bps[fed] = radio.rates_bps(skies, backhaul.gateway[fed].astype(np.int64), fed, position_itrf_m)
    return up_bps, down_bps
