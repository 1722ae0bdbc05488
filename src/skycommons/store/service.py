"""The service: one log of decisions, kept true to itself on disk.

* `Service.say` takes what a seat signed. The ledger rules on a copy; what is void is refused with its reason and never written. What is
  accepted is durable and public before the answer comes: blobs, then the database, then the head's lock, then the files of the log.
* The same entry again gets the place that it has. So whoever does not know whether it arrived says it again.
* `Service.settle` asks the witnesses what time it is and puts their answer into the log; everything that time brings about
  (queueing, unlocking, ending, lapsing) happens by the rules inside the ledger. Nobody can hold it up but by not calling it, and the ends
  stand in the map itself.
* `Service.open` refuses to go on if the database says anything else than its log, or if a head was signed that the log does not
  lead to.
* Clock and witnesses are handed in. The clock is used for texts alone ("received at"), never for the rules.

::

    with Service.open(folder, witnesses=witnesses, clock=clock) as service:
        draft = service.draft_vote(digest, Verdict.APPROVE, by="seat-legal-1")
        receipt = service.say(sign_entry(draft.entry, key), blobs=draft.blobs)
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

from skycommons.base.errors import InputError, ProofError, RulingError
from skycommons.governance.bundles import Bundle, bundle_of
from skycommons.governance.decisions import LegalBasis
from skycommons.governance.entries import Entry, Kind, parse_entry
from skycommons.governance.ledger import Ledger
from skycommons.governance.ledger_state import DecisionRecord, LedgerState
from skycommons.governance.operator_entries import Effective
from skycommons.governance.policy import Policy
from skycommons.governance.roster import Roster
from skycommons.governance.verify import read_log
from skycommons.governance.votes import NO_CONFLICT, Verdict
from skycommons.governance.words import Role
from skycommons.store.compose import Composed, Proposal, compose_change, compose_decision, compose_vote
from skycommons.store.database import Database
from skycommons.store.durable_files import Reached, nothing_reached
from skycommons.store.founding import Founding, found_service
from skycommons.store.group_commit import GroupCommit, Receipt
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.log_reader import LogReader
from skycommons.store.log_writer import LogWriter
from skycommons.store.records import Secret
from skycommons.store.service_folder import ServiceFolder
from skycommons.store.settling import Settled, Settling, operator_entry
from skycommons.store.witnessing import Nobody, Witnesses

NONCE_BYTES: Final = 16

Clock: TypeAlias = Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Something that a seat may sign.

    Attributes:
        entry: What is signed: ``entry.message``.
        blobs: What it names by its hash.
    """

    entry: Entry
    blobs: tuple[bytes, ...] = ()


class Service:
    """A service that is open; see `Service.open`.

    Args:
        layout: Its folder.
        database: Its database.
        judge: A ledger that agrees with it.
        writer: Who signs its heads.
        witnesses: Who watches.
        clock: Seconds since 1970.
        reached: Called with a name after each stage of a write.
    """

    def __init__(
        self,
        layout: ServiceFolder,
        database: Database,
        judge: LedgerJudge[Ledger],
        writer: LogWriter,
        *,
        witnesses: Witnesses,
        clock: Clock,
        reached: Reached,
    ) -> None:
        self._layout = layout
        self._database = database
        self._judge = judge
        self._writer = writer
        self._clock = clock
        self._commit = GroupCommit(database, judge, lambda _: writer.publish(database), reached=reached)
        self._settling = Settling(
            self._commit,
            judge,
            writer=writer,
            publish=lambda: writer.publish(database),
            files=layout.files,
            witnesses=witnesses,
        )

    @classmethod
    def create(
        cls,
        folder: Path,
        founding: Founding,
        *,
        clock: Clock,
        witnesses: Witnesses | None = None,
        reached: Reached = nothing_reached,
    ) -> Self:
        """Make a service in a new folder, whole or not at all, and open it; see `skycommons.store.founding`.

        Raises:
            InputError: Something lies there already, or the database or the folder of the head is not empty.
            FormatError: A part of the founding is not in its form.
            HostError: The machine or the database refuses.
        """
        found_service(folder, founding)
        return cls.open(folder, clock=clock, witnesses=witnesses, reached=reached)

    @classmethod
    def open(
        cls, folder: Path, *, clock: Clock, witnesses: Witnesses | None = None, reached: Reached = nothing_reached
    ) -> Self:
        """Open a service: replay its log, compare, and finish what a crash left undone.

        Args:
            folder: Its folder.
            clock: Seconds since 1970.
            witnesses: Who watches. ``None`` to ask nobody: then nothing is settled.
            reached: Called with a name after each stage of a write.

        Raises:
            FormatError: The folder is not that of a service, or a file is damaged.
            ProofError: The database does not say what its log says; everything that differs is told.
            RollbackError: A head was signed that the log does not lead to: its data come from an old copy.
            HostError: The database cannot be reached.
        """
        layout = ServiceFolder.open(folder)
        trust, signers, files = layout.read_trust(), layout.read_signers(), layout.files
        watching = witnesses or Nobody()
        database = Database.open(
            layout.settings.database, origin=layout.settings.origin, folder=folder, reached=reached
        )
        try:
            judge = LedgerJudge(database, lambda: Ledger(trust, files.read_blob))
            _refuse_empty(database, judge.fold)
            writer = LogWriter(files, layout.head_lock, signers, reached=reached)
            writer.recover(database, witnessed=lambda: watching.heads(writer.origin))
        except BaseException:
            database.close()
            raise
        return cls(layout, database, judge, writer, witnesses=watching, clock=clock, reached=reached)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    # -------------------------------------------------------------------------------------------------- reading

    @property
    def origin(self) -> str:
        """Name of the log."""
        return self._writer.origin

    @property
    def layout(self) -> ServiceFolder:
        """Its folder."""
        return self._layout

    @property
    def ledger(self) -> Ledger:
        """What the log adds up to. To be read only."""
        return self._judge.fold

    @property
    def state(self) -> LedgerState:
        """What the ledger holds. To be read only."""
        return self.ledger.state

    @property
    def now_s(self) -> int:
        """Now, by the clock of this machine."""
        return self._clock()

    def record(self, digest: str) -> DecisionRecord:
        """A decision and what became of it.

        Raises:
            InputError: There is none.
        """
        record = self.state.decisions.get(digest)
        if record is None:
            raise InputError(f"{digest[:12]} is no decision of this log")
        return record

    def map_at(self, version: int) -> tuple[bytes, Mapping[str, bytes]]:
        """The service map of a version, the newest or an older one, and the lists of cells that it names, by hash.

        Raises:
            InputError: There is no such version.
        """
        if version == self.state.map_version:
            return self._map(self.state)
        ledger = Ledger(self.ledger.trust, self._layout.files.read_blob)
        for data in self._database.read(0, self.ledger.size):
            ledger.append(data)
            if ledger.state.map_version == version:
                return self._map(ledger.state)
        raise InputError(f"there is no version {version} of the service map; the newest is {self.state.map_version}")

    def blob(self, digest: str) -> bytes:
        """What lies beside the log under a hash.

        Raises:
            ProofError: It is not there.
        """
        return self.state.read_blob(digest, "what is asked for")

    def _map(self, state: LedgerState) -> tuple[bytes, Mapping[str, bytes]]:
        """The service map of a ledger, with its lists of cells."""
        names = {name for layer in state.layers for name in (layer.cells_sha256, *layer.without) if name}
        return state.manifest, {name: self.blob(name) for name in names}

    # -------------------------------------------------------------------------------------------------- drafting

    def draft(self, kind: Kind, composed: Composed, *, by: str) -> Draft:
        """A document as an entry that a seat may sign."""
        return Draft(entry=Entry(kind=kind, origin=self.origin, by=by, body=composed.body), blobs=composed.blobs)

    def draft_decision(self, proposal: Proposal, *, by: str) -> Draft:
        """A decision over service, with everything that follows from the log filled in.

        Raises:
            InputError: Something that cannot follow is missing.
            FormatError: The cells are none, or the preview is not in its form.
        """
        composed = compose_decision(self.state, proposal, now_s=self.now_s, nonce=fresh_nonce())
        return self.draft(Kind.DECISION, composed, by=by)

    def draft_change(self, change: Policy | Roster, *, by: str, title: str, basis: LegalBasis) -> Draft:
        """A decision that puts another policy or roster in force."""
        composed = compose_change(self.state, change, title=title, basis=basis, now_s=self.now_s, nonce=fresh_nonce())
        return self.draft(Kind.DECISION, composed, by=by)

    def draft_vote(
        self,
        subject: str,
        verdict: Verdict,
        *,
        by: str,
        role: Role | None = None,
        reason: str = "",
        conflict: str = NO_CONFLICT,
    ) -> Draft:
        """What a seat says of a decision or an appeal.

        Raises:
            InputError: There is no such subject, or the seat's role does not follow.
        """
        composed = compose_vote(
            self.state,
            subject,
            verdict,
            by=by,
            now_s=self.now_s,
            nonce=fresh_nonce(),
            role=role,
            reason=reason,
            conflict=conflict,
        )
        return self.draft(Kind.VOTE, composed, by=by)

    # -------------------------------------------------------------------------------------------------- writing

    def hear(self, entry: Entry | bytes, *, blobs: Iterable[bytes] = ()) -> Receipt:
        """Write an entry if the rules allow it, and say what became of it.

        Args:
            entry: Signed by a seat.
            blobs: What it names by its hash, and does not lie beside the log yet.

        Raises:
            FormatError: It is not in the form of an entry; nothing was written.
            HostError: The database refuses. Hand it in again.
            TrustError: The database or what was published is not what it was.
        """
        data = entry if isinstance(entry, bytes) else entry.encode()
        parse_entry(data)
        for blob in blobs:
            self._layout.files.write_blob(blob)
        return self._commit.append(data)

    def say(self, entry: Entry | bytes, *, blobs: Iterable[bytes] = ()) -> Receipt:
        """`hear`, or an error.

        Raises:
            RulingError: The rules make the entry void; it was not written.
            FormatError: As `hear`.
            HostError: As `hear`.
            TrustError: As `hear`.
        """
        receipt = self.hear(entry, blobs=blobs)
        if not receipt:
            raise RulingError(f"refused, and not written: {receipt.why}")
        return receipt

    def keep_secret(self, secret: Secret) -> str:
        """Keep what stands behind a commitment, in the database alone; the answer is the commitment."""
        return self._database.put_secret(secret)

    def secret(self, commitment: str) -> Secret | None:
        """What stands behind a commitment; ``None`` if it was forgotten, or is kept elsewhere."""
        return self._database.secret(commitment)

    def forget(self, commitment: str) -> bool:
        """Erase what stands behind a commitment; whether there was something. The commitment stays, and says nothing any more.

        Raises:
            HostError: The database refuses, or others read it at this moment, so that older copies in its files are left.
        """
        return self._database.forget(commitment)

    def acknowledge(self, decision: str) -> Receipt:
        """Note that a decision is enforced, as whoever runs the network reports.

        Raises:
            RulingError: It is not one that is being applied.
        """
        record = self.record(decision)
        body = Effective(
            decision=decision,
            map_version=record.map_version,
            map_sha256=self.state.versions[record.map_version],
        )
        return self.say(operator_entry(self.origin, Kind.EFFECTIVE, body.to_json()))

    def settle(self) -> Settled:
        """Ask the witnesses for the time, let the ledger draw the consequences, announce the map, and have it witnessed.

        An idle log is told the time once an hour; its checkpoint is witnessed each time. Others may do the same at the same time.

        Raises:
            HostError: The database refuses.
            TrustError: The log or its files are not what they were.
        """
        return self._settling.settle()

    def bundle(self) -> bytes:
        """Everything that a verifier needs, in one file.

        Raises:
            ProofError: What is published is not what the log says.
        """
        return self.evidence().encode()

    def evidence(self) -> Bundle:
        """The same, as a value.

        Raises:
            ProofError: What is published is not what the log says.
        """
        files = self._layout.files
        log = LogReader.open(files)
        entries = tuple(log.entries(0, log.head.size))
        blobs: dict[str, bytes] = {}

        def read(name: str) -> bytes | None:
            data = files.read_blob(name)
            if data is not None:
                blobs[name] = data
            return data

        ledger, _ = read_log(entries, read, self.ledger.trust)
        if ledger.root != log.head.root:
            raise ProofError(f"{files.folder}: the entries do not lead to the checkpoint; check the folder")
        return bundle_of(
            checkpoint=log.note.encode(), manifest=ledger.state.manifest, entries=entries, blobs=blobs.values()
        )


def _refuse_empty(database: Database, ledger: Ledger) -> None:
    """A log begins with its first entry."""
    if not ledger.size:
        raise ProofError(f"{database.name}: the log is empty; its first entry is missing")


def fresh_nonce() -> str:
    """Bytes of chance, so that no two documents are the same."""
    return secrets.token_hex(NONCE_BYTES)
