"""Lines on the globe."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from skycommons.studies.geography import (
    directions,
    first_reachable,
    flow_line,
    great_circle,
    ground_point,
    longitude_latitude,
    positions_at,
    shown_flow,
    split_at_antimeridian,
)
from skycommons.studies.store import time_ns
from tests.support.results import small_results

NANORADIAN = 1e-9
LONGITUDE = st.floats(-np.pi, np.pi)
LATITUDE = st.floats(-1.5, 1.5)
PLACE = st.tuples(LONGITUDE, LATITUDE)


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The small results, with samples two minutes apart."""
    return small_results(steps=20, sample_s=120.0)


@given(PLACE)
def test_directions_and_back(place: tuple[float, float]) -> None:
    """A direction has length one and leads back to its place."""
    vector = directions(*np.array([[place[0]], [place[1]]]))
    assert np.linalg.norm(vector) == pytest.approx(1.0)
    np.testing.assert_allclose(directions(*longitude_latitude(vector).T), vector, atol=NANORADIAN)


@given(PLACE, PLACE)
def test_a_great_circle_stays_in_its_plane_and_keeps_its_ends(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    """Every point lies in the plane of the two ends and the centre; steps are short."""
    corners = directions(*np.array([start, end]).T)
    if corners[0] @ corners[1] < -0.999:
        return
    line = directions(*great_circle(np.array([start, end])).T)
    np.testing.assert_allclose(line[[0, -1]], corners, atol=1e-7)
    normal = np.cross(corners[0], corners[1])
    assert np.abs(line @ normal).max() < 1e-7
    assert np.linalg.norm(np.diff(line, axis=0), axis=1).max() <= 0.0201


def test_opposite_places_give_a_line_without_infinities() -> None:
    """There are many great circles between them; none may break the drawing."""
    assert np.isfinite(great_circle(np.array([[0.0, 0.0], [np.pi, 0.0]]))).all()


def test_a_line_over_the_antimeridian_is_cut_on_it() -> None:
    """Both pieces end at 180 degrees, at the same latitude, east and west of it."""
    line = np.radians([[170.0, 0.0], [178.0, 8.0], [-178.0, 12.0], [-170.0, 0.0]])
    first, second = split_at_antimeridian(line)
    np.testing.assert_allclose(np.degrees(first[-1]), [180.0, 10.0])
    np.testing.assert_allclose(np.degrees(second[0]), [-180.0, 10.0])
    assert len(first) == len(second) == 3


def test_a_line_may_cross_westward_and_start_on_the_cut() -> None:
    """No piece is a single point."""
    line = np.radians([[-180.0, 5.0], [175.0, 5.0], [-175.0, 5.0]])
    pieces = split_at_antimeridian(line)
    assert all(len(piece) > 1 for piece in pieces)
    assert all(np.abs(np.diff(piece[:, 0])).max() < np.pi for piece in pieces)
    west = split_at_antimeridian(np.radians([[-179.0, 0.0], [179.0, 2.0]]))
    np.testing.assert_allclose(np.degrees(west[0][-1]), [-180.0, 1.0])


def test_a_line_elsewhere_stays_whole() -> None:
    """One piece, unchanged."""
    line = np.radians([[0.0, 0.0], [10.0, 10.0]])
    (only,) = split_at_antimeridian(line)
    np.testing.assert_array_equal(only, line)


def test_the_ground_point_is_geodetic_and_keeps_gaps() -> None:
    """Over the pole and the equator; NaN where nothing is known."""
    position_m = np.array([[7e6, 0.0, 0.0], [0.0, 0.0, 7e6], [np.nan, 0.0, 0.0]])
    places = ground_point(position_m)
    np.testing.assert_allclose(places[0], 0.0, atol=NANORADIAN)
    assert places[1, 1] == pytest.approx(np.pi / 2)
    assert np.isnan(places[2]).all()
    assert np.isnan(ground_point(np.full((2, 3), np.nan))).all()


def test_positions_between_samples_are_close(results: xr.Dataset) -> None:
    """Against positions sampled twice as densely: within 100 m, and exact at the samples."""
    dense = small_results(steps=20, sample_s=60.0)
    want_m = dense["sample_position_itrf_m"].values.astype(float)
    instants = time_ns(dense["sample_time"])
    for sample in (0, 1, 7, 19):
        rows = np.arange(results.sizes["satellite"])
        got_m = positions_at(results, rows, np.full(len(rows), instants[sample]))
        assert np.linalg.norm(got_m - want_m[sample], axis=1).max() < (2.0 if sample % 2 == 0 else 100.0)


def test_few_samples_are_enough_to_draw(results: xr.Dataset) -> None:
    """One sample stands still; no satellite gives no row."""
    single = results.isel(sample=[0])
    row = np.array([5, 5])
    late = time_ns(results["time"])[[0, 3]]
    got_m = positions_at(single, row, late)
    np.testing.assert_allclose(got_m, results["sample_position_itrf_m"].values[[0, 0], 5], rtol=1e-6)
    assert positions_at(results, np.array([], int), np.array([], int)).shape == (0, 3)


def test_a_flow_runs_from_source_over_satellites_to_target(results: xr.Dataset) -> None:
    """Ends are the sites; between them the places below the satellites."""
    line = np.degrees(flow_line(results, 0, 0))
    np.testing.assert_allclose(line[0], [8.5, 47.4])
    np.testing.assert_allclose(line[-1], [174.8, -41.3])
    assert len(line) == (results["path_satellite"].values[0, 0] >= 0).sum() + 2


def test_a_flow_to_a_pop_passes_its_gateway(results: xr.Dataset) -> None:
    """Which stands before the PoP."""
    path = results["path_satellite"].copy()
    path[:, 0] = -1
    path[:, 0, 0] = results["entry_satellite"].values[:, 0]
    tracked = results.assign(path_satellite=path, tracked_flow=("tracked", np.array([0, 6], np.int32)))
    line = np.degrees(flow_line(tracked, 0, 0))
    np.testing.assert_allclose(line[[0, 2, 3]], [[8.5, 47.4], [8.2, 50.3], [8.7, 50.1]])


def test_an_unreachable_flow_has_no_line(results: xr.Dataset) -> None:
    """And no first step."""
    gone = results.assign(path_satellite=xr.full_like(results["path_satellite"], -1))
    assert first_reachable(results, 0) == 0
    assert first_reachable(gone, 0) is None
    assert shown_flow(gone) == 0
    assert flow_line(gone, 0, 0).shape == (0, 2)


def test_a_picture_tells_of_a_flow_that_has_a_path(results: xr.Dataset) -> None:
    """Even where the first tracked one has none."""
    path = results["path_satellite"].copy()
    path[:, 0] = -1
    assert shown_flow(results) == 0
    assert shown_flow(results.assign(path_satellite=path)) == 1
