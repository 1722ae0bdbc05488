"""Whatever the ground segment and the instant: every landing is fed, and costs are those of NetworkX' Dijkstra but where lasers are spared."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.model.rules import BentPipeMode, Grid, LaserMode, LaserRules, RoutingRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.plan.backhaul import SPARED_M, Backhaul, BackhaulPlanner
from skycommons.plan.flows import great_circle_m
from skycommons.plan.lasers import Lasers
from skycommons.plan.routes import Network
from tests.support.networks import fleet, scenario_of, site_table

SATELLITES = fleet()
RULES = LaserRules(topology=Grid(), max_range_m=8_000e3)
place = st.tuples(st.floats(-70.0, 70.0), st.floats(-180.0, 180.0))


@settings(max_examples=40)
@given(
    gateways=st.lists(place, max_size=5),
    pops=st.lists(place, max_size=3),
    time_s=st.integers(0, 86_400),
    mode=st.sampled_from([LaserMode(), BentPipeMode()]),
)
def test_costs_and_landings_are_those_of_an_independent_search(
    gateways: list[tuple[float, float]],
    pops: list[tuple[float, float]],
    time_s: int,
    mode: LaserMode | BentPipeMode,
) -> None:
    """Two slots, so that antennas have satellites to stay with."""
    places = [
        (f"{kind.name} {number}", kind, *spot)
        for kind, spots in ((SiteKind.POP, pops), (SiteKind.GATEWAY, gateways))
        for number, spot in enumerate(spots)
    ]
    scenario = scenario_of(
        site_table(places, min_elevation_deg=8.0), SATELLITES, lasers=RULES, routing=RoutingRules(mode=mode)
    )
    planner, network = BackhaulPlanner.of(scenario), Network.of(scenario)
    ephemeris = scenario.propagate(np.array([time_s, time_s + 15]) * 10**9)
    backhaul, lasers = None, None
    for step, time_ns in enumerate(ephemeris.time_ns.tolist()):
        position_m, valid = ephemeris.position_itrf_m[step], ephemeris.valid[step]
        lasers = network.lasers(time_ns, position_m, valid, before=lasers)
        backhaul = planner.at(position_m, valid, lasers, gateway=None if backhaul is None else backhaul.gateway)
        check(scenario, backhaul, lasers, position_m)


def check(scenario: Scenario, backhaul: Backhaul, lasers: Lasers, position_m: Floats) -> None:
    """One slot."""
    sites = scenario.world.sites
    fed = np.flatnonzero(backhaul.gateway >= 0)
    _, used = np.unique(backhaul.gateway[fed], return_counts=True)
    assert (used <= scenario.world.equipment.gateways[0].antennas).all()
    has_way = backhaul.landing >= 0
    assert (backhaul.gateway[backhaul.landing[has_way]] >= 0).all()
    assert (np.isfinite(backhaul.onward_m) == has_way).all()
    assert ((backhaul.laser_hops >= 0) == has_way).all()
    assert (backhaul.landing[backhaul.laser_hops == 0] == np.nonzero(backhaul.laser_hops == 0)[1]).all()
    graph: nx.Graph[int | str] = nx.Graph()
    graph.add_nodes_from(range(len(position_m)))
    if isinstance(scenario.routing.mode, LaserMode):
        for a, b in lasers.pairs[lasers.up()].tolist():
            graph.add_edge(a, b, weight=float(np.linalg.norm(position_m[a] - position_m[b])))
    for row, pop in enumerate(backhaul.pops.tolist()):
        graph.add_node("pop")
        own_m = np.full(len(position_m), np.inf)
        for sat in fed.tolist():
            gateway = int(backhaul.gateway[sat])
            fibre_m = 0.0
            if pop >= 0:
                factor = scenario.routing.fibre_detour * scenario.routing.fibre_index
                fibre_m = factor * float(great_circle_m(sites, np.array([pop]), np.array([gateway]))[0, 0])
            own_m[sat] = fibre_m + float(backhaul.feeder_range_m[sat])
            graph.add_edge(sat, "pop", weight=float(own_m[sat]))
        cost = nx.single_source_dijkstra_path_length(graph, "pop")
        least_m = np.array([cost.get(sat, np.inf) for sat in range(len(position_m))])
        spares = own_m <= least_m + SPARED_M
        spares &= np.isfinite(own_m)
        np.testing.assert_allclose(backhaul.onward_m[row], np.where(spares, own_m, least_m), rtol=1e-6)
        assert (backhaul.landing[row, spares] == np.flatnonzero(spares)).all()
        graph.remove_node("pop")
