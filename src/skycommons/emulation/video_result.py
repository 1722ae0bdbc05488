"""What a live video came to: each stream as its viewer saw it, and the streams together.

* Instants are CLOCK_MONOTONIC inside, as the pictures have them, and emulated time in what is handed to others.
* The rate is that of the transport stream which the receiver recorded; what SRT sent again is not in it.
* Numbers of a stream that never came are NaN, and a note says why nothing came.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats, Ints, freeze
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.probes import TIME, ProbeResult
from skycommons.emulation.video_setup import VideoSetup
from skycommons.emulation.video_stalls import Viewing

_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreamResult:
    """One stream from a terminal to its target.

    Attributes:
        source, target: Names of the hosts.
        viewing: What its viewer saw.
        sampled_mono_ns, received_bytes: ``(K,)`` how much of the transport stream had been received when.
        dropped_packets: Packets that SRT gave up because they would have come too late.
        decode_errors: How many times the decoder missed something.
        connections: How many times a connection brought pictures.
        film: Where the received film is kept.
        log: What the programs said.
        notes: What a reader has to know.
    """

    source: str
    target: str
    viewing: Viewing
    sampled_mono_ns: Ints
    received_bytes: Ints
    dropped_packets: int = 0
    decode_errors: int = 0
    connections: int = 0
    film: Path | None = None
    log: bytes = b""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze(self.sampled_mono_ns, self.received_bytes)

    def received_by(self, mono_ns: Ints) -> Floats:
        """Bytes that had been received by some instants, between samples on a line."""
        if not len(self.sampled_mono_ns):
            return np.zeros(len(mono_ns))
        since = self.sampled_mono_ns[0]
        received: Floats = np.interp(mono_ns - since, self.sampled_mono_ns - since, self.received_bytes)
        return received

    def rates_bps(self, edges_mono_ns: Ints) -> Floats:
        """Rate between each two of these instants, one fewer than there are."""
        rates: Floats = np.diff(self.received_by(edges_mono_ns)) * 8.0 / (np.diff(edges_mono_ns) / NS_PER_S)
        return rates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VideoResult:
    """One scene, sent over one terminal or several at once.

    Attributes:
        setup: How it was sent.
        begin_ns: When it began, emulated time.
        begin_mono_ns: The same by the machine's clock.
        speed: How much faster emulated time ran.
        made_mono_ns: ``(F,)`` when each picture that counts was made.
        streams: One a terminal, in the order in which they were given.
        together: What a viewer saw who took of each picture the copy that came first; None for a single stream.
        notes: What a reader has to know.
    """

    setup: VideoSetup
    begin_ns: int
    begin_mono_ns: int
    speed: float
    made_mono_ns: Ints
    streams: tuple[StreamResult, ...]
    together: Viewing | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze(self.made_mono_ns)

    def at(self, mono_ns: Ints) -> Ints:
        """Emulated instants of these of the machine's clock."""
        since_ns: Ints = np.rint(self.speed * (mono_ns - self.begin_mono_ns)).astype(np.int64)
        return self.begin_ns + since_ns

    def probe_results(self) -> tuple[ProbeResult, ...]:
        """The same in the form of all probes: one result a stream, and one for all together, a row for each picture that was seen."""
        results = [self._stream_result(stream) for stream in self.streams]
        if self.together is not None:
            results.append(
                ProbeResult(
                    probe="video",
                    source=" or ".join(stream.source for stream in self.streams),
                    target=self.streams[0].target,
                    begin_ns=self.begin_ns,
                    summary={**self.together.figures()},
                    series=self._series(self.together),
                    notes=self.notes,
                )
            )
        return tuple(results)

    def _stream_result(self, stream: StreamResult) -> ProbeResult:
        """One stream in the form of all probes."""
        shown_ns = stream.viewing.shown.shown_mono_ns
        span = self.made_mono_ns[[0, -1]] if len(self.made_mono_ns) > 1 else np.zeros(0, dtype=np.int64)
        rates_bps = stream.rates_bps(span)
        return ProbeResult(
            probe="video",
            source=stream.source,
            target=stream.target,
            begin_ns=self.begin_ns,
            summary={
                **stream.viewing.figures(),
                "received_mean_bps": float(rates_bps[0]) if len(rates_bps) else _NAN,
                "dropped_packets": float(stream.dropped_packets),
                "decode_errors": float(stream.decode_errors),
                "connections": float(stream.connections),
                "transport": self.setup.transport.value,
            },
            series={**self._series(stream.viewing), "received_bytes": stream.received_by(shown_ns)},
            raw=stream.log,
            notes=(*self.notes, *stream.notes),
        )

    def _series(self, viewing: Viewing) -> dict[str, Ints | Floats]:
        """A row for each picture that was seen."""
        shown = viewing.shown
        return {
            TIME: self.at(shown.shown_mono_ns),
            "picture": shown.number.copy(),
            "delay_s": viewing.delay_s(),
            "is_whole": shown.is_whole.astype(np.int64),
        }
