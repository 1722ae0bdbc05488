"""A service on a disk for tests: the seats of `commons`, three witnesses in the same program, and a clock that tests turn."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from skycommons.governance.cell_lists import encode_cells
from skycommons.governance.decisions import Effect, LegalBasis, To
from skycommons.governance.entries import Kind
from skycommons.governance.licences import LicenceStatus
from skycommons.governance.member_keys import FileKey, sign_entry
from skycommons.governance.policy import default_policy
from skycommons.governance.previews import (
    CapacityEffect,
    CellsEffect,
    PeopleEffect,
    Preview,
    ProtectedEffect,
    TerminalsEffect,
)
from skycommons.governance.roster import Roster
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Basis, Role, ServiceClass, ServiceState
from skycommons.store.compose import Composed, Place, Proposal, compose_licence
from skycommons.store.durable_files import Reached, nothing_reached
from skycommons.store.founding import Founding
from skycommons.store.group_commit import Receipt
from skycommons.store.local_witnesses import LocalWitnesses
from skycommons.store.service import Service, fresh_nonce
from skycommons.store.service_folder import ServiceFolder
from skycommons.store.settling import Settled
from tests.support.commons import BEGIN_S, DAY_S, ISLAND, ORIGIN, WITNESSES, roster_of

WITNESS_LINES = "".join(
    [
        *(f"witness w{n} {key.verifier.vkey}\n" for n, key in enumerate(WITNESSES, 1)),
        "group enough 2 w1 w2 w3\nquorum enough\n",
    ]
)
OFF = To(state=ServiceState.SUSPENDED, service_class=ServiceClass.STANDARD)
ON = To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD)
ORDER = LegalBasis(type=Basis.REGULATOR, ref="order 7")


def seat_key(seat: str) -> FileKey:
    """A seat's key, the same as that of the commons."""
    return FileKey(sha256(f"seat {seat}".encode()).digest())


def founding_of(*, roster: Roster | None = None, **changes: object) -> Founding:
    """What the service of tests begins with."""
    values: dict[str, object] = {"default_state": ServiceState.ACTIVE, **changes}
    return Founding(
        origin=ORIGIN,
        policy=default_policy(),
        roster=roster or roster_of(),
        witnesses=WITNESS_LINES,
        created_at=BEGIN_S,
        **values,  # type: ignore[arg-type] # names and values are those of the test
    )


class Stage:
    """A service in a folder, with everybody around it.

    Attributes:
        folder: Where it lies.
        now_s: What all clocks say.
        service: The service, open.
    """

    def __init__(self, folder: Path, **changes: object) -> None:
        self.folder = folder
        self.now_s = BEGIN_S
        with Service.create(folder, founding_of(**changes), clock=self.clock):  # type: ignore[arg-type] # as there
            pass
        self.witnesses = self.new_witnesses()
        self.service = self.open()

    def clock(self) -> int:
        """What all clocks say."""
        return self.now_s

    def new_witnesses(self) -> LocalWitnesses:
        """Witnesses who have seen nothing yet."""
        trust = ServiceFolder.open(self.folder).read_trust()
        return LocalWitnesses(WITNESSES, [log.verifier for log in trust.policy.logs], clock=self.clock)

    def open(self, *, reached: Reached = nothing_reached) -> Service:
        """The service, opened again."""
        return Service.open(self.folder, witnesses=self.witnesses, clock=self.clock, reached=reached)

    def reopen(self) -> None:
        """As if the program had been started anew."""
        self.service.close()
        self.service = self.open()

    # -------------------------------------------------------------------------------------------- documents

    def preview(
        self, cells: Sequence[str], effect: Effect, to: To, *, protected: Sequence[str] = (), losing: Sequence[str] = ()
    ) -> bytes:
        """A preview with invented figures."""
        state = self.service.state
        return Preview(
            origin=ORIGIN,
            cells_sha256=sha256(encode_cells(cells)).hexdigest(),
            cells_count=len(set(cells)),
            to=to,
            effect=effect,
            base_state_version=state.map_version,
            base_map_sha256=state.versions[-1],
            scenario_sha256="0" * 64,
            program="a test",
            slots=(BEGIN_S,),
            terminals=TerminalsEffect(inside=10, lose=0, gain=0, elsewhere_lose=0),
            people=PeopleEffect(inside=100, lose=0, gain=0),
            protected=tuple(
                ProtectedEffect(id=site, site_class="hospital", cell=min(cells), loses=site in losing)
                for site in protected
            ),
            capacity=CapacityEffect(
                inside_before_kbps=0, inside_after_kbps=0, elsewhere_before_kbps=0, elsewhere_after_kbps=0
            ),
            cells=CellsEffect(served_before=0, served_after=0),
        ).encode()

    def proposal(self, effect: Effect, cells: Sequence[str] = ISLAND, **changes: object) -> Proposal:
        """Something to decide."""
        to = OFF if effect == Effect.REDUCE else ON
        values: dict[str, object] = {
            "title": f"{effect} {len(cells)} cells",
            "effect": effect,
            "basis": ORDER,
            "place": Place(cells=tuple(cells)),
            "to": to,
            "ends_at": self.now_s + 20 * DAY_S if effect == Effect.REDUCE else 0,
            "licence": "licence-1" if effect == Effect.ADD else "",
            "preview": self.preview(cells, effect, to),
            **changes,
        }
        return Proposal(**values)  # type: ignore[arg-type] # names and values are those of the test

    # ---------------------------------------------------------------------------------------------- stories

    def say(self, seat: str, kind: Kind, composed: Composed) -> Receipt:
        """Let a seat sign and say something."""
        draft = self.service.draft(kind, composed, by=seat)
        return self.service.say(sign_entry(draft.entry, seat_key(seat)), blobs=draft.blobs)

    def propose(self, seat: str, proposal: Proposal) -> str:
        """Ask for a decision; its digest."""
        draft = self.service.draft_decision(proposal, by=seat)
        return self.service.say(sign_entry(draft.entry, seat_key(seat)), blobs=draft.blobs).digest

    def vote(self, seat: str, subject: str, verdict: Verdict, *, role: Role | None = None, reason: str = "") -> Receipt:
        """Let a seat vote."""
        draft = self.service.draft_vote(subject, verdict, by=seat, role=role, reason=reason)
        return self.service.say(sign_entry(draft.entry, seat_key(seat)), blobs=draft.blobs)

    def approve(self, subject: str, *seats: str) -> None:
        """Let some seats approve, each in its first role."""
        for seat in seats:
            member = self.service.state.roster.member(seat)
            assert member is not None
            self.vote(seat, subject, Verdict.APPROVE, role=member.roles[0])

    def register_licence(self, cells: Iterable[str] = ISLAND, *, valid_s: int = 365 * DAY_S) -> Receipt:
        """Put a licence on record."""
        composed = compose_licence(
            id="licence-1",
            authority="Regulator of the Isles",
            country="",
            cells=cells,
            valid_from=self.now_s - DAY_S,
            valid_until=self.now_s + valid_s,
            nonce=fresh_nonce(),
            status=LicenceStatus.VALID,
        )
        return self.say("legal-1", Kind.LICENCE, composed)

    def settle(self, after_s: int = 0) -> Settled:
        """Let time pass, and have it witnessed."""
        self.now_s += after_s
        return self.service.settle()
