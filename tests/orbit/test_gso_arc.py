"""The angle to the geostationary arc, against a dense scan of what is visible of it."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.constants import GSO_RADIUS_M
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.orbit.gso_arc import gso_separation

ACCURACY_RAD = 1e-7
HIGHEST_VISIBLE_DEG = 81.3  # the arc sets at this latitude


def site(latitude_deg: float, longitude_deg: float = 0.0, height_m: float = 0.0) -> tuple[Floats, Floats]:
    """Position, and axes east, north, up."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    return geodetic_to_itrf(latitude, longitude, np.asarray(height_m)), enu_axes(latitude, longitude)


def sight(axes: Floats, azimuth_deg: float, elevation_deg: float) -> Floats:
    """A line of sight."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    level = np.sin(azimuth) * axes[0] + np.cos(azimuth) * axes[1]
    return np.asarray(np.cos(elevation) * level + np.sin(elevation) * axes[2])


def on_arc(longitude_rad: Floats, site_m: Floats) -> Floats:
    """From the site to points of the arc."""
    circle = np.stack([np.cos(longitude_rad), np.sin(longitude_rad), np.zeros_like(longitude_rad)], axis=-1)
    return np.asarray(GSO_RADIUS_M * circle - site_m)


def scan(site_m: Floats, up: Floats, direction: Floats) -> float:
    """The smallest angle to the visible arc: three scans, each of 1,001 points, finer and finer, ends included."""
    normal, height = np.hypot(up[0], up[1]) * GSO_RADIUS_M, site_m @ up
    if normal <= height:
        return float(np.pi)
    middle, half = np.arctan2(site_m[1], site_m[0]), np.arccos(height / normal)
    low, high = middle - half, middle + half
    for _ in range(3):
        longitude = np.linspace(low, high, 1_001)
        points = on_arc(longitude, site_m)
        angle = np.arctan2(np.linalg.norm(np.cross(points, direction), axis=-1), points @ direction)
        best, step = int(angle.argmin()), longitude[1] - longitude[0]
        low, high = max(low, longitude[best] - 2 * step), min(high, longitude[best] + 2 * step)
    return float(angle.min())


def assert_as_scanned(site_m: Floats, axes: Floats, direction: Floats) -> None:
    """To a ten-millionth of a radian."""
    ours = gso_separation(*site_m.tolist(), *axes[2].tolist(), *direction.tolist())
    assert ours == pytest.approx(scan(site_m, axes[2], direction), abs=ACCURACY_RAD)


def test_two_thousand_sites_and_directions_are_as_scanned() -> None:
    """All over the Earth, above the horizon and below, every tenth close to the arc, and where the arc just sets."""
    random = np.random.default_rng(7)
    for number in range(2_000):
        latitude_deg = random.uniform(80.5, 81.5) if number % 9 == 0 else random.uniform(-90.0, 90.0)
        site_m, axes = site(latitude_deg, random.uniform(-180.0, 180.0), random.choice([0.0, 4_000.0]))
        direction = sight(axes, random.uniform(0.0, 360.0), random.uniform(-90.0, 90.0))
        if number % 10 == 0:
            near_rad = np.arctan2(site_m[1], site_m[0]) + random.uniform(-1.4, 1.4)
            direction = on_arc(near_rad, site_m) + random.normal(size=3) * random.choice([0.0, 1e3, 1e6])
        assert_as_scanned(site_m, axes, direction)


@pytest.mark.kernel
@pytest.mark.parametrize("latitude_deg", [0.0, -35.0, 60.0, 81.0])
@pytest.mark.parametrize("azimuth_deg", [0.0, 90.0, 200.0])
@pytest.mark.parametrize("elevation_deg", [0.0, 25.0, 85.0])
def test_a_grid_of_directions_is_as_scanned(latitude_deg: float, azimuth_deg: float, elevation_deg: float) -> None:
    """East, west and north, low and high: along the arc, beyond its ends and with the back to it."""
    site_m, axes = site(latitude_deg, 30.0)
    assert_as_scanned(site_m, axes, sight(axes, azimuth_deg, elevation_deg))


@pytest.mark.kernel
@pytest.mark.parametrize("latitude_deg", [90.0, -90.0, 82.0, -85.0])
def test_near_the_poles_nothing_has_to_be_protected(latitude_deg: float) -> None:
    """No point of the arc is above the horizon."""
    site_m, axes = site(latitude_deg)
    assert gso_separation(*site_m.tolist(), *axes[2].tolist(), *sight(axes, 180.0, 10.0).tolist()) == np.pi


@pytest.mark.kernel
def test_under_the_arc_the_zenith_is_on_it() -> None:
    """Where elevation and separation add up to a right angle, looking north or south."""
    site_m, axes = site(0.0, 77.0)
    for elevation_deg in (90.0, 60.0, 30.0):
        for azimuth_deg in (0.0, 180.0):
            separation = gso_separation(
                *site_m.tolist(), *axes[2].tolist(), *sight(axes, azimuth_deg, elevation_deg).tolist()
            )
            assert np.degrees(separation) == pytest.approx(90.0 - elevation_deg, abs=1e-6)


@pytest.mark.kernel
@pytest.mark.parametrize("off_deg", [-70.0, -10.0, 0.0, 45.0])
@pytest.mark.parametrize("latitude_deg", [0.0, 47.0, -20.0])
def test_a_satellite_on_the_arc_is_not_separated_from_it(latitude_deg: float, off_deg: float) -> None:
    """Whatever the length of the line of sight."""
    site_m, axes = site(latitude_deg, -60.0)
    direction = on_arc(np.asarray(np.radians(-60.0 + off_deg * 0.9)), site_m)
    for length in (1.0, 1e-6, 1e6):
        assert gso_separation(*site_m.tolist(), *axes[2].tolist(), *(direction * length).tolist()) < ACCURACY_RAD


def test_the_arc_sets_at_81_degrees() -> None:
    """Known from the geometry: cos of the latitude is near the Earth's radius over the arc's."""
    low, high = (site(HIGHEST_VISIBLE_DEG + off) for off in (-0.1, 0.1))
    seen = [
        gso_separation(*site_m.tolist(), *axes[2].tolist(), *sight(axes, 180.0, 5.0).tolist())
        for site_m, axes in (low, high)
    ]
    assert np.degrees(seen[0]) == pytest.approx(5.0, abs=0.2)
    assert seen[1] == np.pi
