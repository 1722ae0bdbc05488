"""Constants agree with each other where they are related."""

import math

from skycommons.base import constants


def test_the_geostationary_radius_follows_from_gravity_and_rotation() -> None:
    """Kepler's third law, to the kilometre that S.1503 rounds to."""
    radius_m = (constants.WGS72_MU_M3_S2 / constants.EARTH_ROTATION_RAD_S**2) ** (1 / 3)
    assert abs(radius_m - constants.GSO_RADIUS_M) < 1_000


def test_the_mean_radius_is_that_of_the_ellipsoid() -> None:
    """R1 = (2a + b) / 3."""
    polar_m = constants.WGS84_RADIUS_M * (1 - constants.WGS84_FLATTENING)
    assert math.isclose((2 * constants.WGS84_RADIUS_M + polar_m) / 3, constants.EARTH_MEAN_RADIUS_M, abs_tol=0.1)


def test_the_earth_turns_once_in_a_stellar_day() -> None:
    """23 h 56 min 4.0989 s, against the fixed stars (IERS useful constants)."""
    assert abs(2 * math.pi / constants.EARTH_ROTATION_RAD_S - 86_164.0989) < 1e-3
