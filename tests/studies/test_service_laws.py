"""The store keeps a map once for each change, and tells which decision a cell obeys at each slot."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState
from skycommons.model.service_timeline import ServiceLayer, ServiceTimeline
from skycommons.plan.check import check_steps
from skycommons.plan.requests import Unserved
from skycommons.studies.export_service import write_service
from skycommons.studies.plan_store import StoredPlan
from skycommons.studies.reconcile import AlarmKind, measured, reconcile
from skycommons.studies.run import run_scenario
from skycommons.studies.service_laws import decisions_of, slot_ends, state_spans, state_words
from skycommons.studies.service_store import service_description
from skycommons.studies.store import open_results, time_ns
from tests.support.service_world import HOME, disk, rules, service_scenario

START_NS = 1_767_225_600 * 10**9


def scenario() -> Scenario:
    """Seven cells for a minute: the middle one is dark for 20 s, and one beside it all the time, by another decision."""
    beside = disk(1)[disk(1) != HOME][:1]
    layers = (
        ServiceLayer(decision="aa", cells=disk(0), state=CellState.SUSPENDED, ends_ns=START_NS + 20 * 10**9),
        ServiceLayer(decision="bb", cells=beside, state=CellState.INACTIVE),
    )
    return service_scenario(replace(rules(), layers=layers))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its results."""
    return run_scenario(scenario(), tmp_path_factory.mktemp("laws") / "tiny.zarr")


def test_a_map_is_kept_once_for_each_change(store: Path) -> None:
    """Slots name the one that holds."""
    with open_results(store) as dataset:
        assert dataset["change_slot"].values.tolist() == [0, 2]
        assert dataset["slot_change"].values.tolist() == [0, 0, 1, 1]
        row = int(np.flatnonzero(dataset["cell_id"].values == HOME)[0])
        assert dataset["cell_state"].values[:, row].tolist() == [CellState.SUSPENDED, CellState.ACTIVE]
        assert dataset["cell_decision"].values[:, row].tolist() == [0, -1]
        assert dataset["cell_reason"].values[:, row].tolist() == [Unserved.SUSPENDED] * 2 + [Unserved.SERVED] * 2
        assert state_words(dataset, np.array([row])) == ["suspended, then active"]


def test_stretches_have_begin_end_and_decision(store: Path) -> None:
    """A cell that is active by nobody's decision has none."""
    with open_results(store) as dataset:
        begins, ends = time_ns(dataset["slot_time"]), slot_ends(dataset)
        assert (ends - begins).tolist() == [15 * 10**9] * 4
        spans = list(state_spans(dataset))
        of_home = next(span for span in spans if dataset["cell_id"].values[span.cell] == HOME)
        assert (of_home.begin_ns, of_home.end_ns, of_home.state) == (begins[0], ends[1], CellState.SUSPENDED)
        of_other = next(span for span in spans if span.decision == 1)
        assert (of_other.begin_ns, of_other.end_ns) == (begins[0], ends[-1])
        assert len(spans) == 2


def test_the_run_says_which_decisions_there_were(store: Path) -> None:
    """In words and times."""
    with open_results(store) as dataset:
        found = service_description(dataset)["decisions"]
    service = scenario().service
    assert service is not None
    assert found == decisions_of(service.timeline)
    assert found[0] == {
        "decision": "aa",
        "kind": "territory",
        "state": "suspended",
        "service_class": "priority",
        "cells": 1,
        "sites": [],
        "groups": [],
        "ends": "2026-01-01T00:00:20Z",
    }
    assert found[1]["ends"] is None


def test_the_files_say_what_changed(store: Path, tmp_path: Path) -> None:
    """One row a stretch."""
    with open_results(store) as dataset:
        files = write_service(dataset, tmp_path)
    rows = files["states"].read_text().splitlines()
    assert rows[0] == "cell,begin,end,state,decision"
    assert f"{HOME:x},2025-12-31T23:59:57Z,2026-01-01T00:00:27Z,suspended,aa" in rows
    assert len(rows) == 3
    assert "suspended, then active" in files["cells"].read_text()


def test_the_stored_plan_keeps_all_rules(store: Path) -> None:
    """Judged by the same decisions; without them it breaks some, and says so."""
    world = scenario()
    stored = StoredPlan.open(store, world.world)
    assert not any(sum(verdict.counts) for verdict in check_steps(world, stored.parts()))
    plain = world.replace(service=replace(rules(), layers=()))
    assert any(sum(verdict.counts) for verdict in check_steps(plain, stored.parts()))
    stored.dataset.close()


def test_measured_service_agrees_with_what_was_decided(store: Path) -> None:
    """And with nothing else: under another map the very same plan raises alarms."""
    service = scenario().service
    assert service is not None
    with open_results(store) as dataset:
        seen = measured(dataset)
    found = reconcile(seen, service.timeline)
    assert found
    assert sorted(record.decision for record in found.records) == ["aa", "bb"]
    assert {alarm.kind for alarm in reconcile(seen, ServiceTimeline()).alarms} == {AlarmKind.REASON_WITHOUT_DECISION}


def test_a_run_without_decisions_has_one_map(tmp_path: Path) -> None:
    """And no stretches to tell."""
    with open_results(run_scenario(service_scenario(), tmp_path / "tiny.zarr")) as dataset:
        assert dataset.sizes["change"] == 1
        assert list(state_spans(dataset)) == []
