"""What the entries of a log add up to: decisions and where they stand, who has a seat, what the service map says.

* `LedgerState` is changed by the ledger alone, entry by entry; records in it are values and are replaced whole.
* Nothing here decides. It answers questions and keeps the books: every change of a subject is remembered until it is collected,
  so that a database can follow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from typing import Any, Final

from skycommons.base.errors import ProofError
from skycommons.governance.appeals import Appeal
from skycommons.governance.canonical import canonical_bytes
from skycommons.governance.cell_lists import parse_cells
from skycommons.governance.decisions import Decision, Effect
from skycommons.governance.layers import Layer, Places, level_of, levels_at, levels_held, manifest_of
from skycommons.governance.licences import Licence
from skycommons.governance.operator_entries import Genesis
from skycommons.governance.policy import Policy, Rule
from skycommons.governance.quorum import Ballot, Conflicts
from skycommons.governance.requests import Answer, Request, SealedRequest, Want
from skycommons.governance.roster import Roster
from skycommons.governance.states import PENDING, State, is_final
from skycommons.governance.votes import Verdict, Vote

MAX_MANIFEST_BYTES: Final = 16_000_000
MAX_VERSIONS_BACK: Final = 100  # of the map, on which a decision may have been prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote:
    """A vote that was accepted.

    Attributes:
        member: The seat.
        vote: What it said.
        index: Number of the entry.
    """

    member: str
    vote: Vote
    index: int


def ballots_of(votes: Iterable[CastVote], verdict: Verdict, *, against: Verdict, at_s: int) -> tuple[Ballot, ...]:
    """Votes whose last word is a verdict, of those who said it or its opposite; a last word that ran out is silence.

    Args:
        votes: In the order of the log.
        verdict: Which.
        against: Its opposite.
        at_s: When they have to be valid.
    """
    last = {cast.member: cast.vote for cast in votes if cast.vote.verdict in {verdict, against}}
    return tuple(
        Ballot(member=name, role=vote.role)
        for name, vote in last.items()
        if vote.verdict == verdict and vote.valid_until >= at_s
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of a decision's state.

    Attributes:
        index: Number of the entry by which it came.
        state: The new state.
        why: Why, in a few words.
        at_s: The log's time; 0 if nobody had said a time yet.
    """

    index: int
    state: State
    why: str
    at_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision and what became of it.

    Attributes:
        decision: As it was signed.
        digest: Its name.
        by: The seat that asked for it.
        index: Number of its entry.
        state: Where it stands.
        rule: What it needs.
        places: Cells, groups and classes that it covers.
        change: The policy or roster that it would put in force.
        licence_digest: The licence record that allows it.
        votes: Votes in the order of the log.
        opened_at_s, queued_at_s, applied_at_s: When witnesses had seen it asked, its quorum met, and its time-lock open; 0: not yet.
        queued_index: Number of the vote that met the quorum; -1 before.
        map_version: Version of the service map that first held it; 0 before.
        history: Every state that it was in.
    """

    decision: Decision
    digest: str
    by: str
    index: int
    state: State
    rule: Rule
    places: Places
    change: Policy | Roster | None
    licence_digest: str
    votes: tuple[CastVote, ...] = ()
    opened_at_s: int = 0
    queued_at_s: int = 0
    applied_at_s: int = 0
    queued_index: int = -1
    map_version: int = 0
    history: tuple[Step, ...] = ()

    @property
    def is_emergency(self) -> bool:
        """Whether its rule is one for emergencies."""
        return self.rule.emergency

    def members_with(self, *verdicts: Verdict) -> frozenset[str]:
        """Seats that ever said one of these."""
        return frozenset(cast.member for cast in self.votes if cast.vote.verdict in verdicts)

    def ballots(self, verdict: Verdict, *, against: Verdict, now_s: int) -> tuple[Ballot, ...]:
        """Votes whose last word is a verdict, of those who said it or its opposite.

        Args:
            verdict: Which.
            against: Its opposite.
            now_s: The log's time. A vote counts that was valid when the quorum was met, or is valid now if it was not.
        """
        met_s = next((step.at_s for step in self.history if step.state == State.QUEUED), now_s)
        return ballots_of(self.votes, verdict, against=against, at_s=met_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a request was told without a decision.

    Attributes:
        digest: Its name.
        by: The seat that says so.
        index: Number of its entry.
        answer: What it says.
    """

    digest: str
    by: str
    index: int
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """Somebody from outside asked for service to be given or withheld.

    Attributes:
        digest: Its name.
        by: The seat that registered it.
        index: Number of its entry.
        request: What was asked; a sealed one until it is opened.
        opened: The content of a sealed one, once it was opened.
        status: open, declined, refused or granted.
        decisions: Decisions that name it.
        answers: What was answered, without a decision.
    """

    digest: str
    by: str
    index: int
    request: Request | SealedRequest
    opened: Request | None = None
    status: str = "open"
    decisions: tuple[str, ...] = ()
    answers: tuple[Reply, ...] = ()

    @property
    def party(self) -> str:
        """Who asks, as far as it may be known."""
        known = self.opened or self.request
        return known.asker.party if isinstance(known, Request) else ""

    @property
    def wants(self) -> Want:
        """What is asked for, as far as it may be known."""
        known = self.opened or self.request
        return known.wants if isinstance(known, Request) else known.request_class


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRecord:
    """Somebody appeals against a decision.

    Attributes:
        digest: Its name.
        by: The seat that registered it.
        index: Number of its entry.
        appeal: What is said.
        status: open, granted or dismissed.
        votes: Votes in the order of the log.
    """

    digest: str
    by: str
    index: int
    appeal: Appeal
    status: str = "open"
    votes: tuple[CastVote, ...] = ()

    @property
    def matter(self) -> tuple[str, ...]:
        """Who appeals against what."""
        asker = self.appeal.appellant
        return self.appeal.decision, asker.party, asker.commitment, asker.name


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRecord:
    """A licence as it was last registered.

    Attributes:
        digest: Of the entry.
        by: The seat that registered it.
        index: Number of the entry.
        licence: The licence.
    """

    digest: str
    by: str
    index: int
    licence: Licence


@dataclass(slots=True, kw_only=True)
class LedgerState:
    """Everything that the entries so far add up to.

    Attributes:
        origin: Name of the log.
        genesis, policy, roster: The first entry, and the rules and seats in force.
        blob: Finds what lies beside the log, by its SHA-256.
        now_s: The log's time; 0 before the first witness.
        layers: The service map.
        versions: SHA-256 of each version of its manifest.
        manifest: The newest manifest.
        announced: Versions that an entry announced.
        changes: Of the last versions: version, and places that changed by it other than by the clock.
        decisions, requests, appeals, licences: By digest; licences by their id.
        interests: Parties that a seat declared an interest in.
        open_appeals: Those that nobody decided, by who appeals against what.
        unanswered: How many open requests and appeals each seat registered, as ``request/<seat>`` and ``appeal/<seat>``.
        live: Decisions that are in no final state, in order.
        touched: Subjects that changed since they were last collected.
    """

    origin: str
    genesis: Genesis
    policy: Policy
    roster: Roster
    blob: Callable[[str], bytes | None]
    now_s: int = 0
    layers: tuple[Layer, ...] = ()
    versions: list[str] = field(default_factory=list)
    manifest: bytes = b""
    announced: set[int] = field(default_factory=set)
    changes: list[tuple[int, Places]] = field(default_factory=list)
    decisions: dict[str, DecisionRecord] = field(default_factory=dict)
    requests: dict[str, RequestRecord] = field(default_factory=dict)
    appeals: dict[str, AppealRecord] = field(default_factory=dict)
    licences: dict[str, LicenceRecord] = field(default_factory=dict)
    interests: dict[str, frozenset[str]] = field(default_factory=dict)
    open_appeals: dict[tuple[str, ...], str] = field(default_factory=dict)
    unanswered: dict[str, int] = field(default_factory=dict)
    live: dict[str, None] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def copy(self) -> "LedgerState":
        """Another state that says the same, and goes its own way: its tables are copied, and what they hold are values."""
        named: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        tables: dict[str, Any] = {
            name: value.copy() for name, value in named.items() if isinstance(value, list | dict | set)
        }
        return replace(self, **tables)

    @property
    def map_version(self) -> int:
        """Version of the service map."""
        return len(self.versions) - 1

    @property
    def default_level(self) -> int:
        """Level of cells that no layer covers."""
        return level_of(self.genesis.default_state, self.genesis.default_class)

    def read_blob(self, digest: str, what: str) -> bytes:
        """What lies beside the log under a hash.

        Raises:
            ProofError: It is not there, or is something else.
        """
        data = self.blob(digest)
        if data is None:
            raise ProofError(f"{what}, blob {digest}, is missing; nothing can be said without it")
        if sha256(data).hexdigest() != digest:
            raise ProofError(f"{what}, blob {digest}, holds other bytes than its name says")
        return data

    def read_cells(self, digest: str, what: str) -> Places:
        """The cells of a list.

        Raises:
            ProofError: The list is not there, or is something else.
            FormatError: It is no list of cells.
        """
        return frozenset(parse_cells(self.read_blob(digest, what), source=what))

    def levels(self, places: Places) -> dict[str, int]:
        """What holds at some places now."""
        return levels_at(places, self.layers, default=self.default_level, now_s=self.now_s)

    def levels_held(self, places: Places, *, at_s: int) -> frozenset[int]:
        """The levels that hold at some places at a time, as far as it is decided, without saying where."""
        return levels_held(places, self.layers, default=self.default_level, now_s=at_s)

    def has_changed(self, places: Places, *, since: int) -> bool:
        """Whether any of some places changed after a version of the map, otherwise than by the clock."""
        is_recent = since >= self.map_version - MAX_VERSIONS_BACK
        return not is_recent or any(
            version > since and not changed.isdisjoint(places) for version, changed in reversed(self.changes)
        )

    def conflicts(self, record: DecisionRecord) -> Conflicts:
        """What keeps seats from voting on a decision."""
        parties = set(record.decision.parties)
        if record.decision.request:
            parties |= {self.requests[record.decision.request].party} - {""}
        asking = self.roster.member(record.by)
        return Conflicts(
            requester=record.by,
            requester_hand=frozenset() if asking is None else self.roster.affiliates(asking.organisation),
            parties=frozenset(parties),
            recused=record.members_with(Verdict.RECUSE),
            interests=self.interests,
        )

    def judges_conflicts(self, record: DecisionRecord) -> Conflicts:
        """What keeps seats from judging a decision afterwards: having had a hand in it, or an interest."""
        hands = record.members_with(Verdict.APPROVE, Verdict.REJECT, Verdict.VETO)
        return replace(self.conflicts(record), requester="", barred=hands | {record.by})

    def put(self, record: DecisionRecord) -> None:
        """Keep a decision's record."""
        if is_final(record.state):
            self.live.pop(record.digest, None)
            record = replace(record, places=frozenset())  # nobody asks for them any more, and they are many
        else:
            self.live[record.digest] = None
        self.decisions[record.digest] = record
        self.touched.add(f"decision/{record.digest}")

    def move(self, record: DecisionRecord, state: State, *, index: int, why: str) -> DecisionRecord:
        """Give a decision another state, and its request the status that follows."""
        step = Step(index=index, state=state, why=why, at_s=self.now_s)
        moved = replace(record, state=state, history=(*record.history, step))
        self.put(moved)
        asked = self.requests.get(record.decision.request)
        status = _ANSWERS.get(state)
        if asked is not None and status is not None and record.decision.effect in _ANSWERING[asked.wants]:
            self.put_request(replace(asked, status=status))
        return moved

    def put_request(self, record: RequestRecord) -> None:
        """Keep a request's record."""
        self._count(f"request/{record.by}", self.requests.get(record.digest), record)
        self.requests[record.digest] = record
        self.touched.add(f"request/{record.digest}")

    def put_appeal(self, record: AppealRecord) -> None:
        """Keep an appeal's record."""
        self._count(f"appeal/{record.by}", self.appeals.get(record.digest), record)
        self.appeals[record.digest] = record
        if record.status == "open":
            self.open_appeals[record.matter] = record.digest
        else:
            self.open_appeals.pop(record.matter, None)
        self.touched.add(f"appeal/{record.digest}")

    def _count(
        self, name: str, before: RequestRecord | AppealRecord | None, after: RequestRecord | AppealRecord
    ) -> None:
        """Count what is open."""
        change = int(after.status == "open") - int(before is not None and before.status == "open")
        self.unanswered[name] = self.unanswered.get(name, 0) + change

    def pending(self) -> Iterable[DecisionRecord]:
        """Decisions that wait for votes or for their time, in order."""
        return [self.decisions[digest] for digest in self.live if self.decisions[digest].state in PENDING]

    def new_version(self, layers: tuple[Layer, ...], *, changed: Places) -> int:
        """Give the service map other layers.

        Args:
            layers: All of them.
            changed: Places that changed otherwise than by the clock.
        Returns:
            The new version.
        """
        self.layers = layers
        version = len(self.versions)
        document = manifest_of(
            layers,
            origin=self.origin,
            version=version,
            previous_sha256=self.versions[-1] if self.versions else "",
            default=(self.genesis.default_state, self.genesis.default_class),
            as_of_s=self.now_s,
        )
        self.manifest = canonical_bytes(document, source="service map", most_bytes=MAX_MANIFEST_BYTES)
        self.versions.append(sha256(self.manifest).hexdigest())
        if changed:
            recent = [change for change in self.changes if change[0] > version - MAX_VERSIONS_BACK]
            self.changes = [*recent, (version, changed)]
        self.touched.add("map")
        return version


_ANSWERS = {
    State.REJECTED: "refused",
    State.VETOED: "refused",
    State.APPLYING: "granted",
    State.EMERGENCY_EFFECTIVE: "granted",
}
_ANSWERING = {  # a decision of another effect says nothing of what was asked
    Want.WITHHOLD: {Effect.REDUCE},
    Want.RESTRICT: {Effect.REDUCE},
    Want.ACTIVATE: {Effect.ADD},
    Want.RESTORE: {Effect.ADD, Effect.RESTORE},
}
