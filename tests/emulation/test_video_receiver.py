"""The receiving end, with programs that stand for a decoder."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import video_receiver
from skycommons.emulation.video_clock import TICK_NS, Stamp, write_stamp
from skycommons.emulation.video_receiver import Receiver
from skycommons.emulation.video_setup import VideoSetup
from tests.support.video_relays import LocalHost, free_ports

ROWS, COLUMNS = 32, 320


class Pretending(LocalHost):
    """A host whose decoder writes some rows, records something and ends, or stays."""

    rows = b""
    recorded = b"recorded"
    stays = False
    is_film = True

    def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
        """Start it instead; the recording is the argument that ends so."""
        (recording,) = (argument for argument in argv if argument.endswith(".ts"))
        if self.recorded:
            Path(recording).write_bytes(self.recorded)
        file = Path(recording).with_suffix(".rows")
        file.write_bytes(self.rows)
        wait = "time.sleep(600)" if self.stays else "pass"
        code = (
            f"import sys, time; sys.stdout.buffer.write(open({str(file)!r}, 'rb').read()); sys.stdout.flush(); {wait}"
        )
        return super().popen([sys.executable, "-c", code], **streams)

    def run(self, argv: Sequence[str], *, timeout_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Make a film out of a recording, or not."""
        if self.is_film:
            Path(argv[-1]).write_bytes(b"film of " + Path(argv[argv.index("-i") + 1]).read_bytes())
        return subprocess.CompletedProcess([], 0 if self.is_film else 1, "", "")


def rows_of(*numbers: int) -> bytes:
    """The rows of both clocks of pictures; a negative number stands for one that cannot be read."""
    bands = []
    for number in numbers:
        luma = np.full((ROWS, COLUMNS), 90, dtype=np.uint8)
        if number >= 0:
            write_stamp(Stamp(number=number, mono_ns=number * TICK_NS), luma)
        bands.append(luma.tobytes())
    return b"".join(bands)


def half_of(number: int) -> bytes:
    """The same of a picture whose lower clock is lost."""
    rows = rows_of(number)
    return rows[: len(rows) // 2] + bytes(len(rows) // 2)


def receiver_at(host: LocalHost, folder: Path) -> Receiver:
    """A receiver of 320 by 180."""
    return Receiver(VideoSetup(width=320, height=180), host, port=7600, folder=folder)


def wait_for_picture(receiver: Receiver, number: int) -> None:
    """Until it came."""
    deadline_s = time.monotonic() + 60.0
    while receiver.newest < number and time.monotonic() < deadline_s:
        time.sleep(0.01)


def test_pictures_are_read_as_they_come(tmp_path: Path) -> None:
    """Damaged ones are marked, unknown ones are counted; part of a picture at the end is none."""
    host = Pretending(name="studio")
    host.rows, host.stays = rows_of(0) + half_of(1) + rows_of(-1, 3) + b"part", True
    receiver = receiver_at(host, tmp_path)
    begin_ns = time.monotonic_ns()
    receiver.start()
    wait_for_picture(receiver, 3)
    receiver.sample()
    receiver.finish()
    came = receiver.arrivals()
    assert came.number.tolist() == [0, 1, 3]
    assert came.made_mono_ns.tolist() == [0, TICK_NS, 3 * TICK_NS]
    assert (came.shown_mono_ns >= begin_ns).all()
    assert came.is_whole.tolist() == [True, False, True]
    assert len(receiver.unknown_mono_ns()) == 1
    assert (receiver.connections, receiver.starts) == (1, 1)
    assert receiver.samples()[1].tolist() == [len(b"recorded")]
    assert host.all_ended()


def test_a_decoder_that_ends_is_started_again_and_all_recordings_make_one_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other; a start that brought nothing is no connection."""
    monkeypatch.setattr(video_receiver, "_PAUSE_S", 0.01)
    host = Pretending(name="studio")
    receiver = receiver_at(host, tmp_path)
    receiver.start()
    while receiver.starts < 2:
        time.sleep(0.01)
    host.rows, host.stays = rows_of(5), True
    wait_for_picture(receiver, 5)
    receiver.finish()
    film = receiver.save(tmp_path / "films" / "north-to-studio")
    assert receiver.connections == 1
    assert film == tmp_path / "films" / "north-to-studio.mp4"
    assert film.read_bytes() == b"film of " + receiver.starts * b"recorded"
    assert receiver.save(tmp_path / "films" / "north-to-studio") == tmp_path / "films" / "north-to-studio-2.mp4"


def test_a_recording_that_makes_no_film_is_kept_as_it_came(tmp_path: Path) -> None:
    """With a note."""
    host = Pretending(name="studio")
    host.rows, host.stays, host.is_film = rows_of(0), True, False
    receiver = receiver_at(host, tmp_path)
    receiver.start()
    wait_for_picture(receiver, 0)
    receiver.finish()
    kept = receiver.save(tmp_path / "a.b")
    assert kept == tmp_path / "a.b.ts"
    assert kept.read_bytes() == b"recorded"
    assert receiver.notes == ["the recording makes no film and was kept as it came"]


def test_a_film_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    """It names the place."""
    host = Pretending(name="studio")
    host.rows, host.stays = rows_of(0), True
    receiver = receiver_at(host, tmp_path)
    receiver.start()
    wait_for_picture(receiver, 0)
    receiver.finish()
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match=r"cannot write .*file"):
        receiver.save(tmp_path / "file" / "film")


def test_nothing_recorded_is_no_film(tmp_path: Path) -> None:
    """Nobody called; no file is left beside."""
    host = Pretending(name="studio")
    host.recorded, host.stays = b"", True
    receiver = receiver_at(host, tmp_path)
    receiver.start()
    while not host.started:
        time.sleep(0.01)
    receiver.sample()
    receiver.finish()
    assert receiver.save(tmp_path / "films" / "film") is None
    assert not (tmp_path / "films").exists()
    assert len(receiver.arrivals()) == 0
    assert receiver.samples()[1].tolist() == [0]


def test_a_decoder_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    """Once, and the receiver ends."""

    class Refusing(LocalHost):
        def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
            raise OSError(2, "No such file or directory")

    receiver = receiver_at(Refusing(name="studio"), tmp_path)
    assert not receiver.is_listening()
    receiver.start()
    receiver._thread.join(30.0)
    receiver.finish()
    assert receiver.notes == ["studio cannot receive: [Errno 2] No such file or directory"]


def test_a_receiver_can_be_called_once_its_port_is_open(tmp_path: Path) -> None:
    """Not before."""

    class Listening(LocalHost):
        def popen(self, argv: Sequence[str], **streams: Any) -> "subprocess.Popen[Any]":
            code = f"import socket, time; s = socket.socket(type=2); s.bind(('127.0.0.1', {port})); time.sleep(600)"
            return super().popen([sys.executable, "-c", code], **streams)

    port = free_ports(1)
    receiver = Receiver(VideoSetup(width=320, height=180), Listening(name="studio"), port=port, folder=tmp_path)
    assert not receiver.is_listening()
    receiver.start()
    deadline_s = time.monotonic() + 60.0
    while not receiver.is_listening():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    receiver.finish()
    assert not receiver.is_listening()


def test_the_address_is_of_the_protocol_asked_for(tmp_path: Path) -> None:
    """IPv4 or IPv6."""
    host = LocalHost(name="studio")
    assert receiver_at(host, tmp_path).address == "127.0.0.1"
    assert Receiver(VideoSetup(over_ipv6=True), host, port=7600, folder=tmp_path).address == "::1"
