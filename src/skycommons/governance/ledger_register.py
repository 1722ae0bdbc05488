"""What is put on record without changing anything: who asks, what is answered, licences, interests, appeals.

* Anybody may be registered as asking for service to be given or withheld; it stands in the log even if nobody acts on it. One that the
  law seals stands there as a commitment, and can be opened by whoever has its salt.
* A request is declined by an answer, or refused or granted by a decision that names it.
* A licence is registered by a seat with the role legal; it allows, and never switches, anything. A newer record takes the place of an
  older one with the same id. It comes from the seat that registered the older one, as long as that has this role: no other hand takes
  away what an activation waits for.
* Interests that a seat declares are only ever added.
* An appeal is against a decision that is made; of a party, one against it is open at a time.
* How much one seat may leave open is bounded: against floods, not as a rule.
"""

from dataclasses import replace
from typing import Final

from skycommons.base.errors import FormatError
from skycommons.governance.appeals import Appeal
from skycommons.governance.ledger_state import AppealRecord, LedgerState, LicenceRecord, Reply, RequestRecord
from skycommons.governance.licences import Licence
from skycommons.governance.requests import Answer, Interest, Request, SealedRequest, Unseal, commitment_of
from skycommons.governance.roster import Member
from skycommons.governance.states import PENDING
from skycommons.governance.words import AnswerVerdict, Role


def register_request(
    state: LedgerState, request: Request | SealedRequest, member: Member, *, digest: str, index: int
) -> str:
    """Put a request on record; why not, if it is one too many."""
    waiting = state.unanswered.get(f"request/{member.id}", 0)
    if waiting >= MAX_OPEN_REQUESTS:
        return f"{member.id} registered {waiting} requests that nobody answered; answer some first"
    state.put_request(RequestRecord(digest=digest, by=member.id, index=index, request=request))
    return ""


MAX_OPEN_REQUESTS: Final = 10_000  # of one seat
MAX_OPEN_APPEALS: Final = 1_000  # of one seat
MAX_ACKNOWLEDGED: Final = 100  # of one request
MAX_INTERESTS: Final = 1_000  # of one seat


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


def answer(state: LedgerState, said: Answer, member: Member, *, digest: str, index: int) -> str:
    """Answer a request without a decision; why not, if there is none."""
    record = state.requests.get(said.request)
    if record is None:
        return "it names no request of this log"
    if record.status != "open":
        return f"the request is {record.status} already"
    if said.verdict == AnswerVerdict.ACKNOWLEDGED and len(record.answers) >= MAX_ACKNOWLEDGED:
        return f"the request was acknowledged {MAX_ACKNOWLEDGED} times already"
    status = "declined" if said.verdict == AnswerVerdict.DECLINED else record.status
    reply = Reply(digest=digest, by=member.id, index=index, answer=said)
    state.put_request(replace(record, status=status, answers=(*record.answers, reply)))
    return ""


def declare(state: LedgerState, interest: Interest, member: Member) -> str:
    """Add to what a seat has an interest in; why not, if it is too much."""
    held = state.interests.get(member.id, frozenset()) | frozenset(interest.parties)
    if len(held) > MAX_INTERESTS:
        return f"{member.id} would have {len(held)} interests; at most {MAX_INTERESTS} are kept"
    state.interests[member.id] = held
    state.touched.add(f"interest/{member.id}")
    return ""


def register_licence(state: LedgerState, licence: Licence, member: Member, *, digest: str, index: int) -> str:
    """Put a licence on record; why not, if the seat has no say in it."""
    if Role.LEGAL not in member.roles:
        return f"a licence is registered by a seat with the role {Role.LEGAL}; {member.id} has none"
    before = state.licences.get(licence.id)
    registrar = state.roster.member(before.by) if before is not None else None
    if registrar is not None and registrar.id != member.id and Role.LEGAL in registrar.roles:
        return f"the licence {licence.id} is on record by {registrar.id}, who alone replaces it; take another id"
    state.licences[licence.id] = LicenceRecord(digest=digest, by=member.id, index=index, licence=licence)
    state.touched.add(f"licence/{licence.id}")
    return ""


def register_appeal(state: LedgerState, appeal: Appeal, member: Member, *, digest: str, index: int) -> str:
    """Put an appeal on record; why not, if there is nothing to appeal against."""
    against = state.decisions.get(appeal.decision)
    if against is None:
        return "it names no decision of this log"
    if against.state in PENDING:
        return f"the decision is {against.state}: nothing is decided yet that could be appealed against"
    record = AppealRecord(digest=digest, by=member.id, index=index, appeal=appeal)
    if record.matter in state.open_appeals:
        return "the same party's appeal against this decision is open already"
    waiting = state.unanswered.get(f"appeal/{member.id}", 0)
    if waiting >= MAX_OPEN_APPEALS:
        return f"{member.id} registered {waiting} appeals that nobody decided; decide some first"
    state.put_appeal(record)
    return ""
