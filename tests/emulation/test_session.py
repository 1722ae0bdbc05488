"""Probes run side by side at their times; what one cannot do stays its own, and nothing waits for ever."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import HostError, InputError, PlanError, SkycommonsError
from skycommons.emulation import session
from skycommons.emulation.line_rows import LineRow, LineRows, LineSettings, TimedRows
from skycommons.emulation.live_network import LiveNetwork, emulate
from skycommons.emulation.live_report import LiveReport
from skycommons.emulation.live_state import Names, TerminalNow
from skycommons.emulation.live_story import exact_rtt
from skycommons.emulation.pace import Pace
from skycommons.emulation.plan_source import LiveSlot
from skycommons.emulation.probes import Clock, HostLike, ProbeResult
from skycommons.emulation.session import Measured, result_of, run_session
from skycommons.emulation.video_result import VideoResult
from skycommons.emulation.world_state import LiveEvent
from skycommons.model.emulation_rules import (
    DishStows,
    EmulationRules,
    Iperf3Spec,
    IrttSpec,
    PingSpec,
    ProbeSpec,
    VideoSpec,
)
from tests.support.live_networks import FakeHost, report, terminal
from tests.support.live_world import live_scenario
from tests.support.live_worlds import SLOT_NS, live_slot, slot_lines
from tests.support.programs import needed
from tests.support.video_results import two_streams
from tests.support.wires import MS, rows_of, settings

START_NS = 5 * 10**18
LONG_S = 20.0
UP: TimedRows = [(0, LineRow(delay_ns=10.0 * MS, ns_per_byte=1_000.0))]
DOWN: TimedRows = [(0, LineRow(delay_ns=12.0 * MS, ns_per_byte=100.0))]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often, and soon has waited enough for what does not end."""
    monkeypatch.setattr(session, "_LOOK_S", 2e-3)
    monkeypatch.setattr(session, "_GRACE_S", LONG_S)
    monkeypatch.setattr(session, "_END_S", LONG_S)


@dataclass(kw_only=True)
class FakeLive:
    """What a session needs of a network: two terminals and a studio."""

    probes: tuple[ProbeSpec, ...] = ()
    speed: float = 100.0
    stopped_by: Callable[[], SkycommonsError | None] = lambda: None
    events: tuple[LiveEvent, ...] = ()
    settings: LineSettings = field(default_factory=lambda: settings(seed=2))
    title: str = "a test"
    shown: int = 0

    def __post_init__(self) -> None:
        names = ("north", "south", "studio")
        self.hosts = {name: FakeHost(name=name, ipv4=f"100.64.0.{2 + row}") for row, name in enumerate(names)}
        self.names = Names(terminals=("north", "south"), satellites=("a", "b"), sites=())
        self.pace = Pace(start_ns=START_NS, start_mono_ns=time.monotonic_ns(), speed=self.speed)
        self.scenario = SimpleNamespace(
            start_ns=START_NS, name="test", title=self.title, emulation=EmulationRules(probes=self.probes)
        )
        self.player = SimpleNamespace(slots=self._slots())

    def _slots(self) -> tuple[LiveSlot, ...]:
        """Two, and a handover of the north between them."""
        return tuple(
            live_slot(slot_lines(START_NS + SLOT_NS * number, terminals=2, satellite=[number, 1]))
            for number in range(2)
        )

    def __getitem__(self, name: str) -> FakeHost:
        """A host."""
        return self.hosts[name]

    def clock(self) -> int:
        """Emulated time."""
        return self.pace.now_ns()

    def wait(self, seconds: float) -> None:
        """Fail, if it is to."""
        error = self.stopped_by()
        if error is not None:
            raise error

    def states(self) -> tuple[TerminalNow, ...]:
        """One terminal."""
        self.shown += 1
        return (terminal(),)

    def rows(self) -> LineRows:
        """The two lines of both terminals."""
        return rows_of(UP, DOWN, UP, DOWN)

    def report(self) -> LiveReport:
        """How it went."""
        return report()


def live(**given: Any) -> tuple[LiveNetwork, FakeLive]:
    """The same network, once as the session sees it."""
    fake = FakeLive(**given)
    return cast("LiveNetwork", fake), fake


@dataclass(kw_only=True)
class FakeProbe:
    """Measures what it is told to, or does what else it is told to."""

    spec: Any
    does: Callable[["FakeProbe", str], None]
    name: str = "ping"
    begun_ns: list[int] = field(default_factory=list)

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """One round trip of a second."""
        self.begun_ns.append(clock())
        self.does(self, source.name)
        return found(self.name, source.name, target.name, begin_ns=self.begun_ns[-1])


def found(
    name: str = "ping", source: str = "north", target: str = "studio", *, begin_ns: int = START_NS, rtt_s: float = 1.0
) -> ProbeResult:
    """What a probe measured about the handover: a round trip a second, all alike."""
    time_ns = START_NS + np.arange(13, 18, dtype=np.int64) * NS_PER_S
    series = {"time_ns": time_ns, "rtt_s": np.full(5, rtt_s)}
    return ProbeResult(probe=name, source=source, target=target, begin_ns=begin_ns, summary={}, series=series)


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[FakeProbe]:
    """All probes that were made; each does nothing but measure."""
    return made_probes(monkeypatch, lambda _probe, _source: None)


def made_probes(monkeypatch: pytest.MonkeyPatch, does: Callable[[FakeProbe, str], None]) -> list[FakeProbe]:
    """The probes that a session makes from now on."""
    made: list[FakeProbe] = []

    def probe_of(spec: Any) -> FakeProbe:
        name = {"PingSpec": "ping", "IrttSpec": "irtt", "Iperf3Spec": "iperf3-cubic-down"}[type(spec).__name__]
        made.append(FakeProbe(spec=spec, does=does, name=name))
        return made[-1]

    monkeypatch.setattr(session, "probe_of", probe_of)
    return made


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opens in the end at the latest."""
    event = threading.Event()
    yield event
    event.set()


def labels(results: tuple[ProbeResult, ...]) -> list[tuple[str, str]]:
    """What was measured from where."""
    return [(result.probe, result.source) for result in results]


@pytest.mark.usefixtures("probes")
def test_results_are_in_the_order_of_the_scenario_terminal_by_terminal() -> None:
    """Whichever ends first; and who looks on is shown how terminals stand."""
    both = ("south", "north")
    net, fake = live(
        probes=(PingSpec(sources=both, target="studio", begin_s=2.0), IrttSpec(sources=("north",), target="studio"))
    )
    seen: list[tuple[TerminalNow, ...]] = []
    done = run_session(net, show=seen.append)
    assert labels(done.probes) == [("ping", "south"), ("ping", "north"), ("irtt", "north")]
    assert (done.notes, done.videos) == ((), ())
    assert len(seen) == fake.shown > 0
    assert done.story.title == "a test"
    assert done.report.terminals == ("north",)


def test_without_probes_there_is_nothing_to_wait_for() -> None:
    """And the scenario's name stands for the title that it has not."""
    net, _ = live(title="")
    done = run_session(net)
    assert (done.probes, done.errors, done.handovers) == ((), {}, {})
    assert done.story.title == "test"


def test_probes_begin_at_their_times_and_last_for_emulated_time(probes: list[FakeProbe]) -> None:
    """A hundred times as fast, ten seconds are a tenth of one, which is too short for any program: half a second it is."""
    net, _ = live(
        probes=(
            PingSpec(sources=("north",), target="studio", duration_s=10.0),
            PingSpec(sources=("north",), target="studio", duration_s=200.0, begin_s=5.0),
        )
    )
    done = run_session(net)
    assert [probe.spec.duration_s for probe in probes] == [0.5, 2.0]
    assert probes[0].begun_ns[0] >= START_NS
    assert done.probes[1].begin_ns >= START_NS + 5 * NS_PER_S


def test_who_takes_no_part_is_left_out_and_named(probes: list[FakeProbe]) -> None:
    """A source, all sources, or the target."""
    net, _ = live(
        probes=(
            PingSpec(sources=("north", "hut"), target="studio"),
            PingSpec(sources=("hut",), target="studio"),
            IrttSpec(sources=("south",), target="barn"),
            VideoSpec(sources=("hut",), target="studio"),
        )
    )
    done = run_session(net)
    assert labels(done.probes) == [("ping", "north")]
    assert len(probes) == 1
    assert done.notes == (
        "ping from north, hut to studio: hut takes no part",
        "ping from hut to studio: hut takes no part",
        "irtt from south to barn: barn takes no part",
        "video from hut to studio: hut takes no part",
    )


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (HostError("no namespace"), "ping could not run: no namespace"),
        (OSError(24, "too many open files"), "ping could not run: [Errno 24] too many open files"),
        (InputError("no such number"), "ping could not run: no such number"),
        (KeyError("sent"), "ping failed: KeyError: 'sent'"),
    ],
)
def test_what_one_probe_cannot_do_is_its_note_and_the_others_go_on(
    error: Exception, note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of whichever kind the fault is."""

    def fail(_probe: FakeProbe, source: str) -> None:
        if source == "north":
            raise error

    made_probes(monkeypatch, fail)
    net, _ = live(probes=(PingSpec(sources=("north", "south"), target="studio"),))
    done = run_session(net)
    assert [result.notes for result in done.probes] == [(note,), ()]
    assert [len(result) for result in done.probes] == [0, 5]
    assert done.probes[0].begin_ns >= START_NS
    assert list(done.errors) == [1]


def test_a_probe_that_makes_no_sense_is_refused_before_any_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real ones."""
    net, fake = live(
        probes=(
            PingSpec(sources=("north",), target="studio"),
            PingSpec(sources=("north",), target="studio", payload_bytes=2),
        )
    )
    monkeypatch.setattr(FakeHost, "popen", lambda *_, **__: pytest.fail("nothing may begin"))
    with pytest.raises(InputError, match="16 bytes"):
        run_session(net)
    assert fake.shown == 0


def test_a_probe_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, gate: threading.Event) -> None:
    """After the grace; the others' results are kept, and nobody waits for it, not even the interpreter's end."""
    monkeypatch.setattr(session, "_GRACE_S", 0.05)
    monkeypatch.setattr(session, "_SLOWER", 0.0)
    made_probes(monkeypatch, lambda _, source: None if source == "south" else cast("None", gate.wait(LONG_S)))
    net, _ = live(probes=(PingSpec(sources=("north", "south"), target="studio"),))
    done = run_session(net)
    assert not gate.is_set()
    assert [result.notes for result in done.probes] == [("ping did not end and was given up",), ()]
    stuck = [thread for thread in threading.enumerate() if thread.name == "probe ping"]
    assert all(thread.daemon for thread in stuck)


def test_what_stops_the_network_stops_the_session(monkeypatch: pytest.MonkeyPatch, gate: threading.Event) -> None:
    """At once: neither a probe that runs nor one that is to begin in hours is waited for."""
    begun = threading.Event()

    def hang(_probe: FakeProbe, _source: str) -> None:
        begun.set()
        gate.wait(LONG_S)

    made = made_probes(monkeypatch, hang)
    net, _ = live(
        speed=1.0,
        stopped_by=lambda: PlanError("no way on") if begun.is_set() else None,
        probes=(
            PingSpec(sources=("north",), target="studio"),
            PingSpec(sources=("south",), target="studio", begin_s=9_000.0),
        ),
    )
    with pytest.raises(PlanError, match="no way on"):
        run_session(net)
    assert not gate.is_set()
    assert made[1].begun_ns == []
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "probe ping":
            thread.join(LONG_S)
            assert not thread.is_alive()


def test_a_network_that_failed_has_no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though all probes ended before anybody looked."""
    ended = threading.Event()
    made_probes(monkeypatch, lambda *_: ended.set())
    monkeypatch.setattr(session, "_LOOK_S", 0.2)
    net, _ = live(
        stopped_by=lambda: HostError("the wire is gone") if ended.is_set() else None,
        probes=(PingSpec(sources=("north",), target="studio"),),
    )
    with pytest.raises(HostError, match="the wire is gone"):
        run_session(net)


def test_a_probe_that_was_not_begun_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the run had ended before."""
    net, _ = live(speed=1.0, probes=(PingSpec(sources=("north",), target="studio", begin_s=9_000.0),))
    stopped = threading.Event()
    (run,), notes = session._runs(net, folder=None, stopped=stopped)
    run.await_video(time.monotonic() + LONG_S)  # it is none, and has not been started
    run.start()
    stopped.set()
    while run.is_running():
        time.sleep(1e-3)
    assert (run.measured().results[0].notes, notes) == (("ping was not begun: the run had ended",), [])


@dataclass(kw_only=True)
class FakeVideo:
    """Watches until it is told to end."""

    setup: Any
    folder: Path | None
    stopped: threading.Event
    begun: threading.Event = field(default_factory=threading.Event)
    ended: bool = False
    hosts: tuple[str, ...] = ()

    def watch(self, hosts: tuple[HostLike, ...], _target: HostLike, _clock: Clock) -> VideoResult:
        """Some pictures."""
        self.hosts = tuple(host.name for host in hosts)
        self.begun.set()
        if self.setup.duration_s > 1.0:
            assert self.stopped.wait(LONG_S)
            time.sleep(0.05)
        self.ended = True
        return two_streams()


@pytest.fixture
def videos(monkeypatch: pytest.MonkeyPatch) -> list[FakeVideo]:
    """All videos that were made."""
    made: list[FakeVideo] = []

    def video_probe(**given: Any) -> FakeVideo:
        made.append(FakeVideo(**given))
        return made[-1]

    monkeypatch.setattr(session, "VideoProbe", video_probe)
    return made


BOTH = VideoSpec(sources=("north", "hut", "south"), target="studio", duration_s=90.0, bitrate_bps=1e6, frames_per_s=25)


def test_a_video_is_sent_from_all_of_its_terminals_at_once(videos: list[FakeVideo], tmp_path: Path) -> None:
    """One film, in the folder that was named; a result for each terminal."""
    net, _ = live(probes=(BOTH,))
    done = run_session(net, folder=tmp_path)
    (video,) = videos
    assert (video.folder, video.hosts) == (tmp_path, ("north", "south"))
    assert video.setup.duration_s == 0.9
    assert (video.setup.rate_hz, video.setup.rate_bps, video.setup.width) == (25.0, 1e6, 1280)
    assert labels(done.probes)[:2] == [("video", "north"), ("video", "south")]
    assert len(done.videos) == 1
    assert done.notes == ("video from north, hut, south to studio: hut takes no part",)


def test_what_stops_the_network_ends_videos_and_waits_for_them(videos: list[FakeVideo]) -> None:
    """So that nothing is written to a folder that is gone."""
    net, _ = live(
        speed=1.0,
        probes=(BOTH,),
        stopped_by=lambda: HostError("the wire is gone") if videos and videos[0].begun.is_set() else None,
    )
    with pytest.raises(HostError, match="the wire is gone"):
        run_session(net)
    assert videos[0].stopped.is_set()
    assert videos[0].ended


def test_a_video_that_lasts_too_long_is_ended_with_what_it_has(
    videos: list[FakeVideo], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an early end, not as nothing."""
    monkeypatch.setattr(session, "_GRACE_S", 0.1)
    monkeypatch.setattr(session, "_SLOWER", 0.0)
    net, _ = live(speed=1.0, probes=(BOTH,))
    done = run_session(net)
    assert len(done.videos) == len(videos) == 1
    assert len(done.probes[0]) > 0


def test_a_video_that_cannot_be_sent_is_a_note_at_each_terminal() -> None:
    """Such as one of a size that no encoder takes."""
    net, _ = live(
        probes=(
            VideoSpec(sources=("north", "south"), target="studio", width_px=11),
            PingSpec(sources=(), target="studio"),
        )
    )
    done = run_session(net)
    assert labels(done.probes) == [("video", "north"), ("video", "south")]
    for result in done.probes:
        assert result.notes[0].startswith("video could not run: video: ")
    assert (done.videos, done.errors, done.handovers) == ((), {}, {})


def test_the_story_begins_with_the_run() -> None:
    """What happens at its first instant is in it, though probes begin a moment later."""
    net, _ = live(speed=1.0, events=(DishStows(at_s=0.0, terminal="north"),))
    done = run_session(net)
    assert [event.label for event in done.story.events] == ["dish of north is stowed"]
    assert done.story.slot_ns.tolist() == [START_NS]


def measured(result: ProbeResult, packet_bytes: int = 84) -> Measured:
    """What a probe found."""
    return Measured(results=(result,), packet_bytes=packet_bytes)


def after_two_slots(**given: Any) -> LiveNetwork:
    """A network whose two slots are over."""
    net, fake = live(**given)
    fake.pace = Pace(start_ns=START_NS, start_mono_ns=0, now_mono_ns=lambda: 2 * SLOT_NS)
    return net


def test_round_trips_are_compared_with_those_of_packets_as_long_as_they_were() -> None:
    """To the nanosecond: here 1,000 bytes more take a ms more on the way up."""
    net = after_two_slots()
    short, long = (22e-3 + packet_bytes * 1_100e-9 for packet_bytes in (84, 1_084))
    done = result_of(net, [measured(found(rtt_s=short)), measured(found(rtt_s=long), 1_084)], notes=["a note"])
    for errors in done.errors.values():
        assert errors.compared == 5
        assert (errors.p50_ms, errors.bias_ms) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert sorted(done.errors) == [0, 1]
    assert done.notes == ("a note",)
    meant = exact_rtt(net.rows(), net.settings, 0, net.pace, packet_bytes=1_084)
    assert meant(done.probes[1].series["time_ns"]) == pytest.approx(long)


@pytest.mark.parametrize(
    ("spec", "packet_bytes"),
    [
        (PingSpec(sources=("north",), target="studio", payload_bytes=1_400), 1_428),
        (IrttSpec(sources=("north",), target="studio"), 200),
        (Iperf3Spec(sources=("north",), target="studio"), 0),
    ],
)
@pytest.mark.usefixtures("probes")
def test_a_packet_is_its_payload_and_its_headers(spec: ProbeSpec, packet_bytes: int) -> None:
    """Nothing where a round trip is not that of one packet."""
    net, _ = live(probes=(spec,))
    (run,), _ = session._runs(net, folder=None, stopped=threading.Event())
    run.start()
    while run.is_running():
        time.sleep(1e-3)
    assert run.measured().packet_bytes == packet_bytes


def test_only_what_waits_for_nobody_is_held_against_the_emulator() -> None:
    """Pings with a queue of their own to a host of the internet; handovers are told of all that are single packets."""
    results = [
        measured(found("ping")),
        measured(found("irtt"), 200),
        measured(found("iperf3-cubic-down"), 0),
        measured(found("ping", target="south")),
        measured(found("ping", source="studio", target="north")),
        measured(
            ProbeResult(
                probe="ping",
                source="north",
                target="studio",
                begin_ns=0,
                summary={},
                series={"time_ns": np.empty(0, dtype=np.int64)},
            )
        ),
        measured(found("ping", source="south")),
    ]
    done = result_of(after_two_slots(), results)
    assert sorted(done.errors) == [0, 6]
    assert [number for number, rows in done.handovers.items() if rows] == [0, 1, 3]
    assert sorted(done.handovers) == [0, 1, 3, 6]
    assert np.isnan(done.handovers[3][0].planned_after_s)
    (row,) = done.handovers[0]
    assert (row.before, row.after, row.time_ns) == ("a", "b", START_NS + SLOT_NS)
    assert row.planned_after_s == pytest.approx(22e-3, abs=1e-3)
    shared = result_of(after_two_slots(settings=settings(separate_icmp=False)), results)
    assert (shared.errors, sorted(shared.handovers)) == ({}, [0, 1, 3, 6])


@pytest.mark.usefixtures("needs_namespaces")
def test_probes_of_a_scenario_measure_its_plan() -> None:
    """Twenty pings of each terminal, over real lines, come back as the plan meant for those very packets, or some ms later."""
    needed("ping")
    both = ("zurich", "east")
    ping = PingSpec(sources=both, duration_s=10.0, interval_s=0.1, payload_bytes=400)
    scenario = live_scenario()
    scenario = scenario.replace(emulation=EmulationRules(access=False, loss=False, probes=(ping,)))
    with emulate(scenario, speed=5.0) as net:
        done = run_session(net)
    assert [(result.source, result.notes, len(result)) for result in done.probes] == [(name, (), 20) for name in both]
    for number, result in enumerate(done.probes):
        assert result.summary["loss_share"] == 0.0
        assert done.errors[number].compared == 20
        assert -1.0 < done.errors[number].bias_ms < 20.0
    assert done.story.of("zurich").expected.time_ns[0] == scenario.start_ns
    assert done.report.counters.delivered_packets.min() >= 20
