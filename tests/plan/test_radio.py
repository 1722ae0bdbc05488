"""Rates of links are those of the budgets, line by line, for every kind of site and weather."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import PhysicsError, ShapeError
from skycommons.model.equipment import Equipment
from skycommons.model.equipment_data import standard_equipment
from skycommons.model.rain_table import RainTable
from skycommons.model.rules import ClearSky, FixedExceedance, MeasuredRain, RadioRules, Weather
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind, Sites, World
from skycommons.plan.radio import Radio
from skycommons.plan.visibility import view
from skycommons.plan.weather import WeatherState
from skycommons.radio.modcod import AdaptationMargin, Shannon, ladder
from skycommons.radio.recommendations import RECOMMENDATIONS
from tests.support.link_chain import expected
from tests.support.networks import above, scenario_of, site_table, some_satellites

CENTIBEL = 0.02
PLACES = [
    ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
    ("singapore", SiteKind.TERMINAL, 1.3, 103.8),
    ("cape town", SiteKind.TERMINAL, -33.9, 18.4),
    ("raisting", SiteKind.GATEWAY, 47.9, 11.1),
    ("manaus", SiteKind.GATEWAY, -3.1, -60.0),
    ("frankfurt", SiteKind.POP, 50.1, 8.7),
]
LINKS_PER_SITE = 8


def sites_of_all_kinds() -> Sites:
    """Tilted, narrow, flat, and both types of gateways."""
    equipment = standard_equipment()
    types = [terminal.name for terminal in equipment.terminals]
    gateways = [gateway.name for gateway in equipment.gateways]
    return replace(
        site_table(PLACES, min_elevation_deg=10.0),
        height_m=np.array([400.0, 20.0, 5.0, 560.0, 90.0, 0.0]),
        equipment=np.array(
            [
                types.index("standard"),
                types.index("mini"),
                types.index("ut-1"),
                gateways.index("standard"),
                len(gateways) - 1,
                -1,
            ]
        ),
        tilt_rad=np.radians([0.0, 27.0, 27.0, 0.0, 0.0, 0.0]),
        field_of_view_rad=np.radians([360.0, 110.0, 100.0, 360.0, 360.0, 360.0]),
    )


def some_links() -> tuple[Ints, Ints, Floats]:
    """Sites, satellites, and where these stand: all over each site's sky."""
    draw = np.random.default_rng(11)
    site = np.repeat(np.arange(5), LINKS_PER_SITE)
    position = [
        above(PLACES[row][2] + draw.uniform(-7.0, 7.0), PLACES[row][3] + draw.uniform(-7.0, 7.0)) for row in site
    ]
    return site, np.arange(len(site)), np.array(position)


def scene(rules: RadioRules, equipment: Equipment | None = None) -> Scenario:
    """All kinds of sites under these rules."""
    satellites = some_satellites(5 * LINKS_PER_SITE)
    world = World(satellites=satellites, sites=sites_of_all_kinds(), equipment=equipment or standard_equipment())
    return replace(scenario_of(world.sites, satellites, radio=rules), world=world)


def under(weather: Weather) -> RadioRules:
    """The usual rules in a weather."""
    return RadioRules(weather=weather)


def assert_as_expected(scenario: Scenario, exceedance: float, rain_rate_mm_h: float = np.nan) -> None:
    """Every number of every link; a rate may stand one rung off where the signal stands at its threshold.

    In measured rain, which has no budget, the signals alone.
    """
    site, sat, position = some_links()
    radio = Radio.of(scenario)
    found = radio.links(radio.skies(scenario.start_ns), site, sat, position)
    assert len(found) == len(site)
    off = 0
    for link, row in enumerate(site):
        truth = expected(scenario, int(row), position[link], exceedance=exceedance, rain_rate_mm_h=rain_rate_mm_h)
        assert found.down_cn_db[link] == pytest.approx(truth.down_cn_db, abs=CENTIBEL)
        assert found.up_cn_db[link] == pytest.approx(truth.up_cn_db, abs=CENTIBEL)
        assert found.loss_db[link] == pytest.approx(truth.loss_db, abs=CENTIBEL, rel=5e-3)
        assert found.fade_db[link] == pytest.approx(truth.fade_db, abs=CENTIBEL, rel=5e-3)
        if np.isnan(rain_rate_mm_h):
            off += found.down_bps[link] != pytest.approx(truth.down_bps, rel=1e-3)
            off += found.up_bps[link] != pytest.approx(truth.up_bps, rel=1e-3)
    assert off <= 2
    assert np.count_nonzero(found.down_bps) >= 3 * LINKS_PER_SITE


@pytest.mark.parametrize("full_pfd", [False, True])
def test_a_clear_sky_is_the_chain(full_pfd: bool) -> None:
    """Terminals with and without tilt, gateways with one band and two."""
    assert_as_expected(scene(RadioRules(full_pfd=full_pfd)), np.nan)


@pytest.mark.parametrize("exceedance", [0.01, 0.03, 0.3])
def test_bad_weather_is_the_chain(exceedance: float) -> None:
    """With rain and without, of the same share of the year everywhere."""
    assert_as_expected(scene(under(FixedExceedance(exceedance=exceedance))), exceedance)


@pytest.mark.parametrize("rate_mm_h", [0.0, 3.0])
def test_measured_rain_is_the_chain(rate_mm_h: float) -> None:
    """Wet or dry."""
    table = RainTable(
        source="a gauge", time_ns=np.array([0, 60 * 10**9]), rate_mm_h=np.full((2, len(PLACES)), rate_mm_h)
    )
    assert_as_expected(scene(under(MeasuredRain(table=table))), 0.05 if rate_mm_h else 0.5, rate_mm_h)


def test_a_law_that_is_no_ladder_is_followed() -> None:
    """Shannon with a gap, and another margin; bits between samples are straight."""
    rules = RadioRules(
        service_law=Shannon(gap_db=3.0), feeder_law=ladder("nr-2"), margin=AdaptationMargin(fixed_db=2.0)
    )
    assert_as_expected(scene(rules), np.nan)


def test_rates_alone_are_those_of_the_links() -> None:
    """The short way gives the same."""
    site, sat, position = some_links()
    radio = Radio.of(scene(under(FixedExceedance(exceedance=1e-3))))
    skies = radio.skies(0)
    found = radio.links(skies, site, sat, position)
    down_bps, up_bps = radio.rates_bps(skies, site, sat, position)
    np.testing.assert_array_equal(down_bps, found.down_bps)
    np.testing.assert_array_equal(up_bps, found.up_bps)


def test_a_link_that_cannot_be_has_no_rate() -> None:
    """A PoP's, one below the horizon, one behind the face, one of a satellite without a position."""
    radio = Radio.of(scene(under(ClearSky())))
    behind = above(1.3 - 6.0, 103.8)
    position = np.tile(above(50.1, 8.7), (5 * LINKS_PER_SITE, 1))
    position[1], position[2], position[3] = above(-47.0, -170.0), behind, np.nan
    found = radio.links(radio.clear_skies(), np.array([5, 0, 1, 0]), np.arange(4), position)
    assert found.down_bps.tolist() == [0.0] * 4
    assert found.up_bps.tolist() == [0.0] * 4
    assert np.isnan(found.down_cn_db).tolist() == [True, True, False, True]
    assert np.isnan(found.fade_db).tolist() == [True, True, False, True]


def test_links_without_sites_or_satellites_are_no_error() -> None:
    """Nothing in, nothing out."""
    radio = Radio.of(scenario_of(site_table([])))
    none = np.zeros(0, dtype=np.int64)
    assert len(radio.links(radio.skies(0), none, none, np.zeros((len(radio.payload), 3)))) == 0


def test_closing_leaves_the_links_that_carry_something_both_ways() -> None:
    """In the order of the view; under a clear sky all of them here."""
    _, _, position = some_links()
    radio = Radio.of(scene(under(ClearSky())))
    seen = view(radio.horizon, position, np.ones(len(position), dtype=np.bool_))
    clear = radio.closing(seen, radio.clear_skies(), position)
    np.testing.assert_array_equal(clear.sat, seen.sat)
    worst = radio.skies_of(WeatherState.of_exceedance(np.full(len(PLACES), 1e-5)))
    stormy = radio.closing(seen, worst, position)
    assert 0 < len(stormy.sat) < len(seen.sat)
    site = np.repeat(np.arange(len(PLACES)), seen.counts())
    rates = radio.links(worst, site, seen.sat, position)
    both = (rates.down_bps > 0.0) & (rates.up_bps > 0.0)
    for name in ("sat", "range_m", "sine_elevation"):
        np.testing.assert_array_equal(getattr(stormy, name), getattr(seen, name)[both])
    np.testing.assert_array_equal(stormy.counts(), np.bincount(site[both], minlength=len(PLACES)))


def test_notes_say_what_was_extrapolated_and_what_the_weather_is() -> None:
    """E band, low elevations and scintillation above 20 GHz only where they are."""
    notes = " ".join(Radio.of(scene(under(ClearSky()))).notes)
    assert "Clear sky everywhere" in notes
    assert "rain at 73.5, 83.5 GHz" in notes
    assert "depolarisation at 73.5, 83.5 GHz" in notes
    assert "below 5°" not in notes
    low = scenario_of(site_table(PLACES[:1], min_elevation_deg=3.0))
    notes = " ".join(Radio.of(low).notes)
    assert "below 5°" in notes
    assert "rain at" not in notes
    assert "scintillation at" not in notes


def test_versions_are_those_of_the_recommendations() -> None:
    """To be stamped into results."""
    assert Radio.of(scene(under(ClearSky()))).versions == RECOMMENDATIONS


def test_a_carrier_beyond_the_methods_is_refused() -> None:
    """By the name of who has it."""
    equipment = standard_equipment()
    far = replace(equipment.payloads[0], down=replace(equipment.payloads[0].down, frequency_hz=140e9))
    with pytest.raises(PhysicsError, match=r"payload .* 140 GHz; .* 1 to 90 GHz"):
        Radio.of(scene(under(ClearSky()), replace(equipment, payloads=(far,))))


def test_links_and_weather_of_other_lengths_are_refused() -> None:
    """By name."""
    site, sat, position = some_links()
    radio = Radio.of(scene(under(ClearSky())))
    with pytest.raises(ShapeError, match="sat"):
        radio.links(radio.clear_skies(), site, sat[:3], position)
    with pytest.raises(ShapeError, match="position_itrf_m"):
        radio.links(radio.clear_skies(), site, sat, position[:3])
    with pytest.raises(ShapeError, match="exceedance"):
        radio.skies_of(WeatherState.of_exceedance(np.full(2, 0.1)))
