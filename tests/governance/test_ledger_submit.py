"""What may be asked for at all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from skycommons.base.errors import ProofError
from skycommons.governance.decisions import Decision, DecisionKind, Effect, LegalBasis, Protected, ProtectedSite, To
from skycommons.governance.entries import Kind
from skycommons.governance.ledger_submit import panel_faults
from skycommons.governance.licences import LicenceStatus
from skycommons.governance.policy import RuleName, default_policy
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Basis, Border, Role, ServiceClass, ServiceState
from tests.support.commons import BEGIN_S, DAY_S, HOUR_S, ISLAND, SHORE, Commons, member_of, roster_of

OTHER = "ab" * 32


def lit() -> Commons:
    """A commons whose island and shore have service by default, with a licence, and whose clock runs."""
    commons = Commons(default_state=ServiceState.ACTIVE)
    commons.register_licence()
    commons.witness()
    return commons


def dark() -> Commons:
    """The same, without service by default."""
    commons = Commons()
    commons.register_licence()
    commons.witness()
    return commons


def why(commons: Commons, decision: Decision, seat: str = "ops-1") -> str:
    """Why a decision may not be asked for; empty if it may."""
    return commons.submit(seat, decision).why


@pytest.mark.parametrize("effect", [Effect.REDUCE, Effect.ADD])
def test_a_decision_that_is_right_is_open(effect: Effect) -> None:
    """It waits for votes and has changed nothing."""
    commons = lit() if effect == Effect.REDUCE else dark()
    before = commons.ledger.state.manifest
    ruling = commons.submit("ops-1", commons.decision(effect))
    assert ruling, ruling.why
    assert commons.record(ruling.digest).state == State.OPEN
    assert commons.record(ruling.digest).places == frozenset(ISLAND)
    assert commons.ledger.state.manifest == before


REDUCTION_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"roster_epoch": 2}, "it was made under roster 2; roster 1 is in force"),
    ({"policy_sha256": OTHER}, "under another policy"),
    ({"request": OTHER}, "names a request that is not registered"),
    ({"replaces": OTHER}, "names a decision before it that is not there"),
    ({"target": OTHER}, "only a restore names a decision that it ends"),
    ({"effect": Effect.CHANGE}, "a decision over service reduces, adds or restores"),
    ({"quorum_rule": RuleName.RESTORE}, "its rule must be suspend-territory or emergency-reduce, not restore"),
    ({"quorum_rule": RuleName.ACTIVATE}, "its rule must be suspend-territory"),
    ({"quorum_rule": RuleName.REVIEW}, "its rule must be suspend-territory"),
    ({"quorum_rule": RuleName.RESTRICT_TERRITORY}, "its rule must be suspend-territory"),
    ({"not_before_delay_s": 71 * HOUR_S}, "it waits 255600 s; it must wait 259200 s"),
    ({"ends_at": 0}, "every reduction must have an end"),
    ({"ends_at": BEGIN_S}, "it would have ended already"),
    ({"legal_basis": LegalBasis(type=Basis.OPERATOR, ref="")}, "does not allow the legal basis operator"),
    (
        {"protected": Protected(exempt=True, sites=(ProtectedSite(id="clinic", reason="none"),))},
        "spares protected users, and yet",
    ),
    (
        {"protected": Protected(exempt=False, sites=(ProtectedSite(id="clinic", reason="none"),))},
        "preview and decision differ in clinic",
    ),
]


@pytest.mark.parametrize(("changes", "fault"), REDUCTION_FAULTS)
def test_a_reduction_that_is_wrong_in_one_thing_is_void(changes: dict[str, Any], fault: str) -> None:
    """And the ruling says in what."""
    commons = lit()
    decision = replace(commons.decision(Effect.REDUCE), **changes)
    assert fault in why(commons, decision)


SCOPE_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"cells_count": 5}, "it says 5 cells; its list has 6"),
    ({"border": Border.CENTER}, "chosen by the border rule center; the policy says full for reduce"),
]


@pytest.mark.parametrize(("changes", "fault"), SCOPE_FAULTS)
def test_the_places_are_what_the_decision_says(changes: dict[str, Any], fault: str) -> None:
    """Their number, and how cells at the border were chosen."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    decision = replace(decision, scope=replace(decision.scope, **changes))
    assert fault in why(commons, decision)


def test_a_scope_of_nothing_or_of_another_resolution_is_void() -> None:
    """There must be something to decide over."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    empty = replace(decision.scope, cells_sha256="", cells_count=0, h3_res=0)
    assert "it covers nothing" in why(commons, replace(decision, scope=empty))


def test_a_list_of_cells_in_a_wrong_form_is_void() -> None:
    """It names something that is no list."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    other = replace(decision.scope, cells_sha256=commons.put(b"no cells\n"))
    assert "must be a cell of resolution 5" in why(commons, replace(decision, scope=other))


@pytest.mark.parametrize("field", ["preview", "cells", "change"])
def test_what_is_missing_beside_the_log_stops_the_reading(field: str) -> None:
    """It must not look like a ruling; and the ledger is as it was."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    if field == "preview":
        decision = replace(decision, preview_sha256=OTHER)
    elif field == "cells":
        decision = replace(decision, scope=replace(decision.scope, cells_sha256=OTHER))
    else:
        decision = commons.decision(
            Effect.CHANGE, kind=DecisionKind.POLICY, change_sha256=OTHER, preview_sha256="", licence=""
        )
    size, summary = commons.ledger.size, commons.ledger.summary()
    with pytest.raises(ProofError, match=f"blob {OTHER}, is missing"):
        commons.submit("ops-1", decision)
    assert (commons.ledger.size, commons.ledger.summary()) == (size, summary)


def test_what_lies_under_a_wrong_name_stops_the_reading_too() -> None:
    """Other bytes than the hash says."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    commons.blobs[decision.preview_sha256] += b" "
    with pytest.raises(ProofError, match="holds other bytes"):
        commons.submit("ops-1", decision)


def test_without_a_preview_nothing_is_asked_for() -> None:
    """Nobody approves what nobody computed."""
    commons = lit()
    decision = replace(commons.decision(Effect.REDUCE), preview_sha256="")
    assert "it has no preview" in why(commons, decision)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"origin": "other.example"}, "log"),
        ({"cells_sha256": OTHER}, "cells"),
        ({"cells_count": 7}, "number of cells"),
        ({"effect": Effect.ADD}, "effect"),
        ({"to": To(state=ServiceState.INACTIVE, service_class=ServiceClass.PRIORITY)}, "new state"),
        ({"base_state_version": 9}, "version of the map"),
        ({"base_map_sha256": OTHER}, "map"),
    ],
)
def test_a_preview_of_something_else_is_no_preview(changes: dict[str, Any], what: str) -> None:
    """It is bound to the log, the places, the effect and the map."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    other = replace(commons.preview(decision), **changes)
    assert (
        why(commons, replace(decision, preview_sha256=commons.put(other.encode())))
        == f"its preview is of another {what}"
    )


def test_what_it_does_follows_from_what_holds() -> None:
    """Not from what it calls itself."""
    commons = lit()
    adds = commons.decision(Effect.ADD)
    lowered = To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD)
    assert "some places would have less service" in why(commons, commons.decision(Effect.ADD, to=lowered))
    suspended = To(state=ServiceState.SUSPENDED, service_class=ServiceClass.PRIORITY)
    assert "some places would have less service" in why(commons, commons.decision(Effect.ADD, to=suspended))
    assert "no place would have less service" in why(commons, commons.decision(Effect.REDUCE, to=adds.to))


def test_throttling_below_the_floor_is_a_suspension() -> None:
    """However it is worded; above the floor it is a restriction."""
    commons = lit()
    background = To(state=ServiceState.ACTIVE, service_class=ServiceClass.BACKGROUND)
    standard = To(state=ServiceState.ACTIVE, service_class=ServiceClass.STANDARD)
    light, heavy = RuleName.RESTRICT_TERRITORY, RuleName.SUSPEND_TERRITORY
    assert "its rule must be suspend-territory" in why(
        commons, commons.decision(Effect.REDUCE, rule=light, to=background)
    )
    assert why(commons, commons.decision(Effect.REDUCE, rule=heavy, to=background)) == ""
    assert "its rule must be restrict-territory" in why(
        commons, commons.decision(Effect.REDUCE, rule=heavy, to=standard)
    )
    assert why(commons, commons.decision(Effect.REDUCE, rule=light, to=standard)) == ""


def test_protected_users_are_named_one_by_one_or_keep_service() -> None:
    """And make the decision wait seven days."""
    commons = lit()
    losing = commons.decision(Effect.REDUCE, protected=("clinic", "school"), losing=("clinic",))
    assert "preview and decision differ in clinic" in why(commons, losing)
    named = replace(losing, protected=Protected(exempt=False, sites=(ProtectedSite(id="clinic", reason="asked"),)))
    assert why(commons, named) == ""
    hasty = commons.decision(Effect.REDUCE, protected=("clinic",), not_before_delay_s=72 * HOUR_S)
    assert f"it must wait {7 * DAY_S} s" in why(commons, hasty)


def test_sparing_everybody_and_yet_hitting_some_is_void() -> None:
    """The preview shows it."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE, protected=("clinic",), losing=("clinic",))
    assert "spares protected users, and yet" in why(commons, replace(decision, protected=Protected(exempt=True)))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": "licence-2"}, "it names none that is registered"),
        ({"status": LicenceStatus.WITHDRAWN}, "was withdrawn or replaced"),
        ({"valid_until": BEGIN_S}, "does not hold now"),
        ({"valid_from": BEGIN_S + DAY_S}, "does not hold now"),
        ({"valid_until": BEGIN_S + DAY_S}, "it must end when the licence licence-1 ends"),
        ({"service_classes": (ServiceClass.STANDARD,)}, "does not cover the service class priority"),
    ],
)
def test_service_needs_a_licence(changes: dict[str, Any], fault: str) -> None:
    """Valid, for its class, until its end."""
    commons = Commons()
    commons.witness()
    commons.say("legal-1", Kind.LICENCE, commons.licence(**changes))
    assert fault in why(commons, commons.decision(Effect.ADD))


def test_a_licence_covers_every_cell() -> None:
    """One outside is one too many."""
    commons = Commons()
    commons.witness()
    commons.register_licence(ISLAND[:-1])
    assert (
        why(commons, commons.decision(Effect.ADD))
        == f"the licence licence-1 does not cover 1 of its cells, such as {ISLAND[-1]}"
    )
    assert why(commons, commons.decision(Effect.ADD, ISLAND[:-1])) == ""


def test_an_addition_without_an_end_outlives_its_licence() -> None:
    """So it must have one."""
    commons = dark()
    assert "it must end when the licence" in why(commons, commons.decision(Effect.ADD, ends_at=0))


def emergency(commons: Commons, effect: Effect, cells: tuple[str, ...] = ISLAND, **changes: Any) -> Decision:
    """An emergency that is right in everything but the changes."""
    rule = RuleName.EMERGENCY_REDUCE if effect == Effect.REDUCE else RuleName.EMERGENCY_ADD
    return commons.decision(effect, cells, rule=rule, **changes)


def test_emergencies_are_small_justified_and_spare_the_protected() -> None:
    """Else they are no emergencies."""
    policy = default_policy()
    rules = dict(policy.rules)
    rules["emergency-reduce"] = replace(rules["emergency-reduce"], max_cells=5)
    commons = Commons(policy=replace(policy, rules=rules), default_state=ServiceState.ACTIVE)
    commons.witness()
    assert "its rule allows 5 cells; it covers 6" in why(commons, emergency(commons, Effect.REDUCE))
    few = ISLAND[:5]
    assert why(commons, emergency(commons, Effect.REDUCE, few)) == ""
    court = LegalBasis(type=Basis.COURT_ORDER, ref="")
    assert "does not allow the legal basis court-order" in why(
        commons, emergency(commons, Effect.REDUCE, few, legal_basis=court)
    )
    assert "an emergency spares protected users" in why(
        commons, emergency(commons, Effect.REDUCE, few, protected=("clinic",), losing=("clinic",))
    )


def test_no_second_emergency_at_the_same_places_before_the_review() -> None:
    """Neither while the first runs nor after it ended; elsewhere there may be one."""
    commons = dark()
    first = commons.submit("ops-1", emergency(commons, Effect.ADD)).digest
    commons.approve(first, "ops-1", "legal-1")
    commons.witness(60)
    assert commons.record(first).state == State.EMERGENCY_EFFECTIVE
    fault = "is in force or waits for its review"
    assert fault in why(commons, emergency(commons, Effect.REDUCE, ISLAND[:1]))
    assert why(commons, emergency(commons, Effect.ADD, SHORE)) == ""
    commons.witness(72 * HOUR_S)
    assert commons.record(first).state == State.REVIEW_OPEN
    assert fault in why(commons, emergency(commons, Effect.ADD))
    for seat in ("watch-1", "aid-1"):
        assert commons.cast(seat, first, Verdict.UPHOLD)
    assert why(commons, emergency(commons, Effect.ADD)) == ""


def test_a_restore_names_a_reduction_in_force_and_places_that_it_holds() -> None:
    """Nothing else can be ended by so few."""
    commons = lit()
    assert "must name a reduction that is in force" in why(commons, commons.decision(Effect.RESTORE))
    digest = commons.in_force(Effect.REDUCE)
    assert commons.record(digest).state == State.APPLYING
    assert "places that the reduction does not hold" in why(
        commons, commons.decision(Effect.RESTORE, SHORE, target=digest)
    )
    assert why(commons, commons.decision(Effect.RESTORE, ISLAND[:2], target=digest)) == ""


def test_a_restore_cannot_end_an_addition() -> None:
    """That would darken by the smallest quorum."""
    commons = dark()
    digest = commons.in_force(Effect.ADD)
    assert "must name a reduction that is in force" in why(commons, commons.decision(Effect.RESTORE, target=digest))


def test_a_decision_on_an_older_map_stands_unless_its_places_changed() -> None:
    """Elsewhere may have changed; too long ago is too long."""
    commons = lit()
    here = commons.decision(Effect.REDUCE, rule=RuleName.SUSPEND_TERRITORY)
    there = commons.decision(Effect.REDUCE, SHORE)
    commons.in_force(Effect.REDUCE, SHORE[:1])
    ends_at = commons.now_s + 10 * DAY_S
    assert why(commons, replace(here, ends_at=ends_at)) == ""
    assert "the map changed at its places after version 0" in why(commons, replace(there, ends_at=ends_at))
    assert "it was made on version 99 of the map; the newest is 1" in why(commons, replace(here, base_state_version=99))


def test_a_seat_has_no_more_decisions_waiting_than_the_policy_allows() -> None:
    """A flood of requests drowns nobody."""
    commons = Commons(policy=replace(default_policy(), open_requests_per_member=2), default_state=ServiceState.ACTIVE)
    commons.witness()
    assert why(commons, commons.decision(Effect.REDUCE)) == ""
    assert why(commons, commons.decision(Effect.REDUCE)) == ""
    assert why(commons, commons.decision(Effect.REDUCE)) == "ops-1 has 2 decisions waiting; the policy allows 2"
    assert why(commons, commons.decision(Effect.REDUCE), "ops-2") == ""


def change(commons: Commons, kind: DecisionKind, data: bytes, **changes: Any) -> Decision:
    """A change of rules or seats."""
    decision = commons.decision(Effect.CHANGE, kind=kind, change_sha256=commons.put(data) if data else "")
    return replace(decision, **changes)


CHANGES: list[tuple[DecisionKind, Callable[[Commons], bytes], dict[str, Any], str]] = [
    (DecisionKind.POLICY, lambda c: replace(c.ledger.state.policy, version=2).encode(), {}, ""),
    (DecisionKind.POLICY, lambda c: replace(c.ledger.state.policy, version=3).encode(), {}, "must have the version 2"),
    (DecisionKind.POLICY, lambda c: b"{}", {}, "new policy"),
    (DecisionKind.ROSTER, lambda c: roster_of(2).encode(), {}, ""),
    (DecisionKind.ROSTER, lambda c: roster_of(1).encode(), {}, "must have the epoch 2"),
    (DecisionKind.KEY, lambda c: b"a new trust file", {}, ""),
    (DecisionKind.KEY, lambda c: b"", {}, "it names nothing that would be put in force"),
    (DecisionKind.KEY, lambda c: b"x", {"effect": Effect.ADD}, "has the effect change"),
    (DecisionKind.KEY, lambda c: b"x", {"quorum_rule": RuleName.RESTORE}, "its rule must be governance, not restore"),
    (DecisionKind.KEY, lambda c: b"x", {"not_before_delay_s": 0}, "it must wait 604800 s"),
]


@pytest.mark.parametrize(("kind", "data", "changes", "fault"), CHANGES)
def test_a_change_of_rules_or_seats_is_the_next_one(
    kind: DecisionKind, data: Callable[[Commons], bytes], changes: dict[str, Any], fault: str
) -> None:
    """By its own rule, with its own delay."""
    commons = lit()
    found = why(commons, change(commons, kind, data(commons), **changes))
    assert fault in found if fault else found == ""


def test_nobody_can_be_locked_out_by_a_roster_that_is_too_small() -> None:
    """Not even by its own quorum: nothing could be decided any more."""
    commons = lit()
    roster = roster_of(2)
    fewer = replace(roster, members=roster.members[:-1], organisations=roster.organisations)
    assert "needs 7 seats; the roster has 6" in why(commons, change(commons, DecisionKind.ROSTER, fewer.encode()))
    blind = roster_of(
        2, watch_1=member_of("watch-1", "council", [Role.LEGAL]), watch_2=member_of("watch-2", "chamber", [Role.LEGAL])
    )
    assert list(panel_faults(default_policy(), blind)) == [
        "the rule review needs 1 seat(s) with the role oversight; the roster has fewer",
        "the rule suspend-territory needs 1 seat(s) with the role oversight; the roster has fewer",
    ]


def test_groups_and_classes_have_their_own_rule() -> None:
    """They cover names instead of cells."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE, rule=RuleName.SUSPEND_GROUP, kind=DecisionKind.CUSTOMER_GROUP)
    scope = replace(decision.scope, cells_sha256="", cells_count=0, border=Border.NONE, groups=("school-net",))
    decision = replace(decision, scope=scope, preview_sha256="")
    decision = replace(decision, preview_sha256=commons.put(commons.preview(decision).encode()))
    ruling = commons.submit("ops-1", decision)
    assert ruling, ruling.why
    assert commons.record(ruling.digest).places == {"customer-group:school-net"}
    by_territory = replace(decision, quorum_rule=RuleName.RESTRICT_TERRITORY, nonce=commons.nonce())
    assert "its rule must be suspend-group" in why(commons, by_territory)


def test_a_group_is_lit_again_by_a_licence_of_its_class() -> None:
    """It has no cells that the licence would have to cover."""
    commons = lit()
    reduce = commons.decision(Effect.REDUCE, rule=RuleName.SUSPEND_GROUP, kind=DecisionKind.CUSTOMER_GROUP)
    scope = replace(reduce.scope, cells_sha256="", cells_count=0, border=Border.NONE, groups=("school-net",))
    reduce = replace(reduce, scope=scope)
    digest = commons.submit(
        "ops-1", replace(reduce, preview_sha256=commons.put(commons.preview(reduce).encode()))
    ).digest
    commons.approve(digest, "ops-2", "legal-2", "watch-1")
    commons.witness(60)
    commons.witness(DAY_S)
    assert set(commons.ledger.state.levels(frozenset({"customer-group:school-net"})).values()) == {0}
    add = commons.decision(Effect.ADD, kind=DecisionKind.CUSTOMER_GROUP)
    add = replace(add, scope=scope)
    add = replace(add, preview_sha256=commons.put(commons.preview(add).encode()))
    assert why(commons, add) == ""


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Who prepares a decision should not have to try ten times."""
    commons = lit()
    decision = replace(commons.decision(Effect.REDUCE), roster_epoch=9, not_before_delay_s=1, ends_at=0)
    found = why(commons, decision)
    for fault in ("under roster 9", "it must wait", "must have an end"):
        assert fault in found


def test_an_emergency_has_an_end() -> None:
    """Also one that adds."""
    commons = dark()
    assert "every emergency must have an end" in why(commons, emergency(commons, Effect.ADD, ends_at=0))
