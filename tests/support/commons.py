"""A small commons for tests: seven seats of four organisations, three witnesses, one licence, and a clock that tests turn.

It writes entries as the service does, reads them with the kernel's ledger, and travels in time. Nothing of it touches a disk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skycommons.governance.bodies import Body
from skycommons.governance.bundles import Bundle
from skycommons.governance.cell_lists import encode_cells
from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.decisions import Decision, DecisionKind, Effect, LegalBasis, Presence, Protected, Scope, To
from skycommons.governance.entries import Entry, Kind, MemberSignature
from skycommons.governance.ledger import Ledger, Ruling
from skycommons.governance.ledger_state import DecisionRecord
from skycommons.governance.licences import Licence, LicenceStatus
from skycommons.governance.lines import base64_of
from skycommons.governance.merkle import leaf_hash
from skycommons.governance.notes import Note
from skycommons.governance.operator_entries import Effective, Genesis, Snapshot, Witnessed
from skycommons.governance.policy import Policy, RuleName, default_policy
from skycommons.governance.previews import (
    CapacityEffect,
    CellsEffect,
    PeopleEffect,
    Preview,
    ProtectedEffect,
    TerminalsEffect,
)
from skycommons.governance.requests import Area, Asker, AskerKind, Request, Want
from skycommons.governance.roster import Member, MemberKey, Organisation, Roster
from skycommons.governance.signers import Ed25519CosignerKey, Ed25519Signer
from skycommons.governance.trust import Trust, parse_trust
from skycommons.governance.votes import Verdict, Vote
from skycommons.governance.words import Basis, Border, KeyKind, Role, ServiceClass, ServiceState, SignatureKind

ORIGIN: Final = "commons.example/decisions"
BEGIN_S: Final = 1_800_000_000
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
LOG: Final = Ed25519Signer(ORIGIN, b"\x51" * 32)
WITNESSES: Final = tuple(Ed25519CosignerKey(f"witness.example/w{n}", bytes([0x60 + n]) * 32) for n in (1, 2, 3))

SEATS: Final = {
    "ops-1": ("operator", (Role.OPERATIONS,)),
    "ops-2": ("carrier", (Role.OPERATIONS, Role.TECHNICAL)),
    "legal-1": ("operator", (Role.LEGAL,)),
    "legal-2": ("chamber", (Role.LEGAL,)),
    "watch-1": ("council", (Role.OVERSIGHT,)),
    "watch-2": ("chamber", (Role.OVERSIGHT,)),
    "aid-1": ("relief", (Role.HUMANITARIAN,)),
}
# Of resolution 5; which ones they are does not matter to the kernel.
ISLAND: Final = tuple(f"85{n:05x}3fffffff" for n in range(6))
SHORE: Final = tuple(f"85{n:05x}7fffffff" for n in range(3))


def key_of(seat: str) -> Ed25519PrivateKey:
    """A seat's secret key."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"seat {seat}".encode()).digest())


def member_of(seat: str, organisation: str, roles: Sequence[Role], interests: Sequence[str] = ()) -> Member:
    """A seat with its key."""
    public = base64_of(key_of(seat).public_key().public_bytes_raw())
    return Member(
        id=seat,
        organisation=organisation,
        roles=tuple(roles),
        keys=(MemberKey(kind=KeyKind.ED25519, key=public),),
        interests=tuple(interests),
    )


def roster_of(epoch: int = 1, **changes: Member) -> Roster:
    """Seven seats; or some of them otherwise (``ops_1=...``)."""
    members = {seat: member_of(seat, *row) for seat, row in SEATS.items()}
    members |= {name.replace("_", "-"): member for name, member in changes.items()}
    organisations = sorted({member.organisation for member in members.values()})
    return Roster(
        epoch=epoch,
        members=tuple(members.values()),
        organisations=tuple(Organisation(id=name) for name in organisations),
    )


class Commons:
    """A log of decisions that grows as tests like.

    Attributes:
        now_s: What honest witnesses' clocks say.
        entries: The log.
        blobs: What lies beside it.
        ledger: The kernel's reading of it.
    """

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        roster: Roster | None = None,
        default_state: ServiceState = ServiceState.INACTIVE,
    ) -> None:
        self.now_s = BEGIN_S
        self.blobs: dict[str, bytes] = {}
        self._nonce = 0
        genesis = Genesis(
            policy=policy or default_policy(),
            roster=roster or roster_of(),
            default_state=default_state,
            default_class=ServiceClass.PRIORITY,
            created_at=BEGIN_S,
        )
        first = Entry(kind=Kind.GENESIS, origin=ORIGIN, by="", body=genesis.to_json()).encode()
        self.trust = trust_of(leaf_hash(first).hex())
        self.entries = [first]
        self.ledger = Ledger(self.trust, self.blobs.get)
        self.ledger.append(first)

    # ------------------------------------------------------------------------------------------------ writing

    def nonce(self) -> str:
        """A new one each time."""
        self._nonce += 1
        return f"{self._nonce:032x}"

    def put(self, data: bytes) -> str:
        """Lay something beside the log; its hash."""
        digest = sha256(data).hexdigest()
        self.blobs[digest] = data
        return digest

    def cells(self, cells: Iterable[str]) -> str:
        """Lay a list of cells beside the log."""
        return self.put(encode_cells(cells))

    def append(self, data: bytes) -> Ruling:
        """Write an entry, whatever becomes of it."""
        ruling = self.ledger.append(data)
        self.entries.append(data)
        return ruling

    def entry(self, seat: str, kind: Kind, body: Body, *, signer: str = "") -> Entry:
        """A signed entry of a seat."""
        entry = Entry(kind=kind, origin=ORIGIN, by=seat, body=body.to_json())
        key = key_of(signer or seat)
        signature = MemberSignature(
            key=base64_of(key.public_key().public_bytes_raw()),
            kind=SignatureKind.ED25519,
            value=base64_of(key.sign(entry.message)),
        )
        return replace(entry, signature=signature)

    def say(self, seat: str, kind: Kind, body: Body, *, signer: str = "") -> Ruling:
        """Write a signed entry of a seat."""
        return self.append(self.entry(seat, kind, body, signer=signer).encode())

    def operator(self, kind: Kind, body: Body) -> Ruling:
        """Write an entry of the operator."""
        return self.append(Entry(kind=kind, origin=ORIGIN, by="", body=body.to_json()).encode())

    def head(self, size: int | None = None) -> Checkpoint:
        """The head of the log."""
        size = self.ledger.size if size is None else size
        return Checkpoint(origin=ORIGIN, size=size, root=self.ledger.root_at(size))

    def note(self, size: int | None = None, *, times: Sequence[int | None] = ()) -> Note:
        """The head with the signatures of log and witnesses.

        Args:
            size: Of how many entries; all by default.
            times: When each witness signs; ``None`` for one that does not; all of them now by default.
        """
        head = self.head(size)
        stamps = times or [self.now_s] * len(WITNESSES)
        cosigned = (
            witness.cosign(head, time_s=at) for witness, at in zip(WITNESSES, stamps, strict=True) if at is not None
        )
        return Note(text=head.text, signatures=(LOG.sign(head.text), *cosigned))

    def witness(self, after_s: int = 0, *, size: int | None = None, times: Sequence[int | None] = ()) -> Ruling:
        """Let time pass, and write that witnesses saw the log."""
        self.now_s += after_s
        return self.operator(Kind.WITNESSED, Witnessed(note=self.note(size, times=times).encode().decode()))

    def announce(self) -> Ruling:
        """Write what the service map is now."""
        versions = self.ledger.state.versions
        newest = len(versions) - 1
        before = versions[-2] if newest else ""
        body = Snapshot(map_version=newest, map_sha256=versions[-1], previous_sha256=before)
        return self.operator(Kind.SNAPSHOT, body)

    def acknowledge(self, digest: str) -> Ruling:
        """Write that a decision is enforced."""
        version = self.ledger.state.decisions[digest].map_version
        body = Effective(decision=digest, map_version=version, map_sha256=self.ledger.state.versions[version])
        return self.operator(Kind.EFFECTIVE, body)

    def bundle(self) -> Bundle:
        """Everything that proves the service map."""
        return Bundle(
            checkpoint=self.note().encode(),
            manifest=self.ledger.state.manifest,
            entries=tuple(self.entries),
            blobs=dict(self.blobs),
        )

    # --------------------------------------------------------------------------------------------- documents

    def record(self, digest: str) -> DecisionRecord:
        """A decision and what became of it."""
        return self.ledger.state.decisions[digest]

    def licence(self, cells: Sequence[str] = (*ISLAND, *SHORE), **changes: object) -> Licence:
        """A licence for some cells, for a year."""
        found = Licence(
            id="licence-1",
            authority="Regulator of the Isles",
            country="",
            cells_sha256=self.cells(cells),
            cells_count=len(cells),
            bands=("ku",),
            service_classes=tuple(ServiceClass),
            valid_from=BEGIN_S - DAY_S,
            valid_until=BEGIN_S + 365 * DAY_S,
            document_sha256="",
            status=LicenceStatus.VALID,
            nonce=self.nonce(),
        )
        return replace(found, **changes)  # type: ignore[arg-type] # names and values are those of the test

    def decision(
        self,
        effect: Effect,
        cells: Sequence[str] = ISLAND,
        *,
        rule: RuleName | None = None,
        protected: Sequence[str] = (),
        losing: Sequence[str] = (),
        **changes: object,
    ) -> Decision:
        """A decision over a territory that is right in everything, but for what a test changes.

        Args:
            effect: What it does.
            cells: Where.
            rule: By which rule; the usual one by default.
            protected: Protected sites inside.
            losing: Those of them that lose service.
            changes: Fields of the decision.
        """
        state = self.ledger.state
        usual = {
            Effect.REDUCE: RuleName.SUSPEND_TERRITORY,
            Effect.ADD: RuleName.ACTIVATE,
            Effect.RESTORE: RuleName.RESTORE,
            Effect.CHANGE: RuleName.GOVERNANCE,
        }
        name = rule or usual[effect]
        row = state.policy.rules[name]
        is_reducing = effect == Effect.REDUCE
        to = To(
            state=ServiceState.SUSPENDED if is_reducing else ServiceState.ACTIVE,
            service_class=ServiceClass.PRIORITY,
        )
        delay_s = row.delay_s
        if protected and is_reducing and not row.emergency:
            delay_s = max(delay_s, state.policy.protected_delay_s)
        found = Decision(
            title=f"{effect} {len(cells)} cells",
            kind=DecisionKind.TERRITORY,
            effect=effect,
            to=to,
            scope=Scope(
                h3_res=5,
                h3_version="4.4.0",
                cells_sha256=self.cells(cells),
                cells_count=len(set(cells)),
                polygon_sha256="",
                border={Effect.REDUCE: Border.FULL, Effect.ADD: Border.CENTER}.get(effect, Border.NONE),
                who=Presence.BOTH,
            ),
            target="",
            replaces="",
            request="",
            licence="licence-1" if effect == Effect.ADD else "",
            protected=Protected(exempt=not losing),
            preview_sha256="",
            base_state_version=state.map_version,
            legal_basis=LegalBasis(type=Basis.SAFETY, ref="a test"),
            parties=(),
            policy_sha256=state.policy.sha256,
            roster_epoch=state.roster.epoch,
            quorum_rule=name,
            not_before_delay_s=delay_s,
            ends_at=self.now_s + (min(row.max_duration_s, 20 * DAY_S) or 100 * DAY_S),
            created_at=self.now_s,
            change_sha256="",
            nonce=self.nonce(),
        )
        if effect in {Effect.RESTORE, Effect.CHANGE}:
            found = replace(found, ends_at=0)
        found = replace(found, **changes)  # type: ignore[arg-type] # names and values are those of the test
        if not found.preview_sha256 and effect != Effect.CHANGE:
            found = replace(found, preview_sha256=self.put(self.preview(found, protected, losing).encode()))
        return found

    def preview(self, decision: Decision, protected: Sequence[str] = (), losing: Sequence[str] = ()) -> Preview:
        """A preview of a decision with invented figures."""
        return Preview(
            origin=ORIGIN,
            cells_sha256=decision.scope.cells_sha256,
            cells_count=decision.scope.cells_count,
            to=decision.to,
            effect=decision.effect,
            base_state_version=decision.base_state_version,
            base_map_sha256=self.ledger.state.versions[decision.base_state_version],
            scenario_sha256="0" * 64,
            program="a test",
            slots=(BEGIN_S,),
            terminals=TerminalsEffect(inside=10, lose=0, gain=0, elsewhere_lose=0),
            people=PeopleEffect(inside=100, lose=0, gain=0),
            protected=tuple(
                ProtectedEffect(id=site, site_class="hospital", cell=ISLAND[0], loses=site in losing)
                for site in protected
            ),
            capacity=CapacityEffect(
                inside_before_kbps=0, inside_after_kbps=0, elsewhere_before_kbps=0, elsewhere_after_kbps=0
            ),
            cells=CellsEffect(served_before=0, served_after=0),
        )

    def vote(
        self, subject: str, verdict: Verdict, role: Role, *, preview_sha256: str | None = None, **changes: object
    ) -> Vote:
        """A vote that is right in everything, but for what a test changes."""
        record = self.ledger.state.decisions.get(subject)
        seen = record.decision.preview_sha256 if record else ""
        found = Vote(
            subject=subject,
            verdict=verdict,
            role=role,
            roster_epoch=self.ledger.state.roster.epoch,
            preview_sha256=seen if preview_sha256 is None else preview_sha256,
            conflict="none",
            reason="",
            issued_at=self.now_s,
            valid_until=self.now_s + 7 * DAY_S,
            nonce=self.nonce(),
        )
        return replace(found, **changes)  # type: ignore[arg-type] # names and values are those of the test

    # ------------------------------------------------------------------------------------------------- stories

    def submit(self, seat: str, decision: Decision) -> Ruling:
        """Ask for a decision."""
        return self.say(seat, Kind.DECISION, decision)

    def cast(self, seat: str, subject: str, verdict: Verdict, *, role: Role | None = None, **changes: object) -> Ruling:
        """Vote, in the seat's first role by default."""
        member = self.ledger.state.roster.member(seat)
        first = member.roles[0] if member else Role.OPERATIONS
        return self.say(seat, Kind.VOTE, self.vote(subject, verdict, role or first, **changes))  # type: ignore[arg-type] # as above

    def approve(self, subject: str, *seats: str) -> list[Ruling]:
        """Let some seats approve."""
        return [self.cast(seat, subject, Verdict.APPROVE) for seat in seats]

    def register_licence(self, cells: Sequence[str] = (*ISLAND, *SHORE)) -> Ruling:
        """Put the licence on record."""
        return self.say("legal-1", Kind.LICENCE, self.licence(cells))

    def in_force(self, effect: Effect, cells: Sequence[str] = ISLAND, **changes: object) -> str:
        """Bring a decision into force by the usual way; its digest."""
        decision = self.decision(effect, cells, **changes)  # type: ignore[arg-type] # as above
        digest = self.submit("ops-1", decision).digest
        self.approve(digest, "ops-2", "legal-2", "watch-1", "aid-1")
        self.witness(60)
        if decision.not_before_delay_s:
            self.witness(decision.not_before_delay_s)
        self.announce()
        return digest

    def request(self, party: str = "state-of-mainland", **changes: object) -> Request:
        """Somebody outside asks to withhold service."""
        found = Request(
            asker=Asker(party=party, kind=AskerKind.STATE, name="State of Mainland"),
            country="",
            wants=Want.WITHHOLD,
            area=Area(text="the island", cells_sha256=self.cells(ISLAND), cells_count=len(ISLAND)),
            ground=LegalBasis(type=Basis.REGULATOR, ref="order 7"),
            received_at=self.now_s,
            nonce=self.nonce(),
        )
        return replace(found, **changes)  # type: ignore[arg-type] # names and values are those of the test


def trust_of(genesis: str, *, quorum: int = 2, max_age_s: int = DAY_S) -> Trust:
    """A trust file that names the log and its witnesses."""
    lines = [f"log {LOG.verifier.vkey}"]
    lines += [f"witness w{n} {witness.verifier.vkey}" for n, witness in enumerate(WITNESSES, 1)]
    lines += [f"group enough {quorum} w1 w2 w3", "quorum enough"]
    head = ["skycommons-trust v1", f"genesis {genesis}", f"max-age {max_age_s}"]
    return parse_trust(("\n".join([*head, *lines]) + "\n").encode())
