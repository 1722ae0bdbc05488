"""Telling the log what time it is: what is due queues, takes effect, lapses or ends, and the service map is announced.

* Witnesses are asked for the newest head, and their answer goes into the log if it changes anything or the log's clock is late.
  What it brings about happens by the rules inside the ledger.
* Many may do this at once, in threads and in programs. Whoever is overtaken finds done what was to do: that is no error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import FormatError, RulingError, TrustError
from skycommons.governance.canonical import Json
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.ledger import Ledger
from skycommons.governance.ledger_state import LedgerState
from skycommons.governance.log_clock import WitnessedHead, read_witnessed
from skycommons.governance.notes import Note
from skycommons.governance.operator_entries import Snapshot, Witnessed
from skycommons.governance.states import State
from skycommons.store.group_commit import GroupCommit
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.log_reader import LogReader
from skycommons.store.log_writer import LogWriter
from skycommons.store.tile_files import TileFiles
from skycommons.store.witnessing import Cosigned, Witnesses

IDLE_CLOCK_S: Final = 3_600  # an idle log is told the time no more often


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A decision that came into another state.

    Attributes:
        digest: Which.
        before, after: From where to where.
    """

    digest: str
    before: State
    after: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of asking the witnesses; true if enough of them saw the newest entry.

    Attributes:
        head: The newest head, with who saw it when; ``None`` if they were not enough.
        now_s: The log's time.
        map_version: Version of the service map.
        moves: Decisions that came into another state.
        silent: Witnesses that did not cosign, and why.
        is_answered: Whether enough of them cosigned just now. Cosignatures of before may do, until they are too old.
    """

    head: WitnessedHead | None
    now_s: int
    map_version: int
    moves: tuple[Move, ...]
    silent: tuple[tuple[str, str], ...]
    is_answered: bool

    def __bool__(self) -> bool:
        return self.head is not None


class Settling:
    """Asks witnesses for one service.

    Args:
        commit: Takes entries.
        judge: Follows the database.
        writer: Signs heads, and puts cosignatures under them.
        publish: Makes public what is durable.
        files: The public folder of the log.
        witnesses: Who watches.
    """

    def __init__(
        self,
        commit: GroupCommit[Ledger],
        judge: LedgerJudge[Ledger],
        *,
        writer: LogWriter,
        publish: Callable[[], object],
        files: TileFiles,
        witnesses: Witnesses,
    ) -> None:
        self._commit = commit
        self._judge = judge
        self._writer = writer
        self._publish = publish
        self._files = files
        self._witnesses = witnesses

    def settle(self) -> Settled:
        """Ask for the time, let the ledger draw the consequences, announce the map, and have it witnessed.

        Raises:
            HostError: The database refuses.
            TrustError: The log or its files are not what they were.
        """
        self._commit.refresh()
        before = {digest: record.state for digest, record in self._state.decisions.items()}
        asked = self._ask()
        head = self._seen(asked.note)
        if head is not None and self._is_news(asked.note, head):
            self._tell_time(asked.note)
        self._commit.refresh()
        self._announce()
        if head is None or head.head.size < self._judge.fold.size:
            asked = self._ask()
            head = self._seen(asked.note)
        state = self._state
        moves = (
            Move(digest=digest, before=before.get(digest, State.OPEN), after=record.state)
            for digest, record in state.decisions.items()
        )
        return Settled(
            head=head if head is not None and head.head.size >= self._judge.fold.size else None,
            now_s=state.now_s,
            map_version=state.map_version,
            moves=tuple(move for move in moves if move.before != move.after),
            silent=asked.silent,
            is_answered=self._is_answered(asked),
        )

    @property
    def _state(self) -> LedgerState:
        """What the ledger holds now."""
        return self._judge.fold.state

    def _ask(self) -> Cosigned:
        """Have the published head cosigned, and put the cosignatures under it if it is still the published one."""
        self._publish()
        asked = self._witnesses.cosign(LogReader.open(self._files))
        if not self._writer.add_cosignatures(asked.note):
            return asked
        return Cosigned(note=LogReader.open(self._files).note, silent=asked.silent)

    def _seen(self, note: Note) -> WitnessedHead | None:
        """Who saw a head, if they are enough."""
        try:
            return read_witnessed(note, self._judge.fold.trust.policy, origin=self._writer.origin)
        except (TrustError, FormatError):
            return None

    def _is_answered(self, asked: Cosigned) -> bool:
        """Whether those that were not silent are enough."""
        policy, silent = self._judge.fold.trust.policy, {name for name, _ in asked.silent}
        return bool(policy.quorum_result(each.name for each in policy.witnesses if each.name not in silent))

    def _is_news(self, note: Note, head: WitnessedHead) -> bool:
        """Whether telling the log the time changes more than its clock, or its clock is late."""
        if head.earliest_s >= self._state.now_s + IDLE_CLOCK_S:
            return True
        ruling = self._judge.fold.judge(self._witnessed(note))
        return ruling.is_accepted and set(ruling.changed) != {"clock"}

    def _tell_time(self, note: Note) -> None:
        """Put the witnesses' time into the log, unless somebody else wrote meanwhile what makes it old."""
        size = self._judge.fold.size
        receipt = self._commit.append(self._witnessed(note))
        if not receipt and self._judge.fold.size == size:
            raise RulingError(f"refused, and not written: {receipt.why}")

    def _announce(self) -> None:
        """Announce the service map, if the newest version was not; another one may come while this is done."""
        while (newest := self._state.map_version) not in self._state.announced:
            versions = self._state.versions
            body = Snapshot(
                map_version=newest,
                map_sha256=versions[newest],
                previous_sha256=versions[newest - 1] if newest else "",
            )
            receipt = self._commit.append(operator_entry(self._writer.origin, Kind.SNAPSHOT, body.to_json()).encode())
            if not receipt and self._state.map_version == newest:
                raise RulingError(f"refused, and not written: {receipt.why}")

    def _witnessed(self, note: Note) -> bytes:
        """The entry that tells the time by a cosigned head."""
        body = Witnessed(note=note.encode().decode())
        return operator_entry(self._writer.origin, Kind.WITNESSED, body.to_json()).encode()


def operator_entry(origin: str, kind: Kind, body: Mapping[str, Json]) -> Entry:
    """An entry of the operator: no seat signs it, and it may only say what the log shows by itself."""
    return Entry(kind=kind, origin=origin, by="", body=body)
