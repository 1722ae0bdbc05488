"""Places for packets: none is given twice, and what is held is counted."""

from itertools import pairwise

import numpy as np
import pytest

from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.wire_columns import FIRST_SLOT, HELD_TOTAL, NO_SLOT, SLOT_BYTES, USED
from skycommons.emulation.wire_pool_kernel import class_for, class_of, give_slot, held_by, offset_of, take_slot
from tests.support.wires import Lines

pytestmark = pytest.mark.kernel

ARENA = 1 << 18


def test_a_packet_gets_the_smallest_slot_that_takes_it() -> None:
    """The largest take what a read can bring."""
    state = Lines.of(LineRow(), arena_bytes=ARENA).state
    sizes = state.classes[:, SLOT_BYTES]
    for length in (1, 2_048, 2_049, 32_768, 40_000, 66_000):
        size = class_for(state, length)
        assert sizes[size] >= length
        assert size == 0 or sizes[size - 1] < length


def test_slots_do_not_overlap_and_come_back() -> None:
    """All slots of all classes, as far as the memory that may be held goes."""
    state = Lines.of(LineRow(), arena_bytes=ARENA).state
    before, taken, places = int(state.own[HELD_TOTAL]), list[int](), list[tuple[int, int]]()
    for size in (2, 0, 1, 0):
        while len(taken) % 15 < 14 and (slot := take_slot(state, size)) != NO_SLOT:
            taken.append(slot)
            assert class_of(state, slot) == size
            assert held_by(state, slot) == state.classes[size, SLOT_BYTES]
            places.append((offset_of(state, slot), held_by(state, slot)))
    places.sort()
    assert len(set(taken)) == len(taken) > 3
    assert all(at + length <= following for (at, length), (following, _) in pairwise(places))
    for slot in taken:
        give_slot(state, slot)
    assert state.own[HELD_TOTAL] == before


def test_memory_that_may_be_held_is_a_limit() -> None:
    """What is given back can be had again, and is taken before any that was never used."""
    state = Lines.of(LineRow(), arena_bytes=ARENA).state
    held = []
    while (slot := take_slot(state, 0)) != NO_SLOT:
        held.append(slot)
    assert state.own[HELD_TOTAL] <= ARENA
    assert take_slot(state, 0) == NO_SLOT
    give_slot(state, held[3])
    used = state.classes[:, USED].copy()
    assert take_slot(state, 0) == held[3]
    np.testing.assert_array_equal(state.classes[:, USED], used)


def test_a_class_has_an_end_of_its_own() -> None:
    """Even where the whole would have room."""
    state = Lines.of(LineRow(), arena_bytes=ARENA).state
    state.own[HELD_TOTAL] = -ARENA
    last = len(state.classes) - 1
    held = []
    while (slot := take_slot(state, last)) != NO_SLOT:
        held.append(slot)
    assert len(held) == ARENA // int(state.classes[last, SLOT_BYTES])  # and one that a read goes into
    assert max(held) < state.classes[last, FIRST_SLOT] + len(held) + 1
