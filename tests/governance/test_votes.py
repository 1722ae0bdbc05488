"""The form of a vote."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json
from skycommons.governance.entries import Kind
from skycommons.governance.votes import Verdict, Vote
from skycommons.governance.words import Role
from tests.support.documents import BODIES, changed

VOTE = BODIES[Kind.VOTE]


def test_a_vote_is_read() -> None:
    """With its words."""
    vote = Vote.from_json(VOTE)
    assert (vote.verdict, vote.role, vote.conflict) == (Verdict.APPROVE, Role.OPERATIONS, "none")


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_can_be_cast(verdict: Verdict) -> None:
    """Also without a preview."""
    document = changed(changed(VOTE, "verdict", verdict.value), "preview_sha256", "")
    assert Vote.from_json(document).to_json() == document


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("subject", "", "subject: must be a SHA-256 hash"),
        ("verdict", "maybe", "verdict: must be approve or reject"),
        ("role", "king", "role: must be operations"),
        ("roster_epoch", 0, "roster_epoch: must be 1"),
        ("conflict", "", "conflict: must have 1 to 2,000"),
        ("reason", "x" * 2_001, "reason: must have 0 to 2,000"),
        ("valid_until", 1_799_999_999, "valid_until: must not be before issued_at"),
    ],
)
def test_a_vote_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place."""
    with pytest.raises(FormatError, match=words):
        Vote.from_json(changed(VOTE, path, value))
