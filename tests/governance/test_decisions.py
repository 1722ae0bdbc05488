"""The form of a decision."""

import json

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json
from skycommons.governance.decisions import Decision, DecisionKind, Effect
from skycommons.governance.policy import RuleName
from tests.support.documents import DECISION, HASH, changed


def test_a_decision_is_read_as_it_was_written() -> None:
    """With its objects within."""
    decision = Decision.from_json(DECISION)
    assert decision.to_json() == DECISION
    assert json.loads(json.dumps(decision.to_json())) == DECISION
    assert (decision.kind, decision.effect) == (DecisionKind.TERRITORY, Effect.REDUCE)
    assert decision.quorum_rule is RuleName.SUSPEND_TERRITORY
    assert decision.protected.sites[0].id == "clinic-1"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("title", "", "title: must have 1 to 200"),
        ("title", "a\u202eb", r"title: holds the character U\+202E"),
        ("kind", "planet", "kind: must be territory or customer-group"),
        ("effect", "throttle", "effect: must be reduce or add"),
        ("to.state", "off", "to.state: must be active or inactive"),
        ("to.service_class", "none", "to.service_class: must be priority"),
        ("scope.h3_res", 6, "scope.h3_res: must be 5"),
        ("scope.h3_res", 0, "scope.h3_res: must be 5"),
        ("scope.cells_count", 0, "scope.cells_count: must be 0 without a list of cells, and 1 or more with one"),
        ("scope.cells_sha256", "", "scope.cells_count: must be 0 without a list of cells"),
        ("scope.border", "half", "scope.border: must be full or center or none"),
        ("scope.who", "all", "scope.who: must be registered or located or both"),
        ("scope.groups", ["A"], "scope.groups.0: must be an id"),
        ("target", "ab", "target: must be a SHA-256 hash"),
        ("policy_sha256", "", "policy_sha256: must be a SHA-256 hash as 64 lower-case hex digits$"),
        ("protected.exempt", "no", "protected.exempt: must be true or false"),
        ("protected.sites.0.reason", "", "protected.sites.0.reason: must have 1 to 300"),
        ("legal_basis.type", "whim", "legal_basis.type: must be court-order or"),
        ("legal_basis.sealed_until", -1, "legal_basis.sealed_until: must be 0 to"),
        ("parties", ["ministry", "ministry"], "parties: holds ministry twice"),
        ("roster_epoch", 0, "roster_epoch: must be 1 to"),
        ("quorum_rule", "mine", "quorum_rule: must be suspend-territory or"),
        ("not_before_delay_s", -1, "not_before_delay_s: must be 0 to"),
        ("nonce", "", "nonce: must be 16 to 32 random bytes"),
        ("id", "1", "id: is not known here"),
    ],
)
def test_a_decision_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place."""
    with pytest.raises(FormatError, match=words):
        Decision.from_json(changed(DECISION, path, value))


def test_a_decision_needs_every_key() -> None:
    """There are no defaults in what is signed."""
    for key in DECISION:
        with pytest.raises(FormatError, match=f"{key}: is missing"):
            Decision.from_json(changed(DECISION, key, None))


def test_a_decision_may_be_without_cells() -> None:
    """Over a group, or over the policy; then it has no resolution, or the usual one."""
    scope: dict[str, Json] = {
        **dict.fromkeys(("h3_version", "cells_sha256", "polygon_sha256"), ""),
        "h3_res": 0,
        "cells_count": 0,
        "border": "none",
        "who": "registered",
        "groups": ["fleet-a"],
    }
    document: dict[str, Json] = {**DECISION, "kind": "customer-group", "scope": scope}
    assert Decision.from_json(document).to_json() == document
    assert Decision.from_json(changed(document, "scope.h3_res", 5)).scope.h3_res == 5
    with pytest.raises(FormatError, match=r"scope.h3_res: must be 0 or 5"):
        Decision.from_json(changed(document, "scope.h3_res", 4))


def test_a_protected_user_is_named_once() -> None:
    """Two reasons for one are a fault."""
    site: dict[str, Json] = {"id": "clinic-1", "reason": "a"}
    with pytest.raises(FormatError, match=r"protected.sites: names one of them twice"):
        Decision.from_json(changed(DECISION, "protected.sites", [site, {**site, "reason": "b"}]))
    assert HASH in str(Decision.from_json(DECISION))
