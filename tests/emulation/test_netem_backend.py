"""The thread that tells the kernel, with a kernel played by the test."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.emulation import netem_backend
from skycommons.emulation.line_backend import LineBackend
from skycommons.emulation.line_rows import LineRow, LineRows, LineState
from skycommons.emulation.netem_backend import ICMP_NOTE, NOTE, NetemBackend
from skycommons.emulation.netem_commands import NetemTree
from skycommons.emulation.netem_lines import NetemLine
from skycommons.emulation.netem_support import NetemSupport
from tests.support.wires import MS, rows_of, settings

PATIENCE_S = 20.0
UP = LineRow(delay_ns=20.0 * MS)
DROP = LineRow(state=LineState.DROP)


@dataclass(kw_only=True, eq=False)
class PlayedSender:
    """A host whose kernel does nothing but take note."""

    told: list[str] = field(default_factory=list)
    counted: dict[str, dict[str, int]] = field(default_factory=dict)
    dropped: int = 3
    complaint: str = ""
    stopped: int = 0
    crash: type[Exception] | None = None

    def tell(self, lines: Sequence[str]) -> None:
        """Take note."""
        if self.crash is not None:
            raise self.crash("crash")
        self.told += lines

    def ask(self) -> str:
        """What the test says was counted, of every device that was built."""
        if self.complaint:
            raise HostError(self.complaint)
        found: list[dict[str, Any]] = []
        for device in dict.fromkeys(re.findall(r"replace dev (\S+)", " ".join(self.told))):
            numbers = {"bytes": 0, "packets": 0, "drops": 0, "qlen": 0, "backlog": 0}
            own = self.counted.get(device, {})
            root = {**numbers, **{name: own[name] for name in own if name in numbers}}
            leaf = {**numbers, "drops": own.get("queue", 0), "backlog": own.get("waiting", 0)}
            found.append({"dev": device, "kind": "netem", "handle": "1:", "root": True, **root})
            found.append({"dev": device, "kind": "bfifo", "handle": "5:", **leaf})
        return json.dumps(found)

    def devices_text(self) -> str:
        """The drops of one interface."""
        return f"\n\nsky0: 0 0 0 0 0 0 0 0 0 0 0 {self.dropped}"

    def stop(self) -> None:
        """Count it."""
        self.stopped += 1

    def delays(self, device: str) -> list[str]:
        """Delays that a device was told, in order."""
        return re.findall(rf"dev {device} root handle 1: netem .*?delay (\S+us loss \S+%)", "\n".join(self.told))


@dataclass(kw_only=True)
class Played:
    """A backend of one terminal over two hosts that are played."""

    rows: LineRows = field(default_factory=lambda: rows_of(UP, UP))
    terminal: PlayedSender = field(default_factory=PlayedSender)
    pop: PlayedSender = field(default_factory=PlayedSender)
    notes: tuple[str, ...] = ()
    backend: NetemBackend = field(init=False)

    def __post_init__(self) -> None:
        lines = [NetemLine(sender=one, tree=NetemTree(device="sky0")) for one in (self.terminal, self.pop)]
        self.backend = NetemBackend(lines, settings(), self.rows, notes=self.notes)


@pytest.fixture
def played() -> Iterator[Played]:
    """One whose lines have a delay of 20 ms."""
    made = Played()
    yield made
    made.backend.stop()


def await_it(happened: Callable[[], bool]) -> None:
    """Wait for what a thread does."""
    until_s = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < until_s, "it never happened"
        time.sleep(0.005)


def test_queues_are_built_before_it_begins(played: Played) -> None:
    """And nothing is told as long as nothing changes."""
    backend: LineBackend = played.backend
    assert len(played.terminal.told) == len(played.pop.told) == 7
    assert played.terminal.delays("sky0") == ["20000.000us loss 0%"]
    backend.publish(rows_of(UP, UP))
    time.sleep(0.05)
    assert len(played.terminal.told) == 7
    assert played.backend.notes == (NOTE,)
    assert played.backend.health().changes == 0


def test_rows_are_told_at_their_instants(played: Played) -> None:
    """In order, those of now at once; what is published anew replaces what was to come."""
    now_ns = time.monotonic_ns()
    played.backend.publish(
        rows_of(
            [(0, LineRow(delay_ns=1.0 * MS)), (now_ns + 1_500 * MS, LineRow(delay_ns=2.0 * MS)), (now_ns + 10**12, UP)],
            [(0, UP), (now_ns + 10**11, DROP)],
        )
    )
    await_it(lambda: len(played.terminal.delays("sky0")) == 2)
    assert time.monotonic_ns() < now_ns + 1_500 * MS
    await_it(lambda: len(played.terminal.delays("sky0")) == 3)
    assert time.monotonic_ns() >= now_ns + 1_500 * MS
    assert played.terminal.delays("sky0")[1:] == ["1000.000us loss 0%", "2000.000us loss 0%"]
    assert len(played.pop.told) == 7
    assert played.backend.health().changes == 2
    assert played.backend.health().latest_s < PATIENCE_S
    played.backend.publish(rows_of(UP, DROP))
    await_it(lambda: played.pop.delays("sky0")[-1] == "20000.000us loss 100%")


def test_a_change_that_is_told_late_is_a_fault(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    """From some milliseconds on; without any change nothing was late."""
    monkeypatch.setattr(netem_backend, "LATE_S", 0.0)
    assert played.backend.faults() == ()
    played.backend.publish(rows_of(LineRow(delay_ns=1.0 * MS), UP))
    await_it(lambda: played.backend.health().changes == 1)
    assert "after its instant" in played.backend.faults()[0]
    monkeypatch.setattr(netem_backend, "LATE_S", PATIENCE_S)
    assert played.backend.faults() == ()


def test_what_is_lost_is_put_down_to_what_the_line_did(played: Played) -> None:
    """At random, in the queue, or because it was dark; the kernel's own counters tell only two of them apart."""
    played.terminal.counted["sky0"] = {"bytes": 1_140, "packets": 10, "drops": 5, "queue": 2, "qlen": 1, "waiting": 100}
    played.terminal.dropped += 7
    found = played.backend.counters()
    assert (found.delivered_packets[0], found.delivered_bytes[0]) == (10, 1_000)
    assert (found.lost_packets[0], found.queue_packets[0], found.gap_packets[0]) == (3, 2, 0)
    assert (found.sent_packets[0], found.sent_bytes[0], found.host_packets[0]) == (16, 1_100, 7)
    played.terminal.counted["sky0"]["drops"] = 6
    played.backend.publish(rows_of(DROP, UP))  # one more was lost before
    await_it(lambda: played.backend.health().changes == 1)
    await_it(lambda: played.backend.counters().lost_packets[0] == 4)
    played.terminal.counted["sky0"] |= {"drops": 26, "qlen": 0}
    played.backend.publish(rows_of(UP, UP))
    await_it(lambda: played.backend.health().changes == 2)
    played.terminal.counted["sky0"]["drops"] = 27
    found = played.backend.counters()
    assert found.gap_packets.tolist() == [20, 0]
    assert found.lost_packets.tolist() == [5, 0]
    assert found.sent_packets.tolist() == [37, 0]
    assert found.lateness.sum() == 0


def test_what_was_sent_never_falls(played: Played) -> None:
    """Kernels differ in whether a packet that waits counts at the root."""
    played.terminal.counted["sky0"] = {"packets": 5, "bytes": 500, "qlen": 3}
    assert played.backend.counters().sent_packets[0] == 8
    played.terminal.counted["sky0"]["qlen"] = 0
    assert played.backend.counters().sent_packets[0] == 8


def test_a_complaint_ends_it(played: Played) -> None:
    """Whoever asks next is told, and nothing is published any more."""
    played.pop.complaint = "tc on p complains"
    played.backend.publish(rows_of(UP, DROP))
    await_it(lambda: played.backend._failure is not None)
    for ask in (played.backend.counters, lambda: played.backend.publish(rows_of(UP, UP))):
        with pytest.raises(HostError, match="tc on p complains"):
            ask()


@pytest.mark.parametrize("crash", [ValueError, HostError])
def test_a_fault_of_ours_is_told_as_well(played: Played, crash: type[Exception]) -> None:
    """Not lost with the thread."""
    played.terminal.crash = crash
    played.backend.publish(rows_of(DROP, UP))
    await_it(lambda: played.backend._failure is not None)
    with pytest.raises(HostError, match="crash"):
        played.backend.counters()


def test_queues_that_somebody_removed_are_missed(played: Played) -> None:
    """They cannot be counted."""
    played.terminal.told.clear()
    with pytest.raises(HostError, match="queues of sky0 are gone"):
        played.backend.counters()


def test_after_its_end_counts_are_still_there(played: Played) -> None:
    """And nothing else; ending it twice is no fault."""
    played.terminal.counted["sky0"] = {"packets": 5, "bytes": 500}
    played.backend.counters()
    played.backend.stop()
    played.backend.stop()
    assert played.terminal.stopped == played.pop.stopped == 1
    assert played.backend.counters().delivered_packets[0] == 5
    with pytest.raises(HostError, match="has ended"):
        played.backend.publish(rows_of(UP, UP))


def test_rows_of_other_lines_are_refused(played: Played) -> None:
    """Before they replace anything."""
    with pytest.raises(InputError, match="4 lines"):
        played.backend.publish(rows_of(UP, UP, UP, UP))


def test_a_machine_that_slept_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was due meanwhile is not told bit by bit: only what holds now."""
    clock = [0]
    sender = PlayedSender()
    steps = [(at * MS, LineRow(delay_ns=float(at * MS))) for at in range(0, 100_000, 100)]
    lines = [NetemLine(sender=sender, tree=NetemTree(device=f"sky{row}")) for row in range(2)]
    monkeypatch.setattr(netem_backend, "_IDLE_S", 0.01)
    backend = NetemBackend(lines, settings(), rows_of(steps, UP), now_mono_ns=lambda: clock[0])
    try:
        clock[0] = 90_050 * MS
        await_it(lambda: sender.delays("sky0")[-1] == "90000000.000us loss 0%")
        assert len(sender.delays("sky0")) < 20
    finally:
        backend.stop()


def test_too_many_lines_are_noted() -> None:
    """With what is drawn instead, and what else is to be said."""
    lines = [NetemLine(sender=PlayedSender(), tree=NetemTree(device=f"sky{row}")) for row in range(200)]
    rows = rows_of(*[LineRow(wait_ns=1.0 * MS), UP] * 100)
    backend = NetemBackend(lines, settings(), rows, notes=("other",))
    backend.stop()
    assert backend.notes == (
        NOTE,
        "other",
        "waits are drawn every 60 ms in place of 20 ms: there are too many lines",
    )


def test_what_is_started_is_ended_when_the_kernel_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The senders of all lines."""
    sender = PlayedSender(complaint="no netem")
    asked: list[Any] = []

    def lines_of(*arguments: Any, **options: Any) -> list[NetemLine]:
        asked.append((arguments[2], options))
        return [NetemLine(sender=sender, tree=NetemTree(device=f"sky{row}")) for row in range(2)]

    monkeypatch.setattr(netem_backend, "lines_of", lines_of)
    there = NetemSupport(netem=True, tbf=True, icmp=False, codel=False)
    hosts: Any = None
    with pytest.raises(HostError, match="no netem"):
        NetemBackend.start(hosts, settings(), rows_of(UP, UP), support=there)
    assert sender.stopped == 2
    assert asked == [((65_536,), {"separate_icmp": False})]
    sender.complaint = ""
    backend = NetemBackend.start(hosts, settings(), rows_of(UP, UP), support=there)
    backend.stop()
    assert backend.notes == (NOTE, ICMP_NOTE)
    backend = NetemBackend.start(hosts, settings(separate_icmp=False), rows_of(UP, UP), support=there)
    backend.stop()
    assert backend.notes == (NOTE,)
