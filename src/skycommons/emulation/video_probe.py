"""Live video as a probe: a scene is filmed on terminals' hosts, sent across the network, and watched where it arrives.

* Receivers listen before senders call, and senders call before the camera films.
* The camera films on after the last picture that counts, until that one has come everywhere or the time of grace is over.
* Everything is bounded: a run takes its duration, the time of grace, and some seconds for programs to begin and to end. Whatever breaks,
  all programs are ended, folders for a while are removed, and what was measured until then is the result; a note says what happened.
* One machine films, sends and watches, so one clock tells all ages; several streams show the same pictures with the same numbers.
"""

import re
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.errors import HostError, InputError
from skycommons.emulation.probe_programs import missing, port_for
from skycommons.emulation.probes import Clock, HostLike, ProbeResult, without_result
from skycommons.emulation.video_camera import Camera, Feed, late_pictures
from skycommons.emulation.video_clock import TICK_NS
from skycommons.emulation.video_process import decode_errors, dropped_packets, last_words
from skycommons.emulation.video_receiver import Receiver
from skycommons.emulation.video_result import StreamResult, VideoResult
from skycommons.emulation.video_sender import Sender
from skycommons.emulation.video_setup import VideoSetup, VideoTransport
from skycommons.emulation.video_stalls import Arrivals, Viewing, first_of, view

_LISTENING_S: Final = 8.0
_ANSWER_S: Final = 20.0
_SOON_S: Final = 0.02
_LOOK_S: Final = 0.1
_FFMPEG: Final = ("ffmpeg", "-hide_banner")
_LATE_SHARE: Final = 0.02  # of pictures; from here on a note says that the machine was busy


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoProbe:
    """Live video from one host or several to another.

    Attributes:
        setup: How it is sent.
        folder: Where received films are kept, ``SOURCE-to-TARGET.mp4``; None to keep none.
        stopped: When set by somebody, the run ends early, with the pictures that were made by then.
    """

    setup: VideoSetup = field(default_factory=VideoSetup)
    folder: Path | None = None
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        """Short name."""
        return "video"

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        """Send a scene from one host and measure what arrives."""
        lacking = _lacking(target, self.setup)
        if lacking:
            return without_result(self.name, source, target, begin_ns=clock(), notes=[lacking])
        return self.watch([source], target, clock).probe_results()[0]

    def watch(self, sources: Sequence[HostLike], target: HostLike, clock: Clock) -> VideoResult:
        """Send one scene from each of these hosts at the same time, and watch every stream.

        Raises:
            InputError: No host is given, or two have one name.
            HostError: ffmpeg is not there or cannot do what is needed, or no film can be written.
        """
        if not sources or len({source.name for source in sources}) < len(sources):
            raise InputError("video: one host at least sends, and no two have the same name")
        lacking = _lacking(target, self.setup)
        if lacking:
            raise HostError(f"video: {lacking}")
        with tempfile.TemporaryDirectory(prefix="skycommons-video-") as folder:
            recording = _Recording(self.setup, sources, target, folder=Path(folder))
            begin_mono_ns, begin_ns = time.monotonic_ns(), clock()
            try:
                made_mono_ns = recording.watch(self.stopped)
                speed = (clock() - begin_ns) / (time.monotonic_ns() - begin_mono_ns)
            finally:
                recording.finish()
            streams, together = recording.seen(made_mono_ns, kept_in=self.folder)
        return VideoResult(
            setup=self.setup,
            begin_ns=begin_ns,
            begin_mono_ns=begin_mono_ns,
            speed=speed,
            made_mono_ns=made_mono_ns,
            streams=streams,
            together=together,
            notes=self._notes(made_mono_ns),
        )

    def _notes(self, made_mono_ns: Ints) -> tuple[str, ...]:
        """What a reader of every stream has to know."""
        notes = []
        if len(made_mono_ns) < self.setup.pictures():
            notes.append(f"the run was ended early, after {len(made_mono_ns)} of {self.setup.pictures()} pictures")
        late = late_pictures(made_mono_ns, picture_ns=self.setup.picture_ns())
        if late > _LATE_SHARE * len(made_mono_ns):
            notes.append(f"this machine was too busy to make {late} of {len(made_mono_ns)} pictures in time")
        return tuple(notes)


class _Recording:
    """Everything that runs while a scene is watched."""

    def __init__(self, setup: VideoSetup, sources: Sequence[HostLike], target: HostLike, *, folder: Path) -> None:
        self._setup, self._sources, self._target = setup, tuple(sources), target
        feeds = [Feed(round(setup.rate_hz)) for _ in sources]
        self._camera = Camera(setup, feeds)
        ports = ports_of(setup, sources, target)
        self._receivers = [Receiver(setup, target, port=port, folder=folder) for port in ports]
        self._senders = [
            Sender(
                setup,
                source,
                self._receivers[k].address,
                port=ports[k],
                feed=feeds[k],
                elapsed_s=self._camera.elapsed_s,
            )
            for k, source in enumerate(sources)
        ]

    def watch(self, stopped: threading.Event) -> Ints:
        """Run it all; when each picture that counts was made."""
        for receiver in self._receivers:
            receiver.start()
        until_s = time.monotonic() + _LISTENING_S
        while time.monotonic() < until_s and not all(receiver.is_listening() for receiver in self._receivers):
            stopped.wait(_SOON_S)
        for sender in self._senders:
            sender.start()
        self._camera.start()
        counted = self._setup.pictures()
        while self._camera.pictures < counted and not stopped.wait(_LOOK_S):
            self._sample()
        made_mono_ns = self._camera.made_mono_ns()[:counted]
        until_s = time.monotonic() + self._setup.latency_s + self._setup.grace_s
        while time.monotonic() < until_s and not all(r.newest >= len(made_mono_ns) - 1 for r in self._receivers):
            time.sleep(_LOOK_S)
            self._sample()
        return made_mono_ns

    def finish(self) -> None:
        """End it all, in the order that lets pictures through."""
        self._camera.stop()
        for sender in self._senders:
            sender.finish()
        for receiver in self._receivers:
            receiver.finish()

    def seen(self, made_mono_ns: Ints, *, kept_in: Path | None) -> tuple[tuple[StreamResult, ...], Viewing | None]:
        """What each viewer saw, and one who had all streams, if there are several."""
        picture_ns = self._setup.picture_ns()
        came = [genuine(receiver.arrivals(), self._camera.made_mono_ns()) for receiver in self._receivers]
        unknown = [receiver.unknown_mono_ns() for receiver in self._receivers]
        viewings = [
            view(made_mono_ns, arrivals, unknown_mono_ns=unknown[k], picture_ns=picture_ns)
            for k, arrivals in enumerate(came)
        ]
        streams = tuple(self._stream(k, viewing, kept_in=kept_in) for k, viewing in enumerate(viewings))
        if len(came) == 1:
            return streams, None
        # Whoever has all streams sees what is unknown on one of them only where the others bring nothing, which is no motion to rely on.
        nothing = np.empty(0, dtype=np.int64)
        return streams, view(made_mono_ns, first_of(came), unknown_mono_ns=nothing, picture_ns=picture_ns)

    def _stream(self, stream: int, viewing: Viewing, *, kept_in: Path | None) -> StreamResult:
        """One of the streams."""
        sender, receiver = self._senders[stream], self._receivers[stream]
        source, target = self._sources[stream].name, self._target.name
        film = receiver.save(kept_in / _file_name(source, target)) if kept_in is not None else None
        sampled_mono_ns, received_bytes = receiver.samples()
        notes = [*sender.notes, *receiver.notes]
        if not len(viewing.shown):
            said = last_words(sender.log) or last_words(receiver.log)
            notes.append(f"no picture arrived{f'; ffmpeg said: {said}' if said else ''}")
        if sender.starts > 1:
            notes.append(f"the connection broke; {source} called {sender.starts} times")
        if sender.lost:
            notes.append(
                f"{sender.lost} pictures never left {source}: its connection was broken or blocked, or its encoder too slow"
            )
        return StreamResult(
            source=source,
            target=target,
            viewing=viewing,
            sampled_mono_ns=sampled_mono_ns,
            received_bytes=received_bytes,
            dropped_packets=dropped_packets(receiver.log),
            decode_errors=decode_errors(receiver.log),
            connections=receiver.connections,
            film=film,
            log=sender.log + receiver.log,
            notes=tuple(notes),
        )

    def _sample(self) -> None:
        """Note how much came so far."""
        for receiver in self._receivers:
            receiver.sample()


def ports_of(setup: VideoSetup, sources: Sequence[HostLike], target: HostLike) -> list[int]:
    """A port for each stream: in a row, or by the names of its hosts, so that several probes may run at once; no two are the same."""
    ports: list[int] = []
    for k, source in enumerate(sources):
        port = port_for("video", source, target) if setup.port is None else setup.port + k
        while port in ports:
            port += 1
        ports.append(port)
    return ports


def genuine(arrivals: Arrivals, made_mono_ns: Ints) -> Arrivals:
    """Those whose number and instant are those of a picture that was made: no damage passes for a picture by chance."""
    known = np.flatnonzero(arrivals.number < len(made_mono_ns))
    told_ns = made_mono_ns[arrivals.number[known]] // TICK_NS * TICK_NS
    return arrivals.where(known[arrivals.made_mono_ns[known] == told_ns])


def _lacking(host: HostLike, setup: VideoSetup) -> str:
    """What keeps a video from being sent on this machine, and how to mend it; empty if nothing does."""
    lacking = missing("ffmpeg")
    if lacking:
        return lacking
    if "Encoder libx264" not in host.run([*_FFMPEG, "-h", "encoder=libx264"], timeout_s=_ANSWER_S).stdout:
        return "this ffmpeg has no x264; Debian's has"
    speaks = host.run([*_FFMPEG, "-protocols"], timeout_s=_ANSWER_S).stdout.split()
    if setup.transport is VideoTransport.SRT and "srt" not in speaks:
        return "this ffmpeg speaks no SRT; Debian's does, or choose UDP"
    return ""


def _file_name(source: str, target: str) -> str:
    """Name of a film, without its suffix."""
    return re.sub(r"[^\w.-]", "_", f"{source}-to-{target}")
