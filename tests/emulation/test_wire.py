"""The wire as who plans has it: a process of its own, over pairs of sockets in place of TUN devices."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.emulation import wire as wire_module
from skycommons.emulation.line_backend import LineBackend
from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.wire import Wire
from skycommons.emulation.wire_columns import WORD_IN_USE
from tests.support.wires import MS, Ends, ipv4, open_descriptors, rows_of, settings

FEW = 1 << 24
HOLD = LineRow(state=LineState.HOLD)
WIRE_IS_STARTED = """
import socket, sys
from tests.support.wires import Ends, rows_of, settings
from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.wire import Wire

with Ends.of(1) as ends:
    wire = Wire.start(ends.ports, settings(), rows_of(LineRow(), LineRow()), arena_bytes=1 << 24)
    sys.stdout.write(f"{wire.process.pid}\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The far ends of a wire for one terminal."""
    with Ends.of(1) as made:
        yield made


def test_packets_pass_and_are_counted(ends: Ends) -> None:
    """By a process of its own, which tells how it fares; its counts outlive it."""
    with Wire.start(ends.ports, settings(), rows_of(LineRow(delay_ns=1.0 * MS), LineRow()), arena_bytes=FEW) as wire:
        backend: LineBackend = wire
        for number in range(5):
            ends.terminals[0].send(ipv4(b"%d" % number))
            assert ends.pops[0].recv(2_000).endswith(b"%d" % number)
        assert wire.process.pid != os.getpid()
        health = wire.health()
        assert health.turns > 0
        assert health.held_bytes > 0
        assert health.beat_mono_ns > 0
        assert health.unknown_packets == health.lost_ports == 0
        assert isinstance(health.is_real_time, bool)
        assert isinstance(health.has_fine_timer, bool)
    wire.stop()
    assert wire.process.returncode == 0
    counted = backend.counters()
    assert counted.sent_packets.tolist() == counted.delivered_packets.tolist() == [5, 0]
    with pytest.raises(HostError, match="has ended"):
        wire.publish(rows_of(LineRow(), LineRow()))


def test_rows_are_replaced_while_it_runs(ends: Ends) -> None:
    """As often as one likes; rows that do not fit are refused and change nothing."""
    with Wire.start(ends.ports, settings(), rows_of(HOLD, HOLD), rows_per_line=4, arena_bytes=FEW) as wire:
        ends.terminals[0].send(ipv4(b"held"))
        for _ in range(20):
            wire.publish(rows_of(HOLD, HOLD))
        with pytest.raises(InputError, match="too many"):
            wire.publish(rows_of([(at, LineRow()) for at in range(8)], HOLD))
        with pytest.raises(InputError, match="of 4 lines"):
            wire.publish(rows_of(*[LineRow()] * 4))
        assert wire.counters().delivered_packets.tolist() == [0, 0]
        wire.publish(rows_of(LineRow(), LineRow()))
        assert ends.pops[0].recv(2_000).endswith(b"held")


def test_a_wire_begins_anew(ends: Ends) -> None:
    """It counts from there on, takes off what it is told, and goes on taking it off."""
    slow = rows_of(LineRow(delay_ns=3_000.0 * MS), LineRow())
    with Wire.start(ends.ports, settings(), rows_of(LineRow(), LineRow()), arena_bytes=FEW) as wire:
        ends.terminals[0].send(ipv4(b"before"))
        assert ends.pops[0].recv(2_000).endswith(b"before")
        for is_first in (True, False):
            if is_first:
                wire.excess_ns = 2_900 * MS
                wire.begin_anew(slow)
            else:
                wire.publish(slow)
            began_s = time.monotonic()
            ends.terminals[0].send(ipv4(b"after"))
            assert ends.pops[0].recv(2_000).endswith(b"after")
            assert 0.1 <= time.monotonic() - began_s < 2.0
        counted = wire.counters()
        assert counted.sent_packets.tolist() == counted.delivered_packets.tolist() == [2, 0]
        assert counted.lateness.sum() == 2
        with pytest.raises(InputError, match="of 4 lines"):
            wire.begin_anew(rows_of(*[LineRow()] * 4))


def test_a_port_that_fails_is_a_fault(ends: Ends) -> None:
    """Of which the wire tells, also when it was stopped; the other ports go on."""
    with Wire.start(ends.ports, settings(), rows_of(LineRow(), LineRow()), arena_bytes=FEW) as wire:
        assert wire.faults() == ()
        ends.terminals[0].close()
        until_s = time.monotonic() + 20.0
        while not wire.faults() and time.monotonic() < until_s:
            time.sleep(0.01)
        assert wire.faults()[0].startswith("1 of the wire's ports failed")
        assert wire.process.poll() is None
    assert len(wire.faults()) == 1


def test_a_wire_that_is_gone_says_so(ends: Ends) -> None:
    """At the next time that it is told or asked something."""
    with Wire.start(ends.ports, settings(), rows_of(HOLD, HOLD), arena_bytes=FEW) as wire:
        wire.process.kill()
        wire.process.wait()
        with pytest.raises(HostError, match="has ended"):
            wire.publish(rows_of(HOLD, HOLD))
        with pytest.raises(HostError, match="has ended with -9"):
            wire.counters()
    assert wire.counters().sent_packets.tolist() == [0, 0]


def test_a_wire_that_does_not_listen_is_not_waited_for(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when it is told something, nor when it should end."""
    monkeypatch.setattr(wire_module, "_TAKE_OVER_WITHIN_S", 0.05)
    monkeypatch.setattr(wire_module, "_END_WITHIN_S", 0.05)
    wire = Wire.start(ends.ports, settings(), rows_of(HOLD, HOLD), arena_bytes=FEW)
    wire.process.send_signal(signal.SIGSTOP)
    wire.memory.words[WORD_IN_USE] = 5
    with pytest.raises(HostError, match="did not take over"):
        wire.publish(rows_of(HOLD, HOLD))
    wire.stop()
    assert wire.process.returncode == -signal.SIGKILL


def test_first_rows_that_do_not_fit_start_nothing(ends: Ends) -> None:
    """Nothing stays open."""
    before = open_descriptors()
    with pytest.raises(InputError, match="of 4 lines"):
        Wire.start(ends.ports, settings(), rows_of(*[HOLD] * 4))
    assert open_descriptors() == before


def test_a_process_that_is_not_ready_in_time_is_ended(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user hears in between that it takes long."""
    notes: list[str] = []
    monkeypatch.setattr(wire_module, "_PATIENCE_S", 0.0)
    with pytest.raises(HostError, match=r"not ready within 0\.01 s"):
        Wire.start(ends.ports, settings(), rows_of(HOLD, HOLD), note=notes.append, within_s=0.01)
    assert len(notes) == 1
    assert "once" in notes[0]


def test_a_process_that_ends_before_it_is_ready_is_an_error(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here one that is another program."""
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(HostError, match="ended before it was ready"):
        Wire.start(ends.ports, settings(), rows_of(HOLD, HOLD))


def test_an_interpreter_that_is_not_there_is_an_error(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's reason."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    before = open_descriptors()
    with pytest.raises(HostError, match="No such file"):
        Wire.start(ends.ports, settings(), rows_of(HOLD, HOLD))
    assert open_descriptors() == before


def test_a_wire_outlives_the_thread_that_started_it(ends: Ends) -> None:
    """It hangs on the process."""
    started: list[Wire] = []

    def start() -> None:
        started.append(Wire.start(ends.ports, settings(), rows_of(LineRow(), LineRow()), arena_bytes=FEW))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    with started[0] as wire:
        time.sleep(0.1)
        ends.terminals[0].send(ipv4(b"still there"))
        assert ends.pops[0].recv(2_000).endswith(b"still there")
        assert wire.process.poll() is None


def test_a_wire_ends_with_who_started_it(repository: Path) -> None:
    """Even if that is killed."""
    starter = subprocess.Popen(
        [sys.executable, "-c", WIRE_IS_STARTED], cwd=repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert starter.stdin is not None
    assert starter.stdout is not None
    with starter.stdin, starter.stdout:
        wire_pid = int(starter.stdout.readline())
        starter.kill()
        starter.wait()
    ends_s = time.monotonic() + 20.0
    while is_running(wire_pid) and time.monotonic() < ends_s:
        time.sleep(0.01)
    assert not is_running(wire_pid)


def is_running(pid: int) -> bool:
    """Whether a process is there and not dead already."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
