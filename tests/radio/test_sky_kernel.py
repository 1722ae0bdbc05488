"""The compiled side of the sky: where a link falls in its row, and what an instant's weather writes there."""

import numpy as np
import pytest

from skycommons.radio import sky_kernel as kernel
from skycommons.radio.scintillation import Aperture
from skycommons.radio.sky import SkyGrid, SkyTable
from tests.support.sky_chain import climates

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("least_deg", [30.0, 12.0, 3.0])
def test_every_node_falls_on_itself(least_deg: float) -> None:
    """In every stretch of the row, to the last digits of a square root near the zenith."""
    grid = SkyGrid.down_to(np.radians([least_deg]))
    for node, elevation in enumerate(grid.elevation_rad):
        place, part = kernel.place_at(float(np.sin(elevation)), *grid.scales[0])
        assert place + part == pytest.approx(node, abs=2e-5) or place + part == pytest.approx(node - 1, abs=2e-5)


@pytest.mark.parametrize("sine", [np.nan, 0.0, -0.3, 1e-4, np.sin(np.radians(11.9))])
def test_outside_the_row_there_is_no_place(sine: float) -> None:
    """Below the least elevation, below the horizon, and nowhere."""
    grid = SkyGrid.down_to(np.radians([12.0]))
    assert kernel.place_at(float(sine), *grid.scales[0])[0] == -1


def test_rounding_above_the_zenith_stays_at_the_zenith() -> None:
    """A sine of one and a bit is no error."""
    assert kernel.place_at(1.0 + 1e-15, np.nan, np.nan) == (0, 0.0)


def test_each_weather_writes_its_own_sky() -> None:
    """Clear, by exceedance with and without rain, and measured wet and dry."""
    climate = climates(8, seed=2)
    dish = Aperture(diameter_m=np.array(0.5), efficiency=np.array(0.5))
    table = SkyTable.prepare(climate, frequency_hz=20e9, aperture=dish, min_elevation_rad=np.full(8, np.radians(30.0)))
    exceedance = np.array([np.nan, 1e-5, 5e-5, 5e-4, 0.2, np.nan, np.nan, 0.9])
    rain = np.array([np.nan, np.nan, np.nan, np.nan, np.nan, 30.0, 0.0, np.nan])
    values = table.at(exceedance, rain).values.reshape(8, -1, 3)
    assert np.all(values[0, :, 1:] == 0.0)
    assert np.all(values[[1, 2, 3, 5], :, 2] > 0.0)
    assert np.all(values[[0, 4, 6, 7], :, 2] == 0.0)
    assert np.all(values[:, :, 0] > 0.0)
    assert np.all(values[1:7, :, 1] > 0.0)
    assert np.all(values[7, :, 1] >= 0.0)  # a cloudless moment of a fine day


def test_a_site_above_the_rain_has_none() -> None:
    """Neither by exceedance nor where somebody measured some."""
    climate = climates(2, seed=2)
    climate.freezing_height_m[:] = -1_000.0
    dish = Aperture(diameter_m=np.array(0.5), efficiency=np.array(0.5))
    table = SkyTable.prepare(climate, frequency_hz=83e9, aperture=dish, min_elevation_rad=np.full(2, 1.0))
    sky = table.at(np.array([1e-4, np.nan]), np.array([np.nan, 50.0]))
    assert np.all(np.isinf(sky.cross_polar_db))
    assert np.all(np.isfinite(sky.total_db))


def test_rain_above_the_methods_frequencies_turns_no_polarisation() -> None:
    """It fades, and the discrimination is left out."""
    climate = climates(1, seed=4)
    dish = Aperture(diameter_m=np.array(1.85), efficiency=np.array(0.5))
    table = SkyTable.prepare(climate, frequency_hz=83e9, aperture=dish, min_elevation_rad=np.full(1, 1.0))
    values = table.at(np.array([1e-3]), np.array([np.nan])).values
    assert np.all(values[:, 1] > 0.0)
    assert np.all(values[:, 2] == 0.0)
