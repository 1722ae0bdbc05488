"""The ledger: reads the entries of a log one after the other and rules over each.

* The log is the truth. Two that read the same entries with the same trust file hold the same ledger, byte for byte.
* An entry is *accepted* and has its effect, or is *void* and has none. A void entry is no error of the reader but a finding: somebody
  with the log's key wrote what the rules do not allow.
* The first entry must be the one that the trust file names. It brings the first policy and the first seats.
* A member's entry counts if a key of that seat, in the roster in force, signed it. Nobody's entry counts twice.
* What an entry names by its hash has to be there. If it is missing, nothing can be said, and reading stops with an error: leaving
  something out must never look like a ruling.
* It knows no clock, no file and no database.

The rules themselves stand in ``ledger_submit`` (what may be asked), ``ledger_votes`` (who agrees), ``ledger_clockwork`` (what time does),
``ledger_apply`` (the service map) and ``ledger_register`` (the rest).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from skycommons.base.errors import FormatError, ProofError, SignatureError, TrustError
from skycommons.governance.appeals import Appeal
from skycommons.governance.bodies import Body, parse_body
from skycommons.governance.canonical import Json
from skycommons.governance.decisions import Decision, Effect
from skycommons.governance.entries import Entry, parse_entry
from skycommons.governance.ledger_clockwork import advance
from skycommons.governance.ledger_register import (
    answer,
    declare,
    register_appeal,
    register_licence,
    register_request,
    unseal,
)
from skycommons.governance.ledger_state import DecisionRecord, LedgerState
from skycommons.governance.ledger_submit import submitted
from skycommons.governance.ledger_summary import summary_of, value_of
from skycommons.governance.ledger_votes import cast_vote, roster_of, vote_fault
from skycommons.governance.licences import Licence
from skycommons.governance.log_clock import read_witnessed
from skycommons.governance.member_keys import verify_member
from skycommons.governance.merkle import EMPTY_ROOT, Frontier, leaf_hash
from skycommons.governance.notes import parse_note
from skycommons.governance.operator_entries import Effective, Genesis, Snapshot, Witnessed
from skycommons.governance.requests import Answer, Interest, Request, SealedRequest, Unseal
from skycommons.governance.roster import Member
from skycommons.governance.states import State
from skycommons.governance.trust import Trust
from skycommons.governance.votes import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What became of an entry; true if it was accepted.

    Attributes:
        index: Its number in the log.
        kind: What it is, as far as that could be read.
        digest: Its name; empty if it could not be read.
        why: Why it is void; empty if it was accepted.
        changed: Subjects whose state it changed.
    """

    index: int
    kind: str
    digest: str
    why: str
    changed: tuple[str, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether it has its effect."""
        return not self.why

    def __bool__(self) -> bool:
        return self.is_accepted


class Ledger:
    """The books of one log.

    Args:
        trust: Whom to trust, and which first entry.
        blob: Finds what lies beside the log by its SHA-256 in hex; ``None`` if it is not there.
    """

    def __init__(self, trust: Trust, blob: Callable[[str], bytes | None]) -> None:
        self.trust = trust
        self._blob = blob
        self._frontier = Frontier.of(())
        self._roots: list[bytes] = [EMPTY_ROOT]
        self._seen: set[str] = set()
        self._state: LedgerState | None = None

    @property
    def size(self) -> int:
        """How many entries were read."""
        return len(self._roots) - 1

    @property
    def root(self) -> bytes:
        """Root of the tree over them."""
        return self._roots[-1]

    def root_at(self, size: int) -> bytes:
        """Root of the tree over the first entries."""
        return self._roots[size]

    @property
    def state(self) -> LedgerState:
        """What they add up to.

        Raises:
            ProofError: The first entry was not read yet.
        """
        if self._state is None:
            raise ProofError("the log is empty: its first entry brings the policy and the seats")
        return self._state

    def append(self, data: bytes) -> Ruling:
        """Read the next entry.

        Raises:
            ProofError: The first entry is not the one that is trusted, or something that this entry names is missing. The ledger is as it
                was before.
        """
        index = self.size
        if not index:
            self._begin(data)
        kind, digest, why = ("genesis", parse_entry(data).digest, "") if not index else self._rule(data, index)
        if not why:
            self._seen.add(digest)
        self._frontier = self._frontier.append(leaf_hash(data))
        self._roots.append(self._frontier.root)
        changed = tuple(sorted(self.state.touched))
        self.state.touched.clear()
        return Ruling(index=index, kind=kind, digest=digest, why=why, changed=changed)

    def judge(self, data: bytes) -> Ruling:
        """What would become of an entry if it were the next; nothing is changed.

        Raises:
            ProofError: As `append`.
        """
        return self.copy().append(data)

    def copy(self) -> "Ledger":
        """Another ledger that holds the same, and goes its own way."""
        other = Ledger(self.trust, self._blob)
        other._frontier = self._frontier
        other._roots = list(self._roots)
        other._seen = set(self._seen)
        other._state = None if self._state is None else self._state.copy()
        return other

    def summary(self) -> dict[str, Json]:
        """Every subject with its state, as a database keeps it."""
        return summary_of(self.state)

    def value_of(self, subject: str) -> Json:
        """The state of one subject."""
        return value_of(self.state, subject)

    def _begin(self, data: bytes) -> None:
        """Read the first entry."""
        if leaf_hash(data).hex() != self.trust.genesis:
            raise ProofError(
                "the first entry is not the one that the trust file names; it is another log, or another trust file"
            )
        entry = parse_entry(data)
        genesis = parse_body(entry)
        if not isinstance(genesis, Genesis):
            raise ProofError(f"the first entry of a log is a genesis, not a {entry.kind}")
        state = LedgerState(
            origin=entry.origin, genesis=genesis, policy=genesis.policy, roster=genesis.roster, blob=self._blob
        )
        state.new_version((), changed=frozenset())
        state.announced.add(0)
        state.touched |= {"genesis", "policy", "roster", "map", "clock"}
        self._state = state

    def _rule(self, data: bytes, index: int) -> tuple[str, str, str]:
        """Kind, digest, and why an entry is void; if it is not, its effect is had."""
        try:
            entry = parse_entry(data, source=f"entry {index}")
        except FormatError as error:
            return "", "", str(error)
        kind, digest = entry.kind.value, entry.digest
        if entry.origin != self.state.origin:
            return kind, digest, f"it is for the log {entry.origin}"
        if digest in self._seen:
            return kind, digest, "it stands in the log already"
        try:
            body = parse_body(entry)
            member = None if entry.kind.is_operators else self._member(entry, body)
        except (FormatError, SignatureError) as error:
            return kind, digest, str(error)
        if member is None:
            return kind, digest, self._operators(body, index)
        return kind, digest, self._members(body, member, digest, index)

    def _member(self, entry: Entry, body: Body) -> Member:
        """The seat whose entry this is: of the roster in force, or of a new one that it votes on."""
        voted = self.state.decisions.get(body.subject) if isinstance(body, Vote) else None
        return verify_member(entry, self.state.roster if voted is None else roster_of(self.state, voted, entry.by))

    def _operators(self, body: Body, index: int) -> str:
        """Read an entry of the operator."""
        match body:
            case Witnessed():
                return self._witnessed(body, index)
            case Effective():
                return self._effective(body, index)
            case Snapshot():
                return self._snapshot(body)
            case _:
                return "only the first entry is a genesis"

    def _members(self, body: Body, member: Member, digest: str, index: int) -> str:
        """Read an entry of a seat."""
        state = self.state
        match body:
            case Decision():
                record, why = submitted(state, body, digest=digest, by=member.id, index=index)
                return self._opened(record) if record else why
            case Vote():
                why = vote_fault(state, body, member)
                if not why:
                    cast_vote(state, body, member, index)
                return why
            case Request() | SealedRequest():
                return register_request(state, body, member, digest=digest, index=index)
            case Unseal():
                return unseal(state, body)
            case Answer():
                return answer(state, body, member, digest=digest, index=index)
            case Interest():
                return declare(state, body, member)
            case Licence():
                return register_licence(state, body, member, digest=digest, index=index)
            case _:
                return register_appeal(state, cast(Appeal, body), member, digest=digest, index=index)

    def _opened(self, record: DecisionRecord) -> str:
        """Keep a new decision, and note it at the request that it names."""
        self.state.put(record)
        asked = self.state.requests.get(record.decision.request)
        if asked is not None:
            self.state.put_request(replace(asked, decisions=(*asked.decisions, record.digest)))
        return ""

    def _witnessed(self, body: Witnessed, index: int) -> str:
        """Let time pass."""
        try:
            note = parse_note(body.note.encode(), source="witnessed checkpoint")
            seen = read_witnessed(note, self.trust.policy, origin=self.state.origin)
        except (FormatError, TrustError) as error:
            return str(error)
        if seen.head.size > index:
            return f"it tells of {seen.head.size} entries; before it there are {index}"
        if seen.head.root != self._roots[seen.head.size]:
            return f"it tells of another log: the root over {seen.head.size} entries is not the one of these entries"
        advance(self.state, seen, index=index)
        return ""

    def _effective(self, body: Effective, index: int) -> str:
        """Note that a decision is enforced."""
        record = self.state.decisions.get(body.decision)
        if record is None or record.state != State.APPLYING:
            return "it names no decision that is being applied"
        if (body.map_version, body.map_sha256) != (record.map_version, self.state.versions[record.map_version]):
            return "it names another service map than the one that the decision made"
        moved = self.state.move(record, State.EFFECTIVE, index=index, why="reported to be enforced")
        if moved.decision.effect == Effect.RESTORE:
            self.state.move(moved, State.ENDED, index=index, why="nothing more is to be done")
        return ""

    def _snapshot(self, body: Snapshot) -> str:
        """Note that the newest service map is announced."""
        state = self.state
        newest = state.map_version
        before = state.versions[newest - 1] if newest else ""
        if (body.map_version, body.map_sha256, body.previous_sha256) != (newest, state.versions[newest], before):
            return "it announces another service map than the one that the entries before it make"
        if newest in state.announced:
            return "this version is announced already"
        state.announced.add(newest)
        state.touched.add("map")
        return ""
