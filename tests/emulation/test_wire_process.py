"""The process that carries packets, up to its loop."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from skycommons.emulation import wire_process
from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.wire_columns import WORD_HAS_FINE_TIMER, WORD_IS_REAL_TIME
from skycommons.emulation.wire_memory import WireMemory
from tests.support.wires import memory_of, open_descriptors, rows_of

READ_TIMER_SLACK = 30  # of prctl


@pytest.fixture
def memory() -> Iterator[WireMemory]:
    """Memory of a wire for one terminal."""
    made = memory_of(rows_of(LineRow(), LineRow()))
    yield made
    os.close(made.fd)


@pytest.fixture(autouse=True)
def _keeps_signals() -> Iterator[None]:
    """What the process does to its signals stays in its test."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("mortal", [False, True])
def test_it_compiles_before_it_carries(memory: WireMemory, monkeypatch: pytest.MonkeyPatch, mortal: bool) -> None:
    """And asks for priority in between; only if it is told to, it ends with the thread that started it."""
    done: list[object] = []
    monkeypatch.setattr(wire_process, "end_with_parent", lambda: done.append("end with parent"))
    monkeypatch.setattr(wire_process, "warm_up", lambda: done.append("warm up"))
    monkeypatch.setattr(wire_process, "be_on_time", lambda _: done.append("be on time"))

    def carry(given: WireMemory, **descriptors: int) -> None:
        done.append((given.sizes, descriptors))

    monkeypatch.setattr(wire_process, "carry", carry)
    wire_process.main([str(memory.fd), "9", str(int(mortal))])
    carried = (memory.sizes, {"wake_fd": 9, "lifeline_fd": 0, "told_fd": 1})
    assert done == [*(["end with parent"] if mortal else []), "warm up", "be on time", carried]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.kernel
def test_warming_up_runs_the_loop_once_and_leaves_nothing() -> None:
    """No descriptor stays open."""
    wire_process.warm_up()
    before = open_descriptors()
    wire_process.warm_up()
    assert open_descriptors() == before


@pytest.mark.parametrize("is_granted", [False, True])
def test_it_says_what_it_was_granted(memory: WireMemory, monkeypatch: pytest.MonkeyPatch, is_granted: bool) -> None:
    """Priority and timers, each asked for once."""
    asked = []

    def schedule(pid: int, policy: int, given: os.sched_param) -> None:
        asked.append((pid, policy, given.sched_priority))
        if not is_granted:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", schedule)
    monkeypatch.setattr(wire_process, "_prctl", lambda *_: 0 if is_granted else -1)
    wire_process.be_on_time(memory)
    assert asked == [(0, os.SCHED_FIFO, wire_process.PRIORITY)]
    assert memory.words[[WORD_IS_REAL_TIME, WORD_HAS_FINE_TIMER]].tolist() == [int(is_granted)] * 2


def test_attributes_of_the_process_are_set_by_the_systems_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked here for one that harms nobody."""
    assert wire_process._prctl(READ_TIMER_SLACK, 0) > 0
    asked = []
    monkeypatch.setattr(wire_process, "_prctl", lambda *given: asked.append(given))
    wire_process.end_with_parent()
    assert asked == [(1, signal.SIGKILL)]


def test_what_cannot_be_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a traceback: who started it refers to it."""
    rows = rows_of(LineRow(), LineRow())
    made = memory_of(rows, arena_bytes=1 << 47)
    for name in "warm_up", "end_with_parent":
        monkeypatch.setattr(wire_process, name, lambda: None)
    monkeypatch.setattr(wire_process, "be_on_time", lambda _: None)
    with pytest.raises(SystemExit, match="bytes of address space"):
        wire_process.main([str(made.fd), "0", "0"])
    os.close(made.fd)
    with Path(os.devnull).open("rb") as nothing, pytest.raises(SystemExit, match="no memory of a wire"):
        wire_process.main([str(nothing.fileno()), "0", "0"])
