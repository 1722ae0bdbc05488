"""The loop that carries packets: waits for the next thing to do, hands over what is due, takes in what was sent.

Rules:

* What the loop is told is read once a turn. Before it goes over to another table, all lanes are served by the old one.
* Nothing is handed over before it is due. Turns begin at least 50 µs apart unless packets come in, so that a busy wire hands over
  several at once. For the last 0.3 ms before something single is due the loop watches the clock instead of sleeping, a tenth of the
  time at most.
* A port gives up to 32 packets at a time, then the others have theirs. A port that fails is waited for no longer.
* A packet to an address that no terminal has is dropped and counted apart; one that is no IP likewise.
"""

from typing import NamedTuple

from numba import njit

from skycommons.base.arrays import Ints
from skycommons.emulation.wire_borrowed_kernel import borrowed, borrowed_state
from skycommons.emulation.wire_columns import (
    DELIVERED_BYTES,
    DELIVERED_PACKETS,
    DUE_NS,
    HELD_TOTAL,
    HOST_PACKETS,
    IS_ECHO_APART,
    IS_WATCHING,
    LANDING,
    LAST_LOOK_NS,
    LENGTH,
    NEVER,
    NO_SLOT,
    SEGMENTS,
    SLOT_BYTES,
    TABLE,
    WATCH_LEFT_NS,
    WIRE_BYTES,
    WORD_ACTIVE,
    WORD_ANEW,
    WORD_BEAT_NS,
    WORD_ENDED,
    WORD_HELD_BYTES,
    WORD_IN_USE,
    WORD_LOST_PORTS,
    WORD_STOP,
    WORD_TURNS,
    WORD_UNKNOWN,
    WireState,
)
from skycommons.emulation.wire_packet_kernel import NO_KEY, destination_key, ip_version, is_echo
from skycommons.emulation.wire_pool_kernel import class_for, offset_of, take_slot
from skycommons.emulation.wire_queue_kernel import (
    arrive,
    change_table,
    count_anew,
    count_sent,
    due_slot,
    land,
    measure_packet,
    serve,
    set_wake,
)
from skycommons.emulation.wire_system_kernel import (
    AGAIN,
    INTERRUPTED,
    copy_within,
    forget_port,
    monotonic_ns,
    read_into,
    wait_for_ports,
    write_from,
)

COALESCE_NS = 50_000
LONGEST_WAIT_NS = 200_000_000
WATCH_NS = 300_000
"""How long before something is due the loop begins to watch the clock."""
WATCH_ONE_IN = 10
"""The loop watches the clock for one part in so many of the time, and for `MOST_WATCH_NS` at a stretch."""
MOST_WATCH_NS = 10_000_000
PACKETS_AT_A_TIME = 32
KIND_TERMINAL, KIND_POP, KIND_WAKE_UP, KIND_LIFELINE = range(4)


class WirePlaces(NamedTuple):
    """Between what the loop carries packets: ``U`` terminals and ``P`` PoPs.

    Attributes:
        terminal_fd, pop_fd: ``(U,)`` and ``(P,)``.
        pop: ``(U,)`` where each terminal's line ends.
        kind, number: ``(F,)`` what each file descriptor is, and which.
        keys, values: Terminals by `destination_key`: a table with open addresses, 2 to a power long, -1 where it is empty.
        epoll: ``(3,)`` descriptor of the set; 32-bit words of an event, and which of them is the descriptor.
        events: What the system writes events to.
        lateness: ``(64,)`` counts, as `LineCounters` has them.
        scratch: ``(2,)`` for the clock.
    """

    terminal_fd: Ints
    pop_fd: Ints
    pop: Ints
    kind: Ints
    number: Ints
    keys: Ints
    values: Ints
    epoll: Ints
    events: Ints
    lateness: Ints
    scratch: Ints


@njit(error_model="numpy", nogil=True, cache=True)
def borrowed_places(places: WirePlaces) -> WirePlaces:
    """The same places, their arrays without owners."""
    return WirePlaces(
        borrowed(places.terminal_fd),
        borrowed(places.pop_fd),
        borrowed(places.pop),
        borrowed(places.kind),
        borrowed(places.number),
        borrowed(places.keys),
        borrowed(places.values),
        borrowed(places.epoll),
        borrowed(places.events),
        borrowed(places.lateness),
        borrowed(places.scratch),
    )


@njit(error_model="numpy", nogil=True, cache=True)
def run_wire(given_state: WireState, given_places: WirePlaces) -> None:
    """Carry packets until told to stop, or until who started it is gone."""
    state, places = borrowed_state(given_state), borrowed_places(given_places)
    words, own = state.words, state.own
    now_ns = monotonic_ns(places.scratch)
    is_wanted = True
    while is_wanted:
        ready = wait_for_ports(
            places.epoll[0],
            places.events,
            2 * len(places.events) // places.epoll[1],
            _pause(state, places, now_ns),
            places.scratch,
        )
        now_ns = monotonic_ns(places.scratch)
        words[WORD_TURNS] += 1
        words[WORD_BEAT_NS] = now_ns
        words[WORD_HELD_BYTES] = own[HELD_TOTAL]
        is_wanted = words[WORD_STOP] == 0
        active = words[WORD_ACTIVE]
        if active != own[TABLE]:
            change_table(state, active, now_ns)
            if words[WORD_ANEW] != 0:
                count_anew(state, places.lateness)
                words[WORD_ANEW] = 0
            words[WORD_IN_USE] = active
        deliver_due(state, places, now_ns)
        for event in range(ready):
            is_wanted = take_in(state, places, event_fd(places, event)) and is_wanted
            if monotonic_ns(places.scratch) > now_ns + COALESCE_NS:
                now_ns = monotonic_ns(places.scratch)
                deliver_due(state, places, now_ns)
    words[WORD_ENDED] = 1


@njit(error_model="numpy", nogil=True, cache=True)
def _pause(state: WireState, places: WirePlaces, turn_ns: int) -> int:
    """How long to wait for packets: until something is to be done, but not for each little thing.

    A machine that sleeps wakes up late, by some 0.1 ms. So the loop sleeps until shortly before what is next, and watches the clock
    for the rest, as long as that takes no more than its share of time.
    """
    own, next_ns = state.own, NEVER
    for lane in range(len(state.wake_ns)):
        next_ns = min(next_ns, state.wake_ns[lane])
    now_ns = monotonic_ns(places.scratch)
    elapsed_ns = now_ns - own[LAST_LOOK_NS]
    own[LAST_LOOK_NS] = now_ns
    own[WATCH_LEFT_NS] = min(own[WATCH_LEFT_NS] + elapsed_ns // WATCH_ONE_IN, MOST_WATCH_NS)
    was_watching = own[IS_WATCHING] != 0
    if was_watching:
        own[WATCH_LEFT_NS] -= elapsed_ns
    may_watch = own[WATCH_LEFT_NS] > 0 and (was_watching or next_ns > turn_ns + COALESCE_NS)
    wait_ns = min((next_ns if may_watch else max(next_ns, turn_ns + COALESCE_NS)) - now_ns, LONGEST_WAIT_NS)
    own[IS_WATCHING] = 1 if may_watch and 0 < wait_ns <= WATCH_NS else 0
    if own[IS_WATCHING] != 0:
        return 0
    return max(wait_ns - WATCH_NS if may_watch else wait_ns, 0)


@njit(error_model="numpy", nogil=True, cache=True)
def event_fd(places: WirePlaces, event: int) -> int:
    """The file descriptor of an event: a word of 32 bit, which lies in one half or the other of one of 64."""
    word = event * places.epoll[1] + places.epoll[2]
    return int(places.events[word // 2] >> 32 * (word % 2) & 0xFFFFFFFF)


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_due(state: WireState, places: WirePlaces, now_ns: int) -> None:
    """Hand over what is due on all lanes."""
    for lane in range(len(state.wake_ns)):
        if state.wake_ns[lane] <= now_ns:
            serve(state, lane, now_ns)
            slot = due_slot(state, lane, now_ns)
            while slot != NO_SLOT:
                _hand_over(state, places, lane, slot)
                slot = due_slot(state, lane, now_ns)
            set_wake(state, lane)


@njit(error_model="numpy", nogil=True, cache=True)
def _hand_over(state: WireState, places: WirePlaces, lane: int, slot: int) -> None:
    """Write a packet to whom it is for; what the machine refuses is the machine's loss."""
    line, length = lane // 2, state.slots[slot, LENGTH]
    terminal = line // 2
    port = places.terminal_fd[terminal] if line % 2 == 1 else places.pop_fd[places.pop[terminal]]
    late_ns = monotonic_ns(places.scratch) - state.slots[slot, DUE_NS]
    written = write_from(port, state.memory, offset_of(state, slot), length)
    if written == length:
        places.lateness[bin_of(late_ns)] += 1
        land(state, lane, DELIVERED_PACKETS, DELIVERED_BYTES)
    else:
        land(state, lane, HOST_PACKETS, -1)


@njit(error_model="numpy", nogil=True, cache=True)
def bin_of(late_ns: int) -> int:
    """Which bin of the histogram counts a delivery so late: the binary logarithm, rounded down."""
    found = 0
    while late_ns > 1 and found < 63:
        late_ns >>= 1
        found += 1
    return found


@njit(error_model="numpy", nogil=True, cache=True)
def take_in(state: WireState, places: WirePlaces, port: int) -> bool:
    """Read what a port has, and put it on its lanes; whether the loop should go on."""
    kind, number = places.kind[port], places.number[port]
    if kind == KIND_LIFELINE:
        return False
    if kind == KIND_WAKE_UP:
        read_into(port, state.memory, offset_of(state, state.own[LANDING]), 8)
        return True
    most = state.classes[len(state.classes) - 1, SLOT_BYTES]
    for _ in range(PACKETS_AT_A_TIME):
        at = offset_of(state, state.own[LANDING])
        length = read_into(port, state.memory, at, most)
        if length <= 0:
            if length not in (-AGAIN, -INTERRUPTED):
                forget_port(places.epoll[0], port)
                state.words[WORD_LOST_PORTS] += 1
            return True
        _take_packet(state, places, kind, number, at, length, monotonic_ns(places.scratch))
    return True


@njit(error_model="numpy", nogil=True, cache=True)
def _take_packet(
    state: WireState, places: WirePlaces, kind: int, number: int, at: int, length: int, now_ns: int
) -> None:
    """Put the packet that was read on its lane."""
    line = 2 * number
    if kind == KIND_POP:
        terminal = terminal_of(places, destination_key(state.memory, at, length))
        line = 2 * terminal + 1 if terminal >= 0 else -1
    if line < 0 or ip_version(state.memory, at, length) == 0:
        state.words[WORD_UNKNOWN] += 1
        return
    is_apart = state.own[IS_ECHO_APART] != 0 and is_echo(state.memory, at, length)
    slot = stow(state, at, length)
    if slot == NO_SLOT:
        landing = state.own[LANDING]
        measure_packet(state, landing, at, length)
        count_sent(state, line, state.slots[landing, SEGMENTS], state.slots[landing, WIRE_BYTES])
        state.counters[line, HOST_PACKETS] += state.slots[landing, SEGMENTS]
        return
    arrive(state, 2 * line + (1 if is_apart else 0), slot, now_ns)


@njit(error_model="numpy", nogil=True, cache=True)
def stow(state: WireState, at: int, length: int) -> int:
    """A slot for the packet that was read, measured; a long one keeps the slot that it was read into."""
    size = class_for(state, length)
    slot = take_slot(state, size)
    if slot == NO_SLOT:
        return NO_SLOT
    if size == len(state.classes) - 1:
        landing = state.own[LANDING]
        state.own[LANDING] = slot
        slot = landing
    else:
        copy_within(state.memory, at, offset_of(state, slot), length)
    measure_packet(state, slot, offset_of(state, slot), length)
    return int(slot)


@njit(error_model="numpy", nogil=True, cache=True)
def terminal_of(places: WirePlaces, key: int) -> int:
    """The terminal that a destination belongs to; -1 for none."""
    if key == NO_KEY:
        return -1
    mask = len(places.keys) - 1
    place = (key ^ key >> 8 ^ key >> 24) & mask
    while places.values[place] >= 0:
        if places.keys[place] == key:
            return int(places.values[place])
        place = (place + 1) & mask
    return -1
