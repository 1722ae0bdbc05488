"""Live video, measured as its viewer sees it: encoders and decoders of this machine, and relays for a network."""

import dataclasses
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.emulation import video_probe
from skycommons.emulation.video_camera import Camera
from skycommons.emulation.video_clock import TICK_NS
from skycommons.emulation.video_probe import VideoProbe, genuine, ports_of
from skycommons.emulation.video_setup import VideoSetup, VideoTransport
from skycommons.emulation.video_stalls import Arrivals
from tests.support.programs import needed
from tests.support.video_relays import LocalHost, Relay, free_ports

GAP_S = (2.5, 3.5)
DELAY_S = 0.2
LOADED_S = 0.12  # what a busy machine may add to one of two medians


def small(**changes: object) -> VideoSetup:
    """Small pictures on ports that nobody uses."""
    needed("ffmpeg")
    setup = VideoSetup(
        duration_s=2.0, width=320, height=180, rate_bps=300e3, key_s=0.4, preset="ultrafast", port=free_ports(2)
    )
    return dataclasses.replace(setup, **changes)  # type: ignore[arg-type]  # fields by their names


def port_of(setup: VideoSetup) -> int:
    """Port of the first stream."""
    assert setup.port is not None
    return setup.port


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what is there only for a while."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def films(path: Path) -> int:
    """How many pictures a film has."""
    asked = [
        str(needed("ffprobe")),
        "-v",
        "error",
        "-count_frames",
        "-show_entries",
        "stream=nb_read_frames",
        "-of",
        "csv=p=0",
    ]
    return int(subprocess.run([*asked, str(path)], capture_output=True, text=True, check=True).stdout)


def test_two_paths_are_watched_alone_and_together(tmp_path: Path, temporary: Path) -> None:
    """One path is interrupted for a second, the other is 200 ms longer: each viewer sees just that, and who has both sees no gap."""
    setup = small(duration_s=6.5, transport=VideoTransport.UDP)
    north, south, studio = LocalHost(name="north"), LocalHost(name="south"), LocalHost(name="studio")
    with Relay(port_of(setup), gap_s=GAP_S) as broken, Relay(port_of(setup) + 1, delay_s=DELAY_S) as longer:
        north.other_ports[port_of(setup)] = broken.port
        south.other_ports[port_of(setup) + 1] = longer.port
        result = VideoProbe(setup=setup, folder=tmp_path / "films").watch([north, south], studio, time.time_ns)
    first, second = (stream.viewing for stream in result.streams)
    together = result.together
    assert together is not None
    assert second.delay_quantile_s(0.5) - first.delay_quantile_s(0.5) == pytest.approx(DELAY_S, abs=LOADED_S)
    assert 0.7 < first.stalls.longest_s() < 3.5
    assert first.arrived < first.made - 15
    assert second.share() > 0.8
    assert together.share() >= second.share()
    assert together.stalls.total_s() < first.stalls.total_s() - 0.5
    assert seen_in_gap(together.shown, broken) > 10
    assert seen_in_gap(first.shown, broken) == 0
    assert films(tmp_path / "films" / "south-to-studio.mp4") >= second.arrived
    assert films(tmp_path / "films" / "north-to-studio.mp4") > 0
    assert_all_gone(temporary, north, south, studio)
    assert [probe.label for probe in result.probe_results()][-1] == "video north or south to studio"


def seen_in_gap(shown: Arrivals, relay: Relay) -> int:
    """How many pictures were shown while the relay let nothing through, its last 100 ms apart."""
    assert relay.first_s is not None
    begin_ns, end_ns = (int((relay.first_s + edge_s) * 1e9) for edge_s in (GAP_S[0] + 0.2, GAP_S[1] - 0.1))
    return int(((shown.shown_mono_ns >= begin_ns) & (shown.shown_mono_ns < end_ns)).sum())


def assert_all_gone(temporary: Path, *hosts: LocalHost) -> None:
    """No program runs on, and no folder is left."""
    assert all(host.all_ended() for host in hosts)
    assert list(temporary.iterdir()) == []


def test_damage_is_seen_where_nothing_sends_lost_packets_again(temporary: Path) -> None:
    """Of 30 datagrams one is lost: pictures move, damaged; the decoder complains."""
    setup = small(duration_s=3.0, transport=VideoTransport.UDP, rate_bps=1.5e6)
    north, studio = LocalHost(name="north"), LocalHost(name="studio")
    with Relay(port_of(setup), lost_every=30) as lossy:
        north.other_ports[port_of(setup)] = lossy.port
        (stream,) = VideoProbe(setup=setup).watch([north], studio, time.time_ns).streams
    assert len(stream.viewing.damaged_mono_ns()) > 5
    assert stream.viewing.whole_share() < 0.9
    assert stream.decode_errors > 0
    assert_all_gone(temporary, north, studio)


def test_srt_shows_pictures_its_latency_later(tmp_path: Path, temporary: Path) -> None:
    """As a probe like any other: a row for each picture that was seen; the film is kept."""
    setup = small(latency_s=0.3)
    north, studio = LocalHost(name="north"), LocalHost(name="studio")
    result = VideoProbe(setup=setup, folder=tmp_path).run(north, studio, time.time_ns)
    assert result.probe == "video"
    assert float(result.summary["arrived_share"]) > 0.8
    assert 0.3 < float(result.summary["delay_median_s"]) < 2.0
    assert result.summary["connections"] == 1.0
    assert 50e3 < float(result.summary["received_mean_bps"]) < 600e3
    assert len(result) > 35
    assert (np.diff(result.series["time_ns"]) >= 0).all()
    assert (np.diff(result.series["received_bytes"]) >= 0).all()
    assert abs(int(result.series["time_ns"][-1]) - time.time_ns()) < 60e9
    assert films(tmp_path / "north-to-studio.mp4") >= len(result)
    assert_all_gone(temporary, north, studio)


def received(temporary: Path, *, parts: str = "0") -> None:
    """Wait until a second or so of a connection has been recorded."""
    until_s = time.monotonic() + 120.0
    while not any(path.stat().st_size > 40_000 for path in temporary.glob(f"*/*-{parts}.ts")):
        assert time.monotonic() < until_s
        time.sleep(0.05)
    time.sleep(0.3)


def test_a_sender_that_vanishes_leaves_what_came_and_a_film(tmp_path: Path, temporary: Path) -> None:
    """The pictures until then, a stall to the end, and a film that plays."""
    setup = small(duration_s=300.0, latency_s=0.1, grace_s=0.5)
    north, studio, stopped = LocalHost(name="north"), LocalHost(name="studio"), threading.Event()

    def strike() -> None:
        """End the sender's program for good, and let others call where nobody is."""
        try:
            received(temporary)
            north.other_ports[port_of(setup)] = 9
            north.started[0].kill()
            time.sleep(1.5)
        finally:
            stopped.set()

    striking = threading.Thread(target=strike)
    striking.start()
    result = VideoProbe(setup=setup, folder=tmp_path, stopped=stopped).watch([north], studio, time.time_ns)
    striking.join()
    (stream,) = result.streams
    assert 0 < stream.viewing.arrived < stream.viewing.made - 15
    assert stream.viewing.stalls.total_s() > 0.5
    assert any("the connection broke; north called" in note for note in stream.notes)
    assert stream.film is not None
    assert films(stream.film) > 0
    assert_all_gone(temporary, north, studio)


def test_a_connection_that_broke_is_made_again(temporary: Path) -> None:
    """Both ends begin anew, and pictures come again."""
    setup = small(duration_s=300.0, latency_s=0.1)
    north, studio, stopped = LocalHost(name="north"), LocalHost(name="studio"), threading.Event()

    def interrupt() -> None:
        """End the first sender, and wait for the second connection."""
        try:
            received(temporary)
            north.started[0].terminate()
            received(temporary, parts="[1-9]")
        finally:
            stopped.set()

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    result = VideoProbe(setup=setup, stopped=stopped).watch([north], studio, time.time_ns)
    interrupting.join()
    (stream,) = result.streams
    assert stream.connections >= 2
    assert stream.viewing.arrived > 30
    assert stream.film is None
    assert any("ended early" in note for note in result.notes)
    assert_all_gone(temporary, north, studio)


def test_a_path_that_lets_nothing_through_is_told(tmp_path: Path, temporary: Path) -> None:
    """No picture, no film, no hanging; the note says why."""
    setup = small(duration_s=1.0, grace_s=0.2, transport=VideoTransport.UDP)
    north, studio = LocalHost(name="north", other_ports={port_of(setup): 9}), LocalHost(name="studio")
    result = VideoProbe(setup=setup, folder=tmp_path / "films").watch([north], studio, time.time_ns)
    (stream,) = result.streams
    assert stream.viewing.arrived == 0
    assert stream.film is None
    assert any(note.startswith("no picture arrived") for note in stream.notes)
    (probe,) = result.probe_results()
    assert len(probe) == 0
    assert_all_gone(temporary, north, studio)


def test_programs_end_when_the_run_is_interrupted(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised while it runs."""
    setup = small()
    north, studio = LocalHost(name="north"), LocalHost(name="studio")

    def interrupt(camera: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Camera, "pictures", property(interrupt))
    with pytest.raises(KeyboardInterrupt):
        VideoProbe(setup=setup).watch([north], studio, time.time_ns)
    assert north.started
    assert_all_gone(temporary, north, studio)


def test_emulated_time_runs_as_its_clock_does(temporary: Path) -> None:
    """A clock that runs twice as fast spreads pictures over twice the time."""
    setup = small(latency_s=0.05, duration_s=1.0)
    begin_ns = time.monotonic_ns()
    result = VideoProbe(setup=setup).watch(
        [LocalHost(name="north")], LocalHost(name="studio"), lambda: 2 * (time.monotonic_ns() - begin_ns)
    )
    shown = result.streams[0].viewing.shown.shown_mono_ns
    np.testing.assert_allclose(result.at(shown), 2 * (shown - begin_ns), atol=200e6)


@pytest.mark.parametrize("names", [(), ("north", "north")])
def test_who_sends_is_checked(names: tuple[str, ...]) -> None:
    """One host at least, each once."""
    with pytest.raises(InputError, match="one host at least"):
        VideoProbe().watch([LocalHost(name=name) for name in names], LocalHost(name="studio"), time.time_ns)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"encoder=libx264": "Codec 'libx264' is not recognized", "-protocols": "srt udp"}, "no x264"),
        ({"encoder=libx264": "Encoder libx264 [libx264 H.264]:", "-protocols": "Input:\n  rtp\n  udp"}, "no SRT"),
    ],
)
def test_a_program_that_cannot_do_it_is_told(
    answers: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a note of a probe that measured nothing, or as an error to who asked for more."""

    class Answering(LocalHost):
        def run(self, argv: object, *, timeout_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
            (asked,) = set(answers) & set(argv)  # type: ignore[call-overload]  # a sequence
            return subprocess.CompletedProcess([], 0, answers[asked], "")

    monkeypatch.setattr(video_probe, "missing", lambda _: "")
    result = VideoProbe().run(LocalHost(name="north"), Answering(name="studio"), lambda: 7)
    assert words in result.notes[0]
    assert (len(result), result.begin_ns) == (0, 7)
    with pytest.raises(HostError, match=words):
        VideoProbe().watch([LocalHost(name="north")], Answering(name="studio"), lambda: 7)


def test_a_program_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how to get it."""
    monkeypatch.setattr(video_probe, "missing", lambda name: f"{name} is not here")
    result = VideoProbe().run(LocalHost(name="north"), LocalHost(name="studio"), lambda: 7)
    assert result.notes == ("ffmpeg is not here",)


def test_ports_go_by_names_and_never_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or stand in a row, if the first one is given."""
    hosts, studio = [LocalHost(name=name) for name in ("a", "b", "c")], LocalHost(name="studio")
    assert ports_of(VideoSetup(port=7600), hosts, studio) == [7600, 7601, 7602]
    named = ports_of(VideoSetup(), hosts, studio)
    assert named == ports_of(VideoSetup(), hosts, studio)
    assert len(set(named)) == 3
    monkeypatch.setattr(video_probe, "port_for", lambda *_: 9000)
    assert ports_of(VideoSetup(), hosts, studio) == [9000, 9001, 9002]


def test_only_pictures_that_were_made_are_genuine() -> None:
    """A number that was never filmed, or another instant, is damage that passed the check sum."""
    made_mono_ns = TICK_NS * np.array([10, 20, 30], dtype=np.int64) + 999
    came = Arrivals(
        number=np.array([0, 1, 7, 2]),
        made_mono_ns=TICK_NS * np.array([10, 21, 30, 30]),
        shown_mono_ns=np.arange(4, dtype=np.int64),
        is_whole=np.ones(4, dtype=np.bool_),
    )
    assert genuine(came, made_mono_ns).number.tolist() == [0, 2]


def test_a_busy_machine_is_told() -> None:
    """Pictures that were made late say nothing about the network."""
    probe = VideoProbe(setup=VideoSetup(duration_s=4.0))
    made_mono_ns = 40_000_000 * np.arange(100, dtype=np.int64)
    made_mono_ns[50:] += 50_000_000
    assert probe.name == "video"
    assert probe._notes(made_mono_ns) == ("this machine was too busy to make 50 of 100 pictures in time",)
