"""A slot's backhaul: which gateway antenna follows which satellite, and the ways from all satellites to all PoPs."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, maximum_flow

from benchmarks.material import START_NS, random_sites, scenario
from benchmarks.timing import Figure, cpu_seconds
from skycommons.model.country_of import country_of_places
from skycommons.model.world import Sites
from skycommons.plan.backhaul import Backhaul, BackhaulPlanner
from skycommons.plan.feeders import Feeders, feeders_of
from skycommons.plan.lasers import Lasers
from skycommons.plan.pop_assignment import pops_of_places
from skycommons.plan.routes import Network
from skycommons.plan.visibility import View, view

PLACES = 200_000


def measure() -> list[Figure]:
    """The whole of it, its parts beside their peers, and PoPs of places."""
    world = scenario()
    planner, network = BackhaulPlanner.of(world), Network.of(world)
    ephemeris = world.propagate(np.array([START_NS, START_NS + 15 * 10**9]))
    times, positions, flying = ephemeris.time_ns.tolist(), ephemeris.position_itrf_m, ephemeris.valid
    first = network.lasers(times[0], positions[0], flying[0], before=None)
    last = planner.at(positions[0], flying[0], first, gateway=None)
    position_m, valid = positions[1], flying[1]
    lasers = network.lasers(times[1], position_m, valid, before=first)
    backhaul = planner.at(position_m, valid, lasers, gateway=last.gateway)
    shape = f"{len(valid):,} satellites, {len(planner.gateways)} gateways, {len(planner.pops)} PoPs"
    whole = Figure(
        name="backhaul: all of a slot",
        cpu_s=cpu_seconds(lambda: planner.at(position_m, valid, lasers, gateway=last.gateway)),
        target="60 ms or less",
        note=f"{shape}; {backhaul}",
    )
    seen = view(planner.horizon, position_m, valid)
    antennas = _feeders(planner, seen, satellites=len(valid))
    return [whole, antennas, _ways(planner, lasers, backhaul), _pops(world.world.sites)]


def _feeders(planner: BackhaulPlanner, seen: View, *, satellites: int) -> Figure:
    """Antennas beside SciPy's greatest flow from satellites over gateways, which carry as much as they have antennas."""
    nobody = np.full(satellites, -1, dtype=np.int32)

    def ours() -> Feeders:
        return feeders_of(seen, planner.antennas, nobody)

    gateways = len(planner.antennas)
    gateway = np.repeat(np.arange(gateways), seen.counts()) + satellites
    source, sink = satellites + gateways, satellites + gateways + 1
    tail = np.concatenate([np.full(satellites, source), seen.sat, np.arange(gateways) + satellites])
    head = np.concatenate([np.arange(satellites), gateway, np.full(gateways, sink)])
    room = np.concatenate([np.ones(satellites + len(gateway), dtype=np.int64), planner.antennas])
    graph = csr_array((room.astype(np.int32), (tail, head)), shape=(sink + 1, sink + 1))

    def theirs() -> int:
        return int(maximum_flow(graph, source, sink).flow_value)

    if theirs() != ours().count():
        raise RuntimeError("SciPy feeds another number of satellites")
    return Figure(
        name="backhaul: antennas",
        cpu_s=cpu_seconds(ours),
        peer="SciPy csgraph.maximum_flow, any satellite to any gateway",
        peer_cpu_s=cpu_seconds(theirs, repeats=3),
        note=f"{ours()}, of {len(np.unique(seen.sat)):,} that a gateway sees; {int(planner.antennas.sum()):,} antennas",
    )


def _ways(planner: BackhaulPlanner, lasers: Lasers, backhaul: Backhaul) -> Figure:
    """Ways beside SciPy's Dijkstra on the same graph, each PoP one more node, feeders given."""
    satellites, pops = len(backhaul.gateway), len(planner.pops)
    row = np.where(backhaul.gateway >= 0, np.searchsorted(planner.gateways, backhaul.gateway), -1).astype(np.int32)
    feeders = Feeders(gateway_row=row, range_m=backhaul.feeder_range_m)
    fed = np.flatnonzero(row >= 0)
    seeds_m = planner.fibre_m[:, row[fed]] + backhaul.feeder_range_m[fed]
    up = lasers.up()
    a, b = lasers.pairs[up].T
    # PoPs only send, so that no way goes through one
    source = np.concatenate([a, b, satellites + np.repeat(np.arange(pops), len(fed))])
    target = np.concatenate([b, a, np.tile(fed, pops)])
    weight = np.concatenate([lasers.range_m[up], lasers.range_m[up], seeds_m.ravel()])
    size = satellites + pops
    graph = csr_array((weight, (source, target)), shape=(size, size))
    rows = satellites + np.arange(pops)
    theirs = dijkstra(graph, indices=rows)[:, :satellites]
    if not np.allclose(theirs, backhaul.onward_m, rtol=1e-6, atol=0):
        raise RuntimeError("the ways and SciPy's Dijkstra disagree")
    return Figure(
        name="backhaul: ways to all PoPs",
        cpu_s=cpu_seconds(lambda: planner.ways(feeders, lasers)),
        peer="SciPy csgraph.dijkstra with predecessors",
        peer_cpu_s=cpu_seconds(lambda: dijkstra(graph, indices=rows, return_predecessors=True), repeats=2, warm=False),
        note=f"{int(up.sum()):,} lasers up",
    )


def _pops(sites: Sites) -> Figure:
    """Countries of many places and their PoPs."""
    latitude, longitude = random_sites(PLACES, "places", max_latitude_deg=75.0)
    found = int(np.count_nonzero(country_of_places(latitude, longitude) != ""))
    return Figure(
        name="backhaul: PoPs of places by country",
        cpu_s=cpu_seconds(lambda: pops_of_places(sites, latitude, longitude), repeats=3),
        target="2 s or less",
        note=f"{PLACES:,} places, {found:,} of them in a country",
    )
