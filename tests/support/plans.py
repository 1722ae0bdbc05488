"""A plan small enough to know by heart, and how to spoil it: seven cells around Zürich for two slots."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from skycommons.model.scenario import Scenario
from skycommons.plan.plan_table import ROW_COLUMNS, PlanTable, table_of
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import schedule
from tests.support.service_world import service_scenario

NS = 10**9
FIRST_SLOT_S = 12


@cache
def planned() -> tuple[Scenario, PlanTable]:
    """The scenario, beginning with a slot, and its first two slots."""
    world = service_scenario()
    scenario = world.replace(start_ns=world.start_ns + FIRST_SLOT_S * NS)
    return scenario, table_of(schedule(scenario, scenario.propagate(scenario.times()[:2])))


def edited(plan: PlanTable, row: int | slice, **values: float) -> PlanTable:
    """A copy with other values in one row, or in some."""
    columns = {name: getattr(plan, name).copy() for name in values}
    for name, value in values.items():
        columns[name][row] = value
    return replace(plan, **columns)


def with_row(plan: PlanTable, like: int, **values: float) -> PlanTable:
    """A copy with one more row in the first slot: like another row, given nothing, with other values."""
    extra = {"share": 0.0, "down_bps": 0.0, "up_bps": 0.0, **values}
    columns = {
        name: np.insert(getattr(plan, name), 0, extra.get(name, getattr(plan, name)[like])) for name in ROW_COLUMNS
    }
    return replace(plan, first=np.array([0, *(plan.first[1:] + 1)]), **columns)


def without_row(plan: PlanTable, row: int) -> PlanTable:
    """A copy without one row of the first slot."""
    columns = {name: np.delete(getattr(plan, name), row) for name in ROW_COLUMNS}
    return replace(plan, first=np.array([0, *(plan.first[1:] - 1)]), **columns)


def idle(plan: PlanTable, row: int, reason: Unserved) -> PlanTable:
    """A copy in which one row is not served."""
    nothing = dict.fromkeys(("share", "down_bps", "up_bps"), 0.0)
    nobody = dict.fromkeys(("satellite", "beam", "pop", "egress"), -1)
    return edited(plan, row, reason=int(reason), **nothing, **nobody)


def with_service(scenario: Scenario, **changes: Any) -> Scenario:
    """A copy with other rules of service."""
    assert scenario.service is not None
    return scenario.replace(service=replace(scenario.service, **changes))


def with_equipment(scenario: Scenario, kind: str, **changes: float) -> Scenario:
    """A copy whose types of terminals, gateways or payloads all have other figures."""
    equipment = scenario.world.equipment
    types = tuple(replace(one, **changes) for one in getattr(equipment, kind))
    return scenario.replace(world=replace(scenario.world, equipment=replace(equipment, **{kind: types})))
