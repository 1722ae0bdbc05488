"""The books of the ledger."""

from skycommons.governance.decisions import Effect
from skycommons.governance.ledger_state import MAX_VERSIONS_BACK
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from tests.governance.test_ledger_submit import lit
from tests.governance.test_ledger_votes import PANEL, asked


def test_a_last_word_replaces_the_ones_before() -> None:
    """Among the two verdicts that are asked about."""
    commons = lit()
    digest = asked(commons)
    commons.cast("ops-2", digest, Verdict.APPROVE)
    commons.cast("ops-2", digest, Verdict.REJECT)
    commons.cast("aid-1", digest, Verdict.APPROVE)
    record = commons.record(digest)
    assert [one.member for one in record.ballots(Verdict.APPROVE, against=Verdict.REJECT, now_s=0)] == ["aid-1"]
    assert [one.member for one in record.ballots(Verdict.REJECT, against=Verdict.APPROVE, now_s=0)] == ["ops-2"]


def test_history_tells_every_state_with_its_entry_and_time() -> None:
    """In order."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    history = commons.record(digest).history
    assert [step.state for step in history] == [State.OPEN, State.QUEUED, State.APPLYING]
    assert [step.index for step in history] == sorted(step.index for step in history)
    assert history[-1].at_s == commons.record(digest).applied_at_s


def test_what_is_final_keeps_no_cells() -> None:
    """They are many, and nobody asks for them any more."""
    commons = lit()
    digest = asked(commons)
    assert commons.record(digest).places
    for seat in PANEL:
        commons.cast(seat, digest, Verdict.REJECT)
    assert not commons.record(digest).places
    assert digest not in commons.ledger.state.live


def test_changes_of_long_ago_are_forgotten() -> None:
    """A decision cannot be made on a map that is so old."""
    state = lit().ledger.state.copy()
    for _ in range(3 * MAX_VERSIONS_BACK):
        state.new_version((), changed=frozenset({"one"}))
    assert len(state.changes) == MAX_VERSIONS_BACK
    assert state.map_version == 3 * MAX_VERSIONS_BACK


def test_a_decision_on_a_map_of_long_ago_is_void() -> None:
    """Nobody knows any more what changed since."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    for _ in range(MAX_VERSIONS_BACK + 1):
        commons.ledger.state.new_version((), changed=frozenset())
    assert "too far away" in commons.submit("ops-1", decision).why
