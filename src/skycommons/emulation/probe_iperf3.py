"""``iperf3``: what TCP and UDP get through, over time.

Rules: goodput is what the receiver counted, interval by interval; resending, windows and round-trip times are the sender's. Both ends
write JSON, each to us, so that nothing but the test itself goes over the network. iperf3 writes no instants: the test is taken to begin
after five of the seven round trips that it spends beside the test, which is within ``time_uncertainty_s``.
"""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.probe_programs import Finished, Port, finish, missing, port_for, serving
from skycommons.emulation.probe_summary import rate_summary
from skycommons.emulation.probes import (
    TIME,
    Clock,
    HostLike,
    IpVersion,
    ProbeResult,
    Reading,
    TimeMap,
    address_of,
    without_result,
)
from skycommons.model.emulation_rules import Congestion, Direction, Transport

_PATIENCE_S: Final = 20.0
_BEFORE_SHARE: Final = (
    5.0 / 7.0
)  # control connection, parameters, streams and start; two more round trips bring the results home
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """What one end of iperf3 wrote, a row an interval.

    Attributes:
        begin_s, span_s: ``(N,)`` since the test began, and how long.
        rate_bps: ``(N,)`` sent or received, all streams together.
        retransmits, cwnd_bytes: ``(N,)`` sums over streams; NaN at a receiver and with UDP.
        rtt_s: ``(N,)`` mean over streams of the smoothed round-trip time; NaN likewise.
        jitter_s, lost_packets, packets: ``(N,)`` of UDP at a receiver; NaN elsewhere.
        is_sender: Whether this end sent.
        total_bps: Over the whole test, NaN if the end does not know.
        fault: What iperf3 says went wrong, or what is wrong with its output; empty if nothing is.
    """

    begin_s: Floats
    span_s: Floats
    rate_bps: Floats
    retransmits: Floats
    cwnd_bytes: Floats
    rtt_s: Floats
    jitter_s: Floats
    lost_packets: Floats
    packets: Floats
    is_sender: bool
    total_bps: float
    fault: str = ""

    def __len__(self) -> int:
        return len(self.begin_s)


def parse_iperf3(text: str) -> Intervals:
    """What one end of ``iperf3 -J`` wrote; keys that are not known are passed over."""
    try:
        answer = json.loads(text)
    except ValueError:
        return _intervals([], {}, "its output ends early" if text.strip() else "it wrote nothing")
    if not isinstance(answer, dict):
        return _intervals([], {}, "its output is no object")
    intervals = [part for part in _list(answer.get("intervals")) if not _mapping(part, "sum").get("omitted")]
    fault = answer.get("error", "")
    return _intervals(intervals, _mapping(answer, "end"), fault if isinstance(fault, str) else "")


def _intervals(parts: Sequence[Mapping[str, Any]], end: Mapping[str, Any], fault: str) -> Intervals:
    """Columns of intervals."""
    sums = [_mapping(part, "sum") for part in parts]
    streams = [_list(part.get("streams")) for part in parts]

    def of_sums(name: str) -> Floats:
        return np.array([_number(each, name) for each in sums], dtype=np.float64)

    def of_streams(name: str) -> list[list[float]]:
        return [[_number(stream, name) for stream in each] for each in streams]

    is_sender = bool(sums and sums[0].get("sender"))
    total = _mapping(end, "sum_sent" if is_sender else "sum_received")
    return Intervals(
        begin_s=of_sums("start"),
        span_s=of_sums("seconds"),
        rate_bps=of_sums("bits_per_second"),
        retransmits=of_sums("retransmits"),
        cwnd_bytes=np.array([sum(each) if each else _NAN for each in of_streams("snd_cwnd")], dtype=np.float64),
        rtt_s=np.array(
            [1e-6 * sum(each) / len(each) if each else _NAN for each in of_streams("rtt")], dtype=np.float64
        ),
        jitter_s=1e-3 * of_sums("jitter_ms"),
        lost_packets=of_sums("lost_packets"),
        packets=of_sums("packets"),
        is_sender=is_sender,
        total_bps=_number(total, "bits_per_second"),
        fault=fault,
    )


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside another, an empty one if it is not there."""
    inside = value.get(name)
    return inside if isinstance(inside, dict) else {}


def _list(value: object) -> list[Mapping[str, Any]]:
    """Objects in a list, none if there is no list."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _number(value: Mapping[str, Any], name: str) -> float:
    """A number inside an object, NaN if it is not there."""
    inside = value.get(name)
    return float(inside) if isinstance(inside, int | float) and not isinstance(inside, bool) else _NAN


def joined(receiver: Intervals, sender: Intervals) -> dict[str, Floats]:
    """One table of both ends by the receiver's intervals, or by the sender's where the receiver wrote none."""
    leading = receiver if len(receiver) else sender
    rows = _matches(leading, sender)
    received = {
        "goodput_bps": receiver.rate_bps,
        "jitter_s": receiver.jitter_s,
        "lost_packets": receiver.lost_packets,
        "packets": receiver.packets,
    }
    columns = {"begin_s": leading.begin_s, "span_s": leading.span_s}
    none = np.full(len(leading), _NAN)
    columns |= {name: column if len(receiver) else none for name, column in received.items()}
    columns |= {
        "sent_bps": _taken(sender.rate_bps, rows),
        "retransmits": _taken(sender.retransmits, rows),
        "cwnd_bytes": _taken(sender.cwnd_bytes, rows),
        "rtt_s": _taken(sender.rtt_s, rows),
    }
    must = ("begin_s", "span_s", "goodput_bps")
    return {name: column for name, column in columns.items() if name in must or np.isfinite(column).any()}


def _matches(leading: Intervals, sender: Intervals) -> Ints:
    """For each interval of one end, the row of the other end's that begins next to it; -1 for none."""
    if not len(sender) or not len(leading):
        return np.full(len(leading), -1, dtype=np.int64)
    apart_s = np.abs(leading.begin_s[:, None] - sender.begin_s[None, :])
    nearest = np.argmin(apart_s, axis=1)
    near = apart_s[np.arange(len(leading)), nearest] <= 0.5 * float(np.median(leading.span_s))
    return np.where(near, nearest, -1).astype(np.int64)


def _taken(column: Floats, rows: Ints) -> Floats:
    """Values by rows, NaN where there is none."""
    if not len(column):
        return np.full(len(rows), _NAN)
    return np.where(rows >= 0, column[rows], _NAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Iperf3Probe:
    """As much as TCP gets through, or a steady flow of UDP.

    Attributes:
        direction: Which way the data go.
        transport: What carries them.
        congestion: Of TCP.
        rate_bps: How much is offered; 0 for as much as goes, which TCP alone can find out.
        streams: At once.
        version: Which internet protocol.
        omit_s: Seconds at the start that do not count.
    Raises:
        InputError: A number makes no sense.
    """

    duration_s: float = 30.0
    interval_s: float = 0.5
    direction: Direction = Direction.DOWN
    transport: Transport = Transport.TCP
    congestion: Congestion = Congestion.CUBIC
    rate_bps: float = 0.0
    streams: int = 1
    omit_s: int = 0
    version: IpVersion = IpVersion.IPV4

    def __post_init__(self) -> None:
        if not 0.1 <= self.interval_s <= 60.0 or self.duration_s <= 0.0 or not 1 <= self.streams <= 128:
            raise InputError("iperf3: an interval of 0.1 to 60 s, a duration above 0, and 1 to 128 streams")
        if self.rate_bps < 0.0 or self.omit_s < 0 or (self.transport is Transport.UDP and self.rate_bps == 0.0):
            raise InputError("iperf3: no negative rate or time, and a rate for UDP")

    @property
    def name(self) -> str:
        """Short name."""
        kind = "udp" if self.transport is Transport.UDP else self.congestion.value
        tail = "-ipv6" if self.version is IpVersion.IPV6 else ""
        return f"iperf3-{kind}-{self.direction.value}{tail}"

    def command(self, address: str, port: int) -> list[str]:
        """The client with its arguments."""
        argv = ["iperf3", "-J", f"-{self.version.value}", "-c", address, "-p", f"{port}", "--connect-timeout", "10000"]
        argv += ["-t", f"{max(round(self.duration_s), 1)}", "-i", f"{self.interval_s:g}", "-P", f"{self.streams}"]
        if self.omit_s:
            argv += ["-O", f"{self.omit_s}"]
        if self.rate_bps:
            argv += ["-b", f"{max(round(self.rate_bps / self.streams), 1)}"]  # iperf3 offers so much on each stream
        if self.transport is Transport.UDP:
            argv += ["-u", "-l", "1200"]  # short enough for IPv6 and tunnels
        else:
            argv += ["-C", self.congestion.value]
        return [*argv, "-R"] if self.direction is Direction.DOWN else argv

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """Measure what gets from source to target (up) or from target to source (down)."""
        begin = Reading.of(clock)
        lacking = missing("iperf3")
        if lacking:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[lacking])
        address = address_of(target, self.version)
        port = Port(number=port_for(self.name, source, target))
        server_argv = ["iperf3", "-s", "-1", "-J", "-i", f"{self.interval_s:g}", "-B", address, "-p", f"{port.number}"]
        try:
            with serving(target, server_argv, port) as server:
                started = Reading.of(clock)
                limit_s = self.duration_s + self.omit_s + _PATIENCE_S
                done = finish(source, self.command(address, port.number), timeout_s=limit_s, soft=signal.SIGINT)
                ended = Reading.of(clock)
                served = server.ended_output(patience_s=2.0)
        except HostError as error:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[str(error)])
        return self._result(source, target, (done, served), TimeMap(begin=started, end=ended))

    def _result(self, source: HostLike, target: HostLike, said: tuple[Finished, str], times: TimeMap) -> ProbeResult:
        """What both ends' output says."""
        done, served = said
        client, server = parse_iperf3(done.output), parse_iperf3(served)
        receiver, sender = (client, server) if self.direction is Direction.DOWN else (server, client)
        raw = done.raw + served.encode()
        notes = [*done.faults("iperf3"), *([f"iperf3: {client.fault}"] if client.fault else [])]
        begin_ns = times.begin.time_ns
        if not len(receiver) and not len(sender):
            return without_result(self.name, source, target, begin_ns=begin_ns, notes=notes, raw=raw)
        if not len(receiver):
            end = "client" if self.direction is Direction.DOWN else "server"
            notes.append(f"iperf3: the {end}, which received, wrote no intervals: {receiver.fault or 'none'}")
        columns = joined(receiver, sender)
        begin_s = columns.pop("begin_s")
        slack_s = max(
            1e-9 * (times.end.wall_ns - times.begin.wall_ns) - float(begin_s[-1] + columns["span_s"][-1]) - self.omit_s,
            0.0,
        )
        first_ns = times.begin.wall_ns + round((_BEFORE_SHARE * slack_s + self.omit_s) * NS_PER_S)
        wall_ns = first_ns + np.rint(begin_s * NS_PER_S).astype(np.int64)
        series: dict[str, NDArray[Any]] = {TIME: times.at(wall_ns), **columns}
        return ProbeResult(
            probe=self.name,
            source=source.name,
            target=target.name,
            begin_ns=begin_ns,
            summary={
                "direction": self.direction.value,
                **_totals(receiver, columns),
                "time_uncertainty_s": _BEFORE_SHARE * slack_s,
            },
            series=series,
            raw=raw,
            notes=tuple(notes),
        )


def _totals(receiver: Intervals, columns: Mapping[str, Floats]) -> dict[str, float]:
    """Numbers of a whole test."""
    summary = rate_summary(columns["goodput_bps"], columns["span_s"])
    if np.isfinite(receiver.total_bps):
        summary["goodput_mean_bps"] = receiver.total_bps
    if "retransmits" in columns:
        summary["retransmits"] = float(np.nansum(columns["retransmits"]))
    if "rtt_s" in columns:
        summary["rtt_median_s"] = float(np.nanmedian(columns["rtt_s"]))
    if "packets" in columns and np.isfinite(columns.get("lost_packets", np.array(_NAN))).any():
        packets = float(np.nansum(columns["packets"]))
        summary["packets"] = packets
        summary["loss_share"] = float(np.nansum(columns["lost_packets"])) / packets if packets else _NAN
        summary["jitter_s"] = float(np.nanmedian(columns["jitter_s"]))
    return summary
