"""Triangles on a round Earth."""

import numpy as np

from skycommons.radio.free_space import TR38821_RADIUS_M
from skycommons.radio.sphere import central_angle_rad, nadir_angle_rad, sky_or_nan


def test_angles_outside_the_sky_are_masked() -> None:
    """Below the horizon, past the zenith, and no number."""
    elevation = np.radians([-1.0, 0.0, 90.0, 95.0, np.nan])
    np.testing.assert_array_equal(np.isnan(sky_or_nan(elevation)), [True, False, False, True, True])
    assert np.isnan(nadir_angle_rad(np.radians(95.0), 550e3))


def test_the_angles_of_the_triangle_make_two_right_angles() -> None:
    """Elevation, nadir angle, central angle and the right angle between elevation and zenith."""
    elevation = np.radians(np.linspace(0.0, 90.0, 19))
    nadir = nadir_angle_rad(elevation, 550e3)
    np.testing.assert_allclose(elevation + nadir + central_angle_rad(nadir, 550e3), np.pi / 2.0, atol=1e-12)


def test_a_ray_past_the_limb_lands_nowhere() -> None:
    """The limb itself is where the horizon sees the satellite; the other side is mirrored."""
    limb = np.arcsin(TR38821_RADIUS_M / (TR38821_RADIUS_M + 550e3))
    landing = central_angle_rad(np.array([limb - 1e-6, limb + 1e-6, 0.3, -0.3]), 550e3)
    assert np.isnan(landing[1])
    assert landing[0] > 0.3
    assert landing[2] == -landing[3]
