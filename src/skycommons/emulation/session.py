"""The probes of a scenario, run on its live network, and what was measured beside what was meant.

Rules: each probe begins at its time, from all of its terminals at once, and lasts for its emulated time, half a second at least; a
video is sent from all of its terminals and watched together. What one probe cannot do is in its notes, and the others go on; one that
does not end is given up. When all have ended, round trips of pings that have a queue of their own are compared with those that the plan
meant for these very packets.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import SkycommonsError
from skycommons.emulation.hosts import Host
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
from skycommons.model.emulation_rules import SHORTEST_S, IrttSpec, PingSpec, ProbeSpec, VideoSpec

_LOOK_S: Final = 0.1
_SLOWER: Final = 1.5  # by how much probes may fall behind, as ping does by ticks of the kernel
_GRACE_S: Final = 45.0  # that they have beyond that before they are given up
_END_S: Final = 30.0  # that a video has once it is told to end
_HEADER_BYTES: Final = 28  # of IPv4, and of ICMP or UDP


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What one probe found.

    Attributes:
        results: One, or a video's, terminal by terminal.
        video: All of it, if it is one.
        packet_bytes: Of each packet there and back; 0 where a round trip is not that of one packet, as TCP's, which are smoothed.
    """

    results: tuple[ProbeResult, ...]
    video: VideoResult | None = None
    packet_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionResult:
    """What a run measured, and what it meant.

    Attributes:
        probes: In the order of the scenario, terminal by terminal.
        videos: Of the probes that sent any.
        story: What was meant to happen.
        report: How well the emulation kept to its plan.
        errors: By the number of a probe of pings: how far its round trips were from those that the plan meant.
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
        SkycommonsError: What stopped the network, or a probe makes no sense.
    """
    stopped = threading.Event()
    runs, notes = _runs(net, folder=folder, stopped=stopped)
    speed = net.pace.speed
    ends_s = max((run.spec.begin_s / speed + _SLOWER * _own_s(run.spec, speed) for run in runs), default=0.0)
    try:
        for run in runs:
            run.start()
        until_s = time.monotonic() + ends_s + _GRACE_S
        while any(run.is_running() for run in runs) and time.monotonic() < until_s:
            net.wait(0.0)
            show(net.states())
            time.sleep(_LOOK_S)
        net.wait(0.0)
    finally:
        stopped.set()
        until_s = time.monotonic() + _END_S
        for run in runs:
            run.await_video(until_s)
    return result_of(net, [run.measured() for run in runs], notes=notes)


def result_of(net: LiveNetwork, done: Sequence[Measured], *, notes: Sequence[str] = ()) -> SessionResult:
    """Put what was measured beside what was meant since the run began.

    Args:
        net: The network.
        done: What each probe found.
        notes: What could not be done.
    """
    found = [(result, one.packet_bytes) for one in done for result in one.results]
    rows, names = net.rows(), net.names
    story = story_of(
        *(net.player.slots, rows, net.settings),
        names=names,
        pace=net.pace,
        span_ns=(net.scenario.start_ns, net.clock()),
        events=net.events,
        title=net.scenario.title or net.scenario.name,
    )
    errors: dict[int, RttErrors] = {}
    handovers: dict[int, tuple[HandoverRow, ...]] = {}
    for number, (result, packet_bytes) in enumerate(found):
        if packet_bytes and "rtt_s" in result.series and result.source in names.terminals:
            meant = None  # of a packet from terminal to terminal: it crosses all lines of both
            if result.target not in names.terminals:
                terminal = names.terminals.index(result.source)
                meant = exact_rtt(rows, net.settings, terminal, net.pace, packet_bytes=packet_bytes)
            if meant is not None and net.settings.separate_icmp and _is_ping(result):
                errors[number] = compare_rtt(result.series, meant)
            handovers[number] = handover_rows(result.series, story.of(result.source).handovers, expected=meant)
    return SessionResult(
        probes=tuple(result for result, _ in found),
        videos=tuple(one.video for one in done if one.video is not None),
        story=story,
        report=net.report(),
        errors=errors,
        handovers=handovers,
        notes=tuple(notes),
    )


def _is_ping(result: ProbeResult) -> bool:
    """Whether its packets may have a queue of their own: only then is what they take beyond the plan the emulator's."""
    return result.probe.startswith("ping")


class _Run:
    """A probe in a thread of its own, without which others can go on."""

    def __init__(
        self,
        net: LiveNetwork,
        spec: ProbeSpec,
        hosts: Sequence[Host],
        *,
        folder: Path | None,
        stopped: threading.Event,
    ) -> None:
        """Prepare it.

        Raises:
            InputError: The probe makes no sense.
        """
        self.spec: Final = spec
        self._net, self._hosts, self._there, self._stopped = net, tuple(hosts), net[spec.target], stopped
        self._name, self._measure = self._way(folder)
        self._found: Measured | None = None
        self._begin_ns = net.clock()
        self._thread = threading.Thread(target=self._run, name=f"probe {self._name}", daemon=True)

    def start(self) -> None:
        """Begin to wait for its time."""
        self._thread.start()

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def await_video(self, until_s: float) -> None:
        """Let a video end; others know of no end but their own."""
        if isinstance(self.spec, VideoSpec) and self._thread.ident is not None:
            self._thread.join(max(until_s - time.monotonic(), 0.0))

    def measured(self) -> Measured:
        """What it found so far."""
        found = self._found
        return self._nothing("did not end and was given up") if found is None else found

    def _run(self) -> None:
        """Wait, and measure."""
        at_ns = self._net.scenario.start_ns + round(self.spec.begin_s * NS_PER_S)
        if self._stopped.wait(max(self._net.pace.wait_s(at_ns), 0.0)):
            self._found = self._nothing("was not begun: the run had ended")
            return
        self._begin_ns = self._net.clock()
        try:
            self._found = self._measure()
        except (SkycommonsError, OSError) as error:
            self._found = self._nothing(f"could not run: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it was, the others are not to lose what they measured
            self._found = self._nothing(f"failed: {type(error).__name__}: {error}")

    def _way(self, folder: Path | None) -> tuple[str, Callable[[], Measured]]:
        """Its name, and how it measures."""
        spec, speed = self.spec, self._net.pace.speed
        if isinstance(spec, VideoSpec):
            return "video", lambda: self._watched(spec, folder)
        probe = probe_of(replace(spec, duration_s=_own_s(spec, speed)))
        packet_bytes = _HEADER_BYTES + spec.payload_bytes if isinstance(spec, PingSpec | IrttSpec) else 0

        def run() -> Measured:
            result = probe.run(self._hosts[0], self._there, self._net.clock)
            return Measured(results=(result,), packet_bytes=packet_bytes)

        return probe.name, run

    def _watched(self, spec: VideoSpec, folder: Path | None) -> Measured:
        """One scene from all of its terminals."""
        setup = VideoSetup(
            duration_s=_own_s(spec, self._net.pace.speed),
            width=spec.width_px,
            height=spec.height_px,
            rate_hz=float(spec.frames_per_s),
            rate_bps=spec.bitrate_bps,
            latency_s=spec.latency_s,
        )
        probe = VideoProbe(setup=setup, folder=folder, stopped=self._stopped)
        video = probe.watch(self._hosts, self._there, self._net.clock)
        return Measured(results=video.probe_results(), video=video)

    def _nothing(self, why: str) -> Measured:
        """No result, and why."""
        note = f"{self._name} {why}"
        return Measured(
            results=tuple(
                without_result(self._name, host, self._there, begin_ns=self._begin_ns, notes=[note])
                for host in self._hosts
            )
        )


def _runs(net: LiveNetwork, *, folder: Path | None, stopped: threading.Event) -> tuple[list[_Run], list[str]]:
    """What is to be run, and what is left out."""
    runs: list[_Run] = []
    notes: list[str] = []
    for spec in net.scenario.emulation.probes:
        kind = type(spec).__name__.removesuffix("Spec").lower()
        absent = [name for name in dict.fromkeys((*spec.sources, spec.target)) if name not in net.hosts]
        notes += [f"{kind} from {', '.join(spec.sources)} to {spec.target}: {name} takes no part" for name in absent]
        hosts = [net[name] for name in spec.sources if name not in absent]
        if spec.target not in absent and hosts:
            groups = [hosts] if isinstance(spec, VideoSpec) else [[host] for host in hosts]
            runs += [_Run(net, spec, group, folder=folder, stopped=stopped) for group in groups]
    return runs, notes


def _own_s(spec: ProbeSpec, speed: float) -> float:
    """How long a probe lasts by the machine's clock."""
    return max(spec.duration_s / speed, SHORTEST_S)
