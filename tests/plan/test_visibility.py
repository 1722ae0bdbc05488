"""Who sees whom, by find_links and by a step's view."""

from dataclasses import replace

import numpy as np
import pymap3d
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.model.world import SiteKind
from skycommons.plan.visibility import Horizon, find_links, view
from tests.support.networks import above, fleet, moving, scenario_of, site_table, standing
from tests.support.plain_search import elevations

NANORADIAN = 1e-9
PLACES = [
    ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
    ("dateline", SiteKind.TERMINAL, -16.5, 180.0),
    ("south-pole", SiteKind.GATEWAY, -90.0, 0.0),
    ("quito", SiteKind.GATEWAY, -0.2, -78.5),
    ("frankfurt", SiteKind.POP, 50.1, 8.7),
]


def test_links_are_every_pair_above_the_minimum_elevation() -> None:
    """At every step and site, ordered; PoPs see nothing."""
    sites = site_table(PLACES, min_elevation_deg=10.0)
    ephemeris = scenario_of(sites).propagate(np.array([0, 600 * 10**9]))
    links = find_links(sites, ephemeris)
    expected = [
        (step, site, sat)
        for step in range(2)
        for site, row in enumerate(elevations(sites, ephemeris.position_itrf_m[step]))
        for sat in np.flatnonzero(row >= sites.min_elevation_rad[site])
    ]
    assert len(links) == len(expected) > 10
    assert list(zip(links.step, links.site, links.sat, strict=True)) == expected
    assert {site for _, site, _ in expected} == {0, 1, 3}
    assert repr(links) == f"<Links: {len(expected)} rows, {len(expected)} usable>"


def test_azimuth_elevation_and_range_are_those_of_pymap3d() -> None:
    """Also at a pole and on the date line."""
    sites = site_table(PLACES, min_elevation_deg=5.0)
    ephemeris = scenario_of(sites).propagate(np.array([0]))
    links = find_links(sites, ephemeris)
    azimuth, elevation, slant_m = pymap3d.ecef2aer(
        *ephemeris.position_itrf_m[0][links.sat].T,
        sites.latitude_rad[links.site],
        sites.longitude_rad[links.site],
        sites.height_m[links.site],
        deg=False,
    )
    np.testing.assert_allclose(links.elevation_rad, elevation, rtol=0, atol=NANORADIAN)
    np.testing.assert_allclose(links.slant_range_m, slant_m, rtol=1e-12)
    apart = np.mod(links.azimuth_rad - azimuth + np.pi, 2 * np.pi) - np.pi
    np.testing.assert_allclose(apart, 0.0, atol=NANORADIAN)
    assert links.azimuth_rad.min() >= 0.0
    assert links.azimuth_rad.max() < 2 * np.pi


def test_the_geostationary_exclusion_drops_exactly_the_pairs_below_its_angle() -> None:
    """Links are marked; a step's view leaves them out."""
    sites = site_table(PLACES, min_elevation_deg=10.0, gso_exclusion_deg=22.0)
    ephemeris = scenario_of(sites).propagate(np.array([0]))
    links = find_links(sites, ephemeris)
    np.testing.assert_array_equal(links.usable, links.gso_separation_rad >= np.radians(22.0))
    assert 0 < np.count_nonzero(links.usable) < len(links)
    seen = view(Horizon.of(sites), ephemeris.position_itrf_m[0], ephemeris.valid[0])
    site = np.repeat(np.arange(len(sites)), seen.counts())
    np.testing.assert_array_equal(site, links.site[links.usable])
    np.testing.assert_array_equal(seen.sat, links.sat[links.usable])
    np.testing.assert_array_equal(seen.range_m, links.slant_range_m[links.usable])
    np.testing.assert_allclose(np.arcsin(seen.sine_elevation), links.elevation_rad[links.usable])


def test_some_sites_can_be_asked_for_alone() -> None:
    """Their rows stay those of the table."""
    sites = site_table(PLACES, min_elevation_deg=10.0)
    ephemeris = scenario_of(sites).propagate(np.array([0]))
    everything, some = find_links(sites, ephemeris), find_links(sites, ephemeris, site_rows=np.array([3, 1]))
    for site in (1, 3):
        np.testing.assert_array_equal(some.sat[some.site == site], everything.sat[everything.site == site])
    assert set(some.site.tolist()) == {1, 3}


def test_a_higher_site_sees_farther_below_the_horizon() -> None:
    """Heights are taken above the ellipsoid, and a minimum elevation may be negative."""
    sites = site_table([("low", SiteKind.TERMINAL, 0.0, 0.0)] * 1, min_elevation_deg=-3.0)
    on_a_mountain = replace(sites, height_m=np.array([8_000.0]))
    ephemeris = moving(np.array([[above(0.0, degrees, 550e3) for degrees in np.arange(0.0, 40.0, 0.05)]]))
    low, high = find_links(sites, ephemeris), find_links(on_a_mountain, ephemeris)
    assert high.slant_range_m.max() != low.slant_range_m.max()
    assert low.elevation_rad.min() < 0.0
    assert low.elevation_rad.min() >= np.radians(-3.0)


def test_satellites_without_a_position_are_seen_by_nobody() -> None:
    """Nor does a world without any valid one have links."""
    sites = site_table(PLACES[:1])
    overhead = above(47.4, 8.5)
    nowhere = np.full(3, np.nan)
    links = find_links(sites, standing(overhead, nowhere, valid=np.array([[True, False]])))
    assert links.sat.tolist() == [0]
    assert len(find_links(sites, standing(overhead, nowhere, valid=np.zeros((1, 2), dtype=np.bool_)))) == 0


def test_a_world_without_sites_has_no_links() -> None:
    """An empty table in, an empty table out."""
    scenario = scenario_of(site_table([]))
    assert len(find_links(scenario.world.sites, scenario.propagate(scenario.times()))) == 0


def test_positions_of_another_shape_are_refused() -> None:
    """By name."""
    sites = site_table(PLACES)
    with pytest.raises(ShapeError, match="position_itrf_m"):
        view(Horizon.of(sites), np.zeros((4, 2)), np.ones(4, dtype=np.bool_))


def test_an_ephemeris_without_steps_is_refused() -> None:
    """Nothing can be said of no instant."""
    with pytest.raises(InputError, match="no steps"):
        find_links(site_table(PLACES), moving(np.zeros((0, len(fleet()), 3))))


def test_a_horizon_has_one_row_per_site() -> None:
    """Also when only some sites are wanted."""
    assert len(Horizon.of(site_table(PLACES))) == 5
    assert len(Horizon.of(site_table(PLACES), np.array([2]))) == 1


def test_a_grid_of_horizons_is_that_of_sites_on_the_same_parallels() -> None:
    """Parallel by parallel, the first place of each at longitude 0."""
    degrees = (-60.0, 0.0, 45.0)
    places = [
        (f"{latitude} {turn}", SiteKind.TERMINAL, latitude, 90.0 * turn) for latitude in degrees for turn in range(4)
    ]
    sites = Horizon.of(site_table(places, min_elevation_deg=30.0, gso_exclusion_deg=18.0))
    grid = Horizon.grid(
        np.radians(degrees), 4, min_elevation_rad=float(np.radians(30.0)), gso_exclusion_rad=float(np.radians(18.0))
    )
    for name in ("position_itrf_m", "up_itrf", "min_elevation_rad", "gso_exclusion_rad"):
        np.testing.assert_allclose(getattr(grid, name), getattr(sites, name), rtol=1e-15, atol=1e-8)
