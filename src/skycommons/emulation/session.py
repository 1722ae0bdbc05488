"""The probes of a scenario, run on its live network, and what was measured beside what was meant.

Rules: each probe begins at its time, from all of its terminals at once; a video is sent from all of its terminals and watched together.
What one probe cannot do is in its notes, and the others go on. When all have ended, each round trip is compared with the one that the
plan meant for that very packet, as long as nothing else was queueing before it.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.live_network import LiveNetwork
from skycommons.emulation.live_record import LiveStory
from skycommons.emulation.live_report import LiveReport
from skycommons.emulation.live_state import TerminalNow
from skycommons.emulation.live_story import exact_rtt, story_of
from skycommons.emulation.probe_specs import probe_of
from skycommons.emulation.probe_summary import HandoverRow, RttErrors, compare_rtt, handover_rows
from skycommons.emulation.probes import ProbeResult, without_result
from skycommons.emulation.video_probe import VideoProbe
from skycommons.emulation.video_result import VideoResult
from skycommons.emulation.video_setup import VideoSetup
from skycommons.model.emulation_rules import ProbeSpec, VideoSpec

_LOOK_S: Final = 0.1
_GRACE_S: Final = 45.0  # that probes have beyond their own time before they are given up
Measured: TypeAlias = "tuple[tuple[ProbeResult, ...], VideoResult | None]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionResult:
    """What a run measured, and what it meant.

    Attributes:
        probes: In the order of the scenario, terminal by terminal.
        videos: Of the probes that sent any.
        story: What was meant to happen.
        report: How well the emulation kept to its plan.
        errors: By the number of a probe: how far its round trips were from those that the plan meant.
        handovers: By the number of a probe: what each handover did to its round trips.
        notes: What could not be done.
    """

    probes: tuple[ProbeResult, ...]
    videos: tuple[VideoResult, ...]
    story: LiveStory
    report: LiveReport
    errors: Mapping[int, RttErrors]
    handovers: Mapping[int, tuple[HandoverRow, ...]]
    notes: tuple[str, ...] = ()


def run_session(
    net: LiveNetwork,
    *,
    folder: Path | None = None,
    show: Callable[[tuple[TerminalNow, ...]], None] = lambda _: None,
) -> SessionResult:
    """Run the probes of the network's scenario.

    Args:
        net: The network.
        folder: Where films are kept; none unless given.
        show: Called ten times a second with how the terminals stand.
    Raises:
        SkycommonsError: What stopped the network.
    """
    begin_ns = net.clock()
    specs = net.scenario.emulation.probes
    ends_s = max((spec.begin_s + spec.duration_s for spec in specs), default=0.0) / net.pace.speed + _GRACE_S
    stopped = threading.Event()
    with ThreadPoolExecutor(max_workers=max(sum(len(spec.sources) for spec in specs), 1)) as pool:
        try:
            work = [pool.submit(task) for spec in specs for task in _tasks(net, spec, folder=folder, stopped=stopped)]
            until_s = time.monotonic() + ends_s
            while not all(one.done() for one in work) and time.monotonic() < until_s:
                net.wait(0.0)
                show(net.states())
                time.sleep(_LOOK_S)
        finally:
            stopped.set()
        done = [one.result() for one in work]
    return result_of(net, done, begin_ns=begin_ns)


def result_of(net: LiveNetwork, done: Sequence[Measured], *, begin_ns: int) -> SessionResult:
    """Put what was measured beside what was meant.

    Args:
        net: The network.
        done: What each probe found.
        begin_ns: When the first one may have begun.
    """
    probes = tuple(result for results, _ in done for result in results)
    rows, names = net.rows(), net.names
    story = story_of(
        *(net.player.slots, rows, net.settings),
        names=names,
        pace=net.pace,
        span_ns=(begin_ns, net.clock()),
        events=net.events,
        title=net.scenario.title or net.scenario.name,
    )
    errors: dict[int, RttErrors] = {}
    handovers: dict[int, tuple[HandoverRow, ...]] = {}
    for number, result in enumerate(probes):
        if "rtt_s" in result.series and result.source in names.terminals and _is_echo(result):
            meant = exact_rtt(rows, net.settings, names.terminals.index(result.source), net.pace)
            if _waits_for_nobody(result):
                errors[number] = compare_rtt(result.series, meant)
            handovers[number] = handover_rows(result.series, story.of(result.source).handovers, expected=meant)
    return SessionResult(
        probes=probes,
        videos=tuple(video for _, video in done if video is not None),
        story=story,
        report=net.report(),
        errors=errors,
        handovers=handovers,
    )


def _is_echo(result: ProbeResult) -> bool:
    """Whether each of its round trips is one small packet there and back: those of TCP are smoothed and wait in queues."""
    return result.probe.startswith(("ping", "irtt"))


def _waits_for_nobody(result: ProbeResult) -> bool:
    """Whether its packets have a queue of their own: only then is what they take beyond the plan the emulator's."""
    return result.probe.startswith("ping")


def _tasks(
    net: LiveNetwork, spec: ProbeSpec, *, folder: Path | None, stopped: threading.Event
) -> list[Callable[[], Measured]]:
    """What is to be run for a specification."""
    sources = [name for name in spec.sources if name in net.hosts]
    if isinstance(spec, VideoSpec):
        return [lambda: _watched(net, spec, sources, folder=folder, stopped=stopped)] if sources else []
    return [_probed(net, spec, source) for source in sources]


def _probed(net: LiveNetwork, spec: ProbeSpec, source: str) -> Callable[[], Measured]:
    """One probe from one terminal."""

    def run() -> Measured:
        if isinstance(spec, VideoSpec):
            raise InputError("a video is watched, not probed")
        probe = probe_of(spec)
        here, there = net[source], net[spec.target]
        _sleep_until(net, spec.begin_s)
        begin_ns = net.clock()
        try:
            return (probe.run(here, there, net.clock),), None
        except (OSError, HostError) as error:
            note = f"{probe.name} could not run: {error}"
            return (without_result(probe.name, here, there, begin_ns=begin_ns, notes=[note]),), None

    return run


def _watched(
    net: LiveNetwork, spec: VideoSpec, sources: Sequence[str], *, folder: Path | None, stopped: threading.Event
) -> Measured:
    """One scene from all of its terminals."""
    hosts, there = [net[name] for name in sources], net[spec.target]
    _sleep_until(net, spec.begin_s)
    begin_ns = net.clock()
    try:
        setup = VideoSetup(
            duration_s=spec.duration_s,
            width=spec.width_px,
            height=spec.height_px,
            rate_hz=float(spec.frames_per_s),
            rate_bps=spec.bitrate_bps,
            latency_s=spec.latency_s,
        )
        video = VideoProbe(setup=setup, folder=folder, stopped=stopped).watch(hosts, there, net.clock)
    except (OSError, HostError, InputError) as error:
        note = f"video could not run: {error}"
        return tuple(without_result("video", host, there, begin_ns=begin_ns, notes=[note]) for host in hosts), None
    return video.probe_results(), video


def _sleep_until(net: LiveNetwork, begin_s: float) -> None:
    """Wait for an emulated instant, in seconds from the begin."""
    time.sleep(max(net.pace.wait_s(net.scenario.start_ns + round(begin_s * NS_PER_S)), 0.0))
