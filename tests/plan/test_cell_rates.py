"""Rates of cells by zone: those of the budgets at the zone's centre, in every kind of weather."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.errors import PlanError
from skycommons.model.rain_table import RainTable
from skycommons.model.rules import ClearSky, FixedExceedance, MeasuredRain, RadioRules, SimulatedWeather, Weather
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.model.zones import zones_of
from skycommons.plan.cell_rates import CellRates, CellRatesNow
from skycommons.plan.link_budget import site_budget
from skycommons.plan.sight import standing_sight
from skycommons.plan.weather import WeatherState, weather_of
from skycommons.radio.climate import terrain_height_m
from tests.support.networks import fleet, scenario_of, site_table

CELLS = np.radians([[47.4, 8.5], [47.5, 8.6], [1.3, 103.8], [-33.9, 18.4]])
ZURICH, SINGAPORE = 0, 2
HOUR_NS = 3_600_000_000_000
TWO_PERCENT = 0.02


def scene(weather: Weather, *, min_elevation_deg: float | None = None) -> Scenario:
    """Terminals and a PoP at the cells' towns; satellites at 1,200 km."""
    places = [
        ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
        ("singapore", SiteKind.TERMINAL, 1.3, 103.8),
        ("frankfurt", SiteKind.POP, 50.1, 8.7),
    ]
    scenario = scenario_of(site_table(places), fleet(), radio=RadioRules(weather=weather))
    if min_elevation_deg is None:
        return scenario
    equipment = scenario.world.equipment
    first = replace(equipment.terminals[0], min_elevation_rad=np.radians(min_elevation_deg))
    changed = replace(equipment, terminals=(first, *equipment.terminals[1:]))
    return scenario.replace(world=replace(scenario.world, equipment=changed))


def rates_of(scenario: Scenario) -> CellRates:
    """Of the four cells."""
    return CellRates.of(scenario, CELLS[:, 0], CELLS[:, 1])


def measured(rates_mm_h: list[float]) -> MeasuredRain:
    """The same rain for an hour at the three sites of the scene."""
    table = RainTable(source="gauges.csv", time_ns=np.array([0, HOUR_NS]), rate_mm_h=np.array([rates_mm_h, rates_mm_h]))
    return MeasuredRain(table=table)


def budget_bps(scenario: Scenario, cell: int, *, sine: float, radius_m: float) -> tuple[float, float]:
    """Down and up by the budget, line by line, of a terminal at the centre of a cell's zone."""
    zone, north, east = zones_of(CELLS[:, 0], CELLS[:, 1])
    latitude, longitude = north[zone[cell : cell + 1]], east[zone[cell : cell + 1]]
    sites = replace(
        site_table([("centre", SiteKind.TERMINAL, 0.0, 0.0)]),
        latitude_rad=latitude,
        longitude_rad=longitude,
        height_m=terrain_height_m(latitude, longitude),
    )
    world = replace(scenario.world, sites=sites)
    ground_m = float(np.linalg.norm(_place(latitude, longitude)))
    found = standing_sight(sites, 0, elevation_rad=float(np.arcsin(sine)), altitude_m=radius_m - ground_m)
    weather = scenario.radio.weather
    assert isinstance(weather, ClearSky | FixedExceedance)
    payload = scenario.world.equipment.payloads[0]
    links = site_budget(world, scenario.radio, site=0, payload=payload, found=found, weather=weather).links
    return (
        sum(link.rate_bps for link in links if link.kind.is_down),
        sum(link.rate_bps for link in links if not link.kind.is_down),
    )


def _place(latitude: Floats, longitude: Floats) -> Floats:
    """Position of a place at the terrain's height."""
    from skycommons.orbit.frames import geodetic_to_itrf

    return geodetic_to_itrf(latitude, longitude, terrain_height_m(latitude, longitude))


@pytest.mark.parametrize("weather", [ClearSky(), FixedExceedance(exceedance=0.003)])
def test_rates_at_the_nodes_are_those_of_the_budget(weather: Weather) -> None:
    """At the centres of three zones, at every node; one in twelve may stand a rung off at its threshold."""
    scenario = scene(weather)
    rates = rates_of(scenario)
    now = rates.at(0)
    off = 0
    for cell in (ZURICH, SINGAPORE, 3):
        for sine in now.sine.tolist():
            truth = budget_bps(scenario, cell, sine=min(sine, 1.0), radius_m=float(rates.radius_m[0]))
            one = np.array([cell]), np.array([0]), np.array([sine])
            down, up = now.links(*one)
            closes = min(truth) > 0.0
            off += not np.allclose([down[0], up[0]], truth if closes else 0.0, rtol=TWO_PERCENT)
    assert off <= 3


def test_cells_of_one_zone_share_its_rates() -> None:
    """Two of the four cells lie in one."""
    now = rates_of(scene(ClearSky())).at(0)
    assert now.zone[0] == now.zone[1]
    assert len(now.down_bps) == 3
    down, _ = now.links(np.array([0, 1]), np.array([0, 0]), np.array([0.7, 0.7]))
    assert down[0] == down[1] > 100e6


def test_payloads_that_do_not_fly_never_close() -> None:
    """Their rates are zero, and so is a link that is none."""
    now = rates_of(scene(ClearSky())).at(0)
    assert np.isinf(now.least_sine[:, 1:]).all()
    assert (now.least_sine[:, 0] == 0.0).all()
    down, up = now.links(np.array([0, 0, 0]), np.array([1, 0, 0]), np.array([0.9, np.nan, 0.9]))
    assert (down[:2] == 0.0).all()
    assert (up[:2] == 0.0).all()
    assert down[2] > 0.0


def test_a_cloudburst_leaves_only_the_top_of_the_sky() -> None:
    """Where nodes begin to close, the limit lies between them to a hundredth; below it there is no rate."""
    scenario = scene(measured([110.0, 110.0, np.nan]), min_elevation_deg=5.0)
    rates = rates_of(scenario)
    now = rates.at(0)
    row = int(now.zone[ZURICH])
    least = float(now.least_sine[row, 0])
    assert now.sine[0] < least < 1.0
    sines = np.array([least - 1e-3, least + 1e-3])
    assert (now.links(np.full(2, ZURICH), np.zeros(2, dtype=np.int64), sines)[0] > 0.0).tolist() == [False, True]
    assert np.isinf(now.least_sine[int(now.zone[SINGAPORE]), 0]) or now.least_sine[int(now.zone[SINGAPORE]), 0] > 0.0


def test_rain_that_drowns_everything_never_closes() -> None:
    """The limit is out of reach."""
    now = rates_of(scene(measured([900.0, 900.0, np.nan]))).at(0)
    assert np.isinf(now.least_sine[int(now.zone[SINGAPORE]), 0])


def test_measured_rain_reaches_a_hundred_kilometres() -> None:
    """Cape Town has no gauge and a clear sky; Frankfurt's knows nothing; Zürich's serves its zone. The words say so."""
    rates, clear = rates_of(scene(measured([30.0, 0.0, np.nan]))), rates_of(scene(ClearSky())).at(0)
    now = rates.at(HOUR_NS // 2)
    rows = now.zone[[ZURICH, SINGAPORE, 3]]
    assert (now.down_bps[rows[0], 0] < clear.down_bps[rows[0], 0]).any()
    np.testing.assert_array_equal(now.down_bps[rows[2]], clear.down_bps[rows[2]])
    assert rates.words.startswith("measured rain of gauges.csv")
    assert "nearest site within 100 km" in rates.words
    assert "1 of 3 zones" in rates.words


def test_a_table_that_knows_no_site_is_a_clear_sky() -> None:
    """All of it unknown."""
    now, clear = (rates_of(scene(rule)).at(0) for rule in (measured([np.nan] * 3), ClearSky()))
    np.testing.assert_array_equal(now.down_bps, clear.down_bps)


def test_a_run_outside_the_table_is_refused() -> None:
    """As for every other use of the table."""
    with pytest.raises(PlanError, match="weather"):
        rates_of(scene(measured([1.0, 1.0, 1.0])).replace(start_ns=-HOUR_NS))


def test_simulated_weather_is_that_of_the_scenario() -> None:
    """It changes with time; a terminal at a zone's centre sees the same; asked twice it is the same."""
    scenario = scene(SimulatedWeather(features=64))
    rates = rates_of(scenario)
    sites = replace(
        scenario.world.sites, latitude_rad=rates.radio.climate.latitude_rad, longitude_rad=rates.longitude_rad
    )
    there = weather_of(scenario.radio.weather, sites, start_ns=0, seed=scenario.seed).at(HOUR_NS)
    np.testing.assert_array_equal(there.exceedance, rates.radio.weather.at(HOUR_NS).exceedance)
    first, again, later = (rates.at(time_ns) for time_ns in (0, 0, 50 * HOUR_NS))
    np.testing.assert_array_equal(first.down_bps, again.down_bps)
    assert (first.down_bps != later.down_bps).any()
    assert "simulated" in rates.words


def test_own_weather_is_taken_from_the_nearest_site() -> None:
    """An object of the user's own knows the scenario's sites alone."""

    class Storm:
        """Bad weather at the first site."""

        words = "a storm at the first site"

        def at(self, time_ns: int) -> WeatherState:
            """Always."""
            return WeatherState.of_exceedance(np.array([1e-4, np.nan, np.nan]) + 0.0 * time_ns)

    scenario = scene(ClearSky())
    clear = rates_of(scenario).at(0)
    stormy = scenario.replace(radio=_with_weather(scenario.radio, Storm()))
    now: CellRatesNow = rates_of(stormy).at(0)
    rows = now.zone[[ZURICH, SINGAPORE]]
    assert (now.down_bps[rows[0], 0] < clear.down_bps[rows[0], 0]).any()
    np.testing.assert_array_equal(now.down_bps[rows[1]], clear.down_bps[rows[1]])


def _with_weather(rules: RadioRules, weather: object) -> RadioRules:
    """Rules with an object that the type does not list."""
    changed = replace(rules)
    object.__setattr__(changed, "weather", weather)
    return changed


def test_no_cells_have_no_rates() -> None:
    """Nothing is prepared."""
    now = CellRates.of(scene(SimulatedWeather(features=64)), np.zeros(0), np.zeros(0)).at(0)
    assert now.down_bps.shape[0] == 0
    assert len(now.links(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))[0]) == 0
