"""Showers come to their place, and go."""

import numpy as np
import pytest

from skycommons.model.rules import ClearSky, FixedExceedance, Shower, Showers
from skycommons.model.scenario import Scenario
from skycommons.plan.radio import Radio
from skycommons.plan.showers import ShowerWeather
from skycommons.plan.weather import WeatherState, start_fault, weather_of
from skycommons.radio.atmosphere import SLOW_EXCEEDANCE
from tests.support.tiny_world import tiny_scenario as tiny

HOUR_NS = 3_600_000_000_000


def shower(scenario: Scenario, *, rain_rate_mm_h: float = 40.0, radius_m: float = 20e3) -> Shower:
    """One over the first site, for an hour from the scenario's start."""
    sites = scenario.world.sites
    return Shower(
        latitude_rad=float(sites.latitude_rad[0]),
        longitude_rad=float(sites.longitude_rad[0]),
        radius_m=radius_m,
        rain_rate_mm_h=rain_rate_mm_h,
        begin_ns=scenario.start_ns,
        end_ns=scenario.start_ns + HOUR_NS,
    )


def under(scenario: Scenario, *showers: Shower, base: ClearSky | FixedExceedance | None = None) -> ShowerWeather:
    """The weather of a scenario with showers."""
    rule = Showers(base=ClearSky() if base is None else base, showers=showers)
    found = weather_of(rule, scenario.world.sites, start_ns=scenario.start_ns, seed=0)
    assert isinstance(found, ShowerWeather)
    return found


def test_it_rains_at_its_place_alone_and_for_its_time_alone() -> None:
    """Before, elsewhere and after, the sky is that of the base."""
    scenario = tiny()
    weather = under(scenario, shower(scenario))
    middle = weather.at(scenario.start_ns + HOUR_NS // 2)
    assert middle.rain_rate_mm_h[0] == 40.0
    assert middle.exceedance[0] == SLOW_EXCEEDANCE
    assert np.isnan(middle.rain_rate_mm_h[1:]).all()
    for away_ns in (-1, HOUR_NS):
        assert np.isnan(weather.at(scenario.start_ns + away_ns).exceedance).all()
    assert "1 shower(s)" in weather.words


def test_the_stronger_of_two_showers_counts() -> None:
    """They do not add up."""
    scenario = tiny()
    both = under(scenario, shower(scenario), shower(scenario, rain_rate_mm_h=10.0, radius_m=1.0))
    assert both.at(scenario.start_ns + HOUR_NS // 2).rain_rate_mm_h[0] == 40.0


def test_worse_weather_of_the_base_stays() -> None:
    """Where the base is rarer weather than any shower's gas and cloud, it stays so."""
    scenario = tiny()
    state: WeatherState = under(scenario, shower(scenario), base=FixedExceedance(exceedance=0.001)).at(
        scenario.start_ns + HOUR_NS // 2
    )
    assert state.exceedance[0] == 0.001
    assert state.rain_rate_mm_h[0] == 40.0


def test_a_shower_takes_from_the_rate_of_the_dish_below_and_of_no_other() -> None:
    """The radio sees it."""
    scenario = tiny()
    rainy = scenario.replace(
        radio=scenario.radio.__class__(weather=Showers(base=ClearSky(), showers=(shower(scenario),)))
    )
    radio, dry = Radio.of(rainy), Radio.of(scenario.replace(radio=scenario.radio.__class__(weather=ClearSky())))
    at_ns = scenario.start_ns + HOUR_NS // 2
    position_m = scenario.propagate(np.array([at_ns])).position_itrf_m[0]
    up = radio.horizon.up_itrf[0] @ position_m.T
    sat = np.array([int(np.argmax(up))])
    rates = [one.links(one.skies(at_ns), np.array([0]), sat, position_m) for one in (radio, dry)]
    assert rates[0].fade_db[0] > rates[1].fade_db[0] + 1.0


def test_the_rule_goes_with_some_of_the_sites() -> None:
    """A scenario of fewer sites keeps its showers."""
    scenario = tiny()
    rainy = scenario.replace(
        radio=scenario.radio.__class__(weather=Showers(base=ClearSky(), showers=(shower(scenario),)))
    )
    few = rainy.at_sites(np.array([0]))
    assert few.radio.weather == rainy.radio.weather
    assert start_fault(few.radio.weather, few.start_ns) == ""


def test_a_shower_of_no_length_never_rains() -> None:
    """Nothing is divided by its length."""
    scenario = tiny()
    none = under(
        scenario,
        shower(scenario).__class__(
            **{**{name: getattr(shower(scenario), name) for name in Shower.__slots__}, "end_ns": scenario.start_ns}
        ),
    )
    assert np.isnan(none.at(scenario.start_ns).rain_rate_mm_h).all()


@pytest.mark.parametrize("every", [0.1, 0.5])
def test_the_edges_rise_and_fall(every: float) -> None:
    """At a tenth of its time it rains half as hard as in the middle."""
    scenario = tiny()
    rate = under(scenario, shower(scenario)).at(scenario.start_ns + round(every * HOUR_NS)).rain_rate_mm_h[0]
    assert rate == pytest.approx(40.0 * min(every / 0.2, 1.0))
