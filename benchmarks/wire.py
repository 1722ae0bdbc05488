"""The wire under load, between hosts of its own: how much it carries, how exactly, and at what cost.

All that is measured runs in throw-away namespaces; it needs root, or user namespaces, and iperf3. CPU seconds are those of the wire's own
process, for each gigabit that programs received, so that a faster peer is not punished for carrying more. The plain twin is the
very same loop with the compiler off. Where the kernel has netem, it is measured on the same hosts.
"""

import json
import os
import re
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.timing import Figure
from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import HostError
from skycommons.emulation.hosts import Host, Hosts
from skycommons.emulation.layout import GATEWAY, TerminalPlace, Wiring, layout_of
from skycommons.emulation.line_rows import LineRow, LineRows, LineSettings
from skycommons.emulation.wire import Wire
from skycommons.emulation.wire_excess import have_stamped, measured_excess_ns, stamp_ns

MS = 1_000_000
SECONDS = 5
DELAY_MS = 25
MANY, MANY_MBPS = 50, 20
PIECE = 12  # packets that TCP hands over at once there: one at a time, 1 Gbit/s is more than two cores' TCP can do
RATE_MBPS = 100
PINGS = 400
PING_DELAY_MS = 4  # below 10 ms a round trip, ping prints hundredths
TCP_SHARE, UDP_PAYLOAD = (
    1448 / 1500,
    1400,
)  # payload of a packet with time stamps; of a datagram, its headers are 28 bytes
SETTINGS = LineSettings(wait_quantiles=np.array([0.0, 2.0]))
BUFFERS = "4096 1048576 268435456"  # more than the kernel's own, for long fast lines


def measure() -> list[Figure]:
    """Throughput, timing, rates, many terminals, and changes; or one line that says why not."""
    try:
        return [*_one_terminal(), _many_terminals()]
    except HostError as error:
        return [Figure(name="wire", cpu_s=float("nan"), note=f"not measured: {error}")]


def _one_terminal() -> Iterator[Figure]:
    """What one terminal's line can do."""
    with Hosts.build(layout_of([TerminalPlace("terminal", "pop")])) as hosts:
        terminal, pop = hosts["terminal"], hosts["pop"]
        for host in (terminal, pop):
            for name in ("tcp_rmem", "tcp_wmem"):
                _set(host, name, BUFFERS)
        with _server(pop, 5201):
            long = LineRow(delay_ns=DELAY_MS * MS)
            ours, plain = (_carried(hosts, long, is_plain=is_plain) for is_plain in (False, True))
            yield from _throughput(ours, plain, _netem_note())
            yield _pings(hosts, terminal)
            yield from _rates(hosts, terminal)
            yield _change(hosts, terminal, pop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What a program received, and what the wire's process spent on it."""

    bps: float
    cpu_s: float
    cores: float

    @property
    def cpu_s_per_gigabit(self) -> float:
        """Cost of a gigabit."""
        return self.cpu_s / (self.bps * SECONDS / 1e9)


def _carried(hosts: Hosts, row: LineRow, *, is_plain: bool) -> tuple[Floats, Transfer, Transfer]:
    """Errors of single packets, then a transfer with each way of controlling congestion."""
    terminal, pop = hosts["terminal"], hosts["pop"]
    with _wire(hosts, [row], is_plain=is_plain) as wire:
        errors_us = _one_way_errors_us(terminal, pop)
        return errors_us, _transfer(wire, terminal, "-C", "cubic"), _transfer(wire, terminal, "-C", "bbr")


def _throughput(
    ours: tuple[Floats, Transfer, Transfer], plain: tuple[Floats, Transfer, Transfer], netem: str
) -> list[Figure]:
    """Bulk transfers and the timing of single packets, with the plain twin beside."""
    figures = []
    for name, ours_one, plain_one in zip(("CUBIC", "BBR"), ours[1:], plain[1:], strict=True):
        figures.append(
            Figure(
                name=f"wire: TCP {name} through one line, {DELAY_MS} ms each way, a gigabit",
                cpu_s=ours_one.cpu_s_per_gigabit,
                peer="the same loop, compiler off",
                peer_cpu_s=plain_one.cpu_s_per_gigabit,
                target="4 Gbit/s",
                note=f"{ours_one.bps / 1e9:.1f} Gbit/s with {ours_one.cores:.2f} cores; plain {plain_one.bps / 1e9:.1f} {netem}",
            )
        )
    (p50, p99), (plain_p50, plain_p99) = (np.quantile(errors, [0.5, 0.99]) for errors in (ours[0], plain[0]))
    figures.append(
        Figure(
            name="wire: one-way error of single packets on an idle line, p99",
            cpu_s=p99 * 1e-6,
            peer="the same loop, compiler off",
            peer_cpu_s=plain_p99 * 1e-6,
            target="p50 0.2 ms, p99 1 ms",
            note=f"wall: p50 {p50:.0f} µs, p99 {p99:.0f} µs; plain p50 {plain_p50:.0f} µs",
        )
    )
    return figures


def _pings(hosts: Hosts, terminal: Host) -> Figure:
    """Round trips of a program that sends seldom, beside the line's delay."""
    row = LineRow(delay_ns=PING_DELAY_MS * MS)
    with _wire(hosts, [row]) as wire:
        taken_off_us = wire.excess_ns / 1e3
        text = terminal.run(["ping", "-n", "-c", str(PINGS), "-i", "0.05", GATEWAY], timeout_s=60.0).stdout
    errors_ms = np.abs(np.array(re.findall(r"time=([\d.]+)", text), dtype=np.float64) - 2 * PING_DELAY_MS)
    p50, p99 = np.quantile(errors_ms, [0.5, 0.99])
    return Figure(
        name=f"wire: error of {PINGS} whole pings on an idle line, p99",
        cpu_s=p99 * 1e-3,
        target="p50 0.2 ms, p99 1 ms",
        note=f"wall: p50 {p50:.2f} ms, p99 {p99:.2f} ms of {len(errors_ms)}; {taken_off_us:.0f} µs taken off each way",
    )


def _rates(hosts: Hosts, terminal: Host) -> Iterator[Figure]:
    """Goodput over what the limit leaves for it."""
    row = LineRow(delay_ns=10 * MS, ns_per_byte=8e3 / RATE_MBPS, queue_bytes=RATE_MBPS * 125_000 // 10)
    datagrams = ("-u", "-l", str(UDP_PAYLOAD), "-b", f"{1.2 * RATE_MBPS:.0f}M")
    with _wire(hosts, [row]) as wire:
        for name, share, options in (
            ("TCP CUBIC", TCP_SHARE, ("-C", "cubic", "-O", "2")),
            ("TCP BBR", TCP_SHARE, ("-C", "bbr", "-O", "2")),
            ("UDP", UDP_PAYLOAD / (UDP_PAYLOAD + 28), (*datagrams, "-O", "1")),
        ):
            found = _transfer(wire, terminal, *options)
            ratio = found.bps / (RATE_MBPS * 1e6 * share)
            yield Figure(
                name=f"wire: {name} through a line of {RATE_MBPS} Mbit/s, a gigabit",
                cpu_s=found.cpu_s_per_gigabit,
                target="within 2 % of the rate",
                note=f"{100 * ratio:.2f} % of the rate, headers accounted for",
            )


def _change(hosts: Hosts, terminal: Host, pop: Host) -> Figure:
    """When packets meet a row that begins on the way."""
    begin_ns = time.monotonic_ns() + 1_500 * MS
    rows = [(0, LineRow(delay_ns=10 * MS)), (begin_ns, LineRow(delay_ns=40 * MS))]
    with _wire(hosts, [rows]):
        count, gap_s = 10_000, 0.0002
        sent_ns, delay_ns = _stamped(terminal, pop, count, gap_s)
    meets_new = delay_ns > 25 * MS
    wrong_ns = np.where(meets_new, begin_ns - sent_ns, sent_ns - begin_ns)
    worst_us = max(float(wrong_ns.max()), 0.0) / 1e3
    return Figure(
        name="wire: a change of delay, from its instant to the first packet that meets it",
        cpu_s=worst_us * 1e-6,
        target="1 ms",
        note=f"wall: worst packet {worst_us:.0f} µs on the wrong side, {len(sent_ns):,} of {count:,} sent around it",
    )


def _many_terminals() -> Figure:
    """Fifty terminals download at once, each at its rate."""
    places = [TerminalPlace(f"terminal{number}", "pop") for number in range(MANY)]
    row = LineRow(delay_ns=15 * MS, ns_per_byte=8e3 / MANY_MBPS, queue_bytes=MANY_MBPS * 12_500)
    with Hosts.build(layout_of(places), gso_max_bytes=[PIECE * SETTINGS.mtu] * MANY) as hosts:
        pop = hosts["pop"]
        for name in hosts:
            _set(hosts[name], "tcp_min_tso_segs", str(PIECE))
        with ExitStack() as servers:
            for number in range(MANY):
                servers.enter_context(_server(pop, 5300 + number))
            with _wire(hosts, [row] * MANY) as wire, ThreadPoolExecutor(MANY) as pool:
                before, began = _cpu_s(wire), time.monotonic()
                goodput = list(
                    pool.map(lambda number: _goodput_bps(hosts[f"terminal{number}"], 5300 + number), range(MANY))
                )
                cpu_s, wall_s = _cpu_s(wire) - before, time.monotonic() - began
                late_us = _lateness_us(wire.counters().lateness)
    shares = np.array(goodput) / (MANY_MBPS * 1e6 * TCP_SHARE)
    return Figure(
        name=f"wire: {MANY} terminals download at {MANY_MBPS} Mbit/s each at once, a gigabit",
        cpu_s=cpu_s / (sum(goodput) * SECONDS / 1e9),
        target="each within 2 %",
        note=f"{100 * shares.min():.1f} to {100 * shares.max():.1f} % of the rate in pieces of {PIECE} packets, {cpu_s / wall_s:.2f} cores, late p50 / p99 below {late_us}",
    )


# Parts --------------------------------------------------------------------------------------------------------------


@contextmanager
def _wire(
    hosts: Hosts, each: Sequence[LineRow | list[tuple[int, LineRow]]], *, is_plain: bool = False
) -> Iterator[Wire]:
    """A wire whose terminals' lines do the same both ways."""
    lists = [[(0, row)] if isinstance(row, LineRow) else row for row in each for _ in range(2)]
    if is_plain:
        os.environ["NUMBA_DISABLE_JIT"] = "1"
    rows = LineRows.of_lines(lists)
    try:
        wire = Wire.start(hosts.ports, SETTINGS, rows)
    finally:
        os.environ.pop("NUMBA_DISABLE_JIT", None)
    with wire:
        wire.excess_ns = measured_excess_ns(hosts, wire)
        wire.begin_anew(rows)
        yield wire


def _set(host: Host, name: str, value: str) -> None:
    """Set a parameter of a host's own network."""
    host.run(["tee", f"/proc/sys/net/ipv4/{name}"], input=value)


@contextmanager
def _server(host: Host, port: int) -> Iterator[None]:
    """An iperf3 that answers."""
    with host.popen(["iperf3", "-s", "-p", str(port)], stdout=subprocess.DEVNULL) as process:
        time.sleep(0.02 if port > 5201 else 0.5)
        try:
            yield
        finally:
            process.kill()


def _goodput_bps(host: Host, port: int) -> float:
    """What a terminal receives over TCP."""
    options = ("-R", "-C", "cubic", "-O", "2", "-t", str(SECONDS), "-J")
    answer = host.run(["iperf3", "-c", GATEWAY, "-p", str(port), *options], timeout_s=60.0)
    return float(json.loads(answer.stdout)["end"]["sum_received"]["bits_per_second"])


def _transfer(wire: Wire, host: Host, *options: str) -> Transfer:
    """What the PoP receives from a terminal."""
    before, began = _cpu_s(wire), time.monotonic()
    answer = host.run(["iperf3", "-c", GATEWAY, "-t", str(SECONDS), "-J", *options], timeout_s=60.0)
    cpu_s, wall_s = _cpu_s(wire) - before, time.monotonic() - began
    end = json.loads(answer.stdout)["end"]
    return Transfer(bps=float(end["sum_received"]["bits_per_second"]), cpu_s=cpu_s, cores=cpu_s / wall_s)


def _cpu_s(wire: Wire) -> float:
    """What its process has used."""
    fields = Path(f"/proc/{wire.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _one_way_errors_us(source: Host, target: Host) -> Floats:
    """By how much packets are later or earlier than the line's delay, until the receiving kernel has them."""
    _, delay_ns = _stamped(source, target, 1_000, 0.003)
    return np.abs((delay_ns - DELAY_MS * MS) / 1e3)


def _stamped(source: Host, target: Host, count: int, gap_s: float) -> tuple[Ints, Ints]:
    """When packets were sent, on the monotonic clock, and how long each took by the kernel's stamp at its arrival."""
    receiving = target.call(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sending = source.call(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    with receiving, sending, ThreadPoolExecutor(1) as pool:
        receiving.bind((GATEWAY, 7_000))
        have_stamped(receiving)
        receiving.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        receiving.settimeout(1.0)
        arrived = pool.submit(_received, receiving, count)
        sent = []
        for number in range(count):
            sent.append((time.monotonic_ns(), time.time_ns()))
            sending.sendto(struct.pack("q", number), (GATEWAY, 7_000))
            time.sleep(gap_s)
        found = arrived.result()
    kept = np.array(sorted(found))
    stamps = np.array(sent)[kept]
    return stamps[:, 0], np.array([found[int(number)] for number in kept]) - stamps[:, 1]


def _received(receiving: socket.socket, count: int) -> dict[int, int]:
    """The kernel's time of arrival of each packet, by its number."""
    found: dict[int, int] = {}
    while len(found) < count:
        try:
            data, notes, _, _ = receiving.recvmsg(64, 128)
        except TimeoutError:
            break
        found[struct.unpack("q", data)[0]] = stamp_ns(notes)
    return found


def _lateness_us(lateness: Ints) -> str:
    """Upper ends of the bins in which the median and the 99 % lie."""
    shares = np.cumsum(lateness) / lateness.sum()
    p50, p99 = (2.0 ** (int(np.searchsorted(shares, share)) + 1) / 1e3 for share in (0.5, 0.99))
    return f"{p50:,.0f} / {p99:,.0f} µs"


def _netem_note() -> str:
    """What netem does with the same job, where the kernel has it."""
    layout = layout_of([TerminalPlace("terminal", "pop")], wiring=Wiring.VETH)
    with Hosts.build(layout) as hosts:
        ends = ((hosts["terminal"], "sky0"), (hosts["pop"], layout.pop_interface(0)))
        for host, interface in ends:
            queue = ("root", "netem", "delay", f"{DELAY_MS}ms", "limit", "1000000")
            if host.run(["tc", "qdisc", "add", "dev", interface, *queue]).returncode != 0:
                return "(this kernel has no netem)"
        for host, _ in ends:
            for name in ("tcp_rmem", "tcp_wmem"):
                _set(host, name, BUFFERS)
        with _server(hosts["pop"], 5201):
            command = ["iperf3", "-c", GATEWAY, "-t", str(SECONDS), "-J", "-C", "cubic"]
            answer = hosts["terminal"].run(command, timeout_s=60.0)
    return f"netem {json.loads(answer.stdout)['end']['sum_received']['bits_per_second'] / 1e9:.1f}"
