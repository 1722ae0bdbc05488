"""The independent check: a sound plan passes, and each rule catches the one edit that breaks it, alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError, PlanError
from skycommons.model.cells import cells_of
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceClass
from skycommons.model.world import SiteKind
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.plan.check import RULES, Violation, check, check_steps
from skycommons.plan.check_rules import SERVICE_RULES
from skycommons.plan.check_rules_links import LINK_RULES
from skycommons.plan.check_rules_sky import SKY_RULES
from skycommons.plan.plan_table import PlanTable, table_of
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import schedule
from tests.style.sources import Module, modules
from tests.support.plans import NS, edited, idle, planned, with_equipment, with_row, with_service, without_row
from tests.support.service_world import service_scenario, states
from tests.support.tiny_world import tiny_scenario

Case = tuple[Scenario, PlanTable, Ephemeris | None]
Edit = Callable[[Scenario, PlanTable], Case]


def plan_edit(edit: Callable[[PlanTable], PlanTable]) -> Edit:
    """The plan is edited, the world stays."""
    return lambda scenario, plan: (scenario, edit(plan), None)


def world_edit(edit: Callable[[Scenario], Scenario]) -> Edit:
    """The plan stays; the world does not allow it any more."""
    return lambda scenario, plan: (edit(scenario), plan, None)


def same_satellite(plan: PlanTable) -> tuple[int, int]:
    """Two rows of the first slot that one satellite serves by different beams."""
    rows = np.arange(plan.first[1])
    for row in rows:
        for other in rows[row + 1 :]:
            if plan.satellite[row] == plan.satellite[other] and plan.beam[row] != plan.beam[other]:
                return int(row), int(other)
    raise AssertionError


def not_fed(plan: PlanTable) -> int:
    """A satellite that no gateway follows in the first slot."""
    return int(np.setdiff1d(np.arange(400), plan.fed[plan.fed_rows(0)])[0])


def forbid(scenario: Scenario, plan: PlanTable) -> Case:
    return with_service(scenario, service_map=states(plan.cell[:1], CellState.INACTIVE)), plan, None


def bar(scenario: Scenario, plan: PlanTable) -> Case:
    assert scenario.service is not None
    demand = scenario.service.demand
    return with_service(scenario, demand=replace(demand, is_barred=demand.cells == plan.cell[0])), plan, None


def better_rank(scenario: Scenario, plan: PlanTable) -> Case:
    standard = states(plan.cell[:1], CellState.ACTIVE, service_class=ServiceClass.STANDARD)
    return with_service(scenario, service_map=standard), edited(plan, 0, rank=1), None


def less_asked(scenario: Scenario, plan: PlanTable) -> Case:
    assert scenario.service is not None
    demand = scenario.service.demand
    return with_service(scenario, demand=replace(demand, down_bps=0.5 * demand.down_bps)), plan, None


def one_cell_per_beam(scenario: Scenario, plan: PlanTable) -> Case:
    assert scenario.service is not None
    row, other = same_satellite(plan)
    rules = replace(scenario.service.schedule, cells_per_beam=1)
    return with_service(scenario, schedule=rules), edited(plan, other, beam=plan.beam[row]), None


def one_channel_per_cell(scenario: Scenario, plan: PlanTable) -> Case:
    return with_equipment(scenario, "payloads", carriers_per_cell=1), with_row(plan, 0, channel=5, beam=7), None


def gone(scenario: Scenario, plan: PlanTable) -> Case:
    ephemeris = scenario.propagate(plan.time_ns)
    valid = ephemeris.valid.copy()
    valid[0, plan.satellite[0]] = False
    return scenario, plan, replace(ephemeris, valid=valid)


def high_gateways(scenario: Scenario, plan: PlanTable) -> Case:
    sites = scenario.world.sites
    high = np.where(sites.kind == SiteKind.GATEWAY, np.radians(80.0), sites.min_elevation_rad)
    return scenario.replace(world=replace(scenario.world, sites=replace(sites, min_elevation_rad=high))), plan, None


def weak_gateways(scenario: Scenario, plan: PlanTable) -> Case:
    (feeder, *_) = scenario.world.equipment.gateways[0].feeders
    faint = replace(feeder, transmit_eirp_dbw=feeder.transmit_eirp_dbw - 40.0)
    equipment = scenario.world.equipment
    gateways = tuple(replace(one, feeders=(faint,)) for one in equipment.gateways)
    world = replace(scenario.world, equipment=replace(equipment, gateways=gateways))
    return scenario.replace(world=world), plan, None


EDITS: dict[str, Edit] = {
    "slot-boundary": plan_edit(lambda plan: replace(plan, time_ns=plan.time_ns + NS)),
    "service-map": forbid,
    "account": bar,
    "service-class": better_rank,
    "reason-named": plan_edit(lambda plan: edited(plan, 0, reason=int(Unserved.NO_BEAM))),
    "reason-true": plan_edit(lambda plan: idle(plan, 0, Unserved.SUSPENDED)),
    "every-cell": plan_edit(lambda plan: without_row(plan, 0)),
    "demand": less_asked,
    "channel-exists": plan_edit(lambda plan: edited(plan, 0, channel=8)),
    "one-satellite-per-channel": plan_edit(lambda plan: with_row(plan, 0, beam=7)),
    "co-channel-separation": plan_edit(lambda plan: edited(plan, slice(0, 7), channel=3)),
    "satellite-there": gone,
    "minimum-elevation": world_edit(lambda world: with_equipment(world, "terminals", min_elevation_rad=1.5)),
    "field-of-view": world_edit(lambda world: with_equipment(world, "terminals", field_of_view_rad=0.1)),
    "gso-exclusion": world_edit(lambda world: with_equipment(world, "terminals", gso_exclusion_rad=1.5)),
    "beams-per-satellite": plan_edit(lambda plan: edited(plan, 0, beam=999)),
    "cells-per-beam": one_cell_per_beam,
    "beam-once-per-cell": plan_edit(lambda plan: with_row(plan, 0, channel=5)),
    "beam-time": plan_edit(lambda plan: edited(plan, 0, share=1.01)),
    "channels-per-cell": one_channel_per_cell,
    "beam-rate": world_edit(lambda world: with_equipment(world, "payloads", beam_limit_bps=1e6)),
    "satellite-rate": world_edit(lambda world: with_equipment(world, "payloads", down_limit_bps=1e6)),
    "gateway-antennas": world_edit(lambda world: with_equipment(world, "gateways", antennas=1)),
    "feeder-in-view": high_gateways,
    "way-to-pop": plan_edit(lambda plan: edited(plan, 0, egress=not_fed(plan))),
    "link-rate": world_edit(lambda world: with_equipment(world, "terminals", receive_gain_dbi=20.0)),
    "feeder-rate": weak_gateways,
}


def rules_of(violations: tuple[Violation, ...]) -> set[str]:
    return {violation.rule for violation in violations}


def test_the_scheduler_keeps_all_rules() -> None:
    """On the plan that the edits start from."""
    scenario, plan = planned()
    assert (plan.satellite >= 0).all()
    assert check(scenario, plan) == ()
    assert check(scenario, plan, scenario.propagate(plan.time_ns)) == ()


def test_each_rule_has_an_edit_and_a_name_of_its_own() -> None:
    """Nobody adds a rule that was never seen to catch anything."""
    assert set(EDITS) == {rule.name for rule in RULES}
    assert (*SERVICE_RULES, *SKY_RULES, *LINK_RULES) == RULES
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.meaning.endswith(".") for rule in RULES)


@pytest.mark.parametrize("rule", list(EDITS))
def test_an_edit_is_caught_by_its_rule_alone(rule: str) -> None:
    """By name, with somebody to blame."""
    violations = check(*EDITS[rule](*planned()))
    assert rules_of(violations) == {rule}
    assert all(violation.subject and violation.detail for violation in violations)


@pytest.mark.parametrize(
    ("edit", "rule", "words"),
    [
        (lambda plan: edited(plan, 0, satellite=9999), "satellite-there", "satellite row 9999"),
        (lambda plan: replace(plan, fed=np.array([*plan.fed[:-1], 400])), "satellite-there", "is fed"),
        (lambda plan: edited(plan, 0, pop=0), "way-to-pop", "zurich, which is no PoP"),
        (lambda plan: edited(plan, 0, pop=99), "way-to-pop", "site row 99"),
        (lambda plan: edited(plan, 0, egress=-1), "way-to-pop", "no gateway follows"),
        (lambda plan: edited(plan, 0, share=-0.1), "beam-time", "negative"),
        (lambda plan: edited(plan, 0, reason=77), "reason-named", "reason 77"),
        (lambda plan: edited(idle(plan, 0, Unserved.NO_BEAM), 0, beam=3), "reason-named", "not served (no beam)"),
        (lambda plan: idle(plan, 0, Unserved.SERVED), "reason-named", "gives no reason"),
        (lambda plan: idle(plan, 0, Unserved.ACCOUNT), "reason-true", "no account barred"),
        (lambda plan: edited(plan, 0, up_bps=1e12), "satellite-rate", "Gbit/s up"),
        (lambda plan: edited(plan, 0, share=1e-4), "beam-rate", "by 0.0001 of a beam"),
        (lambda plan: edited(plan, 0, up_bps=1e12), "link-rate", "without any air"),
        (lambda plan: edited(plan, 0, up_bps=1e12), "feeder-rate", "without any air"),
        (lambda plan: replace(plan, gateway=np.where(plan.fed == plan.fed[0], 0, 1)), "gateway-antennas", "no gateway"),
        (
            lambda plan: replace(plan, fed=plan.fed[[0, 0, *range(2, len(plan.fed))]]),
            "gateway-antennas",
            "more than one",
        ),
        (
            lambda plan: edited(plan, 0, cell=cells_of(np.zeros(1), np.zeros(1))[0]),
            "every-cell",
            "no row of the demand",
        ),
    ],
)
def test_what_is_wrong_is_said(edit: Callable[[PlanTable], PlanTable], rule: str, words: str) -> None:
    """In words with ids; other rules may be broken too."""
    scenario, plan = planned()
    found = [str(violation) for violation in check(scenario, edit(plan)) if violation.rule == rule]
    assert any(words in one for one in found), found


def test_a_violation_reads_as_a_sentence() -> None:
    """Rule, slot, time, cell and channel."""
    scenario, plan = planned()
    (violation,) = check(scenario, edited(plan, 0, channel=8))
    assert str(violation) == (
        "channel-exists: slot 0 (2026-01-01T00:00:12Z): cell 851f8337fffffff: is served on channel 8; there are 0 to 7"
    )


def test_many_violations_of_one_rule_are_counted_not_listed() -> None:
    """The last one says how many more there are."""
    scenario, plan = planned()
    strict = with_equipment(scenario, "terminals", min_elevation_rad=1.5)
    violations = check(strict, plan, most_named=3)
    assert [violation.detail for violation in violations[3:]] == ["11 more"]
    counts = [sum(verdict.counts) for verdict in check_steps(strict, plan)]
    assert counts == [7, 7]


def test_parts_of_a_plan_are_checked_one_after_the_other() -> None:
    """Slots are counted on."""
    scenario, plan = planned()
    verdicts = list(check_steps(scenario, iter((plan, plan))))
    assert [verdict.step for verdict in verdicts] == [0, 1, 2, 3]
    assert not any(sum(verdict.counts) for verdict in verdicts)


def test_lasers_lead_to_a_gateway_only_where_there_are_some() -> None:
    """Traffic that comes down elsewhere needs a chain of lasers."""
    scenario, plan = planned()
    far = edited(plan, 0, egress=next(one for one in plan.fed[plan.fed_rows(0)] if one != plan.satellite[0]))
    assert check(scenario, far) == ()
    dark = tiny_scenario(lasers='[lasers]\ntopology = "none"').lasers
    assert rules_of(check(scenario.replace(lasers=dark), far)) == {"way-to-pop"}
    bent = tiny_scenario(routing='[routing]\nmode = "bent-pipe"').routing
    assert rules_of(check(scenario.replace(routing=bent), far)) == {"way-to-pop"}
    assert check(scenario.replace(routing=bent), plan) == ()


def test_an_ephemeris_must_know_the_slots() -> None:
    """Otherwise somebody else's positions would be judged."""
    scenario, plan = planned()
    with pytest.raises(InputError, match="no positions at 2026-01-01T00:00:27Z"):
        check(scenario, plan, scenario.propagate(plan.time_ns[:1]))


def test_a_scenario_without_service_has_no_plan() -> None:
    """There are no rules to check by."""
    _, plan = planned()
    with pytest.raises(PlanError, match="no plan to check"):
        check(tiny_scenario(), plan)


def test_a_territory_has_its_own_limit_to_the_geostationary_arc() -> None:
    """Cells in it are judged by that; others by the terminal's."""
    scenario, plan = planned()
    text = '[[territories]]\nname = "here"\ngso_exclusion_deg = 80\npolygon_deg = '
    around = tiny_scenario(territories=text + "[[46, 7], [46, 10], [49, 10], [49, 7]]").territories
    assert rules_of(check(scenario.replace(territories=around), plan)) == {"gso-exclusion"}
    elsewhere = tiny_scenario(territories=text + "[[16, 7], [16, 10], [19, 10], [19, 7]]").territories
    assert check(scenario.replace(territories=elsewhere), plan) == ()


def test_the_check_shares_no_code_with_the_scheduler() -> None:
    """Its modules import none of those that search, assign, share out or follow."""
    scheduler = "schedule options assignment auction greedy min_cost_flow beams channels backhaul feeders visibility"
    forbidden = [f"skycommons.plan.{name}" for name in scheduler.split()]
    imported = {
        line.split()[1] for module in modules() if module.path.stem.startswith("check") for line in imports(module)
    }
    assert "skycommons.plan.plan_table" in imported
    assert [name for name in imported if any(name.startswith(one) for one in forbidden)] == []


def imports(module: Module) -> list[str]:
    """Lines that import at the top of a module of the room."""
    in_room = module.room == "plan"
    return [line for line in module.text.splitlines() if in_room and line.startswith(("from ", "import "))]


def test_a_decision_is_not_told_as_the_lack_of_a_satellite() -> None:
    """Who closes a cell, or bars all of its accounts, is named, whatever flies."""
    scenario, plan = planned()
    dark = idle(plan, 0, Unserved.NO_SATELLITE)
    assert check(scenario, dark) == ()
    closed, _, _ = forbid(scenario, plan)
    told = [one for one in check(closed, dark) if one.rule == "reason-true"]
    assert [one.detail for one in told[:1]] == ["gives no satellite; state inactive, no account barred"]
    barred, _, _ = bar(scenario, plan)
    assert any(one.detail.endswith("every account barred") for one in check(barred, dark) if one.rule == "reason-true")


def test_a_world_without_pops_asks_for_none() -> None:
    """Any gateway is the end of the way there."""
    scenario = service_scenario(pops="", pairs="")
    ephemeris = scenario.propagate(scenario.times()[:2])
    table = table_of(schedule(scenario, ephemeris))
    assert (table.pop[table.satellite >= 0] == -1).all()
    assert check(scenario, table) == ()
