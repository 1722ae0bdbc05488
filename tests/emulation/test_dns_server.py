"""Name servers: the same answers by UDP and TCP, and an end."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import TypeVar

import dns.message
import dns.query
import pytest

from skycommons.base.errors import HostError
from skycommons.emulation.dns_answers import DnsTable
from skycommons.emulation.dns_server import DnsServer

T = TypeVar("T")
TABLE = DnsTable({"a.example": ("203.0.113.10",)})
PLACE = "127.77.53.1"


class Here:
    """This machine's loopback interface."""

    def call(self, work: Callable[[], T]) -> T:
        """Run something here."""
        return work()


def free_port() -> int:
    """A port that nobody has at the place."""
    with socket.socket() as probe:
        probe.bind((PLACE, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> Iterator[int]:
    """Where a server listens."""
    number = free_port()
    server = DnsServer(TABLE, [(Here(), PLACE)], port=number)
    yield number
    server.stop()
    server.stop()


def test_questions_are_answered_both_ways(port: int) -> None:
    """One after the other."""
    query = dns.message.make_query("a.example", "A")
    for ask in dns.query.udp, dns.query.tcp:
        assert str(ask(query, PLACE, timeout=10.0, port=port).answer[0][0]) == "203.0.113.10"


def test_noise_and_silence_do_not_stop_it(port: int) -> None:
    """Whoever connects and says nothing, or half, is let go."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noisy:
        noisy.sendto(b"noise", (PLACE, port))
    for said in (b"", b"\0", b"\0\x20half", b"\0\x05short"):
        with socket.create_connection((PLACE, port), timeout=10.0) as quiet:
            quiet.sendall(said)
            quiet.shutdown(socket.SHUT_WR)
            assert quiet.recv(10) == b""
    waiting = socket.create_connection((PLACE, port), timeout=10.0)
    query = dns.message.make_query("a.example", "A")
    assert dns.query.udp(query, PLACE, timeout=10.0, port=port).answer
    waiting.close()


def test_who_asks_slowly_keeps_nobody_waiting(port: int) -> None:
    """A byte now and then holds the one thread no longer than silence does."""
    stopped = Event()

    def drip(slow: socket.socket) -> None:
        with suppress(OSError):
            slow.sendall(b"\xff\xff")
            while not stopped.wait(0.1):
                slow.sendall(b"x")

    with socket.create_connection((PLACE, port), timeout=10.0) as slow:
        dripping = Thread(target=drip, args=(slow,))
        dripping.start()
        try:
            query = dns.message.make_query("a.example", "A")
            assert dns.query.tcp(query, PLACE, timeout=20.0, port=port).answer
            assert slow.recv(10) == b""
        except ConnectionResetError:
            pass  # it was let go with bytes unread
        finally:
            stopped.set()
            dripping.join()


def test_a_stopped_server_leaves_its_port() -> None:
    """Another one can have it."""
    number = free_port()
    for _ in range(2):
        DnsServer(TABLE, [(Here(), PLACE)], port=number).stop()


def test_a_port_that_is_taken_is_told(port: int) -> None:
    """And nothing stays open."""
    with pytest.raises(HostError, match="no name server can listen"):
        DnsServer(TABLE, [(Here(), PLACE)], port=port)


def test_a_place_that_is_gone_is_told() -> None:
    """As it is."""

    class Gone:
        def call(self, work: Callable[[], T]) -> T:
            raise HostError("it is over")

    with pytest.raises(HostError, match="over"):
        DnsServer(TABLE, [(Gone(), PLACE)])
