"""The sending end, with programs that stand for an encoder."""

import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import video_sender
from skycommons.emulation.video_camera import Feed
from skycommons.emulation.video_sender import Sender
from skycommons.emulation.video_setup import VideoSetup
from tests.support.video_relays import LocalHost


class Pretending(LocalHost):
    """A host whose encoder is a little program."""

    code = ""

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
        """Start it instead."""
        return super().popen([sys.executable, "-c", self.code], **streams)


def pretending(code: str) -> Pretending:
    """A host with this encoder."""
    host = Pretending(name="north")
    host.code = code
    return host


def sender_of(host: LocalHost, feed: Feed) -> Sender:
    """A sender of 320 by 180."""
    return Sender(VideoSetup(width=320, height=180), host, "127.0.0.1", port=7600, feed=feed, elapsed_s=lambda: 0.0)


def test_pictures_reach_the_encoder_until_no_more_come() -> None:
    """What it said is kept."""
    host, feed = pretending("import sys; print(len(sys.stdin.buffer.read()), file=sys.stderr)"), Feed(9)
    sender = sender_of(host, feed)
    sender.start()
    feed.put(b"abc")
    feed.put(b"defg")
    while feed._pictures:
        time.sleep(0.01)
    feed.close()
    sender.finish()
    assert (sender.log, sender.starts, sender.lost, sender.notes) == (b"7\n", 1, 0, [])
    assert host.all_ended()


def test_an_encoder_that_ends_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was filmed meanwhile is forgotten; a picture is written to the new one."""
    monkeypatch.setattr(video_sender, "_PAUSE_S", 0.01)
    host, feed = pretending("import sys; sys.stderr.write('gone '); sys.exit(1)"), Feed(100)
    sender = sender_of(host, feed)
    sender.start()
    deadline_s = time.monotonic() + 60.0
    while sender.starts < 3 and time.monotonic() < deadline_s:
        feed.put(bytes(200_000))
        time.sleep(0.02)
    feed.close()
    sender.finish()
    assert sender.starts >= 3
    assert sender.log.count(b"gone") == sender.starts
    assert host.all_ended()


def test_an_encoder_that_takes_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender waits in a write that nobody reads; it ends within a bounded time all the same."""
    monkeypatch.setattr(video_sender, "_FLUSH_S", 0.2)
    host, feed = pretending("import time; time.sleep(600)"), Feed(9)
    sender = sender_of(host, feed)
    sender.start()
    feed.put(bytes(1_000_000))
    while feed._pictures:
        time.sleep(0.01)
    feed.close()
    begin_s = time.monotonic()
    sender.finish()
    assert time.monotonic() - begin_s < 30.0
    assert host.all_ended()


def test_an_encoder_that_stays_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It read everything and does not go."""
    monkeypatch.setattr(video_sender, "_FLUSH_S", 0.2)
    host, feed = pretending("import sys, time; sys.stdin.buffer.read(); time.sleep(600)"), Feed(9)
    sender = sender_of(host, feed)
    sender.start()
    feed.put(b"a")
    while feed._pictures:
        time.sleep(0.01)
    feed.close()
    sender.finish()
    assert host.all_ended()


def test_an_encoder_that_cannot_be_started_is_told() -> None:
    """Once, and the sender ends."""

    class Refusing(LocalHost):
        def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
            raise HostError("the run is over")

    feed = Feed(9)
    sender = sender_of(Refusing(name="north"), feed)
    sender.start()
    feed.close()
    sender.finish()
    assert sender.notes in ([], ["north cannot send: the run is over"])
    again = sender_of(Refusing(name="north"), Feed(9))
    again.start()
    again._thread.join(30.0)
    assert again.notes == ["north cannot send: the run is over"]
    again.finish()


def test_a_sender_that_never_began_is_finished() -> None:
    """Nothing happens."""
    sender = sender_of(LocalHost(name="north"), Feed(1))
    sender.finish()
    assert sender.starts == 0
