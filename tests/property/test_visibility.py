"""Links are exactly the pairs above the limit, whatever the sky and the sites."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.model.world import SiteKind
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.plan.visibility import Horizon, view
from tests.support.networks import above, site_table
from tests.support.plain_search import elevations

PICORADIAN = 1e-12  # rounding decides nearer to the limit than this

latitude_deg = st.one_of(st.sampled_from([-90.0, 90.0, 0.0]), st.floats(-90.0, 90.0))
longitude_deg = st.one_of(st.sampled_from([-180.0, 180.0, 0.0, 90.0]), st.floats(-180.0, 180.0))
place = st.tuples(latitude_deg, longitude_deg, st.floats(-400.0, 9_000.0))
limit_deg = st.one_of(st.sampled_from([-90.0, -5.0, 0.0, 25.0, 90.0, np.nan, 120.0]), st.floats(-20.0, 89.0))
altitude_m = st.one_of(st.sampled_from([200e3, 550e3, 8_000e3, 35_786e3]), st.floats(160e3, 36_000e3))


@given(
    st.lists(st.tuples(place, limit_deg), min_size=1, max_size=4),
    st.lists(st.tuples(latitude_deg, longitude_deg, altitude_m), max_size=25),
    st.integers(0, 2**32 - 1),
)
def test_a_view_holds_every_pair_above_the_limit_and_no_other(
    sites_drawn: list[tuple[tuple[float, float, float], float]],
    satellites: list[tuple[float, float, float]],
    seed: int,
) -> None:
    """Compared with a test of every pair; half of the satellites stand about the edge of some site's view."""
    sites = replace(
        site_table([(f"site {row}", SiteKind.TERMINAL, *spot[:2]) for row, (spot, _) in enumerate(sites_drawn)]),
        height_m=np.array([spot[2] for spot, _ in sites_drawn]),
        min_elevation_rad=np.radians([limit for _, limit in sites_drawn]),
    )
    position_m = np.concatenate(
        [np.array([above(*where) for where in satellites]).reshape(-1, 3), _near_edges(sites_drawn, seed)]
    )
    draw = np.random.default_rng(seed)
    valid = draw.random(len(position_m)) < 0.9
    seen = view(Horizon.of(sites), np.where(valid[:, None], position_m, np.nan), valid)
    found = np.zeros((len(sites), len(position_m)), dtype=np.bool_)
    found[np.repeat(np.arange(len(sites)), seen.counts()), seen.sat] = True
    elevation_rad = elevations(sites, position_m)
    limit_rad = np.where(sites.min_elevation_rad <= np.pi / 2, sites.min_elevation_rad, np.inf)[:, None]
    unsure = np.abs(elevation_rad - limit_rad) < 1e5 * PICORADIAN
    np.testing.assert_array_equal(found | unsure, (valid & (elevation_rad >= limit_rad)) | unsure)
    assert not found[:, ~valid].any()


@given(
    st.floats(-90.0, 90.0),
    st.floats(0.0, 90.0),
    st.one_of(st.sampled_from([0.0, 180.0, 360.0, 400.0]), st.floats(0.0, 360.0)),
    st.integers(0, 2**32 - 1),
)
def test_a_view_holds_every_pair_in_the_field_of_view_and_no_other(
    latitude: float, tilt_deg: float, width_deg: float, seed: int
) -> None:
    """Compared with angles in the site's own horizon."""
    sites = replace(
        site_table([("site", SiteKind.TERMINAL, latitude, 20.0)], min_elevation_deg=-10.0),
        tilt_rad=np.radians([tilt_deg]),
        field_of_view_rad=np.radians([width_deg]),
    )
    draw = np.random.default_rng(seed)
    position_m = draw.normal(size=(200, 3))
    position_m *= (6_928e3 + draw.exponential(5e6, 200) + 5e5)[:, None] / np.linalg.norm(position_m, axis=1)[:, None]
    here = geodetic_to_itrf(sites.latitude_rad[0], sites.longitude_rad[0], np.array(0.0))
    _, north, up = enu_axes(sites.latitude_rad[0], sites.longitude_rad[0])
    sight = (position_m - here) / np.linalg.norm(position_m - here, axis=1)[:, None]
    pole = north if latitude >= 0.0 else -north
    face = np.cos(np.radians(tilt_deg)) * up + np.sin(np.radians(tilt_deg)) * pole
    apart = np.arctan2(np.linalg.norm(np.cross(sight, face), axis=1), sight @ face)
    edge = np.radians(width_deg) / 2.0
    expected = (sight @ up >= np.sin(np.radians(-10.0))) & (apart <= edge)
    unsure = (np.abs(apart - edge) < 1e-7) | (np.abs(sight @ up - np.sin(np.radians(-10.0))) < 1e-9)
    found = np.zeros(200, dtype=np.bool_)
    found[view(Horizon.of(sites), position_m, np.ones(200, dtype=np.bool_)).sat] = True
    np.testing.assert_array_equal(found | unsure, expected | unsure)


def _near_edges(sites_drawn: list[tuple[tuple[float, float, float], float]], seed: int) -> Floats:
    """Satellites that stand a little above or below a site's limit, in any direction."""
    draw = np.random.default_rng(seed)
    points = []
    for (latitude, longitude, height_m), limit in sites_drawn:
        up = above(latitude, longitude, 1.0) - above(latitude, longitude, 0.0)
        side = np.cross(up, draw.normal(size=3))
        side /= np.linalg.norm(side)
        for _ in range(6):
            angle = np.radians(np.nan_to_num(limit)) + draw.choice([-1.0, 1.0]) * 10.0 ** draw.uniform(-6, -1)
            sight = np.cos(angle) * side + np.sin(angle) * up
            start_m = above(latitude, longitude, height_m)
            along = sight @ start_m
            radius_m = 6_378e3 + 10.0 ** draw.uniform(5.5, 7.5)
            inside = along**2 - start_m @ start_m + radius_m**2
            if inside > 0.0:
                points.append(start_m + (np.sqrt(inside) - along) * sight)
    return np.array(points).reshape(-1, 3)
