"""The process that carries packets: ``python -m skycommons.emulation.wire_process MEMORY WAKE-UP MORTAL``.

Rules: it is started by `Wire` and by nobody else. Its standard input is its lifeline: when that closes, it ends. On its standard
output it says when it is ready, after all is compiled. It asks for real-time priority and exact timers, and tells what it got.
"""

import ctypes
import os
import select
import signal
import sys
from collections.abc import Sequence
from typing import Final

import numpy as np

from skycommons.base.errors import SkycommonsError
from skycommons.emulation.wire_columns import WORD_HAS_FINE_TIMER, WORD_IS_REAL_TIME, WORD_STOP
from skycommons.emulation.wire_loop_kernel import run_wire
from skycommons.emulation.wire_memory import WireMemory, WireSizes
from skycommons.emulation.wire_state import places_of, state_of

READY: Final = b"ready\n"
PRIORITY: Final = 10  # above all that is not real-time, below the kernel's own threads
_SET_DEATH_SIGNAL, _SET_TIMER_SLACK = 1, 29  # of prctl
_LITTLE_BYTES: Final = 1 << 18
_STANDARD_INPUT, _STANDARD_OUTPUT = 0, 1


def main(arguments: Sequence[str]) -> None:
    """Carry packets until told to stop.

    Args:
        arguments: Descriptors of the shared memory and of what wakes the loop up, and 1 if the process dies with who started it.
    Raises:
        SystemExit: It cannot; the message stands on standard error, where that of who started it stands, too.
    """
    memory_fd, wake_fd, mortal = (int(argument) for argument in arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it decides
    if mortal:
        end_with_parent()
    try:
        memory = WireMemory.attach(memory_fd)
        warm_up()
        be_on_time(memory)
        carry(memory, wake_fd=wake_fd, lifeline_fd=_STANDARD_INPUT, told_fd=_STANDARD_OUTPUT)
    except SkycommonsError as error:
        raise SystemExit(f"skycommons: {error}") from None


def carry(memory: WireMemory, *, wake_fd: int, lifeline_fd: int, told_fd: int) -> None:
    """Run the loop over a shared memory; says when it is ready."""
    with (
        select.epoll() as epoll,
        np.errstate(over="ignore"),
    ):  # draws overflow on purpose, which NumPy's numbers would report
        state = state_of(memory)
        places = places_of(memory, epoll, wake_fd=wake_fd, lifeline_fd=lifeline_fd)
        os.write(told_fd, READY)
        run_wire(state, places)


def warm_up() -> None:
    """Compile the loop, or load what was compiled before: one turn over ports that carry nothing."""
    memory = WireMemory.create(WireSizes(terminals=1, pops=1, rows=2, quantiles=2))
    memory.first[:] = [0, 1, 2]
    memory.settings[0] = _LITTLE_BYTES
    memory.words[WORD_STOP] = 1
    ends = [os.pipe() for _ in range(4)]
    memory.ports[0, 0], memory.pop_fd[0] = ends[0][0], ends[1][0]
    carry(memory, wake_fd=ends[2][0], lifeline_fd=ends[3][0], told_fd=ends[3][1])
    for fd in (*(end for pair in ends for end in pair), memory.fd):
        os.close(fd)


def be_on_time(memory: WireMemory) -> None:
    """Ask for real-time priority and for timers that are not put together, and note what was granted."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
        memory.words[WORD_IS_REAL_TIME] = 1
    except OSError:
        memory.words[WORD_IS_REAL_TIME] = 0
    memory.words[WORD_HAS_FINE_TIMER] = int(_prctl(_SET_TIMER_SLACK, 1) == 0)


def end_with_parent() -> None:
    """Be killed when the thread that started this process ends."""
    _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)


def _prctl(option: int, value: int) -> int:
    """Set an attribute of this process."""
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0))


if __name__ == "__main__":
    main(sys.argv[1:])
