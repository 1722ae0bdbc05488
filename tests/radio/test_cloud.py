"""Cloud against worked examples of ITU-R study group 3 (CG-3M3J-13 ValEx)."""

import numpy as np
import pytest

from skycommons.radio.cloud import cloud_coefficient_db_km, cloud_column_db_m2_kg, cloud_loss_db


def test_losses_of_the_examples() -> None:
    """0° N 0° E at 6 and 30 GHz with the water that is exceeded for 0.015 and 15.5 %."""
    losses = cloud_loss_db(
        np.array([6e9, 30e9]), np.radians([15.0, 75.0]), np.array([0.82359246235649, 0.0877674171040156])
    )
    assert losses.tolist() == pytest.approx([0.09905224128740467, 0.0643180997169543], rel=1e-9)


def test_a_clear_sky_takes_nothing() -> None:
    """No water, no loss."""
    assert cloud_loss_db(np.array(45e9), np.array(1.0), np.array(0.0)) == 0.0


def test_below_the_horizon_there_is_no_value() -> None:
    """Masked, not raised."""
    assert np.isnan(cloud_loss_db(np.array(45e9), np.array(-1.0), np.array(0.1)))


def test_cold_water_takes_more_at_ku_band_and_higher_carriers_suffer_more() -> None:
    """The double-Debye model and the column's coefficient."""
    cold, warm = cloud_coefficient_db_km(np.array(12e9), np.array([268.0, 293.0]))
    assert cold > warm
    assert (np.diff(cloud_column_db_m2_kg(np.linspace(1e9, 200e9, 50))) > 0.0).all()
