"""CoDel: a queue whose packets wait too long for too long loses some.

Rules: it is asked once for each packet that would leave the queue; a packet that it drops takes no time on the line, so the next one is
asked about at the same instant. Segments of a GSO packet stay together.

Source: RFC 8289, section 5, with its target of 5 ms and interval of 100 ms.
"""

import numpy as np
from numba import njit

from skycommons.emulation.wire_columns import (
    ABOVE_NS,
    DROP_COUNT,
    DROP_NEXT_NS,
    DROPPING,
    LAST_COUNT,
    MTU,
    WAITING_BYTES,
    WireState,
)

TARGET_NS = 5_000_000
INTERVAL_NS = 100_000_000
_CALM, _DROPPING, _JUST_DROPPED = range(3)
_SOON = 16  # intervals within which dropping goes on where it ended


@njit(error_model="numpy", nogil=True, cache=True)
def codel_drops(state: WireState, lane: int, arrival_ns: int, now_ns: int) -> bool:
    """Whether a packet that leaves the queue now is dropped instead; the lane's waiting bytes are those behind it."""
    lanes = state.lanes
    is_late = _is_late(state, lane, arrival_ns, now_ns)
    mood = lanes[lane, DROPPING]
    if not is_late:
        lanes[lane, DROPPING] = _CALM
        return False
    if mood == _CALM:
        since = lanes[lane, DROP_COUNT] - lanes[lane, LAST_COUNT]
        goes_on = since > 1 and now_ns - lanes[lane, DROP_NEXT_NS] < _SOON * INTERVAL_NS
        lanes[lane, DROP_COUNT] = since if goes_on else 1
        lanes[lane, LAST_COUNT] = lanes[lane, DROP_COUNT]
        lanes[lane, DROP_NEXT_NS] = now_ns + _gap_ns(lanes[lane, DROP_COUNT])
        lanes[lane, DROPPING] = _DROPPING
        return True
    if mood == _JUST_DROPPED:
        lanes[lane, DROP_NEXT_NS] += _gap_ns(lanes[lane, DROP_COUNT])
        lanes[lane, DROPPING] = _DROPPING
    if now_ns < lanes[lane, DROP_NEXT_NS]:
        return False
    lanes[lane, DROP_COUNT] += 1
    lanes[lane, DROPPING] = _JUST_DROPPED
    return True


@njit(error_model="numpy", nogil=True, cache=True)
def _is_late(state: WireState, lane: int, arrival_ns: int, now_ns: int) -> bool:
    """Whether packets have waited longer than the target for a whole interval."""
    if now_ns - arrival_ns < TARGET_NS or state.lanes[lane, WAITING_BYTES] <= state.own[MTU]:
        state.lanes[lane, ABOVE_NS] = 0
        return False
    if state.lanes[lane, ABOVE_NS] == 0:
        state.lanes[lane, ABOVE_NS] = now_ns + INTERVAL_NS
        return False
    return bool(now_ns >= state.lanes[lane, ABOVE_NS])


@njit(error_model="numpy", nogil=True, cache=True)
def _gap_ns(count: int) -> int:
    """From one drop to the next."""
    return int(INTERVAL_NS / np.sqrt(float(count)))
