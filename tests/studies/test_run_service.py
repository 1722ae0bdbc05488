"""A run with the scheduler writes, slot after slot, what the scheduler says."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from skycommons.base.errors import PlanError
from skycommons.model.demand import no_demand
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.model.service_map_file import map_sha256
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason
from skycommons.plan.schedule import REQUEST_COLUMNS, schedule
from skycommons.studies import run_service
from skycommons.studies.run import UNSHARED_NOTE, run_scenario
from skycommons.studies.run_service import ServiceRun
from skycommons.studies.service_store import request_name
from skycommons.studies.store import LIMITS, open_results
from tests.support.service_world import disk, rules, service_scenario, states
from tests.support.tiny_world import tiny_scenario

NS = 10**9


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Zürich under four hundred satellites for a minute; steps of 10 s do not fall on slots."""
    return service_scenario(time="[time]\nstart = 2026-01-01T00:00:12Z\nduration_s = 60\nstep_s = 10")


@pytest.fixture(scope="module")
def found(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """The store of a run of it."""
    with open_results(run_scenario(scenario, tmp_path_factory.mktemp("run") / "tiny.zarr")) as dataset:
        return dataset.load()


def test_a_store_holds_what_the_scheduler_plans(scenario: Scenario, found: xr.Dataset) -> None:
    """Every column of every request, at the slots in which the steps lie."""
    slots = scenario.start_ns + 15 * NS * np.arange(4)
    assert found["slot_time"].values.astype("datetime64[ns]").astype(np.int64).tolist() == slots.tolist()
    assert found["time_slot"].values.tolist() == [0, 0, 1, 2, 2, 3]
    plans = schedule(scenario, scenario.propagate(slots))
    for column in REQUEST_COLUMNS:
        expected = np.stack([getattr(plan, column) for plan in plans])
        np.testing.assert_array_equal(found[request_name(column)].values, expected, err_msg=column)
    np.testing.assert_array_equal(found["cell_reason"], np.stack([plan.cell_reason for plan in plans]))
    np.testing.assert_array_equal(found["satellite_gateway"], np.stack([plan.gateway for plan in plans]))
    np.testing.assert_array_equal(found["satellite_used"], np.stack([plan.used for plan in plans]))
    np.testing.assert_array_equal(found["request_cell"], plans.scheduler.requests.cell)
    np.testing.assert_array_equal(found["cell_id"], disk())


def test_sums_by_cell_are_those_of_the_slots(scenario: Scenario, found: xr.Dataset) -> None:
    """Reasons, rates and changes are added up as the run goes."""
    reason = found["cell_reason"].values
    for code in Unserved:
        np.testing.assert_array_equal(found["cell_reason_slots"].values[code], (reason == code).sum(axis=0))
    given = found["request_down_bps"].values.astype(np.float64)
    by_cell = np.stack([np.bincount(found["request_cell"].values, weights=row, minlength=7) for row in given])
    np.testing.assert_allclose(found["cell_given_bps"].values[0], by_cell.mean(axis=0), rtol=1e-6)
    assert (found["cell_used_bps"].values <= found["cell_asked_bps"].values + 1.0).all()
    np.testing.assert_allclose(found["cell_asked_bps"].values[0], 50e6)
    first = np.searchsorted(found["request_cell"].values, np.arange(7))
    satellite = found["request_satellite"].values[:, first]
    np.testing.assert_array_equal(found["cell_changes"], (satellite[1:] != satellite[:-1]).sum(axis=0))
    np.testing.assert_array_equal(found["satellite_most_requests"], found["satellite_used"].values.max(axis=0))


def test_a_terminal_flies_by_the_satellite_of_its_cell(found: xr.Dataset) -> None:
    """At each step by the plan of its slot; its rate is what its cell is given, and says so."""
    zurich = 0
    serving = found["site_satellite"].values[found["time_slot"].values, zurich]
    assert (serving >= 0).all()
    np.testing.assert_array_equal(found["entry_satellite"].values[:, 0], serving)
    assert LIMITS[int(found["rate_limit"].values[0, 0])] == "what its cell is given"
    assert 0.0 < found["rate_down_bps"].values[0, 0] <= 1e6
    gateway = found["exit_gateway"].values[:, 0]
    fed = found["satellite_gateway"].values[found["time_slot"].values]
    assert all(row in fed[step] for step, row in enumerate(gateway))


def test_the_way_of_a_terminal_is_that_of_its_request(found: xr.Dataset) -> None:
    """Beam, PoP and lasers of the request, and the gateway that feeds the satellite at which it comes down."""
    zurich = 0
    satellite, slots = found["site_satellite"].values[:, zurich], np.arange(found.sizes["slot"])
    request = np.array(
        [np.flatnonzero(row == one)[0] for row, one in zip(found["request_satellite"].values, satellite, strict=True)]
    )
    egress = found["request_egress"].values[slots, request]
    np.testing.assert_array_equal(
        found["site_gateway"].values[:, zurich], found["satellite_gateway"].values[slots, egress]
    )
    for name in ("pop", "laser_hops"):
        np.testing.assert_array_equal(
            found[f"site_{name}"].values[:, zurich], found[f"request_{name}"].values[slots, request]
        )
    assert (found["site_beam"].values[:, zurich] >= 0).all()
    for name in ("beam", "gateway", "pop", "laser_hops"):
        assert (found[f"site_{name}"].values[:, 1:] == -1).all()


def test_a_store_says_by_which_rules_it_was_made(found: xr.Dataset) -> None:
    """Policy, numbers, map and notes; and no word of beams that are not shared."""
    told = json.loads(found.attrs["service"])
    assert told["policy"] == "observed"
    assert told["slot_s"] == 15.0
    assert told["map_version"] == 0
    assert told["map_sha256"] == map_sha256(ServiceMap.everywhere())
    notes = json.loads(found.attrs["model_notes"])
    assert "Demand: made by hand" in notes
    assert UNSHARED_NOTE not in notes


def test_plans_are_made_a_few_at_a_time(scenario: Scenario, found: xr.Dataset, tmp_path: Path) -> None:
    """And the store does not depend on how many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_service, "SLOTS_AT_ONCE", 3)
        with open_results(run_scenario(scenario, tmp_path / "tiny.zarr")) as other:
            xr.testing.assert_identical(other.load(), found)


def test_a_closed_cell_is_dark_and_says_why(tmp_path: Path) -> None:
    """Its terminal's flow as well."""
    closed = states(disk()[:4], CellState.SUSPENDED)
    scenario = service_scenario(rules(service_map=closed))
    with open_results(run_scenario(scenario, tmp_path / "tiny.zarr")) as dataset:
        reason = dataset["cell_reason"].values
        assert (reason[:, :4] == Unserved.SUSPENDED).all()
        assert (reason[:, 4:] == Unserved.SERVED).all()
        is_dark = np.isin(dataset["site_reason"].values[:, 0], [Unserved.SUSPENDED]).all()
        assert (dataset["reason"].values[:, 0] == (Reason.NOT_SERVED if is_dark else Reason.REACHABLE)).all()


def test_long_steps_are_told(tmp_path: Path) -> None:
    """Slots between the steps are not planned."""
    scenario = service_scenario(time="[time]\nstart = 2026-01-01T00:00:12Z\nduration_s = 120\nstep_s = 60")
    with open_results(run_scenario(scenario, tmp_path / "tiny.zarr")) as dataset:
        notes = json.loads(dataset.attrs["service"])["notes"]
        assert any("Steps lie farther apart than slots of 15 s" in note for note in notes)
        assert (dataset["site_satellite"].values[:, 0] >= 0).all()
        assert dataset["cell_held"].values.sum() == 0, "what is between two slots is measured only if they follow"


def test_a_scenario_without_service_has_no_scheduler(tmp_path: Path) -> None:
    """Its store holds nothing of one."""
    scenario = tiny_scenario()
    with pytest.raises(PlanError):
        ServiceRun.of(scenario)
    with open_results(run_scenario(scenario, tmp_path / "tiny.zarr")) as dataset:
        assert "cell_id" not in dataset
        assert UNSHARED_NOTE in json.loads(dataset.attrs["model_notes"])


def test_cells_of_territories_are_marked(tmp_path: Path) -> None:
    """By the cell's centre."""
    territory = '[[territories]]\nname = "west"\npolygon_deg = [[46.0, 7.0], [49.0, 7.0], [49.0, 8.54], [46.0, 8.54]]'
    found = ServiceRun.of(service_scenario(territories=territory)).whole()
    west = np.degrees(found["cell_longitude_rad"].values) < 8.54
    assert found["territory"].values.tolist() == ["west"]
    assert found["territory_cell"].values.tolist() == [west.tolist()]
    assert 0 < west.sum() < 7


def test_nobody_asks_and_nothing_breaks(tmp_path: Path) -> None:
    """A table of demand without a cell."""
    scenario = service_scenario()
    service = scenario.service
    assert service is not None
    nothing = replace(service, demand=no_demand())
    with open_results(run_scenario(scenario.replace(service=nothing), tmp_path / "tiny.zarr")) as dataset:
        assert dataset.sizes["request"] == 0
        assert (dataset["reason"].values[:, 0] == Reason.NOT_SERVED).all()
