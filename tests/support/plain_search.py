"""Searches in the plainest way there is, to compare compiled ones with."""

import heapq
from collections.abc import Iterable

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.model.world import Sites
from tests.support.networks import above


def least_costs(
    nodes: int, edges: Iterable[tuple[int, int, float]], seeds: dict[int, float]
) -> tuple[list[float], list[int]]:
    """Dijkstra's algorithm with a heap: least cost of every node and the next node towards its seed, -1 at the end."""
    neighbours: list[list[tuple[int, float]]] = [[] for _ in range(nodes)]
    for a, b, length in edges:
        neighbours[a].append((b, length))
        neighbours[b].append((a, length))
    cost, following = [float("inf")] * nodes, [-1] * nodes
    queue = [(value, node, -1) for node, value in seeds.items()]
    heapq.heapify(queue)
    while queue:
        here, node, towards = heapq.heappop(queue)
        if cost[node] <= here:
            continue
        cost[node], following[node] = here, towards
        for other, length in neighbours[node]:
            heapq.heappush(queue, (here + length, other, node))
    return cost, following


def elevations(sites: Sites, position_m: Floats) -> Floats:
    """``(G, S)`` elevation of every satellite at every site, rad."""
    rows = []
    for latitude, longitude, height_m in zip(sites.latitude_rad, sites.longitude_rad, sites.height_m, strict=True):
        place_m = above(float(np.degrees(latitude)), float(np.degrees(longitude)), float(height_m))
        sight_m = position_m - place_m
        east = np.array([-np.sin(longitude), np.cos(longitude), 0.0])
        north = np.array(
            [-np.sin(latitude) * np.cos(longitude), -np.sin(latitude) * np.sin(longitude), np.cos(latitude)]
        )
        up_m = sight_m @ np.cross(east, north)
        rows.append(np.arctan2(up_m, np.hypot(sight_m @ east, sight_m @ north)))
    return np.array(rows).reshape(len(sites), len(position_m))


def greedy_pairs(position_m: Floats, valid: Bools, per_satellite: int, max_range_m: float) -> list[tuple[int, int]]:
    """All pairs of satellites by length, each taken while both have a laser left."""
    rows = np.flatnonzero(valid)
    lengths = [
        (float(np.linalg.norm(position_m[a] - position_m[b])), int(a), int(b))
        for place, a in enumerate(rows)
        for b in rows[place + 1 :]
    ]
    free = dict.fromkeys(map(int, rows), per_satellite)
    pairs = []
    for length, a, b in sorted(lengths):
        if length <= max_range_m and free[a] and free[b]:
            free[a] -= 1
            free[b] -= 1
            pairs.append((a, b))
    return sorted(pairs)
