"""Made-up results of live video: two terminals, one of which is interrupted."""

from collections.abc import Sequence

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.emulation.video_result import StreamResult, VideoResult
from skycommons.emulation.video_setup import VideoSetup
from skycommons.emulation.video_stalls import Arrivals, Viewing, first_of, view

PICTURE_NS = 40_000_000
BEGIN_MONO_NS = 10**9
PICTURES = 250
GAP = range(100, 150)


def arrivals_of(numbers: Sequence[int], *, delay_ms: float = 500.0, damaged: Sequence[int] = ()) -> Arrivals:
    """Pictures that take this long, and a little more each second or so."""
    number = np.array(numbers, dtype=np.int64)
    made_mono_ns = BEGIN_MONO_NS + PICTURE_NS * number
    delay_ns = (1e6 * (delay_ms + 15.0 * np.abs(np.sin(number / 9.0)))).astype(np.int64)
    shown_mono_ns = np.maximum.accumulate(made_mono_ns + delay_ns)
    return Arrivals(
        number=number,
        made_mono_ns=made_mono_ns,
        shown_mono_ns=shown_mono_ns,
        is_whole=~np.isin(number, np.array(damaged, dtype=np.int64)),
    )


def made_mono_ns(pictures: int = PICTURES) -> Ints:
    """When pictures were made."""
    return BEGIN_MONO_NS + PICTURE_NS * np.arange(pictures, dtype=np.int64)


def seen(arrivals: Arrivals, *, made: int = PICTURES) -> Viewing:
    """What a viewer saw of so many pictures."""
    return view(made_mono_ns(made), arrivals, unknown_mono_ns=np.empty(0, dtype=np.int64), picture_ns=PICTURE_NS)


def stream_of(
    source: str,
    numbers: Sequence[int],
    *,
    delay_ms: float = 500.0,
    made: int = PICTURES,
    damaged: Sequence[int] = (),
) -> StreamResult:
    """A stream of which these pictures came, at 1.6 Mbit/s."""
    sampled_mono_ns = BEGIN_MONO_NS + 100_000_000 * np.arange(121, dtype=np.int64)
    return StreamResult(
        source=source,
        target="studio",
        viewing=seen(arrivals_of(numbers, delay_ms=delay_ms, damaged=damaged), made=made),
        sampled_mono_ns=sampled_mono_ns,
        received_bytes=20_000 * np.arange(121, dtype=np.int64),
        notes=(f"of {source}",),
    )


def two_streams(*, both_whole: bool = False) -> VideoResult:
    """Ten seconds; the north misses two of them unless both are whole, the south is slower; time runs at double speed."""
    north = [*range(PICTURES)] if both_whole else [n for n in range(PICTURES) if n not in GAP]
    came = [arrivals_of(north), arrivals_of(range(PICTURES), delay_ms=560.0)]
    return VideoResult(
        setup=VideoSetup(duration_s=10.0),
        begin_ns=5 * 10**18,
        begin_mono_ns=BEGIN_MONO_NS,
        speed=2.0,
        made_mono_ns=made_mono_ns(),
        streams=(stream_of("north", north), stream_of("south", range(PICTURES), delay_ms=560.0)),
        together=seen(first_of(came)),
        notes=("of the run",),
    )
