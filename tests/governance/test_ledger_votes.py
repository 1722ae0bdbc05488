"""What votes do."""

from dataclasses import replace
from typing import Any

import pytest

from skycommons.governance.appeals import Appeal
from skycommons.governance.decisions import DecisionKind, Effect
from skycommons.governance.entries import Kind
from skycommons.governance.policy import default_policy
from skycommons.governance.requests import Asker, AskerKind, Interest
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Role, ServiceState
from tests.governance.test_ledger_submit import dark, emergency, lit
from tests.support.commons import BEGIN_S, DAY_S, HOUR_S, ISLAND, SHORE, Commons, member_of, roster_of

PANEL = ("ops-2", "legal-2", "watch-1", "aid-1")  # enough to suspend what ops-1 asks for


def asked(commons: Commons, effect: Effect = Effect.REDUCE) -> str:
    """A decision that ops-1 asks for; its digest."""
    ruling = commons.submit("ops-1", commons.decision(effect))
    assert ruling, ruling.why
    return ruling.digest


def test_the_vote_that_meets_the_quorum_queues() -> None:
    """Nobody has to do anything after it, and the map is not changed yet."""
    commons = lit()
    digest = asked(commons)
    for seat in PANEL[:-1]:
        assert commons.cast(seat, digest, Verdict.APPROVE)
        assert commons.record(digest).state == State.OPEN
    ruling = commons.cast(PANEL[-1], digest, Verdict.APPROVE)
    record = commons.record(digest)
    assert (record.state, record.queued_index) == (State.QUEUED, ruling.index)
    assert commons.ledger.state.map_version == 0


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"roster_epoch": 2}, "cast under roster 2"),
        ({"role": Role.LEGAL}, "ops-2 has no seat as legal"),
        ({"issued_at": BEGIN_S - 9, "valid_until": BEGIN_S - 1}, "it is no longer valid"),
        ({"subject": "ab" * 32}, "names no decision or appeal of this log"),
        ({"preview_sha256": "ab" * 32}, "its signer saw another preview"),
        ({"conflict": "I own the island"}, "recuses itself instead of voting"),
        ({"verdict": Verdict.GRANT}, "grant is said of appeals, not of decisions"),
        ({"verdict": Verdict.UPHOLD}, "the decision is open; uphold can be said while it is review-open"),
        ({"verdict": Verdict.FAILED}, "failed can be said while it is applying"),
        ({"verdict": Verdict.VETO}, "only an oversight seat may veto"),
        ({"verdict": Verdict.CANCEL}, "only who asked for a decision may cancel it"),
    ],
)
def test_a_vote_that_is_wrong_in_one_thing_is_void(changes: dict[str, Any], fault: str) -> None:
    """And does not count."""
    commons = lit()
    digest = asked(commons)
    vote = replace(commons.vote(digest, Verdict.APPROVE, Role.OPERATIONS), **changes)
    ruling = commons.say("ops-2", Kind.VOTE, vote)
    assert fault in ruling.why
    assert not commons.record(digest).votes


def test_who_asked_and_the_own_organisation_may_not_vote() -> None:
    """Neither for nor against."""
    commons = lit()
    digest = asked(commons)
    assert "ops-1 made the request and may not vote" in commons.cast("ops-1", digest, Verdict.APPROVE).why
    assert "belongs to operator" in commons.cast("legal-1", digest, Verdict.REJECT).why


def test_a_declared_interest_in_a_party_excludes() -> None:
    """Also one that is declared after the vote: then the quorum is counted anew before anything happens."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE, parties=("state-x",))
    digest = commons.submit("ops-1", decision).digest
    commons.say("legal-2", Kind.INTEREST, Interest(parties=("state-x",), nonce=commons.nonce()))
    assert "has an interest in the party state-x" in commons.cast("legal-2", digest, Verdict.APPROVE).why
    digest = commons.submit("aid-1", commons.decision(Effect.REDUCE, parties=("state-y",))).digest
    commons.approve(digest, "ops-1", "legal-1", "watch-1", "ops-2")
    assert commons.record(digest).state == State.QUEUED
    commons.say("watch-1", Kind.INTEREST, Interest(parties=("state-y",), nonce=commons.nonce()))
    commons.witness(60)
    commons.witness(73 * HOUR_S)
    assert commons.record(digest).state == State.VOID
    assert commons.record(digest).history[-1].why == "its quorum no longer holds"


def test_the_party_that_asked_counts_as_a_party() -> None:
    """Whoever has an interest in it is out."""
    commons = lit()
    request = commons.say("aid-1", Kind.REQUEST, commons.request("chamber")).digest
    digest = commons.submit("ops-1", commons.decision(Effect.REDUCE, request=request)).digest
    assert "legal-2 has an interest in the party chamber" in commons.cast("legal-2", digest, Verdict.APPROVE).why


def test_a_seats_last_word_stands() -> None:
    """Yes and then no is a no."""
    commons = lit()
    digest = asked(commons)
    commons.approve(digest, *PANEL[:3])
    assert commons.cast(PANEL[0], digest, Verdict.REJECT)
    commons.approve(digest, PANEL[3])
    assert commons.record(digest).state == State.OPEN
    commons.approve(digest, PANEL[0])
    assert commons.record(digest).state == State.QUEUED


def test_enough_refusals_reject() -> None:
    """And nothing can follow."""
    commons = lit()
    digest = asked(commons)
    for seat in PANEL[:3]:
        assert commons.record(digest).state == State.OPEN
        commons.cast(seat, digest, Verdict.REJECT)
    commons.cast(PANEL[3], digest, Verdict.REJECT)
    assert commons.record(digest).state == State.REJECTED
    assert "the decision is rejected" in commons.cast("watch-2", digest, Verdict.APPROVE).why


@pytest.mark.parametrize("is_queued", [False, True])
def test_one_oversight_seat_vetoes(is_queued: bool) -> None:
    """While it is asked and while it waits; never again after that."""
    commons = lit()
    digest = asked(commons)
    if is_queued:
        commons.approve(digest, *PANEL)
    assert commons.cast("watch-2", digest, Verdict.VETO)
    assert commons.record(digest).state == State.VETOED
    commons.witness(60)
    commons.witness(80 * HOUR_S)
    assert commons.ledger.state.map_version == 0


def test_a_veto_in_the_last_second_wins() -> None:
    """It stands before the entry that tells that the time is over."""
    commons = lit()
    digest = asked(commons)
    commons.approve(digest, *PANEL)
    commons.witness(60)
    commons.witness(72 * HOUR_S - 1)
    assert commons.record(digest).state == State.QUEUED
    commons.cast("watch-1", digest, Verdict.VETO)
    commons.witness(2)
    assert commons.record(digest).state == State.VETOED


def test_a_veto_comes_too_late_for_what_stands_in_the_map() -> None:
    """That is ended by a decision."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    assert "the decision is applying" in commons.cast("watch-2", digest, Verdict.VETO).why


def test_who_asked_may_cancel() -> None:
    """As long as it waits."""
    commons = lit()
    digest = asked(commons)
    commons.approve(digest, *PANEL)
    assert commons.cast("ops-1", digest, Verdict.CANCEL)
    assert commons.record(digest).state == State.CANCELLED


def test_a_recusal_takes_the_vote_back() -> None:
    """In the queue it may break the quorum; with votes to spare it does not."""
    commons = lit()
    digest = asked(commons)
    commons.approve(digest, *PANEL)
    assert commons.cast("aid-1", digest, Verdict.RECUSE)
    assert commons.record(digest).state == State.VOID
    digest = asked(commons)
    assert commons.cast("aid-1", digest, Verdict.RECUSE)
    assert "aid-1 recused itself and may not vote" in commons.cast("aid-1", digest, Verdict.APPROVE).why
    commons.approve(digest, "ops-2", "legal-2", "watch-1", "watch-2")
    assert commons.record(digest).state == State.QUEUED


def test_a_recusal_of_somebody_who_did_not_vote_changes_nothing_in_the_queue() -> None:
    """The quorum holds without."""
    commons = lit()
    digest = asked(commons)
    commons.approve(digest, *PANEL)
    assert commons.cast("watch-2", digest, Verdict.RECUSE)
    assert commons.record(digest).state == State.QUEUED


def test_two_persons_of_different_roles_report_a_failure() -> None:
    """The reduction is taken from the map; a new approval sends it again, once."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    assert commons.cast("ops-1", digest, Verdict.FAILED)
    assert commons.cast("ops-1", digest, Verdict.FAILED)
    assert commons.cast("ops-2", digest, Verdict.FAILED)
    assert commons.record(digest).state == State.APPLYING
    assert commons.cast("legal-1", digest, Verdict.FAILED)
    assert commons.record(digest).state == State.FAILED
    assert not commons.ledger.state.layers
    assert "ops-1 made the request" in commons.cast("ops-1", digest, Verdict.APPROVE).why
    assert commons.cast("ops-2", digest, Verdict.APPROVE)
    assert commons.record(digest).state == State.APPLYING
    assert len(commons.ledger.state.layers) == 1
    assert commons.acknowledge(digest)
    assert "the decision is effective" in commons.cast("ops-2", digest, Verdict.APPROVE).why


def test_a_failure_of_an_addition_darkens_nobody() -> None:
    """Two persons cannot switch off what a quorum switched on by calling it failed."""
    commons = dark()
    digest = commons.in_force(Effect.ADD)
    commons.cast("ops-1", digest, Verdict.FAILED)
    commons.cast("legal-1", digest, Verdict.FAILED)
    assert commons.record(digest).state == State.FAILED
    assert [layer.decision for layer in commons.ledger.state.layers] == [digest]


def test_an_old_report_does_not_count_again() -> None:
    """After it was sent again, two new ones are needed."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, digest, Verdict.FAILED)
    commons.cast("ops-2", digest, Verdict.APPROVE)
    commons.cast("legal-1", digest, Verdict.FAILED)
    assert commons.record(digest).state == State.APPLYING


def test_what_failed_is_not_sent_again_when_it_may_no_longer_take_effect() -> None:
    """Everything is checked again."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE, ends_at=commons.now_s + 5 * DAY_S)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, digest, Verdict.FAILED)
    commons.witness(2 * DAY_S)
    assert commons.record(digest).state == State.FAILED
    ruling = commons.cast("ops-2", digest, Verdict.APPROVE)
    assert "it would have ended already" in ruling.why


def reviewed() -> tuple[Commons, str]:
    """An emergency by ops-1 and legal-1 that waits for its review."""
    commons = dark()
    digest = commons.submit("ops-1", emergency(commons, Effect.ADD)).digest
    commons.approve(digest, "ops-1", "legal-1")
    commons.witness(60)
    commons.witness(72 * HOUR_S)
    assert commons.record(digest).state == State.REVIEW_OPEN
    return commons, digest


@pytest.mark.parametrize(("verdict", "state"), [(Verdict.UPHOLD, State.UPHELD), (Verdict.CENSURE, State.CENSURED)])
def test_an_emergency_is_judged_by_others(verdict: Verdict, state: State) -> None:
    """Two who had no hand in it, one of them of oversight."""
    commons, digest = reviewed()
    assert "had a hand in what is judged" in commons.cast("ops-1", digest, verdict).why
    assert "had a hand in what is judged" in commons.cast("legal-1", digest, verdict).why
    assert commons.cast("ops-2", digest, verdict)
    assert commons.cast("aid-1", digest, verdict)
    assert commons.record(digest).state == State.REVIEW_OPEN
    assert commons.cast("watch-1", digest, verdict)
    assert commons.record(digest).state == state


def appeal_of(commons: Commons, digest: str, party: str = "islanders") -> Appeal:
    """An appeal of somebody outside."""
    asker = Asker(party=party, kind=AskerKind.OTHER)
    return Appeal(decision=digest, appellant=asker, ground="we were not asked", nonce=commons.nonce())


def test_an_appeal_that_is_granted_ends_a_reduction() -> None:
    """By seats that had no hand in it."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    assert "had a hand" in commons.cast("watch-1", appeal, Verdict.GRANT).why
    assert "approve is said of decisions, not of appeals" in commons.cast("watch-2", appeal, Verdict.APPROVE).why
    assert commons.cast("watch-2", appeal, Verdict.GRANT)
    assert commons.record(digest).state == State.APPLYING
    assert commons.cast("legal-1", appeal, Verdict.GRANT)
    assert commons.record(digest).state == State.ENDED
    assert not commons.ledger.state.layers
    assert "the appeal is granted already" in commons.cast("watch-2", appeal, Verdict.DISMISS).why


def test_an_appeal_that_is_dismissed_changes_nothing() -> None:
    """But is on record."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    for seat in ("watch-2", "legal-1"):
        commons.cast(seat, appeal, Verdict.DISMISS)
    assert commons.ledger.state.appeals[appeal].status == "dismissed"
    assert len(commons.ledger.state.layers) == 1


def test_who_appeals_has_no_friends_among_the_judges() -> None:
    """An interest in the appellant excludes."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest, "chamber")).digest
    assert "has an interest in the party chamber" in commons.cast("watch-2", appeal, Verdict.GRANT).why


def test_an_appeal_against_an_addition_darkens_nobody() -> None:
    """It is granted, and a reduction has to be decided as any other."""
    commons = dark()
    digest = commons.in_force(Effect.ADD)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    for seat in ("watch-2", "legal-1"):
        commons.cast(seat, appeal, Verdict.GRANT)
    assert commons.ledger.state.appeals[appeal].status == "granted"
    assert len(commons.ledger.state.layers) == 1


GOVERNORS = ("ops-2", "legal-2", "watch-1", "watch-2", "aid-1")


def changing(commons: Commons, kind: DecisionKind, data: bytes) -> str:
    """A change of rules or seats that ops-1 asks for."""
    decision = commons.decision(Effect.CHANGE, kind=kind, change_sha256=commons.put(data))
    ruling = commons.submit("ops-1", decision)
    assert ruling, ruling.why
    return ruling.digest


def test_a_new_roster_needs_the_old_and_the_new_seats() -> None:
    """A stuffed roster cannot vote itself in; and those who leave cannot do it alone."""
    commons = lit()
    friends = {
        name: member_of(name.replace("_", "-") + "-new", "friends", [Role.OPERATIONS])
        for name in ("legal_2", "watch_1", "watch_2")
    }
    roster = replace(roster_of(), epoch=2)
    members = [friends.get(member.id.replace("-", "_"), member) for member in roster.members]
    roles = [replace(member, roles=tuple(Role)) for member in members]
    organisations = roster_of(2, extra_1=member_of("extra-1", "friends", [Role.LEGAL])).organisations
    stuffed = replace(roster, members=tuple(roles), organisations=organisations)
    digest = changing(commons, DecisionKind.ROSTER, stuffed.encode())
    for seat in ("legal-2-new", "watch-1-new", "watch-2-new"):
        assert commons.cast(seat, digest, Verdict.APPROVE, role=Role.OPERATIONS), seat
    commons.approve(digest, "ops-2", "aid-1")
    assert commons.record(digest).state == State.OPEN
    commons.approve(digest, "legal-2", "watch-1", "watch-2")
    assert commons.record(digest).state == State.QUEUED
    commons.witness(60)
    commons.witness(7 * DAY_S)
    assert commons.ledger.state.roster.epoch == 2
    assert commons.ledger.state.roster.member("watch-1") is None


def test_somebody_without_a_seat_votes_on_nothing_else() -> None:
    """Only members of the new roster, and only on that roster."""
    commons = lit()
    digest = asked(commons)
    ruling = commons.cast("stranger", digest, Verdict.APPROVE)
    assert "stranger" in ruling.why


def test_a_new_policy_needs_its_own_quorum_too() -> None:
    """Who makes governing harder must meet what they ask of others."""
    commons = lit()
    policy = default_policy()
    rules = dict(policy.rules)
    rules["governance"] = replace(rules["governance"], approvals=6, rejections=2)
    harder = replace(policy, version=2, rules=rules)
    digest = changing(commons, DecisionKind.POLICY, harder.encode())
    commons.approve(digest, *GOVERNORS)
    assert commons.record(digest).state == State.OPEN
    digest = changing(commons, DecisionKind.POLICY, replace(policy, version=2).encode())
    commons.approve(digest, *GOVERNORS)
    assert commons.record(digest).state == State.QUEUED


def test_silence_is_a_no() -> None:
    """After its time for votes a decision lapses."""
    commons = lit()
    digest = asked(commons)
    commons.approve(digest, *PANEL[:3])
    commons.witness(60)
    commons.witness(14 * DAY_S)
    assert commons.record(digest).state == State.LAPSED


def test_two_seats_light_a_region_within_minutes() -> None:
    """An emergency has no delay; it needs two roles, and a witness who saw it."""
    commons = dark()
    digest = commons.submit("ops-1", emergency(commons, Effect.ADD)).digest
    assert commons.cast("ops-1", digest, Verdict.APPROVE)
    assert commons.record(digest).state == State.OPEN
    assert commons.cast("legal-1", digest, Verdict.APPROVE)
    assert commons.record(digest).state == State.QUEUED
    assert not commons.ledger.state.layers
    commons.witness(30)
    assert commons.record(digest).state == State.EMERGENCY_EFFECTIVE
    assert commons.ledger.state.layers[0].places == frozenset(ISLAND)


def test_places_outside_are_untouched_by_a_restore_of_some() -> None:
    """What is taken out of a reduction is restored, the rest stays reduced."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE, (*ISLAND, *SHORE))
    restore = commons.submit("ops-1", commons.decision(Effect.RESTORE, SHORE, target=digest)).digest
    commons.approve(restore, "ops-2", "aid-1")
    commons.witness(10)
    levels = commons.ledger.state.levels(frozenset({*ISLAND, *SHORE}))
    assert {levels[cell] for cell in ISLAND} == {0}
    assert {levels[cell] for cell in SHORE} == {3}
    assert commons.record(digest).state == State.APPLYING
    assert commons.acknowledge(restore)
    assert commons.record(restore).state == State.ENDED


def test_the_default_state_of_the_world_is_what_genesis_says() -> None:
    """Dark or lit."""
    assert Commons().ledger.state.default_level == 0
    assert Commons(default_state=ServiceState.ACTIVE).ledger.state.default_level == 3
