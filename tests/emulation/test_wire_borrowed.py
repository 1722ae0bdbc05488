"""Arrays without an owner are the same memory."""

import sys

import numpy as np
import pytest
from numba import njit

from skycommons.base.arrays import Ints
from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.wire_borrowed_kernel import borrowed, borrowed_state
from skycommons.emulation.wire_columns import WireState
from tests.support.wires import Lines

pytestmark = pytest.mark.kernel


@njit(nogil=True)
def written(array: Ints) -> int:
    """Writes to what was borrowed, reads from what it was borrowed of."""
    lent = borrowed(array)
    lent[1, 2] = 7
    return int(array[1, 2]) + len(lent)


@njit(nogil=True)
def marked(given: WireState) -> None:
    """Leaves a mark in every array of a state."""
    state = borrowed_state(given)
    state.first[0, 0] = state.when[0, 0] = state.counters[0, 0] = state.words[0] = 3
    state.lanes[0, 0] = state.wake_ns[0] = state.slots[0, 0] = state.classes[0, 0] = state.own[0] = 3
    state.shape[0, 0] = state.quantiles[0] = 3.0
    state.memory[0] = state.luck[0, 0] = 3


def test_what_is_borrowed_is_the_same_memory() -> None:
    """And its owner is counted as before."""
    array = np.zeros((2, 3), np.int64)
    written(array)
    before = sys.getrefcount(array)
    assert written(array) == 9
    assert sys.getrefcount(array) == before
    assert array.tolist() == [[0, 0, 0], [0, 0, 7]]


def test_a_state_is_borrowed_array_for_array() -> None:
    """None of them takes another's place."""
    state = Lines.of(LineRow()).state
    marked(state)
    assert [float(array.flat[0]) for array in state] == [3.0] * len(state)
