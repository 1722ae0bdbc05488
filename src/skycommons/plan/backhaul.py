"""From a satellite to the Internet: its own gateway, or lasers to a satellite that has one, and fibre to the PoP."""

from dataclasses import dataclass

from skycommons.base.arrays import Floats, Floats32, Ints, Ints32, check_shape, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backhaul:
    """How ``S`` satellites reach ``P`` PoPs in a slot.

    Attributes:
        pops: ``(P,)`` site rows of the PoPs.
        gateway: ``(S,)`` site row of the gateway whose antenna follows the satellite; -1 for none.
        feeder_range_m: ``(S,)`` to that gateway; NaN without one.
        onward_m: ``(P, S)`` least cost from the satellite to each PoP, metres of vacuum; infinite without a way.
        landing: ``(P, S)`` satellite at which the traffic for each PoP comes down, the satellite itself where it is fed;
            -1 without a way.
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
