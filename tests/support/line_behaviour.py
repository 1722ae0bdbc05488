"""What every backend does with the packets of real programs, whatever it is made of: one list, held against each of them.

Margins are wide: machines that run tests are busy, and the kernel in which netem is tested runs as a program.
"""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from skycommons.emulation.expected import round_trip_s
from skycommons.emulation.hosts import Hosts
from skycommons.emulation.layout import TerminalPlace, Wiring, layout_of
from skycommons.emulation.line_backend import LineBackend, LineCounters
from skycommons.emulation.line_rows import LineRow, LineRows, LineSettings, LineState
from skycommons.emulation.line_settings import gso_bytes_of
from skycommons.emulation.netem_backend import NetemBackend
from skycommons.emulation.wire import Wire
from skycommons.model.emulation_rules import WireKind

MS = 1_000_000
SETTLE_S = 0.4
SETTINGS = LineSettings(wait_quantiles=np.array([0.0, 2.0]), wait_hold_ns=500 * MS, seed=4)
PLAIN = LineRow(delay_ns=20.0 * MS)
DARK = LineRow(state=LineState.DROP)


@dataclass(slots=True, kw_only=True)
class Carried:
    """A terminal ``a`` and another one, lines, and what carries their packets."""

    hosts: Hosts
    backend: LineBackend
    seen: list[LineCounters] = field(default_factory=list)

    def let(self, up: LineRow, down: LineRow = PLAIN) -> LineRows:
        """Have the lines of terminal ``a`` do something from now on."""
        return self.tell([(0, up)], [(0, down)])

    def tell(self, up: list[tuple[int, LineRow]], down: list[tuple[int, LineRow]]) -> LineRows:
        """Have the lines of terminal ``a`` do something, each thing from its instant on."""
        rows = LineRows.of_lines([up, down, [(0, PLAIN)], [(0, PLAIN)]])
        self.backend.publish(rows)
        return rows

    def counters(self) -> LineCounters:
        """What is counted, once nothing is on its way any more."""
        time.sleep(SETTLE_S)
        self.seen.append(self.backend.counters())
        return self.seen[-1]

    def pings(self, count: int, *, within_s: int = 1, every_s: float = 0.1) -> list[tuple[int, float]]:
        """When each ping that was answered was sent, on the monotonic clock, and its round trip in ms."""
        argv = ["ping", "-D", "-n", "-c", str(count), "-i", str(every_s), "-W", str(within_s)]
        text = self.hosts["a"].run([*argv, self.hosts["internet"].ipv4]).stdout
        offset_ns = time.time_ns() - time.monotonic_ns()
        found = []
        for line in text.splitlines():
            if "time=" in line:
                rtt_ms = float(line.split("time=")[1].split()[0])
                back_ns = round(float(line[1:].split("]")[0]) * 1e9)
                found.append((back_ns - round(rtt_ms * MS) - offset_ns, rtt_ms))
        return found

    def rtts_ms(self, count: int = 5, *, within_s: int = 1) -> list[float]:
        """Round trips of pings that were answered."""
        return [rtt_ms for _, rtt_ms in self.pings(count, within_s=within_s)]


@contextmanager
def carried(kind: WireKind) -> Iterator[Carried]:
    """Hosts whose lines such a backend carries."""
    places = [TerminalPlace("a", "pop"), TerminalPlace("b", "pop")]
    layout = layout_of(places, wiring=Wiring.VETH if kind is WireKind.NETEM else Wiring.TUN)
    rows = LineRows.of_lines([[(0, PLAIN)]] * 4)
    with Hosts.build(layout, gso_max_bytes=gso_bytes_of(rows, SETTINGS.mtu)) as hosts:
        backend: LineBackend = (
            NetemBackend.start(hosts, SETTINGS, rows)
            if kind is WireKind.NETEM
            else Wire.start(hosts.ports, SETTINGS, rows)
        )
        try:
            yield Carried(hosts=hosts, backend=backend)
        finally:
            backend.stop()


def delays_are_as_told(net: Carried) -> None:
    """The quickest of some pings takes the two delays, and hardly more."""
    net.let(LineRow(delay_ns=20.0 * MS), LineRow(delay_ns=30.0 * MS))
    found = net.rtts_ms(8)
    assert len(found) == 8
    assert 49.8 <= min(found) < 60.0


def waits_are_those_of_the_plan(net: Carried) -> None:
    """Pings meet the waits that were drawn for the stretches in which they were sent."""
    rows = net.let(LineRow(delay_ns=10.0 * MS, wait_ns=40.0 * MS), LineRow(delay_ns=10.0 * MS))
    sent = net.pings(24)
    planned_ms = 1e3 * round_trip_s(rows, SETTINGS, 0, np.array([sent_ns for sent_ns, _ in sent], dtype=np.int64))
    errors_ms = np.abs(planned_ms - np.array([rtt_ms for _, rtt_ms in sent]))
    assert len(sent) == 24
    assert np.ptp(planned_ms) > 20.0
    assert np.quantile(errors_ms, 0.7) < 8.0  # those about the end of a stretch may meet the next one's wait


def changes_come_at_their_instants(net: Carried) -> None:
    """What is told ahead holds from when it is to hold."""
    at_ns = time.monotonic_ns() + 1_500 * MS
    net.tell([(0, PLAIN), (at_ns, LineRow(delay_ns=80.0 * MS))], [(0, PLAIN)])
    before = min(net.rtts_ms(3))
    time.sleep(max((at_ns - time.monotonic_ns()) / 1e9, 0.0) + 0.1)
    assert 39.8 <= before < 60.0
    assert 99.8 <= min(net.rtts_ms(3)) < 120.0


def a_dark_line_carries_nothing(net: Carried) -> None:
    """Both ways, and that is counted as the gap's; then it goes on."""
    before = net.counters()
    net.let(DARK)
    assert net.rtts_ms(4) == []
    after = net.counters()
    assert (after.gap_packets - before.gap_packets)[0] == 4
    net.let(PLAIN, DARK)
    assert net.rtts_ms(4) == []
    net.let(PLAIN)
    assert (net.counters().gap_packets - after.gap_packets)[:2].tolist() == [0, 4]
    assert len(net.rtts_ms(2)) == 2


def what_is_lost_at_random_is_counted_so(net: Carried) -> None:
    """A line that loses everything at random is none that is dark."""
    before = net.counters()
    net.let(PLAIN, LineRow(delay_ns=20.0 * MS, loss=1.0))
    assert net.rtts_ms(4) == []
    after = net.counters()
    assert (after.lost_packets - before.lost_packets)[:2].tolist() == [0, 4]
    assert (after.gap_packets - before.gap_packets)[:2].tolist() == [0, 0]


def a_line_that_holds_goes_on(net: Carried) -> None:
    """A packet that comes meanwhile arrives when it does."""
    now_ns = time.monotonic_ns()
    hold = LineRow(delay_ns=20.0 * MS, state=LineState.HOLD)
    net.tell([(0, hold), (now_ns + 1_500 * MS, PLAIN)], [(0, PLAIN)])
    ((sent_ns, rtt_ms),) = net.pings(1, within_s=5)
    assert abs(rtt_ms - (now_ns + 1_500 * MS - sent_ns) / MS - 40.0) < 60.0


def a_slow_line_queues_and_drops(net: Carried) -> None:
    """Of more than its queue holds the rest is lost, and counted; pings do not wait behind it."""
    before = net.counters()
    net.let(LineRow(delay_ns=20.0 * MS, ns_per_byte=8e9 / 0.1e6, queue_bytes=15_000))
    time.sleep(0.1)
    outlet = net.hosts["a"].call(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    began_s = time.monotonic()
    with outlet:
        for _ in range(100):
            outlet.sendto(bytes(972), (net.hosts["internet"].ipv4, 9))
    left_meanwhile = (time.monotonic() - began_s) / 0.08
    during = net.rtts_ms(3)
    assert len(during) == 3
    assert min(during) < 600.0  # the queue alone takes 1.2 s
    time.sleep(1.5)
    found = net.counters()
    dropped = int((found.queue_packets - before.queue_packets)[0])
    assert 80 - left_meanwhile <= dropped <= 87, dropped  # 15 packets wait, and some go at once
    assert (found.sent_packets - before.sent_packets)[0] == 103
    assert (found.delivered_packets - before.delivered_packets)[0] == 103 - dropped
    assert found.queued_bytes[0] == 0


def tcp_gets_what_the_line_has(net: Carried) -> None:
    """However long the pieces are that its host hands over; each packet of them is counted."""
    before = net.counters()
    net.let(LineRow(delay_ns=20.0 * MS, ns_per_byte=8e9 / 2e6, queue_bytes=64_000))
    time.sleep(0.1)
    place = (net.hosts["internet"].ipv4, 5001)
    data = bytes(400_000)
    with (
        net.hosts["internet"].call(lambda: socket.create_server(place)) as listener,
        net.hosts["a"].call(lambda: socket.create_connection(place, timeout=10.0)) as sender,
        listener.accept()[0] as receiver,
        ThreadPoolExecutor(1) as pool,
    ):
        receiver.settimeout(10.0)
        began_s = time.monotonic()
        sending = pool.submit(sender.sendall, data)
        received = 0
        while part := receiver.recv(1 << 16):
            received += len(part)
            if received == len(data):
                break
        took_s = time.monotonic() - began_s
        sending.result()
    assert received == len(data)
    least_s = 8 * len(data) * 1500 / 1448 / 2e6
    assert 0.97 * least_s <= took_s <= 2.0 * least_s, took_s
    found = net.counters()
    sent, delivered, dropped = (
        int((getattr(found, name) - getattr(before, name))[0])
        for name in ("sent_packets", "delivered_packets", "queue_packets")
    )
    assert delivered >= len(data) / 1448
    assert sent == delivered + dropped
    assert found.queued_bytes[0] == 0


def counters_only_grow(net: Carried) -> None:
    """Whatever happened before."""
    net.counters()
    for name in (
        "sent_packets",
        "delivered_packets",
        "delivered_bytes",
        "lost_packets",
        "queue_packets",
        "gap_packets",
    ):
        values = np.array([getattr(one, name) for one in net.seen])
        assert (np.diff(values, axis=0) >= 0).all(), name
    assert net.seen[-1].host_packets.sum() == 0


BEHAVIOURS: tuple[Callable[[Carried], None], ...] = (
    delays_are_as_told,
    waits_are_those_of_the_plan,
    changes_come_at_their_instants,
    a_dark_line_carries_nothing,
    what_is_lost_at_random_is_counted_so,
    a_line_that_holds_goes_on,
    a_slow_line_queues_and_drops,
    tcp_gets_what_the_line_has,
    counters_only_grow,
)
