"""What a service asks of witnesses, whoever they are: over HTTP, in the same program, or nobody.

* A witness is asked to cosign the head that is published, and which head it cosigned last. One that does not answer is no error: others
  may be enough, and whether they are says the trust file.
* Who implements this checks each cosignature before it gives it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.notes import Note
from skycommons.store.log_reader import LogReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """What came of asking all witnesses.

    Attributes:
        note: The head with every cosignature that could be had.
        silent: Witnesses that gave none, and why.
    """

    note: Note
    silent: tuple[tuple[str, str], ...] = ()


class Witnesses(Protocol):
    """Those who watch a log."""

    def heads(self, origin: str) -> Iterable[Checkpoint]:
        """The heads of a log that they cosigned last, of those who answer."""
        ...

    def cosign(self, log: LogReader) -> Cosigned:
        """Ask each for a cosignature over the head of a log."""
        ...


class Nobody:
    """No witness is asked: the log still grows, and its clock stands still."""

    def heads(self, origin: str) -> Iterable[Checkpoint]:
        """None."""
        del origin
        return ()

    def cosign(self, log: LogReader) -> Cosigned:
        """The head as it is."""
        return Cosigned(note=log.note)
