"""What the rules are asked about."""

import h3.api.numpy_int as h3
import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.cells import cells_of
from skycommons.model.demand import no_demand
from skycommons.plan.check_facts import Facts, Premises, near_pairs
from tests.support.plans import edited, planned, with_service
from tests.support.service_world import HOME, disk


def test_near_cells_are_paired_once() -> None:
    """The middle with its six neighbours, and each of those with the next."""
    cells = disk()
    pairs = near_pairs(cells, 1)
    assert len(pairs) == 12
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert all(h3.grid_distance(*cells[pair]) == 1 for pair in pairs)
    assert len(near_pairs(cells, 2)) == 21  # everybody with everybody
    assert len(near_pairs(cells, 0)) == 0
    assert len(near_pairs(cells[:0], 1)) == 0


def test_the_pentagon_has_five_neighbours() -> None:
    """The side that it lacks is nobody's neighbour."""
    pentagon = h3.get_pentagons(5)[0]
    assert len(near_pairs(np.sort(h3.grid_disk(pentagon, 1)).astype(np.uint64), 1)) == 10


def test_premises_know_all_cells_of_plan_and_demand() -> None:
    """Cells that the plan leaves out too."""
    scenario, plan = planned()
    premises = Premises.of(scenario, plan)
    assert premises.cells.tolist() == disk().tolist()
    assert (premises.demand_row == np.arange(7)).all()
    assert HOME in premises.cells
    assert premises.of_payload("beams_down").shape == (400,)


def test_cells_that_nobody_asks_in_are_in_no_row_of_the_demand() -> None:
    """Even where nobody asks at all."""
    scenario, plan = planned()
    premises = Premises.of(with_service(scenario, demand=no_demand()), plan)
    assert (premises.demand_row == -1).all()


def test_parts_of_a_plan_have_the_same_cells() -> None:
    """A cell that nobody prepared for would be judged as another one."""
    scenario, plan = planned()
    premises = Premises.of(scenario, plan)
    flown = scenario.propagate(plan.time_ns[:1])
    sky = {"position_itrf_m": flown.position_itrf_m[0], "valid": flown.valid[0]}
    assert Facts.of(premises, plan, 0, **sky).cell.tolist() == list(range(7))
    elsewhere = edited(plan, 0, cell=cells_of(np.zeros(1), np.zeros(1))[0])
    with pytest.raises(InputError, match="not of the same cells"):
        Facts.of(premises, elsewhere, 0, **sky)
