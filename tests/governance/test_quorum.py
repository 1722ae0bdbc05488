"""Counting votes."""

from dataclasses import replace

import pytest

from skycommons.base.errors import QuorumError
from skycommons.governance.policy import Rule, RuleName, default_policy
from skycommons.governance.quorum import Ballot, Conflicts, eligible, quorum_result, verify_quorum
from skycommons.governance.roster import Organisation, Roster
from skycommons.governance.words import Role
from tests.support.commons import SEATS, member_of, roster_of

ROSTER = roster_of()
SUSPEND = default_policy().rules[RuleName.SUSPEND_TERRITORY]
EMERGENCY = default_policy().rules[RuleName.EMERGENCY_ADD]
NOBODY = Conflicts()


def ballots(*seats: str) -> list[Ballot]:
    """Votes in the first role of each seat."""
    return [Ballot(member=seat, role=SEATS[seat][1][0]) for seat in seats]


def count(rule: Rule, *seats: str, conflicts: Conflicts = NOBODY, roster: Roster = ROSTER) -> tuple[str, ...]:
    """What a rule lacks with some votes."""
    return quorum_result(rule, roster, ballots(*seats), conflicts).missing


def test_four_of_seven_with_each_side_suspend() -> None:
    """Operations, legal and oversight each have a vote in it."""
    assert not count(SUSPEND, "ops-1", "legal-2", "watch-1", "aid-1")


@pytest.mark.parametrize(
    ("seats", "lacks"),
    [
        ((), "4 of 4 approvals"),
        (("ops-1", "legal-2", "watch-1"), "1 of 4 approvals"),
        (("ops-1", "ops-2", "legal-1", "legal-2"), "1 of the role oversight"),
        (("ops-1", "ops-2", "watch-1", "watch-2"), "1 of the role legal"),
        (("legal-1", "legal-2", "watch-1", "aid-1"), "1 of the role operations"),
    ],
)
def test_what_is_missing_is_named(seats: tuple[str, ...], lacks: str) -> None:
    """In words that the next approver understands."""
    assert lacks in count(SUSPEND, *seats)


def test_a_seat_votes_once_whatever_it_says_twice() -> None:
    """The last of two votes is the one."""
    twice = [*ballots("ops-2"), Ballot(member="ops-2", role=Role.TECHNICAL)]
    result = quorum_result(EMERGENCY, ROSTER, twice, NOBODY)
    assert [one.role for one in result.counted] == [Role.TECHNICAL]
    assert not result


def test_a_vote_in_a_role_that_the_seat_lacks_does_not_count() -> None:
    """Nor does one of somebody without a seat."""
    votes = [Ballot(member="ops-1", role=Role.LEGAL), Ballot(member="ghost", role=Role.LEGAL)]
    result = quorum_result(EMERGENCY, ROSTER, votes, NOBODY)
    assert not result.counted
    assert dict(result.excluded) == {"ops-1": "has no seat as legal", "ghost": "has no seat as legal"}


def test_the_requester_and_the_own_organisation_do_not_count() -> None:
    """Nobody decides what they ask for."""
    conflicts = Conflicts(requester="ops-1")
    result = quorum_result(SUSPEND, ROSTER, ballots("ops-1", "legal-1", "watch-1"), conflicts)
    assert [one.member for one in result.counted] == ["watch-1"]
    assert dict(result.excluded)["legal-1"] == "belongs to operator, as the requester does"


def test_in_an_emergency_the_requester_is_one_of_the_two() -> None:
    """Two roles are needed all the same."""
    conflicts = Conflicts(requester="ops-1")
    assert not count(EMERGENCY, "ops-1", "legal-1", conflicts=conflicts)
    assert count(EMERGENCY, "ops-1", "ops-2", conflicts=conflicts) == ("1 of 2 different roles",)
    assert count(EMERGENCY, "ops-1", conflicts=conflicts) == ("1 of 2 approvals", "1 of 2 different roles")


def test_affiliates_are_one_hand() -> None:
    """In both directions, for requesters and for the number of organisations."""
    bound = replace(
        ROSTER, organisations=(*ROSTER.organisations[:-2], Organisation(id="carrier", affiliates=("operator",)))
    )
    assert "ops-2" not in eligible(SUSPEND, bound, Conflicts(requester="ops-1"))
    assert "ops-1" not in eligible(SUSPEND, bound, Conflicts(requester="ops-2"))
    rule = replace(EMERGENCY, organisations=2)
    assert count(rule, "ops-2", "legal-1", roster=bound) == ("1 of 2 different organisations",)
    assert not count(rule, "ops-2", "legal-1")


@pytest.mark.parametrize("party", ["legal-2", "chamber", "state-x", "state-y"])
def test_an_interest_in_a_party_excludes(party: str) -> None:
    """The seat itself, its organisation, what the roster says, and what it declared."""
    roster = roster_of(legal_2=member_of("legal-2", "chamber", [Role.LEGAL], ["state-x"]))
    conflicts = Conflicts(parties=frozenset({party}), interests={"legal-2": frozenset({"state-y"})})
    assert "legal-2" not in eligible(SUSPEND, roster, conflicts)
    assert "aid-1" in eligible(SUSPEND, roster, conflicts)


def test_recused_and_barred_seats_do_not_count() -> None:
    """Each with its reason."""
    conflicts = Conflicts(recused=frozenset({"ops-1"}), barred=frozenset({"watch-1"}))
    result = quorum_result(SUSPEND, ROSTER, ballots("ops-1", "watch-1"), conflicts)
    assert dict(result.excluded) == {"ops-1": "recused itself", "watch-1": "had a hand in what is judged"}


def test_a_requester_who_has_no_seat_any_more_excludes_nobody_else() -> None:
    """There is no organisation to compare with."""
    assert set(eligible(SUSPEND, ROSTER, Conflicts(requester="gone"))) == set(SEATS)


def test_the_other_face_raises() -> None:
    """With everything that is missing."""
    assert verify_quorum(EMERGENCY, ROSTER, ballots("ops-1", "legal-1"), NOBODY)
    with pytest.raises(QuorumError, match="the quorum is not met: 1 of 2 approvals, 1 of 2 different roles"):
        verify_quorum(EMERGENCY, ROSTER, ballots("ops-1"), NOBODY)
