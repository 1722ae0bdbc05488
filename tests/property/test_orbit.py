"""Whatever orbit, site or shell: what must always hold in the room `orbit`."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.orbit.elements import Elements
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf, itrf_to_geodetic, look_angles, teme_to_itrf
from skycommons.orbit.planes import find_planes, mean_places
from skycommons.orbit.time import IersTable
from skycommons.orbit.walker import Shell, altitude_for_mean_motion, mean_motion_for_altitude, walker_elements
from tests.support.orbits import DAY_NS, EPOCH_NS, fly, library_states, table

MILLIMETRE_M = 1e-3
MICROMETRE_M_S = 1e-6
DIGITS = 1e-12  # far away, where negative drag throws a satellite, a double itself has no millimetres any more
NANORADIAN = 1e-9
TURN_RAD = 2.0 * np.pi

turns = st.floats(0.0, TURN_RAD)
critical_deg = st.sampled_from([0.0, 63.4349488, 90.0, 116.5650512, 179.9999, 180.0])
latitudes = st.floats(-np.pi / 2, np.pi / 2)
longitudes = st.floats(-np.pi, np.pi)


@st.composite
def near_earth(draw: st.DrawFn) -> dict[str, float]:
    """One orbit between 200 and 2,000 km, by its mean height or its perigee; drag from none to absurd."""
    inclination_rad = np.radians(draw(st.floats(0.0, 180.0) | critical_deg))
    eccentricity = draw(st.floats(0.0, 0.3) | st.sampled_from([0.0, 1e-4, 0.09]) | st.floats(0.0, 0.01))
    mean_motion_rad_s = mean_motion_for_altitude(draw(st.floats(200e3, 2_000e3)), float(inclination_rad))
    if draw(st.booleans()):
        mean_motion_rad_s *= (1.0 - eccentricity) ** 1.5
    return {
        "mean_motion_rad_s": mean_motion_rad_s,
        "eccentricity": eccentricity,
        "inclination_rad": float(inclination_rad),
        "raan_rad": draw(turns),
        "arg_perigee_rad": draw(turns),
        "mean_anomaly_rad": draw(turns),
        "bstar": draw(st.sampled_from([0.0, 1e-4, -1e-4, 1e-2, -1e-2, 1.0, -1.0]) | st.floats(-0.1, 0.1)),
    }


def joined(orbits: list[dict[str, float]]) -> Elements:
    """One table of all of them."""
    return table(**{name: [orbit[name] for orbit in orbits] for name in orbits[0]})


@given(st.lists(near_earth(), min_size=1, max_size=40), st.lists(st.floats(-5.0, 10.0), min_size=1, max_size=4))
def test_any_near_earth_orbit_flies_as_the_library_says(orbits: list[dict[str, float]], days: list[float]) -> None:
    """Within a millimetre, or to twelve digits; and what is an error there is masked here."""
    elements = joined(orbits)
    time_ns = EPOCH_NS + (np.array(days) * DAY_NS).astype(np.int64)
    ours, theirs = fly(elements, time_ns), library_states(elements, time_ns)
    np.testing.assert_array_equal(ours.valid, theirs.valid)
    np.testing.assert_allclose(ours.position_m, theirs.position_m, rtol=DIGITS, atol=MILLIMETRE_M)
    np.testing.assert_allclose(ours.velocity_m_s, theirs.velocity_m_s, rtol=DIGITS, atol=MICROMETRE_M_S)


@given(latitudes, longitudes, st.floats(-10e3, 2_000e3))
def test_geodetic_coordinates_come_back(latitude_rad: float, longitude_rad: float, height_m: float) -> None:
    """To 0.02 mm, up to 2,000 km; at the poles any longitude will do."""
    position_m = geodetic_to_itrf(np.asarray(latitude_rad), np.asarray(longitude_rad), np.asarray(height_m))
    back_m = geodetic_to_itrf(*itrf_to_geodetic(position_m))
    np.testing.assert_allclose(back_m, position_m, rtol=0, atol=2e-5)
    latitude, _, height = itrf_to_geodetic(position_m)
    assert abs(float(latitude) - latitude_rad) < NANORADIAN
    assert abs(float(height) - height_m) < 1e-6


@given(latitudes, longitudes, st.floats(2_000e3, 36_000e3))
def test_geodetic_coordinates_come_back_from_the_geostationary_arc(
    latitude_rad: float, longitude_rad: float, height_m: float
) -> None:
    """To a millimetre: the closed formula is made for what is near the Earth."""
    position_m = geodetic_to_itrf(np.asarray(latitude_rad), np.asarray(longitude_rad), np.asarray(height_m))
    np.testing.assert_allclose(geodetic_to_itrf(*itrf_to_geodetic(position_m)), position_m, rtol=0, atol=1e-3)


@given(latitudes, longitudes)
def test_axes_of_a_site_are_at_right_angles(latitude_rad: float, longitude_rad: float) -> None:
    """A rotation: unit length, east cross north is up, and east is level with the equator."""
    axes = enu_axes(np.asarray(latitude_rad), np.asarray(longitude_rad))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), rtol=0, atol=1e-15)
    np.testing.assert_allclose(np.cross(axes[0], axes[1]), axes[2], rtol=0, atol=1e-15)
    assert axes[0, 2] == 0.0


@given(st.lists(st.tuples(*[st.floats(-1e8, 1e8)] * 3), min_size=1, max_size=10), latitudes, longitudes)
def test_look_angles_say_where_the_satellite_is(
    points: list[tuple[float, float, float]], latitude_rad: float, longitude_rad: float
) -> None:
    """Azimuth, elevation and range together give the point back."""
    points_m: Floats = np.array(points)
    site_m = geodetic_to_itrf(np.asarray(latitude_rad), np.asarray(longitude_rad), np.asarray(0.0))
    angles = look_angles(points_m, latitude_rad, longitude_rad)
    level = angles.slant_range_m * np.cos(angles.elevation_rad)
    local = np.stack(
        [
            level * np.sin(angles.azimuth_rad),
            level * np.cos(angles.azimuth_rad),
            angles.slant_range_m * np.sin(angles.elevation_rad),
        ],
        axis=-1,
    )
    axes = enu_axes(np.asarray(latitude_rad), np.asarray(longitude_rad))
    np.testing.assert_allclose(site_m + local @ axes, points_m, rtol=0, atol=1e-6)
    assert ((angles.azimuth_rad >= 0.0) & (angles.azimuth_rad <= TURN_RAD)).all()


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=20))
def test_turning_with_the_earth_keeps_lengths(instants_ns: list[int]) -> None:
    """At any instant from 1970 to 2116; polar motion of first order stretches by less than 1e-11."""
    rotation = teme_to_itrf(np.array(instants_ns), IersTable.load()).rotation
    np.testing.assert_allclose(
        rotation @ rotation.transpose(0, 2, 1), np.broadcast_to(np.eye(3), rotation.shape), atol=2e-11
    )


@given(st.floats(150e3, 20_000e3), st.floats(0.0, np.pi))
def test_altitude_and_mean_motion_are_each_others_inverse(altitude_m: float, inclination_rad: float) -> None:
    """And the higher, the slower."""
    mean_motion_rad_s = mean_motion_for_altitude(altitude_m, inclination_rad)
    assert abs(altitude_for_mean_motion(mean_motion_rad_s, inclination_rad) - altitude_m) < 1e-5
    assert mean_motion_for_altitude(altitude_m + 1e3, inclination_rad) < mean_motion_rad_s


@given(
    st.builds(
        Shell,
        name=st.just("any"),
        planes=st.integers(1, 40),
        slots_per_plane=st.integers(1, 12),
        inclination_rad=st.floats(0.0, np.pi),
        altitude_m=st.floats(300e3, 2_000e3),
        phasing=st.floats(-50.0, 50.0),
        raan_spread_rad=st.sampled_from([np.pi, TURN_RAD]),
        raan_offset_rad=st.floats(-10.0, 10.0),
        anomaly_offset_rad=st.floats(-10.0, 10.0),
    ),
    st.integers(-3, 3),
)
def test_planes_of_any_shell_are_found_again(shell: Shell, days: int) -> None:
    """Days before or after: as many as there are, each whole."""
    elements = walker_elements(shell, EPOCH_NS)
    found = find_planes(mean_places(elements, EPOCH_NS + days * DAY_NS).raan_rad)
    assert np.bincount(found).tolist() == [shell.slots_per_plane] * shell.planes
    assert len({(label, row // shell.slots_per_plane) for row, label in enumerate(found.tolist())}) == shell.planes
