"""A host that sends into lines: a ``tc`` that stays, told what to change line by line, asked what was counted.

Rules: one process a host, so that a change costs some ten microseconds and not the start of a program. What it answers are lines of
JSON; every other line is a complaint, which the next question raises. Questions and changes may come from several threads.
"""

import os
import select
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Final

from skycommons.base.errors import HostError
from skycommons.emulation.programs import ProgramHost, wait_for

COMMAND: Final = ("tc", "-s", "-j", "-force", "-batch", "-")
ANSWER_WITHIN_S: Final = 10.0
_END_WITHIN_S: Final = 2.0


class NetemSession:
    """A running ``tc`` in a host."""

    def __init__(self, host: ProgramHost, devices_fd: int) -> None:
        """Start it.

        Args:
            host: Where.
            devices_fd: ``/proc/net/dev`` of its network, opened inside; closed at the end.
        Raises:
            HostError: It cannot be started.
        """
        self._name, self._devices_fd = host.name, devices_fd
        self._lock = Lock()
        self._rest = b""
        self._is_stopped = False
        self._process = host.popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )

    def tell(self, lines: Sequence[str]) -> None:
        """Have lines done, one after the other, without waiting.

        Raises:
            HostError: It has ended.
        """
        with self._lock:
            self._write(lines)

    def ask(self) -> str:
        """All queues of the host with their counters, as JSON, when all that was told is done.

        Raises:
            HostError: Something that was told before did not work, it has ended, or it does not answer.
        """
        with self._lock:
            self._write(["qdisc show"])
            complaints: list[str] = []
            until_s = monotonic() + ANSWER_WITHIN_S
            while not (line := self._line(until_s)).startswith("["):
                complaints.append(line)
        if complaints:
            raise HostError(f"tc on {self._name} complains: {'; '.join(complaints[:4])}")
        return line

    def devices_text(self) -> str:
        """What the host's interfaces counted, as ``/proc/net/dev`` writes it."""
        parts, at = [], 0
        while data := os.pread(self._devices_fd, 1 << 16, at):
            parts.append(data)
            at += len(data)
        return b"".join(parts).decode("ascii", "replace")

    def stop(self) -> None:
        """End it; a second call does nothing."""
        with self._lock:
            if self._is_stopped:
                return
            self._is_stopped = True
            os.close(self._devices_fd)
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
            wait_for([self._process], _END_WITHIN_S)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def _write(self, lines: Sequence[str]) -> None:
        if self._process.stdin is None or self._process.stdin.closed:
            raise HostError(f"tc on {self._name} has ended")
        data = "".join(f"{line}\n" for line in lines).encode()
        try:
            while data:
                data = data[os.write(self._process.stdin.fileno(), data) :]
        except OSError as error:
            raise HostError(f"tc on {self._name} has ended; start the emulation anew") from error

    def _line(self, until_s: float) -> str:
        """The next line that it printed."""
        if self._process.stdout is None:
            raise HostError(f"tc on {self._name} has no output")
        fd = self._process.stdout.fileno()
        readable = select.poll()
        readable.register(fd, select.POLLIN)
        while b"\n" not in self._rest:
            if not readable.poll(1e3 * max(until_s - monotonic(), 0.0)):
                raise HostError(f"tc on {self._name} did not answer within {ANSWER_WITHIN_S:g} s")
            data = os.read(fd, 1 << 16)
            if not data:
                raise HostError(f"tc on {self._name} has ended; start the emulation anew")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(errors="replace").strip()
