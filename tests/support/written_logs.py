"""Logs on a disk: a source of entries as a database would be one, and a writer of a small log with fixed keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.notes import Note
from skycommons.governance.signers import Ed25519CosignerKey, MlDsa44CosignerKey
from skycommons.governance.witness_policy import WitnessPolicy, parse_policy
from skycommons.store.durable_files import Reached, nothing_reached
from skycommons.store.fsck import Audience
from skycommons.store.head_lock import HeadLock
from skycommons.store.log_writer import LogSigner, LogWriter
from skycommons.store.tile_files import TileFiles
from tests.support.logs import LOG, LOG_ML_DSA, POLICY, TIME_S, WITNESS, WITNESS_ML_DSA, entries_of

SIGNERS: tuple[LogSigner, ...] = (LOG, LOG_ML_DSA)


@dataclass(slots=True)
class Entries:
    """Entries that are durable, more of them with each `add`."""

    kept: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, size: int) -> "Entries":
        """So many that all differ."""
        return cls(entries_of(size))

    def add(self, *entries: bytes) -> "Entries":
        """Some more."""
        self.kept += entries
        return self

    def grow(self, size: int) -> "Entries":
        """As many as that, as `of` has them."""
        self.kept += entries_of(size)[len(self.kept) :]
        return self

    def size(self) -> int:
        """How many there are."""
        return len(self.kept)

    def read(self, begin: int, end: int) -> Iterable[bytes]:
        """Some of them."""
        return self.kept[begin:end]


def writer_of(folder: Path, *, signers: Sequence[LogSigner] = SIGNERS, reached: Reached = nothing_reached) -> LogWriter:
    """A writer of the log in a folder."""
    return LogWriter(files_of(folder), HeadLock(folder / "head", wait_s=10.0), signers, reached=reached)


def files_of(folder: Path) -> TileFiles:
    """The public folder of the log in a folder."""
    return TileFiles(folder / "log")


def policy_of() -> WitnessPolicy:
    """Both keys of the log, and both witnesses."""
    return parse_policy(f"log {LOG_ML_DSA.verifier.vkey}\n{POLICY}".encode())


def audience_of(*, now_s: int = TIME_S + 60, max_age_s: int | None = 3_600, is_open: bool = False) -> Audience:
    """Somebody who trusts both, a minute later."""
    return Audience(policy=policy_of(), now_s=now_s, max_age_s=max_age_s, is_open=is_open)


def cosigned(
    note: Note,
    head: Checkpoint,
    *,
    time_s: int = TIME_S,
    witnesses: Sequence[Ed25519CosignerKey | MlDsa44CosignerKey] = (WITNESS, WITNESS_ML_DSA),
) -> Note:
    """A checkpoint with the signatures of witnesses."""
    return note.with_signatures(*(witness.cosign(head, time_s=time_s) for witness in witnesses))
