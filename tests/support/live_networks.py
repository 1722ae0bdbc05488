"""A live network that is none: its clock goes by itself, its hosts are this machine, its packets are counted by nobody."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skycommons.base.errors import SkycommonsError
from skycommons.emulation.line_backend import LATENESS_BINS, LineCounters
from skycommons.emulation.live_record import Event, LiveStory
from skycommons.emulation.live_report import LiveReport
from skycommons.emulation.live_state import TerminalNow
from skycommons.emulation.player import PaceReport
from skycommons.emulation.probe_summary import RttErrors
from skycommons.emulation.probes import ProbeResult, Series, Summary
from skycommons.emulation.session import SessionResult
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason

BEGIN_NS = 1_779_393_612_000_000_000  # 2026-05-21T20:00:12Z


def terminal(name: str = "north", **changes: Any) -> TerminalNow:
    """A terminal that is served; or as the arguments say."""
    usual: dict[str, Any] = {
        "name": name,
        "row": 0,
        "time_ns": BEGIN_NS + 300_000_000,
        "satellite": "s53-p07-06",
        "gateway": "basel",
        "pop": "frankfurt",
        "reason": Unserved.SERVED,
        "route_reason": Reason.REACHABLE,
        "is_up": True,
        "why": "",
        "rtt_s": 0.0278,
        "up_bps": 9.86e6,
        "down_bps": 78.9e6,
        "azimuth_rad": 0.0,
        "elevation_rad": 1.0,
        "fade_db": 0.0,
        "slot_begin_ns": BEGIN_NS,
        "slot_end_ns": BEGIN_NS + 15_000_000_000,
    }
    return TerminalNow(**{**usual, **changes})


def session() -> SessionResult:
    """What four probes found, one of them nothing."""
    time_ns = BEGIN_NS + np.arange(2, dtype=np.int64)
    series = {"time_ns": time_ns, "rtt_s": np.array([0.03, np.nan])}
    rtt: Summary = {"packets": 2.0, "loss_share": 0.5, "rtt_median_s": 0.03, "rtt_p95_s": float("nan")}
    rate: Summary = {"goodput_mean_bps": 66.4e6, "transport": "tcp"}
    video: Summary = {"arrived_share": 0.9, "delay_median_s": 0.51, "stalls": 3.0}
    found: tuple[tuple[str, Summary, Series], ...] = (
        ("ping", rtt, series),
        ("ping", {}, {"time_ns": time_ns[:0]}),
        ("iperf3-cubic-down", rate, series),
        ("video", video, series),
    )
    return SessionResult(
        probes=tuple(
            ProbeResult(
                probe=name,
                source="north",
                target="studio",
                begin_ns=BEGIN_NS,
                summary=summary,
                series=columns,
                raw=b"64 bytes" if name == "ping" and summary else b"",
                notes=() if summary else ("ping is not here",),
            )
            for name, summary, columns in found
        ),
        videos=(),
        story=LiveStory(events=(Event(time_ns=BEGIN_NS, label="satellite of north fails"),)),
        report=report(),
        errors={0: RttErrors(compared=1, p50_ms=0.2, p99_ms=0.5, bias_ms=0.1)},
        handovers={},
        notes=("the video was not kept",),
    )


def report(*, notes: tuple[str, ...] = (), lateness_s: float = 0.5e-3) -> LiveReport:
    """A run of one terminal that sent a few packets."""
    column = np.array([40, 2], dtype=np.int64)
    names = ("sent", "delivered", "lost", "queue", "gap", "host")
    counted = {f"{name}_packets": column * (name in {"sent", "delivered"}) for name in names}
    return LiveReport(
        counters=LineCounters(
            **counted,
            sent_bytes=column,
            delivered_bytes=column,
            queued_bytes=column * 0,
            lateness=np.zeros(LATENESS_BINS, dtype=np.int64),
        ),
        pace=PaceReport(planned=3, late=0, least_lead_s=20.0, behind_s=0.0),
        terminals=("north",),
        lateness_s=(1e-4, lateness_s, 1e-3),
        excess_s=1e-4,
        notes=notes,
    )


@dataclass(kw_only=True)
class FakeHost:
    """This machine under another name."""

    name: str
    ipv4: str = "100.64.0.2"
    ipv6: str = "2001:db8::1"
    programs: "list[subprocess.Popen[Any]]" = field(default_factory=list)

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
        """Start a program."""
        self.programs.append(subprocess.Popen(argv, **streams))
        return self.programs[-1]

    def end(self) -> None:
        """End all programs."""
        for program in self.programs:
            program.kill()
            program.wait()


class FakeHosts(dict[str, FakeHost]):
    """All hosts, and what this machine lacks."""

    notes = ("this machine has no IPv6",)


@dataclass(frozen=True, kw_only=True)
class FakeNames:
    """What its terminals are called."""

    terminals: tuple[str, ...] = ("north",)


@dataclass(kw_only=True)
class FakeNetwork:
    """It answers what it was made with; each look at its clock takes a second."""

    asked: Mapping[str, Any] = field(default_factory=dict)
    names: FakeNames = field(default_factory=FakeNames)
    hosts: FakeHosts = field(default_factory=lambda: FakeHosts(north=FakeHost(name="north")))
    scenario: Any = None
    events: list[tuple[float, object]] = field(default_factory=list)
    found: LiveReport = field(default_factory=report)
    looks: int = 0
    on_look: Callable[[], None] = lambda: None
    stopped_by: SkycommonsError | None = None

    def __getitem__(self, name: str) -> FakeHost:
        """A host."""
        return self.hosts[name]

    def at(self, seconds: float, event: object) -> None:
        """Remember it."""
        self.events.append((seconds, event))

    def wait(self, seconds: float) -> None:
        """Go on at once, or fail."""
        if self.stopped_by is not None:
            raise self.stopped_by

    def elapsed_s(self) -> float:
        """One more second."""
        self.looks += 1
        self.on_look()
        return float(self.looks)

    def states(self) -> tuple[TerminalNow, ...]:
        """One terminal."""
        return (terminal(),)

    def report(self) -> LiveReport:
        """How it went."""
        return self.found

    @staticmethod
    def of(*names: str) -> "FakeNetwork":
        """One with these hosts, the first of them a terminal's."""
        hosts = FakeHosts({name: FakeHost(name=name) for name in names})
        return FakeNetwork(names=FakeNames(terminals=names[:1]), hosts=hosts)

    @contextmanager
    def started(self, scenario: Any, **asked: Any) -> Iterator["FakeNetwork"]:
        """What stands in for `emulate`: it remembers what it was asked."""
        self.asked = {"scenario": scenario, **asked}
        self.scenario = scenario
        asked["said"]("starting")
        yield self
