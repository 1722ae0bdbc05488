"""Dishes, arrays and footprints."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.radio.antenna import (
    beam_footprint,
    parabolic_beamwidth_rad,
    parabolic_gain_dbi,
    scan_loss_db,
    scanned_beamwidth_rad,
)


def test_a_dish_of_one_wavelength_per_pi_gains_its_efficiency() -> None:
    """``η (π D / λ)²`` with D = λ / π is η; twice the diameter is 6.02 dB more."""
    frequency_hz = 299_792_458.0
    assert parabolic_gain_dbi(1.0 / np.pi, frequency_hz, aperture_efficiency=0.1) == pytest.approx(-10.0)
    step = parabolic_gain_dbi(2.0, frequency_hz) - parabolic_gain_dbi(1.0, frequency_hz)
    assert step == pytest.approx(20.0 * np.log10(2.0))


def test_a_dish_of_seventy_wavelengths_has_a_beam_of_one_degree() -> None:
    """And what is no frequency is masked."""
    width = parabolic_beamwidth_rad(70.0, np.array([299_792_458.0, 0.0, -1.0]))
    np.testing.assert_allclose(np.degrees(width), [1.0, np.nan, np.nan])


@pytest.mark.parametrize("diameter_m", [0.0, -1.0, np.nan, np.inf])
def test_a_dish_without_a_diameter_is_refused(diameter_m: float) -> None:
    """Both formulas."""
    for formula in (parabolic_gain_dbi, parabolic_beamwidth_rad):
        with pytest.raises(InputError, match="a dish's diameter is above 0 m"):
            formula(diameter_m, 12e9)


@pytest.mark.parametrize("share", [0.0, 1.1, np.nan])
def test_a_dish_that_gains_more_than_its_face_is_refused(share: float) -> None:
    """Efficiency lies between nothing and all."""
    with pytest.raises(InputError, match="efficiency"):
        parabolic_gain_dbi(1.0, 12e9, aperture_efficiency=share)


def test_steering_costs_gain_and_width() -> None:
    """At 60 degrees the face looks half as wide; from 90 degrees on there is none."""
    scan = np.radians([0.0, 60.0, -60.0, 90.0, 120.0])
    np.testing.assert_allclose(scan_loss_db(scan, scan_exponent=1.0), [0.0, 3.0103, 3.0103, np.nan, np.nan], atol=1e-4)
    np.testing.assert_allclose(scanned_beamwidth_rad(0.02, scan), [0.02, 0.04, 0.04, np.nan, np.nan])


def test_steering_that_gains_is_refused() -> None:
    """The exponent is at least zero."""
    with pytest.raises(InputError, match="at least 0"):
        scan_loss_db(0.0, scan_exponent=-1.0)


def test_a_footprint_is_round_below_and_long_aside() -> None:
    """Straight down its diameter is range times width; at 25 degrees it is many times larger; NaN past the limb."""
    below, aside = beam_footprint(0.02, np.radians(np.array([90.0, 25.0])), 550e3).area_m2
    assert below == pytest.approx(np.pi / 4.0 * 11e3**2, rel=1e-3)
    assert aside > 15.0 * below
    spot = beam_footprint(0.1, np.radians(np.array([0.5, 95.0])), 550e3)
    assert np.isnan(spot.radial_m).all()
