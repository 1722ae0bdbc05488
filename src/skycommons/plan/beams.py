"""How a satellite shares itself out: beams, their time, and what everybody is given.

Rules:

* A beam visits at most so many requests in turn. Two requests of one cell, which use different channels at the same time,
  are in different beams; otherwise a beam changes its channel from visit to visit.
* The request that needs most of a beam's time is placed first, each in the beam with the least to do.
* A beam with little to do gives everybody what they ask for. Where more is asked for, protected users come first, then
  priority, standard and background; within a rank everybody gets an equal share of the time or what they ask for if that
  is less. Equal time, not equal rate: who has a poor link does not take the time of those who have a good one.
* The uplink of a satellite is worth the time of so many beams. A request has one uplink carrier at most; where more is
  asked for than the beams can carry, all of the satellite are turned down together.
* Limits of a whole satellite, and of the feeder link where the traffic comes down, turn all down together.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Floats32, Ints, Ints32, Shorts, check_shape
from skycommons.model.scenario import Scenario
from skycommons.plan.beams_kernel import fill_beams
from skycommons.plan.capacity import within_satellite_limit
from skycommons.plan.cell_rates import CellRatesNow

_USUAL_SINE: Final = float(np.sin(np.radians(45.0)))  # of the elevation at which a beam's usual rate is taken


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeamLimits:
    """What ``S`` satellites can do.

    Attributes:
        beams_down, beams_up: ``(S,)``.
        cells_per_beam: Requests that one downlink beam visits in turn.
        down_limit_bps, up_limit_bps: ``(S,)`` of whole satellites, users' side.
    """

    beams_down: Ints
    beams_up: Ints
    cells_per_beam: int
    down_limit_bps: Floats
    up_limit_bps: Floats

    def __post_init__(self) -> None:
        for name in ("beams_up", "down_limit_bps", "up_limit_bps"):
            check_shape(name, getattr(self, name), (len(self.beams_down),))

    @staticmethod
    def of(scenario: Scenario, *, cells_per_beam: int) -> "BeamLimits":
        """Limits by the payload of each satellite."""
        payloads = scenario.world.equipment.payloads
        row = scenario.world.equipment.payload_rows(scenario.world.satellites.generations)
        return BeamLimits(
            beams_down=np.array([payload.beams_down for payload in payloads])[row],
            beams_up=np.array([payload.beams_up for payload in payloads])[row],
            cells_per_beam=cells_per_beam,
            down_limit_bps=np.array([payload.down_limit_bps for payload in payloads])[row],
            up_limit_bps=np.array([payload.up_limit_bps for payload in payloads])[row],
        )

    @property
    def slots(self) -> Ints32:
        """``(S,)`` how many requests each satellite can serve."""
        return np.asarray(self.beams_down * self.cells_per_beam, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asking:
    """``N`` requests that have a satellite; those of one cell stand together.

    Attributes:
        satellite: ``(N,)`` rows.
        cell: ``(N,)`` rows.
        down_bps: ``(N, 4)`` asked for by rank.
        up_bps: ``(N,)`` asked for.
        beam_down_bps, beam_up_bps: ``(N,)`` what the link gives with a beam to itself.
    """

    satellite: Ints32
    cell: Ints
    down_bps: Floats
    up_bps: Floats
    beam_down_bps: Floats
    beam_up_bps: Floats

    def __post_init__(self) -> None:
        for name in ("cell", "up_bps", "beam_down_bps", "beam_up_bps"):
            check_shape(name, getattr(self, name), (len(self.satellite),))
        check_shape("down_bps", self.down_bps, (len(self.satellite), None))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What ``N`` requests are given.

    Attributes:
        beam: ``(N,)`` of its satellite; -1 where no beam may take the request.
        share: ``(N,)`` of the beam's time.
        down_bps, up_bps: ``(N,)``.
    """

    beam: Shorts
    share: Floats32
    down_bps: Floats32
    up_bps: Floats32


def share_out(asking: Asking, limits: BeamLimits) -> Given:
    """Beams, shares of their time and rates of all requests, as far as the satellites carry them.

    Args:
        asking: ``N`` requests.
        limits: Of ``S`` satellites.
    """
    time = np.divide(
        asking.down_bps,
        asking.beam_down_bps[:, np.newaxis],
        out=np.zeros_like(asking.down_bps),
        where=asking.beam_down_bps[:, np.newaxis] > 0.0,
    )
    beam, share = fill_beams(asking.satellite, asking.cell, time, limits.beams_down, limits.cells_per_beam)
    up_bps = uplink_bps(asking, limits.beams_up) * (beam >= 0)
    down_bps = within_satellite_limit(share * asking.beam_down_bps, asking.satellite, limits.down_limit_bps)
    up_bps = within_satellite_limit(up_bps, asking.satellite, limits.up_limit_bps)
    return Given(beam=beam, share=_rounded_down(share), down_bps=_rounded_down(down_bps), up_bps=_rounded_down(up_bps))


def through_feeders(given: Given, landing: Ints32, *, forward_bps: Floats, return_bps: Floats) -> Given:
    """What is left of it where feeder links are full.

    Args:
        given: ``N`` requests.
        landing: ``(N,)`` satellite at which the traffic of each comes down.
        forward_bps, return_bps: ``(S,)`` what the feeder link of each satellite carries up to it and down from it.
    """
    return replace(
        given,
        down_bps=_rounded_down(within_satellite_limit(given.down_bps.astype(np.float64), landing, forward_bps)),
        up_bps=_rounded_down(within_satellite_limit(given.up_bps.astype(np.float64), landing, return_bps)),
    )


def uplink_bps(asking: Asking, beams_up: Ints) -> Floats:
    """``(N,)`` what the beams of each satellite carry up, limits of whole satellites aside."""
    link_bps = asking.beam_up_bps
    time = np.divide(asking.up_bps, link_bps, out=np.zeros_like(link_bps), where=link_bps > 0.0)
    time = np.minimum(time, 1.0)
    return within_satellite_limit(time, asking.satellite, beams_up.astype(np.float64)) * link_bps


def usual_beam_bps(rates: CellRatesNow, payload: Ints) -> float:
    """What a beam carries where nothing else is known: the median over places, by the commonest payload at 45°."""
    if not len(payload) or not len(rates.down_bps):
        return 0.0
    commonest = int(np.bincount(payload).argmax())
    node = int(np.abs(rates.sine - _USUAL_SINE).argmin())
    return float(np.median(rates.down_bps[:, commonest, node]))


def _rounded_down(values: Floats) -> Floats32:
    """In single precision, never above what it was, so that sums keep their limits."""
    short = values.astype(np.float32)
    return np.where(short > values, np.nextafter(short, np.float32(0.0)), short)
