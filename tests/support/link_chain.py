"""One link at a time from its line-by-line budget: what the compiled rates must give.

Nobody makes a budget for measured rain. There that of a clear sky is moved by what the rain takes, adds and turns.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.model.rules import ClearSky, FixedExceedance
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.link_budget import LinkKind, LinkStatement, site_budget
from skycommons.plan.sight import sight
from skycommons.radio.budget import BudgetFact
from skycommons.radio.climate import climate_at
from skycommons.radio.combining import combine_db
from skycommons.radio.decibels import to_db
from skycommons.radio.noise import antenna_temperature_in_rain_k
from tests.support.sky_chain import Exact, exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a link must have, both ways; rates are NaN in measured rain."""

    down_bps: float
    up_bps: float
    down_cn_db: float
    up_cn_db: float
    loss_db: float
    fade_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The air between one site and one satellite."""

    scenario: Scenario
    site: int
    elevation_rad: float

    def air(self, link: LinkStatement, exceedance: float, rain_rate_mm_h: float) -> Exact:
        """What it does to a link in a weather."""
        sites, place = self.scenario.world.sites, slice(self.site, self.site + 1)
        return exact(
            climate_at(sites.latitude_rad[place], sites.longitude_rad[place], sites.height_m[place]),
            np.zeros(1, dtype=np.int64),
            np.array([self.elevation_rad]),
            frequency_hz=link.carrier.frequency_hz,
            diameter_m=self._diameter_m(link),
            exceedance=np.array([exceedance]),
            rain_rate_mm_h=np.array([rain_rate_mm_h]),
        )

    def _diameter_m(self, link: LinkStatement) -> float:
        equipment, sites = self.scenario.world.equipment, self.scenario.world.sites
        row = int(sites.equipment[self.site])
        if sites.kind[self.site] == SiteKind.TERMINAL:
            return equipment.terminals[row].aperture_m
        return next(feeder.dish_m for feeder in equipment.gateways[row].feeders if feeder.band is link.band)


def expected(
    scenario: Scenario, site: int, satellite_m: Floats, *, exceedance: float, rain_rate_mm_h: float = np.nan
) -> Expected:
    """The link between a site and a satellite of the first payload."""
    world, is_measured = scenario.world, not np.isnan(rain_rate_mm_h)
    seen = sight(world.sites, site, satellite_m)
    links = site_budget(
        world,
        scenario.radio,
        site=site,
        payload=world.equipment.payloads[int(world.equipment.payload_rows(("",))[0])],
        found=seen,
        weather=ClearSky() if is_measured or np.isnan(exceedance) else FixedExceedance(exceedance=exceedance),
    ).links
    way = _Way(scenario=scenario, site=site, elevation_rad=seen.elevation_rad)
    down, up = ([link for link in links if link.kind.is_down is is_down] for is_down in (True, False))
    airs = [way.air(link, exceedance, rain_rate_mm_h) for link in (down[0], up[0])]
    cn_db = [link.budget.cn_db for link in (down[0], up[0])]
    rates = [sum(link.rate_bps for link in half) if seen.in_field else 0.0 for half in (down, up)]
    if is_measured:
        clear = [way.air(link, np.nan, np.nan) for link in (down[0], up[0])]
        cn_db = [_moved_db(*one) for one in zip((down[0], up[0]), clear, airs, strict=True)]
        rates = [np.nan, np.nan]
    return Expected(
        down_bps=rates[0],
        up_bps=rates[1],
        down_cn_db=cn_db[0],
        up_cn_db=cn_db[1],
        loss_db=float(airs[0].total_db[0]),
        fade_db=float(airs[0].fade_db[0]),
    )


def _moved_db(link: LinkStatement, clear: Exact, now: Exact) -> float:
    """Carrier over noise and interference of a clear sky's link in another air."""
    thermal_db = link.budget.thermal_cn_db - float(now.total_db[0] - clear.total_db[0])
    if link.kind.is_down:
        lines = [line for part in link.parts for line in part.lines if isinstance(line, BudgetFact)]
        facts = {line.name: line.amount for line in lines}
        receiver_k, antenna_k = facts["receiver noise"], facts["antenna noise, clear sky"]
        warm_k = float(antenna_temperature_in_rain_k(antenna_k, now.fade_db[0]))
        thermal_db -= float(to_db((receiver_k + warm_k) / (receiver_k + antenna_k)))
    turned_db = [float(now.cross_polar_db[0])] if link.kind is LinkKind.SERVICE_DOWN else []
    return float(combine_db(thermal_db, *(term.value_db for term in link.budget.interference), *turned_db))
