"""The table of the oxygen's equivalent heights, against the spectral lines that it sums up.

The table is retyped. A wrong digit would stand out from the attenuation of oxygen integrated line by line through the
standard atmosphere, which is another part of P.676-13, or from its neighbours.
"""

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.radio.gas import Air, gas_loss_db, specific_gas_loss_db_km

FREQUENCIES_GHZ = np.arange(1.0, 90.25, 0.5)
AMONG_LINES = (FREQUENCIES_GHZ > 50.0) & (FREQUENCIES_GHZ < 70.0)
LAYER_KM = 0.1


def standard_layers() -> Air:
    """Layers up to 80 km: temperature of P.835-6, pressure in equilibrium, vapour of scale height 2 km."""
    km = LAYER_KM * (np.arange(800) + 0.5)
    kelvin = np.interp(
        km, [0.0, 11, 20, 32, 47, 51, 71, 85], [288.15, 216.65, 216.65, 228.65, 270.65, 270.65, 214.65, 187]
    )
    thickness = 34.1632 / kelvin * LAYER_KM  # in scale heights
    return Air(
        pressure_pa=101_325.0 * np.exp(-np.cumsum(thickness) + thickness / 2.0),
        temperature_k=kelvin,
        vapour_kg_m3=7.5e-3 * np.exp(-km / 2.0),
    )


@pytest.fixture(scope="module")
def excess() -> Floats:
    """By what share the table's attenuation at the zenith exceeds the integrated one, at each of its frequencies."""
    frequency_hz = 1e9 * FREQUENCIES_GHZ
    layers = specific_gas_loss_db_km(frequency_hz[:, None], standard_layers()).oxygen_db.sum(axis=1) * LAYER_KM
    ground = Air(pressure_pa=np.array(101_325.0), temperature_k=np.array(288.15), vapour_kg_m3=np.array(7.5e-3))
    return np.asarray(gas_loss_db(frequency_hz, np.array(np.pi / 2), ground).oxygen_db / layers - 1.0)


def test_the_table_gives_what_the_lines_give(excess: Floats) -> None:
    """Within 2 %, the fit of the table; the row 2 MHz beside a line hangs on the air above 30 km and is farther off."""
    beside_a_line = FREQUENCIES_GHZ == 63.0
    assert np.abs(excess[~beside_a_line]).max() < 0.02
    assert np.abs(excess[beside_a_line]).max() < 0.07


def test_no_row_stands_out_from_its_neighbours(excess: Floats) -> None:
    """Outside the thicket of lines what is left over changes smoothly: a digit wrong in the fourth place would show."""
    left = np.abs(np.diff(excess, 2))
    smooth = ~(AMONG_LINES[:-2] | AMONG_LINES[1:-1] | AMONG_LINES[2:])
    assert left[smooth].max() < 5e-4, left[smooth].max()
