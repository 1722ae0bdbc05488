"""Trees of shortest paths over lasers."""

import numpy as np
import pytest

from skycommons.base.arrays import Bools, Floats, Ints32
from skycommons.plan import graph_kernel as kernel
from skycommons.plan.graph_kernel import build_graph, grow_trees, seed_landings, trace
from tests.support.plain_search import least_costs

pytestmark = pytest.mark.kernel


def grown(
    nodes: int, pairs: Ints32, range_m: Floats, cost: Floats, *, up: Bools | None = None
) -> tuple[Floats, Ints32]:
    """Costs and parents of trees over these pairs."""
    graph = build_graph(nodes, pairs, range_m, np.ones(len(pairs), dtype=np.bool_) if up is None else up)
    least = cost.copy()
    parent = np.full(cost.shape, -1, dtype=np.int32)
    grow_trees(*graph, least, parent)
    return least, parent


def random_pairs(nodes: int, count: int, *, seed: int) -> Ints32:
    """Different pairs of different nodes."""
    first, second = np.triu_indices(nodes, 1)
    chosen = np.random.default_rng(seed).permutation(len(first))[:count]
    return np.stack([first[chosen], second[chosen]], axis=1).astype(np.int32)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("longest_m", [2e4, 3e6])
def test_costs_are_those_of_dijkstra(seed: int, longest_m: float) -> None:
    """Thin graphs fall apart, thick ones have many ways; links shorter and longer than a bucket."""
    nodes, draw = 30, np.random.default_rng(seed)
    pairs = random_pairs(nodes, (15, 35, 60, 90, 150, 250)[seed], seed=seed)
    range_m = draw.uniform(1.0, longest_m, len(pairs))
    up = draw.random(len(pairs)) < 0.9
    cost = np.where(draw.random((3, nodes)) < 0.1, draw.uniform(0.0, longest_m, (3, nodes)), np.inf)
    cost[2] = np.inf
    least, parent = grown(nodes, pairs, range_m, cost, up=up)
    edges = [(int(a), int(b), float(length)) for (a, b), length in zip(pairs[up], range_m[up], strict=True)]
    for tree in range(3):
        seeds = {int(node): float(cost[tree, node]) for node in np.flatnonzero(np.isfinite(cost[tree]))}
        expected, following = least_costs(nodes, edges, seeds)
        np.testing.assert_allclose(least[tree], expected, rtol=1e-12)
        assert parent[tree].tolist() == following


def test_paths_longer_than_all_buckets_are_exact() -> None:
    """A chain that is far longer than buckets reach, with a short cut at its end."""
    nodes = 13
    pairs = np.array([*((node, node + 1) for node in range(nodes - 1)), (0, nodes - 1)], dtype=np.int32)
    step_m = kernel.BUCKETS * kernel.BUCKET_M / 8
    range_m = np.full(len(pairs), step_m)
    range_m[-1] = 11.5 * step_m
    cost = np.full((1, nodes), np.inf)
    cost[0, 0] = 0.0
    least, parent = grown(nodes, pairs, range_m, cost)
    np.testing.assert_allclose(least[0, :12], step_m * np.arange(12))
    assert least[0, 12] == 11.5 * step_m
    assert parent[0, 12] == 0
    assert parent[0, 11] == 10


def ladder(nodes: int) -> tuple[Ints32, Floats]:
    """A graph on which a queue without order is at its worst: every satellite is reached again and again."""
    first, second = np.triu_indices(nodes, 1)
    skipped_m = np.concatenate([[0.0], np.cumsum(2.0 ** (nodes - np.arange(nodes)))])
    return np.stack([first, second], axis=1).astype(np.int32), skipped_m[second] - skipped_m[first + 1] + 1e-3


def test_a_full_queue_is_compacted() -> None:
    """All in one bucket, two thousand times into a queue of three hundred places."""
    pairs, range_m = ladder(13)
    cost = np.full((2, 13), np.inf)
    cost[0, 0] = 0.0
    cost[1, 0] = 5.0
    least, parent = grown(13, pairs, range_m, cost)
    np.testing.assert_allclose(least[0], 1e-3 * np.arange(13))
    np.testing.assert_allclose(least[1], 5.0 + 1e-3 * np.arange(13))
    assert parent[0].tolist() == list(range(-1, 12))


def test_a_queue_full_of_outdated_entries_is_compacted() -> None:
    """What waits in later buckets is queued anew once, so that there is room however often it was improved."""
    pairs, range_m = ladder(12)
    leaves = np.array([(11, 12 + leaf) for leaf in range(4)], dtype=np.int32)
    pairs, range_m = np.concatenate([pairs, leaves]), np.append(range_m, np.full(4, 1.5 * kernel.BUCKET_M))
    cost = np.full((1, 16), np.inf)
    cost[0, 0] = 0.0
    least, parent = grown(16, pairs, range_m, cost)
    np.testing.assert_allclose(least[0, 12:], 1.5 * kernel.BUCKET_M + 11e-3)
    assert parent[0, 12:].tolist() == [11] * 4


def test_a_graph_has_a_row_of_neighbours_per_satellite() -> None:
    """Filled up with the satellite itself; as wide as the busiest needs, in fours."""
    pairs = np.array([[0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [1, 2]], dtype=np.int32)
    up = np.array([True, True, True, True, True, False])
    neighbour, length = build_graph(7, pairs, np.arange(1.0, 7.0), up)
    assert neighbour.shape == (7, 8)
    assert neighbour[0].tolist() == [1, 2, 3, 4, 5, 0, 0, 0]
    assert neighbour[1].tolist() == [0, 1, 1, 1, 1, 1, 1, 1]
    assert neighbour[6].tolist() == [6] * 8
    assert length[0].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0] + [np.inf] * 3


def test_a_graph_without_satellites_or_lasers_grows_nothing() -> None:
    """Seeds keep their cost."""
    none = np.zeros((0, 2), dtype=np.int32)
    cost = np.array([[np.inf, 7.0]])
    least, parent = grown(2, none, np.zeros(0), cost)
    assert least.tolist() == [[np.inf, 7.0]]
    assert parent.tolist() == [[-1, -1]]
    assert grown(0, none, np.zeros(0), np.zeros((1, 0)))[0].shape == (1, 0)


def test_the_cheapest_way_down_is_kept_with_its_site() -> None:
    """Sites without a way onwards take nothing."""
    start, sat = np.array([0, 2, 4, 5]), np.array([0, 1, 1, 2, 3], dtype=np.int32)
    range_m = np.array([10.0, 20.0, 15.0, 30.0, 1.0])
    cost, landing = np.full(4, np.inf), np.full(4, -1, dtype=np.int32)
    cost[2], landing[2] = 5.0, 9
    seed_landings(start, sat, range_m, np.array([0, 1, 2]), np.array([100.0, 101.0, np.inf]), cost, landing)
    assert cost.tolist() == [110.0, 116.0, 5.0, np.inf]
    assert landing.tolist() == [0, 1, 9, -1]


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # a fingerprint wraps on purpose
def test_paths_are_followed_to_the_ground() -> None:
    """Only the first flows keep their path, and long ones are cut; fingerprints tell paths apart."""
    parent = np.array([[1, 2, -1, -1]], dtype=np.int32)
    landing = np.array([[-1, -1, 8, 6]], dtype=np.int32)
    first = np.array([0, 1, -1, 3, 0, 2], dtype=np.int32)
    tree = np.zeros(6, dtype=np.int32)
    path = np.empty((4, 2), dtype=np.int32)
    last, site, hops, fingerprint = trace(first, parent, tree, landing, path)
    assert last.tolist() == [2, 2, -1, 3, 2, 2]
    assert site.tolist() == [8, 8, -1, 6, 8, 8]
    assert hops.tolist() == [2, 1, -1, 0, 2, 0]
    assert path.tolist() == [[0, 1], [1, 2], [-1, -1], [3, -1]]
    assert fingerprint[0] == fingerprint[4]
    assert fingerprint[2] == 0
    assert len(set(fingerprint.tolist())) == 5
    elsewhere = trace(first, parent, tree, np.array([[-1, -1, 7, 6]], dtype=np.int32), path)[3]
    assert elsewhere[0] != fingerprint[0]
