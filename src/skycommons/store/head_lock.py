"""The last head that was signed, in a folder of its own: what a log may never fall behind.

* Before a head is signed it is *swapped* in here: from the one that lies here to one that is larger, or the same. A smaller head,
  another root at the same size and another log are refused with `RollbackError`. So a log that was restored from an old copy, or
  that two programs write, stops before it signs two histories.
* It should lie on another disk than the log and its database, and in no backup that is restored together with them.
* The file ``head`` is the three lines of a checkpoint without signatures. A lost one is mended by hand, from the first three
  lines of the newest checkpoint that anybody has.

Source: the lock backend of Sunlight, a log for certificates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skycommons.base.errors import RollbackError
from skycommons.governance import checkpoint
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import printable, read_text
from skycommons.store.durable_files import (
    LOCK_WAIT_S,
    Reached,
    hold_folder,
    nothing_reached,
    read_file,
    replace_file,
)

NAME: Final = "head"


@dataclass(frozen=True, slots=True)
class HeadLock:
    """The folder with the last head.

    Attributes:
        folder: Where it lies.
        wait_s: How long to wait for another holder.
        reached: Told ``head drafted`` and ``head placed``.
    """

    folder: Path
    wait_s: float = LOCK_WAIT_S
    reached: Reached = nothing_reached

    def read(self) -> Checkpoint | None:
        """The last head; ``None`` if no head was ever signed.

        Raises:
            FormatError: The file holds something else.
        """
        path = self.folder / NAME
        data = read_file(path, most_bytes=checkpoint.MAX_BYTES)
        if data is None:
            return None
        return parse_checkpoint(read_text(data, source=str(path), most_bytes=checkpoint.MAX_BYTES))

    @contextmanager
    def hold(self) -> Iterator["HeldHead"]:
        """Be the only one who may swap the head while the block runs; in it nothing else waits for the lock.

        Raises:
            HostError: Another one holds it for too long.
        """
        with hold_folder(self.folder, wait_s=self.wait_s):
            yield HeldHead(self)

    def compare_and_swap(self, before: Checkpoint | None, after: Checkpoint) -> None:
        """Put a head in the place of the one that lies here, if that is still the one that was meant.

        Args:
            before: What should lie here; ``None`` for nothing.
            after: What shall.

        Raises:
            RollbackError: Another head lies here, or the new one is smaller, of another log, or another one of the same size.
        """
        with self.hold() as held:
            held.swap(before, after)


@dataclass(frozen=True, slots=True)
class HeldHead:
    """A head that nobody else can swap at the moment.

    Attributes:
        lock: Where it lies.
    """

    lock: HeadLock

    def swap(self, before: Checkpoint | None, after: Checkpoint) -> None:
        """As `HeadLock.compare_and_swap`.

        Raises:
            RollbackError: As there.
        """
        found = self.lock.read()
        if found != before:
            raise RollbackError(f"another head was signed meanwhile: {_said(found)} instead of {_said(before)}")
        if before == after:
            return
        if before is not None:
            refuse_rollback(before, after)
        reached = self.lock.reached
        replace_file(self.lock.folder / NAME, after.text.encode(), reached=lambda stage: reached(f"head {stage}"))


def refuse_rollback(before: Checkpoint, after: Checkpoint) -> None:
    """Refuse a head that cannot follow another one, as far as sizes and roots tell.

    Raises:
        RollbackError: It is of another log, smaller, or of the same size with another root.
    """
    if after.origin != before.origin:
        raise RollbackError(f"the last head is of the log {printable(before.origin)}, not of {printable(after.origin)}")
    if after.size < before.size:
        raise RollbackError(
            f"a head of {before.size:,} entries was signed already, and there are {after.size:,}; "
            "were the data restored from an old copy?"
        )
    if after.size == before.size and after.root != before.root:
        raise RollbackError(
            f"another head of {before.size:,} entries was signed already: these are not the same entries"
        )


def _said(head: Checkpoint | None) -> str:
    """A head in a message."""
    return "none" if head is None else f"one of {head.size:,} entries"
