"""A dish's pings to its PoP, some every second, as its status and history count them.

Rules: the pings are not sent. One stays unanswered if either line carries nothing at its instant, or by chance, as often as the lines
lose packets at random; what chance says hangs on the seed, the terminal and the ping's number alone. So a share is one of whole pings
and 0 in a good second, as dishes tell it.
"""

from typing import Final

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.base.rng import uniform_of
from skycommons.emulation.line_rows import LineRow, LineState, TimedRows
from skycommons.emulation.live_state import row_now
from skycommons.emulation.wire_columns import DRAWS

PINGS_A_SECOND: Final = 15
"""A history of a real dish has shares of 14 to 17 pings, of 15 most often (NUWiNS data set)."""
_DRAW: Final = DRAWS  # the first number by which lines draw nothing


def unanswered_share(up: TimedRows, down: TimedRows, *, terminal: int, seed: int, end_ns: int) -> float:
    """Share of the pings of one second that stay unanswered.

    Args:
        up, down: Rows of both lines, in emulated time; before its instant, the first one holds.
        terminal: Its row.
        seed: Of the scenario.
        end_ns: When the second ends.
    """
    first = -(-(end_ns - NS_PER_S) * PINGS_A_SECOND // NS_PER_S)
    numbers = range(first, first + PINGS_A_SECOND)
    number = np.array(numbers, dtype=np.int64)
    luck = uniform_of(seed, np.full_like(number, terminal), np.full_like(number, _DRAW), number)
    answered = [
        _carried(row_now(up, time_ns)[1]) * _carried(row_now(down, time_ns)[1])
        for time_ns in (each * NS_PER_S // PINGS_A_SECOND for each in numbers)
    ]
    return float(np.mean(luck >= np.array(answered)))


def _carried(row: LineRow) -> float:
    """Share of packets that a line carries."""
    return 0.0 if row.state is LineState.DROP else 1.0 - row.loss
