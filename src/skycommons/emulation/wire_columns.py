"""The arrays that the wire's kernels share: what each column and each word means.

Rules: kernels see arrays of few types, so that they compile fast and run without objects. A *lane* is one queue of a line: lane
``2 l`` takes the line's packets, lane ``2 l + 1`` its echo requests and replies where they have a queue of their own. A *slot* is
the place of one packet. Instants are of the monotonic clock, in ns; -1 is no slot; what never happens happens at `NEVER`.
"""

from typing import Final, NamedTuple

from skycommons.base.arrays import Bytes, Floats, Ints
from skycommons.base.rng import States

NEVER: Final = 1 << 62
FAR_NS: Final = 1e15
"""Most that anything takes, some days; a longer time would not fit into the sum of instants."""
NO_SLOT: Final = -1
HEADER_BYTES: Final = 10
"""The virtio-net header in front of each packet."""

# Rows of lines, in two tables: whole numbers and others.
WHEN_COLUMNS: Final = 3
MONO_NS, QUEUE_BYTES, STATE = range(WHEN_COLUMNS)
SHAPE_COLUMNS: Final = 6
DELAY_NS, DELAY_SLOPE, NS_PER_BYTE, LOSS, WAIT_NS, EXTRA_NS = range(SHAPE_COLUMNS)
UP, DROP, HOLD = range(3)  # `LineState`

# Counters of a line, in the order of `LineCounters`.
COUNTERS: Final = 9
SENT_PACKETS, SENT_BYTES, DELIVERED_PACKETS, DELIVERED_BYTES = range(4)
LOST_PACKETS, QUEUE_PACKETS, GAP_PACKETS, HOST_PACKETS, QUEUED_BYTES = range(4, COUNTERS)

# What a line draws from: `rng.states_of` the seed, the line and one of these.
DRAWS: Final = 3
DRAW_LOSS, DRAW_WAIT, DRAW_EXTRA = range(DRAWS)

# A lane: its queue and what is on its way, both lists of slots; then CoDel's state.
LANE_COLUMNS: Final = 14
QUEUE_HEAD, QUEUE_TAIL, FLIGHT_HEAD, FLIGHT_TAIL = range(4)
FREE_NS, LAST_DUE_NS, WAITING_BYTES, HELD_BYTES, ROW = range(4, 9)
ABOVE_NS, DROPPING, DROP_NEXT_NS, DROP_COUNT, LAST_COUNT = range(9, LANE_COLUMNS)

# A slot: its follower in a list, instants, bytes in memory and on the line, segments, and the first one's running number.
SLOT_COLUMNS: Final = 8
NEXT, ARRIVAL_NS, DUE_NS, LENGTH, WIRE_BYTES, SEGMENTS, NUMBER, HEADERS = range(SLOT_COLUMNS)

# A class of slots of one size.
CLASS_COLUMNS: Final = 6
SLOT_BYTES, FIRST_SLOT, SLOT_COUNT, OFFSET, USED, FREE_SLOT = range(CLASS_COLUMNS)

# Words that the loop keeps for itself.
OWN_WORDS: Final = 12
TABLE, IS_CODEL, IS_ECHO_APART, WAIT_HOLD_NS, MTU = range(5)
LANDING, HELD_TOTAL, MOST_HELD, MOST_LANE_HELD = range(5, 9)
LAST_LOOK_NS, WATCH_LEFT_NS, IS_WATCHING = range(9, OWN_WORDS)

# Words in shared memory: what the loop is told, and what it tells.
SHARED_WORDS: Final = 64
WORD_STOP, WORD_ACTIVE, WORD_IN_USE, WORD_IS_REAL_TIME, WORD_HAS_FINE_TIMER = range(5)
WORD_TURNS, WORD_UNKNOWN, WORD_LOST_PORTS, WORD_HELD_BYTES, WORD_BEAT_NS, WORD_ENDED, WORD_ANEW = range(5, 12)


class WireState(NamedTuple):
    """All that the queues of ``L`` lines work on; see the columns above.

    Attributes:
        first: ``(2, L + 1)`` rows of each line, in each of two tables.
        when, shape: ``(R, 3)`` and ``(R, 6)`` rows of both tables.
        counters: ``(L, 9)``.
        words: ``(64,)`` shared.
        luck: ``(L, 3)`` what each line draws from.
        quantiles: ``(N,)`` of the wait over its mean.
        lanes: ``(2 L, 14)``.
        wake_ns: ``(2 L,)`` when each lane next has something to do.
        slots: ``(S, 8)``.
        classes: ``(C, 6)`` from the smallest slots to the largest.
        memory: The packets, each with its virtio-net header.
        own: ``(12,)``.
    """

    first: Ints
    when: Ints
    shape: Floats
    counters: Ints
    words: Ints
    luck: States
    quantiles: Floats
    lanes: Ints
    wake_ns: Ints
    slots: Ints
    classes: Ints
    memory: Bytes
    own: Ints
