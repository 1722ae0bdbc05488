"""How the rate of a site's links rises with the satellite's elevation, in several weathers."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import InputError
from skycommons.model.equipment import Payload
from skycommons.model.rules import BudgetWeather, ClearSky, FixedExceedance, RadioRules
from skycommons.model.world import SiteKind, World
from skycommons.plan.link_budget import site_budget
from skycommons.plan.sight import standing_sight

USUAL_WEATHERS: Final[tuple[BudgetWeather, ...]] = (
    ClearSky(),
    FixedExceedance(exceedance=1e-2),
    FixedExceedance(exceedance=1e-3),
    FixedExceedance(exceedance=1e-4),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RateCurves:
    """Rate against elevation for several weathers at one site.

    Attributes:
        elevation_rad: ``(E,)`` from the site's lowest to the zenith.
        weathers: ``W`` of them.
        down_bps, up_bps: ``(W, E)``, all bands of a feeder together.
    """

    elevation_rad: Floats
    weathers: tuple[BudgetWeather, ...]
    down_bps: Floats
    up_bps: Floats


def rate_curves(
    world: World,
    rules: RadioRules,
    *,
    site: int,
    payload: Payload,
    altitude_m: float,
    weathers: tuple[BudgetWeather, ...],
    points: int = 66,
) -> RateCurves:
    """Rates of a site to a satellite that stands at every elevation which the site may use.

    Args:
        world, rules, site, payload: As for `site_budget`.
        altitude_m: Of the satellite.
        weathers: One curve each.
        points: Elevations, evenly spaced.
    Raises:
        InputError: As `site_budget`; or fewer than two points.
        PhysicsError: As `site_budget`.
    """
    if points < 2:
        raise InputError(f"a curve has at least 2 points, not {points}")
    if world.sites.kind[site] == SiteKind.POP:
        raise InputError(f"{world.sites.ids[site]!r} is a PoP and has no radio; name a terminal or a gateway")
    lowest_rad = max(float(world.sites.min_elevation_rad[site]), float(np.radians(1.0)))
    elevation_rad = np.linspace(min(lowest_rad, np.pi / 2.0 - 1e-3), np.pi / 2.0, points)
    down, up = np.zeros((2, len(weathers), points))
    for place, elevation in enumerate(elevation_rad.tolist()):
        found = standing_sight(world.sites, site, elevation_rad=elevation, altitude_m=altitude_m)
        for number, weather in enumerate(weathers):
            links = site_budget(world, rules, site=site, payload=payload, found=found, weather=weather).links
            down[number, place] = sum(link.rate_bps for link in links if link.kind.is_down)
            up[number, place] = sum(link.rate_bps for link in links if not link.kind.is_down)
    return RateCurves(elevation_rad=elevation_rad, weathers=weathers, down_bps=down, up_bps=up)
