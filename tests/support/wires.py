"""Wires for tests: packets, lines under a clock of their own, and the loop in a thread over pairs of sockets."""

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Bytes
from skycommons.emulation import wire_columns as columns
from skycommons.emulation.line_backend import LineCounters
from skycommons.emulation.line_rows import LineRow, LineRows, LineSettings
from skycommons.emulation.wire_columns import NO_SLOT, WireState
from skycommons.emulation.wire_memory import WireMemory, WireSizes
from skycommons.emulation.wire_pool_kernel import class_for, offset_of, take_slot
from skycommons.emulation.wire_ports import WirePorts
from skycommons.emulation.wire_process import READY, carry, warm_up
from skycommons.emulation.wire_queue_kernel import (
    arrive,
    change_table,
    due_slot,
    land,
    measure_packet,
    serve,
    set_wake,
)
from skycommons.emulation.wire_state import state_of

MS = 1_000_000
HEADER = bytes(columns.HEADER_BYTES)
TERMINAL_V4, TERMINAL_V6 = 0x6440_0002, 0x2001_0DB8_0000_0100
SOMEBODY_V4, SOMEBODY_V6 = 0xCB00_710A, 0x2001_0DB8_FFFF_0000


def settings(**others: object) -> LineSettings:
    """Settings whose wait is between nothing and twice its mean."""
    return LineSettings(**{"wait_quantiles": np.array([0.0, 2.0]), **others})  # type: ignore[arg-type] # as the test says


def rows_of(*lines: LineRow | Sequence[tuple[int, LineRow]]) -> LineRows:
    """Rows of lines; a line of one row does the same for ever."""
    return LineRows.of_lines([[(0, line)] if isinstance(line, LineRow) else line for line in lines])


def addresses(terminals: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """IPv4 addresses and IPv6 prefixes of terminals."""
    return (
        tuple(TERMINAL_V4 + terminal for terminal in range(terminals)),
        tuple(TERMINAL_V6 + (terminal << 8) for terminal in range(terminals)),
    )


def open_descriptors() -> int:
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


# Packets ----------------------------------------------------------------------------------------------------------


def ipv4(payload: bytes, *, to: int = SOMEBODY_V4, protocol: int = 17, fragment: int = 0, marker: int = 0) -> bytes:
    """An IPv4 packet behind an empty virtio-net header."""
    length = 20 + len(payload)
    head = struct.pack(">BBHHHBBHII", 0x45, 0, length, marker, fragment, 64, protocol, 0, TERMINAL_V4, to)
    check = 0xFFFF ^ ones_sum(head)
    return HEADER + head[:10] + struct.pack(">H", check) + head[12:] + payload


def ipv6(payload: bytes, *, to: int = SOMEBODY_V6, following: int = 17) -> bytes:
    """An IPv6 packet behind an empty virtio-net header; ``to`` is the upper half of the destination."""
    head = struct.pack(">IHBBQQQQ", 6 << 28, len(payload), following, 64, TERMINAL_V6, 1, to, 1)
    return HEADER + head + payload


def echo(*, number: int = 0, is_v6: bool = False, to: int | None = None) -> bytes:
    """An echo request."""
    payload = struct.pack(">BBHHH", 128 if is_v6 else 8, 0, 0, 1, number) + bytes(56)
    if is_v6:
        return ipv6(payload, to=SOMEBODY_V6 if to is None else to, following=58)
    return ipv4(payload, to=SOMEBODY_V4 if to is None else to, protocol=1)


def gso_packet(payload: int, *, size: int = 1000, is_v6: bool = False, options: int = 12, flags: int = 0x99) -> bytes:
    """A TCP packet that a card would cut: its header says so, its checksum covers the pseudo header alone."""
    content = np.random.default_rng(payload).bytes(payload)
    transport = 40 if is_v6 else 20
    offset = (20 + options) // 4
    length = 20 + options + payload
    pseudo = (
        struct.pack(">QQQQII", TERMINAL_V6, 1, SOMEBODY_V6, 1, length, 6)
        if is_v6
        else struct.pack(">IIHH", TERMINAL_V4, SOMEBODY_V4, 6, length)
    )
    tcp = struct.pack(">HHIIBBHHH", 5000, 5001, 0xFFFF_FF00, 7, offset << 4, flags, 512, ones_sum(pseudo), 0)
    packet = (ipv6 if is_v6 else ipv4)(
        tcp + bytes(options) + content, **({"following": 6} if is_v6 else {"protocol": 6})
    )
    header = struct.pack("<BBHHHH", 1, 4 if is_v6 else 1, transport + 4 * offset, size, transport, 16)
    return header + packet[columns.HEADER_BYTES :]


def ones_sum(data: bytes) -> int:
    """Sum of 16-bit words in one's complement."""
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


# Lines under a clock of their own ---------------------------------------------------------------------------------


def memory_of(
    rows: LineRows, given: LineSettings | None = None, *, arena_bytes: int = 1 << 24, ports: WirePorts | None = None
) -> WireMemory:
    """Memory for these rows, and as many more."""
    terminals, given = len(rows) // 2, settings() if given is None else given
    if ports is None:
        v4, v6 = addresses(terminals)
        fds = tuple(range(3, 4 + terminals))
        ports = WirePorts(terminal_fd=fds[1:], pop_fd=fds[:1], pop=(0,) * terminals, ipv4=v4, ipv6=v6)
    sizes = WireSizes(
        terminals=terminals,
        pops=len(ports.pop_fd),
        rows=len(rows.mono_ns) + 8 * terminals,
        quantiles=len(given.wait_quantiles),
    )
    memory = WireMemory.create(sizes)
    memory.describe(ports, given, arena_bytes=arena_bytes)
    memory.write_rows(0, rows)
    return memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A packet that came out of a lane."""

    lane: int
    number: int
    due_ns: int
    at_ns: int
    segments: int
    content: bytes


@dataclass(slots=True, kw_only=True, eq=False)
class Lines:
    """Lines that are sent packets at instants of the test's own, and what came out of them."""

    memory: WireMemory
    state: WireState
    now_ns: int = 0
    delivered: list[Delivery] = field(default_factory=list)

    @staticmethod
    def of(*lines: LineRow | Sequence[tuple[int, LineRow]], arena_bytes: int = 1 << 24, **given: object) -> "Lines":
        """Lines that do this; the last of an odd number has a fellow that is not used."""
        each = [*lines, LineRow()] if len(lines) % 2 else lines
        memory = memory_of(rows_of(*each), settings(**given), arena_bytes=arena_bytes)
        state = state_of(memory)
        os.close(memory.fd)
        return Lines(memory=memory, state=state)

    def send(self, packet: int | bytes, at_ns: int | None = None, *, line: int = 0, is_echo: bool = False) -> None:
        """Send a packet, or one of so many bytes."""
        if at_ns is not None:
            self.run(at_ns)
        content = HEADER + bytes([0x45]) + bytes(packet - 1) if isinstance(packet, int) else packet
        slot = take_slot(self.state, class_for(self.state, len(content)))
        assert slot != NO_SLOT
        at = offset_of(self.state, slot)
        self.state.memory[at : at + len(content)] = np.frombuffer(content, np.uint8)
        measure_packet(self.state, slot, at, len(content))
        with np.errstate(over="ignore"):
            arrive(self.state, 2 * line + is_echo, slot, self.now_ns)

    def run(self, until_ns: int) -> "Lines":
        """Let time pass; lanes are looked at when they want to be."""
        state = self.state
        while True:
            lane = int(np.argmin(state.wake_ns))
            if state.wake_ns[lane] > until_ns:
                break
            self.now_ns = max(self.now_ns, int(state.wake_ns[lane]))
            with np.errstate(over="ignore"):
                serve(state, lane, self.now_ns)
            while (slot := due_slot(state, lane, self.now_ns)) != NO_SLOT:
                self._note(lane, slot)
                land(state, lane, columns.DELIVERED_PACKETS, columns.DELIVERED_BYTES)
            set_wake(state, lane)
        self.now_ns = until_ns
        return self

    def publish(self, *lines: LineRow | Sequence[tuple[int, LineRow]]) -> None:
        """Change over to other rows now."""
        each = [*lines, LineRow()] if len(lines) % 2 else lines
        table = 1 - int(self.state.own[columns.TABLE])
        self.memory.write_rows(table, rows_of(*each))
        with np.errstate(over="ignore"):
            change_table(self.state, table, self.now_ns)

    def counters(self) -> LineCounters:
        """As the planner sees them."""
        return self.memory.read_counters()

    def due_ms(self, lane: int = 0) -> list[float]:
        """When packets of a lane came out; late ones are a fault of the wire."""
        found = [delivery for delivery in self.delivered if delivery.lane == lane]
        assert all(delivery.at_ns == delivery.due_ns for delivery in found)
        return [delivery.at_ns / MS for delivery in found]

    def numbers(self, lane: int = 0) -> list[int]:
        """Running numbers of what came out of a lane."""
        return [delivery.number for delivery in self.delivered if delivery.lane == lane]

    def in_flight(self, lane: int = 0) -> int:
        """Packets on the line that departed and are not there yet."""
        found, slot = 0, int(self.state.lanes[lane, columns.FLIGHT_HEAD])
        while slot != NO_SLOT:
            found += int(self.state.slots[slot, columns.SEGMENTS])
            slot = int(self.state.slots[slot, columns.NEXT])
        return found

    def waiting(self, lane: int = 0) -> int:
        """Packets in the queue."""
        found, slot = 0, int(self.state.lanes[lane, columns.QUEUE_HEAD])
        while slot != NO_SLOT:
            found += int(self.state.slots[slot, columns.SEGMENTS])
            slot = int(self.state.slots[slot, columns.NEXT])
        return found

    def _note(self, lane: int, slot: int) -> None:
        """Write down what is delivered."""
        slots, at = self.state.slots, offset_of(self.state, slot)
        content: Bytes = self.state.memory[at : at + int(slots[slot, columns.LENGTH])]
        self.delivered.append(
            Delivery(
                lane=lane,
                number=int(slots[slot, columns.NUMBER]),
                due_ns=int(slots[slot, columns.DUE_NS]),
                at_ns=self.now_ns,
                segments=int(slots[slot, columns.SEGMENTS]),
                content=content.tobytes(),
            )
        )


# The loop in a thread ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The far ends of a wire's ports: what is sent there the wire reads."""

    terminals: tuple[socket.socket, ...]
    pops: tuple[socket.socket, ...]
    ports: WirePorts
    near: tuple[socket.socket, ...]

    @staticmethod
    @contextmanager
    def of(terminals: int, *, pop: tuple[int, ...] | None = None) -> Iterator["Ends"]:
        """Pairs of sockets that keep packets apart, in place of TUN devices."""
        where = (0,) * terminals if pop is None else pop
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(terminals + max(where) + 1)]
        v4, v6 = addresses(terminals)
        near = tuple(pair[1] for pair in pairs)
        fds = tuple(end.fileno() for end in near)
        for outer, inner in pairs:
            outer.settimeout(20.0)
            inner.setblocking(False)
        ports = WirePorts(terminal_fd=fds[:terminals], pop_fd=fds[terminals:], pop=where, ipv4=v4, ipv6=v6)
        far = tuple(pair[0] for pair in pairs)
        try:
            yield Ends(terminals=far[:terminals], pops=far[terminals:], ports=ports, near=near)
        finally:
            for pair in pairs:
                for end in pair:
                    end.close()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunningLoop:
    """The loop in a thread of this process."""

    ends: Ends
    memory: WireMemory
    wake_fd: int
    lifeline_fd: int
    thread: threading.Thread

    def publish(self, rows: LineRows) -> None:
        """Change over to other rows, and wait until that is done."""
        table = 1 - int(self.memory.words[columns.WORD_ACTIVE])
        self.memory.write_rows(table, rows)
        self.memory.words[columns.WORD_ACTIVE] = table
        os.eventfd_write(self.wake_fd, 1)
        self.wait_for(columns.WORD_IN_USE, table)

    def wait_for(self, word: int, value: int, within_s: float = 20.0) -> None:
        """Wait until the loop says so."""
        ends_s = time.monotonic() + within_s
        while self.memory.words[word] != value:
            assert time.monotonic() < ends_s, f"word {word} is {self.memory.words[word]}, not {value}"
            time.sleep(0.001)

    def stop(self) -> None:
        """End it."""
        self.memory.words[columns.WORD_STOP] = 1
        os.eventfd_write(self.wake_fd, 1)
        self.thread.join(20.0)
        assert not self.thread.is_alive()


@contextmanager
def running_loop(ends: Ends, rows: LineRows, *, arena_bytes: int = 1 << 24, **given: object) -> Iterator[RunningLoop]:
    """The loop over pairs of sockets, until the end of the block."""
    warm_up()  # or packets would wait for the compiler
    memory = memory_of(rows, settings(**given), ports=ends.ports, arena_bytes=arena_bytes)
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
    lifeline, told = os.pipe(), os.pipe()
    thread = threading.Thread(
        target=carry, args=(memory,), kwargs={"wake_fd": wake_fd, "lifeline_fd": lifeline[0], "told_fd": told[1]}
    )
    thread.start()
    assert os.read(told[0], len(READY)) == READY
    loop = RunningLoop(ends=ends, memory=memory, wake_fd=wake_fd, lifeline_fd=lifeline[1], thread=thread)
    try:
        yield loop
    finally:
        loop.stop()
        for fd in (memory.fd, wake_fd, *lifeline, *told):
            os.close(fd)
