"""Flux density, channels and the frame."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.radio.spectrum import (
    STARLINK_FRAME,
    beam_eirp_dbw,
    beams_within_limit_dbw_m2_4khz,
    down_channel_hz,
    eirp_from_pfd_dbw,
    pfd_dbw_m2_4khz,
    pfd_limit_dbw_m2_4khz,
    up_channel_hz,
)


def test_the_limit_rises_from_5_to_25_degrees() -> None:
    """Flat below and above; masked outside the sky."""
    limit = pfd_limit_dbw_m2_4khz(np.radians([0.0, 5.0, 15.0, 25.0, 90.0, 95.0, -1.0]))
    np.testing.assert_allclose(limit, [-150.0, -150.0, -145.0, -140.0, -140.0, np.nan, np.nan], atol=1e-12)


def test_power_and_flux_density_undo_each_other() -> None:
    """And one watt through 4 pi square metres in 4 kHz is 0.08 W/m2; masked without a distance."""
    assert pfd_dbw_m2_4khz(0.0, 1.0, 4e3) == pytest.approx(-10.992, abs=1e-3)
    range_m = np.array([550e3, 1_123e3])
    back = eirp_from_pfd_dbw(pfd_dbw_m2_4khz(33.0, range_m, 240e6), range_m, 240e6)
    np.testing.assert_allclose(back, 33.0, rtol=1e-14)
    assert np.isnan(eirp_from_pfd_dbw(-146.0, 0.0, 240e6))


@pytest.mark.parametrize("bandwidth_hz", [0.0, -240e6, np.nan, np.inf])
def test_a_bandwidth_that_is_none_is_refused(bandwidth_hz: float) -> None:
    """One sentence with the number."""
    with pytest.raises(InputError, match="a bandwidth is above 0 Hz, not"):
        eirp_from_pfd_dbw(-146.0, 550e3, bandwidth_hz)


def test_eight_beams_at_the_limit_come_down_by_nine_decibels() -> None:
    """Each by the same; one beam alone, and beams below, stay."""
    limit = np.array([-140.0, -140.0, -140.0])
    beams = np.array([[-140.0] * 8, [-140.0] + [-np.inf] * 7, [-160.0] * 8])
    kept = beams_within_limit_dbw_m2_4khz(beams, limit)
    np.testing.assert_allclose(kept[0], -140.0 - 9.0309, atol=1e-4)
    np.testing.assert_array_equal(kept[1:], beams[1:])


def test_a_beam_is_as_loud_as_its_level_the_limit_and_its_power_allow() -> None:
    """Its level high up, the limit near the horizon, all of the limit where the level is infinite, its power at most."""
    range_m = np.array([600e3, 2_000e3])

    def eirp_dbw(level: float, most_dbw: Floats | float) -> Floats:
        elevation_rad = np.radians([60.0, 5.0])
        return beam_eirp_dbw(level, most_dbw=most_dbw, elevation_rad=elevation_rad, range_m=range_m, bandwidth_hz=240e6)

    np.testing.assert_allclose(pfd_dbw_m2_4khz(eirp_dbw(-146.0, 99.0), range_m, 240e6), [-146.0, -150.0])
    np.testing.assert_allclose(pfd_dbw_m2_4khz(eirp_dbw(np.inf, 99.0), range_m, 240e6), [-140.0, -150.0])
    assert eirp_dbw(np.inf, np.array([30.0, 20.0])).tolist() == [30.0, 20.0]


def test_channels_stand_where_they_were_measured() -> None:
    """Eight down, 250 MHz apart, half a subcarrier off; eight up side by side; no others."""
    down = down_channel_hz(np.array([0, 1, 8, 9]))
    np.testing.assert_allclose(down, [np.nan, 10.825e9 + 117_187.5, 12.575e9 + 117_187.5, np.nan])
    np.testing.assert_allclose(up_channel_hz(np.array([1, 8, 9])), [14.03125e9, 14.46875e9, np.nan])


def test_the_frame_leaves_95_6_percent() -> None:
    """1,020 subcarriers in 300 symbols 750 times a second."""
    assert STARLINK_FRAME.symbol_s == pytest.approx(4.4e-6)
    assert STARLINK_FRAME.symbol_rate_hz == pytest.approx(229.5e6)
    assert STARLINK_FRAME.data_share == pytest.approx(0.95625)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bandwidth_hz": -240e6}, "bandwidth is above 0 Hz, not -2.4e"),
        ({"idle_subcarriers": 1024}, "at least one subcarrier"),
        ({"known_symbols": 302}, "at least one subcarrier"),
        ({"prefix_samples": -1}, "do not fit"),
        ({"symbols": 304}, "do not fit"),
    ],
)
def test_a_frame_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    """One sentence each."""
    with pytest.raises(InputError, match=message):
        replace(STARLINK_FRAME, **changes)
