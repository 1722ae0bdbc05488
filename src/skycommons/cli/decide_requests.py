"""``skycommons decide request|answer|unseal|forget|declare|appeal``: what stands on record even if nobody acts on it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from skycommons.cli.console import FOR_PEOPLE, Output
from skycommons.cli.reading import read_bytes
from skycommons.cli.service_door import (
    DEFAULT_SERVICE,
    ServiceDir,
    Signing,
    check_way,
    instant_s,
    opened,
    sign_and_say,
)

if TYPE_CHECKING:
    from skycommons.governance.requests import Asker, SealedRequest
    from skycommons.store.compose import Composed
    from skycommons.store.records import Secret
    from skycommons.store.service import Draft, Service

AskerWord = Literal["state", "court", "regulator", "company", "humanitarian", "person", "other"]
BasisWord = Literal[
    "court-order",
    "regulator",
    "licence",
    "contract",
    "safety",
    "interference",
    "stolen-kits",
    "humanitarian",
    "operator",
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBy:
    """Who asks from outside.

    Attributes:
        party: An id by which conflicts are found.
        kind: What they are.
        name: Name of a public body.
        commitment: Salted hash of who they are.
    """

    party: Annotated[str, Parameter(help="Id of who asks, by which conflicts of interest are found.")] = ""
    kind: Annotated[AskerWord, Parameter(help="What they are.")]
    name: Annotated[str, Parameter(help="Name of a public body; nobody else is named.")] = ""
    commitment: Annotated[str, Parameter(help="Salted SHA-256 of who they are, in hex.")] = ""


def request(
    *,
    asker: AskedBy,
    wants: Annotated[Literal["withhold", "activate", "restrict", "restore"], Parameter(help="What they ask for.")],
    text: Annotated[str, Parameter(name="--where", help="Where, in their words.")],
    ground: Annotated[BasisWord, Parameter(help="On what ground.")],
    ref: Annotated[str, Parameter(help="What the order, contract or letter is known by.")] = "",
    document: Annotated[Path | None, Parameter(help="The document; only its SHA-256 stands in the log.")] = None,
    country: Annotated[str, Parameter(help="Country that it concerns, three letters of ISO 3166-1.")] = "",
    cells: Annotated[Path | None, Parameter(help="List of cells that they name, one a line.")] = None,
    received: Annotated[str | None, Parameter(help="When it came (ISO 8601); now.")] = None,
    seal: Annotated[
        str | None, Parameter(help="The law demands secrecy until then (ISO 8601): show only that somebody asked.")
    ] = None,
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Register what somebody outside asks for. It stands in the log whether or not anybody acts on it."""
    import secrets

    from skycommons.governance.decisions import LegalBasis
    from skycommons.governance.entries import Kind
    from skycommons.governance.requests import SALT_BYTES, Want
    from skycommons.governance.words import Basis
    from skycommons.store.compose import compose_request, compose_sealed
    from skycommons.store.service import fresh_nonce

    check_way(signing)
    until_s = 0 if seal is None else instant_s(seal)
    with opened(service) as door:
        composed = compose_request(
            asker=_asker(asker),
            wants=Want(wants),
            area=text,
            ground=LegalBasis(type=Basis(ground), ref=ref, document_sha256=_sha256(document), sealed_until=until_s),
            received_at=door.now_s if received is None else instant_s(received),
            nonce=fresh_nonce(),
            country=country,
            cells=_cells(cells),
        )
        if until_s:
            salt = secrets.token_bytes(SALT_BYTES)
            sealed, secret = compose_sealed(composed, salt=salt, unseal_at=until_s, nonce=fresh_nonce())
            draft = door.draft(Kind.SEALED_REQUEST, sealed, by=signing.seat)
            return _seal(door, draft, secret, signing=signing, output=output)
        said = [
            f"Registered: {wants} service over {text}, asked by {asker.name or asker.party or 'somebody not named'}."
        ]
        return sign_and_say(door, door.draft(Kind.REQUEST, composed, by=signing.seat), signing, output, said=said)


def answer(
    digest: Annotated[str, Parameter(help="Digest of the request; its first eight digits are enough.")],
    verdict: Annotated[Literal["acknowledged", "declined"], Parameter(help="What it is told.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why.")],
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Answer a request without a decision. A refusal is recorded, with its reason."""
    from skycommons.governance.entries import Kind
    from skycommons.governance.requests import Answer
    from skycommons.governance.words import AnswerVerdict
    from skycommons.store.compose import Composed, find_digest
    from skycommons.store.service import fresh_nonce

    with opened(service) as door:
        found = find_digest(door.state.requests, digest, what="request")
        body = Answer(request=found, verdict=AnswerVerdict(verdict), reason=reason, nonce=fresh_nonce())
        draft = door.draft(Kind.ANSWER, Composed(body=body.to_json()), by=signing.seat)
        return sign_and_say(door, draft, signing, output, said=[f"Request {found[:12]} is {verdict}: {reason}"])


def unseal(
    digest: Annotated[str, Parameter(help="Digest of the sealed request; its first eight digits are enough.")],
    /,
    *,
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Open a sealed request with what the database kept behind its commitment."""
    from skycommons.governance.entries import Kind
    from skycommons.store.compose import find_digest

    with opened(service) as door:
        found = find_digest(door.state.requests, digest, what="request")
        draft = door.draft(Kind.UNSEAL, _opening(door, found), by=signing.seat)
        return sign_and_say(door, draft, signing, output, said=[f"Request {found[:12]} is opened to everybody."])


def forget(
    digest: Annotated[str, Parameter(help="Digest of the sealed request; its first eight digits are enough.")],
    /,
    *,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Erase what stands behind a sealed request, for ever: its commitment stays in the log, and says nothing any more.

    It can never be opened then, and whoever verifies is told so once its day has come. Older copies of the database still hold it.
    """
    from skycommons.store.compose import find_digest

    with opened(service) as door:
        found = find_digest(door.state.requests, digest, what="request")
        erased = door.forget(_sealed(door, found).commitment)
    output.line(f"What stood behind request {found[:12]} is {'erased' if erased else 'not kept here'}.")
    output.result({"request": found, "erased": erased})
    return 0


def declare(
    *,
    party: Annotated[tuple[str, ...], Parameter(negative="", help="Id of a party; may be given again.")],
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Declare an interest: your seat does not vote where one of these parties is concerned. It cannot be taken back."""
    from skycommons.governance.entries import Kind
    from skycommons.governance.requests import Interest
    from skycommons.store.compose import Composed
    from skycommons.store.service import fresh_nonce

    with opened(service) as door:
        body = Interest(parties=tuple(sorted(set(party))), nonce=fresh_nonce())
        draft = door.draft(Kind.INTEREST, Composed(body=body.to_json()), by=signing.seat)
        said = [f"{signing.seat} will not vote where {', '.join(body.parties)} is concerned."]
        return sign_and_say(door, draft, signing, output, said=said)


def appeal(
    digest: Annotated[str, Parameter(help="Digest of the decision; its first eight digits are enough.")],
    /,
    *,
    asker: AskedBy,
    ground: Annotated[str, Parameter(help="Why.")],
    signing: Signing,
    service: ServiceDir = DEFAULT_SERVICE,
    output: Output = FOR_PEOPLE,
) -> int:
    """Register an appeal of somebody who is affected. Seats that had no hand in the decision resolve it."""
    from skycommons.governance.entries import Kind
    from skycommons.store.compose import compose_appeal, find_digest
    from skycommons.store.service import fresh_nonce

    with opened(service) as door:
        found = find_digest(door.state.decisions, digest, what="decision")
        composed = compose_appeal(decision=found, appellant=_asker(asker), ground=ground, nonce=fresh_nonce())
        draft = door.draft(Kind.APPEAL, composed, by=signing.seat)
        return sign_and_say(door, draft, signing, output, said=[f"An appeal against decision {found[:12]}: {ground}"])


def _asker(asked: AskedBy) -> "Asker":
    """Who asks, as the log names them."""
    from skycommons.governance.requests import Asker, AskerKind

    return Asker(party=asked.party, kind=AskerKind(asked.kind), name=asked.name, commitment=asked.commitment)


def _opening(door: "Service", digest: str) -> "Composed":
    """What was sealed."""
    from skycommons.base.errors import InputError
    from skycommons.governance.canonical import parse_canonical
    from skycommons.governance.requests import Unseal
    from skycommons.store.compose import Composed

    secret = door.secret(_sealed(door, digest).commitment)
    if secret is None:
        raise InputError(f"what stands behind request {digest[:12]} is not kept here, or was forgotten")
    document = parse_canonical(secret.document)
    if not isinstance(document, dict):
        raise InputError(f"what stands behind request {digest[:12]} is no request")
    return Composed(body=Unseal(target=digest, salt=secret.salt.hex(), document=document).to_json())


def _seal(door: "Service", draft: "Draft", secret: "Secret", *, signing: Signing, output: Output) -> int:
    """Register a sealed request, and keep what stands behind it: before it is said, and only if it is not refused."""
    from skycommons.base.errors import InputError, RulingError

    door.keep_secret(secret)
    try:
        return sign_and_say(door, draft, signing, output, said=["Registered: that somebody asked, and not what."])
    except (InputError, RulingError):
        door.forget(secret.commitment)
        raise


def _sealed(door: "Service", digest: str) -> "SealedRequest":
    """A request that is sealed, or was.

    Raises:
        InputError: It never was.
    """
    from skycommons.base.errors import InputError
    from skycommons.governance.requests import SealedRequest

    found = door.state.requests[digest].request
    if not isinstance(found, SealedRequest):
        raise InputError(f"request {digest[:12]} is not sealed")
    return found


def _sha256(path: Path | None) -> str:
    """Hash of a document; empty for none."""
    from hashlib import sha256

    return "" if path is None else sha256(read_bytes(path)).hexdigest()


def _cells(path: Path | None) -> tuple[str, ...]:
    """The cells of a file; none without one."""
    from skycommons.cli.places import read_cell_file

    return () if path is None else read_cell_file(path)
