"""Distance and what it costs."""

import numpy as np
import pytest

from skycommons.radio.free_space import free_space_loss_db, slant_range_m


def test_the_slant_range_of_a_low_orbit() -> None:
    """550 km at 25 degrees: 1,123.3 km."""
    assert slant_range_m(np.array(550e3), np.radians(25.0)) == pytest.approx(1_123.3e3, abs=50.0)


def test_the_range_is_the_altitude_overhead_and_unknown_below_the_horizon() -> None:
    """Any shapes broadcast."""
    ranges = slant_range_m(np.array([[340e3], [550e3]]), np.array([np.pi / 2, -0.1]))
    assert ranges[:, 0].tolist() == pytest.approx([340e3, 550e3])
    assert np.isnan(ranges[:, 1]).all()


def test_the_loss_of_a_geostationary_link() -> None:
    """3GPP TR 38.821, SC1: 210.6 dB at 20 GHz and 12.5 degrees."""
    range_m = slant_range_m(np.array(35_786e3), np.radians(12.5))
    assert free_space_loss_db(range_m, np.array(20e9)) == pytest.approx(210.6, abs=0.05)


def test_twice_the_distance_costs_six_decibels() -> None:
    """So does twice the frequency."""
    near, far, high = free_space_loss_db(np.array([1e6, 2e6, 1e6]), np.array([12e9, 12e9, 24e9]))
    assert far - near == pytest.approx(high - near) == pytest.approx(20 * np.log10(2))


def test_impossible_distances_and_carriers_have_no_loss() -> None:
    """Masked, not raised."""
    assert np.isnan(free_space_loss_db(np.array([-1.0, 0.0, 1e6]), np.array([12e9, 12e9, -12e9]))).all()
