"""The simulated weather has the statistics that it is made for: at a place over years, between places, and in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.rng import stream
from skycommons.radio.weather_field import WeatherField, space_correlation, time_correlation

APART_S = 50_000.0  # ten times the memory of the field
INSTANTS = 6_000
OF_PAIRS = 0.01  # error of the mean correlation of the pairs: a finite number of waves and of instants
OF_TIME = 0.015  # the same for one correlation in time


def places(count: int) -> tuple[Floats, Floats]:
    """Latitudes and longitudes spread evenly over the globe."""
    row = np.arange(count)
    return np.arcsin(1.6 * (row + 0.5) / count - 0.8), (row * np.pi * (3.0 - np.sqrt(5.0))) % (2.0 * np.pi)


def series(latitude_rad: Floats, longitude_rad: Floats, *, first_s: float = 0.0, instants: int = INSTANTS) -> Floats:
    """The field at instants that know nothing of each other, ``(T, G)``."""
    field = WeatherField.prepare(latitude_rad, longitude_rad, stream(7, "weather"))
    return np.stack([field.at(first_s + APART_S * step) for step in range(instants)])


@pytest.mark.parametrize("share", [0.01, 0.001])
def test_bad_weather_is_as_rare_as_it_should_be(share: float) -> None:
    """Tails at places far apart are those of the share, within four standard errors of the sample."""
    latitude_rad, longitude_rad = places(60)
    field = WeatherField.prepare(latitude_rad, longitude_rad, stream(7, "weather"))
    seen = np.mean([np.mean(field.exceedance(APART_S * step) < share) for step in range(INSTANTS)])
    assert abs(seen - share) < 4.0 * np.sqrt(share / (INSTANTS * 60))


def test_it_is_a_standard_gaussian() -> None:
    """Mean, deviation and excess kurtosis."""
    value = series(*places(60))
    assert abs(np.mean(value)) < 0.005
    assert np.std(value) == pytest.approx(1.0, abs=0.005)
    assert abs(np.mean(value**4) / np.var(value) ** 2 - 3.0) < 0.03


@pytest.mark.parametrize("distance_m", [60e3, 232e3])
def test_near_places_have_alike_weather(distance_m: float) -> None:
    """The mean correlation of pairs all over the globe, to the north and to the east, is that of the recommendation."""
    latitude_rad, longitude_rad = places(40)
    angle = distance_m / EARTH_MEAN_RADIUS_M
    for north, east in ((angle, 0.0 * latitude_rad), (0.0, angle / np.cos(latitude_rad))):
        value = series(
            np.concatenate([latitude_rad, latitude_rad + north]),
            np.concatenate([longitude_rad, longitude_rad + east]),
            instants=4_000,
        )
        correlation = np.mean(value[:, :40] * value[:, 40:])
        assert abs(correlation - space_correlation(distance_m)) < OF_PAIRS


@pytest.mark.parametrize("lag_s", [300.0, 1_800.0, 5_000.0])
def test_weather_lasts(lag_s: float) -> None:
    """The correlation of an instant with a later one decays as the recommendation has it."""
    now, later = series(*places(40)), series(*places(40), first_s=lag_s)
    assert abs(np.mean(now * later) - time_correlation(lag_s)) < OF_TIME


@given(st.permutations(range(6)), st.integers(0, 2**63 - 1))
def test_any_order_of_instants_gives_the_same_weather(order: list[int], seed: int) -> None:
    """There is no state: a run that starts in the middle sees what a run from the beginning saw."""
    latitude_rad, longitude_rad = places(3)
    first, second = (
        WeatherField.prepare(latitude_rad, longitude_rad, stream(seed, "weather"), features=64) for _ in range(2)
    )
    in_order = [first.at(1.8e9 + 15.0 * step) for step in range(6)]
    for step in order:
        np.testing.assert_array_equal(second.at(1.8e9 + 15.0 * step), in_order[step])


def test_another_seed_is_another_weather() -> None:
    """Two seeds have nothing in common."""
    latitude_rad, longitude_rad = places(60)
    one, two = (
        np.concatenate(
            [
                WeatherField.prepare(latitude_rad, longitude_rad, stream(seed, "weather")).at(t * APART_S)
                for t in range(50)
            ]
        )
        for seed in (1, 2)
    )
    assert abs(np.mean(one * two)) < 0.1
