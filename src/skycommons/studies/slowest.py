"""Why the slowest terminal of a run is slow: its downlink's budget at its worst moment, beside better ones.

Three columns say it: the same satellite straight overhead under a clear sky, where it stood under a clear sky, and where
it stood in the weather of that moment. What differs from column to column is the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import format_time
from skycommons.base.constants import NS_PER_S
from skycommons.model.equipment import Payload
from skycommons.model.rules import BudgetWeather, ClearSky, FixedExceedance
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.orbit.frames import geodetic_to_itrf
from skycommons.plan.flows import TO_POP, Flows
from skycommons.plan.link_budget import LinkStatement, site_budget
from skycommons.plan.rate_curves import USUAL_WEATHERS, rate_curves
from skycommons.plan.sight import Sight, sight, standing_sight
from skycommons.plan.weather import WeatherState
from skycommons.radio.budget import BudgetFact, BudgetLine, source_text
from skycommons.radio.recommendations import P618_RAIN

COLUMNS: Final = ("overhead, clear sky", "where it stood, clear sky", "as it was")
_POINTS: Final = 45
_HALVINGS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlowestSoFar:
    """Each flow's sum of rates and its slowest step with a path, added up in place.

    Attributes:
        sum_bps: ``(F,)`` of the downlink over all steps.
        least_bps, cn_db: ``(F,)`` at the slowest step with a path; infinite and NaN before there is one.
        step, satellite, limit: ``(F,)`` of that step; -1 before there is one.
    """

    sum_bps: Floats
    least_bps: Floats
    cn_db: Floats
    step: Ints
    satellite: Ints
    limit: Ints

    @staticmethod
    def empty(flows: int) -> "SlowestSoFar":
        """Nothing seen yet."""
        return SlowestSoFar(
            sum_bps=np.zeros(flows),
            least_bps=np.full(flows, np.inf),
            cn_db=np.full(flows, np.nan),
            step=np.full(flows, -1),
            satellite=np.full(flows, -1),
            limit=np.full(flows, -1),
        )

    def note(self, first: int, columns: dict[str, NDArray[Any]]) -> None:
        """Add a block of steps, ``(T, F)`` columns as the store has them, the first of which has this number."""
        rate_bps = columns["rate_down_bps"].astype(np.float64)
        np.add(self.sum_bps, rate_bps.sum(axis=0), out=self.sum_bps)
        on_path = np.where(columns["entry_satellite"] >= 0, rate_bps, np.inf)
        step, flow = on_path.argmin(axis=0), np.arange(rate_bps.shape[1])
        slower = flow[on_path[step, flow] < self.least_bps]
        at = (step[slower], slower)
        self.least_bps[slower] = rate_bps[at]
        self.step[slower] = first + at[0]
        self.cn_db[slower] = columns["down_cn_db"][at]
        self.satellite[slower] = columns["entry_satellite"][at]
        self.limit[slower] = columns["rate_limit"][at]

    def slowest(self, flows: Ints) -> int:
        """The flow among these that got least in all and ever had a path; -1 if none had."""
        reached = flows[self.step[flows] >= 0]
        return int(reached[self.sum_bps[reached].argmin()]) if len(reached) else -1


def explain_slowest(
    scenario: Scenario, flows: Flows, slowest: SlowestSoFar, *, weather_at: Callable[[int], WeatherState]
) -> dict[str, Any]:
    """The explanation as plain JSON values in SI units; empty where no terminal ever had a path.

    Args:
        scenario: That was run.
        flows: Its flows.
        slowest: What the run noted.
        weather_at: The run's weather at an instant.
    """
    sites = scenario.world.sites
    flow = slowest.slowest(_terminal_flows(scenario, flows))
    if flow < 0:
        return {}
    case = _Case.of(scenario, site=int(flows.source[flow]), satellite=int(slowest.satellite[flow]))
    time_ns = scenario.start_ns + int(slowest.step[flow]) * round(scenario.step_s * NS_PER_S)
    stood, overhead = case.sights(scenario.propagate(np.array([time_ns])).position_itrf_m[0, case.satellite])
    weather = case.weather(stood, weather_at(time_ns), cn_db=float(slowest.cn_db[flow]))
    columns = [case.downlink(*seen) for seen in ((overhead, ClearSky()), (stood, ClearSky()), (stood, weather))]
    return {
        "flow": flows.ids[flow],
        "terminal": sites.ids[case.site],
        "satellite": scenario.world.satellites.ids[case.satellite],
        "time": format_time(time_ns),
        "elevation_rad": stood.elevation_rad,
        "exceedance": None if isinstance(weather, ClearSky) else weather.exceedance,
        "mean_rate_down_bps": float(slowest.sum_bps[flow]) / max(len(scenario.times()), 1),
        "rate_down_bps": float(slowest.least_bps[flow]),
        "limit": int(slowest.limit[flow]),
        "columns": list(COLUMNS),
        "rates_bps": [column.rate_bps for column in columns],
        "lines": _side_by_side(columns),
        "curves": case.curves(overhead.range_m),
    }


def _terminal_flows(scenario: Scenario, flows: Flows) -> Ints:
    """Flows of terminals to their PoPs; where there is none, all that start at a terminal."""
    of_terminal = scenario.world.sites.kind[flows.source] == SiteKind.TERMINAL
    to_pop = of_terminal & (flows.kind == TO_POP)
    return np.flatnonzero(to_pop if to_pop.any() else of_terminal)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A terminal and a satellite."""

    scenario: Scenario
    site: int
    satellite: int
    payload: Payload

    @staticmethod
    def of(scenario: Scenario, *, site: int, satellite: int) -> "_Case":
        """With what the satellite carries."""
        payload = scenario.world.equipment.payload_of(scenario.world.satellites.generations[satellite])
        return _Case(scenario=scenario, site=site, satellite=satellite, payload=payload)

    def sights(self, satellite_itrf_m: Floats) -> tuple[Sight, Sight]:
        """Where the satellite stands, and where it would be overhead at its altitude."""
        sites, site = self.scenario.world.sites, self.site
        place = geodetic_to_itrf(sites.latitude_rad[site], sites.longitude_rad[site], sites.height_m[site])
        altitude_m = float(np.linalg.norm(satellite_itrf_m) - np.linalg.norm(place))
        overhead = standing_sight(sites, site, elevation_rad=np.pi / 2.0, altitude_m=altitude_m)
        return sight(sites, site, satellite_itrf_m), overhead

    def downlink(self, found: Sight, weather: BudgetWeather) -> LinkStatement:
        """The budget of the downlink."""
        world, rules = self.scenario.world, self.scenario.radio
        budget = site_budget(world, rules, site=self.site, payload=self.payload, found=found, weather=weather)
        return budget.links[0]

    def curves(self, altitude_m: float) -> dict[str, Any]:
        """Rates against elevation, in the weathers that a picture shows."""
        world, rules = self.scenario.world, self.scenario.radio
        curves = rate_curves(
            *(world, rules),
            site=self.site,
            payload=self.payload,
            altitude_m=altitude_m,
            weathers=USUAL_WEATHERS,
            points=_POINTS,
        )
        return {
            "elevation_rad": curves.elevation_rad.tolist(),
            "exceedances": [None if isinstance(one, ClearSky) else one.exceedance for one in curves.weathers],
            "down_bps": curves.down_bps.tolist(),
            "up_bps": curves.up_bps.tolist(),
        }

    def weather(self, found: Sight, state: WeatherState, *, cn_db: float) -> BudgetWeather:
        """The weather as a share of the year; of a measured rain, that share which gives the same carrier over noise."""
        exceedance = float(state.exceedance[self.site])
        if np.isnan(exceedance):
            return ClearSky()
        if np.isnan(state.rain_rate_mm_h[self.site]):
            return FixedExceedance(exceedance=exceedance)
        low, high = np.log(P618_RAIN.lowest_exceedance), np.log(max(exceedance, P618_RAIN.highest_exceedance))
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            found_db = self.downlink(found, FixedExceedance(exceedance=float(np.exp(middle)))).budget.cn_db
            low, high = (middle, high) if found_db < cn_db else (low, middle)
        return FixedExceedance(exceedance=float(np.exp(high)))


def _side_by_side(columns: list[LinkStatement]) -> list[dict[str, Any]]:
    """Every line of any column with its value in each of them; null where a column does not have it."""
    tables = [{(part.title, line.name): line for part in column.parts for line in part.lines} for column in columns]
    places = list(dict.fromkeys(key for table in reversed(tables) for key in table))
    return [
        {
            "part": part,
            "name": name,
            "unit": next(table[part, name].unit for table in tables if (part, name) in table),
            "values": [_value(table[part, name]) if (part, name) in table else None for table in tables],
            "source": next(source_text(table[part, name]) for table in reversed(tables) if (part, name) in table),
        }
        for part, name in places
    ]


def _value(line: BudgetLine) -> float | str | None:
    """A loss is negative here, so that the terms of a column add up; words stand for themselves."""
    if isinstance(line, BudgetFact):
        return line.words or (line.amount if np.isfinite(line.amount) else None)
    return line.share_db
