"""What a witness remembers: of each log the head that it cosigned last, on a disk.

::

    heads/<sha256 of the origin>/head         the head that binds, with the log's signature
    heads/<sha256 of the origin>/checkpoint   the same with the witness's cosignatures, as it is shown to everybody
    heads/<sha256 of the origin>/fork-...     another root of a size that was cosigned: evidence against the log

* A head is compared with the one that lies here and stored in one step, by one holder at a time, threads and programs alike. It
  is on the disk before anybody sees a signature over it.
* Nothing is ever taken back. A damaged file is an error, and not a log that was never seen.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from skycommons.base.errors import RollbackError
from skycommons.governance import notes
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import printable
from skycommons.governance.notes import Note, parse_note
from skycommons.store.durable_files import LOCK_WAIT_S, hold_folder, place_file, read_file, replace_file

HEADS: Final = "heads"
MAX_FORKS: Final = 100  # of one log: enough to convict it

_HEAD: Final = "head"
_CHECKPOINT: Final = "checkpoint"
_FORK: Final = "fork-"
_NAME: Final = re.compile(r"[0-9a-f]{64}")


def origin_name(origin: str) -> str:
    """Under which name a log's checkpoint is kept and shown: the SHA-256 of its origin, in hex."""
    return sha256(origin.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WitnessStore:
    """The memory of one witness.

    Attributes:
        folder: Where it lies.
        wait_s: How long to wait for another holder.
    """

    folder: Path
    wait_s: float = LOCK_WAIT_S

    def latest(self, origin: str) -> Checkpoint | None:
        """The head of a log that was cosigned last; ``None`` if there is none.

        Raises:
            FormatError: The file is damaged.
        """
        path = self._place(origin) / _HEAD
        data = read_file(path, most_bytes=notes.MAX_BYTES)
        return None if data is None else parse_checkpoint(parse_note(data, source=str(path)).text)

    @contextmanager
    def hold(self, origin: str) -> Iterator[None]:
        """Be the only one who changes what is known of a log while the block runs.

        Raises:
            HostError: Another one does for too long.
        """
        with hold_folder(self._place(origin), wait_s=self.wait_s):
            yield

    def keep(self, before: Checkpoint | None, note: Note) -> None:
        """Store a head that was accepted, if the one that it was judged by is still the last. The caller holds the log.

        Args:
            before: The head that it was judged by.
            note: The new one, with the log's signature.

        Raises:
            RollbackError: Another head is the last.
        """
        head = parse_checkpoint(note.text)
        if self.latest(head.origin) != before:
            raise RollbackError(f"another head of {printable(head.origin)} was cosigned meanwhile")
        replace_file(self._place(head.origin) / _HEAD, note.encode())

    def publish(self, note: Note) -> None:
        """Show a head with its cosignatures from now on. The caller holds the log."""
        replace_file(self._place(parse_checkpoint(note.text).origin) / _CHECKPOINT, note.encode())

    def published(self, name: str) -> bytes | None:
        """What is shown of a log, by the name of `origin_name`; ``None`` if nothing is."""
        if not _NAME.fullmatch(name):
            return None
        return read_file(self.folder / HEADS / name / _CHECKPOINT, most_bytes=notes.MAX_BYTES)

    def keep_fork(self, note: Note) -> None:
        """Keep a signed head that contradicts one that was cosigned. The caller holds the log."""
        place = self._place(parse_checkpoint(note.text).origin)
        path = place / f"{_FORK}{sha256(note.text.encode()).hexdigest()}"
        if len(list(place.glob(f"{_FORK}*"))) < MAX_FORKS and not path.exists():
            place_file(path, note.encode())

    def forks(self, origin: str) -> tuple[Note, ...]:
        """The evidence against a log."""
        paths = sorted(self._place(origin).glob(f"{_FORK}*"))
        return tuple(parse_note(path.read_bytes(), source=str(path)) for path in paths)

    def _place(self, origin: str) -> Path:
        """The folder of one log."""
        return self.folder / HEADS / origin_name(origin)
