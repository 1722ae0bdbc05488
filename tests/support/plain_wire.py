"""A wire that does nothing to packets: a thread that moves each to where it belongs."""

import os
import select
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self

from skycommons.emulation.wire_ports import WirePorts


class PlainWire:
    """Carries packets between the terminals and PoPs of a live network until it is closed."""

    def __init__(self, ports: WirePorts) -> None:
        self.packets: list[bytes] = []
        self._ports = ports
        self._terminal_of_fd = {fd: row for row, fd in enumerate(ports.terminal_fd)}
        self._of_ipv4 = {address: row for row, address in enumerate(ports.ipv4)}
        self._of_ipv6 = {address >> 8: row for row, address in enumerate(ports.ipv6)}
        self._poll = select.epoll()
        self._stopped, self._stop = os.pipe()
        for fd in (*ports.terminal_fd, *ports.pop_fd, self._stopped):
            self._poll.register(fd, select.EPOLLIN)
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._stop)
        self._thread.join(5.0)
        self._poll.close()
        os.close(self._stopped)

    def _run(self) -> None:
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._stopped:
                    return
                with suppress(OSError):
                    self._carry(fd)

    def _carry(self, fd: int) -> None:
        framed = os.read(fd, 70_000)
        packet = framed[10:]
        self.packets.append(packet)
        if fd in self._terminal_of_fd:
            os.write(self._ports.pop_fd[self._ports.pop[self._terminal_of_fd[fd]]], framed)
            return
        if packet[0] >> 4 == 4:
            row = self._of_ipv4.get(int.from_bytes(packet[16:20], "big"))
        else:
            row = self._of_ipv6.get(int.from_bytes(packet[24:31], "big"))
        if row is not None:
            os.write(self._ports.terminal_fd[row], framed)
