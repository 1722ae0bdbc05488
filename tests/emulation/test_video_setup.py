"""How a video is sent, and the commands that send it."""

from pathlib import Path

import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.video_setup import (
    VideoSetup,
    VideoTransport,
    finishing_command,
    receiver_command,
    sender_command,
)


def test_times_and_sizes_follow_from_the_setup() -> None:
    """Pictures and their clock."""
    setup = VideoSetup(duration_s=12.0, rate_hz=30.0, width=1280, height=720)
    assert (setup.pictures(), setup.picture_ns(), setup.bands_shape()) == (360, 33_333_333, (128, 1280))


def test_all_faults_are_told_at_once() -> None:
    """Each with its limits."""
    with pytest.raises(InputError) as caught:
        VideoSetup(duration_s=0.0, rate_hz=500.0, rate_bps=1.0, latency_s=0.0, port=80, height=359)
    for words in ("duration_s must lie", "rate_hz", "rate_bps", "latency_s", "port", "640 × 359: the height is even"):
        assert words in str(caught.value)


def test_more_pictures_than_there_are_numbers_are_refused() -> None:
    """A day at 120 pictures a second."""
    with pytest.raises(InputError, match="cannot be numbered"):
        VideoSetup(duration_s=86_400.0, rate_hz=120.0)


def test_the_sender_calls_over_srt_with_the_latency() -> None:
    """In microseconds, as ffmpeg wants it; at the port it is told."""
    command = sender_command(VideoSetup(latency_s=0.25), "203.0.113.10", port=7601, since_s=2.5)
    assert command[:3] == ["nice", "-n", "10"]
    assert command[-1] == "srt://203.0.113.10:7601?mode=caller&transtype=live&latency=250000&pkt_size=1316"
    assert command[command.index("-output_ts_offset") + 1] == "2.500"
    assert command[command.index("-g") + 1] == "50"


def test_the_receiver_listens_records_and_gives_the_clock() -> None:
    """Only the rows of both clocks leave it, grey."""
    command = receiver_command(VideoSetup(), "203.0.113.10", port=7600, recording=Path("a.ts"))
    assert "srt://203.0.113.10:7600?mode=listener&transtype=live&latency=400000" in command
    rows = command[command.index("-filter_complex") + 1]
    assert "crop=640:32:0:0" in rows
    assert "crop=640:32:0:328" in rows
    assert command.index("a.ts") < command.index("pipe:1")


def test_over_udp_nothing_is_said_of_srt() -> None:
    """And an address of IPv6 stands in brackets."""
    setup = VideoSetup(transport=VideoTransport.UDP)
    assert sender_command(setup, "2001:db8::1", port=7600, since_s=0.0)[-1] == "udp://[2001:db8::1]:7600?pkt_size=1316"
    received = receiver_command(setup, "2001:db8::1", port=7600, recording=Path("a.ts"))
    assert any(part.startswith("udp://[2001:db8::1]:7600?fifo_size=") for part in received)


def test_a_film_is_copied_and_never_encoded_again() -> None:
    """Into a file that plays everywhere."""
    command = finishing_command(Path("a.ts"), Path("b.mp4"))
    assert command[command.index("-c") + 1] == "copy"
    assert command[-1] == "b.mp4"
