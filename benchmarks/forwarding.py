"""The job of the independent simulator satgenpy: the forwarding state of Starlink-550 between 100 cities, one step.

For every satellite and city, and every city as destination: the next node to send to. That simulator took 12.5 CPU seconds
for it on the machine of the first measurements; the peer here is the part of it that can be run from a package,
networkx' Floyd-Warshall, which its routing calls once a step.
"""

import networkx as nx
import numpy as np
from numba import njit

from benchmarks.material import START_NS, random_sites
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.arrays import Floats, Ints, Ints32
from skycommons.model.documents_to_fleet import shell_satellites
from skycommons.model.rules import Grid
from skycommons.orbit.frames import geodetic_to_itrf, teme_to_itrf
from skycommons.orbit.sgp4 import Propagator, StateVectors
from skycommons.orbit.time import SiderealOnly
from skycommons.orbit.walker import Shell
from skycommons.plan.graph_kernel import build_graph, grow_trees
from skycommons.plan.lasers_kernel import reachable
from skycommons.plan.topology import pointing_of

PLANES, SLOTS, CITIES = 72, 22, 100
MAX_GROUND_LINK_M, MAX_LASER_M = 1_089_686.0, 5_016_591.0  # that simulator's limits for this constellation


@njit(error_model="numpy", nogil=True, cache=True)
def forwarding_state(distance_m: Floats, cost: Floats, parent: Ints32) -> Ints32:
    """Next node ``(satellites + cities, cities)`` towards each city; -1 without a path, and at the city itself."""
    cities, satellites = cost.shape
    state = np.full((satellites + cities, cities), -1, np.int32)
    for target in range(cities):
        for sat in range(satellites):
            if cost[target, sat] < np.inf:
                state[sat, target] = parent[target, sat] if parent[target, sat] >= 0 else satellites + target
    for source in range(cities):
        best = np.full(cities, np.inf)
        for sat in range(satellites):
            if distance_m[source, sat] < np.inf:
                for target in range(cities):
                    total = distance_m[source, sat] + cost[target, sat]
                    if total < best[target] and target != source:
                        best[target] = total
                        state[satellites + source, target] = sat
    return state


def measure() -> list[Figure]:
    """One step: positions, links, paths and the whole table."""
    shell = Shell(
        name="starlink-550",
        planes=PLANES,
        slots_per_plane=SLOTS,
        inclination_rad=float(np.radians(53.0)),
        altitude_m=550e3,
        phasing=0.5 * PLANES,
        raan_spread_rad=2.0 * np.pi,
    )
    satellites = shell_satellites(shell, "", START_NS)
    elements = satellites.elements
    propagator = Propagator.prepare(elements)
    pairs = pointing_of(Grid(), satellites, START_NS, MAX_LASER_M).pairs_at(np.zeros((0, 3)), np.zeros(0, bool))
    latitude, longitude = random_sites(CITIES, "cities", max_latitude_deg=50.0)
    city_m = geodetic_to_itrf(latitude, longitude, np.zeros(CITIES))
    memory = StateVectors.empty(1, len(elements))
    time_ns = np.array([START_NS])

    def step() -> Ints32:
        states = propagator(time_ns, teme_to_itrf(time_ns, SiderealOnly()), reuse=memory)
        return _table_of(states.position_m[0], city_m, pairs)

    if (step()[:, 0] < 0).all():
        raise RuntimeError("no city can be reached")
    states = propagator(time_ns, teme_to_itrf(time_ns, SiderealOnly()))
    graph = _graph(states.position_m[0], pairs)
    return [
        Figure(
            name="forwarding state of Starlink-550, 100 cities",
            cpu_s=cpu_seconds(step, repeats=30),
            peer="networkx floyd_warshall_numpy alone",
            peer_cpu_s=cpu_seconds(lambda: nx.floyd_warshall_numpy(graph), repeats=1, warm=False),
            target="15 ms or less; the whole simulator took 12.5 s",
            note=f"{PLANES * SLOTS + CITIES} nodes x {CITIES} destinations",
        )
    ]


def _table_of(position_m: Floats, city_m: Floats, pairs: Ints32) -> Ints32:
    """The forwarding state at one step."""
    satellites = len(position_m)
    valid = np.ones(satellites, dtype=np.bool_)
    range_m, up = reachable(pairs, position_m, valid, MAX_LASER_M, -np.inf)
    square = (
        np.einsum("ij,ij->i", city_m, city_m)[:, None]
        - 2.0 * city_m @ position_m.T
        + np.einsum("ij,ij->i", position_m, position_m)[None, :]
    )
    distance_m = np.where(square <= MAX_GROUND_LINK_M**2, np.sqrt(np.maximum(square, 0.0)), np.inf)
    cost, parent = distance_m.copy(), np.full(distance_m.shape, -1, dtype=np.int32)
    grow_trees(*build_graph(satellites, pairs, range_m, up), cost, parent)
    return forwarding_state(distance_m, cost, parent)


def _graph(position_m: Floats, pairs: Ints32) -> "nx.Graph[int]":
    """The lasers as the peer's graph."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(position_m)))
    lengths: Ints | Floats = np.linalg.norm(position_m[pairs[:, 0]] - position_m[pairs[:, 1]], axis=1)
    graph.add_weighted_edges_from((int(a), int(b), float(m)) for (a, b), m in zip(pairs, lengths, strict=True))
    return graph
