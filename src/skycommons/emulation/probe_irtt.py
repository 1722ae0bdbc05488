"""``irtt``: isochronous packets of UDP, with the delay of each direction.

Rules: a row is a packet that was sent; NaN stands for what was lost. All hosts of an emulation share the machine's clock, so that the delay
of one direction is exact. What got lost on the way up and on the way down is told apart by what the server saw: it reports its last 64
packets with each reply, which tells them one by one, and how many it has received, which tells the sums also of longer gaps.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.probe_programs import Finished, Port, finish, missing, port_for, serving
from skycommons.emulation.probe_summary import reordered, rtt_summary
from skycommons.emulation.probes import (
    TIME,
    Clock,
    HostLike,
    IpVersion,
    ProbeResult,
    Reading,
    TimeMap,
    address_of,
    place_of,
    without_result,
)

_PATIENCE_S: Final = 25.0  # the handshake tries for 15 s, the last replies are waited for up to 4 s
_UP: Final = "true_up"
_DOWN: Final = "true_down"
_KEPT: Final = "false"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IrttRows:
    """What irtt wrote, a row a packet.

    Attributes:
        sent_wall_ns: ``(N,)`` when packets were sent, by the wall clock.
        rtt_s, up_s, down_s: ``(N,)`` round trip without the server's own time, and one way each; NaN where lost.
        ipdv_s: ``(N,)`` change of the round trip since the packet before; NaN where unknown.
        lost_up, lost_down: ``(N,)`` 1 for packets that are known to have been lost on that way.
        received: How many packets the server had received when it sent the last reply that came; -1 where it does not say.
        late, duplicates: Replies that came after those to later packets, and that came twice.
        fault: What is wrong with the output; empty if nothing is.
    """

    sent_wall_ns: Ints
    rtt_s: Floats
    up_s: Floats
    down_s: Floats
    ipdv_s: Floats
    lost_up: Ints
    lost_down: Ints
    received: int
    late: int
    duplicates: int
    fault: str = ""

    def loss_shares(self) -> tuple[float, float]:
        """Of all packets, how many were lost on the way up and down; what was sent after the last reply's is not known."""
        back = np.isfinite(self.rtt_s)
        told = int(np.flatnonzero(back)[-1]) + 1 if back.any() else 0
        up, down = int(self.lost_up.sum()), int(self.lost_down.sum())
        if self.received >= 0:
            up, down = max(up, told - self.received), max(down, self.received - int(back.sum()))
        return up / max(len(back), 1), down / max(len(back), 1)


def parse_irtt(text: str) -> IrttRows:
    """What ``irtt client -o -`` wrote; keys that are not known are passed over."""
    try:
        answer = json.loads(text)
    except ValueError:
        return _rows([], {}, "irtt: its output ends early" if text.strip() else "irtt wrote nothing")
    trips = answer.get("round_trips") if isinstance(answer, dict) else None
    if not isinstance(trips, list):
        return _rows([], {}, "irtt: its output has no round_trips")
    stats = answer.get("stats")
    return _rows([trip for trip in trips if isinstance(trip, dict)], stats if isinstance(stats, dict) else {}, "")


def _rows(trips: Sequence[Mapping[str, Any]], stats: Mapping[str, Any], fault: str) -> IrttRows:
    """Columns of round trips."""
    sent = [(number, _inside(trip, "timestamps", "client", "send", "wall")) for number, trip in enumerate(trips)]
    kept = [(trips[number], int(wall_ns)) for number, wall_ns in sent if np.isfinite(wall_ns)]
    kept.sort(key=lambda pair: pair[1])
    packets = [trip for trip, _ in kept]

    def column(*path: str) -> Floats:
        return 1e-9 * np.array([_inside(trip, *path) for trip in packets], dtype=np.float64)

    def lost(word: str) -> Ints:
        return np.array([trip.get("lost") == word for trip in packets], dtype=np.int64)

    arrived_s = column("timestamps", "client", "receive", "monotonic")
    back = np.flatnonzero(np.isfinite(arrived_s))
    return IrttRows(
        sent_wall_ns=np.array([wall_ns for _, wall_ns in kept], dtype=np.int64),
        rtt_s=column("delay", "rtt"),
        up_s=column("delay", "send"),
        down_s=column("delay", "receive"),
        ipdv_s=column("ipdv", "rtt"),
        lost_up=lost(_UP),
        lost_down=lost(_DOWN),
        received=int(_number(stats.get("server_packets_received"), -1)),
        late=reordered(back[np.argsort(arrived_s[back], kind="stable")]),
        duplicates=int(_number(stats.get("duplicates"), 0)),
        fault=fault,
    )


def _inside(value: object, *path: str) -> float | int:
    """A number in nested objects, NaN if it is not there; whole numbers stay whole."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return _number(value, float("nan"))


def _number(value: object, otherwise: float) -> float | int:
    """A number, or something else in its place."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class IrttProbe:
    """Packets of UDP at a steady pace, there and back.

    Attributes:
        payload_bytes: Of what a packet carries; 172 are 20 ms of telephony.
    Raises:
        InputError: The times or the size make no sense.
    """

    duration_s: float = 30.0
    interval_s: float = 0.02
    payload_bytes: int = 172
    version: IpVersion = IpVersion.IPV4

    def __post_init__(self) -> None:
        if not 60 <= self.payload_bytes <= 65_000 or self.interval_s < 0.001 or self.duration_s <= 0.0:
            raise InputError("irtt: 60 to 65,000 bytes, an interval of 1 ms or more, and a duration above 0")

    @property
    def name(self) -> str:
        """Short name."""
        return "irtt" if self.version is IpVersion.IPV4 else "irtt-ipv6"

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """Measure delays from source to target (up) and back (down)."""
        begin = Reading.of(clock)
        lacking = missing("irtt")
        if lacking:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[lacking])
        port = Port(number=port_for(self.name, source, target), is_udp=True)
        at = place_of(address_of(target, self.version), port.number)
        client = ["irtt", "client", "-d", _time(self.duration_s), "-i", _time(self.interval_s)]
        client += ["-l", f"{self.payload_bytes}", "-Q", "-o", "-", at]
        server = ["irtt", "server", "-b", at, "-i", "0", "-d", "0", "-l", "0"]
        try:
            with serving(target, server, port):
                done = finish(source, client, timeout_s=self.duration_s + _PATIENCE_S)
        except HostError as error:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[str(error)])
        return self._result(source, target, done, TimeMap(begin=begin, end=Reading.of(clock)))

    def _result(self, source: HostLike, target: HostLike, done: Finished, times: TimeMap) -> ProbeResult:
        """What the client's output says."""
        found = parse_irtt(done.output)
        notes = done.faults("irtt")
        begin_ns = times.begin.time_ns
        if not len(found.rtt_s):
            notes = notes or [found.fault or "irtt sent nothing"]
            return without_result(self.name, source, target, begin_ns=begin_ns, notes=notes, raw=done.raw)
        summary = rtt_summary(found.rtt_s)
        shares = found.loss_shares()
        for way, delay_s, share in zip(("up", "down"), (found.up_s, found.down_s), shares, strict=True):
            known = delay_s[np.isfinite(delay_s)]
            summary[f"{way}_median_s"] = float(np.median(known)) if known.size else float("nan")
            summary[f"{way}_loss_share"] = share
        summary |= {"reordered": float(found.late), "duplicates": float(found.duplicates)}
        names = ("rtt_s", "up_s", "down_s", "ipdv_s", "lost_up", "lost_down")
        return ProbeResult(
            probe=self.name,
            source=source.name,
            target=target.name,
            begin_ns=begin_ns,
            summary=summary,
            series={TIME: times.at(found.sent_wall_ns), **{name: getattr(found, name) for name in names}},
            raw=done.raw,
            notes=tuple(notes),
        )


def _time(length_s: float) -> str:
    """A length of time as irtt reads it.

    >>> _time(0.02)
    '20000us'
    """
    return f"{round(1e6 * length_s)}us"
