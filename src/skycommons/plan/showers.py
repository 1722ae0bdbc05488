"""Showers over a weather of another kind: rain that comes to some places and goes.

Rules: a shower rains alike everywhere within its radius, along a great circle on the mean sphere. Its rate rises over the first
fifth of its time and falls over the last: our choice, for a front that arrives. Where it rains harder already, it does not count.
Gas and cloud are those of bad weather while it rains.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, check_shape, freeze
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.model.rules import Shower
from skycommons.model.world import Sites
from skycommons.orbit.frames import up_axis
from skycommons.plan.weather import WeatherModel, WeatherState
from skycommons.radio.atmosphere import SLOW_EXCEEDANCE

RAMP_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShowerWeather:
    """Showers over ``G`` sites.

    Attributes:
        base: The weather else.
        showers: ``N`` of them.
        is_within: ``(N, G)`` which sites each reaches.
    """

    base: WeatherModel
    showers: tuple[Shower, ...]
    is_within: Bools

    def __post_init__(self) -> None:
        check_shape("is_within", self.is_within, (len(self.showers), None))
        freeze(self.is_within)

    @property
    def words(self) -> str:
        """What it is, as one sentence of a report without its full stop."""
        return f"{self.base.words}; {len(self.showers)} shower(s) on top"

    def at(self, time_ns: int) -> WeatherState:
        """The weather at an instant, UTC unix ns."""
        state = self.base.at(time_ns)
        rate_mm_h = np.zeros(len(state.exceedance))
        for shower, within in zip(self.showers, self.is_within, strict=True):
            rate_mm_h = np.maximum(rate_mm_h, np.where(within, rain_of(shower, time_ns), 0.0))
        harder = (rate_mm_h > 0.0) & ~(state.rain_rate_mm_h >= rate_mm_h)
        return WeatherState(
            exceedance=np.where(harder, np.fmin(state.exceedance, SLOW_EXCEEDANCE), state.exceedance),
            rain_rate_mm_h=np.where(harder, rate_mm_h, state.rain_rate_mm_h),
        )


def showers_over(base: WeatherModel, showers: tuple[Shower, ...], sites: Sites) -> ShowerWeather:
    """Showers over a weather, at some sites."""
    here = up_axis(sites.latitude_rad, sites.longitude_rad)
    within = np.zeros((len(showers), len(sites)), dtype=np.bool_)
    for row, shower in enumerate(showers):
        middle = up_axis(np.array(shower.latitude_rad), np.array(shower.longitude_rad))
        away_m = EARTH_MEAN_RADIUS_M * np.arccos(np.clip(here @ middle, -1.0, 1.0))
        within[row] = away_m <= shower.radius_m
    return ShowerWeather(base=base, showers=showers, is_within=within)


def rain_of(shower: Shower, time_ns: int) -> float:
    """Rate of a shower at an instant, mm/h; 0 before and after it.

    >>> rain = Shower(latitude_rad=0, longitude_rad=0, radius_m=1e4, rain_rate_mm_h=20, begin_ns=0, end_ns=100)
    >>> [rain_of(rain, time_ns) for time_ns in (-1, 10, 50, 90, 100)]
    [0.0, 10.0, 20.0, 10.0, 0.0]
    """
    length_ns = shower.end_ns - shower.begin_ns
    edge_ns = min(time_ns - shower.begin_ns, shower.end_ns - time_ns)
    if length_ns <= 0 or edge_ns <= 0:
        return 0.0
    ramp: Floats = np.minimum(edge_ns / (RAMP_SHARE * length_ns), 1.0)
    return round(float(ramp) * shower.rain_rate_mm_h, 9)
