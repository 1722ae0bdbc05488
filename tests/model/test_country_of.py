"""Countries of many places at once."""

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.base.rng import stream
from skycommons.model.borders import country, country_names
from skycommons.model.country_of import REACH_M, country_of_places


def codes(*places: tuple[float, float], reach_m: float = REACH_M) -> list[str]:
    """Countries of places in degrees."""
    latitude, longitude = np.radians(np.array(places, dtype=np.float64).reshape(-1, 2)).T
    return [str(code) for code in country_of_places(latitude, longitude, reach_m=reach_m)]


def test_towns_are_in_their_countries() -> None:
    """On both sides of the antimeridian, on islands, at the pole, at any turn of longitude."""
    places = [(47.37, 8.54), (-17.8, 178.0), (-16.85, 180.02), (52.2, 21.0), (-90.0, 0.0), (-85.0, 60.0), (64.1, 338.1)]
    assert codes(*places) == ["CH", "FJ", "FJ", "PL", "AQ", "AQ", "IS"]


def test_the_sea_has_no_country() -> None:
    """Neither has a place that is none."""
    assert codes((0.0, -30.0), (90.0, 0.0), (np.nan, 5.0), (5.0, np.nan)) == ["", "", "", ""]


def test_no_places_have_no_countries() -> None:
    """An empty list stays empty."""
    assert codes() == []


def test_a_place_off_the_coast_belongs_to_the_nearest_within_reach() -> None:
    """10 km west of Portugal; and across the antimeridian, east of Fiji's Taveuni."""
    assert codes((38.78, -9.62)) == ["PT"]
    assert codes((38.78, -9.62), reach_m=1e3) == codes((38.78, -9.62), reach_m=0.0) == [""]
    assert codes((38.78, -9.62), (38.78, -12.0), reach_m=30e3) == ["PT", ""]


def test_the_reach_goes_over_the_antimeridian() -> None:
    """A place at 180° sees the corners on both sides, and a long reach near a pole all around it."""
    assert codes((-16.5, -179.97), (-16.5, 180.03), reach_m=200e3) == ["FJ", "FJ"]
    assert codes((89.9, 100.0), reach_m=900e3) != [""]


def test_every_place_is_as_if_asked_one_country_after_another() -> None:
    """The search by boxes forgets nothing."""
    draw = stream(3, "countries")
    latitude, longitude = np.arcsin(draw.uniform(-1.0, 1.0, 3_000)), draw.uniform(-np.pi, 3.0 * np.pi, 3_000)
    found = country_of_places(latitude, longitude, reach_m=0.0)
    plain = np.full(len(latitude), "", dtype=found.dtype)
    for code in reversed(list(country_names())):
        plain[country(code).contains(latitude, longitude)] = code
    assert found.tolist() == plain.tolist()
    assert 0.2 < np.mean(found != "") < 0.4


def test_the_nearest_corner_is_the_nearest_of_all() -> None:
    """Beside a test of every corner of every border."""
    draw = stream(4, "coasts")
    latitude, longitude = draw.uniform(-1.5, 1.5, 400), draw.uniform(-np.pi, np.pi, 400)
    found = country_of_places(latitude, longitude, reach_m=150e3)
    at_sea = country_of_places(latitude, longitude, reach_m=0.0) == ""
    rings = [(code, ring) for code in country_names() for polygon in country(code).polygons_rad for ring in polygon[:1]]
    corners = unit(*np.concatenate([ring[:, ::-1] for _, ring in rings]).T)
    owner = np.repeat([code for code, _ in rings], [len(ring) for _, ring in rings])
    cosine = unit(latitude[at_sea], longitude[at_sea]) @ corners.T
    near = np.arccos(np.clip(cosine.max(axis=1), -1.0, 1.0)) * 6_371_008.8 <= 150e3
    expected = np.where(near, owner[cosine.argmax(axis=1)], "")
    agree = found[at_sea] == expected
    shared = [code in owner[cosine[row] >= cosine[row].max() - 1e-15] for row, code in enumerate(found[at_sea])]
    assert np.all(agree | (near & shared))  # two countries may share the nearest corner
    assert 20 < near.sum() < 380


def test_columns_have_one_length() -> None:
    """A latitude for each longitude."""
    with pytest.raises(ShapeError, match="longitude_rad"):
        country_of_places(np.zeros(2), np.zeros(3))


def unit(latitude_rad: np.ndarray, longitude_rad: np.ndarray) -> np.ndarray:
    """Unit vectors on the sphere."""
    across = np.cos(latitude_rad)
    return np.stack([across * np.cos(longitude_rad), across * np.sin(longitude_rad), np.sin(latitude_rad)], axis=1)
