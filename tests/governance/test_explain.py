"""What a log proves, in sentences."""

from skycommons.governance.decisions import DecisionKind, Effect
from skycommons.governance.entries import Kind
from skycommons.governance.explain import (
    explain_appeal,
    explain_decision,
    explain_layer,
    explain_log,
    explain_request,
    overdue,
)
from skycommons.governance.requests import Answer, SealedRequest
from skycommons.governance.verify import service_map_result
from skycommons.governance.votes import Verdict
from skycommons.governance.words import AnswerVerdict
from tests.governance.test_ledger_apply import group_decision
from tests.governance.test_ledger_register import sealed
from tests.governance.test_ledger_submit import dark, emergency, lit
from tests.governance.test_ledger_votes import GOVERNORS, PANEL, appeal_of, asked, changing
from tests.support.commons import DAY_S, ISLAND, Commons, roster_of, trust_of


def when(time_s: int) -> str:
    """Times of a test."""
    return f"T{time_s}"


def told(commons: Commons, digest: str) -> str:
    """A decision's sentences in one text."""
    return " ".join(explain_decision(commons.ledger.state, commons.record(digest), when))


def test_a_suspension_tells_who_what_when_and_where() -> None:
    """And that protected users are spared."""
    commons = lit()
    request = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    digest = commons.in_force(Effect.REDUCE, request=request)
    text = told(commons, digest)
    assert f"Decision {digest[:12]} (entry 4) was asked for by ops-1: “reduce 6 cells”." in text
    assert "It would make 6 cells suspended (priority), sparing protected users, on the ground safety (a test)" in text
    assert "State of Mainland (state) asked to withhold service over the island, on the ground regulator" in text
    assert "watch-1, as oversight, approved it (entry 7)." in text
    assert (
        f"At T{commons.now_s}, entry 10: applying, because its quorum is met and its delay of 259200 s is over." in text
    )
    assert "It stands in the service map: 6 cells: suspended, priority, until T" in text
    assert "protected users keep service" in text


def test_what_waits_tells_what_is_missing_and_whose_votes_do_not_count() -> None:
    """So that the next approver knows."""
    commons = lit()
    digest = asked(commons)
    commons.approve(digest, "ops-2", "aid-1")
    commons.cast("aid-1", digest, Verdict.RECUSE, reason="I live there")
    text = told(commons, digest)
    assert (
        "Approvals that count: 1 of 4; missing: 3 of 4 approvals, 1 of the role legal, 1 of the role oversight" in text
    )
    assert "The vote of aid-1 does not count: it recused itself." in text
    assert "aid-1, as humanitarian, recused itself (entry 6): “I live there”." in text
    assert "Its vote is not over; it has changed nothing." in text
    commons.approve(digest, "legal-2", "watch-1", "watch-2")
    text = told(commons, digest)
    assert "Approvals that count: 4 of 4." in text
    assert "Its time-lock is not over" in text


def test_what_never_took_effect_says_so() -> None:
    """A refusal is provable."""
    commons = lit()
    digest = asked(commons)
    for seat in PANEL:
        commons.cast(seat, digest, Verdict.REJECT)
    assert "It is rejected. It never changed anything." in told(commons, digest)


def test_what_is_over_says_so() -> None:
    """It changed something once."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE, ends_at=commons.now_s + 5 * DAY_S)
    commons.witness(5 * DAY_S)
    assert "It is ended and changes nothing now." in told(commons, digest)


def test_every_kind_of_decision_has_its_sentence() -> None:
    """Restores, groups, rules; an addition without protected users."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    restore = commons.submit("ops-1", commons.decision(Effect.RESTORE, ISLAND[:2], target=digest)).digest
    assert f"It would restore 2 cells that decision {digest[:12]} took" in told(commons, restore)
    commons.approve(restore, "ops-2", "aid-1")
    commons.witness(1)
    assert "6 cells, less 1 list(s) restored: suspended" in told(commons, digest)
    group = commons.submit("ops-1", group_decision(commons, Effect.REDUCE, "port-net", "school-net")).digest
    assert "make the customer-group port-net, school-net suspended" in told(commons, group)
    commons.approve(group, *PANEL)
    commons.witness(60)
    commons.witness(DAY_S)
    assert "port-net, school-net: suspended, priority, until" in told(commons, group)
    key = changing(commons, DecisionKind.KEY, b"trust")
    assert "It would put another key in force" in told(commons, key)
    commons.approve(key, *GOVERNORS)
    commons.witness(60)
    commons.witness(7 * DAY_S)
    assert "It is ended and changes nothing now." in told(commons, key)
    lighted = dark()
    added = lighted.in_force(Effect.ADD)
    assert "make 6 cells active (priority), on the ground" in told(lighted, added)


def test_a_ground_without_a_reference_and_a_layer_without_an_end() -> None:
    """Nothing is said that was not."""
    from dataclasses import replace

    from skycommons.governance.decisions import LegalBasis
    from skycommons.governance.words import Basis

    commons = lit()
    digest = commons.submit(
        "ops-1", commons.decision(Effect.REDUCE, legal_basis=LegalBasis(type=Basis.SAFETY, ref=""))
    ).digest
    assert "on the ground safety, by the rule" in told(commons, digest)
    commons = lit()
    commons.in_force(Effect.REDUCE)
    layer = replace(commons.ledger.state.layers[0], ends_at_s=0, exempt=False)
    assert (
        explain_layer(layer, when) == f"6 cells: suspended, priority, without an end, by decision {layer.decision[:12]}"
    )


def test_before_any_witness_there_is_no_time() -> None:
    """And that is said."""
    commons = Commons()
    commons.register_licence()
    digest = commons.submit("ops-1", emergency(commons, Effect.ADD)).digest
    commons.approve(digest, "ops-1", "legal-1")
    assert "Before any witness told the time, entry 4: queued" in told(commons, digest)


def test_requests_tell_who_asked_and_what_became_of_it() -> None:
    """Sealed ones as little as the law allows."""
    commons = lit()
    plain = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    digest = commons.submit("ops-1", commons.decision(Effect.REDUCE, request=plain)).digest
    for seat in PANEL:
        commons.cast(seat, digest, Verdict.REJECT)
    hidden, opening = sealed(commons)
    requests = commons.ledger.state.requests
    text = " ".join(explain_request(requests[plain], when))
    assert f"It is refused, see decision {digest[:12]}." in text
    text = " ".join(explain_request(requests[hidden], when))
    kept = requests[hidden].request
    assert isinstance(kept, SealedRequest)
    assert f"sealed, of the class withhold, to be opened at T{kept.unseal_at}" in text
    assert "It is open." in text
    commons.say("legal-1", Kind.UNSEAL, opening)
    assert "it was opened: State of Mainland" in " ".join(explain_request(requests[hidden], when))


def test_a_seal_that_should_be_open_is_told() -> None:
    """From the day on that it named."""
    commons = lit()
    hidden, opening = sealed(commons)
    state = commons.ledger.state
    assert overdue(state, commons.now_s + DAY_S, when) == []
    assert f"Request {hidden[:12]}" in overdue(state, commons.now_s + DAY_S + 1, when)[0]
    commons.say("legal-1", Kind.UNSEAL, opening)
    assert overdue(state, commons.now_s + DAY_S + 1, when) == []


def test_a_log_tells_its_witnesses_its_map_and_what_is_void_in_it() -> None:
    """And that the map may be obeyed."""
    commons = lit()
    commons.in_force(Effect.REDUCE)
    commons.append(b"rubbish")
    bundle = commons.bundle()
    said = explain_log(service_map_result(bundle.manifest, bundle, commons.trust, now_s=None), when)
    assert said[0].startswith("The log commons.example/decisions has 12 entries. Witnessed by w1 at T")
    assert "version 1 of the service map with 1 decision(s) in force" in said[1]
    assert said[3].startswith("Entry 11 is void and has no effect: ")
    assert said[-1] == "The map is verified: it may be obeyed."


def test_a_reader_is_told_when_two_quorums_share_too_few() -> None:
    """Two of three have one in common, three of three have all; one of three may have none."""
    for quorum, words in ((1, "and no witness at all"), (2, "and one witness that lies"), (3, "")):
        commons = lit()
        commons.announce()
        trust = trust_of(commons.trust.genesis, quorum=quorum)
        bundle = commons.bundle()
        said = explain_log(service_map_result(bundle.manifest, bundle, trust, now_s=None), when)
        told_of = [sentence for sentence in said if "two quorums of these witnesses" in sentence]
        assert len(told_of) == bool(words)
        assert all(words in sentence for sentence in told_of)


def test_a_log_tells_why_it_is_refused() -> None:
    """With every reason; and of what is no log at all, only those."""
    commons = lit()
    commons.in_force(Effect.REDUCE)
    bundle = commons.bundle()
    said = explain_log(service_map_result(b"{}", bundle, commons.trust, now_s=None), when)
    assert any(sentence.startswith("REFUSED: the map is not the one") for sentence in said)
    assert said[-1] == "The map must not be obeyed; what was obeyed before stays."
    commons.say("ops-1", Kind.REQUEST, commons.request(), signer="ghost")
    bundle = commons.bundle()
    said = explain_log(service_map_result(bundle.manifest, bundle, commons.trust, now_s=None), when)
    assert any("Entry 11, a request, is void" in sentence for sentence in said)
    other = Commons(default_state=commons.ledger.state.genesis.default_state)
    broken = type(bundle)(checkpoint=b"x\n", manifest=b"", entries=(b"x",), blobs={})
    said = explain_log(service_map_result(b"", broken, other.trust, now_s=None), when)
    assert [sentence.partition(":")[0] for sentence in said] == [
        "REFUSED",
        "The map must not be obeyed; what was obeyed before stays.",
    ]


def test_an_answer_is_told_with_its_reason() -> None:
    """Who refuses in public says why."""
    commons = Commons()
    digest = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    no = Answer(request=digest, verdict=AnswerVerdict.DECLINED, reason="not lawful", nonce=commons.nonce())
    index = commons.say("legal-1", Kind.ANSWER, no).index
    text = " ".join(explain_request(commons.ledger.state.requests[digest], when))
    assert f"legal-1 declined it (entry {index}): “not lawful”. It is declined." in text


def test_an_appeal_is_told_with_its_judges() -> None:
    """And their reasons."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    commons.cast("watch-2", appeal, Verdict.DISMISS, reason="they were heard")
    text = " ".join(explain_appeal(commons.ledger.state.appeals[appeal]))
    assert f"of islanders against decision {digest[:12]}: “we were not asked”." in text
    assert "watch-2, as oversight, says dismiss (entry " in text
    assert "): “they were heard”. It is open." in text


def test_other_rules_are_counted_by_the_old_and_by_the_new() -> None:
    """Two counts, told apart."""
    commons = lit()
    text = told(commons, changing(commons, DecisionKind.ROSTER, roster_of(epoch=2).encode()))
    assert text.count("Approvals that count: 0 of 5") == 2
    assert text.count("By what it would put in force: Approvals that count: 0 of 5") == 1
