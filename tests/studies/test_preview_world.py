"""Tests of a network that is planned twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import PlanError
from skycommons.model.cells import CELLS, canonical, cells_of, centres
from skycommons.model.rules import MeasuredRain
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.model.service_rules import HighestAssignment
from skycommons.orbit.frames import up_axis
from skycommons.plan.options import Options
from skycommons.plan.requests import Unserved
from skycommons.studies.preview_world import (
    REACH_STEP_M,
    WHOLE_EARTH_M,
    near_cells,
    plan_both,
    shared_reach_m,
    without_blocked,
)
from tests.support.plans import with_service
from tests.support.previews import AREA, AROUND, FAR, decision_world, plain_both
from tests.support.tiny_world import tiny_scenario

SLOTS = (1767225612, 1767309852)
EVERYWHERE = ServiceMap.everywhere()
DARK = EVERYWHERE.over(AREA, state=CellState.SUSPENDED)


@pytest.mark.parametrize("maps", [(EVERYWHERE, DARK), (DARK, EVERYWHERE), (EVERYWHERE, EVERYWHERE)])
def test_two_plans_are_those_of_two_schedulers_of_the_whole_network(maps: tuple[ServiceMap, ServiceMap]) -> None:
    """Cell by cell: why it is not served and what it is given, with too few beams for all, in the area and around it."""
    world = decision_world()
    plans = plan_both(world, maps, cells=AREA, slots_s=SLOTS)
    cells, reason, given_bps = plain_both(world, maps, SLOTS)
    near = np.isin(cells, plans.cells)
    assert np.array_equal(plans.cells, AROUND)
    assert np.array_equal(plans.reason, reason[:, :, near])
    assert np.array_equal(plans.given_bps, given_bps[:, :, near])
    assert (reason[0, :, near] == Unserved.NO_BEAM).any()


def test_what_lies_beyond_the_reach_notices_nothing() -> None:
    """The whole network planned both ways: cells that share no satellite with the area are served alike."""
    cells, reason, given_bps = plain_both(decision_world(), (EVERYWHERE, DARK), SLOTS)
    far = np.isin(cells, FAR)
    assert np.array_equal(reason[0, :, far], reason[1, :, far])
    assert np.array_equal(given_bps[0, :, far], given_bps[1, :, far])
    assert not np.array_equal(given_bps[0, :, ~far], given_bps[1, :, ~far])


def test_all_of_the_network_can_be_planned() -> None:
    """With a reach around the Earth nothing is left out."""
    world = decision_world()
    plans = plan_both(world, (EVERYWHERE, DARK), cells=AREA, slots_s=SLOTS[:1], reach_m=WHOLE_EARTH_M)
    cells, reason, _ = plain_both(world, (EVERYWHERE, DARK), SLOTS[:1])
    assert np.array_equal(plans.cells, cells)
    assert np.array_equal(plans.reason, reason)
    assert plans.is_inside.sum() == len(AREA)


def test_protected_users_alone_are_planned_where_the_map_says_so() -> None:
    """Cells without them are suspended; a policy that draws no luck works as well."""
    world = decision_world(beams=8)
    assert world.service is not None
    down = world.service.demand.down_bps.copy()
    down[::2, 0] = 1e6
    scheduled = replace(world.service.schedule, policy=HighestAssignment())
    world = with_service(world, demand=replace(world.service.demand, down_bps=down), schedule=scheduled)
    partial = EVERYWHERE.over(AREA, state=CellState.PROTECTED_ONLY)
    plans = plan_both(world, (EVERYWHERE, partial), cells=AREA, slots_s=SLOTS)
    cells, reason, _ = plain_both(world, (EVERYWHERE, partial), SLOTS)
    assert np.array_equal(plans.reason, reason[:, :, np.isin(cells, plans.cells)])
    after = plans.reason[1][:, plans.is_inside]
    assert {Unserved.SERVED, Unserved.SUSPENDED} <= set(after.ravel().tolist())


def test_cells_are_near_by_the_families_that_they_belong_to() -> None:
    """All cells within the reach less the size of a family are near, none beyond the reach and that size is."""
    draw = np.random.default_rng(5)
    cells = canonical(cells_of(np.arcsin(draw.uniform(-1, 1, 3_000)), draw.uniform(-np.pi, np.pi, 3_000)))
    area = canonical(cells_of(np.radians([10.0, 12.0]), np.radians([179.0, -179.0])))
    near = near_cells(cells, area, 2_000e3)
    cosine = up_axis(*centres(cells)) @ up_axis(*centres(area)).T
    apart_m = np.arccos(np.clip(cosine, -1, 1)).min(axis=1) * EARTH_MEAN_RADIUS_M
    assert near[apart_m < 2_000e3 - 150e3].all()
    assert not near[apart_m > 2_000e3 + 150e3].any()
    assert near_cells(cells, area, WHOLE_EARTH_M).all()
    assert near_cells(area, area, 0.0).all()
    assert len(cells) < CELLS


def test_two_cells_under_one_satellite_are_within_the_reach() -> None:
    """At 1,200 km and 25° a satellite's view is some 1,700 km to each side; without satellites nothing is shared."""
    world = decision_world()
    flown = world.propagate(np.array([world.start_ns]))
    half_rad = np.arccos(6371 / 7571 * np.cos(np.radians(25))) - np.radians(25)
    reach_m = shared_reach_m(world, flown)
    assert 2 * half_rad * 6371e3 + REACH_STEP_M <= reach_m < 2 * half_rad * 6371e3 + 3 * REACH_STEP_M
    assert shared_reach_m(world, replace(flown, valid=np.zeros_like(flown.valid))) == REACH_STEP_M


def test_measured_rain_keeps_the_terminals_whose_rain_it_is(tmp_path: Path) -> None:
    """Rain stands by site: without the terminals its columns would be gone."""
    rows = "".join(f"2026-01-0{day}T00:00:00Z,47.37,8.54,3\n" for day in (1, 2))
    tmp_path.joinpath("rain.csv").write_text(f"time,latitude_deg,longitude_deg,rain_mm_h\n{rows}", encoding="utf-8")
    world = decision_world(folder=tmp_path, weather='[weather]\nmode = "measured"\nfile = "rain.csv"')
    assert isinstance(world.radio.weather, MeasuredRain)
    plans = plan_both(world, (EVERYWHERE, DARK), cells=AREA, slots_s=SLOTS[:1])
    cells, reason, _ = plain_both(world, (EVERYWHERE, DARK), SLOTS[:1])
    assert np.array_equal(plans.reason, reason[:, :, np.isin(cells, plans.cells)])


def test_options_of_cells_that_may_not_ask_are_as_if_nobody_had_sought_them() -> None:
    """What the scheduler itself gives for a map is what is cut from the options of an open one."""
    world = decision_world()
    plans = plan_both(world, (DARK, DARK), cells=AREA, slots_s=SLOTS[:1])
    assert (plans.reason[:, :, plans.is_inside] == Unserved.SUSPENDED).all()
    none = Options(
        satellite=np.zeros((2, 1), np.int32),
        worth_nats=np.ones((2, 1), np.float32),
        sine_elevation=np.ones((2, 1), np.float32),
        reason=np.zeros(2, np.uint8),
    )
    shut = without_blocked(none, np.array([Unserved.SERVED, Unserved.SUSPENDED], np.uint8))
    assert shut.satellite.ravel().tolist() == [0, -1]
    assert shut.reason.tolist() == [Unserved.SERVED, Unserved.SUSPENDED]
    assert without_blocked(none, none.reason) is none


def test_what_cannot_be_planned_is_refused_in_words() -> None:
    """No rules of service, no slot, nobody around."""
    with pytest.raises(PlanError, match="says nothing of service"):
        plan_both(tiny_scenario(), (EVERYWHERE, DARK), cells=AREA, slots_s=SLOTS)
    with pytest.raises(PlanError, match="a slot at least"):
        plan_both(decision_world(), (EVERYWHERE, DARK), cells=AREA, slots_s=())
    lonely = canonical(cells_of(np.radians([60.0]), np.radians([-150.0])))
    with pytest.raises(PlanError, match="nobody asks"):
        plan_both(decision_world(), (EVERYWHERE, DARK), cells=lonely, slots_s=SLOTS)
