"""Delays beside those of the plainest shortest-path search there is, over a graph that is put together another way."""

import numpy as np

from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.model.rules import Grid, LaserRules, RoutingRules
from skycommons.model.world import SiteKind
from skycommons.plan.flows import great_circle_m
from skycommons.plan.lasers import lasers_at
from skycommons.plan.routes import Network, route
from tests.support.networks import above, scenario_of, site_table
from tests.support.plain_search import elevations, least_costs

PICOSECOND = 1e-12
PLACES = [
    ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
    ("nairobi", SiteKind.TERMINAL, -1.3, 36.8),
    ("suva", SiteKind.TERMINAL, -18.1, 178.4),
    ("alps", SiteKind.GATEWAY, 46.5, 8.0),
    ("rift", SiteKind.GATEWAY, -1.0, 36.0),
    ("waikato", SiteKind.GATEWAY, -38.0, 175.6),
    ("milan-pop", SiteKind.POP, 45.5, 9.2),
    ("nairobi-pop", SiteKind.POP, -1.3, 36.9),
]


def test_every_delay_is_that_of_dijkstras_algorithm() -> None:
    """Three terminals to the nearest and to a given PoP, to each other and to a gateway, over an hour."""
    sites = site_table(PLACES, min_elevation_deg=15.0, home_pop={"suva": "milan-pop"})
    rules = LaserRules(topology=Grid(), max_range_m=8_000e3)
    pairs = ((0, 1), (0, 2), (1, 5), (7, 2))
    scenario = scenario_of(sites, lasers=rules, pairs=pairs, routing=RoutingRules(fibre_detour=1.4))
    ephemeris = scenario.propagate(scenario.times(hours=1.0, every_s=600.0))
    routes = route(scenario, ephemeris)
    place_m = np.array([above(*place[2:], 0.0) for place in PLACES])
    fibre_m = 1.4 * scenario.routing.fibre_index * great_circle_m(sites, np.arange(8), np.arange(8))
    # per flow: source, target, and what it costs to go on from each site where the path may come down
    nearest = {row: min(fibre_m[row, 6], fibre_m[row, 7]) for row in (3, 4, 5)}
    milan, nairobi = ({row: fibre_m[row, pop] for row in (3, 4, 5)} for pop in (6, 7))
    flows = [(0, nearest), (1, nearest), (2, milan), (0, {1: 0.0}), (0, {2: 0.0}), (1, {5: 0.0}), (2, nairobi)]
    reached = 0
    before = None
    for step, time_ns in enumerate(ephemeris.time_ns):
        position_m, valid = ephemeris.position_itrf_m[step], ephemeris.valid[step]
        before = lasers_at(
            rules, Network.of(scenario).pointing, int(time_ns), position_itrf_m=position_m, valid=valid, before=before
        )
        edges = [
            (int(a), int(b), float(np.linalg.norm(position_m[a] - position_m[b]))) for a, b in before.pairs[before.up()]
        ]
        seen = elevations(sites, position_m) >= np.radians(15.0)
        range_m = np.where(seen, np.linalg.norm(position_m[None] - place_m[:, None], axis=2), np.inf)
        for flow, (source, landings) in enumerate(flows):
            down_m = np.min([range_m[row] + onward_m for row, onward_m in landings.items()], axis=0)
            cost, _ = least_costs(64, edges, {int(sat): float(down_m[sat]) for sat in np.flatnonzero(down_m < np.inf)})
            best_s = float(np.min(range_m[source] + cost)) / LIGHT_SPEED_M_S
            ours_s = routes.delay_s[step, flow]
            np.testing.assert_allclose(np.nan_to_num(ours_s, nan=np.inf), best_s, rtol=0, atol=PICOSECOND)
            reached += bool(np.isfinite(ours_s))
    assert reached > 20
