"""``ping``: round-trip times and losses by echo requests of ICMP.

Rules: a row is a packet that was sent. One that did not come back has NaN, at the instant when it was sent, as told by the line that ping
prints before it sends the next one, or else by its neighbours. Of duplicates the first counts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.probe_programs import PLAIN, finish, missing
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
    without_result,
)

_LINE: Final = re.compile(r"^\[(?P<stamp>\d+\.\d+)\] (?P<words>.*?)\bicmp_seq=(?P<sequence>\d+)(?P<rest>.*)$")
_REPLY: Final = re.compile(r"ttl=(?P<ttl>\d+) time=(?P<ms>[\d.]+) ms(?P<twice> \(DUP!\))?")
_TOTAL: Final = re.compile(r"^(\d+) packets transmitted, (\d+) received", re.MULTILINE)
_SEQUENCES: Final = 1 << 16
_LINGER_S: Final = 2.0
_PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pings:
    """What ping printed.

    Attributes:
        sent_wall_ns: ``(N,)`` when packets were sent, by the wall clock.
        rtt_s: ``(N,)``, NaN for those lost.
        ttl: ``(N,)`` hops that a reply had left, 0 for those lost.
        duplicates, errors, late: Replies that came twice, messages of routers, and replies that came after those to later packets.
    """

    sent_wall_ns: Ints
    rtt_s: Floats
    ttl: Ints
    duplicates: int
    errors: int
    late: int


@dataclass(slots=True)
class _Reading:
    """What lines have said so far."""

    sent_ns: dict[int, int]
    rtt_s: dict[int, float]
    ttl: dict[int, int]
    arrived: list[int]
    highest: int = 0
    duplicates: int = 0
    errors: int = 0


def parse_ping(text: str, *, interval_s: float, begin_wall_ns: int) -> Pings:
    """What ``ping -D -O`` printed, as a row a packet; what is cut off or unknown is passed over.

    Args:
        interval_s: Between two packets, for those whose instant nothing tells.
        begin_wall_ns: When ping was started, if no line tells an instant.
    """
    seen = _Reading({}, {}, {}, [])
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is not None:
            _take(seen, match.groupdict())
    total = _TOTAL.search(text)
    count = max(seen.highest, int(total[1]) if total else 0)
    numbers = np.arange(1, count + 1)
    return Pings(
        sent_wall_ns=_instants(numbers, seen.sent_ns, interval_s=interval_s, begin_wall_ns=begin_wall_ns),
        rtt_s=np.array([seen.rtt_s.get(number, np.nan) for number in numbers.tolist()], dtype=np.float64),
        ttl=np.array([seen.ttl.get(number, 0) for number in numbers.tolist()], dtype=np.int64),
        duplicates=seen.duplicates,
        errors=seen.errors,
        late=reordered(np.array(seen.arrived, dtype=np.int64)),
    )


def _take(seen: _Reading, words: Mapping[str, str]) -> None:
    """One line that names a packet."""
    printed = int(words["sequence"])
    turns = round((seen.highest - printed) / _SEQUENCES)  # ICMP counts to 65,535 and starts again
    number = printed + _SEQUENCES * max(turns, 0)
    stamp_ns = _nanoseconds(words["stamp"])
    reply = _REPLY.search(words["rest"])
    if reply is None:
        seen.errors += words["words"].startswith("From ")
        if words["words"].startswith("no answer yet"):
            seen.sent_ns.setdefault(number + 1, stamp_ns)
            seen.highest = max(seen.highest, number)
        return
    if reply["twice"] or number in seen.rtt_s:
        seen.duplicates += 1
        return
    rtt_s = 1e-3 * float(reply["ms"])
    seen.rtt_s[number], seen.ttl[number] = rtt_s, int(reply["ttl"])
    seen.sent_ns[number] = stamp_ns - round(rtt_s * NS_PER_S)
    seen.arrived.append(number)
    seen.highest = max(seen.highest, number)


def _nanoseconds(stamp: str) -> int:
    """Unix time with a decimal point, exactly."""
    whole, _, fraction = stamp.partition(".")
    return int(whole) * NS_PER_S + int(fraction[:9].ljust(9, "0"))


def _instants(numbers: Ints, sent_ns: Mapping[int, int], *, interval_s: float, begin_wall_ns: int) -> Ints:
    """When each packet was sent: as told, else evenly between neighbours, else by the interval."""
    known = np.array(sorted(number for number in sent_ns if number <= len(numbers)), dtype=np.int64)
    interval_ns = interval_s * NS_PER_S
    if not len(known):
        return np.asarray(begin_wall_ns + np.rint((numbers - 1) * interval_ns).astype(np.int64), dtype=np.int64)
    told = np.array([sent_ns[number] for number in known.tolist()], dtype=np.int64)
    first_ns = int(told[0])
    between = np.interp(numbers, known, (told - first_ns).astype(np.float64))
    between += interval_ns * (np.minimum(numbers - known[0], 0) + np.maximum(numbers - known[-1], 0))
    instants: Ints = np.maximum.accumulate(first_ns + np.rint(between).astype(np.int64))
    return instants


@dataclass(frozen=True, slots=True, kw_only=True)
class PingProbe:
    """Echo requests at a steady pace.

    Attributes:
        payload_bytes: Of what a packet carries.
    Raises:
        InputError: A packet would be too short to carry its instant, or the times make no sense.
    """

    duration_s: float = 30.0
    interval_s: float = 0.2
    payload_bytes: int = 56
    version: IpVersion = IpVersion.IPV4

    def __post_init__(self) -> None:
        if self.payload_bytes < 16 or self.interval_s < 0.002 or self.duration_s <= 0.0:
            raise InputError("ping: 16 bytes or more, an interval of 2 ms or more, and a duration above 0")

    @property
    def name(self) -> str:
        """Short name."""
        return "ping" if self.version is IpVersion.IPV4 else "ping-ipv6"

    def command(self, address: str) -> list[str]:
        """The program with its arguments."""
        count = ceil(self.duration_s / self.interval_s)
        numbers = (
            "-i",
            f"{self.interval_s:g}",
            "-c",
            f"{count}",
            "-s",
            f"{self.payload_bytes}",
            "-W",
            f"{_LINGER_S:g}",
        )
        return [*PLAIN, "ping", "-D", "-O", "-n", f"-{self.version.value}", *numbers, address]

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """Measure round-trip times from source to target and back."""
        begin = Reading.of(clock)
        lacking = missing("ping")
        if lacking:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[lacking])
        limit_s = (
            max(self.duration_s, self.interval_s) * 1.5 + _LINGER_S + _PATIENCE_S
        )  # ping's pace falls behind by ticks of the kernel
        try:
            done = finish(source, self.command(address_of(target, self.version)), timeout_s=limit_s)
        except HostError as error:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[str(error)])
        found = parse_ping(done.output, interval_s=self.interval_s, begin_wall_ns=begin.wall_ns)
        notes = done.faults("ping")
        if not len(found.rtt_s):
            return without_result(
                self.name, source, target, begin_ns=begin.time_ns, notes=notes or ["ping printed nothing"], raw=done.raw
            )
        time_ns = TimeMap(begin=begin, end=Reading.of(clock)).at(found.sent_wall_ns)
        counts = {"reordered": found.late, "duplicates": found.duplicates, "errors": found.errors}
        return ProbeResult(
            probe=self.name,
            source=source.name,
            target=target.name,
            begin_ns=begin.time_ns,
            summary=rtt_summary(found.rtt_s) | {name: float(count) for name, count in counts.items()},
            series={TIME: time_ns, "rtt_s": found.rtt_s, "ttl": found.ttl},
            raw=done.raw,
            notes=tuple(notes),
        )
