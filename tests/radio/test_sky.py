"""Tables of the sky are the chain of P.618 at their nodes, and close to it between."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import ShapeError
from skycommons.radio.scintillation import Aperture
from skycommons.radio.sky import LOWEST_RAD, Sky, SkyGrid, SkyTable
from tests.support.sky_chain import Exact, climates, exact

SITES = 40
DISH_M = 0.48
MIN_ELEVATION_DEG = np.tile([40.0, 25.0, 10.0, 5.0, 1.0], SITES // 5)
CLIMATE = climates(SITES, seed=1)
UNKNOWN = np.full(SITES, np.nan)
CENTIBEL, SHARE = 0.02, 5e-3  # between nodes the larger of the two is kept
USUAL_SHARE = 3e-3  # by 99.9 % of paths


def weather(kind: str) -> tuple[Floats, Floats]:
    """Exceedances and measured rain of all sites."""
    draw = np.random.default_rng(3)
    return {
        "clear": (UNKNOWN, UNKNOWN),
        "rare": (10.0 ** draw.uniform(-5.0, -2.0, SITES), UNKNOWN),
        "common rain": (draw.uniform(0.01, 0.05, SITES), UNKNOWN),
        "beyond rain": (draw.uniform(0.0501, 0.5, SITES), UNKNOWN),
        "good": (draw.uniform(0.501, 1.0, SITES), UNKNOWN),
        "beyond all": (np.tile([1e-9, 7.0], SITES // 2), UNKNOWN),
        "measured": (UNKNOWN, np.tile([0.0, 0.3, 4.0, 60.0], SITES // 4)),
    }[kind]


KINDS = ("clear", "rare", "common rain", "beyond rain", "good", "beyond all", "measured")


def table(frequency_hz: float) -> SkyTable:
    """Of all sites."""
    aperture = Aperture(diameter_m=np.full(SITES, DISH_M), efficiency=np.full(SITES, 0.5))
    return SkyTable.prepare(
        CLIMATE, frequency_hz=frequency_hz, aperture=aperture, min_elevation_rad=np.radians(MIN_ELEVATION_DEG)
    )


def truth(kind: str, site: Ints, elevation_rad: Floats, frequency_hz: float) -> Exact:
    """The chain in NumPy."""
    exceedance, rain = weather(kind)
    return exact(
        CLIMATE,
        site,
        elevation_rad,
        frequency_hz=frequency_hz,
        diameter_m=DISH_M,
        exceedance=exceedance[site],
        rain_rate_mm_h=rain[site],
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frequency_hz", [11.7e9, 28.5e9, 83.5e9])
def test_the_nodes_are_the_chain(frequency_hz: float, kind: str) -> None:
    """Every part of it, in every weather."""
    sky = table(frequency_hz).at(*weather(kind))
    expected = truth(kind, sky.grid.site, sky.grid.elevation_rad, frequency_hz)
    tolerance = {"measured": 1e-8, "beyond rain": 1e-5}.get(
        kind, 1e-9
    )  # at the zenith a measured rain's path is rounded
    np.testing.assert_allclose(sky.total_db, expected.total_db, rtol=tolerance)
    np.testing.assert_allclose(
        sky.fade_db, expected.fade_db, rtol=tolerance, atol=1e-5 if kind == "beyond rain" else 1e-11
    )
    np.testing.assert_allclose(sky.cross_polar_db, expected.cross_polar_db, rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frequency_hz", [11.7e9, 28.5e9, 83.5e9])
def test_between_nodes_links_are_close_to_the_chain(frequency_hz: float, kind: str) -> None:
    """At any elevation down to the site's least."""
    site = np.repeat(np.arange(SITES), 100)
    least = np.radians(MIN_ELEVATION_DEG)[site]
    elevation = np.random.default_rng(5).uniform(least, np.pi / 2)
    found = table(frequency_hz).at(*weather(kind)).losses(site, np.sin(elevation))
    expected = truth(kind, site, elevation, frequency_hz)
    for name in ("total_db", "fade_db"):
        error = np.abs(getattr(found, name) - getattr(expected, name))
        assert np.all(error <= np.maximum(CENTIBEL, SHARE * expected.total_db)), name
        assert np.mean(error > np.maximum(CENTIBEL, USUAL_SHARE * expected.total_db)) <= 1e-3, name
    rainy = np.isfinite(expected.cross_polar_db)
    np.testing.assert_array_equal(np.isfinite(found.cross_polar_db), rainy)
    np.testing.assert_allclose(found.cross_polar_db[rainy], expected.cross_polar_db[rainy], atol=0.3)


def test_the_clear_sky_is_that_without_weather() -> None:
    """Gas alone: it fades nothing and turns no polarisation."""
    clear = table(11.7e9).clear()
    assert np.all(clear.fade_db == 0.0)
    assert np.all(np.isinf(clear.cross_polar_db))
    np.testing.assert_array_equal(clear.values, table(11.7e9).at(*weather("clear")).values)


def test_a_link_below_the_least_elevation_has_no_loss() -> None:
    """Nor has one of a site that sees nothing, or one half a degree above the horizon."""
    elevation = np.radians([40.0, 10.0, 3.0, 0.4, -3.0])
    sky = table(11.7e9).clear()
    known = np.isfinite(sky.losses(np.full(5, 1), np.sin(elevation)).total_db)
    assert known.tolist() == [True, False, False, False, False]
    assert np.isfinite(sky.losses(np.full(5, 4), np.sin(elevation)).total_db).tolist() == [
        True,
        True,
        True,
        False,
        False,
    ]
    blind = SkyTable.prepare(
        CLIMATE,
        frequency_hz=11.7e9,
        aperture=Aperture(diameter_m=np.array(DISH_M), efficiency=np.array(0.5)),
        min_elevation_rad=np.full(SITES, np.nan),
    )
    assert len(blind) == SITES
    assert np.all(np.isnan(blind.clear().losses(np.array([0, 1]), np.array([0.9, 1.0])).total_db))


def test_a_link_at_the_least_elevation_itself_is_known_whatever_its_last_digit() -> None:
    """Visibility takes it in by a comparison that rounds otherwise."""
    sky = table(11.7e9).clear()
    for site in range(5):
        sine = np.sin(np.radians(MIN_ELEVATION_DEG[site])) * (1.0 + np.array([-4e-16, 0.0, 4e-16]))
        losses = sky.losses(np.full(3, site), sine)
        np.testing.assert_allclose(losses.total_db, losses.total_db[1], rtol=1e-12)


def test_the_grid_spans_from_the_zenith_to_the_least_elevation() -> None:
    """Falling, with the zenith as its first node; nothing below half a degree."""
    grid = SkyGrid.down_to(np.radians([30.0, 12.0, 3.0, -5.0, np.nan]))
    for site, least in enumerate(np.radians([25.0, 12.0, 3.0])):
        row = grid.elevation_rad[grid.first[site] : grid.first[site + 1]]
        assert row[0] == np.pi / 2
        assert row[-1] == least
        assert np.all(np.diff(row) < 0.0)
    assert grid.elevation_rad[grid.first[4] - 1] == LOWEST_RAD
    assert grid.first[4] == grid.first[5]


def test_room_that_is_given_is_filled() -> None:
    """So that many skies can lie end to end."""
    prepared = table(11.7e9)
    room = np.empty((len(prepared.nodes), 3))
    sky: Sky = prepared.at(*weather("rare"), out=room)
    assert sky.values is room


def test_weather_of_another_number_of_sites_is_refused() -> None:
    """By name."""
    with pytest.raises(ShapeError, match="rain_rate_mm_h"):
        table(11.7e9).at(UNKNOWN, UNKNOWN[:3])
    with pytest.raises(ShapeError, match="exceedance"):
        table(11.7e9).at(UNKNOWN[:3], UNKNOWN)
    with pytest.raises(ShapeError, match="min_elevation_rad"):
        SkyTable.prepare(
            CLIMATE,
            frequency_hz=1e10,
            aperture=Aperture(diameter_m=np.array(1.0), efficiency=np.array(0.5)),
            min_elevation_rad=np.zeros(2),
        )


def test_a_carrier_without_a_method_for_depolarisation_keeps_its_polarisation() -> None:
    """The planner's notes say that it was left out."""
    sky = table(83.5e9).at(*weather("rare"))
    assert np.all(np.isinf(sky.cross_polar_db))
    assert np.all(sky.fade_db > 0.0)


@pytest.mark.parametrize("turn", [slice(None, None, -1), slice(2, 3)])
def test_vapour_may_rise_with_the_share_of_the_year_or_stay(turn: slice) -> None:
    """A site far below its map's ground has such a climate; also one that is the same all year."""
    turned = np.ascontiguousarray(np.broadcast_to(CLIMATE.vapour_kg_m3[:, turn], CLIMATE.vapour_kg_m3.shape))
    climate = replace(CLIMATE, vapour_kg_m3=turned)
    sky = SkyTable.prepare(
        climate,
        frequency_hz=20e9,
        aperture=Aperture(diameter_m=np.array(DISH_M), efficiency=np.array(0.5)),
        min_elevation_rad=np.full(SITES, 1.0),
    ).at(np.full(SITES, 0.07), UNKNOWN)
    site = sky.grid.site
    expected = exact(
        climate,
        site,
        sky.grid.elevation_rad,
        frequency_hz=20e9,
        diameter_m=DISH_M,
        exceedance=np.full(len(site), 0.07),
        rain_rate_mm_h=np.full(len(site), np.nan),
    )
    np.testing.assert_allclose(sky.total_db, expected.total_db, rtol=1e-5)
