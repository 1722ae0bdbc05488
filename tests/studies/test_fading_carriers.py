"""What weather leaves of rates that a table gives, at a dry and a rainy place."""

import numpy as np
import pytest

from skycommons.radio.climate import climate_at
from skycommons.radio.modcod import ladder
from skycommons.studies.fading_carriers import (
    EarthStation,
    FadingCarrier,
    WeatherTable,
    clear_sky_table,
    weather_table,
)

SINGAPORE, CAIRO = (1.3, 103.8), (30.0, 31.2)
ELEVATIONS_RAD = np.radians([90.0, 45.0, 20.0]).tolist()
SHARES = (1e-4, 0.01, 0.5)


def carrier(*, hears: EarthStation | None = None, modcod: str = "16APSK 3/4") -> FadingCarrier:
    """In the middle of the Ku downlink."""
    return FadingCarrier(frequency_hz=11.7e9, modcod=ladder("dvb-s2x").modcod(modcod), dish_m=0.6, hears=hears)


def table(*, hears: EarthStation | None = None) -> WeatherTable:
    """Of two places."""
    climate = climate_at(*np.radians([SINGAPORE, CAIRO]).T)
    return weather_table(carrier(hears=hears), climate, elevation_rad=ELEVATIONS_RAD, exceedance=SHARES)


@pytest.mark.parametrize("modcod", ["16APSK 3/4", "128APSK 3/4"])
def test_the_table_holds_under_a_clear_sky(modcod: str) -> None:
    """Not more either, though another rung needs less than 128APSK 3/4 and gives more."""
    clear = clear_sky_table(carrier(modcod=modcod), places=2)
    assert clear.share(np.array([0, 1]), np.array([1.0, 3.0]), 0.3).tolist() == [1.0, 1.0]
    assert clear.least_share.tolist() == [1.0, 1.0]


def test_a_loss_costs_rungs_until_none_is_left() -> None:
    """16APSK 3/4 needs 10.21 dB, 13/18 9.71 dB, and the lowest of all -2.85 dB."""
    expected = ladder("dvb-s2x").modcod("16APSK 13/18").spectral_efficiency / carrier().modcod.spectral_efficiency
    assert carrier().share(np.array([0.0, 0.4, 20.0])).tolist() == [1.0, pytest.approx(expected), 0.0]


def test_weather_is_worse_where_it_rains_low_and_rarely() -> None:
    """The desert keeps more than the tropics; rarer weather takes more."""
    loss_db = table().loss_db
    assert loss_db.shape == (3, 3, 2)
    assert np.all(loss_db >= 0.0)
    assert np.all(loss_db[..., 0] > loss_db[..., 1])
    assert np.all(np.diff(loss_db, axis=1) < 0.0)
    assert np.all(loss_db[2, 1] > loss_db[1, 1])
    assert np.all(table().least_share <= table().share(np.array([0, 1]), np.array([1.0, 1.0]), 0.01))


def test_between_elevations_and_shares_a_loss_is_between() -> None:
    """And beyond them it is the nearest."""
    weather = table()
    place = np.zeros(3, dtype=np.int64)
    share = weather.share(place, np.array([0.5, 1.2, 9.0]), np.array([1e-6, 0.1, 0.9]))
    assert share[0] == weather.carrier.share(weather.loss_db[0, 0, :1])[0]
    assert share[2] == weather.carrier.share(weather.loss_db[2, 2, :1])[0]
    assert weather.share(place[:1], np.array([1.0]), 0.01) <= share[1] <= 1.0


def test_a_dish_on_the_ground_hears_the_rain() -> None:
    """3 dB of fade over 200 K cost another 2 dB."""
    station = EarthStation(antenna_k=50.0, receiver_k=150.0)
    assert station.rise_db(np.array([0.0, 3.0])) == pytest.approx([0.0, 2.0], abs=0.15)
    assert np.all(table(hears=station).loss_db[:, :2] > table().loss_db[:, :2])
