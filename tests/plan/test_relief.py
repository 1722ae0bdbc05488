"""Traffic goes around full feeders, and never leaves more behind than the shortest ways do."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.plan.backhaul import Backhaul
from skycommons.plan.relief import ROUNDS, Traffic, relieved
from skycommons.plan.stations import StationsNow

FAR_M = np.array([[1e6, 1.2e6], [2e6, 1e6]])  # from two satellites that serve to two that land


def ways(detour_m: Floats) -> StationsNow:
    """Four satellites and one PoP: 0 and 1 serve, 2 and 3 are fed with 10 Gbit/s each."""
    cost_m = FAR_M + detour_m[2:]
    best = cost_m.argmin(axis=1)
    onward_m = np.concatenate([FAR_M[np.arange(2), best], [0.0, 0.0]])[np.newaxis].astype(np.float32)
    landing = np.concatenate([best + 2, [2, 3]])[np.newaxis].astype(np.int32)
    feeder_bps = np.array([0.0, 0.0, 10e9, 10e9])
    return StationsNow(
        backhaul=Backhaul(
            pops=np.array([9]),
            gateway=np.array([-1, -1, 5, 6], dtype=np.int32),
            feeder_range_m=np.array([np.nan, np.nan, 6e5, 6e5]),
            onward_m=onward_m,
            landing=landing,
            laser_hops=np.array([[1, 1, 0, 0]], dtype=np.int32),
        ),
        forward_bps=feeder_bps,
        return_bps=feeder_bps,
    )


def traffic(*down_bps: float) -> Traffic:
    """From satellites 0, 2 and so on, in parts."""
    satellite = np.array([0, 2, 3, 1][: len(down_bps)], dtype=np.int32)
    return Traffic(pop=np.zeros(len(down_bps), dtype=np.int64), satellite=satellite, down_bps=np.array(down_bps))


def test_a_landing_with_room_is_left_alone() -> None:
    """The shortest way stays, and no other is looked for."""
    shortest = ways(np.zeros(4))

    def refuse(_now: StationsNow, _detour_m: Floats) -> StationsNow:
        raise AssertionError("no other way is needed")

    assert relieved(shortest, traffic(9e9), avoiding=refuse) is shortest


def test_traffic_lands_elsewhere_when_a_feeder_is_full() -> None:
    """Satellite 2 is full of its own, so satellite 0 goes 200 km farther, and says so truly."""
    found = relieved(ways(np.zeros(4)), traffic(9e9, 9e9), avoiding=lambda _, detour_m: ways(detour_m))
    assert found.backhaul.landing[0, 0] == 3
    assert found.backhaul.onward_m[0, 0] == pytest.approx(1.2e6)


def test_the_ways_that_leave_least_are_taken() -> None:
    """Where nothing helps, the shortest ways stay."""
    shortest = ways(np.zeros(4))
    asked = traffic(30e9)

    def worse(_now: StationsNow, _detour_m: Floats) -> StationsNow:
        return replace(shortest, backhaul=replace(shortest.backhaul, landing=np.zeros((1, 4), dtype=np.int32)))

    assert relieved(shortest, asked, avoiding=worse) is shortest


def test_no_way_is_looked_for_that_nobody_judges() -> None:
    """Where nothing helps, each round looks once."""
    looked: list[Floats] = []

    def worse(now: StationsNow, detour_m: Floats) -> StationsNow:
        looked.append(detour_m)
        return now

    relieved(ways(np.zeros(4)), traffic(30e9), avoiding=worse)
    assert len(looked) == ROUNDS
    assert all((after >= before).all() for before, after in pairwise(looked))


def test_what_a_feeder_is_asked_for_is_added_up() -> None:
    """By the satellite at which it comes down."""
    np.testing.assert_allclose(traffic(1e9, 2e9, 4e9).asked_bps(ways(np.zeros(4)).backhaul), [0, 0, 3e9, 4e9])
