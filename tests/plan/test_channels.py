"""Channels of cells: who gets one, who gets more, and in which order."""

import h3.api.numpy_int as h3
import numpy as np
import pytest

from skycommons.base.arrays import Bytes, Floats, Ints, Shorts
from skycommons.model.cells import CellIds, canonical, cells_of
from skycommons.plan.channels import near_rows, plan_channels

HOME = int(cells_of(np.radians([47.37]), np.radians([8.54]))[0])


def disk(rings: int) -> CellIds:
    """The cells around one place."""
    return canonical(h3.grid_disk(HOME, rings))


def plan(
    cells: CellIds, wanted: Ints, *, rank: Bytes | None = None, demand_bps: Floats | None = None, channels: int = 8
) -> Shorts:
    """A plan with a separation of one ring."""
    return plan_channels(
        cells,
        wanted,
        rank=np.full(len(cells), 2, dtype=np.uint8) if rank is None else rank,
        demand_bps=np.ones(len(cells)) if demand_bps is None else demand_bps,
        channels=channels,
        separation_rings=1,
    )


def test_near_cells_are_those_within_the_rings() -> None:
    """As H3 counts its steps, on both sides."""
    cells = disk(3)
    for rings in (1, 2):
        near = near_rows(cells, rings)
        for row, cell in enumerate(cells.tolist()):
            steps = np.array([h3.grid_distance(cell, other) for other in cells.tolist()])
            assert set(near[row][near[row] >= 0]) == set(np.flatnonzero((steps >= 1) & (steps <= rings)))


def test_no_rings_separate_nobody() -> None:
    """Nor does a set without cells."""
    assert near_rows(disk(1), 0).shape == (7, 0)
    assert near_rows(canonical([]), 2).shape[0] == 0


def test_a_pentagon_has_five_neighbours() -> None:
    """The missing side is no cell."""
    pentagon = int(min(h3.get_pentagons(5)))
    cells = canonical(h3.grid_disk(pentagon, 1))
    near = near_rows(cells, 1)
    assert len(cells) == 6
    assert np.count_nonzero(near[cells == pentagon] >= 0) == 5


@pytest.mark.kernel
def test_everybody_gets_one_before_anybody_gets_two() -> None:
    """Eight channels are enough for one each, however much all ask for."""
    cells = disk(2)
    given = plan(cells, np.full(len(cells), 8))
    assert (given[:, 0] >= 0).all()
    assert (given[:, 1] >= 0).any()


@pytest.mark.kernel
def test_a_cell_alone_gets_all_it_wants() -> None:
    """From the lowest channel on."""
    given = plan(canonical([HOME]), np.array([3]))
    assert given[0].tolist() == [0, 1, 2, -1, -1, -1, -1, -1]


@pytest.mark.kernel
def test_rank_comes_before_demand_and_demand_before_the_number() -> None:
    """With one channel only the first of two neighbours gets it."""
    cells = canonical([HOME, int(h3.grid_ring(HOME, 1)[0])])
    one_each = np.array([1, 1])
    rank, demand_bps = np.array([3, 1], dtype=np.uint8), np.array([9e9, 1e6])
    assert plan(cells, one_each, channels=1)[:, 0].tolist() == [0, -1]
    assert plan(cells, one_each, channels=1, demand_bps=demand_bps[::-1].copy())[:, 0].tolist() == [-1, 0]
    assert plan(cells, one_each, channels=1, rank=rank, demand_bps=demand_bps)[:, 0].tolist() == [-1, 0]


@pytest.mark.kernel
def test_who_wants_none_gets_none() -> None:
    """And leaves the channels to the neighbours."""
    cells = disk(1)
    wanted = np.where(cells == HOME, 8, 0)
    given = plan(cells, wanted)
    assert (given[cells == HOME] >= 0).all()
    assert (given[cells != HOME] < 0).all()
