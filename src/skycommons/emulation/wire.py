"""The user-space wire: a process of its own that carries the packets of all lines, told ahead what they do.

Rules: nothing that happens in Python delays a packet. Rows are written to shared memory and hold from the loop's next turn on. The
process ends when it is stopped, when this process ends, however it does, and when its memory is closed.
"""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self

from skycommons.base.errors import HostError
from skycommons.emulation.line_backend import LineCounters
from skycommons.emulation.line_rows import LineRows, LineSettings
from skycommons.emulation.wire_columns import (
    WORD_ACTIVE,
    WORD_ANEW,
    WORD_BEAT_NS,
    WORD_HAS_FINE_TIMER,
    WORD_HELD_BYTES,
    WORD_IN_USE,
    WORD_IS_REAL_TIME,
    WORD_LOST_PORTS,
    WORD_STOP,
    WORD_TURNS,
    WORD_UNKNOWN,
)
from skycommons.emulation.wire_memory import WireMemory, WireSizes
from skycommons.emulation.wire_ports import WirePorts
from skycommons.emulation.wire_process import READY

ROWS_PER_LINE: Final = 512
ARENA_BYTES: Final = 1 << 30
START_WITHIN_S: Final = 300.0
_PATIENCE_S: Final = 3.0
_TAKE_OVER_WITHIN_S: Final = 2.0
_END_WITHIN_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.0002


@dataclass(frozen=True, slots=True, kw_only=True)
class WireHealth:
    """How the process fares.

    Attributes:
        is_real_time: Whether it has real-time priority; without it, a busy machine makes packets late.
        has_fine_timer: Whether its timers are exact.
        turns: How often the loop has looked for work.
        unknown_packets: Dropped because no terminal has their address, or because they are no IP.
        lost_ports: Ports that failed and are no longer waited for.
        held_bytes: Memory that packets take now.
        beat_mono_ns: When the loop last looked; it does at least five times a second.
    """

    is_real_time: bool
    has_fine_timer: bool
    turns: int
    unknown_packets: int
    lost_ports: int
    held_bytes: int
    beat_mono_ns: int


@dataclass(slots=True, kw_only=True, eq=False)
class Wire:
    """A running wire; `start` makes one. It is a `LineBackend`, and a context that stops it at its end.

    Attributes:
        memory: Shared with the process.
        process: That carries the packets.
        wake_fd: Written to when rows have changed.
        lifeline_fd: The process ends when this is closed.
        excess_ns: Taken off the delay of every packet that is published from now on, because the machine takes so long besides.
    """

    memory: WireMemory
    process: "subprocess.Popen[bytes]"
    wake_fd: int
    lifeline_fd: int
    excess_ns: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_stopped: bool = False

    @staticmethod
    def start(
        ports: WirePorts,
        settings: LineSettings,
        rows: LineRows,
        *,
        rows_per_line: int = ROWS_PER_LINE,
        arena_bytes: int = ARENA_BYTES,
        note: Callable[[str], None] | None = None,
        within_s: float = START_WITHIN_S,
    ) -> "Wire":
        """Start the process, and wait until it carries packets.

        Args:
            ports: Which the process inherits; close them when you like.
            settings: Of the run.
            rows: What lines do first.
            rows_per_line: How many rows a line may have on average in what is published later.
            arena_bytes: Most memory that packets take at one time, and half of that for one queue; what is not used costs nothing.
            note: Told when the start takes longer, which it does where nothing is compiled yet.
            within_s: How long to wait.
        Raises:
            InputError: The rows do not fit the ports.
            HostError: The process could not be started, ended, or was not ready in time.
        """
        sizes = WireSizes(
            terminals=len(ports.terminal_fd),
            pops=len(ports.pop_fd),
            rows=rows_per_line * ports.lines,
            quantiles=len(settings.wait_quantiles),
        )
        memory, wake_fd = WireMemory.create(sizes), os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        lifeline, told = os.pipe(), os.pipe()
        fds = (*ports.terminal_fd, *ports.pop_fd)
        try:
            memory.check(rows)
            memory.describe(ports, settings, arena_bytes=arena_bytes)
            memory.write_rows(0, rows)
            for fd in fds:
                os.set_blocking(fd, False)
            process = _started(memory.fd, wake_fd, fds, (lifeline[0], told[1]))
        except BaseException:
            for fd in (memory.fd, wake_fd, lifeline[1], told[0]):
                os.close(fd)
            raise
        finally:
            os.close(lifeline[0])
            os.close(told[1])
        wire = Wire(memory=memory, process=process, wake_fd=wake_fd, lifeline_fd=lifeline[1])
        try:
            _await_ready(told[0], note, within_s)
        except BaseException:
            wire.stop()
            raise
        finally:
            os.close(told[0])
        return wire

    def publish(self, rows: LineRows) -> None:
        """Replace all rows of all lines at once; they hold from the loop's next turn on.

        Raises:
            InputError: The rows are of another number of lines, or too many.
            HostError: The wire is gone, or does not take them over.
        """
        self._publish(rows)

    def begin_anew(self, rows: LineRows) -> None:
        """Replace all rows and count from there on, as if nothing had been carried before.

        Raises:
            InputError: As `publish`.
            HostError: As `publish`.
        """
        self._publish(rows, anew=True)
        self._await_use(int(self.memory.words[WORD_ACTIVE]))

    def counters(self) -> LineCounters:
        """What became of the packets so far; still there when the wire was stopped.

        Raises:
            HostError: The wire has ended by itself, so that nothing is carried any more.
        """
        if not self._is_stopped and self.process.poll() is not None and not self._is_stopped:
            raise HostError(
                f"the wire's process has ended with {self.process.returncode}, and no packet passes any more; "
                "start the emulation anew"
            )
        return self.memory.read_counters()

    def health(self) -> WireHealth:
        """How the process fares."""
        words = self.memory.words
        return WireHealth(
            is_real_time=bool(words[WORD_IS_REAL_TIME]),
            has_fine_timer=bool(words[WORD_HAS_FINE_TIMER]),
            turns=int(words[WORD_TURNS]),
            unknown_packets=int(words[WORD_UNKNOWN]),
            lost_ports=int(words[WORD_LOST_PORTS]),
            held_bytes=int(words[WORD_HELD_BYTES]),
            beat_mono_ns=int(words[WORD_BEAT_NS]),
        )

    def faults(self) -> tuple[str, ...]:
        """Ports that failed: the hosts behind them are cut off."""
        lost = self.health().lost_ports
        return (
            (f"{lost} of the wire's ports failed, so some hosts are cut off; start the emulation anew",) if lost else ()
        )

    def stop(self) -> None:
        """End the process; a second call does nothing."""
        with self._lock:
            if self._is_stopped:
                return
            self._is_stopped = True
            self.memory.words[WORD_STOP] = 1
            os.eventfd_write(self.wake_fd, 1)
            os.close(self.lifeline_fd)
            try:
                self.process.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            os.close(self.wake_fd)
            os.close(self.memory.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _publish(self, rows: LineRows, *, anew: bool = False) -> None:
        """Write rows to the table that is not in use, and have it used."""
        self.memory.check(rows)
        words = self.memory.words
        with self._lock:
            active = int(words[WORD_ACTIVE])
            self._await_use(active)
            self.memory.write_rows(1 - active, rows, excess_ns=self.excess_ns)
            words[WORD_ANEW] = int(anew)
            words[WORD_ACTIVE] = 1 - active
            os.eventfd_write(self.wake_fd, 1)

    def _await_use(self, table: int) -> None:
        """Wait until the loop uses the table that was published last."""
        words, ends_s = self.memory.words, time.monotonic() + _TAKE_OVER_WITHIN_S
        while True:
            if self._is_stopped or self.process.poll() is not None:
                raise HostError("the wire has ended; start the emulation anew")
            if words[WORD_IN_USE] == table:
                return
            if time.monotonic() > ends_s:
                raise HostError(
                    f"the wire did not take over its rows within {_TAKE_OVER_WITHIN_S:g} s; is the machine overloaded?"
                )
            time.sleep(_LOOK_AGAIN_S)


def _await_ready(told_fd: int, note: Callable[[str], None] | None, within_s: float) -> None:
    """Wait until the process says that it is ready."""
    ends_s = time.monotonic() + within_s
    if note is not None and not _is_readable(told_fd, min(_PATIENCE_S, within_s)):
        note("the wire compiles its loop; that happens once and takes about half a minute")
    if not _is_readable(told_fd, max(ends_s - time.monotonic(), 0.0)):
        raise HostError(f"the wire was not ready within {within_s:g} s")
    if os.read(told_fd, len(READY)) != READY:
        raise HostError("the wire's process ended before it was ready; its own message stands above")


def _is_readable(fd: int, within_s: float) -> bool:
    """Whether there is something to read, or an end, within a while."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(1e3 * within_s))


def _started(
    memory_fd: int, wake_fd: int, fds: tuple[int, ...], standard: tuple[int, int]
) -> "subprocess.Popen[bytes]":
    """The process, started; it dies with this one at once if this thread lives as long as this process."""
    mortal = "1" if threading.current_thread() is threading.main_thread() else "0"
    command = [sys.executable, "-m", "skycommons.emulation.wire_process", str(memory_fd), str(wake_fd), mortal]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=standard[0],
            stdout=standard[1],
            pass_fds=(memory_fd, wake_fd, *fds),
            env=environment,
        )
    except OSError as error:
        raise HostError(f"the wire's process cannot be started: {error.strerror}") from None
