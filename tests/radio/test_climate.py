"""The climate of a place, from the packed maps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import InputError, ShapeError
from skycommons.radio.climate import (
    EXCEEDANCES,
    Climate,
    at_exceedance,
    climate_at,
    standard_pressure_pa,
    terrain_height_m,
)

COLUMNS = (
    *("height_m", "rain_rate_mm_h", "freezing_height_m", "temperature_k", "pressure_pa", "wet_refractivity"),
    *("vapour_kg_m3", "liquid_kg_m2", "at_sea"),
)


def places(*degrees: tuple[float, float], height_m: list[float] | None = None) -> Climate:
    """Climate at latitudes and longitudes in degrees."""
    latitude, longitude = np.radians(np.array(degrees)).T
    return climate_at(latitude, longitude, None if height_m is None else np.array(height_m))


def test_singapore_is_wetter_than_oslo_and_oslo_colder() -> None:
    """What everybody knows of both."""
    singapore, oslo = range(2)
    climate = places((1.35, 103.82), (59.91, 10.75))
    assert len(climate) == 2
    assert climate.rain_rate_mm_h[singapore] > 60.0 > climate.rain_rate_mm_h[oslo]
    assert climate.freezing_height_m[singapore] > 4_000.0 > climate.freezing_height_m[oslo]
    assert climate.temperature_k[singapore] > 290.0 > climate.temperature_k[oslo]
    assert (climate.vapour_kg_m3[singapore] > climate.vapour_kg_m3[oslo]).all()


def test_rarer_weather_is_wetter() -> None:
    """Vapour and cloud water never grow with the share of the year for which they are exceeded."""
    rng = np.random.default_rng(20)
    climate = climate_at(np.arcsin(rng.uniform(-1.0, 1.0, 5_000)), rng.uniform(-np.pi, np.pi, 5_000))
    for name in ("vapour_kg_m3", "liquid_kg_m2"):
        values = getattr(climate, name)
        assert values.shape == (5_000, len(EXCEEDANCES))
        assert (np.diff(values, axis=1) <= 1e-9).all(), name


def test_a_site_without_height_stands_on_the_map() -> None:
    """NaN asks for the map's height, as None does; a number is taken as it is."""
    alone, given_one = places((27.7, 85.3)), places((27.7, 85.3), (27.7, 85.3), height_m=[np.nan, 1_400.0])
    assert given_one.height_m.tolist() == [alone.height_m[0], 1_400.0]
    assert given_one.vapour_kg_m3[0].tolist() == alone.vapour_kg_m3[0].tolist()


def test_a_higher_site_has_less_air_and_vapour_above_it() -> None:
    """Rain rate, temperature and cloud water are the map's all the same."""
    low, high = places((46.5, 8.0), height_m=[600.0]), places((46.5, 8.0), height_m=[3_500.0])
    assert high.pressure_pa[0] < 0.75 * low.pressure_pa[0]
    assert (high.vapour_kg_m3 < 0.5 * low.vapour_kg_m3).all()
    for name in ("rain_rate_mm_h", "temperature_k", "liquid_kg_m2", "freezing_height_m"):
        assert getattr(high, name).tolist() == getattr(low, name).tolist(), name


@given(st.floats(-90.0, 90.0), st.floats(-180.0, 180.0), st.integers(-3, 3))
def test_turns_of_longitude_change_nothing(latitude_deg: float, longitude_deg: float, turns: int) -> None:
    """A place is a place, however its longitude is written; everything there is a sane number."""
    one, other = places((latitude_deg, longitude_deg), (latitude_deg, longitude_deg + 360.0 * turns)), slice(1, 2)
    for name in COLUMNS[:-1]:
        values = getattr(one, name)
        assert np.isfinite(values).all()
        np.testing.assert_allclose(values[other], values[:1], rtol=1e-9, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("latitude_deg", [-90.0, 90.0])
def test_a_pole_is_one_place(latitude_deg: float) -> None:
    """Its climate does not depend on the longitude that somebody gives it."""
    climate = places(*((latitude_deg, longitude) for longitude in (-180.0, -77.7, 0.0, 33.3, 180.0)))
    for name in COLUMNS:
        values = getattr(climate, name)
        np.testing.assert_allclose(values, np.broadcast_to(values[:1], values.shape), rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("meridian_deg", [0.0, 180.0, -180.0])
def test_nothing_jumps_at_a_seam(meridian_deg: float) -> None:
    """A metre east and a metre west of where the maps begin or end."""
    latitudes = np.arange(-89.5, 90.0, 0.7)
    west, east = (places(*((latitude, meridian_deg + step) for latitude in latitudes)) for step in (-1e-5, 1e-5))
    for name in COLUMNS[:-1]:
        scale = np.ptp(getattr(west, name)) + 1e-9
        np.testing.assert_allclose(getattr(east, name), getattr(west, name), atol=1e-3 * scale, err_msg=name)


def test_the_open_sea_is_labelled_and_has_a_climate() -> None:
    """Mid-Atlantic and Point Nemo are sea; Berlin, Singapore, the Caspian shore and the south pole are not."""
    sea = places((30.0, -40.0), (-48.87, -123.39))
    land = places((52.5, 13.4), (1.35, 103.82), (40.4, 49.9), (-90.0, 0.0))
    assert sea.at_sea.all()
    assert not land.at_sea.any()
    assert (np.abs(sea.height_m) < 1.0).all()
    assert (sea.rain_rate_mm_h > 0.0).all()


@pytest.mark.parametrize(
    ("latitude_rad", "longitude_rad", "message"),
    [
        ([0.0, np.nan], [0.0, 0.0], "place 1: the latitude is nan"),
        ([0.0, 0.0], [np.inf, 0.0], "place 0: the longitude is inf"),
        ([0.0, 2.0], [0.0, 0.0], r"place 1: no latitude is 114\.592°"),
    ],
)
def test_what_is_no_place_is_refused(latitude_rad: list[float], longitude_rad: list[float], message: str) -> None:
    """The message names the row."""
    with pytest.raises(InputError, match=message):
        climate_at(np.array(latitude_rad), np.array(longitude_rad))


def test_columns_of_other_lengths_are_refused() -> None:
    """Longitudes and heights must be as many as latitudes."""
    with pytest.raises(ShapeError, match="longitude_rad"):
        climate_at(np.zeros(2), np.zeros(3))
    with pytest.raises(ShapeError, match="height_m"):
        climate_at(np.zeros(2), np.zeros(2), np.zeros(1))


def test_no_places_have_no_climate() -> None:
    """Empty in, empty out."""
    assert len(climate_at(np.zeros(0), np.zeros(0))) == 0


def test_pressure_is_the_standard_atmospheres() -> None:
    """P.835's own corner values: the sea, 11 km and 20 km of geopotential height, where it is continuous."""
    geopotential_km = np.array([0.0, 11.0, 11.0 + 1e-9, 20.0])
    height_m = 1e3 * 6356.766 * geopotential_km / (6356.766 - geopotential_km)
    expected_hpa = [1013.25, 226.3226, 226.3226, 54.7498]
    np.testing.assert_allclose(standard_pressure_pa(height_m) / 100.0, expected_hpa, rtol=2e-5)


def test_air_takes_the_vapour_of_the_share() -> None:
    """At a kept share it is the kept value; beyond the ends the nearest; between, the logarithm of the share counts."""
    climate = places((1.35, 103.82))
    kept = climate.vapour_kg_m3[0]
    assert climate.air(0.1).vapour_kg_m3[0] == pytest.approx(kept[1])
    assert climate.air(0.5).pressure_pa is climate.pressure_pa
    assert at_exceedance(climate.vapour_kg_m3, np.array([1e-4]))[0] == kept[0]
    assert at_exceedance(climate.vapour_kg_m3, np.array([0.9]))[0] == pytest.approx(kept[-1])
    assert at_exceedance(climate.vapour_kg_m3, np.array([np.sqrt(0.05 * 0.1)]))[0] == pytest.approx(kept[:2].mean())


def test_terrain_stands_above_the_sea_and_the_sea_at_its_level() -> None:
    """A plateau, a lowland and an ocean."""
    latitude, longitude = np.radians([[31.0, 52.5, 0.0], [90.0, 5.0, -30.0]])
    plateau, lowland, ocean = terrain_height_m(latitude, longitude)
    assert 4_000.0 < plateau < 6_000.0
    assert abs(lowland) < 60.0
    assert ocean == 0.0
