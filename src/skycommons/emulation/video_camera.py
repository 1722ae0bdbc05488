"""The camera: films the scene at its rate, writes number and instant into each picture, and hands it to every encoder.

* A picture says when its making began. All encoders get the same picture, so streams can be compared picture by picture.
* The camera never waits for an encoder: what one does not fetch within a second is lost, the oldest first, as in a real camera.
* It films until it is stopped, so that the last pictures that count are followed by others that push them through.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from itertools import count

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.emulation.video_clock import Stamp, write_stamp
from skycommons.emulation.video_scene import Scene
from skycommons.emulation.video_setup import VideoSetup


class Feed:
    """Pictures on their way to one encoder.

    Args:
        depth: How many wait at most.
    """

    def __init__(self, depth: int) -> None:
        self._pictures: deque[bytes] = deque()
        self._depth = depth
        self._changed = threading.Condition()
        self._is_closed = False
        self.lost = 0

    @property
    def is_closed(self) -> bool:
        """Whether no more pictures come."""
        return self._is_closed

    def put(self, picture: bytes) -> None:
        """Hand a picture over; the oldest one is lost if too many wait."""
        with self._changed:
            if len(self._pictures) == self._depth:
                self._pictures.popleft()
                self.lost += 1
            self._pictures.append(picture)
            self._changed.notify()

    def take(self) -> bytes | None:
        """The oldest picture, as soon as there is one; None when no more come."""
        with self._changed:
            while not self._pictures and not self._is_closed:
                self._changed.wait()
            return self._pictures.popleft() if self._pictures else None

    def forget(self) -> None:
        """Lose what waits: it was filmed while nothing could be sent."""
        with self._changed:
            self.lost += len(self._pictures)
            self._pictures.clear()

    def close(self) -> None:
        """Say that no more pictures come."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()


class Camera:
    """Films a scene into feeds, in a thread of its own.

    Args:
        setup: Size and rate.
        feeds: One an encoder.
    Raises:
        InputError: The size makes no picture.
    """

    def __init__(self, setup: VideoSetup, feeds: Sequence[Feed]) -> None:
        self._setup = setup
        self._feeds = tuple(feeds)
        self._scene = Scene(setup.width, setup.height, rate_hz=setup.rate_hz)
        self._made_mono_ns: list[int] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._film, name="video camera", daemon=True)

    def start(self) -> None:
        """Begin to film."""
        self._thread.start()

    def stop(self) -> None:
        """Film no more, and tell the encoders so."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()
        for feed in self._feeds:
            feed.close()

    @property
    def pictures(self) -> int:
        """How many it has made so far."""
        return len(self._made_mono_ns)

    def made_mono_ns(self) -> Ints:
        """When each picture was made so far, by its number."""
        return np.array(self._made_mono_ns, dtype=np.int64)

    def elapsed_s(self) -> float:
        """For how long it has filmed."""
        return (time.monotonic_ns() - self._made_mono_ns[0]) / 1e9 if self._made_mono_ns else 0.0

    def _film(self) -> None:
        """Make pictures until stopped, each at its instant or at once if that has passed."""
        begin_ns = time.monotonic_ns()
        for number in count():
            due_ns = begin_ns + number * self._setup.picture_ns()
            if self._stopped.wait(max(due_ns - time.monotonic_ns(), 0) / 1e9):
                return
            made_ns = time.monotonic_ns()
            picture = self._scene.picture(number)
            write_stamp(Stamp(number=number, mono_ns=made_ns), picture[: self._setup.height])
            data = picture.tobytes()
            self._made_mono_ns.append(made_ns)
            for feed in self._feeds:
                feed.put(data)


def late_pictures(made_mono_ns: Ints, *, picture_ns: int) -> int:
    """How many pictures were made more than a picture time after their instant, because the machine was busy."""
    due_ns = made_mono_ns[:1] + np.arange(len(made_mono_ns)) * picture_ns
    return int((made_mono_ns - due_ns > picture_ns).sum())
