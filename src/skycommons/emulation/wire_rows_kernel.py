"""Which row of a line holds when, and what follows from it."""

from numba import njit

from skycommons.emulation.wire_columns import (
    DELAY_NS,
    DELAY_SLOPE,
    FAR_NS,
    HOLD,
    MONO_NS,
    NEVER,
    STATE,
    TABLE,
    WireState,
)


@njit(error_model="numpy", nogil=True, cache=True)
def row_from(state: WireState, row: int, end: int, mono_ns: int) -> int:
    """Row that holds at an instant, looked for from a row on that is not later; ``end`` is past the line's last."""
    if row + 1 >= end or state.when[row + 1, MONO_NS] > mono_ns:
        return row
    low, high = row + 1, end
    while high - low > 1:
        middle = (low + high) // 2
        if state.when[middle, MONO_NS] <= mono_ns:
            low = middle
        else:
            high = middle
    return low


@njit(error_model="numpy", nogil=True, cache=True)
def rows_end(state: WireState, line: int) -> int:
    """Past the last row of a line, in the table in use."""
    return int(state.first[state.own[TABLE], line + 1])


@njit(error_model="numpy", nogil=True, cache=True)
def delay_at(state: WireState, row: int, mono_ns: int) -> float:
    """One-way delay by a row; before the row's instant it is that of the instant."""
    since = max(mono_ns - state.when[row, MONO_NS], 0)
    return float(min(max(state.shape[row, DELAY_NS] + state.shape[row, DELAY_SLOPE] * since, 0.0), FAR_NS))


@njit(error_model="numpy", nogil=True, cache=True)
def hold_end(state: WireState, row: int, end: int) -> int:
    """When a line that holds its packets at a row serves or drops them again."""
    later = row + 1
    while later < end:
        if state.when[later, STATE] != HOLD:
            return int(state.when[later, MONO_NS])
        later += 1
    return NEVER
