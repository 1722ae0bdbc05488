"""A program of the user's: its exit code, its time, its keyboard."""

import os
import pty
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from skycommons.base.errors import PlanError
from skycommons.cli.console import Output
from skycommons.cli.live_program import OUT_OF_TIME, is_terminal, run_program
from skycommons.cli.live_table import LiveTable
from tests.support.live_networks import FakeNetwork


def ran(net: FakeNetwork, code: str, *, seconds: float | None = None, output: Output | None = None) -> int:
    """The exit code of a Python program on the first host."""
    said = output or Output()
    words: Any = net
    host: Any = net["north"]
    return run_program(words, host, (sys.executable, "-c", code), seconds=seconds, table=LiveTable(said), output=said)


def test_the_exit_code_is_the_programs_and_its_output_is_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    """What the terminals have goes beside it."""
    assert ran(FakeNetwork(), "print('hello'); raise SystemExit(3)") == 3
    out, err = capfd.readouterr()
    assert out == "hello\n"
    assert "s53-p07-06" in err


def test_under_json_the_programs_output_makes_room(capfd: pytest.CaptureFixture[str]) -> None:
    """Stdout is for the one document."""
    assert ran(FakeNetwork(), "print('hello')", output=Output(json=True)) == 0
    assert capfd.readouterr() == ("", "hello\n")


def test_a_program_that_a_signal_ends_has_the_code_of_shells() -> None:
    """128 and the signal."""
    assert ran(FakeNetwork(), "import os; os.kill(os.getpid(), 15)") == 143


DEAF = """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(60)
"""


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", DEAF])
def test_a_program_whose_time_is_over_is_ended(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Politely, then not."""
    monkeypatch.setattr("skycommons.cli.live_program._POLITE_S", 0.5)
    net = FakeNetwork()
    assert ran(net, code, seconds=15) == OUT_OF_TIME
    assert net.looks >= 15


def test_what_stops_the_network_stops_the_run() -> None:
    """The program is left to those who close the hosts."""
    net = FakeNetwork(stopped_by=PlanError("no plan"))
    with pytest.raises(PlanError, match="no plan"):
        ran(net, "import time; time.sleep(60)")
    net["north"].end()


WAITING = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(9))
time.sleep(60)
"""


def test_an_interrupt_is_the_programs_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no keyboard sends it there by itself, it is passed on; the handler before is back afterwards."""
    monkeypatch.setattr("skycommons.cli.live_program.is_terminal", lambda _stream: False)
    before = signal.getsignal(signal.SIGINT)
    interrupt = threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    assert ran(FakeNetwork(), WAITING) == 9
    interrupt.join()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_interrupt_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the program takes it."""
    monkeypatch.setattr("skycommons.cli.live_program.is_terminal", lambda _stream: True)
    monkeypatch.setattr("os.tcgetpgrp", lambda _stream: -1)
    net = FakeNetwork(on_look=lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        ran(net, "import time; time.sleep(5)", seconds=60)
    net["north"].end()


SHELL = """
import os, signal, sys
sys.path.insert(0, {folder!r})
from tests.cli.test_live_program import ran
from tests.support.live_networks import FakeNetwork
code = "import os; os.setpgid(0, 0); import signal; signal.signal(signal.SIGTTOU, signal.SIG_IGN); os.tcsetpgrp(0, os.getpgrp())"
found = ran(FakeNetwork(), code)
sys.exit(40 + found + (os.tcgetpgrp(0) != os.getpgrp()))
"""


def test_the_terminal_is_ours_again_when_a_shell_ends() -> None:
    """A shell makes itself the foreground's group, which dies with it."""
    folder = str(Path(__file__).resolve().parents[2])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", SHELL.format(folder=folder)])
    seen = b""
    try:
        while part := os.read(terminal, 4096):
            seen += part
    except OSError:
        pass  # the other side is closed
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 40, seen.decode()


def test_the_terminal_is_taken_back_only_if_it_was_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a terminal that is gone meanwhile is no error."""
    taken: list[tuple[int, int]] = []

    def take(stream: int, group: int) -> None:
        taken.append((stream, group))
        raise OSError(5, "gone")

    monkeypatch.setattr("skycommons.cli.live_program.is_terminal", lambda _stream: True)
    monkeypatch.setattr("os.tcsetpgrp", take)
    monkeypatch.setattr("os.tcgetpgrp", lambda _stream: -1)
    assert ran(FakeNetwork(), "pass") == 0
    assert taken == []
    monkeypatch.setattr("os.tcgetpgrp", lambda _stream: os.getpgrp())
    assert ran(FakeNetwork(), "pass") == 0
    assert taken == [(0, os.getpgrp())]


def test_a_stream_that_is_closed_is_no_terminal() -> None:
    """Daemons have none."""
    reader, writer = os.pipe()
    assert not is_terminal(reader)
    os.close(reader)
    os.close(writer)
    assert not is_terminal(reader)
