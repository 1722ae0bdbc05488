"""One step of the network: positions, visibility, lasers and routes, whole and part by part."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.material import MIN_ELEVATION_DEG, START_NS, scenario
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.arrays import Floats, Ints, Ints32
from skycommons.orbit.frames import teme_to_itrf
from skycommons.orbit.sgp4 import Propagator, StateVectors
from skycommons.orbit.time import IersTable
from skycommons.plan.graph_kernel import build_graph, grow_trees
from skycommons.plan.lasers import Lasers
from skycommons.plan.path_rates import PathRater
from skycommons.plan.radio import Radio
from skycommons.plan.routes import Network, route_step
from skycommons.plan.visibility import View, view


def measure() -> list[Figure]:
    """The whole step, the step to the best gateway only, and the parts beside their peers."""
    network = Network.of(scenario(), tracked=np.zeros(0, dtype=np.int64))
    propagator = Propagator.prepare(network.scenario.world.satellites.elements)
    time_ns = np.array([START_NS])
    orientation = IersTable.load()
    memory = StateVectors.empty(1, len(propagator.elements))

    def positions() -> StateVectors:
        return propagator(time_ns, teme_to_itrf(time_ns, orientation), reuse=memory)

    states = positions()
    before = network.lasers(START_NS, states.position_m[0], states.valid[0], before=None)

    def lasers() -> Lasers:
        return network.lasers(START_NS, states.position_m[0], states.valid[0], before=before)

    def seen() -> View:
        return view(network.horizon, states.position_m[0], states.valid[0])

    gateways = network.ground.gateways
    satellites = len(propagator.elements)
    shape_of_trees = (len(gateways), satellites)
    trees = (np.empty(shape_of_trees), np.empty(shape_of_trees, dtype=np.int32))

    def all_routes() -> None:
        positions()
        _all_trees(lasers(), seen(), gateways, trees)

    def best_gateway() -> None:
        positions()
        route_step(network, states.position_m[0], states.valid[0], lasers())

    rater = PathRater.of(network.scenario, network.flows, Radio.of(network.scenario))

    def with_rates() -> None:
        positions()
        position_m, skies = states.position_m[0], rater.radio.skies(START_NS)
        routes = route_step(
            *(network, position_m, states.valid[0], lasers()),
            closing=lambda found: rater.radio.closing(found, skies, position_m),
        )
        rater.rates(routes, skies, position_m)

    sites = len(network.horizon)
    shape = f"{satellites:,} satellites, {sites:,} sites at {MIN_ELEVATION_DEG:g}°, {len(gateways)} gateways"
    return [
        Figure(name="step: positions", cpu_s=cpu_seconds(positions, repeats=30), note=shape),
        _visibility(network, states, seen),
        Figure(name="step: lasers", cpu_s=cpu_seconds(lasers, repeats=30), note=repr(before)),
        _trees(lasers(), seen(), gateways, trees),
        Figure(
            name="step: all of it, routes from every satellite to each gateway",
            cpu_s=cpu_seconds(all_routes),
            target="100 ms or less",
            note=shape,
        ),
        Figure(
            name="step: all of it, best gateway of each terminal",
            cpu_s=cpu_seconds(best_gateway, repeats=20),
            target="15 ms or less",
            note=shape,
        ),
        Figure(
            name="step: the same over links that close in the weather, with the rates of the paths",
            cpu_s=cpu_seconds(with_rates, repeats=20),
            note=f"{shape}; the rate of every pair in view is asked",
        ),
    ]


def _all_trees(lasers: Lasers, seen: View, gateways: Ints, memory: tuple[Floats, Ints32]) -> None:
    """A tree per gateway, seeded with what it sees; the memory holds costs and parents."""
    cost, parent = memory
    cost.fill(np.inf)
    for tree, gateway in enumerate(gateways):
        pairs = slice(seen.start[gateway], seen.start[gateway + 1])
        cost[tree, seen.sat[pairs]] = seen.range_m[pairs]
    grow_trees(*build_graph(cost.shape[1], lasers.pairs, lasers.range_m, lasers.up()), cost, parent)


def _visibility(network: Network, states: StateVectors, seen: Callable[[], View]) -> Figure:
    """The search beside a plain test of every pair in NumPy."""
    position = states.position_m[0][states.valid[0]]
    horizon = network.horizon
    least = np.sin(horizon.min_elevation_rad)

    def every_pair() -> int:
        found = 0
        for site in range(len(horizon)):
            sight = position - horizon.position_itrf_m[site]
            height = sight @ horizon.up_itrf[site]
            found += int(np.count_nonzero(height >= least[site] * np.sqrt(np.einsum("ij,ij->i", sight, sight))))
        return found

    if every_pair() != len(seen().sat):
        raise RuntimeError("the search and the test of every pair disagree")
    return Figure(
        name="step: visibility",
        cpu_s=cpu_seconds(seen, repeats=20),
        peer="NumPy, every pair",
        peer_cpu_s=cpu_seconds(every_pair, repeats=2, warm=False),
        note=f"{len(seen().sat):,} pairs",
    )


def _trees(lasers: Lasers, seen: View, gateways: Ints, memory: tuple[Floats, Ints32]) -> Figure:
    """Trees of all gateways beside SciPy's Dijkstra on the same graph, each gateway one more node."""
    cost, satellites = memory[0], memory[0].shape[1]
    cpu_s = cpu_seconds(lambda: _all_trees(lasers, seen, gateways, memory))
    up = lasers.up()
    a, b = lasers.pairs[up].T
    pairs = np.concatenate([np.arange(seen.start[gateway], seen.start[gateway + 1]) for gateway in gateways])
    tree = np.repeat(np.arange(len(gateways)), np.diff(seen.start)[gateways])
    # gateways only send, so that no path goes through one
    weight = np.concatenate([lasers.range_m[up], lasers.range_m[up], seen.range_m[pairs]])
    source = np.concatenate([a, b, satellites + tree])
    target = np.concatenate([b, a, seen.sat[pairs]])
    size = satellites + len(gateways)
    graph = csr_array((weight, (source, target)), shape=(size, size))
    rows = satellites + np.arange(len(gateways))
    theirs = dijkstra(graph, indices=rows)[:, :satellites]
    if not np.allclose(theirs, cost, rtol=0, atol=1e-6, equal_nan=True):
        raise RuntimeError("the trees and SciPy's Dijkstra disagree")
    return Figure(
        name="step: trees of all gateways",
        cpu_s=cpu_s,
        peer="SciPy csgraph.dijkstra with predecessors",
        peer_cpu_s=cpu_seconds(lambda: dijkstra(graph, indices=rows, return_predecessors=True), repeats=2, warm=False),
        note=f"{int(up.sum()):,} lasers up",
    )
