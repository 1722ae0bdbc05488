"""Who is outside a recommendation's range is told; who has no path at all is refused."""

import numpy as np
import pytest

from skycommons.base.errors import PhysicsError
from skycommons.radio import recommendations as itu


def test_results_can_be_stamped_with_every_version() -> None:
    """Subject to document and version, read-only."""
    assert itu.RECOMMENDATIONS["rain"] == "ITU-R P.618-14 §2.2.1.1"
    assert itu.RECOMMENDATIONS["cloud"] == "ITU-R P.840-9"
    with pytest.raises(TypeError):
        itu.RECOMMENDATIONS["rain"] = "another"  # type: ignore[index]  # a test that it cannot be done


def test_elevations_below_the_horizon_or_beyond_the_zenith_are_masked() -> None:
    """NaN stays NaN."""
    masked = itu.above_horizon(np.array([-1.0, 0.0, 0.1, np.pi / 2, 1.6, np.nan]))
    assert np.isnan(masked).tolist() == [True, True, False, False, True, True]


def test_e_band_is_outside_the_rain_method() -> None:
    """It is stated up to 55 GHz; a carrier that is no number is outside everything."""
    outside = itu.outside_frequency(itu.P618_RAIN, np.array([0.5e9, 12e9, 55e9, 75e9, np.nan]))
    assert outside.tolist() == [True, False, False, True, True]


def test_low_elevations_are_outside_the_slant_gas_method() -> None:
    """It is stated from 5 degrees."""
    assert itu.outside_elevation(itu.P676_SLANT, np.radians([4.0, 5.0, 90.0])).tolist() == [True, False, False]


def test_rare_and_common_weather_are_outside_the_rain_method() -> None:
    """It is stated from 0.001 to 5 % of the year."""
    outside = itu.outside_exceedance(itu.P618_RAIN, np.array([1e-6, 1e-5, 0.05, 0.2, np.nan]))
    assert outside.tolist() == [True, False, False, True, True]


def test_a_method_without_shares_of_the_year_has_none_outside() -> None:
    """Free space knows no weather."""
    assert not itu.outside_exceedance(itu.P525, np.array([0.0, 1.0])).any()


@pytest.mark.parametrize("elevation_deg", [95.0, 0.0, -5.0, np.nan])
def test_an_elevation_without_a_path_is_refused(elevation_deg: float) -> None:
    """The message says which and what is allowed."""
    with pytest.raises(PhysicsError, match="has no path to a satellite"):
        itu.check_link(12e9, np.radians(elevation_deg))


@pytest.mark.parametrize("frequency_hz", [0.0, -1.0, np.inf, np.nan])
def test_a_carrier_that_cannot_be_is_refused(frequency_hz: float) -> None:
    """Positive and finite."""
    with pytest.raises(PhysicsError, match="carrier"):
        itu.check_link(frequency_hz, 0.5)


def test_a_possible_link_passes() -> None:
    """Zenith is allowed."""
    itu.check_link(12e9, np.pi / 2)
