"""``curl``: downloads over HTTP as a person meets them, one after the other: time to connect, to the first byte and to the last.

Rules: a row is a download that was tried, with a connection of its own; one that failed has NaN. The server is ours
(`skycommons.emulation.http_peer`), so that its congestion control is named and nothing depends on a disk.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.probe_programs import PLAIN, Finished, Port, finish, missing, port_for, python, serving
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
from skycommons.model.emulation_rules import Congestion, Direction

_PATIENCE_S: Final = 5.0
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One download; NaN for what it never came to.

    Attributes:
        connect_s, first_byte_s, total_s: Since it began.
        goodput_bps: Bytes over the whole time.
        received_bytes: Of the answer.
        fault: Why it failed; empty if it did not.
    """

    connect_s: float = _NAN
    first_byte_s: float = _NAN
    total_s: float = _NAN
    goodput_bps: float = _NAN
    received_bytes: float = _NAN
    fault: str = ""


def parse_curl(text: str) -> Download:
    """What ``curl --write-out '%{json}'`` wrote; keys that are not known are passed over."""
    try:
        answer = json.loads(text)
    except ValueError:
        return Download(fault="its output ends early" if text.strip() else "it wrote nothing")
    if not isinstance(answer, dict):
        return Download(fault="its output is no object")
    code, status = answer.get("exitcode", 0), answer.get("http_code", 0)
    size = _number(answer, "size_download")
    if code != 0 or status != 200:
        words = answer.get("errormsg") or f"status {status}"
        return Download(connect_s=_number(answer, "time_connect") or _NAN, received_bytes=size, fault=str(words))
    return Download(
        connect_s=_number(answer, "time_connect"),
        first_byte_s=_number(answer, "time_starttransfer"),
        total_s=_number(answer, "time_total"),
        goodput_bps=8.0 * _number(answer, "speed_download"),
        received_bytes=size,
    )


def _number(value: Mapping[str, Any], name: str) -> float:
    """A number inside an object, NaN if it is not there."""
    inside = value.get(name)
    return float(inside) if isinstance(inside, int | float) and not isinstance(inside, bool) else _NAN


@dataclass(frozen=True, slots=True, kw_only=True)
class CurlProbe:
    """Downloads of one size.

    Attributes:
        duration_s: No download begins later.
        interval_s: From the begin of one to the begin of the next, at least.
        limit_s: After which one is given up.
        sleep: How pauses are waited for.
    Raises:
        InputError: A number makes no sense.
    """

    duration_s: float = 30.0
    interval_s: float = 1.0
    limit_s: float = 20.0
    size_bytes: int = 1_000_000
    congestion: Congestion = Congestion.CUBIC
    version: IpVersion = IpVersion.IPV4
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        if self.size_bytes < 1 or self.interval_s < 0.0 or self.limit_s <= 0.0 or self.duration_s <= 0.0:
            raise InputError("curl: one byte or more, and times above 0")

    @property
    def name(self) -> str:
        """Short name."""
        return "curl" if self.version is IpVersion.IPV4 else "curl-ipv6"

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """Download from target to source, again and again."""
        begin = Reading.of(clock)
        lacking = missing("curl")
        if lacking:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[lacking])
        address = address_of(target, self.version)
        port = Port(number=port_for(self.name, source, target))
        place = place_of(address, port.number)
        server = python("skycommons.emulation.http_peer", address, f"{port.number}", f"{self.size_bytes}")
        begun: list[int] = []
        done: list[Finished] = []
        try:
            with serving(target, [*server, self.congestion.value], port):
                until_s = time.monotonic() + self.duration_s
                while not begun or time.monotonic() < until_s:
                    begun.append(time.time_ns())
                    done.append(finish(source, self._command(place), timeout_s=self.limit_s + _PATIENCE_S))
                    self.sleep(max(self.interval_s - 1e-9 * (time.time_ns() - begun[-1]), 0.0))
        except HostError as error:
            return without_result(self.name, source, target, begin_ns=begin.time_ns, notes=[str(error)])
        times = TimeMap(begin=begin, end=Reading.of(clock))
        return self._result(source, target, (begun, done), times)

    def _command(self, place: str) -> list[str]:
        """The program with its arguments."""
        limit = ("--max-time", f"{self.limit_s:g}")
        quiet = ("--silent", "--show-error", "--noproxy", "*", "--output", "/dev/null")
        return [*PLAIN, "curl", *quiet, *limit, "--write-out", "%{json}\n", f"http://{place}/"]

    def _result(
        self, source: HostLike, target: HostLike, said: tuple[Sequence[int], Sequence[Finished]], times: TimeMap
    ) -> ProbeResult:
        """What curl wrote, a row a download."""
        begun, done = said
        downloads = [parse_curl(each.output) for each in done]

        def column(name: str) -> Floats:
            return np.array([getattr(download, name) for download in downloads], dtype=np.float64)

        names = ("connect_s", "first_byte_s", "total_s", "goodput_bps", "received_bytes")
        columns = {name: column(name) for name in names}
        failed = [download.fault for download in downloads if download.fault]
        summary: dict[str, float | str] = {
            "direction": Direction.DOWN.value,
            "downloads": float(len(downloads)),
            "failed_downloads": float(len(failed)),
        }
        for name in names[:4]:
            known = columns[name][np.isfinite(columns[name])]
            stem, _, unit = name.rpartition("_")
            summary[f"{stem}_median_{unit}"] = float(np.median(known)) if known.size else _NAN
        notes = [f"curl: {len(failed)} of {len(downloads)} downloads failed: {failed[0]}"] if failed else []
        return ProbeResult(
            probe=self.name,
            source=source.name,
            target=target.name,
            begin_ns=times.begin.time_ns,
            summary=summary,
            series={TIME: times.at(np.array(begun, dtype=np.int64)), **columns},
            raw=b"".join(each.raw for each in done),
            notes=tuple(notes),
        )
