"""Hosts on this machine and a network between them, for live video without namespaces.

A relay passes datagrams on as a path would: later, or not at all during a gap. A host that sends through a relay has its port put in
place of the target's.
"""

import heapq
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> int:
    """First of several UDP ports in a row that nobody uses now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
            first.bind((LOOPBACK, 0))
            port = int(first.getsockname()[1])
        try:
            for k in range(count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.bind((LOOPBACK, port + k))
        except (OSError, OverflowError):
            continue
        if port < 65_000:
            return port


@dataclass(kw_only=True)
class LocalHost:
    """A host that is this machine.

    Attributes:
        other_ports: Ports that take the place of others in the addresses that its programs are given.
    """

    name: str
    ipv4: str = LOOPBACK
    ipv6: str = "::1"
    other_ports: dict[int, int] = field(default_factory=dict)
    started: list["subprocess.Popen[Any]"] = field(default_factory=list)

    def run(self, argv: Sequence[str], *, timeout_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run a program to its end."""
        return subprocess.run(list(argv), capture_output=True, text=True, timeout=timeout_s, check=False)

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
        """Start a program."""
        changed = list(argv)
        for port, other in self.other_ports.items():
            changed = [argument.replace(f"{LOOPBACK}:{port}?", f"{LOOPBACK}:{other}?") for argument in changed]
        self.started.append(subprocess.Popen(changed, **streams))
        return self.started[-1]

    def all_ended(self) -> bool:
        """Whether no program of it runs any more."""
        return all(program.poll() is not None for program in self.started)


class Relay:
    """Passes datagrams on to a port and answers back.

    Args:
        port: Where to.
        delay_s: Later by this, both ways.
        gap_s: When nothing passes: begin and end, counted from the first datagram.
        lost_every: Of so many datagrams one is lost; none for 0.
    """

    def __init__(
        self, port: int, *, delay_s: float = 0.0, gap_s: tuple[float, float] = (0.0, 0.0), lost_every: int = 0
    ) -> None:
        self._target = (LOOPBACK, port)
        self._lost_every = lost_every
        self._delay_s, self._gap_s = delay_s, gap_s
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind((LOOPBACK, 0))
        self._back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._pass, name="relay", daemon=True)
        self.port = int(self._front.getsockname()[1])
        self.first_s: float | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        self._front.close()
        self._back.close()

    def _pass(self) -> None:
        """Until stopped."""
        waiting: list[tuple[float, int, bytes, bool]] = []
        client: tuple[str, int] | None = None
        number = 0
        with selectors.DefaultSelector() as selector:
            for side in (self._front, self._back):
                side.setblocking(False)
                selector.register(side, selectors.EVENT_READ)
            while not self._stopped.is_set():
                now = time.monotonic()
                while waiting and waiting[0][0] <= now:
                    _, _, data, is_forward = heapq.heappop(waiting)
                    self._send(data, self._target if is_forward else client, is_forward=is_forward)
                for key, _ in selector.select(max(min(0.02, waiting[0][0] - now), 0.0) if waiting else 0.02):
                    is_forward = key.fileobj is self._front
                    try:
                        data, sender = key.fileobj.recvfrom(65_536)  # type: ignore[union-attr]  # a socket
                    except OSError:
                        continue  # nobody listens there yet
                    now = time.monotonic()
                    if is_forward:
                        client = sender
                        self.first_s = now if self.first_s is None else self.first_s
                    number += 1
                    since = now - self.first_s if self.first_s is not None else 0.0
                    is_lost = self._lost_every > 0 and number % self._lost_every == 0
                    if not is_lost and not self._gap_s[0] <= since < self._gap_s[1]:
                        heapq.heappush(waiting, (now + self._delay_s, number, data, is_forward))

    def _send(self, data: bytes, address: tuple[str, int] | None, *, is_forward: bool) -> None:
        """One datagram; one that cannot be sent is lost."""
        try:
            if address is not None:
                (self._back if is_forward else self._front).sendto(data, address)
        except OSError:
            return
