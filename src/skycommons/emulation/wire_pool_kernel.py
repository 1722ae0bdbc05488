"""Places for packets: slots of a few sizes, taken and given back in constant time.

Rules: what was given back last is taken first, so memory that was never needed is never touched, and the system does not have to
provide it. The largest slots take whatever a read can bring.
"""

from numba import njit

from skycommons.emulation.wire_columns import (
    FIRST_SLOT,
    FREE_SLOT,
    HELD_TOTAL,
    MOST_HELD,
    NEXT,
    NO_SLOT,
    OFFSET,
    SLOT_BYTES,
    SLOT_COUNT,
    USED,
    WireState,
)


@njit(error_model="numpy", nogil=True, cache=True)
def class_for(state: WireState, length: int) -> int:
    """The smallest class whose slots take so many bytes; longer ones than the largest do not occur."""
    size = 0
    while size < len(state.classes) - 1 and state.classes[size, SLOT_BYTES] < length:
        size += 1
    return size


@njit(error_model="numpy", nogil=True, cache=True)
def class_of(state: WireState, slot: int) -> int:
    """The class that a slot belongs to."""
    size = len(state.classes) - 1
    while state.classes[size, FIRST_SLOT] > slot:
        size -= 1
    return size


@njit(error_model="numpy", nogil=True, cache=True)
def take_slot(state: WireState, size: int) -> int:
    """A free slot of a class, or `NO_SLOT`."""
    classes, own = state.classes, state.own
    if own[HELD_TOTAL] + classes[size, SLOT_BYTES] > own[MOST_HELD]:
        return NO_SLOT
    slot = classes[size, FREE_SLOT]
    if slot != NO_SLOT:
        classes[size, FREE_SLOT] = state.slots[slot, NEXT]
    elif classes[size, USED] < classes[size, SLOT_COUNT]:
        slot = classes[size, FIRST_SLOT] + classes[size, USED]
        classes[size, USED] += 1
    else:
        return NO_SLOT
    own[HELD_TOTAL] += classes[size, SLOT_BYTES]
    return int(slot)


@njit(error_model="numpy", nogil=True, cache=True)
def give_slot(state: WireState, slot: int) -> None:
    """Take a slot back."""
    size = class_of(state, slot)
    state.slots[slot, NEXT] = state.classes[size, FREE_SLOT]
    state.classes[size, FREE_SLOT] = slot
    state.own[HELD_TOTAL] -= state.classes[size, SLOT_BYTES]


@njit(error_model="numpy", nogil=True, cache=True)
def offset_of(state: WireState, slot: int) -> int:
    """Where a slot's bytes begin."""
    size = class_of(state, slot)
    return int(state.classes[size, OFFSET] + (slot - state.classes[size, FIRST_SLOT]) * state.classes[size, SLOT_BYTES])


@njit(error_model="numpy", nogil=True, cache=True)
def held_by(state: WireState, slot: int) -> int:
    """How much memory a slot takes."""
    return int(state.classes[class_of(state, slot), SLOT_BYTES])
