"""The plan in the store of a run."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.plan.check import check
from skycommons.plan.plan_table import PlanTable
from skycommons.studies import plan_store
from skycommons.studies.plan_store import StoredPlan
from skycommons.studies.run import run_scenario
from skycommons.studies.store import ResultsError
from tests.support.plans import planned
from tests.support.tiny_world import tiny_scenario


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the small plan's scenario: 60 s, four slots."""
    return run_scenario(planned()[0], tmp_path_factory.mktemp("store") / "tiny.zarr")


def test_the_plan_of_a_run_is_that_of_the_schedule(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row, however it is cut; and it keeps all rules."""
    scenario, plan = planned()
    stored = StoredPlan.open(store, scenario.world)
    assert len(stored) == 4
    (whole,) = stored.parts()
    monkeypatch.setattr(plan_store, "_SLOTS_AT_ONCE", 2)
    first, second = stored.parts()
    for name in PlanTable.__slots__:
        np.testing.assert_allclose(getattr(first, name), getattr(plan, name), rtol=1e-6, err_msg=name)
    assert second.time_ns.tolist() == whole.time_ns[2:].tolist()
    assert check(scenario, whole) == ()


def test_a_store_of_another_world_is_refused(store: Path) -> None:
    """Rows would mean somebody else."""
    with pytest.raises(ResultsError, match=r"satellites: are not those") as caught:
        StoredPlan.open(store, tiny_scenario(terminals="", pairs="").world)
    assert [fault.place for fault in caught.value.faults] == ["satellites", "sites"]


def test_a_run_without_service_holds_no_plan(tmp_path: Path) -> None:
    """Said in words."""
    scenario = tiny_scenario()
    run_scenario(scenario, tmp_path / "tiny.zarr")
    with pytest.raises(ResultsError, match="holds no plan"):
        StoredPlan.open(tmp_path / "tiny.zarr", scenario.world)
