"""The operator's own entries."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json
from skycommons.governance.entries import Kind
from skycommons.governance.operator_entries import Effective, Genesis, Snapshot, Witnessed
from skycommons.governance.policy import default_policy
from tests.support.documents import BODIES, ROSTER, changed


def test_a_log_begins_with_policy_and_roster() -> None:
    """As they stand in their own documents."""
    genesis = Genesis.from_json(BODIES[Kind.GENESIS])
    assert (genesis.policy, genesis.roster) == (default_policy(), ROSTER)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("policy.rules.restore.approvals", 9, "policy.rules.restore.approvals: cannot be more than seats"),
        ("policy.h3_res", 4, "policy.h3_res: must be 5"),
        ("roster.members.0.id", "?", "roster.members.0.id: must be an id"),
        ("roster.v", 2, "roster.v: must be 1"),
        ("default_state", "on", "default_state: must be active"),
        ("note", "a\x07", r"note: holds the character U\+0007"),
    ],
)
def test_a_beginning_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place, also in the policy and the roster within."""
    with pytest.raises(FormatError, match=words):
        Genesis.from_json(changed(BODIES[Kind.GENESIS], path, value))


def test_the_other_entries_name_what_they_are_about() -> None:
    """A note, a decision, a map."""
    with pytest.raises(FormatError, match="note: must have 1 to 60,000"):
        Witnessed.from_json({"note": ""})
    with pytest.raises(FormatError, match="decision: must be a SHA-256 hash"):
        Effective.from_json(changed(BODIES[Kind.EFFECTIVE], "decision", ""))
    with pytest.raises(FormatError, match="map_sha256: must be a SHA-256 hash"):
        Snapshot.from_json(changed(BODIES[Kind.SNAPSHOT], "map_sha256", ""))
