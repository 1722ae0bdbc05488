"""Whether the database says what its log says.

* The log is the truth, and everything else in the database is derived from it. `replay_result` reads every entry again, in order,
  and compares: the hash, kind and digest beside each entry, the number of entries and the root in the head, and every row of the
  projection, text by text. It also asks for the guards, for anything else that the schema should not have, for what SQLite finds
  wrong with its own file, and whether each secret is what was committed to.
* Whoever rewrites entries and everything that follows from them leaves a database that agrees with itself. So the replay is also
  told heads that were *signed* before: at their size the entries must have their root.
* What was found is never mended silently. Entries can be read again from the published log; `rebuild` makes a new database of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, Protocol, Self, TypeVar

from skycommons.base.errors import HostError, InputError, ProofError, TrustError
from skycommons.governance.canonical import Json
from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.entries import parse_entry
from skycommons.governance.lines import printable
from skycommons.store.database import Database, Snapshot
from skycommons.store.records import Batch, NewEntry, StoredEntry, canonical_text
from skycommons.store.tables import FORMAT

_SHOWN: Final = 10  # findings in the message of an error
_LONGEST: Final = 200  # signs of a value that a finding shows
_NOTHING: Final = "nothing"
_BATCH: Final = 500


class FoldRuling(Protocol):
    """What became of an entry."""

    @property
    def is_accepted(self) -> bool:
        """Whether it has its effect."""
        ...

    @property
    def why(self) -> str:
        """Why it is void; empty if it was accepted."""
        ...

    @property
    def changed(self) -> Collection[str]:
        """Subjects whose value it changed."""
        ...


class Fold(Protocol):
    """What entries add up to: `skycommons.governance.ledger.Ledger`."""

    @property
    def size(self) -> int:
        """How many entries were read."""
        ...

    @property
    def root(self) -> bytes:
        """Root of the tree over them."""
        ...

    def append(self, data: bytes) -> FoldRuling:
        """Read the next entry."""
        ...

    def copy(self) -> Self:
        """Another that holds the same, and goes its own way."""
        ...

    def summary(self) -> Mapping[str, Json]:
        """Every subject with its value."""
        ...

    def value_of(self, subject: str) -> Json:
        """The value of one subject."""
        ...


AnyFold = TypeVar("AnyFold", bound=Fold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        subject: What it is about, such as ``entry 17, kind``.
        log: What the log says, or what follows from it.
        database: What the database says.
    """

    subject: str
    log: str
    database: str

    def __str__(self) -> str:
        return f"{self.subject}: the log says {_short(self.log)}, the database {_short(self.database)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Generic[AnyFold]):
    """The log, read again; it is true if the database agrees with it.

    Attributes:
        fold: What the entries add up to.
        findings: Where the database says otherwise.
    """

    fold: AnyFold
    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return not self.findings


def replay_result(
    database: Database, fold: Callable[[], AnyFold], *, signed: Iterable[Checkpoint] = ()
) -> Replay[AnyFold]:
    """Read the whole log again and compare.

    Args:
        database: The database, which others may go on writing.
        fold: Makes an empty ledger.
        signed: Heads of this log that were signed or cosigned before.
    """
    reading = _Reading(fold())
    roots = {head.size: head.root.hex() for head in signed}
    with reading.surviving("database"), database.snapshot() as state:
        damage = state.damage()
        for message in damage:
            reading.find("file", "whole", message)
        if damage:  # rows of a damaged file may be anything
            return Replay(fold=reading.fold, findings=tuple(reading.findings))
        for guard in state.missing_guards():
            reading.find(f"guard {guard}", "in place", "missing, changed or off")
        for name in state.strange_schema():
            reading.find(f"schema, {name}", "as it was made", "otherwise")
        reading.meta(state)
        for index, row in enumerate(state.entries()):
            reading.entry(index, row)
            if index + 1 in roots:
                reading.compare(f"root at {index + 1} entries", roots.pop(index + 1), reading.fold.root.hex())
        reading.head(state)
        reading.projection(state)
        reading.secrets(state)
    for size, root in sorted(roots.items()):
        if size:
            reading.find(f"root at {size} entries", root, "fewer entries")
    return Replay(fold=reading.fold, findings=tuple(reading.findings))


def verify_replay(database: Database, fold: Callable[[], AnyFold], *, signed: Iterable[Checkpoint] = ()) -> AnyFold:
    """`replay_result`, or an error; the answer is what the entries add up to.

    Raises:
        ProofError: The database does not say what its log says.
    """
    result = replay_result(database, fold, signed=signed)
    if result:
        return result.fold
    shown = "".join(f"\n  {finding}" for finding in result.findings[:_SHOWN])
    more = len(result.findings) - _SHOWN
    raise ProofError(
        f"{database.name}: the database does not say what its log says, in {len(result.findings)} place(s):{shown}"
        + (f"\n  and {more} more" if more > 0 else "")
    )


def rebuild(database: Database, fold: Callable[[], AnyFold], entries: Iterable[bytes]) -> AnyFold:
    """Fill an empty database from the entries of a log; the answer is what they add up to.

    Args:
        database: The new database.
        fold: Makes an empty ledger.
        entries: All entries in order, as the published log or an older copy has them.

    Raises:
        InputError: The database is not empty.
        ProofError: An entry is void, or stands twice.
    """
    if database.size():
        raise InputError(f"{database.name}: there are entries in this database; name one that does not exist yet")
    ledger, waiting, changed = fold(), list[NewEntry](), set[str]()
    for data in entries:
        ruling = ledger.append(data)
        if not ruling.is_accepted:
            raise ProofError(f"entry {ledger.size - 1} is void: {ruling.why}")
        waiting.append(NewEntry.of(data))
        changed.update(ruling.changed)
        if len(waiting) == _BATCH:
            _store(database, ledger, Batch(entries=tuple(waiting), projection=texts_of(ledger, changed)))
            waiting.clear()
            changed.clear()
    _store(database, ledger, Batch(entries=tuple(waiting), projection=texts_of(ledger, changed)))
    return ledger


def texts_of(fold: Fold, subjects: Iterable[str]) -> dict[str, str]:
    """The rows of the projection for these subjects."""
    return {subject: canonical_text(fold.value_of(subject)) for subject in subjects}


def _store(database: Database, ledger: Fold, batch: Batch) -> None:
    """Write one batch of a log that is rebuilt."""
    database.append(batch, expected_size=ledger.size - len(batch.entries))
    if database.head.root != ledger.root.hex():
        raise ProofError(f"{database.name}: one of the entries up to {ledger.size - 1} stands in the log twice")


class _Reading(Generic[AnyFold]):
    """A replay that is under way."""

    def __init__(self, fold: AnyFold) -> None:
        self.fold = fold
        self.findings: list[Finding] = []
        self._origin = ""
        self._is_readable = True

    def find(self, subject: str, log: str, database: str) -> None:
        """Note a difference."""
        self.findings.append(Finding(subject=subject, log=log, database=database))

    def compare(self, subject: str, log: object, database: object) -> None:
        """Note a difference if there is one; a number and its text are different."""
        if log != database or type(log) is not type(database):
            self.find(subject, repr(log), repr(database))

    @contextmanager
    def surviving(self, subject: str) -> Iterator[None]:
        """Rows that cannot even be read are a finding too."""
        try:
            yield
        except (HostError, InputError, TrustError) as error:
            self.find(subject, "readable", str(error).partition("\n")[0])

    def meta(self, state: Snapshot) -> None:
        """What the database says it is."""
        found = state.meta
        self._origin = found.origin
        self.compare("meta, format", FORMAT, found.format)

    def entry(self, index: int, row: StoredEntry) -> None:
        """One entry: its row against its bytes, and the ledger's ruling."""
        self.compare(f"entry {index}, index", index, row.index)
        with self.surviving(f"entry {index}"):
            wanted = NewEntry.of(row.data)
            if not index:
                self.compare("meta, origin", parse_entry(row.data).origin, self._origin)
            self.compare(f"entry {index}, leaf hash", wanted.leaf, row.leaf)
            self.compare(f"entry {index}, kind", wanted.kind, row.kind)
            self.compare(f"entry {index}, digest", wanted.digest, row.digest)
        if not self._is_readable:
            return
        self._is_readable = False
        with self.surviving(f"entry {index}, ruling"):
            ruling = self.fold.append(row.data)
            if not ruling.is_accepted:
                self.find(f"entry {index}, ruling", f"void: {ruling.why}", "in effect")
            self._is_readable = True

    def head(self, state: Snapshot) -> None:
        """The number of entries and the root."""
        found = state.head
        self.compare("head, size", self.fold.size, found.size)
        self.compare("head, root", self.fold.root.hex(), found.root)

    def projection(self, state: Snapshot) -> None:
        """Every subject, text by text."""
        wanted = self.fold.summary() if self.fold.size else {}
        found = state.projection()
        for subject in sorted(wanted.keys() | found.keys()):
            log = canonical_text(wanted[subject]) if subject in wanted else _NOTHING
            database = found.get(subject, _NOTHING)
            if log != database:
                self.find(f"projection, {subject}", log, database)

    def secrets(self, state: Snapshot) -> None:
        """Whether each is what was committed to; nothing of it is shown."""
        for commitment, secret in state.secrets():
            if secret.commitment != commitment:
                self.find(f"secret {commitment[:16]}", "committed to", "something else")


def _short(text: str) -> str:
    """A value that fits on a line, without signs that a terminal would obey."""
    shown = printable(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
