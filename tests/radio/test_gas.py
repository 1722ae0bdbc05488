"""Gas against worked examples of ITU-R study group 3 (CG-3M3J-13 ValEx)."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import PhysicsError
from skycommons.radio.gas import HIGHEST_SLANT_HZ, Air, check_slant_carrier, gas_loss_db, specific_gas_loss_db_km

DRY = Air(pressure_pa=np.array(101_325.0), temperature_k=np.array(288.15), vapour_kg_m3=np.array(7.5e-3))
STANDARD = replace(DRY, pressure_pa=DRY.pressure_pa + DRY.vapour_pressure_pa)


def test_specific_attenuation_of_the_examples() -> None:
    """Oxygen and vapour at 1 and 350 GHz in 1013.25 hPa of dry air, 15 °C, 7.5 g/m³."""
    gas = specific_gas_loss_db_km(np.array([1e9, 350e9]), STANDARD)
    assert gas.oxygen_db.tolist() == pytest.approx([0.00538865816790655, 0.0368056270504571], rel=1e-10)
    assert gas.vapour_db.tolist() == pytest.approx([5.09046173249644e-05, 10.1226731395126], rel=1e-10)
    assert gas.total_db.tolist() == pytest.approx([0.00543956278523152, 10.1594787665631], rel=1e-10)


def test_slant_path_of_an_example() -> None:
    """38.5 GHz at 45 degrees."""
    dry = Air(
        pressure_pa=np.array(98_833.42860812425),
        temperature_k=np.array(295.15),
        vapour_kg_m3=np.array(13.998103358274586e-3),
    )
    air = replace(dry, pressure_pa=dry.pressure_pa + dry.vapour_pressure_pa)
    assert gas_loss_db(np.array(38.5e9), np.radians(45.0), air).total_db == pytest.approx(0.6724061393008622, rel=1e-8)


def test_the_report_of_3gpp_agrees() -> None:
    """TR 38.821 prints 0.5 dB at 30 degrees and 1.2 dB at 12.5 degrees for 20 GHz."""
    losses = gas_loss_db(np.array(20e9), np.radians([30.0, 12.5]), STANDARD).total_db
    assert losses.tolist() == pytest.approx([0.5, 1.2], abs=0.1)


def test_between_the_rows_of_the_table_the_loss_lies_between() -> None:
    """Ku band, away from lines."""
    low, middle, high = gas_loss_db(np.array([12.0e9, 12.25e9, 12.5e9]), np.array(0.7), STANDARD).oxygen_db
    assert low < middle < high


def test_beyond_the_table_and_below_the_horizon_there_is_no_value() -> None:
    """Masked, not raised."""
    carriers_hz = np.array([0.5e9, HIGHEST_SLANT_HZ, HIGHEST_SLANT_HZ + 1e9])
    gas = gas_loss_db(carriers_hz, np.array(0.7), STANDARD)
    assert np.isnan(gas.oxygen_db).tolist() == np.isnan(gas.vapour_db).tolist() == [True, False, True]
    assert np.isnan(gas_loss_db(np.array(12e9), np.array(-0.1), STANDARD).total_db)


def test_dry_air_has_no_loss_to_vapour() -> None:
    """And sites and carriers broadcast."""
    dry = replace(DRY, vapour_kg_m3=np.zeros((3, 1)))
    gas = specific_gas_loss_db_km(np.array([12e9, 20e9]), dry)
    assert gas.vapour_db.tolist() == [[0.0, 0.0]] * 3
    assert gas.oxygen_db.shape == (3, 2)


@pytest.mark.parametrize("frequency_hz", [0.9e9, 90.1e9, np.nan])
def test_a_carrier_that_no_air_is_known_for_is_refused(frequency_hz: float) -> None:
    """By the name that it is given; the ends are known."""
    check_slant_carrier(1e9)
    check_slant_carrier(HIGHEST_SLANT_HZ)
    with pytest.raises(PhysicsError, match=r"the uplink of .* GHz; what the air takes is known from 1 to 90 GHz"):
        check_slant_carrier(frequency_hz, named="the uplink")
