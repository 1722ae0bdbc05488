"""Whatever the sites and the instant, a route is a path of the network and its delay is the length of that path."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.model.rules import Grid, LaserRules, RoutingRules
from skycommons.model.world import SiteKind
from skycommons.plan.lasers import lasers_at
from skycommons.plan.routes import Network, Reason, route_step
from tests.support.networks import above, fleet, scenario_of, site_table
from tests.support.plain_search import elevations

FEMTOSECOND = 1e-15
SATELLITES = fleet()
LASERS = LaserRules(topology=Grid(), max_range_m=8_000e3)
place = st.tuples(st.floats(-70.0, 70.0), st.floats(-180.0, 180.0))


@settings(max_examples=40)
@given(
    st.lists(place, min_size=1, max_size=3),
    st.lists(place, max_size=3),
    st.lists(place, max_size=2),
    st.integers(0, 86_400),
)
def test_a_delay_is_the_sum_of_its_path(
    terminals: list[tuple[float, float]],
    gateways: list[tuple[float, float]],
    pops: list[tuple[float, float]],
    time_s: int,
) -> None:
    """The path starts at the entry, ends at the exit, and each of its lasers is up; without a path there is a reason."""
    places = [
        (f"{kind.name} {number}", kind, *spot)
        for kind, spots in ((SiteKind.TERMINAL, terminals), (SiteKind.GATEWAY, gateways), (SiteKind.POP, pops))
        for number, spot in enumerate(spots)
    ]
    sites = site_table(places, min_elevation_deg=8.0)
    pairs = tuple((0, row) for row in range(1, len(places)))
    scenario = scenario_of(sites, SATELLITES, lasers=LASERS, routing=RoutingRules(alternatives=2), pairs=pairs)
    network = Network.of(scenario)
    ephemeris = scenario.propagate(np.array([time_s * 10**9]))
    position_m, valid = ephemeris.position_itrf_m[0], ephemeris.valid[0]
    lasers = lasers_at(LASERS, network.pointing, 0, position_itrf_m=position_m, valid=valid)
    step = route_step(network, position_m, valid, lasers)
    up = {(int(a), int(b)) for a, b in lasers.pairs[lasers.up()]}
    elevation_rad = elevations(sites, position_m)
    for flow in range(len(network.flows)):
        if step.reason[flow] != Reason.REACHABLE:
            assert np.isnan(step.delay_s[flow]).all()
            continue
        path = step.path[flow][step.path[flow] >= 0].tolist()
        source, landing = int(network.flows.source[flow]), int(step.exit_site[flow, 0])
        assert path[0] == step.entry_satellite[flow, 0]
        assert path[-1] == step.exit_satellite[flow, 0]
        assert len(path) == step.laser_hops[flow, 0] + 1
        assert all((min(hop), max(hop)) in up for hop in pairwise(path))
        assert elevation_rad[source, path[0]] >= np.radians(8.0) - 1e-9
        assert elevation_rad[landing, path[-1]] >= np.radians(8.0) - 1e-9
        points_m = np.array([above(*places[source][2:], 0.0), *position_m[path], above(*places[landing][2:], 0.0)])
        length_m = np.linalg.norm(np.diff(points_m, axis=0), axis=1).sum()
        if sites.kind[landing] == SiteKind.GATEWAY:
            index = int(np.searchsorted(network.ground.gateways, landing))
            length_m += network.ground.onward_m[network.flows.tree[flow], index]
        np.testing.assert_allclose(step.delay_s[flow, 0], length_m / LIGHT_SPEED_M_S, rtol=1e-12, atol=FEMTOSECOND)
        assert not step.delay_s[flow, 1] < step.delay_s[flow, 0]
        assert step.entry_satellite[flow, 1] != step.entry_satellite[flow, 0]
