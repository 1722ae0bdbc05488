"""The wire between hosts: what real kernels send arrives whole, over both protocols, and lossy lines lose single packets."""

import hashlib
import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import GATEWAY, TerminalPlace, layout_of
from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.wire import Wire
from tests.support.programs import needed
from tests.support.wires import MS, rows_of, settings

pytestmark = pytest.mark.usefixtures("needs_namespaces")

MEGABYTES = 3
HOLD = LineRow(state=LineState.HOLD)


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    """Two terminals at one PoP."""
    needed("nft")
    with Hosts.build(layout_of([TerminalPlace("a", "pop"), TerminalPlace("b", "pop")])) as built:
        yield built


def sent_whole(hosts: Hosts, source: str, family: socket.AddressFamily, address: str) -> bool:
    """Whether what a terminal sends over TCP arrives as it was."""
    content = np.random.default_rng(4).bytes(MEGABYTES << 20)
    listening = hosts["pop"].call(lambda: socket.create_server((address, 0), family=family))
    sending = hosts[source].call(lambda: socket.socket(family, socket.SOCK_STREAM))
    with listening, sending:
        listening.settimeout(60.0)
        sending.settimeout(60.0)
        sending.connect(listening.getsockname()[:2])
        receiving, _ = listening.accept()

        def send() -> None:
            sending.sendall(content)
            sending.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=send)
        thread.start()
        found = hashlib.sha256()
        with receiving:
            receiving.settimeout(60.0)
            while data := receiving.recv(1 << 16):
                found.update(data)
        thread.join()
    return found.digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize("loss", [0.0, 0.01])
def test_streams_arrive_whole_over_both_protocols(hosts: Hosts, loss: float) -> None:
    """In large pieces, out of which single packets are lost; checksums hold, or nothing would arrive."""
    up, down = LineRow(delay_ns=2.0 * MS, loss=loss), LineRow(delay_ns=2.0 * MS)
    with Wire.start(hosts.ports, settings(), rows_of(up, down, up, down)) as wire:
        assert sent_whole(hosts, "a", socket.AF_INET, GATEWAY)
        assert sent_whole(hosts, "b", socket.AF_INET6, hosts["pop"].ipv6)
        counted = wire.counters()
    packets = MEGABYTES * (1 << 20) // 1_500
    assert (counted.sent_packets[[0, 2]] > packets).all()
    assert (counted.sent_bytes[[0, 2]] > MEGABYTES << 20).all()
    share = counted.lost_packets[[0, 2]] / counted.sent_packets[[0, 2]]
    assert ((share > 0.3 * loss) & (share < 2.0 * loss)).all() if loss else not share.any()
    assert not counted.gap_packets.any()
    assert not counted.queue_packets.any()


def test_pings_wait_for_a_line_that_holds(hosts: Hosts) -> None:
    """And for nobody else's line."""
    needed("ping")
    free = LineRow(delay_ns=1.0 * MS)
    with Wire.start(hosts.ports, settings(), rows_of(HOLD, free, free, free)) as wire:
        ping = ["ping", "-c", "1", "-W", "20", GATEWAY]
        with hosts["a"].popen(ping) as held:
            assert hosts["b"].run(ping, timeout_s=30.0).returncode == 0
            assert held.poll() is None
            wire.publish(rows_of(free, free, free, free))
            assert held.wait(30.0) == 0
        assert wire.counters().delivered_packets.min() >= 1
