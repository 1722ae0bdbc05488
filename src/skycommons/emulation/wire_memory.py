"""The memory that the wire's process shares with who plans: rows, counters, and a few words.

Rules:

* One file in memory, without a name; its descriptor goes to the process, which finds every size in its head.
* Rows lie in two tables. Who plans writes the one that is not in use, then flips the number of the active one; that is one aligned
  store, and the loop reads it once a turn. Only when the loop has said that it uses the new table may the old one be written.
* Counters and the words that tell are written by the loop alone.
"""

import mmap
import os
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import HostError, InputError
from skycommons.base.rng import States
from skycommons.emulation.line_backend import COUNTED, LATENESS_BINS, LineCounters
from skycommons.emulation.line_rows import LineRows, LineSettings
from skycommons.emulation.wire_columns import (
    COUNTERS,
    DRAWS,
    QUEUED_BYTES,
    SHAPE_COLUMNS,
    SHARED_WORDS,
    WHEN_COLUMNS,
)
from skycommons.emulation.wire_draws import luck_of
from skycommons.emulation.wire_ports import IPV6_KEY_SHIFT, WirePorts
from skycommons.model.emulation_rules import Discipline

_MAGIC: Final = 0x736B79_77697265  # so that a wrong descriptor is noticed
_ALIGNED: Final = 64
SETTINGS: Final = 5
HELD_MOST, HAS_CODEL, HAS_ECHO_APART, HOLD_NS, LONGEST = range(SETTINGS)
PORT_COLUMNS: Final = 4
PORT_FD, PORT_POP, PORT_IPV4, PORT_IPV6 = range(PORT_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireSizes:
    """What the layout hangs on.

    Attributes:
        terminals: ``U``; there are two lines for each.
        pops: ``P``.
        rows: How many rows a table holds, of all lines.
        quantiles: How many numbers describe the wait.
    """

    terminals: int
    pops: int
    rows: int
    quantiles: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WireMemory:
    """Arrays that lie in shared memory; `wire_columns` says what their columns are.

    Attributes:
        fd: Descriptor of the memory.
        sizes: Of the arrays.
        words, counters, lateness, first, when, shape, luck, quantiles: As in `WireState`.
        settings: ``(5,)`` of the run.
        ports: ``(U, 4)`` descriptor, PoP, IPv4 address and upper 56 bits of the IPv6 one.
        pop_fd: ``(P,)``.
    """

    fd: int
    sizes: WireSizes
    words: Ints
    counters: Ints
    lateness: Ints
    first: Ints
    when: Ints
    shape: Floats
    luck: States
    quantiles: Floats
    settings: Ints
    ports: Ints
    pop_fd: Ints

    @staticmethod
    def create(sizes: WireSizes) -> "WireMemory":
        """New memory, all zero.

        Raises:
            HostError: The system gives none.
        """
        try:
            fd = os.memfd_create("skycommons-wire")
            os.ftruncate(fd, _layout(sizes)[1])
        except OSError as error:
            raise HostError(f"the wire's shared memory cannot be made: {error.strerror}") from None
        memory = _mapped(fd, sizes)
        head = np.array([_MAGIC, sizes.terminals, sizes.pops, sizes.rows, sizes.quantiles], dtype=np.int64)
        os.pwrite(fd, head.tobytes(), 0)
        return memory

    @staticmethod
    def attach(fd: int) -> "WireMemory":
        """Memory that another process made.

        Raises:
            InputError: The descriptor is none of such memory.
        """
        head = np.frombuffer(os.pread(fd, 40, 0), dtype=np.int64)
        if len(head) < 5 or head[0] != _MAGIC:
            raise InputError(f"descriptor {fd} is no memory of a wire")
        terminals, pops, rows, quantiles = head[1:].tolist()
        return _mapped(fd, WireSizes(terminals=terminals, pops=pops, rows=rows, quantiles=quantiles))

    def describe(self, ports: WirePorts, settings: LineSettings, *, arena_bytes: int) -> None:
        """Write what does not change in a run."""
        self.ports[:, PORT_FD], self.ports[:, PORT_POP] = ports.terminal_fd, ports.pop
        self.ports[:, PORT_IPV4] = ports.ipv4
        self.ports[:, PORT_IPV6] = [prefix >> IPV6_KEY_SHIFT for prefix in ports.ipv6]
        self.pop_fd[:] = ports.pop_fd
        self.settings[HELD_MOST] = arena_bytes
        self.settings[HAS_CODEL] = settings.queue is Discipline.CODEL
        self.settings[HAS_ECHO_APART] = settings.separate_icmp
        self.settings[HOLD_NS], self.settings[LONGEST] = settings.wait_hold_ns, settings.mtu
        self.luck[:] = luck_of(settings, ports.lines)
        self.quantiles[:] = settings.wait_quantiles

    def check(self, rows: LineRows) -> None:
        """Refuse rows that do not fit.

        Raises:
            InputError: They are of another number of lines, or too many.
        """
        lines = 2 * self.sizes.terminals
        if len(rows) != lines:
            raise InputError(f"line rows: there are rows of {len(rows)} lines, and the wire has {lines}")
        if len(rows.mono_ns) > self.sizes.rows:
            raise InputError(
                f"line rows: {len(rows.mono_ns):,} rows are too many, the wire holds {self.sizes.rows:,}; "
                "plan less far ahead or start the wire with more rows_per_line"
            )

    def write_rows(self, table: int, rows: LineRows, *, excess_ns: int = 0) -> None:
        """Write rows that fit into one of the two tables, each delay less what the machine takes besides."""
        begin = table * self.sizes.rows
        place = slice(begin, begin + len(rows.mono_ns))
        self.when[place] = np.stack([rows.mono_ns, rows.queue_bytes, rows.state.astype(np.int64)], axis=1)
        columns = (
            np.maximum(rows.delay_ns - excess_ns, 0.0),
            rows.delay_slope,
            rows.ns_per_byte,
            rows.loss,
            rows.wait_ns,
            rows.extra_ns,
        )
        self.shape[place] = np.stack(columns, axis=1)
        self.first[table] = begin + rows.first

    def read_counters(self) -> LineCounters:
        """What the loop has counted, as of now."""
        counted = self.counters.copy()
        columns = {name: counted[:, column].copy() for column, name in enumerate(COUNTED)}
        waiting = counted[:, QUEUED_BYTES].copy()
        return LineCounters(**columns, queued_bytes=waiting, lateness=self.lateness.copy())


def _layout(sizes: WireSizes) -> tuple[dict[str, tuple[int, tuple[int, ...], type]], int]:
    """Where each array begins, its shape and type; and how long all are."""
    lines = 2 * sizes.terminals
    arrays: dict[str, tuple[tuple[int, ...], type]] = {
        "words": ((SHARED_WORDS,), np.int64),
        "counters": ((lines, COUNTERS), np.int64),
        "lateness": ((LATENESS_BINS,), np.int64),
        "first": ((2, lines + 1), np.int64),
        "when": ((2 * sizes.rows, WHEN_COLUMNS), np.int64),
        "shape": ((2 * sizes.rows, SHAPE_COLUMNS), np.float64),
        "luck": ((lines, DRAWS), np.uint64),
        "quantiles": ((sizes.quantiles,), np.float64),
        "settings": ((SETTINGS,), np.int64),
        "ports": ((sizes.terminals, PORT_COLUMNS), np.int64),
        "pop_fd": ((sizes.pops,), np.int64),
    }
    places, end = {}, _ALIGNED
    for name, (shape, kind) in arrays.items():
        places[name] = (end, shape, kind)
        end += -(-8 * int(np.prod(shape)) // _ALIGNED) * _ALIGNED
    return places, end


def _mapped(fd: int, sizes: WireSizes) -> WireMemory:
    """The arrays, over memory that is there."""
    places, length = _layout(sizes)
    mapping = mmap.mmap(fd, length)
    arrays: dict[str, NDArray[Any]] = {
        name: np.frombuffer(mapping, dtype=kind, count=int(np.prod(shape)), offset=begin).reshape(shape)
        for name, (begin, shape, kind) in places.items()
    }
    return WireMemory(fd=fd, sizes=sizes, **arrays)
