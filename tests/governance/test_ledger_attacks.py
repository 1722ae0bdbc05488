"""What one or two hands tried against the rules of the ledger, and what came of it."""

from dataclasses import replace

from skycommons.governance.decisions import Decision, Effect, To
from skycommons.governance.entries import Kind
from skycommons.governance.policy import RuleName
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from skycommons.governance.words import ServiceClass, ServiceState
from tests.governance.test_ledger_apply import group_decision
from tests.governance.test_ledger_submit import dark, lit, why
from tests.governance.test_ledger_votes import appeal_of
from tests.support.commons import DAY_S, ISLAND, Commons

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
