"""States of a decision and what may follow."""

import pytest

from skycommons.governance.states import FOLLOWERS, IN_FORCE, PENDING, UNREVIEWED, State, is_final, may_follow

FINAL = {
    State.ENDED,
    State.REJECTED,
    State.LAPSED,
    State.CANCELLED,
    State.VOID,
    State.VETOED,
    State.UPHELD,
    State.CENSURED,
}


def test_eight_states_are_final() -> None:
    """What was refused, lapsed, voided, ended or judged stays so."""
    assert {state for state in State if is_final(state)} == FINAL


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_follows_a_final_state(state: State) -> None:
    """Not even the same state again."""
    assert not any(may_follow(state, other) for other in State)


def test_a_decision_is_applied_only_from_the_queue_or_again_after_a_failure() -> None:
    """There is no way around the time-lock."""
    assert {before for before in State if may_follow(before, State.APPLYING)} == {State.QUEUED, State.FAILED}
    assert {before for before in State if may_follow(before, State.EMERGENCY_EFFECTIVE)} == {State.QUEUED}


def test_only_what_waits_can_be_vetoed() -> None:
    """What stands in the map is ended by a decision, not by a veto."""
    assert {before for before in State if may_follow(before, State.VETOED)} == PENDING


def test_every_emergency_comes_to_its_review() -> None:
    """There is one way on from an emergency, and it leads there."""
    assert FOLLOWERS[State.EMERGENCY_EFFECTIVE] == {State.AUTO_REVERTED}
    assert FOLLOWERS[State.AUTO_REVERTED] == {State.REVIEW_OPEN}
    assert FOLLOWERS[State.REVIEW_OPEN] == {State.UPHELD, State.CENSURED}


def test_every_state_can_be_reached() -> None:
    """From the first one."""
    reached, added = set[State](), {State.OPEN}
    while added:
        reached |= added
        added = {after for state in added for after in FOLLOWERS.get(state, frozenset())} - reached
    assert reached == set(State)


def test_classes_of_states_do_not_overlap() -> None:
    """What waits is not in force."""
    assert not PENDING & (IN_FORCE | UNREVIEWED)
