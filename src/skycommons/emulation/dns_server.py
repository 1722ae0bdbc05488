"""Name servers inside a live network: one thread answers at every PoP and at the exchange.

Sockets are made inside each host's network; questions come over UDP or TCP, cross the wire like any packet, and are answered
from the table alone.
"""

import selectors
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic
from typing import Final, Protocol, TypeVar

from skycommons.base.errors import HostError
from skycommons.emulation.dns_answers import UDP_BYTES, DnsTable

T = TypeVar("T")

PORT: Final = 53
TCP_PATIENCE_S: Final = 0.5
STOP_S: Final = 2.0


class Inside(Protocol):
    """Something whose network a socket can be made in."""

    def call(self, work: Callable[[], T]) -> T:
        """Run something inside."""
        ...


class DnsServer:
    """Answers until it is stopped.

    Args:
        table: What it knows.
        places: Networks, and the address to listen at in each.
        port: Where.

    Raises:
        HostError: A socket cannot be had.
    """

    def __init__(self, table: DnsTable, places: Iterable[tuple[Inside, str]], *, port: int = PORT) -> None:
        self._table = table
        self._selector = selectors.DefaultSelector()
        self._own, self._stopper = socket.socketpair()
        self._selector.register(self._own, selectors.EVENT_READ)
        try:
            for inside, address in places:
                for listening in inside.call(partial(_listening, address, port)):
                    self._selector.register(listening, selectors.EVENT_READ)
        except OSError as error:
            self._close()
            raise HostError(f"no name server can listen: {error}") from error
        except BaseException:
            self._close()
            raise
        self._thread = Thread(target=self._run, name="skycommons-names", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; a second call does nothing."""
        with suppress(OSError):
            self._stopper.send(b"x")
        self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            while True:
                for key, _ in self._selector.select():
                    ready = key.fileobj
                    if ready is self._own:
                        return
                    if isinstance(ready, socket.socket):
                        with suppress(OSError):
                            self._serve(ready)
        finally:
            self._close()

    def _serve(self, ready: socket.socket) -> None:
        """Answer one question."""
        if ready.type == socket.SOCK_DGRAM:
            query, sender = ready.recvfrom(65_535)
            answer = self._table.answer(query, most_bytes=UDP_BYTES)
            if answer is not None:
                ready.sendto(answer, sender)
            return
        connection, _ = ready.accept()
        until_s = monotonic() + TCP_PATIENCE_S
        with connection:
            length = _received(connection, 2, until_s)
            answer = self._table.answer(_received(connection, int.from_bytes(length, "big"), until_s))
            if answer is not None:
                connection.sendall(len(answer).to_bytes(2, "big") + answer)

    def _close(self) -> None:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._stopper.close()


def _received(connection: socket.socket, length: int, until_s: float) -> bytes:
    """So many bytes, or fewer where the other side ends before; however slowly it says them, nobody waits longer than that.

    Raises:
        TimeoutError: They are not there in time.
    """
    found = b""
    while len(found) < length:
        connection.settimeout(max(until_s - monotonic(), 1e-3))
        part = connection.recv(length - len(found))
        if not part:
            break
        found += part
        if monotonic() > until_s:
            raise TimeoutError
    return found


def _listening(address: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket at one address, in the calling thread's network."""
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    connections = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        for each in datagrams, connections:
            each.settimeout(0.0)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.bind((address, port))
        connections.listen(16)
    except BaseException:
        datagrams.close()
        connections.close()
        raise
    return datagrams, connections
