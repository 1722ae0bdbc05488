"""A live network that is killed leaves nothing, and the next one starts as if nothing had been."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from skycommons.emulation.ownership import MARK_VARIABLE, mark_folder, marked, remove_leftovers

pytestmark = pytest.mark.usefixtures("needs_namespaces")

STORY = """
import signal, subprocess, time
from skycommons.emulation.hosts import Hosts
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background has it ignored
from skycommons.emulation.layout import TerminalPlace, layout_of
with Hosts.build(layout_of([TerminalPlace(f"t{row}", f"p{row % 2}") for row in range(4)])) as hosts:
    hosts["t0"].popen(["sleep", "300"])
    hosts["t1"].popen(["sh", "-c", "setsid sh -c 'sleep 301 & sleep 302' & wait"])
    hosts["internet"].popen(["ping", "-q", "-i", "0.2", "203.0.113.129"], stdout=subprocess.DEVNULL)
    print(hosts.id, flush=True)
    time.sleep(300.0)
"""


@contextmanager
def running() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A live network in a process of its own, and its mark."""
    process = subprocess.Popen([sys.executable, "-c", STORY], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def machine() -> tuple[str, ...]:
    """The machine's own network."""
    commands = (["ip", "link"], ["ip", "route"], ["ip", "netns"], ["nft", "--stateless", "list", "ruleset"])
    shown = [subprocess.run(command, capture_output=True, text=True, check=False).stdout for command in commands]
    return (*shown, Path("/proc/self/mountinfo").read_text())


def namespaces_of(pids: list[int]) -> set[str]:
    """The network namespaces of processes."""
    return {str(Path(f"/proc/{pid}/ns/net").readlink()) for pid in pids}


def namespaces_in_use() -> set[str]:
    """All network namespaces that some process is in or holds open."""
    held = set()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                held.add(str((entry / "ns/net").readlink()))
                held |= {str(file.readlink()) for file in (entry / "fd").iterdir()}
        except OSError:
            continue
    return held


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes true within seconds."""
    until = monotonic() + 20.0
    while not holds():
        if monotonic() > until:
            return False
        sleep(0.05)
    return True


def test_after_kill_9_nothing_is_left_and_the_next_run_works() -> None:
    """Programs die with their owner at once, detached ones too; the next start removes the mark."""
    before = machine()
    with running() as (process, mark):
        assert soon(lambda: len(list(marked(mark))) >= 7)
        started = list(marked(mark))
        networks = namespaces_of(started) - {str(Path("/proc/self/ns/net").readlink())}
        assert len(networks) == 4  # of three hosts, and of the first process, which nobody can follow out
        assert machine() == before
        process.send_signal(signal.SIGKILL)
        process.wait(10.0)
        assert soon(lambda: not list(marked(mark)))
        assert soon(lambda: not networks & namespaces_in_use())
        assert machine() == before
    file = mark_folder() / f"{mark}.json"
    with running() as (_, other):
        assert other not in {"", mark}
        assert not file.exists()
        assert (mark_folder() / f"{other}.json").exists()


def test_what_escaped_is_killed_by_the_next_start() -> None:
    """A process outside that carries the mark of a run that was killed; one of a run that lives stays."""
    with running() as (dead, mark), running() as (_, living):
        escaped = [
            subprocess.Popen(["sleep", "303"], env={**os.environ, MARK_VARIABLE: name}) for name in (mark, living)
        ]
        try:
            dead.send_signal(signal.SIGKILL)
            dead.wait(10.0)
            remove_leftovers()
            assert escaped[0].wait(10.0) == -signal.SIGKILL
            assert escaped[1].poll() is None
            assert json.loads((mark_folder() / f"{living}.json").read_text())["pid"] > 0
        finally:
            for each in escaped:
                each.kill()
                each.wait()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)])
def test_a_run_that_is_told_to_end_cleans_up_itself(number: signal.Signals, code: int) -> None:
    """Its mark is gone before it is."""
    with running() as (process, mark):
        process.send_signal(number)
        assert process.wait(30.0) == code
        assert not (mark_folder() / f"{mark}.json").exists()
        assert list(marked(mark)) == []
