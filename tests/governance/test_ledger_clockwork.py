"""What time does."""

import pytest

from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind
from skycommons.governance.licences import LicenceStatus
from skycommons.governance.operator_entries import Witnessed
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from tests.governance.test_ledger_submit import dark, emergency, lit
from tests.governance.test_ledger_votes import PANEL, asked
from tests.support.commons import BEGIN_S, DAY_S, HOUR_S, ISLAND, SHORE, Commons


def queued(commons: Commons) -> str:
    """A suspension whose quorum is met."""
    digest = asked(commons)
    commons.approve(digest, *PANEL)
    return digest


def test_the_time_lock_runs_from_when_witnesses_saw_the_quorum() -> None:
    """To the second, and not from when somebody says that it was."""
    commons = lit()
    digest = queued(commons)
    commons.witness(500)
    assert commons.record(digest).queued_at_s == commons.now_s
    commons.witness(72 * HOUR_S - 1)
    assert commons.record(digest).state == State.QUEUED
    commons.witness(1)
    assert commons.record(digest).state == State.APPLYING
    assert commons.record(digest).applied_at_s == commons.now_s


def test_an_old_head_begins_no_clock() -> None:
    """One from before the quorum does not show it, however late it is cosigned."""
    commons = lit()
    before = commons.ledger.size
    digest = queued(commons)
    commons.now_s += DAY_S
    commons.operator(Kind.WITNESSED, witnessed(commons, before))
    assert (commons.record(digest).opened_at_s, commons.record(digest).queued_at_s) == (0, 0)
    commons.operator(Kind.WITNESSED, witnessed(commons, commons.record(digest).queued_index))
    assert commons.record(digest).opened_at_s == commons.now_s
    assert commons.record(digest).queued_at_s == 0
    commons.witness(80 * HOUR_S)
    assert commons.record(digest).state == State.QUEUED


def witnessed(commons: Commons, size: int) -> Witnessed:
    """The body of an entry that tells of an earlier head."""
    return Witnessed(note=commons.note(size).encode().decode())


def test_one_witness_that_lies_shortens_nothing() -> None:
    """Neither by saying early when it began nor by saying late when it ends."""
    commons = lit()
    digest = queued(commons)
    commons.witness(60, times=(1, commons.now_s + 60, commons.now_s + 60))
    assert commons.record(digest).queued_at_s == commons.now_s
    commons.witness(60, times=(commons.now_s + 30 * DAY_S, commons.now_s + 60, commons.now_s + 60))
    assert commons.record(digest).state == State.QUEUED
    assert commons.ledger.state.now_s == commons.now_s


def test_a_witness_that_lies_while_another_is_away_puts_nothing_off_for_long() -> None:
    """The next head that all three saw tells better."""
    commons = lit()
    digest = queued(commons)
    far_s = commons.now_s + 365 * DAY_S
    commons.witness(60, times=(far_s, commons.now_s + 60, None))
    assert commons.record(digest).queued_at_s == far_s
    commons.witness(60, times=(far_s, commons.now_s + 60, commons.now_s + 60))
    assert commons.record(digest).queued_at_s == commons.now_s
    commons.witness(72 * HOUR_S)
    assert commons.record(digest).state == State.APPLYING


def test_time_never_goes_back() -> None:
    """A head with earlier times is accepted and changes nothing."""
    commons = lit()
    commons.witness(DAY_S)
    now_s = commons.ledger.state.now_s
    assert commons.witness(times=(BEGIN_S, BEGIN_S, BEGIN_S))
    assert commons.ledger.state.now_s == now_s


@pytest.mark.parametrize("times", [(None, None, None), (BEGIN_S, None, None)])
def test_a_head_that_too_few_saw_is_void(times: tuple[int | None, ...]) -> None:
    """The operator cannot make time pass."""
    commons = lit()
    now_s = commons.ledger.state.now_s
    ruling = commons.witness(DAY_S, times=times)
    assert "the quorum enough is not met" in ruling.why
    assert commons.ledger.state.now_s == now_s


def test_what_waits_too_long_lapses() -> None:
    """Its delay was over, and so was its time for taking effect."""
    commons = lit()
    digest = queued(commons)
    commons.witness(60)
    commons.witness((3 + 3) * DAY_S + 1)
    assert commons.record(digest).state == State.LAPSED
    assert not commons.ledger.state.layers


def test_a_reduction_ends_by_itself() -> None:
    """Its layer is gone and nothing else is needed."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE, ends_at=commons.now_s + 10 * DAY_S)
    assert commons.acknowledge(digest)
    commons.witness(7 * DAY_S)
    assert commons.record(digest).state == State.ENDED
    assert not commons.ledger.state.layers
    assert commons.ledger.state.map_version == 2


def test_a_reduction_that_would_last_too_long_is_void_when_its_time_comes() -> None:
    """Counted from when it takes effect."""
    commons = lit()
    digest = commons.submit("ops-1", commons.decision(Effect.REDUCE, ends_at=commons.now_s + 40 * DAY_S)).digest
    commons.approve(digest, *PANEL)
    commons.witness(60)
    commons.witness(72 * HOUR_S)
    assert commons.record(digest).state == State.VOID
    assert "would last longer than the 2592000 s" in commons.record(digest).history[-1].why


def test_a_licence_that_is_withdrawn_stops_what_waits() -> None:
    """And darkens nothing that is lit."""
    commons = dark()
    shore = commons.in_force(Effect.ADD, SHORE)
    digest = asked(commons, Effect.ADD)
    commons.approve(digest, *PANEL)
    commons.witness(60)
    commons.say("legal-1", Kind.LICENCE, commons.licence(status=LicenceStatus.WITHDRAWN))
    commons.witness(DAY_S)
    assert commons.record(digest).state == State.VOID
    assert commons.record(digest).history[-1].why == "the licence licence-1 was withdrawn or replaced"
    assert [layer.decision for layer in commons.ledger.state.layers] == [shore]


def test_an_emergency_reverts_by_itself_and_opens_its_review() -> None:
    """At its end, whatever anybody does."""
    commons = lit()
    digest = commons.submit("ops-1", emergency(commons, Effect.REDUCE)).digest
    commons.approve(digest, "ops-1", "legal-1")
    commons.witness(30)
    assert commons.ledger.state.levels(frozenset(ISLAND))[ISLAND[0]] == 0
    commons.witness(6 * HOUR_S)
    assert [step.state for step in commons.record(digest).history[-2:]] == [State.AUTO_REVERTED, State.REVIEW_OPEN]
    assert commons.ledger.state.levels(frozenset(ISLAND))[ISLAND[0]] == 3


def test_an_emergency_cannot_be_asked_for_longer_than_it_may_last() -> None:
    """It is void when witnesses see it."""
    commons = lit()
    decision = emergency(commons, Effect.REDUCE, ends_at=commons.now_s + 7 * HOUR_S)
    digest = commons.submit("ops-1", decision).digest
    commons.approve(digest, "ops-1", "legal-1")
    commons.witness(30)
    assert commons.record(digest).state == State.VOID


def test_an_emergency_that_nobody_saw_in_time_is_void() -> None:
    """Its end came first."""
    commons = lit()
    digest = commons.submit("ops-1", emergency(commons, Effect.REDUCE)).digest
    commons.approve(digest, "ops-1", "legal-1")
    commons.witness(6 * HOUR_S)
    assert commons.record(digest).state == State.VOID
    assert commons.record(digest).history[-1].why == "it would have ended already"


def test_two_that_wait_for_the_same_places_do_not_both_take_effect() -> None:
    """The second was prepared on another state."""
    commons = lit()
    first, second = queued(commons), queued(commons)
    elsewhere = commons.submit("ops-1", commons.decision(Effect.REDUCE, SHORE)).digest
    commons.approve(elsewhere, *PANEL)
    commons.witness(60)
    commons.witness(72 * HOUR_S)
    assert commons.record(first).state == State.APPLYING
    assert commons.record(second).state == State.VOID
    assert commons.record(elsewhere).state == State.APPLYING
    assert commons.ledger.state.map_version == 2


def test_what_could_not_be_enforced_in_its_time_lapses() -> None:
    """It is not sent again years later."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, digest, Verdict.FAILED)
    commons.witness(3 * DAY_S + 61)
    assert commons.record(digest).state == State.LAPSED


def test_a_failed_addition_that_stays_in_the_map_ends_with_it() -> None:
    """Its state is lapsed then."""
    commons = dark()
    digest = commons.in_force(Effect.ADD, ends_at=commons.now_s + 2 * DAY_S)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, digest, Verdict.FAILED)
    commons.witness(DAY_S)
    assert commons.record(digest).state == State.LAPSED
    assert not commons.ledger.state.layers


@pytest.mark.parametrize(("late_s", "state"), [(0, State.APPLYING), (1, State.LAPSED)])
def test_the_last_second_at_which_a_decision_may_take_effect(late_s: int, state: State) -> None:
    """Its delay and its time for taking effect, and not one second more."""
    commons = lit()
    digest = queued(commons)
    commons.witness(60)
    commons.witness((3 + 3) * DAY_S + late_s)
    assert commons.record(digest).state == state


@pytest.mark.parametrize(("late_s", "state"), [(0, State.FAILED), (1, State.LAPSED)])
def test_the_last_second_at_which_what_failed_may_be_sent_again(late_s: int, state: State) -> None:
    """The same."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, digest, Verdict.FAILED)
    commons.witness(3 * DAY_S + late_s)
    assert commons.record(digest).state == state


def test_what_time_brings_about_names_the_entry_that_told_the_time() -> None:
    """An auditor finds there who swore to it."""
    commons = lit()
    failed = commons.in_force(Effect.REDUCE, SHORE)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, failed, Verdict.FAILED)
    urgent = commons.submit("ops-1", emergency(commons, Effect.REDUCE, ISLAND[:1])).digest
    commons.approve(urgent, "ops-1", "legal-1")
    commons.witness(30)
    waiting = queued(commons)
    long = commons.submit(
        "ops-1", commons.decision(Effect.REDUCE, ISLAND[4:], ends_at=commons.now_s + 60 * DAY_S)
    ).digest
    commons.approve(long, *PANEL)
    commons.witness(60)
    ruling = commons.witness(3 * DAY_S)
    for digest in (urgent, failed, long, waiting):
        record = commons.record(digest)
        assert record.state not in {State.OPEN, State.QUEUED, State.FAILED}, record.state
        assert record.history[-1].index == ruling.index
    commons = lit()
    late = queued(commons)
    commons.witness(60)
    ruling = commons.witness(7 * DAY_S)
    assert (commons.record(late).state, commons.record(late).history[-1].index) == (State.LAPSED, ruling.index)
    silent = asked(commons)
    commons.witness(60)
    ruling = commons.witness(14 * DAY_S)
    assert (commons.record(silent).state, commons.record(silent).history[-1].index) == (State.LAPSED, ruling.index)
