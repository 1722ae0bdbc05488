"""The parts together, and what rain does to polarisation; examples of ITU-R study group 3."""

import numpy as np
import pytest

from skycommons.radio.atmosphere import (
    AtmosphereLoss,
    cross_polar_discrimination_db,
    slow_exceedance,
)


def test_the_total_of_an_example() -> None:
    """London, 14.25 GHz, 1 % (P.618-13, whose formula is the same)."""
    loss = AtmosphereLoss(
        gas_db=np.array(0.226874038),
        cloud_db=np.array(0.455169824),
        rain_db=np.array(0.495316047),
        scintillation_db=np.array(0.261931889),
    )
    assert loss.total_db == pytest.approx(1.212790721, abs=1e-8)


def test_gas_and_cloud_are_not_taken_rarer_than_5_percent() -> None:
    """P.618-14 §2.5."""
    assert slow_exceedance(np.array([1e-5, 0.05, 0.2])).tolist() == [0.05, 0.05, 0.2]


@pytest.mark.parametrize(
    ("exceedance", "frequency_hz", "elevation_deg", "tilt_deg", "rain_db", "expected_db"),
    [
        (0.01, 14.25e9, 31.07699124, 0.0, 0.49531707, 49.47769944),
        (1e-5, 29e9, 20.14335809, 90.0, 45.67419098, 21.85123573),
        (1e-4, 29e9, 85.80459566, 90.0, 83.37856227, 56.63377264),
    ],
)
def test_discrimination_of_the_examples(
    exceedance: float, frequency_hz: float, elevation_deg: float, tilt_deg: float, rain_db: float, expected_db: float
) -> None:
    """London, Addis Ababa, and beyond the 60 degrees that the method is stated for."""
    discrimination = cross_polar_discrimination_db(
        np.array(frequency_hz),
        np.radians(elevation_deg),
        tilt_rad=np.radians(tilt_deg),
        rain_db=np.array(rain_db),
        exceedance=np.array(exceedance),
    )
    assert discrimination == pytest.approx(expected_db, rel=1e-6)


def test_discrimination_is_stated_from_6_to_55_ghz() -> None:
    """Masked elsewhere; without rain nothing crosses over."""
    carriers_hz = np.array([5e9, 7e9, 12e9, 38e9, 45e9, 60e9])
    wet, dry = (
        cross_polar_discrimination_db(
            carriers_hz,
            np.array(0.6),
            tilt_rad=np.array(np.pi / 4),
            rain_db=np.array(rain_db),
            exceedance=np.array(1e-3),
        )
        for rain_db in (5.0, 0.0)
    )
    assert np.isnan(wet).tolist() == [True, False, False, False, False, True]
    assert np.isposinf(dry[1:5]).all()
