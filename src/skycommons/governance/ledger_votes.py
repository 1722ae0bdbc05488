"""What votes do: agree, refuse, veto, recuse, take back, report a failure, judge an emergency, decide an appeal.

* A vote names the digest of what it is about, the roster, and the preview that its signer saw. Of another content it is void. So is one
  that a seat signed before something that it said later: who writes the log does not choose its last word.
* Approvals and refusals count while a decision is open; a seat's last word stands, as long as it says that it is valid. Whoever has a
  conflict may not vote or judge, but recuse.
* When its quorum is met, a decision is queued by that very vote: nobody has to do anything, so nobody can withhold it. Enough refusals
  reject it.
* One oversight seat vetoes anything that does not stand in the service map yet, but for a change of nothing but itself: who stole its key
  could keep it for ever. The requester may cancel it until then. Taking back
  votes by recusal from a queued decision makes it void if its quorum no longer holds.
* Two persons of different roles report that a decision could not be enforced. That takes a reduction out of the service map, and an
  addition not: nobody loses service by it. A new approval sends it again if its quorum still holds, unless the map changed at its places
  since it took effect: what was restored or decided there meanwhile stays.
* An emergency is judged by seats that had no hand in it; so is an appeal. An appeal that is granted ends a reduction.
* A change of policy or roster needs the quorum of the old and of the new; members of the new roster may vote on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from skycommons.governance.decisions import Effect
from skycommons.governance.ledger_apply import apply_decision, close, end_decision, withdraw
from skycommons.governance.ledger_state import AppealRecord, CastVote, DecisionRecord, LedgerState, ballots_of
from skycommons.governance.ledger_submit import waiting_fault
from skycommons.governance.policy import Policy, Rule
from skycommons.governance.quorum import Ballot, Conflicts, QuorumCount, quorum_result
from skycommons.governance.roster import Member, Roster
from skycommons.governance.states import IN_FORCE, PENDING, State
from skycommons.governance.votes import NO_CONFLICT, Verdict, Vote

OVERSIGHT: Final = "oversight"
FAILURE_ROLES: Final = 2
MAX_VOTES: Final = 50  # of one seat on one matter: a bound against floods, not a rule

_WHEN: Final[Mapping[Verdict, frozenset[State]]] = MappingProxyType(
    {
        Verdict.APPROVE: frozenset({State.OPEN, State.FAILED}),
        Verdict.REJECT: frozenset({State.OPEN}),
        Verdict.VETO: PENDING,
        Verdict.CANCEL: PENDING,
        Verdict.RECUSE: PENDING,
        Verdict.FAILED: frozenset({State.APPLYING}),
        Verdict.UPHOLD: frozenset({State.REVIEW_OPEN}),
        Verdict.CENSURE: frozenset({State.REVIEW_OPEN}),
    }
)
_ON_APPEALS: Final = frozenset({Verdict.GRANT, Verdict.DISMISS})


def vote_fault(state: LedgerState, vote: Vote, member: Member) -> str:
    """Why a vote is void; empty if it stands."""
    if vote.roster_epoch != state.roster.epoch:
        return f"it was cast under roster {vote.roster_epoch}; roster {state.roster.epoch} is in force"
    if vote.role not in member.roles:
        return f"{member.id} has no seat as {vote.role}"
    if state.now_s and vote.valid_until < state.now_s:
        return "it is no longer valid"
    subject = state.appeals.get(vote.subject) or state.decisions.get(vote.subject)
    if subject is None:
        return "it names no decision or appeal of this log"
    why = _order_fault(subject.votes, vote, member)
    if why:
        return why
    return (
        _appeal_vote_fault(state, subject, vote, member)
        if isinstance(subject, AppealRecord)
        else _decision_vote_fault(state, subject, vote, member)
    )


def _order_fault(votes: tuple[CastVote, ...], vote: Vote, member: Member) -> str:
    """Why a vote comes too late or too often."""
    said = [cast.vote for cast in votes if cast.member == member.id]
    if any(vote.issued_at < one.issued_at for one in said):
        return f"{member.id} said something else of it later"
    return f"{member.id} said {MAX_VOTES} things of it already" if len(said) >= MAX_VOTES else ""


def _decision_vote_fault(state: LedgerState, record: DecisionRecord, vote: Vote, member: Member) -> str:
    """Why a vote on a decision is void; empty if it stands."""
    when = _WHEN.get(vote.verdict)
    if when is None:
        return f"{vote.verdict} is said of appeals, not of decisions"
    if record.state not in when:
        return f"the decision is {record.state}; {vote.verdict} can be said while it is {' or '.join(sorted(when))}"
    if vote.preview_sha256 != record.decision.preview_sha256:
        return "its signer saw another preview"
    return _own_fault(state, record, vote, member)


def _own_fault(state: LedgerState, record: DecisionRecord, vote: Vote, member: Member) -> str:
    """Why this seat may not say this; empty if it may."""
    match vote.verdict:
        case Verdict.VETO:
            if vote.role != OVERSIGHT or state.roster.member(member.id) is None:
                return "only an oversight seat may veto"
            is_alone = isinstance(record.change, Roster) and state.roster.differs_only_in(member.id, record.change)
            return "a seat does not veto a change of nothing but itself" if is_alone else ""
        case Verdict.CANCEL:
            return "" if member.id == record.by else "only who asked for a decision may cancel it"
        case Verdict.APPROVE | Verdict.REJECT:
            if vote.conflict != NO_CONFLICT:
                return "a seat with a conflict recuses itself instead of voting"
            why = state.conflicts(record).fault_of(member, record.rule, roster_of(state, record, member.id))
            if why:
                return f"{member.id} {why} and may not vote"
            return waiting_fault(state, record) if record.state == State.FAILED else ""
        case Verdict.UPHOLD | Verdict.CENSURE:
            if vote.conflict != NO_CONFLICT:
                return "a seat with a conflict does not judge"
            why = state.judges_conflicts(record).fault_of(member, _review_rule(state), state.roster)
            return f"{member.id} {why} and may not judge it" if why else ""
        case _:
            return ""


def _appeal_vote_fault(state: LedgerState, record: AppealRecord, vote: Vote, member: Member) -> str:
    """Why a vote on an appeal is void; empty if it stands."""
    if vote.verdict not in _ON_APPEALS:
        return f"{vote.verdict} is said of decisions, not of appeals"
    if record.status != "open":
        return f"the appeal is {record.status} already"
    if vote.conflict != NO_CONFLICT:
        return "a seat with a conflict does not judge"
    why = _appeal_conflicts(state, record).fault_of(member, state.policy.rules["appeal"], state.roster)
    return f"{member.id} {why} and may not decide the appeal" if why else ""


def cast_vote(state: LedgerState, vote: Vote, member: Member, index: int) -> None:
    """Count a vote that stands, and draw the consequences."""
    cast = CastVote(member=member.id, vote=vote, index=index)
    appeal = state.appeals.get(vote.subject)
    if appeal is not None:
        _decide_appeal(state, replace(appeal, votes=(*appeal.votes, cast)), index)
        return
    record = state.decisions[vote.subject]
    record = replace(record, votes=(*record.votes, cast))
    state.put(record)
    _CONSEQUENCES[vote.verdict](state, record, cast)


def approval_counts(state: LedgerState, record: DecisionRecord) -> tuple[QuorumCount, ...]:
    """How a decision's approvals fare: by its rule, and for a change of rules or seats by the new ones too."""
    return _counts(state, record, record.ballots(Verdict.APPROVE, against=Verdict.REJECT, now_s=state.now_s))


def _counts(state: LedgerState, record: DecisionRecord, ballots: tuple[Ballot, ...]) -> tuple[QuorumCount, ...]:
    """Ballots by every rule and roster that a decision must satisfy."""
    panels: list[tuple[Rule, Roster]] = [(record.rule, state.roster)]
    if isinstance(record.change, Policy):
        panels.append((record.change.rules[record.decision.quorum_rule], state.roster))
    if isinstance(record.change, Roster):
        panels.append((record.rule, record.change))
    conflicts = state.conflicts(record)
    return tuple(quorum_result(rule, roster, ballots, conflicts) for rule, roster in panels)


def _approve(state: LedgerState, record: DecisionRecord, cast: CastVote) -> None:
    """An approval may meet the quorum, or send a failed decision again if its quorum still holds."""
    if not all(approval_counts(state, record)):
        return
    if record.state == State.FAILED:
        apply_decision(state, record, index=cast.index, why=f"sent again by {cast.member}")
    else:
        queued = replace(record, queued_index=cast.index)
        state.move(queued, State.QUEUED, index=cast.index, why="its quorum is met")


def _reject(state: LedgerState, record: DecisionRecord, cast: CastVote) -> None:
    """Enough refusals reject."""
    refusals = record.ballots(Verdict.REJECT, against=Verdict.APPROVE, now_s=state.now_s)
    against = _counts(state, record, refusals)
    if any(len(count.counted) >= count.rule.rejections for count in against):
        state.move(record, State.REJECTED, index=cast.index, why=f"{len(against[0].counted)} seats refused it")


def _veto(state: LedgerState, record: DecisionRecord, cast: CastVote) -> None:
    """One veto is enough."""
    state.move(record, State.VETOED, index=cast.index, why=f"vetoed by {cast.member}")


def _cancel(state: LedgerState, record: DecisionRecord, cast: CastVote) -> None:
    """The requester takes it back."""
    state.move(record, State.CANCELLED, index=cast.index, why=f"cancelled by {cast.member}")


def _recuse(state: LedgerState, record: DecisionRecord, cast: CastVote) -> None:
    """A vote that is taken back may break a quorum."""
    if record.state == State.QUEUED and not all(approval_counts(state, record)):
        state.move(
            record, State.VOID, index=cast.index, why=f"{cast.member} recused itself and the quorum no longer holds"
        )


def _failed(state: LedgerState, record: DecisionRecord, cast: CastVote) -> None:
    """Two persons of different roles say that it could not be enforced since it was sent last."""
    sent = next(step.index for step in reversed(record.history) if step.state == State.APPLYING)
    reports = [one for one in record.votes if one.vote.verdict == Verdict.FAILED and one.index > sent]
    if len({one.vote.role for one in reports}) < FAILURE_ROLES or len({one.member for one in reports}) < FAILURE_ROLES:
        return
    is_overtaken = state.has_changed(record.places, since=record.map_version)
    if record.decision.effect == Effect.REDUCE:
        withdraw(state, record, index=cast.index)
    why = f"reported by {', '.join(one.member for one in reports)}"
    failed = state.move(record, State.FAILED, index=cast.index, why=why)
    if is_overtaken:
        state.move(failed, State.LAPSED, index=cast.index, why="the map changed at its places since it took effect")


def _judge(state: LedgerState, record: DecisionRecord, cast: CastVote) -> None:
    """An emergency is upheld or censured when enough of those who had no hand in it say so."""
    ends = {Verdict.UPHOLD: State.UPHELD, Verdict.CENSURE: State.CENSURED}
    verdict = _verdict(state, record.votes, _review_rule(state), state.judges_conflicts(record), *ends)
    if verdict is not None:
        state.move(record, ends[verdict], index=cast.index, why="the review is closed")


def _verdict(
    state: LedgerState,
    votes: tuple[CastVote, ...],
    rule: Rule,
    conflicts: Conflicts,
    *either: Verdict,
) -> Verdict | None:
    """Which of two opposite verdicts enough seats agree on; ``None`` if neither yet."""
    for verdict, other in (either, either[::-1]):
        ballots = ballots_of(votes, verdict, against=other, at_s=state.now_s)
        if quorum_result(rule, state.roster, ballots, conflicts):
            return verdict
    return None


_CONSEQUENCES: Final[Mapping[Verdict, Callable[[LedgerState, DecisionRecord, CastVote], None]]] = MappingProxyType(
    {
        Verdict.APPROVE: _approve,
        Verdict.REJECT: _reject,
        Verdict.VETO: _veto,
        Verdict.CANCEL: _cancel,
        Verdict.RECUSE: _recuse,
        Verdict.FAILED: _failed,
        Verdict.UPHOLD: _judge,
        Verdict.CENSURE: _judge,
    }
)


def _decide_appeal(state: LedgerState, record: AppealRecord, index: int) -> None:
    """An appeal is granted or dismissed when enough seats say so; granted, it ends a reduction."""
    ends = {Verdict.GRANT: "granted", Verdict.DISMISS: "dismissed"}
    verdict = _verdict(state, record.votes, state.policy.rules["appeal"], _appeal_conflicts(state, record), *ends)
    status = record.status if verdict is None else ends[verdict]
    state.put_appeal(replace(record, status=status))
    judged = state.decisions[record.appeal.decision]
    if status == "granted" and judged.decision.effect == Effect.REDUCE:
        if judged.state in IN_FORCE:
            end_decision(state, judged, index=index, why="an appeal was granted")
        elif judged.state == State.FAILED:
            close(state, judged, index=index, why="an appeal was granted, so it is not sent again")


def _appeal_conflicts(state: LedgerState, record: AppealRecord) -> Conflicts:
    """What keeps seats from deciding an appeal: a hand in the decision, or an interest in who appeals."""
    conflicts = state.judges_conflicts(state.decisions[record.appeal.decision])
    return replace(conflicts, parties=conflicts.parties | ({record.appeal.appellant.party} - {""}))


def _review_rule(state: LedgerState) -> Rule:
    """The rule by which emergencies are reviewed."""
    return state.policy.rules["review"]


def roster_of(state: LedgerState, record: DecisionRecord, seat: str) -> Roster:
    """The roster that a voter stands in: the one in force, or for a new seat the one that is voted on."""
    if isinstance(record.change, Roster) and state.roster.member(seat) is None:
        return record.change
    return state.roster
