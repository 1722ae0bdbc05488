"""The search through boxes of satellites finds what a search through all of them finds."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.model.world import SiteKind, Sites
from skycommons.plan import visibility_kernel as kernel
from skycommons.plan.visibility import Horizon, view
from tests.support.networks import above, site_table
from tests.support.plain_search import elevations

pytestmark = pytest.mark.kernel

PLACES = [
    ("north-pole", SiteKind.TERMINAL, 90.0, 0.0),
    ("dateline", SiteKind.TERMINAL, -16.5, -180.0),
    ("quito", SiteKind.TERMINAL, -0.2, -78.5),
    ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
]


def sky(count: int, *, seed: int) -> Floats:
    """Satellites in all directions, from low orbits to the geostationary radius."""
    draw = np.random.default_rng(seed)
    direction = draw.normal(size=(count, 3))
    radius_m = draw.choice([6_600e3, 6_928e3, 8_000e3, 42_164e3], count)
    return np.asarray(direction / np.linalg.norm(direction, axis=1)[:, None] * radius_m[:, None])


def seen_pairs(sites: Sites, position_m: Floats) -> list[tuple[int, int]]:
    """Pairs of a view."""
    seen = view(Horizon.of(sites), position_m, np.ones(len(position_m), dtype=np.bool_))
    return list(zip(np.repeat(np.arange(len(sites)), seen.counts()).tolist(), seen.sat.tolist(), strict=True))


@pytest.mark.parametrize("min_elevation_deg", [-4.0, 0.0, 10.0, 60.0, 90.0])
def test_the_pairs_are_those_above_the_limit(min_elevation_deg: float) -> None:
    """From the poles to the date line, by site and then by satellite."""
    sites = site_table(PLACES, min_elevation_deg=min_elevation_deg)
    position_m = sky(150, seed=round(min_elevation_deg) + 5)
    site, sat = np.nonzero(elevations(sites, position_m) >= np.radians(min_elevation_deg))
    assert seen_pairs(sites, position_m) == list(zip(site.tolist(), sat.tolist(), strict=True))


def test_a_limit_that_is_no_elevation_sees_nothing() -> None:
    """NaN, and angles beyond the zenith."""
    sites = site_table(PLACES)
    blind = replace(sites, min_elevation_rad=np.array([np.nan, 2.0, np.nan, np.pi]))
    assert seen_pairs(blind, sky(50, seed=1)) == []


def test_satellites_below_a_site_are_seen_only_under_its_horizon() -> None:
    """An aircraft's terminal above the only satellite: the bound may not cut it off."""
    sites = replace(site_table(PLACES[3:], min_elevation_deg=-89.0), height_m=np.array([800e3]))
    assert seen_pairs(sites, above(47.4, 12.0, 500e3)[None]) == [(0, 0)]
    assert seen_pairs(replace(sites, min_elevation_rad=np.array([0.2])), above(47.4, 12.0, 500e3)[None]) == []


def test_more_pairs_than_expected_make_the_table_grow() -> None:
    """Two hundred satellites in one place."""
    sites = site_table(PLACES[3:])
    crowd_m = above(47.4, 8.5) + np.linspace(0.0, 1e3, 200)[:, None]
    assert len(seen_pairs(sites, crowd_m)) == 200


def test_separations_from_the_geostationary_arc_are_what_the_exclusion_compares() -> None:
    """The same number marks links and drops them from a view."""
    sites = site_table(PLACES, min_elevation_deg=10.0)
    position_m = sky(60, seed=3)
    everything = view(Horizon.of(sites), position_m, np.ones(60, dtype=np.bool_))
    horizon = Horizon.of(sites)
    angle = kernel.separations(position_m, horizon.position_itrf_m, horizon.up_itrf, everything.start, everything.sat)
    assert angle[everything.start[0] : everything.start[1]].tolist() == [np.pi] * int(everything.counts()[0])
    limit = float(np.median(angle[angle < np.pi]))
    kept = view(replace(horizon, gso_exclusion_rad=np.full(4, limit)), position_m, np.ones(60, dtype=np.bool_))
    np.testing.assert_array_equal(kept.sat, everything.sat[angle >= limit])


def test_boxes_hold_every_valid_satellite_once() -> None:
    """Also on the axis and where sectors meet."""
    position_m = np.array([[0.0, 0.0, 7e6], [0.0, 0.0, -7e6], [7e6, -1e-9, 0.0], [-7e6, 0.0, 0.0], [np.nan] * 3])
    valid = np.array([True, True, True, True, False])
    start, order, largest = kernel.bin_satellites(position_m, valid)
    assert sorted(order.tolist()) == [0, 1, 2, 3]
    assert start[-1] == 4
    assert largest == 7e6


def test_the_stand_in_for_longitude_grows_around_the_circle() -> None:
    """From 0 to 4."""
    angle = np.linspace(0.0, 2 * np.pi, 33)[:-1]
    values = [kernel._sector_angle(x, y) for x, y in zip(np.cos(angle), np.sin(angle), strict=True)]
    assert np.all(np.diff(values) > 0.0)
    assert values[0] == 0.0
    assert values[-1] < 4.0
    assert kernel._sector_angle(0.0, 0.0) == 0.0


def test_what_the_face_cannot_turn_to_is_not_seen() -> None:
    """A cone of 60° about the zenith."""
    sites = replace(site_table(PLACES, min_elevation_deg=10.0), field_of_view_rad=np.full(len(PLACES), np.pi / 3))
    position_m = sky(200, seed=3)
    site, sat = np.nonzero(elevations(sites, position_m) >= np.pi / 3)
    assert seen_pairs(sites, position_m) == list(zip(site.tolist(), sat.tolist(), strict=True))
