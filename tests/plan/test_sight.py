"""One line of sight with its angles."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import PhysicsError
from skycommons.model.world import Sites
from skycommons.plan.sight import sight, standing_sight
from skycommons.plan.visibility import find_links
from skycommons.radio.sphere import nadir_angle_rad
from tests.support.tiny_world import tiny_scenario

NANORADIAN = 1e-9
ALTITUDE_M = 550e3


@pytest.fixture
def sites() -> Sites:
    """A terminal, a gateway and a PoP."""
    return tiny_scenario().world.sites


def southern(sites: Sites, *, tilt_deg: float) -> Sites:
    """The same sites mirrored at the equator, with tilted faces."""
    return replace(
        sites, latitude_rad=-sites.latitude_rad, tilt_rad=np.full(len(sites), np.radians(tilt_deg), dtype=np.float64)
    )


def test_angles_are_those_of_the_table_of_links() -> None:
    """Elevation, azimuth, range and the geostationary arc."""
    scenario = tiny_scenario(
        constellation='[[constellation]]\nname = "s"\naltitude_km = 1200\nplanes = 12\nsatellites_per_plane = 12\n'
        "inclination_deg = 53"
    )
    ephemeris = scenario.propagate(scenario.times()[:1])
    links = find_links(scenario.world.sites, ephemeris, site_rows=np.array([0]))
    assert len(links) > 0
    for row, satellite in enumerate(links.sat.tolist()):
        found = sight(scenario.world.sites, 0, ephemeris.position_itrf_m[0, satellite])
        assert found.elevation_rad == pytest.approx(links.elevation_rad[row], abs=NANORADIAN)
        assert found.azimuth_rad == pytest.approx(links.azimuth_rad[row], abs=NANORADIAN)
        assert found.range_m == pytest.approx(links.slant_range_m[row], abs=1e-3)
        assert found.gso_separation_rad == pytest.approx(links.gso_separation_rad[row], abs=1e-7)


@pytest.mark.parametrize("elevation_deg", [0.5, 25.0, 60.0, 90.0])
def test_a_standing_satellite_is_where_it_was_asked_for(sites: Sites, elevation_deg: float) -> None:
    """Towards the pole; its nadir angle is that of a sphere, within the ellipsoid's 0.2 degrees."""
    found = standing_sight(sites, 0, elevation_rad=np.radians(elevation_deg), altitude_m=ALTITUDE_M)
    assert np.degrees(found.elevation_rad) == pytest.approx(elevation_deg, abs=1e-6)
    assert found.azimuth_rad == 0.0
    expected_deg = np.degrees(nadir_angle_rad(np.radians(elevation_deg), ALTITUDE_M))
    assert np.degrees(found.nadir_rad) == pytest.approx(expected_deg, abs=0.3)
    assert np.degrees(found.face_rad) == pytest.approx(90.0 - elevation_deg, abs=1e-6)


def test_a_tilted_face_looks_towards_the_nearer_pole(sites: Sites) -> None:
    """A satellite at 60 degrees above the pole stands before a face that leans by 30 degrees, on both hemispheres."""
    south = southern(sites, tilt_deg=30.0)
    found = standing_sight(south, 0, elevation_rad=np.radians(60.0), altitude_m=ALTITUDE_M)
    assert found.azimuth_rad == pytest.approx(np.pi)
    assert found.face_rad == pytest.approx(0.0, abs=1e-6)
    north = replace(south, latitude_rad=sites.latitude_rad)
    low = standing_sight(north, 0, elevation_rad=np.radians(20.0), altitude_m=ALTITUDE_M)
    assert low.face_rad == pytest.approx(np.radians(40.0), abs=1e-6)


def test_a_narrow_field_leaves_satellites_out(sites: Sites) -> None:
    """Half of the full width counts from the normal."""
    narrow = replace(sites, field_of_view_rad=np.full(len(sites), np.radians(100.0)))
    inside, outside = (
        standing_sight(narrow, 0, elevation_rad=np.radians(deg), altitude_m=ALTITUDE_M) for deg in (41.0, 39.0)
    )
    assert (inside.in_field, outside.in_field) == (True, False)


@pytest.mark.parametrize("elevation_deg", [95.0, 0.0, -3.0, float("nan")])
def test_an_elevation_outside_the_sky_is_refused(sites: Sites, elevation_deg: float) -> None:
    """The message says what it must be."""
    with pytest.raises(
        PhysicsError, match=r"no satellite stands at an elevation of .*°: it must be above 0° and at most"
    ):
        standing_sight(sites, 0, elevation_rad=np.radians(elevation_deg), altitude_m=ALTITUDE_M)


@pytest.mark.parametrize("altitude_m", [0.0, -1.0, float("inf"), float("nan")])
def test_a_satellite_flies_above_the_ground(sites: Sites, altitude_m: float) -> None:
    """Others are refused."""
    with pytest.raises(PhysicsError, match="a satellite flies above the ground"):
        standing_sight(sites, 0, elevation_rad=1.0, altitude_m=altitude_m)
