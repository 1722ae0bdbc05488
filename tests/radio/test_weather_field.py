"""The field of weather: its shape, its laws, and what it refuses."""

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.base.rng import stream
from skycommons.radio.weather_field import (
    FEWEST_FEATURES,
    WeatherField,
    space_correlation,
    time_correlation,
    upper_tail,
)

FLOAT32_NOISE = 1e-5  # sums of a thousand numbers in single precision


def field(latitude_deg: list[float], *, features: int = 1024) -> WeatherField:
    """Sites on the meridian of Greenwich."""
    latitude_rad = np.radians(latitude_deg)
    return WeatherField.prepare(latitude_rad, np.zeros_like(latitude_rad), stream(7, "weather"), features=features)


def test_bad_weather_is_rare() -> None:
    """The share is the Gaussian tail below the field's value, one number a site."""
    weather = field([0.0, 30.0, 60.0])
    value, exceedance = weather.at(3600.0), weather.exceedance(3600.0)
    assert value.shape == exceedance.shape == (3,)
    np.testing.assert_allclose(upper_tail(-value), exceedance)
    assert np.argmin(value) == np.argmin(exceedance)


def test_the_tail_is_that_of_a_table() -> None:
    """Quantiles of the normal law as tables print them."""
    np.testing.assert_allclose(upper_tail(np.array([1.6449, 2.3263, 3.7190])), [0.05, 0.01, 1e-4], rtol=1e-3)


def test_another_set_of_sites_sees_the_same_weather() -> None:
    """The waves depend on the seed alone: adding sites changes nothing at those that were there."""
    few, many = field([50.0]), field([50.0, *np.linspace(-60.0, 60.0, 600)])
    assert abs(few.at(1e9)[0] - many.at(1e9)[0]) < FLOAT32_NOISE


def test_the_two_parts_keep_their_shares_with_any_number_of_waves() -> None:
    """Half the sum of the squares of the amplitudes is the variance."""
    for features in (FEWEST_FEATURES, 101, 1024):
        assert np.sum(field([0.0], features=features).amplitude ** 2) / 2.0 == pytest.approx(1.0)


def test_too_few_waves_are_refused() -> None:
    """Their tails would be wrong."""
    with pytest.raises(InputError, match="63 waves"):
        field([0.0], features=63)


def test_waves_of_another_number_are_refused() -> None:
    """Columns must match."""
    weather = field([0.0])
    with pytest.raises(ShapeError, match="waves"):
        WeatherField(
            waves=weather.waves[:, 1:],
            amplitude=weather.amplitude,
            frequency_rad_s=weather.frequency_rad_s,
            phase_rad=weather.phase_rad,
        )


def test_correlations_of_the_recommendations() -> None:
    """One at no distance, the printed shares and lengths, the same into past and future."""
    assert space_correlation(0.0) == pytest.approx(1.0)
    assert space_correlation(700e3) == pytest.approx(0.3 / np.e, abs=1e-5)
    assert time_correlation(-5_000.0) == time_correlation(5_000.0) == pytest.approx(1.0 / np.e)
