"""The bounds on the separation from the geostationary arc never contradict the angle itself, and mostly decide."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.orbit.gso_arc import gso_separation
from skycommons.plan.gso_band_kernel import FAR, NEAR, UNSURE, arc_band, declination_limits, nearness

pytestmark = pytest.mark.kernel


def site(latitude_deg: float, longitude_deg: float) -> tuple[Floats, Floats]:
    """Position and axes of a site."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    return geodetic_to_itrf(latitude, longitude, np.array(0.0)), enu_axes(latitude, longitude)


def verdict(latitude_deg: float, azimuth_deg: float, elevation_deg: float, limit_deg: float) -> tuple[int, bool]:
    """What the bounds say of a direction, and what is true."""
    place, axes = site(latitude_deg, 20.0)
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    flat = np.cos(elevation)
    sight = np.array([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)]) @ axes
    low, high, along, across, turn_c, turn_s = arc_band(*place, *axes[2])
    said = nearness(
        sight[2],
        turn_c * sight[0] + turn_s * sight[1],
        turn_c * sight[1] - turn_s * sight[0],
        declination_limits(low, high, np.radians(limit_deg)),
        across / along if along > 0.0 else 1e12,
    )
    return said, bool(gso_separation(*place, *axes[2], *sight) < np.radians(limit_deg))


@pytest.mark.parametrize("latitude_deg", [0.0, 0.01, -23.0, 51.0, -78.0, 81.2, 85.0])
@pytest.mark.parametrize("limit_deg", [4.0, 12.0, 22.0, 89.0])
def test_bounds_agree_with_the_angle(latitude_deg: float, limit_deg: float) -> None:
    """All over the sky; few directions are left to the angle where the arc is not short."""
    draw = np.random.default_rng(3)
    unsure = 0
    for _ in range(60):
        said, is_true = verdict(latitude_deg, draw.uniform(0.0, 360.0), np.degrees(np.arcsin(draw.random())), limit_deg)
        unsure += said == UNSURE
        assert said == UNSURE or (said == NEAR) == is_true
    if abs(latitude_deg) < 60.0 and limit_deg < 30.0:
        assert unsure < 12


def test_below_the_arc_is_near_and_the_pole_is_far() -> None:
    """Due south of Berlin at 30°, and the pole star."""
    assert verdict(52.5, 180.0, 30.0, 12.0) == (NEAR, True)
    assert verdict(52.5, 0.0, 52.5, 12.0) == (FAR, False)


def test_nothing_is_near_without_a_limit_or_without_an_arc() -> None:
    """A limit of zero; a site that sees none of the arc; a limit beyond both poles."""
    assert verdict(10.0, 180.0, 78.0, 0.0)[0] == FAR
    assert np.isnan(arc_band(*site(85.0, 0.0)[0], *site(85.0, 0.0)[1][2])[0])
    assert verdict(85.0, 180.0, 10.0, 40.0) == (FAR, False)
    assert verdict(10.0, 0.0, 10.0, 170.0)[1]
