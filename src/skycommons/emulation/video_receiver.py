"""One stream's receiving end: records what comes, and reads the clock of each picture as it is decoded.

* A picture is shown at the instant at which its decoded rows are here, CLOCK_MONOTONIC.
* A picture whose clocks differ is damaged; one whose clocks cannot be read at all moves, but nobody knows which one it is.
* When a connection breaks, the receiver listens again. Recordings of all its connections make one film.
* A film is finished when the receiver ends, also when the sender vanished; a recording that makes no film is kept as it came.
"""

import shutil
import subprocess
import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.errors import HostError
from skycommons.emulation.probe_programs import Port, is_listening
from skycommons.emulation.probes import HostLike
from skycommons.emulation.video_clock import read_picture
from skycommons.emulation.video_process import end_program
from skycommons.emulation.video_setup import VideoSetup, finishing_command, receiver_command
from skycommons.emulation.video_stalls import Arrivals

_PAUSE_S: Final = 0.2  # before it listens again
_FINISHING_S: Final = 60.0


class Receiver:
    """Receives one stream, in a thread of its own.

    Args:
        setup: How.
        target: The host that receives.
        port: Where it listens.
        folder: For recordings of its own, until they are a film.
    """

    def __init__(self, setup: VideoSetup, target: HostLike, *, port: int, folder: Path) -> None:
        self._setup, self._target, self._port, self._folder = setup, target, port, folder
        self._process: subprocess.Popen[Any] | None = None
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._receive, name=f"video to {target.name}", daemon=True)
        self._recordings: list[Path] = []
        self._came: list[tuple[int, int, int, bool]] = []
        self._unknown_ns: list[int] = []
        self._samples: list[tuple[int, int]] = []
        self.newest = -1
        self.starts = 0
        self.connections = 0
        self.log = b""
        self.notes: list[str] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        return self._target.ipv6 if self._setup.over_ipv6 else self._target.ipv4

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def is_listening(self) -> bool:
        """Whether it could be called by now."""
        process = self._process
        port = Port(number=self._port, is_udp=True)
        return process is not None and is_listening(process.pid, port)

    def sample(self) -> None:
        """Note how much has been received; to be asked now and then, always from the same thread."""
        size = sum(path.stat().st_size for path in tuple(self._recordings) if path.exists())
        self._samples.append((time.monotonic_ns(), size))

    def finish(self) -> None:
        """End within a bounded time."""
        self._is_ending.set()
        while self._thread.is_alive():
            process = self._process
            if process is not None:
                end_program(process)
            self._thread.join(0.1)

    def arrivals(self) -> Arrivals:
        """What came."""
        table = np.array(self._came, dtype=np.int64).reshape(-1, 4).T.copy()
        return Arrivals(
            number=table[0], made_mono_ns=table[1], shown_mono_ns=table[2], is_whole=table[3].astype(np.bool_)
        )

    def unknown_mono_ns(self) -> Ints:
        """When pictures were shown that do not tell which they are."""
        return np.array(self._unknown_ns, dtype=np.int64)

    def samples(self) -> tuple[Ints, Ints]:
        """Instants, and how many bytes of transport stream had been received by then."""
        table = np.array(self._samples, dtype=np.int64).reshape(-1, 2)
        return table[:, 0].copy(), table[:, 1].copy()

    def save(self, path: Path) -> Path | None:
        """Make the film; None if nothing was recorded.

        Args:
            path: Without a suffix; an older film there is left alone, and this one gets a number.
        Raises:
            HostError: It cannot be written.
        """
        whole = self._folder / f"{self._port}.ts"
        with whole.open("wb") as stream:
            for recording in self._recordings:
                if recording.exists():
                    stream.write(recording.read_bytes())
        if whole.stat().st_size == 0:
            return None
        film = self._folder / f"{self._port}.mp4"
        said = self._target.run(finishing_command(whole, film), timeout_s=_FINISHING_S)
        is_film = said.returncode == 0 and film.exists() and film.stat().st_size > 0
        if not is_film:
            self.notes.append("the recording makes no film and was kept as it came")
        kept = _free_path(path, ".mp4" if is_film else ".ts")
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(film if is_film else whole, kept)
        except OSError as error:
            raise HostError(f"cannot write {kept}: {error.strerror or error}") from error
        return kept

    def _receive(self) -> None:
        """Listen, and listen again, until told to end."""
        while not self._is_ending.is_set():
            self._recordings.append(self._folder / f"{self._port}-{self.starts}.ts")
            self.starts += 1
            with tempfile.TemporaryFile() as log:
                try:
                    self._connect(log)
                except (OSError, HostError) as error:
                    self.notes.append(f"{self._target.name} cannot receive: {error}")
                    return
                finally:
                    log.seek(0)
                    self.log += log.read()
            self._is_ending.wait(_PAUSE_S)

    def _connect(self, log: IO[bytes]) -> None:
        """One connection, from listening to its end."""
        command = receiver_command(self._setup, self.address, port=self._port, recording=self._recordings[-1])
        process = self._target.popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
        self._process = process
        pipe, shape = process.stdout, self._setup.bands_shape()
        came = False
        try:
            while pipe is not None and len(rows := pipe.read(shape[0] * shape[1])) == shape[0] * shape[1]:
                self._take(rows, shape)
                came = True
        finally:
            self.connections += came
            end_program(process)
            if pipe is not None:
                pipe.close()

    def _take(self, rows: bytes, shape: tuple[int, int]) -> None:
        """Note what a picture says of itself."""
        shown_ns = time.monotonic_ns()
        look = read_picture(np.frombuffer(rows, dtype=np.uint8).reshape(shape))
        if look.stamp is None:
            self._unknown_ns.append(shown_ns)
            return
        self._came.append((look.stamp.number, look.stamp.mono_ns, shown_ns, look.is_whole))
        self.newest = max(self.newest, look.stamp.number)


def _free_path(path: Path, suffix: str) -> Path:
    """The first of ``path``, ``path-2``, ``path-3``, … that is not there."""
    names = (f"{path.name}{'' if number == 1 else f'-{number}'}{suffix}" for number in count(1))
    return next(place for place in map(path.with_name, names) if not place.exists())
