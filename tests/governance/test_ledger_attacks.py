"""What one or two hands tried against the rules of the ledger, and what came of it."""

from dataclasses import replace

import pytest

from skycommons.governance.decisions import Decision, DecisionKind, Effect, To
from skycommons.governance.entries import Kind
from skycommons.governance.ledger_votes import approval_counts
from skycommons.governance.policy import RuleName, default_policy
from skycommons.governance.requests import Answer, Asker, AskerKind, Interest, SealedRequest, Want
from skycommons.governance.roster import Roster
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from skycommons.governance.words import AnswerVerdict, Role, ServiceClass, ServiceState
from tests.governance.test_ledger_apply import group_decision
from tests.governance.test_ledger_submit import dark, emergency, lit, why
from tests.governance.test_ledger_votes import appeal_of, asked, changing, reviewed
from tests.support.commons import DAY_S, HOUR_S, ISLAND, SHORE, Commons, member_of, roster_of

STANDARD = To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD)
GIVES = "some places would have more service by it than without it, now or before its end"


def restricting(commons: Commons, **changes: object) -> Decision:
    """A decision that throttles the island to the floor."""
    return commons.decision(Effect.REDUCE, rule=RuleName.RESTRICT_TERRITORY, to=STANDARD, **changes)  # type: ignore[arg-type] # names and values are those of the test


def failing(commons: Commons, digest: str) -> None:
    """Two persons of different roles report that a decision could not be enforced."""
    for seat in ("ops-1", "legal-1"):
        assert commons.cast(seat, digest, Verdict.FAILED)


def test_a_reduction_lights_nothing_without_a_licence() -> None:
    """One place that is throttled does not carry others that were dark."""
    commons = dark()
    commons.in_force(Effect.ADD, ISLAND[:1])
    assert GIVES in why(commons, restricting(commons))


def test_a_reduction_keeps_nothing_lit_when_the_licence_below_it_ends() -> None:
    """It ends with what it restricts, or before."""
    commons = dark()
    end_s = commons.now_s + 10 * DAY_S
    commons.in_force(Effect.ADD, ends_at=end_s)
    assert GIVES in why(commons, restricting(commons, ends_at=end_s + 1))
    assert why(commons, restricting(commons, ends_at=end_s)) == ""


def test_groups_have_no_cells_and_territories_no_groups() -> None:
    """A restore of groups that named cells would have left the reduction to hold everywhere."""
    commons = lit()
    group = group_decision(commons, Effect.REDUCE, "school-net")
    scope = replace(group.scope, h3_res=5, cells_sha256=commons.cells(ISLAND), cells_count=len(ISLAND))
    assert "names no cells" in why(commons, replace(group, scope=scope))
    territory = commons.decision(Effect.REDUCE)
    grouped = replace(territory, scope=replace(territory.scope, groups=("school-net",)))
    assert "names no groups" in why(commons, grouped)


def test_what_was_restored_is_not_taken_again_by_calling_the_reduction_failed() -> None:
    """It lapses instead of being sent again as a whole."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    restore = commons.submit("ops-1", commons.decision(Effect.RESTORE, ISLAND[:3], target=digest)).digest
    commons.approve(restore, "ops-2", "aid-1")
    commons.witness(10)
    failing(commons, digest)
    assert commons.record(digest).state == State.LAPSED
    assert not commons.cast("ops-2", digest, Verdict.APPROVE)
    assert set(commons.ledger.state.levels(frozenset(ISLAND)).values()) == {3}


def test_what_an_appeal_ended_is_not_sent_again() -> None:
    """Although it had failed when the appeal was granted."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    failing(commons, digest)
    for seat in ("watch-2", "legal-1"):
        assert commons.cast(seat, appeal, Verdict.GRANT)
    assert commons.record(digest).state == State.LAPSED
    assert not commons.cast("ops-2", digest, Verdict.APPROVE)


def test_an_appeal_against_what_is_over_is_granted_in_words() -> None:
    """There is nothing left to end."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    commons.witness(30 * DAY_S)
    for seat in ("watch-2", "legal-1"):
        assert commons.cast(seat, appeal, Verdict.GRANT)
    assert commons.ledger.state.appeals[appeal].status == "granted"
    assert commons.record(digest).state == State.ENDED


def test_final_is_final_for_an_addition_that_failed_and_stayed() -> None:
    """It lapsed; that its layer ends later is no new state."""
    commons = dark()
    digest = commons.in_force(Effect.ADD, ends_at=commons.now_s + 20 * DAY_S)
    failing(commons, digest)
    commons.witness(5 * DAY_S)
    assert (commons.record(digest).state, len(commons.ledger.state.layers)) == (State.LAPSED, 1)
    commons.witness(20 * DAY_S)
    assert (commons.record(digest).state, len(commons.ledger.state.layers)) == (State.LAPSED, 0)


def test_one_emergency_is_not_cut_into_many() -> None:
    """All that nobody reviewed together is as small as one may be; the review makes room."""
    policy = default_policy()
    rules = dict(policy.rules)
    rules["emergency-reduce"] = replace(rules["emergency-reduce"], max_cells=len(ISLAND))
    commons = Commons(policy=replace(policy, rules=rules), default_state=ServiceState.ACTIVE)
    commons.register_licence()
    commons.witness()
    first, second = (
        commons.submit("ops-1", emergency(commons, Effect.REDUCE, cells)).digest for cells in (ISLAND[:4], SHORE)
    )
    for digest in (first, second):
        commons.approve(digest, "ops-1", "legal-1")
    commons.witness(60)
    assert [commons.record(digest).state for digest in (first, second)] == [State.EMERGENCY_EFFECTIVE, State.VOID]
    assert "cover 4 cells; with this one it would be more than 6" in why(
        commons, emergency(commons, Effect.REDUCE, SHORE)
    )
    assert why(commons, emergency(commons, Effect.REDUCE, SHORE[:2])) == ""
    commons.witness(6 * HOUR_S)
    for seat in ("watch-1", "aid-1"):
        assert commons.cast(seat, first, Verdict.CENSURE)
    assert why(commons, emergency(commons, Effect.REDUCE, SHORE)) == ""


def test_approvals_of_long_ago_do_not_complete_a_quorum_of_today() -> None:
    """A vote counts as long as it says; what was valid when the quorum was met stays."""
    commons = lit()
    digest = asked(commons)
    for seat in ("ops-2", "watch-1"):
        assert commons.cast(seat, digest, Verdict.APPROVE, valid_until=commons.now_s + DAY_S)
    commons.witness(2 * DAY_S)
    commons.approve(digest, "legal-2", "aid-1")
    assert commons.record(digest).state == State.OPEN
    for seat in ("ops-2", "watch-1"):
        assert commons.cast(seat, digest, Verdict.APPROVE, valid_until=commons.now_s + DAY_S)
    assert commons.record(digest).state == State.QUEUED
    commons.witness(60)
    commons.witness(72 * HOUR_S)
    assert commons.record(digest).state == State.APPLYING


def test_who_writes_the_log_does_not_choose_a_seats_last_word() -> None:
    """An approval that was held back is void after the refusal that came later; of one second, the order of the log counts."""
    commons = lit()
    digest = asked(commons)
    held_back = commons.entry("aid-1", Kind.VOTE, commons.vote(digest, Verdict.APPROVE, Role.HUMANITARIAN))
    commons.now_s += 1
    assert commons.cast("aid-1", digest, Verdict.REJECT)
    assert commons.append(held_back.encode()).why == "aid-1 said something else of it later"
    assert commons.cast("aid-1", digest, Verdict.APPROVE)


def test_nobody_fills_the_log_with_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is counted again with the next."""
    monkeypatch.setattr("skycommons.governance.ledger_votes.MAX_VOTES", 2)
    commons = lit()
    digest = asked(commons)
    assert commons.cast("aid-1", digest, Verdict.REJECT)
    assert commons.cast("aid-1", digest, Verdict.APPROVE)
    assert commons.cast("aid-1", digest, Verdict.REJECT).why == "aid-1 said 2 things of it already"


def test_who_asks_has_no_colleagues_in_the_new_roster_either() -> None:
    """Although the requester does not stand there any more."""
    commons = lit()
    leaving = roster_of(2)
    stuffed = (
        *(one for one in leaving.members if one.id != "ops-1"),
        member_of("ops-9", "operator", [Role.OPERATIONS]),
    )
    digest = changing(commons, DecisionKind.ROSTER, replace(leaving, members=stuffed).encode())
    assert "ops-9 belongs to operator, as the requester does" in commons.cast("ops-9", digest, Verdict.APPROVE).why
    assert not any(count.counted for count in approval_counts(commons.ledger.state, commons.record(digest)))


def rekeyed(seat: str, *others: str) -> Roster:
    """A roster in which some oversight seats sign with other keys."""
    changes = {}
    for name in (seat, *others):
        before = roster_of().member(name)
        assert before is not None
        changes[name] = replace(before, keys=member_of(f"{name}-new", "x", [Role.LEGAL]).keys)
    return roster_of(2, **{name.replace("-", "_"): member for name, member in changes.items()})


def test_a_stolen_oversight_key_does_not_veto_its_own_replacement() -> None:
    """Another oversight seat may; and where others change too, so may this one."""
    commons = lit()
    digest = changing(commons, DecisionKind.ROSTER, rekeyed("watch-1").encode())
    assert commons.cast("watch-1", digest, Verdict.VETO).why == "a seat does not veto a change of nothing but itself"
    assert commons.cast("watch-2", digest, Verdict.VETO)
    both = changing(commons, DecisionKind.ROSTER, rekeyed("watch-1", "watch-2").encode())
    assert commons.cast("watch-1", both, Verdict.VETO)
    same = changing(commons, DecisionKind.ROSTER, roster_of(2).encode())
    assert commons.cast("watch-1", same, Verdict.VETO)


def test_who_is_only_proposed_for_oversight_vetoes_nothing() -> None:
    """The seat is not in force."""
    commons = lit()
    wider = roster_of(2, watch_9=member_of("watch-9", "council", [Role.OVERSIGHT]))
    digest = changing(commons, DecisionKind.ROSTER, wider.encode())
    veto = commons.vote(digest, Verdict.VETO, Role.OVERSIGHT)
    assert commons.say("watch-9", Kind.VOTE, veto).why == "only an oversight seat may veto"


def test_no_other_hand_takes_away_the_licence_of_what_waits() -> None:
    """Who registered it may; and anybody with the role once that seat is gone."""
    commons = dark()
    fault = commons.say("legal-2", Kind.LICENCE, commons.licence(ISLAND[:1])).why
    assert fault == "the licence licence-1 is on record by legal-1, who alone replaces it; take another id"
    assert commons.say("legal-2", Kind.LICENCE, commons.licence(id="licence-2"))
    assert commons.say("legal-1", Kind.LICENCE, commons.licence())
    digest = changing(
        commons, DecisionKind.ROSTER, roster_of(2, legal_1=member_of("legal-1", "operator", [Role.TECHNICAL])).encode()
    )
    commons.approve(digest, "ops-2", "legal-2", "watch-1", "watch-2", "aid-1")
    commons.witness(60)
    commons.witness(7 * DAY_S)
    assert commons.ledger.state.roster.epoch == 2
    assert commons.say("legal-2", Kind.LICENCE, commons.licence())


def test_a_conflict_keeps_from_judging_too() -> None:
    """Of emergencies and of appeals."""
    commons, digest = reviewed()
    for verdict in (Verdict.UPHOLD, Verdict.CENSURE):
        assert "does not judge" in commons.cast("watch-1", digest, verdict, conflict="it was my idea").why
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    assert "does not judge" in commons.cast("watch-1", appeal, Verdict.GRANT, conflict="it was my idea").why


def test_what_is_not_decided_is_not_appealed_against() -> None:
    """Two seats would grant an appeal before there is anything to end."""
    commons = lit()
    ruling = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, asked(commons)))
    assert ruling.why == "the decision is open: nothing is decided yet that could be appealed against"


def test_appeals_of_several_who_are_only_named_do_not_shut_each_other_out() -> None:
    """A name tells them apart as well as an id; what was decided may be asked again."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    first, second = (
        replace(appeal_of(commons, digest), appellant=Asker(party="", kind=AskerKind.STATE, name=f"State of {name}"))
        for name in ("Mainland", "Inland")
    )
    appeal = commons.say("legal-1", Kind.APPEAL, first).digest
    assert commons.say("legal-1", Kind.APPEAL, second)
    for seat in ("watch-2", "legal-1"):
        assert commons.cast(seat, appeal, Verdict.DISMISS)
    assert commons.say("legal-1", Kind.APPEAL, replace(first, nonce=commons.nonce()))


def test_floods_of_appeals_interests_and_acknowledgements_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a cost to everybody who reads the log."""
    for name in ("MAX_OPEN_APPEALS", "MAX_INTERESTS", "MAX_ACKNOWLEDGED"):
        monkeypatch.setattr(f"skycommons.governance.ledger_register.{name}", 1)
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    assert commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest))
    second = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest, "fishers"))
    assert second.why == "legal-1 registered 1 appeals that nobody decided; decide some first"
    assert commons.say("aid-1", Kind.INTEREST, Interest(parties=("a",), nonce=commons.nonce()))
    many = commons.say("aid-1", Kind.INTEREST, Interest(parties=("b",), nonce=commons.nonce()))
    assert many.why == "aid-1 would have 2 interests; at most 1 are kept"
    request = commons.say("legal-1", Kind.REQUEST, commons.request()).digest
    said = [
        commons.say(
            "ops-1", Kind.ANSWER, Answer(request=request, verdict=verdict, reason="seen", nonce=commons.nonce())
        ).why
        for verdict in (AnswerVerdict.ACKNOWLEDGED, AnswerVerdict.ACKNOWLEDGED, AnswerVerdict.DECLINED)
    ]
    assert said == ["", "the request was acknowledged 1 times already", ""]


def test_a_request_to_withhold_is_not_granted_by_giving() -> None:
    """A decision that names it and does something else leaves it open; a sealed one is known by its class."""
    commons = dark()
    sealed = SealedRequest(
        received_at=commons.now_s,
        commitment="ab" * 32,
        request_class=Want.RESTRICT,
        unseal_at=commons.now_s + DAY_S,
        nonce=commons.nonce(),
    )
    for ruling in (
        commons.say("legal-1", Kind.REQUEST, commons.request()),
        commons.say("legal-1", Kind.SEALED_REQUEST, sealed),
    ):
        digest = commons.in_force(Effect.ADD, request=ruling.digest)
        asking = commons.ledger.state.requests[ruling.digest]
        assert (asking.status, asking.decisions) == ("open", (digest,))
        assert why(commons, commons.decision(Effect.REDUCE, request=ruling.digest)) == ""


@pytest.mark.parametrize("parties", [("council", "chamber"), ("relief", "carrier", "chamber"), ("chamber",), ()])
def test_an_emergency_does_not_bar_its_reviewers_by_naming_them(parties: tuple[str, ...]) -> None:
    """Some may be parties; enough others remain, one of oversight among them."""
    commons = lit()
    fault = why(commons, emergency(commons, Effect.REDUCE, parties=parties))
    assert fault == ("the parties that it names leave too few seats to review it" if len(parties) > 1 else "")
