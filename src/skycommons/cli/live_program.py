"""One program of the user's on a host of a live network: its keyboard, its end, its exit code.

Rules: the program has the terminal as if the shell had started it. The first Ctrl-C is the program's; a second one ends the run.
When it ends, the terminal is ours again.
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from subprocess import Popen, TimeoutExpired
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from skycommons.cli.console import Output
from skycommons.cli.live_table import LiveTable

if TYPE_CHECKING:
    from skycommons.emulation.hosts import Host
    from skycommons.emulation.live_network import LiveNetwork

OUT_OF_TIME: Final = 124
"""Exit code of a program whose time was over, as timeout(1) says it."""
_KILLED: Final = 128  # and the signal's number, as shells say it
_LOOK_S: Final = 0.1  # between two looks at a program
_POLITE_S: Final = 2.0  # for a program to end when it is asked to


def run_program(
    net: "LiveNetwork", host: "Host", argv: Sequence[str], *, seconds: float | None, table: LiveTable, output: Output
) -> int:
    """Run a program to its end, or until its time is over, and tell what the terminals have meanwhile.

    Args:
        net: The network.
        host: Where.
        argv: The program and its arguments.
        seconds: Emulated; None for no limit.
        table: What is told meanwhile.
        output: Under ``--json`` the program writes to stderr.
    Returns:
        Its exit code, as shells say it.
    Raises:
        SkycommonsError: It cannot be started, or the network stopped.
        KeyboardInterrupt: The user interrupted twice.
    """
    with _own_terminal(), _interrupts() as pass_on:
        program = host.popen(argv, stdout=sys.stderr if output.json else None)
        pass_on.append(program)
        while program.poll() is None:
            net.wait(0.0)  # raises what stopped the network
            table.show(net.states())
            if seconds is not None and net.elapsed_s() >= seconds:
                _end(program)
                return OUT_OF_TIME
            with suppress(TimeoutExpired):
                program.wait(timeout=_LOOK_S)
        return exit_code_of(program.returncode)


def exit_code_of(returncode: int) -> int:
    """What a shell calls the end of a program.

    >>> exit_code_of(3), exit_code_of(-15)
    (3, 143)
    """
    return returncode if returncode >= 0 else _KILLED - returncode


def _end(program: "Popen[Any]") -> None:
    """Ask it to end, as the keyboard would, so that it says what it found; then tell it, then make it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        program.send_signal(number)
        with suppress(TimeoutExpired):
            program.wait(timeout=_POLITE_S)
            return
    program.wait()


@contextmanager
def _interrupts() -> Iterator[list["Popen[Any]"]]:
    """SIGINT while a program runs: it goes to the program once, unless the keyboard sends it there anyway; then it ends us."""
    programs: list[Popen[Any]] = []
    seen: list[int] = []

    def heard(number: int, _frame: FrameType | None) -> None:
        seen.append(number)
        if len(seen) > 1:
            raise KeyboardInterrupt
        if not is_terminal(0):
            for program in programs:
                program.send_signal(number)

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield programs
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _own_terminal() -> Iterator[None]:
    """A shell takes the terminal for itself; afterwards it is ours again."""
    ours = is_terminal(0) and os.tcgetpgrp(0) == os.getpgrp()
    try:
        yield
    finally:
        if ours:
            before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            with suppress(OSError):
                os.tcsetpgrp(0, os.getpgrp())
            signal.signal(signal.SIGTTOU, before)


def is_terminal(stream: int) -> bool:
    """Whether a stream of ours is a terminal; one that is closed is none."""
    return os.isatty(stream)
