"""Rules over new entries with a ledger that follows the database.

* What is judged is judged on a copy. The ledger itself moves on only when the batch is durable, so a transaction that fails leaves
  nothing to take back.
* Before each batch it reads what others have added to the database. What stands there was judged when it was written; if it is
  void now, the database was changed behind us, and nothing is written any more.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic

from skycommons.base.errors import ProofError
from skycommons.store.database import Database
from skycommons.store.records import Batch, NewEntry
from skycommons.store.replay import AnyFold, Fold, texts_of, verify_replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement(Generic[AnyFold]):
    """What became of new entries.

    Attributes:
        faults: Why each is void, in their order; empty for one that is good.
        batch: The good ones, with what they change.
        size: Size of the log that they were judged against.
        fold: The ledger with them.
    """

    faults: tuple[str, ...]
    batch: Batch
    size: int
    fold: AnyFold


class LedgerJudge(Generic[AnyFold]):
    """A ledger that follows a database.

    Args:
        database: The database; its whole log is replayed and compared at once.
        fold: Makes an empty ledger.

    Raises:
        ProofError: The database does not say what its log says.
    """

    def __init__(self, database: Database, fold: Callable[[], AnyFold]) -> None:
        self._database = database
        self._fold = verify_replay(database, fold)

    @property
    def fold(self) -> AnyFold:
        """What is durable adds up to this. To be read only."""
        return self._fold

    def refresh(self) -> None:
        """Read what the database holds more.

        Raises:
            ProofError: It holds less than before, or what a ledger does not accept.
        """
        head = self._database.head
        if head.size == self._fold.size and head.root == self._fold.root.hex():
            return
        fold = self._fold.copy()
        for data in self._database.read(fold.size, head.size):
            ruling = fold.append(data)
            if not ruling.is_accepted:
                raise ProofError(f"{self._database.name}: entry {fold.size - 1} is void: {ruling.why}; replay the log")
        if (fold.size, fold.root.hex()) != (head.size, head.root):
            raise ProofError(f"{self._database.name}: the database is not a later state of what it was; replay the log")
        self._fold = fold

    def judge(self, entries: Sequence[NewEntry]) -> Judgement[AnyFold]:
        """Rule over entries as if they were the next ones; an entry that is void is left out.

        An entry that names something that is missing is left out too: it would stop every reader of the log.
        """
        faults = [""] * len(entries)
        while True:
            fold, changed, found = self._fold.copy(), set[str](), False
            for number, entry in enumerate(entries):
                if faults[number]:
                    continue
                faults[number], subjects = _ruled(fold, entry)
                found = found or bool(faults[number])
                changed.update(subjects)
            if not found:
                break
        good = tuple(entry for entry, fault in zip(entries, faults, strict=True) if not fault)
        batch = Batch(entries=good, projection=texts_of(fold, changed))
        return Judgement(faults=tuple(faults), batch=batch, size=self._fold.size, fold=fold)

    def settle(self, judgement: Judgement[AnyFold]) -> None:
        """Its batch is durable."""
        self._fold = judgement.fold


def _ruled(fold: Fold, entry: NewEntry) -> tuple[str, Collection[str]]:
    """Why an entry is void, and what it changes."""
    try:
        ruling = fold.append(entry.data)
    except ProofError as error:
        return str(error), ()
    return ruling.why, ruling.changed
