"""The nearest neighbours of satellites, shortest pairs first."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.plan.neighbours_kernel import nearest_pairs
from tests.support.plain_search import greedy_pairs

pytestmark = pytest.mark.kernel


def cluster(count: int, *, seed: int, latitude_rad: float = 0.0, spread: float = 0.3) -> Floats:
    """Satellites around one direction, at several altitudes."""
    draw = np.random.default_rng(seed)
    direction = np.array([-np.cos(latitude_rad), 1e-3, np.sin(latitude_rad)]) + draw.normal(
        scale=spread, size=(count, 3)
    )
    radius_m = draw.uniform(6_700e3, 8_500e3, count)
    return np.asarray(direction / np.linalg.norm(direction, axis=1)[:, None] * radius_m[:, None])


@pytest.mark.parametrize("latitude_rad", [0.0, 0.9, np.pi / 2, -np.pi / 2])
@pytest.mark.parametrize(("per_satellite", "max_range_m"), [(1, 500e3), (3, 2_000e3), (4, 20_000e3)])
def test_pairs_are_those_of_a_plain_greedy_search(latitude_rad: float, per_satellite: int, max_range_m: float) -> None:
    """On the date line and at the poles; thirteen satellites, so that each can offer all others."""
    position_m = cluster(13, seed=per_satellite, latitude_rad=latitude_rad)
    valid = np.arange(13) != 5
    pairs = nearest_pairs(position_m, valid, per_satellite, max_range_m)
    assert [tuple(pair) for pair in sorted(pairs.tolist())] == greedy_pairs(
        position_m, valid, per_satellite, max_range_m
    )


def test_nobody_has_more_lasers_than_it_carries_nor_longer_ones() -> None:
    """A crowd in which the nearest twelve are taken soon."""
    position_m = cluster(60, seed=9, spread=0.05)
    pairs = nearest_pairs(position_m, np.ones(60, dtype=np.bool_), 3, 400e3)
    assert np.bincount(pairs.ravel(), minlength=60).max() == 3
    assert np.linalg.norm(position_m[pairs[:, 0]] - position_m[pairs[:, 1]], axis=1).max() <= 400e3
    assert len({tuple(pair) for pair in pairs.tolist()}) == len(pairs)
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_satellites_of_very_different_altitudes_find_each_other() -> None:
    """The lower one's search reaches farther around."""
    position_m = np.array([[42_164e3, 0.0, 0.0], [0.0, 13_000e3, 0.0]])
    assert nearest_pairs(position_m, np.ones(2, dtype=np.bool_), 1, 45_000e3).tolist() == [[0, 1]]
    assert nearest_pairs(position_m, np.ones(2, dtype=np.bool_), 1, 40_000e3).tolist() == []


def test_without_satellites_there_are_no_pairs() -> None:
    """None at all, or none with a position."""
    assert nearest_pairs(np.zeros((0, 3)), np.zeros(0, dtype=np.bool_), 4, 1e6).shape == (0, 2)
    assert nearest_pairs(np.full((3, 3), np.nan), np.zeros(3, dtype=np.bool_), 4, 1e6).shape == (0, 2)
