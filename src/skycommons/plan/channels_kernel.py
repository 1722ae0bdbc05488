"""The compiled colouring of cells by channels."""

import numpy as np
from numba import njit

from skycommons.base.arrays import Ints, Ints32, Shorts


@njit(error_model="numpy", nogil=True, cache=True)
def give_channels(near: Ints32, wanted: Ints, order: Ints, channels: int) -> Shorts:
    """Channels of cells, one round after the other.

    Args:
        near: ``(C, K)`` rows of the cells that share no channel with each; -1 for none.
        wanted: ``(C,)`` how many channels each asks for.
        order: ``(N,)`` rows, who comes first; the others get nothing.
        channels: How many there are.
    Returns:
        ``(C, channels)`` in the order in which they were given; -1 behind the last.
    """
    given = np.full((len(wanted), channels), -1, np.int16)
    is_used = np.zeros((len(wanted), channels), np.bool_)
    taken = np.zeros(channels, np.bool_)
    for held in range(channels):
        for place in range(len(order)):
            cell = order[place]
            if wanted[cell] <= held or (held > 0 and given[cell, held - 1] < 0):
                continue
            taken[:] = is_used[cell]
            for column in range(near.shape[1]):
                other = near[cell, column]
                if other >= 0:
                    taken |= is_used[other]
            for channel in range(channels):
                if not taken[channel]:
                    given[cell, held] = channel
                    is_used[cell, channel] = True
                    break
    return given
