"""One stream's sending end: an encoder on the terminal's host, started anew when its connection breaks.

* SRT gives a connection up after five seconds of silence, and so does the encoder that used it. As a device in the field would, the
  sender then calls again until it is heard or the scene ends. What was filmed meanwhile is lost.
* Whatever happens, the sender ends within a bounded time after its feed was closed.
"""

import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO, Any, Final

from skycommons.base.errors import HostError
from skycommons.emulation.probes import HostLike
from skycommons.emulation.video_camera import Feed
from skycommons.emulation.video_process import end_program, has_ended
from skycommons.emulation.video_setup import VideoSetup, sender_command

_PAUSE_S: Final = 0.3  # before it calls again
_FLUSH_S: Final = 2.0  # for an encoder to send what it has, once no more pictures come


class Sender:
    """Sends what a feed brings, in a thread of its own.

    Args:
        setup: How.
        source: The host that sends.
        address: Of the target.
        port: At the target.
        feed: Where pictures come from.
        elapsed_s: For how long the scene has run, whenever it is asked.
    """

    def __init__(
        self,
        setup: VideoSetup,
        source: HostLike,
        address: str,
        *,
        port: int,
        feed: Feed,
        elapsed_s: Callable[[], float],
    ) -> None:
        self._setup, self._source, self._address, self._port = setup, source, address, port
        self._feed = feed
        self._elapsed_s = elapsed_s
        self._process: subprocess.Popen[Any] | None = None
        self._thread = threading.Thread(target=self._send, name=f"video from {source.name}", daemon=True)
        self.log = b""
        self.starts = 0
        self.notes: list[str] = []

    @property
    def lost(self) -> int:
        """How many pictures it never sent."""
        return self._feed.lost

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def finish(self) -> None:
        """End; the feed has been closed."""
        if self._thread.ident is None:
            return
        self._thread.join(2 * _FLUSH_S)
        process = self._process
        if self._thread.is_alive() and process is not None:
            end_program(process)
        self._thread.join()

    def _send(self) -> None:
        """Call, and call again, until no more pictures come."""
        while not self._feed.is_closed:
            if self.starts:
                time.sleep(_PAUSE_S)
                self._feed.forget()
            self.starts += 1
            with tempfile.TemporaryFile() as log:
                try:
                    self._connect(log)
                except (OSError, HostError) as error:
                    self.notes.append(f"{self._source.name} cannot send: {error}")
                    return
                finally:
                    log.seek(0)
                    self.log += log.read()

    def _connect(self, log: IO[bytes]) -> None:
        """One connection, from its call to its end."""
        command = sender_command(self._setup, self._address, port=self._port, since_s=self._elapsed_s())
        process = self._source.popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
        )
        self._process = process
        pipe = process.stdin
        try:
            while pipe is not None and (picture := self._feed.take()) is not None:
                pipe.write(picture)
                pipe.flush()
        except BrokenPipeError:
            pass  # the encoder has gone; its log says why
        finally:
            _close(pipe)
            if not has_ended(process, _FLUSH_S):
                end_program(process)


def _close(pipe: Any) -> None:  # noqa: ANN401 - None or a pipe
    """Close a pipe whose reader may have gone."""
    try:
        if pipe is not None:
            pipe.close()
    except BrokenPipeError:
        pass
