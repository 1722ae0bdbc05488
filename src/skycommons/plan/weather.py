"""What the sky does at every site, instant by instant.

Rules: weather at a site is one number, the share of an average year with worse weather (`exceedance`); all carriers and
elevations at the site share it. Where the rain rate itself is known, it replaces the rain of that share. A weather model
has no state: any instant can be asked for, in any order.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from skycommons.base.arrays import Floats, check_shape, freeze
from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import PlanError
from skycommons.base.rng import stream
from skycommons.model.rain_table import RainTable
from skycommons.model.rules import ClearSky, FixedExceedance, MeasuredRain, Showers, SimulatedWeather, Weather
from skycommons.model.world import Sites
from skycommons.radio.atmosphere import SLOW_EXCEEDANCE
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE
from skycommons.radio.weather_field import WeatherField


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeatherState:
    """The weather at ``G`` sites at one instant.

    Attributes:
        exceedance: ``(G,)`` share of an average year with worse weather; NaN is a clear sky.
        rain_rate_mm_h: ``(G,)`` measured rain; NaN where rain follows from the exceedance.
    """

    exceedance: Floats
    rain_rate_mm_h: Floats

    def __post_init__(self) -> None:
        check_shape("rain_rate_mm_h", self.rain_rate_mm_h, self.exceedance.shape)
        freeze(self.exceedance, self.rain_rate_mm_h)

    @staticmethod
    def of_exceedance(exceedance: Floats) -> "WeatherState":
        """Weather by its rarity alone."""
        return WeatherState(exceedance=exceedance, rain_rate_mm_h=np.full_like(exceedance, np.nan))


class WeatherModel(Protocol):
    """Whatever can tell the weather of an instant."""

    @property
    def words(self) -> str:
        """What it is, as one sentence of a report without its full stop."""
        ...

    def at(self, time_ns: int) -> WeatherState:
        """The weather at an instant, UTC unix ns."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SteadyWeather:
    """The same weather always.

    Attributes:
        words: As `WeatherModel`.
        state: The weather.
    """

    words: str
    state: WeatherState

    def at(self, time_ns: int) -> WeatherState:  # noqa: ARG002 - the protocol's signature
        """The weather, whatever the time."""
        return self.state


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldWeather:
    """Simulated weather; it depends on the instant itself, so that two runs see the same at the same time.

    Attributes:
        words: As `WeatherModel`.
        field: The Gaussian field, its time zero being that of unix time.
    """

    words: str
    field: WeatherField

    def at(self, time_ns: int) -> WeatherState:
        """The weather at an instant, UTC unix ns."""
        return WeatherState.of_exceedance(self.field.exceedance(time_ns / NS_PER_S))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableWeather:
    """Measured rain, linear in time between the instants of its table; clear sky where nothing is known.

    Attributes:
        table: Rates of ``G`` sites.
        words: As `WeatherModel`; it says when and at how many sites nothing is known.
    """

    table: RainTable
    words: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", _table_words(self.table))

    def at(self, time_ns: int) -> WeatherState:
        """The weather at an instant, UTC unix ns; clear sky before and after the table."""
        rate = self._rate_mm_h(time_ns)
        # Gas and cloud are not measured: they are those of bad weather, or of a median day. Our choice.
        exceedance = np.where(rate > 0.0, SLOW_EXCEEDANCE, MEDIAN_EXCEEDANCE)
        return WeatherState(exceedance=np.where(np.isnan(rate), np.nan, exceedance), rain_rate_mm_h=rate)

    def _rate_mm_h(self, time_ns: int) -> Floats:
        """Rates at an instant, NaN where unknown."""
        known, rates = self.table.time_ns, self.table.rate_mm_h
        row = int(np.searchsorted(known, time_ns, side="right")) - 1
        if row >= 0 and known[row] == time_ns:
            return np.array(rates[row])
        if row < 0 or row + 1 == len(known):
            return np.full(rates.shape[1], np.nan)
        late = float(time_ns - known[row]) / float(known[row + 1] - known[row])
        return np.asarray((1.0 - late) * rates[row] + late * rates[row + 1])


def weather_of(rule: Weather | WeatherModel, sites: Sites, *, start_ns: int, seed: int) -> WeatherModel:
    """The weather that a scenario's rule asks for, at its sites.

    Args:
        rule: From the scenario, or an object of the user's own that is a `WeatherModel` already.
        sites: ``G`` sites; the states have a number for each of them.
        start_ns: First instant of the run, UTC unix ns.
        seed: Of the scenario.
    Raises:
        ShapeError: A table of rain is for another number of sites.
        PlanError: The run does not start within the table of rain.
    """
    match rule:
        case ClearSky():
            state = WeatherState.of_exceedance(np.full(len(sites), np.nan))
            return SteadyWeather(words="clear sky everywhere and always", state=state)
        case FixedExceedance(exceedance=exceedance):
            state = WeatherState.of_exceedance(np.full(len(sites), exceedance))
            share = f"weather that is exceeded for {100.0 * exceedance:g} % of an average year, everywhere and always"
            return SteadyWeather(words=share, state=state)
        case SimulatedWeather(features=features):
            rng = stream(seed, "weather")
            return FieldWeather(
                words=f"weather simulated, seed {seed}: correlated rain with the statistics of each place",
                field=WeatherField.prepare(sites.latitude_rad, sites.longitude_rad, rng, features=features),
            )
        case MeasuredRain(table=table):
            check_shape("rate_mm_h", table.rate_mm_h, (None, len(sites)))
            fault = start_fault(rule, start_ns)
            if fault:
                raise PlanError(f"weather: {fault}")
            return TableWeather(table=table)
        case Showers(base=base, showers=showers):
            from skycommons.plan.showers import showers_over  # which is made of what stands here

            return showers_over(weather_of(base, sites, start_ns=start_ns, seed=seed), showers, sites)
        case own:
            return own


def start_fault(rule: Weather, start_ns: int) -> str:
    """Why a run cannot start in this weather; empty where it can.

    Args:
        rule: What the sky does.
        start_ns: First instant of the run, UTC unix ns.
    """
    if isinstance(rule, Showers):
        return start_fault(rule.base, start_ns)
    if not isinstance(rule, MeasuredRain):
        return ""
    table = rule.table
    if len(table.time_ns) > 0 and table.time_ns[0] <= start_ns <= table.time_ns[-1]:
        return ""
    return (
        f"the run starts at {format_time(start_ns)}, and the rain of {table.source} {_span_words(table)}; "
        f"move the scenario's start or take another file"
    )


def _table_words(table: RainTable) -> str:
    """What a table of rain knows, and what is done where it does not."""
    sites = table.rate_mm_h.shape[1]
    unknown = int(np.count_nonzero(np.all(np.isnan(table.rate_mm_h), axis=0)))
    places = f" and at {unknown:,} of {sites:,} sites" if unknown else ""
    return f"measured rain of {table.source}, which {_span_words(table)}; clear sky outside that time{places}"


def _span_words(table: RainTable) -> str:
    """From when to when a table knows rain."""
    if len(table.time_ns) == 0:
        return "holds no instant"
    return f"goes from {format_time(int(table.time_ns[0]))} to {format_time(int(table.time_ns[-1]))}"
