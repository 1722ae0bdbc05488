"""The four kinds of weather, and what they refuse."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.errors import PlanError, ShapeError
from skycommons.model.rain_table import RainTable
from skycommons.model.rules import ClearSky, FixedExceedance, MeasuredRain, SimulatedWeather
from skycommons.model.world import Sites
from skycommons.plan.weather import SteadyWeather, WeatherState, weather_of

HOUR_NS = 3_600_000_000_000
NAN = float("nan")


def sites(latitude_deg: list[float]) -> Sites:
    """Terminals on the meridian of Greenwich."""
    count = len(latitude_deg)
    zeros, whole = np.zeros(count), np.zeros(count, dtype=np.int64)
    return Sites(
        ids=tuple(f"site-{row}" for row in range(count)),
        kind=whole,
        latitude_rad=np.radians(latitude_deg),
        longitude_rad=zeros,
        height_m=zeros.copy(),
        min_elevation_rad=zeros.copy(),
        gso_exclusion_rad=zeros.copy(),
        home_pop=whole.copy(),
        equipment=whole.copy(),
        tilt_rad=zeros.copy(),
        field_of_view_rad=np.full(count, 2.0 * np.pi),
        antennas=np.full(count, -1),
    )


def measured(rate_mm_h: list[list[float]]) -> MeasuredRain:
    """Rates at whole hours from 1970 on."""
    rates = np.array(rate_mm_h, dtype=np.float64)
    table = RainTable(source="gauges.csv", time_ns=HOUR_NS * np.arange(len(rates)), rate_mm_h=rates)
    return MeasuredRain(table=table)


def rates_at(rule: MeasuredRain, hours: float) -> tuple[Floats, Floats]:
    """Exceedance and rate of a table's weather."""
    places = sites([0.0] * rule.table.rate_mm_h.shape[1])
    state = weather_of(rule, places, start_ns=0, seed=1).at(int(hours * HOUR_NS))
    return state.exceedance, state.rain_rate_mm_h


def test_a_clear_sky_has_no_share_and_no_rain() -> None:
    """Everywhere, always."""
    model = weather_of(ClearSky(), sites([0.0, 50.0]), start_ns=0, seed=1)
    state = model.at(HOUR_NS)
    assert np.isnan([state.exceedance, state.rain_rate_mm_h]).all()
    assert state.exceedance.shape == (2,)
    assert model.words == "clear sky everywhere and always"


def test_a_fixed_share_is_the_same_everywhere() -> None:
    """Rain follows from it."""
    model = weather_of(FixedExceedance(exceedance=0.001), sites([0.0, 50.0]), start_ns=0, seed=1)
    state = model.at(0)
    assert state.exceedance.tolist() == [0.001, 0.001]
    assert np.isnan(state.rain_rate_mm_h).all()
    assert "0.1 % of an average year" in model.words


def test_simulated_weather_is_that_of_its_seed_and_instant() -> None:
    """Two runs that start at other times see the same weather at the same time; another seed sees another."""
    places, rule = sites([0.0, 50.0]), SimulatedWeather(features=128)
    early, late, other = (
        weather_of(rule, places, start_ns=start_ns, seed=seed) for start_ns, seed in ((0, 7), (HOUR_NS, 7), (0, 8))
    )
    state = early.at(5 * HOUR_NS)
    assert ((state.exceedance > 0.0) & (state.exceedance < 1.0)).all()
    assert np.isnan(state.rain_rate_mm_h).all()
    np.testing.assert_array_equal(state.exceedance, late.at(5 * HOUR_NS).exceedance)
    assert (state.exceedance != other.at(5 * HOUR_NS).exceedance).all()
    assert early.words == "weather simulated, seed 7: correlated rain with the statistics of each place"


def test_measured_rain_is_linear_in_time() -> None:
    """Where it rains gas and cloud are those of bad weather, where it is dry of a median day, unknown is a clear sky."""
    exceedance, rate = rates_at(measured([[0.0, 0.0, NAN], [8.0, 0.0, NAN]]), 0.25)
    assert rate[:2].tolist() == [2.0, 0.0]
    assert exceedance[:2].tolist() == [0.05, 0.5]
    assert np.isnan([exceedance[2], rate[2]]).all()


def test_an_instant_of_the_table_needs_no_neighbour() -> None:
    """A gap before or after it does not hide it; inside the gap nothing is known."""
    rule = measured([[NAN], [8.0], [NAN]])
    assert rates_at(rule, 1.0)[1].tolist() == [8.0]
    assert np.isnan(rates_at(rule, 0.999)[1]).all()
    assert np.isnan(rates_at(rule, 1.001)[1]).all()


@pytest.mark.parametrize("hours", [-1.0, 1.5])
def test_outside_the_table_the_sky_is_clear(hours: float) -> None:
    """And the last instant still counts."""
    rule = measured([[8.0], [4.0]])
    assert np.isnan(rates_at(rule, hours)[0]).all()
    assert rates_at(rule, 1.0)[1].tolist() == [4.0]


def test_measured_rain_says_what_it_does_not_know() -> None:
    """Its time, and the sites without any rate."""
    model = weather_of(measured([[8.0, NAN], [4.0, NAN]]), sites([0.0, 1.0]), start_ns=0, seed=1)
    assert model.words == (
        "measured rain of gauges.csv, which goes from 1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z; "
        "clear sky outside that time and at 1 of 2 sites"
    )
    whole = weather_of(measured([[8.0]]), sites([0.0]), start_ns=0, seed=1)
    assert whole.words.endswith("clear sky outside that time")


@pytest.mark.parametrize(
    ("rates", "start_ns", "words"),
    [
        ([[1.0]], HOUR_NS, "starts at 1970-01-01T01:00:00Z.*goes from"),
        ([[1.0]], -1, "goes from"),
        ([], 0, "no instant"),
    ],
)
def test_a_run_must_start_within_its_rain(rates: list[list[float]], start_ns: int, words: str) -> None:
    """Anything else is a mistake in the scenario."""
    table = RainTable(
        source="gauges.csv", time_ns=np.arange(len(rates)), rate_mm_h=np.array(rates, dtype=np.float64).reshape(-1, 1)
    )
    with pytest.raises(PlanError, match=words):
        weather_of(MeasuredRain(table=table), sites([0.0]), start_ns=start_ns, seed=1)


def test_rain_of_other_sites_is_refused() -> None:
    """A column for each site."""
    with pytest.raises(ShapeError, match="rate_mm_h"):
        weather_of(measured([[1.0, 2.0]]), sites([0.0]), start_ns=0, seed=1)


def test_a_weather_of_the_users_own_is_taken_as_it_is() -> None:
    """Whatever can tell the weather of an instant."""
    own = SteadyWeather(words="storm", state=WeatherState.of_exceedance(np.array([1e-5])))
    assert weather_of(own, sites([0.0]), start_ns=0, seed=1) is own


def test_a_state_has_both_numbers_for_each_site() -> None:
    """Shapes are checked."""
    with pytest.raises(ShapeError, match="rain_rate_mm_h"):
        WeatherState(exceedance=np.zeros(2), rain_rate_mm_h=np.zeros(3))
