"""The search for options in the plainest way there is: a table of all links, gate after gate, and a full sort."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints
from skycommons.base.rng import uniform_of
from skycommons.model.world import SiteKind, Sites
from skycommons.plan.cell_rates import CellRatesNow
from skycommons.plan.choice import OBSERVED_WEIGHTS, ChoiceSets, UtilityWeights, features
from skycommons.plan.options import Kept, Luck, SkyStep
from skycommons.plan.requests import Unserved
from skycommons.plan.visibility import Horizon, Links, find_links
from tests.support.networks import above, moving

PLACES = [
    ("dateline", SiteKind.TERMINAL, -16.5, 180.0),
    ("quito", SiteKind.TERMINAL, 0.0, -78.5),
    ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainOptions:
    """Of every cell: satellites from the most valued to the least, what they are worth, and why there is none."""

    satellite: list[list[int]]
    worth_nats: list[list[float]]
    reason: list[int]


def sky_over(sites: Sites, count: int, *, seed: int = 1) -> SkyStep:
    """Satellites about all sites in turn."""
    draw = np.random.default_rng(seed)
    rows = np.arange(count) % len(sites)
    position_m: Floats = np.array(
        [
            above(north + draw.normal(0.0, 3.0), east + draw.normal(0.0, 4.0))
            for north, east in zip(
                np.degrees(sites.latitude_rad[rows]), np.degrees(sites.longitude_rad[rows]), strict=True
            )
        ]
    )
    return SkyStep(
        position_itrf_m=position_m.reshape(-1, 3),
        valid=np.ones(count, dtype=np.bool_),
        payload=np.zeros(count, dtype=np.int64),
        is_v2_mini=draw.random(count) < 0.5,
        load=draw.random(count),
        has_way=np.ones(count, dtype=np.bool_),
    )


def setting(cells: int, **changes: Any) -> dict[str, Any]:
    """No luck, nothing kept, clear sky, unless said otherwise."""
    return {
        "blocked": np.zeros(cells, dtype=np.uint8),
        "weights": OBSERVED_WEIGHTS,
        "luck": None,
        "kept": Kept.nothing(cells),
        "rates": closing_above(np.zeros((1, 1)), cells),
        **changes,
    }


def closing_above(least_sine: Floats, cells: int) -> CellRatesNow:
    """Rates of zones ``(Z, PL)`` that cells belong to in turn; only where links close is filled in."""
    shape = (*least_sine.shape, 2)
    return CellRatesNow(
        zone=np.arange(cells) % len(least_sine),
        sine=np.array([0.1, 1.0]),
        down_bps=np.full(shape, 1e8),
        up_bps=np.full(shape, 1e7),
        least_sine=least_sine,
    )


def plain_options(
    sites: Sites,
    sky: SkyStep,
    *,
    blocked: Bytes,
    weights: UtilityWeights,
    luck: Luck | None,
    kept: Kept,
    rates: CellRatesNow,
) -> PlainOptions:
    """As `find_options`, with all options instead of the best."""
    links = find_links(sites, moving(sky.position_itrf_m[np.newaxis], valid=sky.valid[np.newaxis]))
    found = PlainOptions(satellite=[], worth_nats=[], reason=[])
    for cell in range(len(sites)):
        rows = np.flatnonzero(links.site == cell)
        reason = int(blocked[cell])
        gates = (
            (Unserved.NO_SATELLITE, _in_field(sites, sky, links)),
            (Unserved.GSO_EXCLUSION, links.gso_separation_rad >= sites.gso_exclusion_rad[links.site]),
            (
                Unserved.RAIN,
                np.sin(links.elevation_rad) >= rates.least_sine[rates.zone[links.site], sky.payload[links.sat]],
            ),
            (Unserved.NO_FEEDER, _has_way(sky, cell)[links.sat]),
        )
        if reason:
            rows = rows[:0]
        else:
            reason = int(Unserved.NO_SATELLITE)
            for why, passes in gates:
                reason = int(why) if len(rows) else reason
                rows = rows[passes[rows]]
            reason = 0 if len(rows) else reason
        worth = _worth(sites, sky, links, rows, cell, weights=weights, luck=luck, kept=kept)
        order = np.lexsort([links.sat[rows], -worth])
        found.satellite.append(links.sat[rows][order].tolist())
        found.worth_nats.append(worth[order].tolist())
        found.reason.append(reason)
    return found


def _in_field(sites: Sites, sky: SkyStep, links: Links) -> Bools:
    """Whether each link lies in its site's field of view."""
    horizon = Horizon.of(sites)
    sight = sky.position_itrf_m[links.sat] - horizon.position_itrf_m[links.site]
    ahead_m = np.einsum("ij,ij->i", sight, horizon.boresight_itrf[links.site])
    return np.asarray(ahead_m >= horizon.cosine_field_of_view[links.site] * links.slant_range_m)


def _has_way(sky: SkyStep, cell: int) -> Bools:
    """Which satellites reach the cell's PoP."""
    by_pop = np.atleast_2d(sky.has_way)
    pop = -1 if sky.pop is None else int(sky.pop[cell])
    return np.asarray(by_pop.any(axis=0) if pop < 0 else by_pop[pop])


def _worth(
    sites: Sites,
    sky: SkyStep,
    links: Links,
    rows: Ints,
    cell: int,
    *,
    weights: UtilityWeights,
    luck: Luck | None,
    kept: Kept,
) -> Floats:
    """What the links of one cell are worth."""
    if not len(rows):
        return np.zeros(0)
    sat = links.sat[rows]
    sets = ChoiceSets(
        offsets=np.array([0, len(rows)]),
        latitude_rad=sites.latitude_rad[cell : cell + 1],
        elevation_rad=links.elevation_rad[rows],
        azimuth_rad=links.azimuth_rad[rows],
        slant_range_m=links.slant_range_m[rows],
        gso_separation_rad=links.gso_separation_rad[rows],
        is_v2_mini=sky.is_v2_mini[sat],
        is_kept=np.isin(sat, kept.satellite[kept.first[cell] : kept.first[cell + 1]]),
    )
    worth = features(sets) @ weights.vector_nats
    worth = worth + weights.load_nats * sky.load[sat] + weights.elevation_nats * links.elevation_rad[rows]
    if luck is not None:
        mine = np.full(len(sat), luck.cell[cell], dtype=np.int64)
        worth = worth - np.log(-np.log(uniform_of(luck.seed, np.full(len(sat), luck.slot), mine, sat)))
    return np.asarray(worth)
