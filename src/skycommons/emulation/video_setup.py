"""How a live video is sent: its size, its rate, its transport, and the commands of ffmpeg that do it.

* The sender encodes raw pictures from its standard input with x264, tuned for no delay: no picture waits for a later one.
* SRT sends lost packets again as long as they can come in time, and shows every packet this latency after it was sent; UDP does neither.
  Both carry an MPEG transport stream. The sender calls, so that a terminal behind a NAT can send.
* The receiver writes the stream to a file as it came, and decodes it: the rows of both clocks go to its standard output, uncompressed.
* Programs run with low priority, so that they do not disturb what carries their packets.
* Commands are lists of arguments; no shell ever sees them.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from skycommons.base.errors import InputError
from skycommons.emulation.probes import place_of
from skycommons.emulation.video_clock import NUMBER_BITS, band_height, check_size

_SRT_PACKET: Final = 1316  # seven packets of a transport stream
_NICE: Final = ("nice", "-n", "10")
_QUIET: Final = ("ffmpeg", "-hide_banner", "-nostats", "-loglevel", "repeat+level+warning", "-y")
_SEARCHED_BYTES: Final = 64_000  # before a receiver knows what it has


class VideoTransport(StrEnum):
    """What carries the transport stream."""

    SRT = "srt"
    UDP = "udp"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSetup:
    """How a scene is sent.

    Attributes:
        duration_s: How long pictures count.
        width, height: Of a picture, pixels.
        rate_hz: Pictures a second.
        rate_bps: What the encoder aims at.
        key_s: Time between pictures that need no other; a receiver that lost something waits for one.
        preset: Of x264; a slower one needs fewer bits and more of the processor.
        transport: SRT or UDP.
        latency_s: SRT's: how long it tries to get a lost packet again.
        grace_s: How long after the last picture was made, and this latency, pictures may come.
        port: UDP port of the first stream at the target, the others follow; None for ports that go by the names of hosts.
        over_ipv6: Whether the streams go over IPv6.
    Raises:
        InputError: A number makes no sense.
    """

    duration_s: float = 30.0
    width: int = 640
    height: int = 360
    rate_hz: float = 25.0
    rate_bps: float = 1.5e6
    key_s: float = 2.0
    preset: str = "veryfast"
    transport: VideoTransport = VideoTransport.SRT
    latency_s: float = 0.4
    grace_s: float = 4.0
    port: int | None = None
    over_ipv6: bool = False

    def __post_init__(self) -> None:
        faults = [
            f"{name} must lie between {low:g} and {high:g}, not {getattr(self, name):g}"
            for name, low, high in (
                ("duration_s", 0.5, 86_400.0),
                ("rate_hz", 1.0, 120.0),
                ("rate_bps", 50e3, 100e6),
                ("key_s", 0.1, 60.0),
                ("latency_s", 0.02, 60.0),
                ("grace_s", 0.0, 60.0),
            )
            if not low <= getattr(self, name) <= high
        ]
        if self.port is not None and not 1024 <= self.port <= 65_000:
            faults.append(f"port must lie between 1,024 and 65,000, not {self.port}")
        try:
            check_size(self.width, self.height)
        except InputError as error:
            faults.append(str(error))
        if self.duration_s * self.rate_hz >= 1 << NUMBER_BITS - 1:
            faults.append("so many pictures cannot be numbered")
        if faults:
            raise InputError(f"video: {'; '.join(faults)}")

    def picture_ns(self) -> int:
        """Time from picture to picture."""
        return round(1e9 / self.rate_hz)

    def pictures(self) -> int:
        """How many pictures count."""
        return max(round(self.duration_s * self.rate_hz), 1)

    def bands_shape(self) -> tuple[int, int]:
        """Rows and columns of both clocks together."""
        return 2 * band_height(self.width), self.width


def sender_command(setup: VideoSetup, address: str, *, port: int, since_s: float) -> list[str]:
    """Encodes what comes on standard input and sends it.

    Args:
        setup: How.
        address: Of the target.
        port: At the target.
        since_s: Time stamp of the first picture: how long the scene had run when this program was started.
    """
    if setup.transport is VideoTransport.SRT:
        options = f"mode=caller&transtype=live&latency={round(setup.latency_s * 1e6)}&pkt_size={_SRT_PACKET}"
    else:
        options = f"pkt_size={_SRT_PACKET}"
    key = max(round(setup.key_s * setup.rate_hz), 1)
    return [
        *(*_NICE, *_QUIET),
        *("-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", f"{setup.width}x{setup.height}"),
        *("-framerate", f"{setup.rate_hz:g}", "-i", "pipe:0"),
        *("-c:v", "libx264", "-preset", setup.preset, "-tune", "zerolatency", "-threads", "1"),
        *("-g", str(key), "-keyint_min", str(key), "-sc_threshold", "0"),
        *(
            "-b:v",
            f"{setup.rate_bps:.0f}",
            "-maxrate",
            f"{setup.rate_bps:.0f}",
            "-bufsize",
            f"{setup.rate_bps / 2:.0f}",
        ),
        *("-output_ts_offset", f"{since_s:.3f}", "-muxdelay", "0", "-muxpreload", "0"),
        # A packet whose length is said need not wait for the next one: a picture time less at the receiver.
        *("-f", "mpegts", "-omit_video_pes_length", "0", "-flush_packets", "1"),
        _url(setup, address, port=port, options=options),
    ]


def receiver_command(setup: VideoSetup, address: str, *, port: int, recording: Path) -> list[str]:
    """Listens at an address of its host, records, and writes the rows of both clocks to standard output."""
    if setup.transport is VideoTransport.SRT:
        options = f"mode=listener&transtype=live&latency={round(setup.latency_s * 1e6)}"
    else:
        options = "fifo_size=50000&overrun_nonfatal=1&buffer_size=4194304"
    rows, columns = band_height(setup.width), setup.width
    upper, lower = f"crop={columns}:{rows}:0:0", f"crop={columns}:{rows}:0:{setup.height - rows}"
    return [
        *(*_NICE, *_QUIET, "-nostdin"),
        *("-probesize", str(_SEARCHED_BYTES), "-analyzeduration", "500000", "-fpsprobesize", "0"),
        *("-flags", "low_delay", "-threads", "1", "-f", "mpegts"),
        *("-i", _url(setup, address, port=port, options=options)),
        *("-map", "0:v", "-c", "copy", "-f", "mpegts", "-flush_packets", "1", str(recording)),
        *("-filter_complex", f"[0:v]split[a][b];[a]{upper}[upper];[b]{lower}[lower];[upper][lower]vstack[clocks]"),
        *("-map", "[clocks]", "-fps_mode", "passthrough"),
        *("-f", "rawvideo", "-pix_fmt", "gray", "-flush_packets", "1", "pipe:1"),
    ]


def finishing_command(recording: Path, film: Path) -> list[str]:
    """Makes a film that plays everywhere out of a recording, without encoding it again."""
    copied = ("-c", "copy", "-movflags", "+faststart", "-f", "mp4")
    return [*_NICE, *_QUIET, "-nostdin", "-fflags", "+genpts", "-i", str(recording), *copied, str(film)]


def _url(setup: VideoSetup, address: str, *, port: int, options: str) -> str:
    """Where a stream goes, or is listened for."""
    return f"{setup.transport}://{place_of(address, port)}?{options}"
