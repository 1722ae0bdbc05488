"""What requests are given: rates by their share of a beam, and the limits above them."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.plan.beams import Asking, BeamLimits, Given, share_out, through_feeders, uplink_bps, usual_beam_bps
from skycommons.plan.cell_rates import CellRatesNow
from tests.support.tiny_world import tiny_scenario

BEAM_BPS, UP_BPS = 800e6, 40e6
LIMITS = BeamLimits(
    beams_down=np.array([2, 2]),
    beams_up=np.array([1, 2]),
    cells_per_beam=4,
    down_limit_bps=np.array([20e9, 20e9]),
    up_limit_bps=np.array([5e9, 5e9]),
)


def asking(count: int = 4, *, down_bps: float = 100e6, up_bps: float = 10e6, satellite: int = 0) -> Asking:
    """Standard requests of as many cells."""
    return Asking(
        satellite=np.full(count, satellite, dtype=np.int32),
        cell=np.arange(count),
        down_bps=np.outer(np.full(count, down_bps), [0.0, 0.0, 1.0, 0.0]),
        up_bps=np.full(count, up_bps),
        beam_down_bps=np.full(count, BEAM_BPS),
        beam_up_bps=np.full(count, UP_BPS),
    )


def given(
    requests: Asking, limits: BeamLimits = LIMITS, *, forward_bps: float = np.inf, return_bps: float = np.inf
) -> Given:
    """Both feeders alike."""
    return through_feeders(
        *(share_out(requests, limits), np.full(len(requests.cell), 1, dtype=np.int32)),
        forward_bps=np.full(2, forward_bps),
        return_bps=np.full(2, return_bps),
    )


def test_a_quiet_satellite_gives_what_is_asked_for() -> None:
    """And keeps the rest of its time."""
    found = given(asking())
    np.testing.assert_allclose(found.down_bps, 100e6, rtol=1e-6)
    np.testing.assert_allclose(found.up_bps, 10e6, rtol=1e-6)
    np.testing.assert_allclose(found.share, 0.125)


def test_a_busy_beam_is_divided() -> None:
    """Two beams carry twice the rate of one."""
    found = given(asking(down_bps=1e9))
    np.testing.assert_allclose(found.share, 0.5)
    assert found.down_bps.sum() == pytest.approx(2 * BEAM_BPS, rel=1e-6)


def test_time_is_equal_not_rate() -> None:
    """Who has a poor link gets less, and takes nothing from the others."""
    link_bps = np.array([800e6, 800e6, 100e6, 100e6])
    found = given(replace(asking(down_bps=1e9), beam_down_bps=link_bps))
    np.testing.assert_allclose(found.down_bps, link_bps / 2, rtol=1e-6)


def test_limits_turn_all_down_together() -> None:
    """Of the satellite, or of the feeder where the traffic comes down."""
    halved = given(asking(), replace(LIMITS, down_limit_bps=np.full(2, 200e6), up_limit_bps=np.full(2, 20e6)))
    np.testing.assert_allclose(halved.down_bps, 50e6, rtol=1e-6)
    np.testing.assert_allclose(halved.up_bps, 5e6, rtol=1e-6)
    fed = given(asking(), forward_bps=100e6, return_bps=4e6)
    np.testing.assert_allclose(fed.down_bps, 25e6, rtol=1e-6)
    np.testing.assert_allclose(fed.up_bps, 1e6, rtol=1e-6)
    np.testing.assert_allclose(fed.share, 0.125)


def test_the_uplink_has_the_time_of_its_beams() -> None:
    """One beam of 40 Mbit/s is divided in proportion; two carry all."""
    eager = asking(up_bps=20e6)
    np.testing.assert_allclose(uplink_bps(eager, LIMITS.beams_up), 10e6)
    np.testing.assert_allclose(uplink_bps(asking(up_bps=20e6, satellite=1), LIMITS.beams_up), 20e6)


def test_a_request_has_one_carrier_up() -> None:
    """Whatever it asks for; nothing where the link does not close."""
    alone = asking(1, up_bps=1e9, satellite=1)
    assert uplink_bps(alone, LIMITS.beams_up).tolist() == [UP_BPS]
    assert uplink_bps(replace(alone, beam_up_bps=np.zeros(1)), LIMITS.beams_up).tolist() == [0.0]


def test_a_request_without_a_beam_is_given_nothing() -> None:
    """Nor does it send."""
    found = given(replace(asking(3), cell=np.zeros(3, dtype=np.int64)))
    lost = found.beam < 0
    assert np.count_nonzero(lost) == 1
    assert found.down_bps[lost].tolist() == found.up_bps[lost].tolist() == [0.0]


def test_a_link_without_a_rate_asks_for_no_time() -> None:
    """It would never get enough."""
    found = given(replace(asking(1), beam_down_bps=np.zeros(1)))
    assert (found.share.tolist(), found.down_bps.tolist()) == ([0.0], [0.0])


def test_limits_come_from_the_payloads() -> None:
    """Of each satellite's generation."""
    scenario = tiny_scenario()
    limits = BeamLimits.of(scenario, cells_per_beam=8)
    payload = scenario.world.equipment.payload_of("v2-mini")
    assert set(limits.slots) == {payload.beams_down * 8}
    assert set(limits.down_limit_bps) == {payload.down_limit_bps}
    assert set(limits.up_limit_bps) == {payload.up_limit_bps}
    assert set(limits.beams_up) == {payload.beams_up}


def test_a_beam_is_worth_what_the_commonest_payload_gives_at_half_height() -> None:
    """The median over places; nothing where nothing flies."""
    rates = CellRatesNow(
        zone=np.zeros(3, dtype=np.int64),
        sine=np.array([0.4, 0.7, 1.0]),
        down_bps=np.array([[[1.0, 2.0, 3.0], [10.0, place, 30.0]] for place in (20.0, 25.0, 90.0)]),
        up_bps=np.zeros((3, 2, 3)),
        least_sine=np.zeros((3, 2)),
    )
    assert usual_beam_bps(rates, np.array([0, 1, 1])) == 25.0
    assert usual_beam_bps(rates, np.array([], dtype=np.int64)) == 0.0
