"""What the loop works on, made from the memory that it shares and from memory of its own.

Rules: memory for packets is asked for in full and provided by the system only where it is touched; what is held at one time is
limited by the bytes that the run allows, and half of them for one lane.
"""

import mmap
import platform
import select
from typing import Final

import numpy as np

from skycommons.base.arrays import Bytes, Ints
from skycommons.base.errors import HostError
from skycommons.emulation.wire_columns import (
    CLASS_COLUMNS,
    FIRST_SLOT,
    FLIGHT_HEAD,
    FLIGHT_TAIL,
    FREE_SLOT,
    IS_CODEL,
    IS_ECHO_APART,
    LANDING,
    LANE_COLUMNS,
    MOST_HELD,
    MOST_LANE_HELD,
    MTU,
    NEVER,
    NO_SLOT,
    OFFSET,
    OWN_WORDS,
    QUEUE_HEAD,
    QUEUE_TAIL,
    ROW,
    SLOT_BYTES,
    SLOT_COLUMNS,
    SLOT_COUNT,
    TABLE,
    WAIT_HOLD_NS,
    WORD_ACTIVE,
    WireState,
)
from skycommons.emulation.wire_loop_kernel import KIND_LIFELINE, KIND_POP, KIND_TERMINAL, KIND_WAKE_UP, WirePlaces
from skycommons.emulation.wire_memory import (
    HAS_CODEL,
    HAS_ECHO_APART,
    HELD_MOST,
    HOLD_NS,
    LONGEST,
    PORT_FD,
    PORT_IPV4,
    PORT_IPV6,
    PORT_POP,
    WireMemory,
)
from skycommons.emulation.wire_pool_kernel import take_slot

CLASS_BYTES: Final = (2_048, 8_192, 32_768, 66_048)
"""Sizes of slots: a packet, some segments, half of what a read can bring, and all of it."""
_EVENTS: Final = 64
_EVENT_WORDS: Final = (3, 1) if platform.machine() == "x86_64" else (4, 2)  # packed on that machine alone
_V6_MARK: Final = 1 << 56
_NO_RESERVE: Final = 0x4000  # of mmap; Python names it from 3.13 on


def state_of(memory: WireMemory) -> WireState:
    """The state of queues that are empty.

    Raises:
        HostError: The system has no memory for packets.
    """
    lines, held_bytes = 2 * memory.sizes.terminals, int(memory.settings[HELD_MOST])
    classes = np.zeros((len(CLASS_BYTES), CLASS_COLUMNS), dtype=np.int64)
    classes[:, SLOT_BYTES] = CLASS_BYTES
    classes[:, SLOT_COUNT] = held_bytes // classes[:, SLOT_BYTES] + 1
    sizes = classes[:, SLOT_COUNT] * classes[:, SLOT_BYTES]
    classes[:, FIRST_SLOT] = np.cumsum(classes[:, SLOT_COUNT]) - classes[:, SLOT_COUNT]
    classes[:, OFFSET] = np.cumsum(sizes) - sizes
    classes[:, FREE_SLOT] = NO_SLOT
    lanes = np.zeros((2 * lines, LANE_COLUMNS), dtype=np.int64)
    lanes[:, [QUEUE_HEAD, QUEUE_TAIL, FLIGHT_HEAD, FLIGHT_TAIL]] = NO_SLOT
    active = int(memory.words[WORD_ACTIVE])
    lanes[:, ROW] = np.repeat(memory.first[active, :-1], 2)
    own = np.zeros(OWN_WORDS, dtype=np.int64)
    own[TABLE], own[MOST_HELD], own[MOST_LANE_HELD] = active, held_bytes, held_bytes // 2
    own[[IS_CODEL, IS_ECHO_APART]] = memory.settings[[HAS_CODEL, HAS_ECHO_APART]]
    own[[WAIT_HOLD_NS, MTU]] = memory.settings[[HOLD_NS, LONGEST]]
    state = WireState(
        first=memory.first,
        when=memory.when,
        shape=memory.shape,
        counters=memory.counters,
        words=memory.words,
        luck=memory.luck,
        quantiles=memory.quantiles,
        lanes=lanes,
        wake_ns=np.full(2 * lines, NEVER, dtype=np.int64),
        slots=_lazy_memory(8 * SLOT_COLUMNS * int(classes[:, SLOT_COUNT].sum()))
        .view(np.int64)
        .reshape(-1, SLOT_COLUMNS),
        classes=classes,
        memory=_lazy_memory(int(sizes.sum())),
        own=own,
    )
    own[LANDING] = take_slot(state, len(CLASS_BYTES) - 1)
    return state


def places_of(memory: WireMemory, epoll: "select.epoll", *, wake_fd: int, lifeline_fd: int) -> WirePlaces:
    """Where packets come from and go to; all descriptors are waited for by the set from now on."""
    terminal_fd, pop_fd = memory.ports[:, PORT_FD].copy(), memory.pop_fd.copy()
    named = (
        *((fd, KIND_TERMINAL, number) for number, fd in enumerate(terminal_fd.tolist())),
        *((fd, KIND_POP, number) for number, fd in enumerate(pop_fd.tolist())),
        (wake_fd, KIND_WAKE_UP, 0),
        (lifeline_fd, KIND_LIFELINE, 0),
    )
    kind = np.zeros(max(fd for fd, _, _ in named) + 1, dtype=np.int64)
    numbers = np.zeros_like(kind)
    for fd, what, number in named:
        kind[fd], numbers[fd] = what, number
        epoll.register(fd, select.EPOLLIN)
    keys, values = _addresses(memory)
    return WirePlaces(
        terminal_fd=terminal_fd,
        pop_fd=pop_fd,
        pop=memory.ports[:, PORT_POP].copy(),
        kind=kind,
        number=numbers,
        keys=keys,
        values=values,
        epoll=np.array([epoll.fileno(), *_EVENT_WORDS], dtype=np.int64),
        events=np.zeros(_EVENTS * _EVENT_WORDS[0] // 2, dtype=np.int64),
        lateness=memory.lateness,
        scratch=np.zeros(2, dtype=np.int64),
    )


def _addresses(memory: WireMemory) -> tuple[Ints, Ints]:
    """The table of addresses that `terminal_of` looks into, at most a quarter full."""
    length = 1 << (8 * memory.sizes.terminals - 1).bit_length()
    keys, values = np.zeros(length, dtype=np.int64), np.full(length, -1, dtype=np.int64)
    for terminal, row in enumerate(memory.ports.tolist()):
        for key in (row[PORT_IPV4], row[PORT_IPV6] | _V6_MARK):
            place = (key ^ key >> 8 ^ key >> 24) & (length - 1)
            while values[place] >= 0:
                place = (place + 1) & (length - 1)
            keys[place], values[place] = key, terminal
    return keys, values


def _lazy_memory(length: int) -> Bytes:
    """Zeros that cost nothing until they are touched."""
    try:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE
        return np.frombuffer(mmap.mmap(-1, length, flags=flags), dtype=np.uint8)
    except OSError as error:
        raise HostError(
            f"the wire cannot have {length:,} bytes of address space: {error.strerror}; start it with less arena_bytes"
        ) from None
