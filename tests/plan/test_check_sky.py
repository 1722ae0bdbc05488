"""The second geometry: against the first, and against a library for connectivity."""

import numpy as np
import pytest
import scipy.sparse
from scipy.sparse.csgraph import connected_components

from skycommons.model.rules import Grid, LaserRules
from skycommons.orbit.frames import look_angles
from skycommons.orbit.gso_arc import gso_separation
from skycommons.plan.check_sky import (
    Grounds,
    arc_separation_rad,
    connected,
    elevation_rad,
    lasers_in_reach,
    steering_rad,
)
from skycommons.plan.visibility import boresight_axis


def places(count: int, seed: int = 0) -> tuple[Grounds, np.ndarray]:
    """Places anywhere, the poles included, and a satellite above each."""
    random = np.random.default_rng(seed)
    latitude_rad = np.concatenate([[np.pi / 2, -np.pi / 2], random.uniform(-1.5, 1.5, count - 2)])
    level = np.zeros(count)
    ground = Grounds.at(
        latitude_rad,
        random.uniform(-4.0, 4.0, count),
        height_m=level,
        tilt_rad=random.uniform(0.0, 0.6, count),
        min_elevation_rad=level,
        gso_exclusion_rad=level,
        field_of_view_rad=level,
    )
    return ground, ground.position_itrf_m + 6e5 * (ground.up_itrf + 0.6 * random.normal(size=(count, 3)))


def test_separation_from_the_arc_is_that_of_the_compiled_search() -> None:
    """To 1e-7 rad, also where no point of the arc is in sight."""
    ground, satellite_m = places(500)
    sights = satellite_m - ground.position_itrf_m
    expected = [
        gso_separation(*site, *up, *sight)
        for site, up, sight in zip(
            ground.position_itrf_m.tolist(), ground.up_itrf.tolist(), sights.tolist(), strict=True
        )
    ]
    found = arc_separation_rad(ground, satellite_m)
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert found[0] == found[1] == np.pi


def test_many_pairs_are_taken_in_blocks() -> None:
    """The result does not know of blocks."""
    ground, satellite_m = places(4)
    many = np.tile(np.arange(4), 2_100)
    np.testing.assert_array_equal(
        arc_separation_rad(ground.take(many), satellite_m[many]), arc_separation_rad(ground, satellite_m)[many]
    )


def test_elevation_is_that_of_look_angles() -> None:
    """Of a place with a known latitude."""
    ground = Grounds.at(
        np.array([0.8]),
        np.array([0.2]),
        height_m=np.array([400.0]),
        tilt_rad=np.array([0.3]),
        min_elevation_rad=np.zeros(1),
        gso_exclusion_rad=np.zeros(1),
        field_of_view_rad=np.zeros(1),
    )
    satellite_m = np.array([[5.0e6, 0.5e6, 5.0e6]])
    expected = look_angles(satellite_m, 0.8, 0.2, 400.0).elevation_rad
    np.testing.assert_allclose(elevation_rad(ground, satellite_m), expected, atol=1e-12)


def test_faces_are_tilted_towards_the_nearer_pole() -> None:
    """As the search for satellites takes them."""
    latitude_rad, tilt_rad = np.array([0.8, -0.8, 0.0]), np.array([0.3, 0.3, 0.0])
    level = np.zeros(3)
    ground = Grounds.at(
        latitude_rad,
        level,
        height_m=level,
        tilt_rad=tilt_rad,
        min_elevation_rad=level,
        gso_exclusion_rad=level,
        field_of_view_rad=level,
    )
    np.testing.assert_allclose(ground.boresight_itrf, boresight_axis(latitude_rad, level, tilt_rad), atol=1e-12)
    above_m = ground.position_itrf_m + 5e5 * ground.up_itrf
    np.testing.assert_allclose(steering_rad(ground, above_m), tilt_rad, atol=1e-8)


def test_lasers_reach_so_far_and_so_low() -> None:
    """Range, grazing height, and a satellite without a position."""
    radius_m = 6.9e6
    angle = np.radians([0.0, 40.0, 50.0, 10.0])
    position_m = radius_m * np.stack([np.cos(angle), np.sin(angle), np.zeros(4)], axis=1)
    pairs = np.array([[0, 1], [0, 2], [0, 3]])
    valid = np.array([True, True, True, False])
    far = LaserRules(topology=Grid(), max_range_m=1e7)
    assert lasers_in_reach(pairs, position_m, valid, far).tolist() == [True, False, False]
    near = LaserRules(topology=Grid(), max_range_m=4.0e6)
    assert lasers_in_reach(pairs, position_m, valid, near).tolist() == [False, False, False]


@pytest.mark.parametrize("pairs", [0, 20, 60, 200])
def test_components_are_those_of_scipy(pairs: int) -> None:
    """The same rows hang together."""
    random = np.random.default_rng(pairs)
    links = random.integers(0, 100, (pairs, 2))
    found = connected(links, 100)
    graph = scipy.sparse.coo_matrix((np.ones(pairs), (links[:, 0], links[:, 1])), shape=(100, 100))
    count, labels = connected_components(graph, directed=False)
    both = set(zip(found.tolist(), labels.tolist(), strict=True))
    assert len(both) == count == len(np.unique(found))
