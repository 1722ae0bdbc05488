"""Plans as rows."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.model.service_map import CellState
from skycommons.plan.plan_table import NO_RANK, table_of
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import schedule
from tests.support.plans import planned, with_service
from tests.support.service_world import states


def test_a_schedule_becomes_rows_slot_after_slot() -> None:
    """What the steps hold stands in the rows."""
    scenario, plan = planned()
    made = schedule(scenario, scenario.propagate(plan.time_ns))
    assert len(plan) == len(made) == 2
    assert repr(plan) == "<PlanTable: 2 slots, 14 rows>"
    for step, slot in enumerate(made):
        rows = plan.rows(step)
        assert plan.satellite[rows].tolist() == slot.satellite.tolist()
        assert plan.channel[rows].tolist() == made.scheduler.requests.channel.tolist()
        np.testing.assert_array_equal(plan.gateways_at(step, 400), slot.gateway)


def test_a_cell_without_a_request_has_a_row_with_its_reason() -> None:
    """In the place where its requests would stand."""
    scenario, plan = planned()
    closed = with_service(scenario, service_map=states(plan.cell[2:3], CellState.INACTIVE))
    table = table_of(schedule(closed, closed.propagate(plan.time_ns)))
    assert table.cell.tolist() == plan.cell.tolist()
    idle = np.flatnonzero(table.channel == -1)
    assert idle.tolist() == [2, 9]
    assert (table.reason[idle] == Unserved.TERRITORY_INACTIVE).all()
    assert (table.rank[idle] == NO_RANK).all()
    assert (table.satellite[idle] == -1).all()
    assert (table.down_bps[idle] == 0.0).all()


def test_columns_must_fit_each_other() -> None:
    """Lengths, and the cuts between slots."""
    _, plan = planned()
    with pytest.raises(ShapeError, match="beam"):
        replace(plan, beam=plan.beam[1:])
    with pytest.raises(InputError, match="first must rise from 0 to 14"):
        replace(plan, first=np.array([0, 7, 13]))
    with pytest.raises(InputError, match="first_fed"):
        replace(plan, first_fed=np.array([0, len(plan.fed), 3]))
