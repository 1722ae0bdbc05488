"""Who sees whom, by find_links and by a step's view."""

from dataclasses import replace

import numpy as np
import pymap3d
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.model.rules import FixedExceedance, RadioRules
from skycommons.model.world import SiteKind
from skycommons.plan.radio import Radio
from skycommons.plan.visibility import Horizon, boresight_axis, find_links, view
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
    angles = ("min_elevation_rad", "gso_exclusion_rad", "cosine_field_of_view")
    for name in ("position_itrf_m", "up_itrf", "boresight_itrf", *angles):
        np.testing.assert_allclose(getattr(grid, name), getattr(sites, name), rtol=1e-15, atol=1e-8)


def test_a_field_of_view_leaves_out_what_the_face_cannot_turn_to() -> None:
    """Links are marked, a view leaves them out; a face leans towards the nearer pole."""
    places = [("north", SiteKind.TERMINAL, 50.0, 0.0), ("south", SiteKind.TERMINAL, -50.0, 0.0)]
    sites = replace(
        site_table(places, min_elevation_deg=10.0),
        tilt_rad=np.radians([30.0, 30.0]),
        field_of_view_rad=np.radians([80.0, 80.0]),
    )
    # straight up, and some 45° from the zenith on either side of each site
    ephemeris = standing(*(above(side * latitude, 0.0) for side in (1, -1) for latitude in (50.0, 54.7, 45.3)))
    links = find_links(sites, ephemeris)
    assert links.sat[links.site == 0].tolist() == [0, 1, 2]
    assert links.usable[links.site == 0].tolist() == [True, True, False]
    assert links.sat[links.site == 1].tolist() == [3, 4, 5]
    assert links.usable[links.site == 1].tolist() == [True, True, False]
    seen = view(Horizon.of(sites), ephemeris.position_itrf_m[0], ephemeris.valid[0])
    assert seen.sat.tolist() == [0, 1, 3, 4]


def test_a_field_of_view_and_the_arc_forbid_together() -> None:
    """A link is usable where both allow it."""
    sites = replace(
        site_table(PLACES, min_elevation_deg=10.0, gso_exclusion_deg=22.0),
        tilt_rad=np.full(len(PLACES), 0.3),
        field_of_view_rad=np.full(len(PLACES), 1.9),
    )
    ephemeris = scenario_of(sites).propagate(np.array([0]))
    links = find_links(sites, ephemeris)
    anywhere = find_links(replace(sites, field_of_view_rad=np.full(len(PLACES), 2 * np.pi)), ephemeris)
    np.testing.assert_array_equal(links.sat, anywhere.sat)
    assert 0 < np.count_nonzero(links.usable) < np.count_nonzero(anywhere.usable)
    assert not np.any(links.usable & ~anywhere.usable)


def test_the_face_of_a_site_leans_towards_the_nearer_pole() -> None:
    """By its tilt from the zenith; at the equator to the north."""
    latitude = np.radians([60.0, -60.0, 0.0])
    normal = boresight_axis(latitude, np.radians([10.0, 20.0, 30.0]), np.radians([20.0, 20.0, 90.0]))
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1.0)
    np.testing.assert_allclose(np.degrees(np.arcsin(normal[:2, 2])), [80.0, -80.0])
    np.testing.assert_allclose(normal[2], [0.0, 0.0, 1.0], atol=1e-15)


def test_links_have_no_rate_without_a_radio_and_that_of_the_radio_with_one() -> None:
    """In the weather of each step, whether the link may be used or not."""
    sites = site_table(PLACES, min_elevation_deg=10.0, gso_exclusion_deg=30.0)
    scenario = scenario_of(sites, radio=RadioRules(weather=FixedExceedance(exceedance=1e-3)))
    ephemeris = scenario.propagate(np.array([0, 15 * 10**9]))
    without = find_links(sites, ephemeris)
    assert np.all(np.isnan(without.rate_down_bps))
    assert np.all(np.isnan(without.rate_up_bps))
    radio = Radio.of(scenario)
    links = find_links(sites, ephemeris, site_rows=np.array([3, 0]), radio=radio)
    for step, time_ns in enumerate(ephemeris.time_ns):
        mine = links.step == step
        rates = radio.links(
            radio.skies(int(time_ns)), links.site[mine], links.sat[mine], ephemeris.position_itrf_m[step]
        )
        np.testing.assert_array_equal(links.rate_down_bps[mine], rates.down_bps)
        np.testing.assert_array_equal(links.rate_up_bps[mine], rates.up_bps)
    assert np.any(links.rate_down_bps[~links.usable] > 0.0)
    assert find_links(sites, standing(above(-47.4, -90.0)), radio=radio).rate_up_bps.shape == (0,)
