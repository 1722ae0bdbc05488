"""What every line does from when on.

Rules: a line is one direction of one terminal: line ``2 u`` goes up from terminal *u* to its PoP, line ``2 u + 1`` comes down.
A row holds from its instant until the next row of its line; the first row of a line also holds before it, the last one for
ever. What is random is drawn by the wire from a seed, so that the same packets at the same instants meet the same fate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.model.emulation_rules import Discipline

QUEUE_BYTES: Final = 1 << 26
"""Most that waits on a line whose rate has no limit."""


class LineState(IntEnum):
    """What a line does with packets."""

    UP = 0
    """Serves them."""
    DROP = 1
    """Loses what it would serve; what is on its way already arrives."""
    HOLD = 2
    """Queues them and serves none, as in a handover's gap."""


MOST: Final = 1e15
"""Largest number of a row: some days in ns, beyond which no instant could be told."""
FLOAT_COLUMNS: Final = ("delay_ns", "delay_slope", "ns_per_byte", "loss", "wait_ns", "extra_ns")
COLUMNS: Final = ("mono_ns", *FLOAT_COLUMNS, "queue_bytes", "state")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineRows:
    """``R`` rows of ``L`` lines; those of line *l* are the rows ``first[l]`` to ``first[l + 1]``, their instants rising.

    Attributes:
        first: ``(L + 1,)``.
        mono_ns: ``(R,)`` from when on.
        delay_ns: ``(R,)`` one way at that instant, without any queue.
        delay_slope: ``(R,)`` by how much it grows, ns per ns.
        ns_per_byte: ``(R,)`` 8e9 over the rate in bit/s; 0 for no limit.
        loss: ``(R,)`` share of packets that are lost at random.
        wait_ns: ``(R,)`` mean of what a packet waits for the radio's schedule; 0 for nothing.
        extra_ns: ``(R,)`` mean of what is added near a slot's boundary, exponentially distributed; 0 for nothing.
        queue_bytes: ``(R,)`` most that may wait.
        state: ``(R,)`` `LineState`.
    Raises:
        ShapeError: Columns differ in length.
        InputError: A line has no row, its instants do not rise, or a number makes no sense.
    """

    first: Ints
    mono_ns: Ints
    delay_ns: Floats
    delay_slope: Floats
    ns_per_byte: Floats
    loss: Floats
    wait_ns: Floats
    extra_ns: Floats
    queue_bytes: Ints
    state: Bytes

    def __post_init__(self) -> None:
        rows = int(self.first[-1])
        for name in COLUMNS:
            check_shape(name, getattr(self, name), (rows,))
        if (np.diff(self.first) < 1).any():
            raise InputError("line rows: every line needs a row")
        begins = np.zeros(rows, dtype=np.bool_)
        begins[self.first[:-1]] = True
        if ((np.diff(self.mono_ns) <= 0) & ~begins[1:]).any():
            raise InputError("line rows: the instants of a line must rise")
        for name in FLOAT_COLUMNS:
            column = getattr(self, name)
            if not np.isfinite(column).all() or (name != "delay_slope" and (column < 0.0).any()):
                raise InputError(f"line rows: {name} must be finite and not negative")
            if (np.abs(column) > MOST).any():
                raise InputError(f"line rows: {name} is at most {MOST:g}, or no instant could be told")
        if (self.loss > 1.0).any() or (self.queue_bytes < 0).any():
            raise InputError("line rows: a loss lies between 0 and 1, and a queue holds 0 bytes or more")
        freeze(self.first, *(getattr(self, name) for name in COLUMNS))

    def __len__(self) -> int:
        return len(self.first) - 1

    def row_at(self, line: int, mono_ns: int) -> int:
        """Row that holds for a line at an instant."""
        return int(self.rows_at(line, np.array([mono_ns]))[0])

    def rows_at(self, line: int, mono_ns: Ints) -> Ints:
        """``(N,)`` rows that hold for a line at instants."""
        begin, end = int(self.first[line]), int(self.first[line + 1])
        return begin + np.maximum(np.searchsorted(self.mono_ns[begin:end], mono_ns, side="right") - 1, 0)

    @staticmethod
    def of_lines(lines: Sequence[Sequence[tuple[int, "LineRow"]]]) -> "LineRows":
        """Rows from lists of instants and what holds from them on, one list a line."""
        rows = [(mono_ns, row) for line in lines for mono_ns, row in line]
        return LineRows(
            first=np.cumsum([0, *(len(line) for line in lines)]).astype(np.int64),
            mono_ns=np.array([mono_ns for mono_ns, _ in rows], dtype=np.int64),
            **{name: np.array([getattr(row, name) for _, row in rows], dtype=np.float64) for name in FLOAT_COLUMNS},
            queue_bytes=np.array([row.queue_bytes for _, row in rows], dtype=np.int64),
            state=np.array([row.state for _, row in rows], dtype=np.uint8),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """What one line does for a while; the columns of `LineRows`."""

    delay_ns: float = 0.0
    delay_slope: float = 0.0
    ns_per_byte: float = 0.0
    loss: float = 0.0
    wait_ns: float = 0.0
    extra_ns: float = 0.0
    queue_bytes: int = 1 << 30
    state: LineState = LineState.UP


TimedRows: TypeAlias = list[tuple[int, LineRow]]
"""Rows of one line and the instants from which they hold."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineSettings:
    """What holds for all lines of a run.

    Attributes:
        queue: How queues treat packets.
        separate_icmp: Whether echo requests and replies have a queue of their own, as measured in the real network.
        seed: Of all draws.
        wait_hold_ns: Packets that are sent within the same stretch of this length wait alike.
        wait_quantiles: ``(N,)`` of the wait over its mean, at shares that rise evenly from 0 to 1.
        mtu: Longest packet, bytes.
    Raises:
        InputError: A number makes no sense.
    """

    queue: Discipline = Discipline.DROP_TAIL
    separate_icmp: bool = True
    seed: int = 0
    wait_hold_ns: int = 20_000_000
    wait_quantiles: Floats
    mtu: int = 1500

    def __post_init__(self) -> None:
        if self.wait_hold_ns < 1 or not 576 <= self.mtu <= 65_535:
            raise InputError("line settings: wait_hold_ns must be above 0 and the MTU between 576 and 65,535 bytes")
        if len(self.wait_quantiles) < 2 or (np.diff(self.wait_quantiles) < 0.0).any():
            raise InputError("line settings: wait_quantiles needs two or more numbers that do not fall")
        freeze(self.wait_quantiles)
