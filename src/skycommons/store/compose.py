"""Whole documents from the few things that a person decides; the rest follows from the log.

* Epoch, policy, version of the service map, rule, delay and border follow from the ledger as it is now. Nothing that an
  approver would have to look at is made up: what cannot be known is asked for.
* What a document names by its hash comes with it, as blobs.
* Nonces and times are handed in, so that the same arguments make the same document.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from skycommons.base.errors import InputError
from skycommons.governance.appeals import Appeal
from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.cell_lists import encode_cells, parse_cells
from skycommons.governance.decisions import (
    Decision,
    DecisionKind,
    Effect,
    LegalBasis,
    Presence,
    Protected,
    ProtectedSite,
    Scope,
    To,
)
from skycommons.governance.ledger_state import LedgerState
from skycommons.governance.ledger_submit import GOVERNING
from skycommons.governance.licences import Licence, LicenceStatus
from skycommons.governance.policy import H3_RES, Policy, RuleName
from skycommons.governance.previews import parse_preview
from skycommons.governance.requests import Area, Asker, Request, SealedRequest, Want, commitment_of
from skycommons.governance.roster import Roster
from skycommons.governance.votes import NO_CONFLICT, Verdict, Vote
from skycommons.governance.words import Border, Role, ServiceClass, ServiceState
from skycommons.store.records import Secret

SEALED: Final = "skycommons/sealed/v1"
VOTE_VALID_S: Final = 30 * 86_400
CLOCK_MARGIN_S: Final = (
    120  # an emergency ends so much before it must: the witnesses' clocks, which count, may be behind
)

_NO_BLOBS: Final[tuple[bytes, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where, and for whom, something is decided.

    Attributes:
        cells: Cells as H3 writes them; none for a group or class.
        groups: Groups of customers or classes of terminals; none for a territory.
        kind: Which of these.
        who: Terminals registered there, located there, or both.
        polygon: The area that the cells were chosen from, in its canonical form; empty for none.
        h3_version: Version of the library that chose them; empty for none.
    """

    cells: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kind: DecisionKind = DecisionKind.TERRITORY
    who: Presence = Presence.BOTH
    polygon: bytes = b""
    h3_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants to be decided.

    Attributes:
        title: For people.
        effect: Which way it goes.
        basis: On what ground.
        place: Where, and for whom.
        to: What is to hold.
        ends_at: When it ends; 0 for the end that follows: of the licence, of the emergency's longest time, or never for a restore.
        lasts_s: How long it lasts once its delay is over, if ``ends_at`` is 0; 0 for the end that follows.
        rule: By which rule; ``None`` for the usual one.
        delay_s: How long it waits; ``None`` for as short as its rule allows.
        request, licence, target, replaces: What it answers, needs, restores, stands for.
        parties: Whoever is concerned, by id.
        exempt: Whether protected users keep service.
        sites: Protected users who lose it, with the reason for each.
        preview: The preview of its effect; empty for none.
    """

    title: str
    effect: Effect
    basis: LegalBasis
    place: Place
    to: To = field(default=To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD))
    ends_at: int = 0
    lasts_s: int = 0
    rule: RuleName | None = None
    delay_s: int | None = None
    request: str = ""
    licence: str = ""
    target: str = ""
    replaces: str = ""
    parties: tuple[str, ...] = ()
    exempt: bool = True
    sites: Mapping[str, str] = field(default_factory=dict)
    preview: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A document, and what it names by its hash.

    Attributes:
        body: The document as an object.
        blobs: What has to lie beside the log.
    """

    body: Mapping[str, Json]
    blobs: tuple[bytes, ...] = _NO_BLOBS


def compose_decision(state: LedgerState, proposal: Proposal, *, now_s: int, nonce: str) -> Composed:
    """A decision over service.

    Args:
        state: What the log adds up to.
        proposal: What is to be decided.
        now_s: Now, by the clock of whoever asks.
        nonce: 16 random bytes in hex.

    Raises:
        InputError: Something that cannot follow is missing.
        FormatError: The cells are none, or the preview is not in its form.
    """
    place = proposal.place
    cells = encode_cells(place.cells) if place.cells else b""
    rule = proposal.rule or _usual_rule(state, proposal)
    blobs = tuple(blob for blob in (cells, place.polygon, proposal.preview) if blob)
    body = Decision(
        title=proposal.title,
        kind=place.kind,
        effect=proposal.effect,
        to=proposal.to,
        scope=Scope(
            h3_res=H3_RES if cells else 0,
            h3_version=place.h3_version,
            cells_sha256=_hash(cells),
            cells_count=len(parse_cells(cells)) if cells else 0,
            polygon_sha256=_hash(place.polygon),
            border=_border(state, proposal, has_cells=bool(cells)),
            who=place.who,
            groups=tuple(sorted(place.groups)),
        ),
        target=proposal.target,
        replaces=proposal.replaces,
        request=proposal.request,
        licence=proposal.licence,
        protected=Protected(
            exempt=proposal.exempt,
            sites=tuple(ProtectedSite(id=id_, reason=reason) for id_, reason in sorted(proposal.sites.items())),
        ),
        preview_sha256=_hash(proposal.preview),
        base_state_version=_base_version(state, proposal),
        legal_basis=proposal.basis,
        parties=tuple(sorted(set(proposal.parties))),
        policy_sha256=state.policy.sha256,
        roster_epoch=state.roster.epoch,
        quorum_rule=rule,
        not_before_delay_s=_delay_s(state, proposal, rule),
        ends_at=_end_s(state, proposal, rule, now_s=now_s),
        created_at=now_s,
        change_sha256="",
        nonce=nonce,
    )
    return Composed(body=body.to_json(), blobs=blobs)


def compose_change(
    state: LedgerState, change: Policy | Roster, *, title: str, basis: LegalBasis, now_s: int, nonce: str
) -> Composed:
    """A decision that puts another policy or roster in force.

    Args:
        state: What the log adds up to.
        change: The new one, whose version or epoch is the next.
        title: For people.
        basis: On what ground.
        now_s: Now, by the clock of whoever asks.
        nonce: 16 random bytes in hex.
    """
    text = change.encode()
    body = Decision(
        title=title,
        kind=DecisionKind.POLICY if isinstance(change, Policy) else DecisionKind.ROSTER,
        effect=Effect.CHANGE,
        to=To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD),
        scope=Scope(
            h3_res=0,
            h3_version="",
            cells_sha256="",
            cells_count=0,
            polygon_sha256="",
            border=Border.NONE,
            who=Presence.BOTH,
        ),
        target="",
        replaces="",
        request="",
        licence="",
        protected=Protected(exempt=True),
        preview_sha256="",
        base_state_version=state.map_version,
        legal_basis=basis,
        parties=(),
        policy_sha256=state.policy.sha256,
        roster_epoch=state.roster.epoch,
        quorum_rule=RuleName.GOVERNANCE,
        not_before_delay_s=state.policy.rules[RuleName.GOVERNANCE].delay_s,
        ends_at=0,
        created_at=now_s,
        change_sha256=_hash(text),
        nonce=nonce,
    )
    return Composed(body=body.to_json(), blobs=(text,))


def compose_vote(
    state: LedgerState,
    subject: str,
    verdict: Verdict,
    *,
    by: str,
    now_s: int,
    nonce: str,
    role: Role | None = None,
    reason: str = "",
    conflict: str = NO_CONFLICT,
    valid_s: int = VOTE_VALID_S,
) -> Composed:
    """What a seat says of a decision or an appeal.

    Args:
        state: What the log adds up to.
        subject: Digest of the decision or appeal.
        verdict: What is said.
        by: The seat.
        now_s: Now, by the clock of the voter.
        nonce: 16 random bytes in hex.
        role: In which of its roles; ``None`` if it has one, or if only one can say this.
        reason: Why.
        conflict: What conflict of interest there is.
        valid_s: For how long the vote counts.

    Raises:
        InputError: There is no such subject, or the role does not follow.
    """
    record = state.decisions.get(subject)
    if record is None and subject not in state.appeals:
        raise InputError(f"{subject[:12]} is no decision or appeal of this log")
    begun_s = max(now_s, state.now_s)  # by the log's time a vote must not be over before it begins
    body = Vote(
        subject=subject,
        verdict=verdict,
        role=role or _only_role(state, by, verdict),
        roster_epoch=state.roster.epoch,
        preview_sha256=record.decision.preview_sha256 if record is not None else "",
        conflict=conflict,
        reason=reason,
        issued_at=now_s,
        valid_until=begun_s + valid_s,
        nonce=nonce,
    )
    return Composed(body=body.to_json())


def compose_request(
    *,
    asker: Asker,
    wants: Want,
    area: str,
    ground: LegalBasis,
    received_at: int,
    nonce: str,
    country: str = "",
    cells: Iterable[str] = (),
) -> Composed:
    """What somebody outside asks for.

    Args:
        asker: Who.
        wants: What.
        area: Where, in their own words.
        ground: Why.
        received_at: When it came.
        nonce: 16 random bytes in hex.
        country: Which country it concerns, by ISO 3166-1; empty for none.
        cells: The cells that they name; none if they name none.

    Raises:
        FormatError: The cells are none of resolution 5.
    """
    listed = sorted(set(cells))
    data = encode_cells(listed) if listed else b""
    body = Request(
        asker=asker,
        country=country,
        wants=wants,
        area=Area(text=area, cells_sha256=_hash(data), cells_count=len(listed)),
        ground=ground,
        received_at=received_at,
        nonce=nonce,
    )
    return Composed(body=body.to_json(), blobs=(data,) if data else ())


def compose_sealed(request: Composed, *, salt: bytes, unseal_at: int, nonce: str) -> tuple[Composed, Secret]:
    """That somebody asked, with what is kept apart until it is opened.

    Args:
        request: What was asked, as `compose_request` made it.
        salt: 32 random bytes.
        unseal_at: When it is to be opened.
        nonce: 16 random bytes in hex.

    Returns:
        The sealed request, and what the database keeps behind its commitment.

    Raises:
        InputError: The request names cells, which would lie open beside the log.
    """
    if request.blobs:
        raise InputError(
            "a sealed request names no list of cells: the list would lie open beside the log; say it in words"
        )
    asked = Request.from_json(dict(request.body))
    document = canonical_bytes(asked.to_json(), source="request")
    body = SealedRequest(
        received_at=asked.received_at,
        commitment=commitment_of(salt, asked.to_json()),
        request_class=asked.wants,
        unseal_at=unseal_at,
        nonce=nonce,
    )
    return Composed(body=body.to_json()), Secret(domain=SEALED, salt=salt, document=document)


def compose_licence(
    *,
    id: str,  # noqa: A002 - a licence's id
    authority: str,
    country: str,
    cells: Iterable[str],
    valid_from: int,
    valid_until: int,
    nonce: str,
    service_classes: tuple[ServiceClass, ...] = (ServiceClass.STANDARD, ServiceClass.BACKGROUND),
    bands: tuple[str, ...] = (),
    document: bytes = b"",
    status: LicenceStatus = LicenceStatus.VALID,
) -> Composed:
    """What a country's authority allows.

    Raises:
        FormatError: The cells are none of resolution 5.
    """
    listed = encode_cells(cells)
    body = Licence(
        id=id,
        authority=authority,
        country=country,
        cells_sha256=_hash(listed),
        cells_count=len(parse_cells(listed)),
        bands=bands,
        service_classes=service_classes,
        valid_from=valid_from,
        valid_until=valid_until,
        document_sha256=_hash(document),
        status=status,
        nonce=nonce,
    )
    return Composed(body=body.to_json(), blobs=(listed,))


def compose_appeal(*, decision: str, appellant: Asker, ground: str, nonce: str) -> Composed:
    """That somebody appeals against a decision."""
    return Composed(body=Appeal(decision=decision, appellant=appellant, ground=ground, nonce=nonce).to_json())


def find_digest(digests: Iterable[str], beginning: str, *, what: str) -> str:
    """The one digest that begins so.

    Args:
        digests: All there are.
        beginning: Its first digits, eight at least; spaces between them do not count.
        what: What is looked for, for the message.

    Raises:
        InputError: None begins so, or several do, or too little is given.
    """
    wanted = beginning.replace(" ", "").lower()
    if len(wanted) < 8:
        raise InputError(
            f"{beginning!r}: give eight digits of the digest at least, so that nobody hits the wrong {what}"
        )
    found = [digest for digest in digests if digest.startswith(wanted)]
    if len(found) != 1:
        fault = f"no {what} begins so" if not found else f"{len(found)} of them begin so; give more digits"
        raise InputError(f"{beginning}: {fault}")
    return found[0]


def code_words(digest: str) -> str:
    """The digits that approvers read to each other: they see the same document if these are the same.

    >>> code_words("0123456789abcdef" * 4)
    '0123 4567 89ab cdef'
    """
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def _usual_rule(state: LedgerState, proposal: Proposal) -> RuleName:
    """The rule for what a proposal does."""
    match proposal.effect:
        case Effect.RESTORE:
            return RuleName.RESTORE
        case Effect.ADD:
            return RuleName.ACTIVATE
        case _ if proposal.place.kind in GOVERNING:
            return RuleName.GOVERNANCE
        case _ if proposal.place.kind != DecisionKind.TERRITORY:
            return RuleName.SUSPEND_GROUP
    order = list(ServiceClass)
    is_below = order.index(proposal.to.service_class) > order.index(state.policy.floor_class)
    is_off = proposal.to.state != ServiceState.ACTIVE
    return RuleName.SUSPEND_TERRITORY if is_off or is_below else RuleName.RESTRICT_TERRITORY


def _base_version(state: LedgerState, proposal: Proposal) -> int:
    """The version of the map that it changes: the one that its preview shows, or the newest."""
    if not proposal.preview:
        return state.map_version
    return parse_preview(proposal.preview).base_state_version


def _border(state: LedgerState, proposal: Proposal, *, has_cells: bool) -> Border:
    """How cells at the border were chosen."""
    return state.policy.border.get(proposal.effect, Border.NONE) if has_cells else Border.NONE


def _delay_s(state: LedgerState, proposal: Proposal, rule: RuleName) -> int:
    """How long it waits."""
    if proposal.delay_s is not None:
        return proposal.delay_s
    least = state.policy.rules[rule].delay_s
    is_touching = bool(proposal.preview) and bool(parse_preview(proposal.preview).protected)
    if proposal.effect == Effect.REDUCE and is_touching and not state.policy.rules[rule].emergency:
        return max(least, state.policy.protected_delay_s)
    return least


def _end_s(state: LedgerState, proposal: Proposal, rule: RuleName, *, now_s: int) -> int:
    """When it ends: as it is said, or as it follows."""
    if proposal.ends_at:
        return proposal.ends_at
    begun_s = max(now_s, state.now_s)
    if proposal.lasts_s:
        return begun_s + _delay_s(state, proposal, rule) + proposal.lasts_s
    licence = state.licences.get(proposal.licence)
    ends = [licence.licence.valid_until] if licence is not None and proposal.effect == Effect.ADD else []
    if state.policy.rules[rule].emergency:
        longest_s = state.policy.rules[rule].max_duration_s
        ends.append(begun_s + longest_s - min(CLOCK_MARGIN_S, longest_s // 10))
    if not ends and proposal.effect in {Effect.REDUCE, Effect.ADD}:
        raise InputError(
            "say when it ends (--for or --ends); every reduction has an end, and every addition ends with its licence"
        )
    return min(ends, default=0)


def _only_role(state: LedgerState, by: str, verdict: Verdict) -> Role:
    """The role in which a seat says something, if only one is possible."""
    if verdict == Verdict.VETO:
        return Role.OVERSIGHT
    members = [state.roster.member(by)]
    members += [record.change.member(by) for record in state.decisions.values() if isinstance(record.change, Roster)]
    member = next((one for one in members if one is not None), None)
    if member is None:
        raise InputError(f"{by} has no seat in the roster {state.roster.epoch}")
    if len(member.roles) != 1:
        raise InputError(f"{by} has the roles {', '.join(member.roles)}; say in which one it votes (--role)")
    return member.roles[0]


def _hash(data: bytes) -> str:
    """SHA-256 in hex; empty for nothing."""
    return sha256(data).hexdigest() if data else ""
