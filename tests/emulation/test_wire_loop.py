"""The loop in a thread, over pairs of sockets in place of TUN devices."""

import os
import socket
import time

import numpy as np
import pytest

from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.wire_columns import (
    WORD_ENDED,
    WORD_LOST_PORTS,
    WORD_TURNS,
    WORD_UNKNOWN,
)
from skycommons.emulation.wire_loop_kernel import LONGEST_WAIT_NS, bin_of
from skycommons.emulation.wire_state import CLASS_BYTES
from tests.support.wires import (
    MS,
    TERMINAL_V4,
    TERMINAL_V6,
    Ends,
    echo,
    gso_packet,
    ipv4,
    ipv6,
    rows_of,
    running_loop,
)

pytestmark = pytest.mark.kernel

AT_ONCE = LineRow()
LONG = 100_000


def received(end: socket.socket) -> bytes:
    """The next packet."""
    return end.recv(LONG)


def test_packets_go_up_to_the_pop_and_down_by_their_address() -> None:
    """IPv4 and IPv6, as they were, each terminal's own."""
    with Ends.of(3, pop=(0, 1, 0)) as ends, running_loop(ends, rows_of(*[AT_ONCE] * 6)) as loop:
        for terminal, pop in ((0, 0), (1, 1), (2, 0)):
            up = ipv4(b"up %d" % terminal)
            ends.terminals[terminal].send(up)
            assert received(ends.pops[pop]) == up
            for down in (ipv4(b"down", to=TERMINAL_V4 + terminal), ipv6(b"down", to=TERMINAL_V6 + (terminal << 8) + 7)):
                ends.pops[pop].send(down)
                assert received(ends.terminals[terminal]) == down
        loop.stop()
        counted = loop.memory.read_counters()
        assert counted.delivered_packets.tolist() == [1, 2] * 3
        assert counted.lateness.sum() == 9
        assert loop.memory.words[WORD_ENDED] == 1


def test_packets_of_all_lengths_pass_unchanged() -> None:
    """Each in a slot of its own size, the longest that a read can bring too."""
    with Ends.of(1) as ends, running_loop(ends, rows_of(AT_ONCE, AT_ONCE)):
        for packet in (ipv4(b""), ipv4(bytes(5_000)), ipv4(bytes(20_000)), gso_packet(65_000, size=1_448)):
            ends.terminals[0].send(packet)
            assert received(ends.pops[0]) == packet


def test_packets_for_nobody_are_counted_apart() -> None:
    """Neither delivered nor anybody's loss."""
    with Ends.of(1) as ends, running_loop(ends, rows_of(AT_ONCE, AT_ONCE)) as loop:
        for packet in (ipv4(b"", to=TERMINAL_V4 + 1), ipv6(b"", to=TERMINAL_V6 + 0x100), b"nothing"):
            ends.pops[0].send(packet)
        ends.terminals[0].send(bytes(80))
        loop.wait_for(WORD_UNKNOWN, 4)
        assert not loop.memory.read_counters().sent_packets.any()


def test_a_packet_is_there_after_the_delay_and_not_before() -> None:
    """How much later it is, is the machine's affair."""
    with Ends.of(1) as ends, running_loop(ends, rows_of(LineRow(delay_ns=30.0 * MS), AT_ONCE)):
        for _ in range(3):
            began = time.monotonic_ns()
            ends.terminals[0].send(ipv4(b""))
            received(ends.pops[0])
            assert time.monotonic_ns() - began >= 30 * MS


def test_the_loop_goes_over_to_rows_that_are_published() -> None:
    """It reads what it is told anew at each turn, also where it has nothing else to do."""
    with Ends.of(1) as ends, running_loop(ends, rows_of(LineRow(state=LineState.HOLD), AT_ONCE)) as loop:
        for round_number in range(3):
            ends.terminals[0].send(ipv4(b"%d" % round_number))
            ends.pops[0].settimeout(0.02)
            with pytest.raises(TimeoutError):
                received(ends.pops[0])
            ends.pops[0].settimeout(20.0)
            loop.publish(rows_of(AT_ONCE, AT_ONCE))
            assert received(ends.pops[0]).endswith(b"%d" % round_number)
            loop.publish(rows_of(LineRow(state=LineState.HOLD), AT_ONCE))


def test_a_row_takes_over_at_its_instant() -> None:
    """A gap that was told ahead ends by itself."""
    now = time.monotonic_ns()
    gap = [(0, LineRow(state=LineState.HOLD)), (now + 300 * MS, AT_ONCE)]
    with Ends.of(1) as ends, running_loop(ends, rows_of(gap, AT_ONCE)):
        ends.terminals[0].send(ipv4(b""))
        received(ends.pops[0])
        assert time.monotonic_ns() >= now + 300 * MS


def test_many_packets_at_once_keep_their_order() -> None:
    """More than a port may give at a time, and two ports at once."""
    with Ends.of(2) as ends, running_loop(ends, rows_of(*[LineRow(delay_ns=2.0 * MS)] * 4)) as loop:
        for number in range(120):
            for terminal in ends.terminals:
                terminal.send(ipv4(b"%03d" % number))
        got = [received(ends.pops[0])[-3:] for _ in range(240)]
        assert sorted(got[place] for place in range(240)) == sorted(b"%03d" % number for number in [*range(120)] * 2)
        assert loop.memory.read_counters().host_packets.sum() == 0
        echoed = echo(to=TERMINAL_V4 + 1)
        ends.pops[0].send(echoed)
        assert received(ends.terminals[1]) == echoed


def test_what_the_machine_refuses_is_its_own_loss() -> None:
    """A receiver that takes nothing, and memory that is full."""
    with Ends.of(1) as ends, running_loop(ends, rows_of(AT_ONCE, LineRow(state=LineState.HOLD))) as loop:
        for end in (*ends.near, *ends.pops):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
        for _ in range(40):
            ends.terminals[0].send(ipv4(bytes(4_000)))
        ends_s = time.monotonic() + 20.0
        while loop.memory.read_counters().sent_packets[0] < 40 and time.monotonic() < ends_s:
            time.sleep(0.001)
        loop.stop()
        counted = loop.memory.read_counters()
        assert counted.host_packets[0] > 0
        assert counted.delivered_packets[0] + counted.host_packets[0] == 40


def test_memory_that_is_full_is_the_emulators_loss() -> None:
    """Of the line that the packet was for."""
    rows = rows_of(LineRow(state=LineState.HOLD), AT_ONCE)
    with Ends.of(1) as ends, running_loop(ends, rows, arena_bytes=1 << 17) as loop:
        for _ in range(40):
            ends.terminals[0].send(ipv4(bytes(4_000)))
        ends_s = time.monotonic() + 20.0
        while loop.memory.read_counters().sent_packets[0] < 40 and time.monotonic() < ends_s:
            time.sleep(0.001)
        counted = loop.memory.read_counters()
        assert counted.sent_packets[0] == 40
        assert counted.host_packets[0] == 40 - ((1 << 17) - CLASS_BYTES[-1]) // 8_192  # a read needs a place too
        assert counted.sent_bytes[0] == 40 * 4_020


def test_a_long_packet_without_a_place_is_lost_alone() -> None:
    """The place that reads go to is never given away."""
    rows = rows_of(LineRow(state=LineState.HOLD), AT_ONCE)
    with Ends.of(1) as ends, running_loop(ends, rows, arena_bytes=1 << 17) as loop:
        ends.terminals[0].send(gso_packet(60_000))
        ends.pops[0].send(ipv4(b"small", to=TERMINAL_V4))
        assert received(ends.terminals[0]).endswith(b"small")
        assert loop.memory.read_counters().host_packets.tolist() == [60, 0]


def test_a_port_that_fails_is_forgotten_and_the_others_go_on() -> None:
    """It would be ready for ever."""
    with Ends.of(2) as ends, running_loop(ends, rows_of(*[AT_ONCE] * 4)) as loop:
        ends.terminals[0].close()
        loop.wait_for(WORD_LOST_PORTS, 1)
        ends.terminals[1].send(ipv4(b"on"))
        assert received(ends.pops[0]).endswith(b"on")
        turns = int(loop.memory.words[WORD_TURNS])
        time.sleep(2.5e-9 * LONGEST_WAIT_NS)
        assert 1 <= int(loop.memory.words[WORD_TURNS]) - turns < 40


def test_the_loop_ends_with_its_lifeline() -> None:
    """Whoever held the other end is gone."""
    with Ends.of(1) as ends, running_loop(ends, rows_of(AT_ONCE, AT_ONCE)) as loop:
        os.write(loop.lifeline_fd, b"!")
        loop.thread.join(20.0)
        assert not loop.thread.is_alive()


def test_lateness_is_counted_by_its_binary_logarithm() -> None:
    """Early ones, which do not occur, with the punctual."""
    assert [bin_of(late_ns) for late_ns in (-5, 0, 1, 2, 3, 4, 1_023, 1_024, (1 << 62) + 1)] == [
        *(0, 0, 0, 1, 1, 2, 9, 10, 62),
    ]
    assert max(bin_of(int(late_ns)) for late_ns in np.geomspace(1, 2**62, 100)) < 64
