"""A live run that was made up: three minutes of one terminal under rain, a failed satellite and handovers, and of another without."""

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.emulation.live_record import Event, Expected, Handover, LiveStory, Span, SpanKind, TerminalStory
from skycommons.emulation.probe_summary import rate_summary, rtt_summary
from skycommons.emulation.probes import ProbeResult

SECOND = 1_000_000_000
BEGIN_NS = 1_795_359_462_000_000_000  # 2026-11-22 14:57:42 UTC, where a slot begins
SATELLITES = ("sc-3-12-07", "sc-3-11-06", "sc-1-40-19", "sc-2-05-11", "sc-3-13-07")


def story() -> LiveStory:
    """What was meant."""
    handovers = tuple(
        Handover(time_ns=BEGIN_NS + at_s * SECOND, before=before, after=after)
        for at_s, before, after in zip((30, 60, 90, 150), SATELLITES, SATELLITES[1:], strict=False)
    )
    spans = (
        Span(begin_ns=BEGIN_NS + 35 * SECOND, end_ns=BEGIN_NS + 85 * SECOND, label="rain", kind=SpanKind.WEATHER),
        Span(
            begin_ns=BEGIN_NS + 70 * SECOND,
            end_ns=BEGIN_NS + 75 * SECOND,
            label="satellite failed",
            kind=SpanKind.OUTAGE,
        ),
        Span(begin_ns=BEGIN_NS + 120 * SECOND, end_ns=BEGIN_NS + 130 * SECOND, label="suspended", kind=SpanKind.DARK),
    )
    events = tuple(
        Event(time_ns=BEGIN_NS + at_s * SECOND, label=label)
        for at_s, label in (
            (35, "rain, 40 mm/h, at zurich"),
            (70, "satellite of zurich fails"),
            (74, "gateway of basel fails"),
            (175, "gateway of basel works again"),
        )
    )
    return LiveStory(
        title="made up",
        slot_ns=BEGIN_NS + 15 * SECOND * np.arange(13, dtype=np.int64),
        events=events,
        terminals={
            "zurich": TerminalStory(handovers=handovers, spans=spans, expected=expected()),
            "basel": TerminalStory(),
        },
    )


def expected() -> Expected:
    """Steps at handovers, nothing while dark."""
    time_ns = BEGIN_NS + SECOND // 10 * np.arange(1_800, dtype=np.int64)
    rtt_s = base_rtt_s(time_ns)
    rate = np.where(np.isnan(rtt_s), 0.0, np.where(is_wet(time_ns), 60e6, 140e6))
    return Expected(
        time_ns=time_ns,
        rtt_s=rtt_s,
        rtt_low_s=rtt_s - 0.004,
        rtt_high_s=rtt_s + 0.009,
        up_bps=0.15 * rate,
        down_bps=rate,
    )


def base_rtt_s(time_ns: Ints) -> Floats:
    """The round trip without chance."""
    since_s = (time_ns - BEGIN_NS) / SECOND
    rtt_s = 0.032 + 0.006 * np.digitize(since_s, (30, 60, 90, 150)) % 0.014 + 2e-5 * (since_s % 15)
    is_dark = ((since_s >= 70) & (since_s < 75)) | ((since_s >= 120) & (since_s < 130))
    return np.where(is_dark, np.nan, rtt_s)


def is_wet(time_ns: Ints) -> Bools:
    """Whether it rains."""
    return (time_ns >= BEGIN_NS + 35 * SECOND) & (time_ns < BEGIN_NS + 85 * SECOND)


def echo(probe: str, source: str, *, interval_s: float = 0.2, seed: int = 1) -> ProbeResult:
    """Round trips with chance in them, and losses."""
    random = np.random.default_rng(seed)
    time_ns = BEGIN_NS + np.arange(round(180 / interval_s), dtype=np.int64) * round(interval_s * SECOND)
    rtt_s = base_rtt_s(time_ns) + random.gamma(2.0, 0.0018, len(time_ns)) - 0.003
    rtt_s[::97] += 0.14
    rtt_s[random.random(len(time_ns)) < 0.006] = np.nan
    return ProbeResult(
        probe=probe,
        source=source,
        target="internet",
        begin_ns=BEGIN_NS,
        summary=rtt_summary(rtt_s),
        series={"time_ns": time_ns, "rtt_s": rtt_s},
        raw=b"64 bytes from 203.0.113.10\n",
    )


def flow(probe: str, source: str, *, begin_s: int, end_s: int, direction: str = "down") -> ProbeResult:
    """Goodput by half seconds, somewhat below the plan."""
    plan = expected()
    time_ns = BEGIN_NS + SECOND // 2 * np.arange(2 * begin_s, 2 * end_s, dtype=np.int64)
    rate = np.interp(time_ns, plan.time_ns, plan.down_bps if direction == "down" else plan.up_bps)
    goodput = rate * np.random.default_rng(2).uniform(0.8, 0.97, len(time_ns))
    span_s = np.full(len(time_ns), 0.5)
    return ProbeResult(
        probe=probe,
        source=source,
        target="internet",
        begin_ns=int(time_ns[0]),
        summary={"direction": direction, **rate_summary(goodput, span_s)},
        series={
            "time_ns": time_ns,
            "span_s": span_s,
            "goodput_bps": goodput,
            "rtt_s": base_rtt_s(time_ns) + 0.09,
        },
        raw=b"{}",
    )


def downloads(source: str) -> ProbeResult:
    """Some downloads, of which one failed."""
    time_ns = BEGIN_NS + 5 * SECOND * np.arange(36, dtype=np.int64)
    total_s = np.full(36, 0.4)
    total_s[24] = np.nan
    return ProbeResult(
        probe="curl",
        source=source,
        target="internet",
        begin_ns=BEGIN_NS,
        summary={"direction": "down", "goodput_median_bps": 2e7},
        series={"time_ns": time_ns, "total_s": total_s, "goodput_bps": 8e6 / total_s},
        notes=("curl: 1 of 36 downloads failed",),
    )


def results() -> tuple[ProbeResult, ...]:
    """Of two terminals, one of which measured nothing with one of its probes."""
    return (
        echo("ping", "zurich"),
        echo("irtt", "zurich", interval_s=0.05, seed=3),
        flow("iperf3-cubic-down", "zurich", begin_s=90, end_s=170),
        downloads("zurich"),
        echo("ping", "basel", seed=4),
        ProbeResult(
            probe="quic-down",
            source="basel",
            target="internet",
            begin_ns=BEGIN_NS,
            summary={},
            series={"time_ns": np.empty(0, dtype=np.int64)},
            notes=("aioquic is not here; pip install 'skycommons[quic]'",),
        ),
    )
