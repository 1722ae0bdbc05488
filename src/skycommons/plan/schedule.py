"""The scheduler: who is served, by which satellite, beam and gateway, slot after slot."""

from dataclasses import dataclass

from skycommons.base.arrays import Bytes, Floats32, Ints32, Shorts, check_shape, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepPlan:
    """What is decided for one slot, by request ``Q`` and satellite ``S``.

    Attributes:
        time_ns: Begin of the slot, UTC unix ns.
        satellite: ``(Q,)`` rows; -1 for a request that is not served.
        beam: ``(Q,)`` beam of that satellite; -1 likewise.
        share: ``(Q,)`` of the beam's time.
        sine_elevation: ``(Q,)`` of the satellite; NaN if not served.
        delay_s: ``(Q,)`` one way from the cell to its PoP, travel time of light alone; NaN if not served.
        egress: ``(Q,)`` satellite at which the traffic comes down; -1 if not served.
        laser_hops: ``(Q,)`` -1 if not served.
        pop: ``(Q,)`` site row; -1 if not served.
        down_bps, up_bps: ``(Q,)`` what the request is given; 0 if not served.
        reason: ``(Q,)`` `Unserved`.
        cell_reason: ``(C,)`` `Unserved` of the cell: `SERVED` if any of its requests is.
        gateway: ``(S,)`` site row of the gateway that feeds the satellite; -1 for none.
        used: ``(S,)`` requests served by each satellite.
    """

    time_ns: int
    satellite: Ints32
    beam: Shorts
    share: Floats32
    sine_elevation: Floats32
    delay_s: Floats32
    egress: Ints32
    laser_hops: Shorts
    pop: Ints32
    down_bps: Floats32
    up_bps: Floats32
    reason: Bytes
    cell_reason: Bytes
    gateway: Ints32
    used: Ints32

    def __post_init__(self) -> None:
        for name in REQUEST_COLUMNS:
            check_shape(name, getattr(self, name), (len(self.satellite),))
        check_shape("used", self.used, (len(self.gateway),))
        freeze(*(getattr(self, name) for name in (*REQUEST_COLUMNS, "cell_reason", "gateway", "used")))

    def __len__(self) -> int:
        return len(self.satellite)


REQUEST_COLUMNS = (
    *("satellite", "beam", "share", "sine_elevation", "delay_s", "egress", "laser_hops", "pop"),
    *("down_bps", "up_bps", "reason"),
)
