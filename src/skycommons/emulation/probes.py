"""Probes: real programs that measure what a path gives, from one host to another.

Rules: a probe runs for a time that is fixed beforehand, then a little longer, then is ended; it never hangs. *Up* is from source
to target, *down* from target to source. What programs print is parsed by functions without side effects. Instants are emulated
time; lengths of time and rates are as the programs saw them. A probe that could not measure says why in its notes, and its series
are empty; it raises nothing, so that the others go on.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from subprocess import CompletedProcess
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Ints, check_shape, freeze
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.programs import ProgramHost

Clock = Callable[[], int]
Series = Mapping[str, NDArray[Any]]
Summary = Mapping[str, float | str]
TIME: Final = "time_ns"


class IpVersion(IntEnum):
    """Which internet protocol a probe speaks."""

    IPV4 = 4
    IPV6 = 6


class HostLike(ProgramHost, Protocol):
    """What a probe needs of a host."""

    @property
    def ipv4(self) -> str:
        """Its address."""
        ...

    @property
    def ipv6(self) -> str:
        """Its other address."""
        ...

    def run(self, argv: Sequence[str], *, timeout_s: float = 60.0) -> CompletedProcess[str]:
        """Run a program there to its end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProbeResult:
    """What a probe measured.

    Attributes:
        probe: Its name.
        source, target: Names of the hosts.
        begin_ns: When it began.
        summary: Numbers by name, the unit at the end of the name; NaN where there is none.
        series: Columns of equal length, ``time_ns`` first; instants rise.
        raw: What the programs printed.
        notes: What a reader has to know: why there is nothing, what was cut short.
    Raises:
        InputError: The series does not begin with ``time_ns``.
        ShapeError: Columns differ in length.
    """

    probe: str
    source: str
    target: str
    begin_ns: int
    summary: Summary
    series: Series
    raw: bytes = b""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if next(iter(self.series), "") != TIME:
            raise InputError(f"probe {self.probe}: the first column of a series is {TIME}")
        for name, column in self.series.items():
            check_shape(f"probe {self.probe}: {name}", column, self.series[TIME].shape)
            freeze(column)

    def __len__(self) -> int:
        return len(self.series[TIME])

    @property
    def label(self) -> str:
        """What was measured between whom, for tables and legends."""
        return f"{self.probe} {self.source} to {self.target}"


class Probe(Protocol):
    """One way to measure a path."""

    @property
    def name(self) -> str:
        """Short name, for tables and files."""
        ...

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """Measure; takes as long as the probe was set to, or a little longer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Both clocks at one instant: the machine's wall clock, which programs print, and emulated time."""

    wall_ns: int
    time_ns: int

    @staticmethod
    def of(clock: Clock) -> "Reading":
        """Both clocks now."""
        return Reading(wall_ns=time.time_ns(), time_ns=clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMap:
    """Emulated time by the wall clock, on the line through two readings."""

    begin: Reading
    end: Reading

    def at(self, wall_ns: Ints) -> Ints:
        """Emulated instants of these instants of the wall clock."""
        span_ns = self.end.wall_ns - self.begin.wall_ns
        speed = (self.end.time_ns - self.begin.time_ns) / span_ns if span_ns > 0 else 1.0
        since = (np.asarray(wall_ns, dtype=np.int64) - self.begin.wall_ns).astype(np.float64)
        return self.begin.time_ns + np.rint(speed * since).astype(np.int64)


def address_of(host: HostLike, version: IpVersion) -> str:
    """The address of a host in one of the protocols."""
    return host.ipv6 if version is IpVersion.IPV6 else host.ipv4


def place_of(address: str, port: int) -> str:
    """An address with its port, as URLs write it.

    >>> place_of("2001:db8::1", 80)
    '[2001:db8::1]:80'
    """
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def without_result(
    probe: str, source: HostLike, target: HostLike, *, begin_ns: int, notes: Sequence[str], raw: bytes = b""
) -> ProbeResult:
    """The result of a probe that measured nothing."""
    return ProbeResult(
        probe=probe,
        source=source.name,
        target=target.name,
        begin_ns=begin_ns,
        summary={},
        series={TIME: np.empty(0, dtype=np.int64)},
        raw=raw,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTask:
    """One probe between two hosts, some time after the start of all.

    Attributes:
        after_s: How long it waits first, s of the machine's clock.
    """

    probe: Probe
    source: HostLike
    target: HostLike
    after_s: float = 0.0


def run_together(
    tasks: Sequence[ProbeTask], clock: Clock, *, sleep: Callable[[float], None] = time.sleep
) -> tuple[ProbeResult, ...]:
    """Run probes side by side, each in its own thread.

    Args:
        sleep: How a probe waits for its turn.
    Returns:
        One result a task, in their order, when all have ended.
    """
    if not tasks:
        return ()

    def measured(task: ProbeTask) -> ProbeResult:
        sleep(task.after_s)
        begin_ns = clock()
        try:
            return task.probe.run(task.source, task.target, clock)
        except (OSError, HostError) as error:
            note = f"{task.probe.name} could not run: {error}"
            return without_result(task.probe.name, task.source, task.target, begin_ns=begin_ns, notes=[note])

    with ThreadPoolExecutor(max_workers=len(tasks), thread_name_prefix="probe") as pool:
        return tuple(pool.map(measured, tasks))
