"""Time in pictures."""

import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Bytes
from skycommons.base.errors import InputError
from skycommons.emulation.video_clock import (
    BLOCKS_ACROSS,
    NUMBER_BITS,
    TICK_BITS,
    TICK_NS,
    Look,
    Stamp,
    band_height,
    check_size,
    check_sum,
    read_picture,
    read_stamp,
    write_stamp,
)
from skycommons.emulation.video_scene import Scene
from tests.support.programs import needed

WIDTH, HEIGHT = 640, 360


def band_of(stamp: Stamp, *, width: int = WIDTH) -> Bytes:
    """The clock's rows of a grey picture."""
    luma = np.full((6 * band_height(width), width), 90, dtype=np.uint8)
    write_stamp(stamp, luma)
    return luma[-band_height(width) :]


@given(
    number=st.integers(0, (1 << NUMBER_BITS) - 1),
    ticks=st.integers(0, (1 << TICK_BITS) - 1),
    width=st.sampled_from((320, 354, 640, 1280)),
)
def test_what_was_written_is_read(number: int, ticks: int, width: int) -> None:
    """Any number and instant, in any width."""
    stamp = Stamp(number=number, mono_ns=ticks * TICK_NS)
    assert read_stamp(band_of(stamp, width=width)) == stamp


def test_both_clocks_say_which_picture_it_is_and_whether_it_is_whole() -> None:
    """Either one can be lost; if both are, nobody knows."""
    stamp = Stamp(number=8, mono_ns=9 * TICK_NS)
    luma = np.full((HEIGHT, WIDTH), 90, dtype=np.uint8)
    write_stamp(stamp, luma)
    rows = band_height(WIDTH)
    both = np.concatenate((luma[:rows], luma[-rows:]))
    assert (luma[rows:-rows] == 90).all()
    assert read_picture(both) == Look(stamp=stamp, is_whole=True)
    for lost in (slice(0, rows), slice(rows, None)):
        half = both.copy()
        half[lost] = 128
        assert read_picture(half) == Look(stamp=stamp, is_whole=False)
    assert read_picture(np.full_like(both, 128)) == Look(stamp=None, is_whole=False)
    other = np.concatenate((both[:rows], band_of(Stamp(number=7, mono_ns=8 * TICK_NS))))
    assert read_picture(other) == Look(stamp=stamp, is_whole=False)


def test_an_instant_is_rounded_down_to_a_tenth_of_a_millisecond() -> None:
    """Never into the future."""
    assert read_stamp(band_of(Stamp(number=3, mono_ns=1_234_599_999))) == Stamp(number=3, mono_ns=1_234_500_000)


@pytest.mark.parametrize("block", [0, 17, 39, 40, 63, 79])
def test_one_block_that_is_wrong_makes_the_clock_unreadable(block: int) -> None:
    """It says nothing rather than something wrong."""
    band = band_of(Stamp(number=77, mono_ns=5 * TICK_NS)).copy()
    side = WIDTH // BLOCKS_ACROSS
    row, column = divmod(block, BLOCKS_ACROSS)
    part = band[row * side : (row + 1) * side, column * side : (column + 1) * side]
    part[:] = 251 - part
    assert read_stamp(band) is None


@pytest.mark.parametrize("grey", [0, 16, 128, 235, 255])
def test_a_band_of_one_colour_says_nothing(grey: int) -> None:
    """Neither black, as before the first picture, nor grey, as a decoder fills what it lacks."""
    assert read_stamp(np.full((band_height(WIDTH), WIDTH), grey, dtype=np.uint8)) is None


def test_noise_and_blur_are_outlived() -> None:
    """Blocks are read in their middle."""
    rng = np.random.default_rng(1)
    stamp = Stamp(number=123_456, mono_ns=987_654_321 * TICK_NS)
    band = band_of(stamp).astype(np.float64)
    blurred = sum(np.roll(band, shift, axis=1) for shift in range(-3, 4)) / 7.0
    noisy = np.clip(blurred + rng.normal(0.0, 40.0, band.shape), 0, 255).astype(np.uint8)
    assert read_stamp(noisy) == stamp


def test_the_check_sum_is_the_published_one() -> None:
    """Check value of CRC-16 with this polynomial and this beginning."""
    assert check_sum(b"123456789") == 0x29B1


@pytest.mark.parametrize(("number", "mono_ns"), [(-1, 0), (1 << NUMBER_BITS, 0), (0, -1), (0, TICK_NS << TICK_BITS)])
def test_what_does_not_fit_is_refused(number: int, mono_ns: int) -> None:
    """Nothing is cut off silently."""
    with pytest.raises(InputError, match="does not fit into a picture"):
        band_of(Stamp(number=number, mono_ns=mono_ns))


@pytest.mark.parametrize("width", [318, 641])
def test_a_picture_without_room_is_refused(width: int) -> None:
    """Blocks of eight pixels at least, and an even width."""
    with pytest.raises(InputError, match="320 pixels wide or more, and even"):
        band_height(width)


@pytest.mark.parametrize(("width", "height"), [(640, 361), (640, 126)])
def test_a_height_without_room_is_refused(width: int, height: int) -> None:
    """As much scene as clocks at least, and an even height."""
    with pytest.raises(InputError, match="the height is even and at least 128"):
        check_size(width, height)


def test_the_clock_outlives_x264_at_a_tenth_of_the_usual_rate() -> None:
    """More than 99 of 100 pictures are read; what is read is right."""
    scene = Scene(WIDTH, HEIGHT, rate_hz=25.0)
    stamps = [Stamp(number=n, mono_ns=(10**9 + 40_003_217 * n) // TICK_NS * TICK_NS) for n in range(150)]
    raw = bytearray()
    for stamp in stamps:
        picture = scene.picture(stamp.number)
        write_stamp(stamp, picture[:HEIGHT])
        raw += picture.tobytes()
    size = ("-f", "rawvideo", "-video_size", f"{WIDTH}x{HEIGHT}", "-framerate", "25")
    encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "150k", "-maxrate", "150k")
    program = [str(needed("ffmpeg")), "-loglevel", "error"]
    sent = subprocess.run(
        [
            *program,
            *size,
            "-pixel_format",
            "yuv420p",
            "-i",
            "pipe:0",
            *encoder,
            "-bufsize",
            "150k",
            "-f",
            "mpegts",
            "pipe:1",
        ],
        input=bytes(raw),
        capture_output=True,
        check=True,
        timeout=120,
    ).stdout
    assert len(sent) * 8 / 6.0 < 300e3
    decoded = subprocess.run(
        [*program, "-f", "mpegts", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
        input=sent,
        capture_output=True,
        check=True,
        timeout=120,
    ).stdout
    pictures = np.frombuffer(decoded, dtype=np.uint8).reshape(-1, HEIGHT, WIDTH)
    read = [read_stamp(picture[-band_height(WIDTH) :]) for picture in pictures]
    assert len(read) == len(stamps)
    assert sum(stamp is not None for stamp in read) > 0.99 * len(stamps)
    assert all(stamp in {None, stamps[n]} for n, stamp in enumerate(read))
