"""What is put on record."""

from dataclasses import replace

import pytest

from skycommons.governance import ledger_register
from skycommons.governance.appeals import Appeal
from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind
from skycommons.governance.requests import (
    Answer,
    Asker,
    AskerKind,
    Interest,
    SealedRequest,
    Unseal,
    Want,
    commitment_of,
)
from skycommons.governance.words import AnswerVerdict
from tests.governance.test_ledger_submit import lit
from tests.support.commons import DAY_S, Commons

SALT = b"\x42" * 32


def test_a_request_stands_even_if_nobody_acts_on_it() -> None:
    """Who asked, for what, on what ground."""
    commons = Commons()
    digest = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    record = commons.ledger.state.requests[digest]
    assert (record.status, record.party, record.by) == ("open", "state-of-mainland", "aid-1")
    assert not record.decisions
    assert not record.answers


def test_a_request_may_be_declined_without_a_decision_once() -> None:
    """The refusal stands in the log."""
    commons = Commons()
    digest = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    seen = Answer(request=digest, verdict=AnswerVerdict.ACKNOWLEDGED, reason="read", nonce=commons.nonce())
    no = replace(seen, verdict=AnswerVerdict.DECLINED, reason="not lawful", nonce=commons.nonce())
    assert commons.say("legal-1", Kind.ANSWER, seen)
    assert commons.ledger.state.requests[digest].status == "open"
    assert commons.say("legal-1", Kind.ANSWER, no)
    assert commons.ledger.state.requests[digest].status == "declined"
    assert len(commons.ledger.state.requests[digest].answers) == 2
    assert (
        commons.say("legal-1", Kind.ANSWER, replace(no, nonce=commons.nonce())).why == "the request is declined already"
    )
    other = replace(no, request="ab" * 32, nonce=commons.nonce())
    assert commons.say("legal-1", Kind.ANSWER, other).why == "it names no request of this log"


def sealed(commons: Commons) -> tuple[str, Unseal]:
    """A sealed request, and what opens it."""
    document = commons.request().to_json()
    body = SealedRequest(
        received_at=commons.now_s,
        commitment=commitment_of(SALT, document),
        request_class=Want.WITHHOLD,
        unseal_at=commons.now_s + DAY_S,
        nonce=commons.nonce(),
    )
    digest = commons.say("legal-1", Kind.SEALED_REQUEST, body).digest
    return digest, Unseal(target=digest, salt=SALT.hex(), document=document)


def test_a_sealed_request_tells_only_its_class_until_it_is_opened() -> None:
    """By whoever has the salt, once."""
    commons = Commons()
    digest, opening = sealed(commons)
    record = commons.ledger.state.requests[digest]
    assert (record.party, record.opened) == ("", None)
    assert commons.say("legal-2", Kind.UNSEAL, opening)
    assert commons.ledger.state.requests[digest].party == "state-of-mainland"
    again = commons.say("legal-1", Kind.UNSEAL, opening)
    assert again.why == "the request was opened already"


def test_what_was_not_sealed_opens_nothing() -> None:
    """Another salt, another document, another entry."""
    commons = Commons()
    digest, opening = sealed(commons)
    wrong = [
        (replace(opening, salt="00" * 32), "are not what was sealed"),
        (replace(opening, document=commons.request("other").to_json()), "are not what was sealed"),
        (replace(opening, target="ab" * 32), "names no sealed request"),
    ]
    for unseal, why in wrong:
        assert why in commons.say("legal-1", Kind.UNSEAL, unseal).why
    plain = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    assert "names no sealed request" in commons.say("legal-1", Kind.UNSEAL, replace(opening, target=plain)).why
    assert commons.ledger.state.requests[digest].opened is None


def test_what_was_sealed_and_is_no_request_is_not_opened() -> None:
    """The commitment is right; what it hides is not."""
    commons = Commons()
    document = {"anything": 1}
    body = SealedRequest(
        received_at=commons.now_s,
        commitment=commitment_of(SALT, document),
        request_class=Want.WITHHOLD,
        unseal_at=commons.now_s + DAY_S,
        nonce=commons.nonce(),
    )
    digest = commons.say("legal-1", Kind.SEALED_REQUEST, body).digest
    ruling = commons.say("legal-1", Kind.UNSEAL, Unseal(target=digest, salt=SALT.hex(), document=document))
    assert "anything" in ruling.why


def test_a_flood_of_requests_by_one_seat_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others can still register."""
    monkeypatch.setattr(ledger_register, "MAX_OPEN_REQUESTS", 2)
    commons = Commons()
    for _ in range(2):
        assert commons.say("aid-1", Kind.REQUEST, commons.request())
    assert "registered 2 requests that nobody answered" in commons.say("aid-1", Kind.REQUEST, commons.request()).why
    assert commons.say("ops-1", Kind.REQUEST, commons.request())


def test_licences_are_registered_by_legal_seats() -> None:
    """A newer record takes the place of the older."""
    commons = Commons()
    assert "registered by a seat with the role legal" in commons.say("ops-1", Kind.LICENCE, commons.licence()).why
    assert commons.register_licence()
    first = commons.ledger.state.licences["licence-1"]
    assert commons.register_licence()
    assert commons.ledger.state.licences["licence-1"].index == first.index + 1


def test_interests_are_only_ever_added() -> None:
    """Nobody declares one away."""
    commons = Commons()
    for party in ("one", "two"):
        commons.say("ops-1", Kind.INTEREST, Interest(parties=(party,), nonce=commons.nonce()))
    assert commons.ledger.state.interests["ops-1"] == {"one", "two"}


def test_one_open_appeal_of_a_party_against_a_decision() -> None:
    """Another party's is another one."""
    commons = lit()
    appeal = Appeal(
        decision=commons.in_force(Effect.REDUCE),
        appellant=Asker(party="islanders", kind=AskerKind.OTHER),
        ground="not asked",
        nonce=commons.nonce(),
    )
    assert commons.say("legal-1", Kind.APPEAL, appeal)
    again = replace(appeal, nonce=commons.nonce())
    assert "is open already" in commons.say("legal-1", Kind.APPEAL, again).why
    other = replace(again, appellant=Asker(party="fishers", kind=AskerKind.OTHER))
    assert commons.say("legal-1", Kind.APPEAL, other)
    nothing = replace(other, decision="ab" * 32)
    assert commons.say("legal-1", Kind.APPEAL, nothing).why == "it names no decision of this log"
