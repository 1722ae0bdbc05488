"""Into the service map and out of it."""

from dataclasses import replace

from skycommons.governance.decisions import Decision, DecisionKind, Effect, Protected
from skycommons.governance.policy import RuleName, default_policy
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Border
from tests.governance.test_ledger_submit import dark, emergency, lit
from tests.governance.test_ledger_votes import GOVERNORS, PANEL, asked, changing
from tests.support.commons import DAY_S, HOUR_S, ISLAND, SHORE, Commons


def group_decision(commons: Commons, effect: Effect, *groups: str, target: str = "") -> Decision:
    """A decision over groups of customers."""
    rule = RuleName.SUSPEND_GROUP if effect == Effect.REDUCE else RuleName.RESTORE
    decision = commons.decision(effect, rule=rule, kind=DecisionKind.CUSTOMER_GROUP, target=target)
    scope = replace(decision.scope, cells_sha256="", cells_count=0, border=Border.NONE, groups=groups)
    decision = replace(decision, scope=scope)
    return replace(decision, preview_sha256=commons.put(commons.preview(decision).encode()))


def test_nothing_outside_the_signed_cells_changes() -> None:
    """The effect is the cell set and no more."""
    commons = lit()
    commons.in_force(Effect.REDUCE)
    assert set(commons.ledger.state.levels(frozenset(SHORE)).values()) == {3}
    assert set(commons.ledger.state.levels(frozenset(ISLAND)).values()) == {0}


def test_a_restore_of_everything_ends_the_reduction() -> None:
    """At once: two approvals and a witness."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE)
    restore = commons.submit("ops-1", commons.decision(Effect.RESTORE, target=digest)).digest
    commons.approve(restore, "ops-2", "aid-1")
    commons.witness(10)
    assert commons.record(digest).state == State.ENDED
    assert not commons.ledger.state.layers


def test_a_restored_emergency_is_reviewed_all_the_same() -> None:
    """Ending it early does not spare it."""
    commons = lit()
    digest = commons.submit("ops-1", emergency(commons, Effect.REDUCE)).digest
    commons.approve(digest, "ops-1", "legal-1")
    commons.witness(10)
    restore = commons.submit("ops-1", commons.decision(Effect.RESTORE, target=digest)).digest
    commons.approve(restore, "ops-2", "aid-1")
    commons.witness(10)
    assert commons.record(digest).state == State.REVIEW_OPEN


def test_a_change_of_the_rules_voids_everything_that_waits() -> None:
    """It was asked for under other rules; what failed is not sent again."""
    commons = lit()
    failed = commons.in_force(Effect.REDUCE, SHORE)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, failed, Verdict.FAILED)
    waiting = asked(commons)
    digest = changing(commons, DecisionKind.POLICY, replace(default_policy(), version=2).encode())
    commons.approve(digest, *GOVERNORS)
    commons.witness(60)
    assert commons.record(waiting).state == State.OPEN
    commons.witness(2 * DAY_S)
    late = asked(commons)
    commons.witness(5 * DAY_S)
    assert commons.record(digest).state == State.ENDED
    assert commons.ledger.state.policy.version == 2
    assert commons.record(late).state == State.VOID
    assert commons.record(failed).state == State.LAPSED


def test_what_failed_lapses_where_something_else_took_effect() -> None:
    """It was prepared on another state."""
    commons = lit()
    failed = commons.in_force(Effect.REDUCE)
    for seat in ("ops-1", "legal-1"):
        commons.cast(seat, failed, Verdict.FAILED)
    digest = commons.submit("ops-1", emergency(commons, Effect.REDUCE, ISLAND[:1])).digest
    commons.approve(digest, "ops-1", "legal-1")
    commons.witness(10)
    assert commons.record(failed).state == State.LAPSED
    assert commons.record(digest).state == State.EMERGENCY_EFFECTIVE


def test_a_new_key_is_announced_and_voids_nothing() -> None:
    """Trust files are changed by those who trust."""
    commons = lit()
    waiting = asked(commons)
    digest = changing(commons, DecisionKind.KEY, b"a new trust file")
    commons.approve(digest, *GOVERNORS)
    commons.witness(60)
    commons.witness(7 * DAY_S)
    assert commons.record(digest).state == State.ENDED
    assert commons.record(waiting).state == State.OPEN


def test_groups_are_suspended_and_restored_by_name() -> None:
    """One of two is taken out again."""
    commons = lit()
    digest = commons.submit("ops-1", group_decision(commons, Effect.REDUCE, "school-net", "port-net")).digest
    commons.approve(digest, *PANEL)
    commons.witness(60)
    commons.witness(DAY_S)
    restore = commons.submit("ops-1", group_decision(commons, Effect.RESTORE, "port-net", target=digest)).digest
    commons.approve(restore, "ops-2", "aid-1")
    commons.witness(10)
    layer = commons.ledger.state.layers[0]
    assert (layer.groups, layer.groups_without) == (("school-net", "port-net"), ("port-net",))
    assert layer.places == {"customer-group:school-net"}


def test_each_change_is_a_version_with_the_hash_of_the_one_before() -> None:
    """So nobody can leave one out."""
    import json

    commons = dark()
    before = commons.ledger.state.versions[-1]
    commons.in_force(Effect.ADD)
    manifest = json.loads(commons.ledger.state.manifest)
    assert (manifest["version"], manifest["previous_sha256"]) == (1, before)
    commons.in_force(Effect.ADD, SHORE)
    manifest = json.loads(commons.ledger.state.manifest)
    assert (manifest["version"], manifest["previous_sha256"]) == (2, commons.ledger.state.versions[1])
    assert len(manifest["layers"]) == 2


def test_protected_users_are_spared_in_the_map_itself() -> None:
    """The scheduler reads it there."""
    import json

    commons = lit()
    commons.in_force(Effect.REDUCE, protected=("clinic",))
    layer = json.loads(commons.ledger.state.manifest)["layers"][0]
    assert layer["exempt"] is True
    assert layer["sites"] == []
    assert layer["ends_at"] > commons.now_s + 6 * HOUR_S


def test_a_request_is_granted_or_refused_by_the_decision_that_names_it() -> None:
    """Its status follows."""
    from skycommons.governance.entries import Kind

    commons = lit()
    granted = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    refused = commons.say("aid-1", Kind.REQUEST, commons.request()).digest
    commons.in_force(Effect.REDUCE, request=granted)
    digest = commons.submit("ops-1", commons.decision(Effect.REDUCE, SHORE, request=refused)).digest
    for seat in PANEL:
        commons.cast(seat, digest, Verdict.REJECT)
    assert commons.ledger.state.requests[granted].status == "granted"
    assert commons.ledger.state.requests[refused].status == "refused"
    assert commons.ledger.state.requests[refused].decisions == (digest,)
    assert Protected(exempt=True) == commons.record(digest).decision.protected
