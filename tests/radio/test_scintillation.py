"""Scintillation against worked examples of ITU-R study group 3 (CG-3M3J-13 ValEx)."""

import numpy as np
import pytest

from skycommons.radio.scintillation import Aperture, scintillation_deviation_db, scintillation_loss_db


def deviation(*, frequency_hz: float = 14.25e9, elevation_deg: float = 31.07699124, diameter_m: float = 1.0) -> float:
    """London's."""
    return float(
        scintillation_deviation_db(
            np.array(frequency_hz),
            np.radians(elevation_deg),
            wet_refractivity=np.array(50.38926222),
            aperture=Aperture(diameter_m=np.array(diameter_m), efficiency=np.array(0.65)),
        )
    )


def test_fades_of_an_example() -> None:
    """London at 1 % and 0.1 %."""
    fades = scintillation_loss_db(np.array(deviation()), np.array([0.01, 0.001]))
    assert fades.tolist() == pytest.approx([0.261931888971004, 0.422845379428857], rel=1e-6)


def test_carriers_above_20_ghz_count_as_20_ghz() -> None:
    """As the examples for P.618-14 have it."""
    assert deviation(frequency_hz=29e9) == deviation(frequency_hz=20e9) > deviation(frequency_hz=19e9)


def test_a_large_antenna_averages_the_flicker_away() -> None:
    """Beyond the range of the averaging formula the flicker is nothing."""
    assert deviation(diameter_m=0.5) > deviation(diameter_m=5.0) > deviation(diameter_m=200.0) == 0.0


def test_below_the_horizon_there_is_no_value() -> None:
    """Masked, not raised."""
    assert np.isnan(deviation(elevation_deg=-1.0))
