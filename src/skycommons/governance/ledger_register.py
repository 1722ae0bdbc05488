"""What is put on record without changing anything: who asks, what is answered, licences, interests, appeals.

* Anybody may be registered as asking for service to be given or withheld; it stands in the log even if nobody acts on it. One that the
  law seals stands there as a commitment, and can be opened by whoever has its salt.
* A request is declined by an answer, or refused or granted by a decision that names it.
* A licence is registered by a seat with the role legal; it allows, and never switches, anything. A newer record takes the place of an
  older one with the same id.
* Interests that a seat declares are only ever added.
* An appeal is against a decision that took effect or was refused; one seat registers one open appeal of a party against it.
"""

from dataclasses import replace

from skycommons.base.errors import FormatError
from skycommons.governance.appeals import Appeal
from skycommons.governance.ledger_state import AppealRecord, LedgerState, LicenceRecord, RequestRecord
from skycommons.governance.licences import Licence
from skycommons.governance.requests import Answer, Interest, Request, SealedRequest, Unseal, commitment_of
from skycommons.governance.roster import Member
from skycommons.governance.words import AnswerVerdict, Role


def register_request(
    state: LedgerState, request: Request | SealedRequest, member: Member, *, digest: str, index: int
) -> str:
    """Put a request on record; why not, if it is one too many."""
    waiting = sum(record.by == member.id and record.status == "open" for record in state.requests.values())
    if waiting >= MAX_OPEN_REQUESTS:
        return f"{member.id} registered {waiting} requests that nobody answered; answer some first"
    state.put_request(RequestRecord(digest=digest, by=member.id, index=index, request=request))
    return ""


MAX_OPEN_REQUESTS = 10_000  # of one seat: a bound against floods, not a rule


def unseal(state: LedgerState, opening: Unseal) -> str:
    """Open a sealed request; why not, if it is not what was sealed."""
    record = state.requests.get(opening.target)
    if record is None or not isinstance(record.request, SealedRequest):
        return "it names no sealed request of this log"
    if record.opened is not None:
        return "the request was opened already"
    if commitment_of(bytes.fromhex(opening.salt), opening.document) != record.request.commitment:
        return "salt and document are not what was sealed"
    try:
        opened = Request.from_json(dict(opening.document), source="sealed request")
    except FormatError as error:
        return str(error)
    state.put_request(replace(record, opened=opened))
    return ""


def answer(state: LedgerState, said: Answer, *, digest: str) -> str:
    """Answer a request without a decision; why not, if there is none."""
    record = state.requests.get(said.request)
    if record is None:
        return "it names no request of this log"
    if record.status != "open":
        return f"the request is {record.status} already"
    status = "declined" if said.verdict == AnswerVerdict.DECLINED else record.status
    state.put_request(replace(record, status=status, answers=(*record.answers, digest)))
    return ""


def declare(state: LedgerState, interest: Interest, member: Member) -> str:
    """Add to what a seat has an interest in."""
    state.interests[member.id] = state.interests.get(member.id, frozenset()) | frozenset(interest.parties)
    state.touched.add(f"interest/{member.id}")
    return ""


def register_licence(state: LedgerState, licence: Licence, member: Member, *, digest: str, index: int) -> str:
    """Put a licence on record; why not, if the seat has no say in it."""
    if Role.LEGAL not in member.roles:
        return f"a licence is registered by a seat with the role {Role.LEGAL}; {member.id} has none"
    state.licences[licence.id] = LicenceRecord(digest=digest, by=member.id, index=index, licence=licence)
    state.touched.add(f"licence/{licence.id}")
    return ""


def register_appeal(state: LedgerState, appeal: Appeal, member: Member, *, digest: str, index: int) -> str:
    """Put an appeal on record; why not, if there is nothing to appeal against."""
    if appeal.decision not in state.decisions:
        return "it names no decision of this log"
    if any(
        other.status == "open"
        and other.appeal.decision == appeal.decision
        and (other.appeal.appellant.party, other.appeal.appellant.commitment)
        == (appeal.appellant.party, appeal.appellant.commitment)
        for other in state.appeals.values()
    ):
        return "the same party's appeal against this decision is open already"
    state.put_appeal(AppealRecord(digest=digest, by=member.id, index=index, appeal=appeal))
    return ""
