"""Noise and the carrier above it."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.radio.noise import (
    BOLTZMANN_DBW_K_HZ,
    antenna_temperature_in_rain_k,
    g_over_t_db_k,
    system_temperature_k,
    thermal_cn_db,
)


def test_rain_warms_the_sky_up_to_its_own_temperature() -> None:
    """No fade, a fade of half the power, one of all; a negative fade is masked."""
    heard = antenna_temperature_in_rain_k(25.0, np.array([0.0, 10.0 * np.log10(2.0), 300.0, -1.0]))
    np.testing.assert_allclose(heard, [25.0, 150.0, 275.0, np.nan])


def test_a_fade_of_3_db_costs_two_more_by_noise() -> None:
    """At 200 K in all, 50 K of it from the sky."""
    wet = 150.0 + antenna_temperature_in_rain_k(50.0, 3.0)
    assert g_over_t_db_k(33.5, 200.0) - g_over_t_db_k(33.5, wet) == pytest.approx(1.9, abs=0.1)


def test_a_noise_figure_adds_to_the_antenna() -> None:
    """3.01 dB doubles the noise of an antenna at the reference; TR 38.821's terminal of 1.2 dB and 150 K hears 242 K."""
    assert system_temperature_k(290.0, 10.0 * np.log10(2.0)) == pytest.approx(580.0)
    assert system_temperature_k(150.0, 1.2) == pytest.approx(242.29, abs=0.01)
    with pytest.raises(InputError, match="at least 0 dB"):
        system_temperature_k(150.0, -0.1)


def test_a_carrier_over_noise_is_counted_in_its_bandwidth() -> None:
    """Without gain or loss in 1 Hz only Boltzmann is left; no bandwidth, no answer."""
    ratio = thermal_cn_db(10.0, 0.0, loss_db=10.0, bandwidth_hz=np.array([1.0, 10.0, 0.0, -5.0]))
    np.testing.assert_allclose(ratio, [-BOLTZMANN_DBW_K_HZ, -BOLTZMANN_DBW_K_HZ - 10.0, np.nan, np.nan])
    assert pytest.approx(-228.599, abs=1e-3) == BOLTZMANN_DBW_K_HZ
