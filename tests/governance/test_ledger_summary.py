"""What a database keeps of a ledger."""

import json

import pytest

from skycommons.governance.canonical import canonical_bytes
from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind
from skycommons.governance.ledger_summary import subjects_of, value_of
from skycommons.governance.requests import Interest
from skycommons.governance.votes import Verdict
from tests.governance.test_ledger_submit import lit
from tests.governance.test_ledger_votes import appeal_of
from tests.support.commons import Commons


def full() -> Commons:
    """A commons with something of every kind."""
    commons = lit()
    commons.say("aid-1", Kind.REQUEST, commons.request())
    commons.say("ops-1", Kind.INTEREST, Interest(parties=("b", "a"), nonce=commons.nonce()))
    digest = commons.in_force(Effect.REDUCE)
    appeal = commons.say("legal-1", Kind.APPEAL, appeal_of(commons, digest)).digest
    commons.cast("watch-2", appeal, Verdict.GRANT)
    return commons


def test_every_subject_has_a_canonical_value() -> None:
    """Which can be hashed and compared."""
    summary = full().ledger.summary()
    kinds = {subject.partition("/")[0] for subject in summary}
    assert kinds == {
        *("genesis", "policy", "roster", "map", "clock"),
        *("decision", "request", "appeal", "licence", "interest"),
    }
    for value in summary.values():
        assert json.loads(canonical_bytes(value)) == value


def test_a_decision_tells_its_votes_and_history() -> None:
    """As the log has them."""
    commons = full()
    subject = next(name for name in subjects_of(commons.ledger.state) if name.startswith("decision/"))
    value = commons.ledger.value_of(subject)
    assert isinstance(value, dict)
    assert value["state"] == "applying"
    assert value["votes"][0] == {"entry": 6, "by": "ops-2", "verdict": "approve", "role": "operations"}  # type: ignore[index] # JSON
    assert [step["state"] for step in value["history"]] == ["open", "queued", "applying"]  # type: ignore[union-attr,index,call-overload] # JSON


def test_interests_are_sorted() -> None:
    """One value has one text."""
    assert full().ledger.value_of("interest/ops-1") == ["a", "b"]


def test_what_is_not_there_has_no_value() -> None:
    """Neither a decision nor a kind of subject."""
    state = full().ledger.state
    for subject in ("decision/none", "nothing"):
        with pytest.raises(KeyError):
            value_of(state, subject)
