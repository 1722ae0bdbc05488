"""The policy and its bounds: no figures let one person change anything."""

import json
from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json
from skycommons.governance.policy import DAY_S, HOUR_S, Policy, RuleName, default_policy, parse_policy_document
from skycommons.governance.words import Role
from tests.support.documents import changed

DOCUMENT: dict[str, Json] = default_policy().to_json()


def test_a_policy_is_read_as_it_was_written() -> None:
    """By object and by text; its hash is that of the text."""
    policy = default_policy()
    assert Policy.from_json(DOCUMENT) == policy
    assert parse_policy_document(policy.encode()) == policy
    assert json.loads(policy.encode()) == DOCUMENT
    assert len(policy.sha256) == 64


@pytest.mark.parametrize(
    ("name", "approvals", "seats", "roles", "delay_s", "max_duration_s"),
    [
        (RuleName.SUSPEND_TERRITORY, 4, 7, 3, 72 * HOUR_S, 30 * DAY_S),
        (RuleName.RESTRICT_TERRITORY, 3, 5, 2, DAY_S, 90 * DAY_S),
        (RuleName.SUSPEND_GROUP, 3, 5, 2, DAY_S, 90 * DAY_S),
        (RuleName.ACTIVATE, 3, 5, 2, DAY_S, 0),
        (RuleName.RESTORE, 2, 5, 1, 0, 0),
        (RuleName.GOVERNANCE, 5, 7, 2, 7 * DAY_S, 0),
        (RuleName.EMERGENCY_REDUCE, 2, 2, 2, 0, 6 * HOUR_S),
        (RuleName.EMERGENCY_ADD, 2, 2, 2, 0, 72 * HOUR_S),
        (RuleName.REVIEW, 2, 2, 1, 0, 0),
        (RuleName.APPEAL, 2, 2, 1, 0, 0),
    ],
)
def test_the_policy_to_begin_with_has_the_published_figures(
    name: RuleName, approvals: int, seats: int, roles: int, delay_s: int, max_duration_s: int
) -> None:
    """Quorum, delay and end of each class of decisions."""
    rule = default_policy().rules[name]
    assert (rule.approvals, rule.seats, rule.least_roles) == (approvals, seats, roles)
    assert (rule.delay_s, rule.max_duration_s) == (delay_s, max_duration_s)
    assert rule.emergency == rule.requester_counts == (name in {"emergency-reduce", "emergency-add"})
    assert rule.rejections == seats - approvals + 1  # as many as make the quorum impossible


def test_the_policy_to_begin_with_has_the_published_safeguards() -> None:
    """Roles, grounds, and what is protected."""
    policy = default_policy()
    suspend, review = policy.rules[RuleName.SUSPEND_TERRITORY], policy.rules[RuleName.REVIEW]
    assert suspend.roles == {Role.OPERATIONS: 1, Role.LEGAL: 1, Role.OVERSIGHT: 1}
    assert review.roles == {Role.OVERSIGHT: 1}
    assert policy.rules[RuleName.EMERGENCY_REDUCE].max_cells == 500
    assert policy.protected_delay_s == 7 * DAY_S
    assert policy.border == {"reduce": "full", "add": "center"}
    assert policy.floor_class == "standard"
    assert "hospital" in policy.protected_classes


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("v", 2, "v: must be 1"),
        ("version", 0, "version: must be 1 to"),
        ("rules.restore", None, "rules.restore: is missing"),
        ("rules.mine", {}, "rules.mine: is not known here"),
        ("rules.restore.approvals", 0, "rules.restore.approvals: must be 1 to 100"),
        ("rules.restore.approvals", 6, "rules.restore.approvals: cannot be more than seats"),
        ("rules.restore.rejections", 0, "rules.restore.rejections: must be 1"),
        ("rules.restore.rejections", 6, "rules.restore.rejections: cannot be more than seats"),
        ("rules.restore.roles", {"legal": 3}, "rules.restore.roles: ask for more seats than there are approvals"),
        ("rules.restore.roles", {"king": 1}, "rules.restore.roles.king: is not known here"),
        ("rules.restore.distinct_roles", 3, "rules.restore.distinct_roles: ask for more seats"),
        ("rules.restore.organisations", 3, "rules.restore.organisations: ask for more seats"),
        ("rules.restore.approval_clock_s", 0, "approval_clock_s: must be 1"),
        ("rules.restore.bases", ["whim"], r"rules.restore.bases.0: must be court-order or"),
        ("protected_classes", ["a", "a"], "holds a twice"),
        ("h3_res", 6, "h3_res: must be 5 to 5, is 6"),
        ("floor_class", "none", "floor_class: must be priority or"),
        ("open_requests_per_member", 0, "open_requests_per_member: must be 1"),
        ("border.reduce", "center", "border.reduce: must be full"),
        ("border.more", "full", "border.more: is not known here"),
    ],
)
def test_a_policy_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place."""
    with pytest.raises(FormatError, match=words):
        Policy.from_json(changed(DOCUMENT, path, value))


SERVICE_AND_GOVERNANCE = [name for name in RuleName if name not in {"review", "appeal"}]


@pytest.mark.parametrize("name", SERVICE_AND_GOVERNANCE)
def test_no_policy_lets_one_person_decide(name: str) -> None:
    """Two approvals, whatever the rule is about."""
    document = changed(DOCUMENT, f"rules.{name}.roles", {})
    document = changed(document, f"rules.{name}.distinct_roles", 1)
    document = changed(document, f"rules.{name}.organisations", 1)
    with pytest.raises(FormatError, match=f"rules.{name}.approvals: must be 2 or more: no single hand"):
        Policy.from_json(changed(document, f"rules.{name}.approvals", 1))


@pytest.mark.parametrize("name", [name for name in SERVICE_AND_GOVERNANCE if name != "restore"])
def test_no_policy_lets_one_role_decide(name: str) -> None:
    """Two of them, by their number or by their names; only a restore needs one."""
    document = changed(changed(DOCUMENT, f"rules.{name}.roles", {}), f"rules.{name}.distinct_roles", 1)
    with pytest.raises(FormatError, match=f"rules.{name}.distinct_roles: must be 2 or more"):
        Policy.from_json(document)
    named = changed(document, f"rules.{name}.roles", {"legal": 1, "technical": 1})
    assert Policy.from_json(named).rules[name].least_roles == 2


@pytest.mark.parametrize("name", RuleName)
def test_who_asks_decides_only_in_emergencies_and_restores(name: str) -> None:
    """A vote of one's own counts nowhere else."""
    document = changed(DOCUMENT, f"rules.{name}.requester_counts", True)
    if name in {"emergency-reduce", "emergency-add", "restore"}:
        assert Policy.from_json(document).rules[name].requester_counts
    else:
        with pytest.raises(FormatError, match="who asks does not decide"):
            Policy.from_json(document)


@pytest.mark.parametrize("name", RuleName)
def test_what_is_an_emergency_is_no_matter_of_figures(name: str) -> None:
    """The flag goes with the name."""
    is_emergency = name.startswith("emergency")
    with pytest.raises(FormatError, match=f"emergency: must be {str(is_emergency).lower()}"):
        Policy.from_json(changed(DOCUMENT, f"rules.{name}.emergency", not is_emergency))


@pytest.mark.parametrize(
    "name", ["suspend-territory", "restrict-territory", "suspend-group", "emergency-reduce", "emergency-add"]
)
def test_what_takes_service_away_ends(name: str) -> None:
    """And what is lit in an emergency."""
    with pytest.raises(FormatError, match=f"rules.{name}.max_duration_s: must be 1 or more: it has to end"):
        Policy.from_json(changed(DOCUMENT, f"rules.{name}.max_duration_s", 0))


@pytest.mark.parametrize("name", ["suspend-territory", "restrict-territory", "suspend-group"])
def test_a_regular_reduction_waits(name: str) -> None:
    """So that it can be vetoed."""
    with pytest.raises(FormatError, match=f"rules.{name}.delay_s: must be 1 or more"):
        Policy.from_json(changed(DOCUMENT, f"rules.{name}.delay_s", 0))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("rules.governance.approvals", 3, "rules.governance.approvals: must be no fewer than those of any other rule"),
        ("rules.governance.delay_s", 72 * HOUR_S - 1, "rules.governance.delay_s: must be 1 or more, and no less"),
        ("rules.activate.delay_s", 8 * DAY_S, "rules.governance.delay_s: must be 1 or more, and no less"),
        ("rules.restore.approvals", 4, "rules.restore.approvals: must be no more than"),
        ("rules.restore.delay_s", DAY_S + 1, "rules.restore.delay_s: must be no more than"),
        (
            "protected_delay_s",
            72 * HOUR_S - 1,
            "protected_delay_s: must be no less than the delay of suspend-territory",
        ),
        ("rules.emergency-reduce.max_duration_s", 31 * DAY_S, "must be no more than that of any regular reduction"),
        ("rules.emergency-reduce.max_duration_s", 3 * DAY_S + 1, "must be 259,200 or less: an emergency is short"),
        ("rules.emergency-add.max_duration_s", 3 * DAY_S + 1, "must be 259,200 or less: an emergency is short"),
        ("rules.emergency-reduce.max_cells", 0, "an emergency is small"),
        ("rules.emergency-reduce.bases", [], "must name the grounds"),
    ],
)
def test_rules_keep_their_order(path: str, value: Json, words: str) -> None:
    """The one that can change the others is the hardest, giving back the easiest, an emergency the shortest."""
    with pytest.raises(FormatError, match=words):
        Policy.from_json(changed(DOCUMENT, path, value))


def test_governance_waits_even_where_nothing_else_does() -> None:
    """At least a second."""
    document = DOCUMENT
    for name in RuleName:
        document = changed(document, f"rules.{name}.delay_s", 0)
    with pytest.raises(FormatError, match=r"rules.governance.delay_s: must be 1 or more"):
        Policy.from_json(document)


def test_figures_at_the_bounds_are_free() -> None:
    """The weakest policy that there can be is still read."""
    document = changed(DOCUMENT, "rules.governance.approvals", 4)
    document = changed(document, "rules.governance.delay_s", 72 * HOUR_S)
    document = changed(document, "rules.restore.approvals", 3)
    document = changed(document, "rules.restore.delay_s", DAY_S)
    document = changed(document, "protected_delay_s", 72 * HOUR_S)
    document = changed(document, "rules.emergency-reduce.max_duration_s", 3 * DAY_S)
    document = changed(document, "rules.review.approvals", 1)
    assert Policy.from_json(document).to_json() == document


def test_the_hash_is_that_of_the_text_also_when_it_was_asked_before() -> None:
    """A changed policy has its own, and neither stands in the text."""
    policy = default_policy()
    first = policy.sha256
    later = replace(policy, version=2)
    assert later.sha256 != first == policy.sha256
    assert later == Policy.from_json(later.to_json())
