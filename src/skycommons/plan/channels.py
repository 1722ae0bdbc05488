"""Which channels a cell may use: an Earth-fixed plan, so that near cells never disturb each other.

Rules: two cells within the separation never share a channel, whichever satellites serve them. Who comes first chooses
first: by rank, then by demand, then by the cell's number; the plan hangs on nothing else. First everybody gets one channel,
then those who asked for more get another where one is free, round after round. A cell takes the lowest free channel. With a
separation of one ring a cell has six neighbours at most, so that with seven channels nobody goes without.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints, Ints32, Shorts
from skycommons.model.cells import NO_CELL, CellIds, disks
from skycommons.plan.channels_kernel import give_channels

_LOOKED_UP: Final = 2_000_000  # cells looked up at once: 16 MB, and some more while H3 has them


def plan_channels(
    cells: CellIds, wanted: Ints, *, rank: Bytes, demand_bps: Floats, channels: int, separation_rings: int
) -> Shorts:
    """Channels of every cell.

    Args:
        cells: ``(C,)`` canonical: sorted, each once.
        wanted: ``(C,)`` how many channels each asks for; 0 for none.
        rank: ``(C,)`` 0 comes first.
        demand_bps: ``(C,)`` among those of one rank the larger comes first.
        channels: How many there are.
        separation_rings: Cells so many steps apart, or fewer, share no channel.
    Returns:
        ``(C, channels)`` in the order in which they were given; -1 behind the last.
    """
    order = np.lexsort((-demand_bps, rank))
    return give_channels(
        near_rows(cells, separation_rings), np.minimum(wanted, channels), order[wanted[order] > 0], channels
    )


def near_rows(cells: CellIds, rings: int) -> Ints32:
    """Rows of the other cells of a set within some steps of each.

    Args:
        cells: ``(C,)`` canonical.
        rings: Steps from cell to neighbouring cell.
    Returns:
        ``(C, 3 rings (rings + 1))``; -1 in place of cells that are not in the set.
    """
    if not len(cells) or rings < 1:
        return np.full((len(cells), 0), -1, dtype=np.int32)
    at_once = max(1, _LOOKED_UP // (1 + 3 * rings * (rings + 1)))
    return np.concatenate([_near(cells, cells[row : row + at_once], rings) for row in range(0, len(cells), at_once)])


def _near(cells: CellIds, some: CellIds, rings: int) -> Ints32:
    """Rows of the other cells of a set within some steps of each of some of them."""
    around = disks(some, rings)
    others = around[around != some[:, np.newaxis]].reshape(len(some), -1)
    place = np.minimum(np.searchsorted(cells, others), len(cells) - 1)
    is_there = (cells[place] == others) & (others != NO_CELL)
    return np.where(is_there, place, -1).astype(np.int32)
