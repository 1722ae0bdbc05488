"""pymap3d, an independent geodesy library, sees satellites where we do."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.orbit.frames import geodetic_to_itrf, itrf_to_geodetic, look_angles

NANORADIAN = 1e-9
MICROMETRE = 1e-6

latitudes = st.floats(-np.pi / 2, np.pi / 2)
longitudes = st.floats(-np.pi, np.pi)
site_heights = st.floats(-400.0, 8_000.0)
satellite_heights = st.floats(200e3, 2_000e3)
directions = st.floats(-0.5, 0.5)


def turn_between(first_rad: float, second_rad: float) -> float:
    """The smaller angle between two azimuths."""
    return abs((first_rad - second_rad + np.pi) % (2.0 * np.pi) - np.pi)


@given(latitudes, longitudes, site_heights, directions, directions, satellite_heights)
def test_look_angles_are_those_of_pymap3d(
    latitude_rad: float, longitude_rad: float, height_m: float, north_rad: float, east_rad: float, up_m: float
) -> None:
    """From anywhere, to a satellite anywhere within some thousand kilometres."""
    below_rad = np.clip(latitude_rad + north_rad, -np.pi / 2, np.pi / 2)
    satellite_m = geodetic_to_itrf(below_rad, np.asarray(longitude_rad + east_rad), np.asarray(up_m))
    ours = look_angles(satellite_m, latitude_rad, longitude_rad, height_m)
    azimuth_rad, elevation_rad, slant_range_m = pymap3d.ecef2aer(
        *satellite_m, latitude_rad, longitude_rad, height_m, deg=False
    )
    assert float(ours.elevation_rad) == pytest.approx(elevation_rad, abs=NANORADIAN)
    assert float(ours.slant_range_m) == pytest.approx(slant_range_m, abs=MICROMETRE)
    # Straight above an azimuth means nothing; beside it, it is known as well as the sideways distance allows.
    sideways = max(np.cos(elevation_rad), 1e-12)
    assert turn_between(float(ours.azimuth_rad), azimuth_rad) < NANORADIAN / sideways


@given(latitudes, longitudes, st.floats(-400.0, 2_000e3))
def test_geodetic_coordinates_are_those_of_pymap3d(latitude_rad: float, longitude_rad: float, height_m: float) -> None:
    """There to a micrometre, and back within ten nanoradians, which is what pymap3d's own way back is good for."""
    position_m = geodetic_to_itrf(np.asarray(latitude_rad), np.asarray(longitude_rad), np.asarray(height_m))
    theirs_m = pymap3d.geodetic2ecef(latitude_rad, longitude_rad, height_m, deg=False)
    np.testing.assert_allclose(position_m, theirs_m, rtol=0, atol=MICROMETRE)
    latitude, _, height = itrf_to_geodetic(position_m)
    their_latitude, _, their_height = pymap3d.ecef2geodetic(*position_m, deg=False)
    assert float(latitude) == pytest.approx(float(their_latitude), abs=10 * NANORADIAN)
    assert float(height) == pytest.approx(float(their_height), abs=1e-3)
