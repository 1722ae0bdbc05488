"""The camera and its feeds."""

import threading
import time

import numpy as np
import pytest

from skycommons.emulation.video_camera import Camera, Feed, late_pictures
from skycommons.emulation.video_clock import TICK_NS, Look, Stamp, read_picture
from skycommons.emulation.video_setup import VideoSetup

SETUP = VideoSetup(width=320, height=180, rate_hz=50.0)


def test_pictures_leave_a_feed_in_their_order() -> None:
    """Then none, when it is closed."""
    feed = Feed(3)
    feed.put(b"a")
    feed.put(b"b")
    feed.close()
    assert (feed.take(), feed.take(), feed.take(), feed.lost, feed.is_closed) == (b"a", b"b", None, 0, True)


def test_what_nobody_fetches_is_lost_the_oldest_first() -> None:
    """The camera never waits."""
    feed = Feed(2)
    for picture in (b"a", b"b", b"c"):
        feed.put(picture)
    assert (feed.take(), feed.lost) == (b"b", 1)
    feed.forget()
    assert feed.lost == 2


def test_who_waits_for_a_picture_gets_it() -> None:
    """Or hears that no more come."""
    feed = Feed(2)
    taken: list[bytes | None] = []
    thread = threading.Thread(target=lambda: taken.extend((feed.take(), feed.take())))
    thread.start()
    feed.put(b"a")
    while not taken and feed.lost:
        time.sleep(0.01)
    feed.close()
    thread.join(10.0)
    assert taken == [b"a", None]


def test_every_feed_gets_the_same_pictures_numbered_from_nought() -> None:
    """With the instants at which they were made."""
    feeds = [Feed(1000), Feed(1000)]
    camera = Camera(SETUP, feeds)
    assert camera.elapsed_s() == 0.0
    camera.start()
    while camera.pictures < 8:
        time.sleep(0.01)
    assert camera.elapsed_s() > 0.05
    camera.stop()
    camera.stop()
    made_mono_ns = camera.made_mono_ns()
    pictures = [[feed.take() for _ in made_mono_ns] for feed in feeds]
    assert pictures[0] == pictures[1]
    assert feeds[0].take() is None
    rows = SETUP.bands_shape()[0] // 2
    for number, picture in enumerate(pictures[0]):
        assert picture is not None
        luma = np.frombuffer(picture, dtype=np.uint8).reshape(270, 320)[:180]
        told = Stamp(number=number, mono_ns=int(made_mono_ns[number]) // TICK_NS * TICK_NS)
        assert read_picture(np.concatenate((luma[:rows], luma[-rows:]))) == Look(stamp=told, is_whole=True)


def test_a_camera_that_never_began_is_stopped() -> None:
    """Its feeds are closed all the same."""
    feed = Feed(1)
    camera = Camera(SETUP, [feed])
    camera.stop()
    assert feed.take() is None
    assert len(camera.made_mono_ns()) == 0


@pytest.mark.parametrize(("behind_ns", "late"), [(0, 0), (20_000_000, 0), (20_000_001, 6)])
def test_a_picture_is_late_by_more_than_a_picture_time(behind_ns: int, late: int) -> None:
    """Counted from the first one."""
    made_mono_ns = 5 + 20_000_000 * np.arange(10, dtype=np.int64)
    made_mono_ns[4:] += behind_ns
    assert late_pictures(made_mono_ns, picture_ns=20_000_000) == late


def test_no_picture_is_not_late() -> None:
    """A run that was ended before it began."""
    assert late_pictures(np.empty(0, dtype=np.int64), picture_ns=1) == 0
