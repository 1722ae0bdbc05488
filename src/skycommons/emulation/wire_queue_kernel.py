"""What becomes of packets on a line: they wait, are served, lost or dropped, and are on their way until they are due.

Rules:

* A packet's service begins when it has arrived and the lane is free, by the row of that very instant; it departs when its bytes are
  served; it is due after the delay at its departure and what chance adds, never before the packet ahead. Where the line has stopped
  by its departure, the row of its service tells the delay.
* A lane is worked on late: what it does is computed as of the instants at which it happens, so that nothing hangs on when the
  loop looks. Only the table of rows must not change before all lanes are served up to then.
* A line that holds serves nothing; one that drops loses what it would serve, in no time. What departed arrives.
* Counts are of packets on the line: a GSO packet counts its segments, and is as long as all of them.
* The queue takes a packet that needs not wait, and else as many bytes as the row of the arrival lets wait.
"""

from numba import njit

from skycommons.base.arrays import Ints
from skycommons.emulation.wire_codel_kernel import codel_drops
from skycommons.emulation.wire_columns import (
    ARRIVAL_NS,
    DRAW_EXTRA,
    DRAW_LOSS,
    DRAW_WAIT,
    DROP,
    DUE_NS,
    EXTRA_NS,
    FAR_NS,
    FLIGHT_HEAD,
    FLIGHT_TAIL,
    FREE_NS,
    GAP_PACKETS,
    HEADER_BYTES,
    HEADERS,
    HELD_BYTES,
    HOLD,
    HOST_PACKETS,
    IS_CODEL,
    LAST_DUE_NS,
    LENGTH,
    LOSS,
    LOST_PACKETS,
    MOST_LANE_HELD,
    NEVER,
    NEXT,
    NO_SLOT,
    NS_PER_BYTE,
    NUMBER,
    QUEUE_BYTES,
    QUEUE_HEAD,
    QUEUE_PACKETS,
    QUEUE_TAIL,
    QUEUED_BYTES,
    ROW,
    SEGMENTS,
    SENT_BYTES,
    SENT_PACKETS,
    STATE,
    TABLE,
    UP,
    WAIT_HOLD_NS,
    WAIT_NS,
    WAITING_BYTES,
    WIRE_BYTES,
    WireState,
)
from skycommons.emulation.wire_draws_kernel import added_ns, is_lost
from skycommons.emulation.wire_packet_kernel import can_be_cut, gso_headers, segments_of
from skycommons.emulation.wire_pool_kernel import class_for, give_slot, held_by, offset_of, take_slot
from skycommons.emulation.wire_rows_kernel import delay_at, hold_end, row_from, rows_end
from skycommons.emulation.wire_segments_kernel import cut_run, run_length

SERVE_LAG_NS = 2_000_000
"""Packets are served at most so much later than they could be, if nothing else wakes the lane."""


@njit(error_model="numpy", nogil=True, cache=True)
def measure_packet(state: WireState, slot: int, at: int, length: int) -> None:
    """Write into a slot what the packet at a place of the memory is on the line."""
    headers = gso_headers(state.memory, at, length)
    segments = segments_of(state.memory, at, length, headers)
    state.slots[slot, LENGTH] = length
    state.slots[slot, HEADERS] = headers
    state.slots[slot, SEGMENTS] = segments
    state.slots[slot, WIRE_BYTES] = length - HEADER_BYTES + (segments - 1) * headers


@njit(error_model="numpy", nogil=True, cache=True)
def count_sent(state: WireState, line: int, segments: int, wire_bytes: int) -> int:
    """A sender handed over a packet; the running number of its first segment."""
    number = state.counters[line, SENT_PACKETS]
    state.counters[line, SENT_PACKETS] += segments
    state.counters[line, SENT_BYTES] += wire_bytes
    return int(number)


@njit(error_model="numpy", nogil=True, cache=True)
def arrive(state: WireState, lane: int, slot: int, now_ns: int) -> None:
    """A packet that lies in a slot, measured, comes to a lane; it is counted, and waits or is dropped."""
    lanes, slots, line = state.lanes, state.slots, lane // 2
    segments, wire_bytes = slots[slot, SEGMENTS], slots[slot, WIRE_BYTES]
    slots[slot, NUMBER] = count_sent(state, line, segments, wire_bytes)
    slots[slot, ARRIVAL_NS] = now_ns
    slots[slot, NEXT] = NO_SLOT
    serve(state, lane, now_ns)
    held = held_by(state, slot)
    if lanes[lane, HELD_BYTES] + held > state.own[MOST_LANE_HELD]:
        state.counters[line, HOST_PACKETS] += segments
        give_slot(state, slot)
        return
    row = row_from(state, lanes[lane, ROW], rows_end(state, line), now_ns)
    must_wait = lanes[lane, QUEUE_HEAD] != NO_SLOT or lanes[lane, FREE_NS] > now_ns or state.when[row, STATE] == HOLD
    if must_wait and lanes[lane, WAITING_BYTES] + wire_bytes > state.when[row, QUEUE_BYTES]:
        state.counters[line, QUEUE_PACKETS] += segments
        give_slot(state, slot)
        return
    lanes[lane, HELD_BYTES] += held
    lanes[lane, WAITING_BYTES] += wire_bytes
    state.counters[line, QUEUED_BYTES] += wire_bytes
    if lanes[lane, QUEUE_HEAD] == NO_SLOT:
        lanes[lane, QUEUE_HEAD] = slot
    else:
        slots[lanes[lane, QUEUE_TAIL], NEXT] = slot
    lanes[lane, QUEUE_TAIL] = slot
    serve(state, lane, now_ns)
    set_wake(state, lane)


@njit(error_model="numpy", nogil=True, cache=True)
def serve(state: WireState, lane: int, now_ns: int) -> None:
    """Serve what a lane could begin to serve until now."""
    lanes, slots, line = state.lanes, state.slots, lane // 2
    end = rows_end(state, line)
    while True:
        slot = lanes[lane, QUEUE_HEAD]
        if slot == NO_SLOT:
            return
        start_ns = max(slots[slot, ARRIVAL_NS], lanes[lane, FREE_NS])
        if start_ns > now_ns:
            return
        row = row_from(state, lanes[lane, ROW], end, start_ns)
        lanes[lane, ROW] = row
        if state.when[row, STATE] == HOLD:
            free_ns = hold_end(state, row, end)
            if free_ns > now_ns:
                return
            lanes[lane, FREE_NS] = free_ns
            continue
        _unqueue(state, lane, slot)
        if state.when[row, STATE] == DROP:
            _drop(state, lane, slot, GAP_PACKETS)
        elif state.own[IS_CODEL] and codel_drops(state, lane, slots[slot, ARRIVAL_NS], start_ns):
            _drop(state, lane, slot, QUEUE_PACKETS)
        else:
            service_ns = min(slots[slot, WIRE_BYTES] * state.shape[row, NS_PER_BYTE], FAR_NS)
            departure_ns = start_ns + int(service_ns + 0.5)
            lanes[lane, FREE_NS] = departure_ns
            later = row_from(state, row, end, departure_ns)
            _depart(state, lane, slot, departure_ns, later if state.when[later, STATE] == UP else row)


@njit(error_model="numpy", nogil=True, cache=True)
def _unqueue(state: WireState, lane: int, slot: int) -> None:
    """Take the head of a lane's queue off it."""
    wire_bytes = state.slots[slot, WIRE_BYTES]
    state.lanes[lane, QUEUE_HEAD] = state.slots[slot, NEXT]
    state.lanes[lane, WAITING_BYTES] -= wire_bytes
    state.counters[lane // 2, QUEUED_BYTES] -= wire_bytes


@njit(error_model="numpy", nogil=True, cache=True)
def _drop(state: WireState, lane: int, slot: int, counter: int) -> None:
    """Lose a packet, and say why."""
    state.counters[lane // 2, counter] += state.slots[slot, SEGMENTS]
    state.lanes[lane, HELD_BYTES] -= held_by(state, slot)
    give_slot(state, slot)


@njit(error_model="numpy", nogil=True, cache=True)
def _depart(state: WireState, lane: int, slot: int, departure_ns: int, row: int) -> None:
    """Send a packet on its way, or what is left of it."""
    line, shape = lane // 2, state.shape
    added = 0.0
    if shape[row, WAIT_NS] > 0.0 or shape[row, EXTRA_NS] > 0.0:
        stretch, luck = departure_ns // state.own[WAIT_HOLD_NS], state.luck[line]
        mean_ns, extra_ns = shape[row, WAIT_NS], shape[row, EXTRA_NS]
        added = added_ns(luck[DRAW_WAIT], luck[DRAW_EXTRA], stretch, state.quantiles, mean_ns, extra_ns)
    due_ns = departure_ns + int(delay_at(state, row, departure_ns) + added + 0.5)
    due_ns = max(due_ns, state.lanes[lane, LAST_DUE_NS])
    state.lanes[lane, LAST_DUE_NS] = due_ns
    state.slots[slot, DUE_NS] = due_ns
    lost = 0
    if shape[row, LOSS] > 0.0:
        lost = _lost_segments(state, line, slot, shape[row, LOSS])
    if lost == 0:
        _fly(state, lane, slot)
    elif lost == state.slots[slot, SEGMENTS]:
        _drop(state, lane, slot, LOST_PACKETS)
    else:
        _cut(state, lane, slot, shape[row, LOSS])


@njit(error_model="numpy", nogil=True, cache=True)
def _lost_segments(state: WireState, line: int, slot: int, loss: float) -> int:
    """How many segments of a packet are lost; all share the first one's fate where none can be cut out."""
    slots, luck = state.slots, state.luck[line, DRAW_LOSS]
    segments, number, lost = slots[slot, SEGMENTS], slots[slot, NUMBER], 0
    if segments == 1 or not can_be_cut(state.memory, offset_of(state, slot), slots[slot, HEADERS]):
        return int(segments) if is_lost(luck, number, loss) else 0
    for segment in range(segments):
        lost += 1 if is_lost(luck, number + segment, loss) else 0
    return lost


@njit(error_model="numpy", nogil=True, cache=True)
def _cut(state: WireState, lane: int, slot: int, loss: float) -> None:
    """Send the runs of segments between the lost ones on their way, each as a packet."""
    slots, line = state.slots, lane // 2
    luck, number, segments = state.luck[line, DRAW_LOSS], slots[slot, NUMBER], slots[slot, SEGMENTS]
    at, length, headers = offset_of(state, slot), slots[slot, LENGTH], slots[slot, HEADERS]
    begin = 0
    while begin < segments:
        if is_lost(luck, number + begin, loss):
            state.counters[line, LOST_PACKETS] += 1
            begin += 1
            continue
        end = begin + 1
        while end < segments and not is_lost(luck, number + end, loss):
            end += 1
        whole = run_length(state.memory, at, length, headers, begin, end)
        run = take_slot(state, class_for(state, whole))
        if run == NO_SLOT:
            state.counters[line, HOST_PACKETS] += end - begin
        else:
            cut_run(state.memory, at, length, headers, begin, end, offset_of(state, run))
            measure_packet(state, run, offset_of(state, run), whole)
            slots[run, DUE_NS] = slots[slot, DUE_NS]
            slots[run, NUMBER] = number + begin
            state.lanes[lane, HELD_BYTES] += held_by(state, run)
            _fly(state, lane, run)
        begin = end
    state.lanes[lane, HELD_BYTES] -= held_by(state, slot)
    give_slot(state, slot)


@njit(error_model="numpy", nogil=True, cache=True)
def _fly(state: WireState, lane: int, slot: int) -> None:
    """Put a packet behind those that are on their way."""
    lanes, slots = state.lanes, state.slots
    slots[slot, NEXT] = NO_SLOT
    if lanes[lane, FLIGHT_HEAD] == NO_SLOT:
        lanes[lane, FLIGHT_HEAD] = slot
    else:
        slots[lanes[lane, FLIGHT_TAIL], NEXT] = slot
    lanes[lane, FLIGHT_TAIL] = slot


@njit(error_model="numpy", nogil=True, cache=True)
def land(state: WireState, lane: int, packets: int, wire_bytes: int) -> None:
    """The packet at the head of those on their way left them: count it under these columns, and free its slot."""
    slot, line = state.lanes[lane, FLIGHT_HEAD], lane // 2
    state.lanes[lane, FLIGHT_HEAD] = state.slots[slot, NEXT]
    state.counters[line, packets] += state.slots[slot, SEGMENTS]
    if wire_bytes >= 0:
        state.counters[line, wire_bytes] += state.slots[slot, WIRE_BYTES]
    state.lanes[lane, HELD_BYTES] -= held_by(state, slot)
    give_slot(state, slot)


@njit(error_model="numpy", nogil=True, cache=True)
def due_slot(state: WireState, lane: int, now_ns: int) -> int:
    """The next packet that is due on a lane, or `NO_SLOT`."""
    slot = state.lanes[lane, FLIGHT_HEAD]
    return int(slot) if slot != NO_SLOT and state.slots[slot, DUE_NS] <= now_ns else NO_SLOT


@njit(error_model="numpy", nogil=True, cache=True)
def set_wake(state: WireState, lane: int) -> None:
    """Note when a lane next has something to do: a packet due, or one to serve before it could be due."""
    lanes, slots = state.lanes, state.slots
    wake_ns = NEVER
    if lanes[lane, FLIGHT_HEAD] != NO_SLOT:
        wake_ns = slots[lanes[lane, FLIGHT_HEAD], DUE_NS]
    if lanes[lane, QUEUE_HEAD] != NO_SLOT:
        end = rows_end(state, lane // 2)
        start_ns = max(slots[lanes[lane, QUEUE_HEAD], ARRIVAL_NS], lanes[lane, FREE_NS])
        row = row_from(state, lanes[lane, ROW], end, start_ns)
        if state.when[row, STATE] == HOLD:
            wake_ns = min(wake_ns, hold_end(state, row, end))
        else:
            sooner = min(delay_at(state, row, start_ns), float(SERVE_LAG_NS))
            if row + 1 < end:
                sooner = min(sooner, delay_at(state, row + 1, start_ns))
            wake_ns = min(wake_ns, start_ns + int(sooner))
    state.wake_ns[lane] = wake_ns


@njit(error_model="numpy", nogil=True, cache=True)
def change_table(state: WireState, table: int, now_ns: int) -> None:
    """Go over to another table of rows; what could be served until now is served by the old one, the rest not before."""
    lanes = len(state.lanes)
    for lane in range(lanes):
        serve(state, lane, now_ns)
        if state.lanes[lane, QUEUE_HEAD] != NO_SLOT:
            state.lanes[lane, FREE_NS] = max(state.lanes[lane, FREE_NS], now_ns)
    state.own[TABLE] = table
    for lane in range(lanes):
        state.lanes[lane, ROW] = state.first[table, lane // 2]
        set_wake(state, lane)


@njit(error_model="numpy", nogil=True, cache=True)
def count_anew(state: WireState, lateness: Ints) -> None:
    """Forget what was counted, but for what waits now."""
    for line in range(len(state.counters)):
        for counter in range(QUEUED_BYTES):
            state.counters[line, counter] = 0
    for row in range(len(lateness)):
        lateness[row] = 0
