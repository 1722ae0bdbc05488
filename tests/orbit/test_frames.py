"""Frames, geodetic coordinates and the angles of a site."""

import numpy as np
import pytest

from skycommons.base.constants import WGS84_FLATTENING, WGS84_RADIUS_M
from skycommons.base.errors import ShapeError
from skycommons.orbit.frames import (
    angle_between_rad,
    enu_axes,
    geodetic_to_itrf,
    inertial,
    itrf_to_geodetic,
    look_angles,
    teme_to_itrf,
)
from skycommons.orbit.time import IersTable
from tests.support.orbits import EPOCH_NS


def test_no_turn_leaves_vectors_as_they_are() -> None:
    turn = inertial(3)
    np.testing.assert_array_equal(turn.rotation, np.broadcast_to(np.eye(3), (3, 3, 3)))
    np.testing.assert_array_equal(turn.spin_rad_s, np.zeros((3, 3)))


def test_the_earth_turns_once_in_a_sidereal_day() -> None:
    """After 86,164.0905 s the same stars stand over the same meridian, the pole's motion of a day apart."""
    turn = teme_to_itrf(EPOCH_NS + np.array([0, 43_082_045_250_000, 86_164_090_500_000]), IersTable.load())
    np.testing.assert_allclose(turn.rotation[2], turn.rotation[0], rtol=0, atol=1e-6)
    np.testing.assert_allclose(turn.rotation[1, :2, :2], -turn.rotation[0, :2, :2], rtol=0, atol=1e-6)


def test_angles_between_vectors_do_not_depend_on_their_lengths() -> None:
    """Opposite, the same, and so near that a cosine would not tell them apart."""
    ahead = np.array([1.0, 0.0, 0.0])
    others = np.array([[-2.0, 0.0, 0.0], [3.0, 0.0, 0.0], [4.0, 4e-9, 0.0]])
    np.testing.assert_allclose(angle_between_rad(ahead, others), [np.pi, 0.0, 1e-9], rtol=1e-12)


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "position_m"),
    [
        (0, 90, (0.0, WGS84_RADIUS_M, 0.0)),
        (0, 180, (-WGS84_RADIUS_M, 0.0, 0.0)),
        (90, 0, (0.0, 0.0, WGS84_RADIUS_M * (1 - WGS84_FLATTENING))),
        (-90, 45, (0.0, 0.0, -WGS84_RADIUS_M * (1 - WGS84_FLATTENING))),
    ],
)
def test_corners_of_the_ellipsoid(latitude_deg: float, longitude_deg: float, position_m: tuple[float, ...]) -> None:
    """Equator and poles."""
    position = geodetic_to_itrf(np.radians(latitude_deg), np.radians(longitude_deg), np.asarray(0.0))
    np.testing.assert_allclose(position, position_m, rtol=0, atol=1e-8)
    latitude, _, height = itrf_to_geodetic(position)
    assert float(latitude) == pytest.approx(np.radians(latitude_deg), abs=1e-15)
    assert float(height) == pytest.approx(0.0, abs=1e-8)


def test_east_north_and_up_at_the_corner_of_the_world() -> None:
    """At 0° north, 0° east: up is x, east is y, north is z."""
    np.testing.assert_allclose(enu_axes(np.asarray(0.0), np.asarray(0.0)), [[0, 1, 0], [0, 0, 1], [1, 0, 0]], atol=0)


@pytest.mark.parametrize(("towards", "azimuth_deg"), [("north", 0), ("east", 90), ("south", 180), ("west", 270)])
def test_azimuth_runs_clockwise_from_north(towards: str, azimuth_deg: float) -> None:
    """Seen from Zurich, to points a kilometre away on its horizontal plane."""
    latitude, longitude = np.radians(47.37), np.radians(8.54)
    east, north, up = enu_axes(np.asarray(latitude), np.asarray(longitude))
    step = {"north": north, "east": east, "south": -north, "west": -east}[towards]
    site_m = geodetic_to_itrf(np.asarray(latitude), np.asarray(longitude), np.asarray(400.0))
    angles = look_angles(site_m + 1e3 * (step + up), latitude, longitude, 400.0)
    assert np.degrees(float(angles.azimuth_rad)) % 360.0 == pytest.approx(azimuth_deg, abs=1e-7)
    assert 0.0 <= float(angles.azimuth_rad) < 2.0 * np.pi
    assert np.degrees(float(angles.elevation_rad)) == pytest.approx(45.0, abs=1e-7)
    assert float(angles.slant_range_m) == pytest.approx(1e3 * np.sqrt(2.0), abs=1e-6)


def test_what_is_below_the_horizon_has_a_negative_elevation() -> None:
    """The other side of the Earth is straight down."""
    angles = look_angles(np.array([[-7e6, 0.0, 0.0], [7e6, 0.0, 0.0]]), 0.0, 0.0)
    np.testing.assert_allclose(np.degrees(angles.elevation_rad), [-90.0, 90.0], atol=1e-9)


def test_many_satellites_keep_their_shape() -> None:
    """Steps by satellites in, steps by satellites out."""
    angles = look_angles(np.ones((4, 5, 3)) * 7e6, 0.5, 0.5)
    assert angles.azimuth_rad.shape == angles.elevation_rad.shape == angles.slant_range_m.shape == (4, 5)


def test_positions_need_three_numbers() -> None:
    with pytest.raises(ShapeError, match="sat_itrf_m"):
        look_angles(np.zeros((4, 2)), 0.0, 0.0)
