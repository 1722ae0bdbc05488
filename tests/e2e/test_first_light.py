"""From a scenario file to results that people can look at, by the command line, with nothing replaced."""

import json
from pathlib import Path

import numpy as np
import pytest

from skycommons.cli import main
from skycommons.model.scenario import load
from skycommons.plan.routes import route
from skycommons.studies.store import open_results


@pytest.fixture
def scenario(repository: Path) -> Path:
    """The smallest scenario that ships with the program."""
    return repository / "scenarios" / "tiny.toml"


def test_a_scenario_becomes_a_table_a_store_and_a_report(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One row a flow; all files are where it says."""
    assert main(["run", str(scenario), "--out", str(tmp_path), "--hours", "0.1", "--step-s", "30"]) == 0
    shown = capsys.readouterr().out
    found = load(scenario)
    with open_results(tmp_path / f"{found.name}.zarr") as dataset:
        assert dataset.sizes["time"] == 12
        flows = [str(name) for name in dataset["flow"].values]
        assert flows
        for flow in flows:
            assert flow.split(" -> ")[0] in shown
        ephemeris = found.propagate(found.times(hours=0.1, every_s=30.0))
        np.testing.assert_allclose(dataset["rtt_s"], 2.0 * route(found, ephemeris).delay_s, rtol=1e-12)
        assert np.isfinite(dataset["rtt_s"]).any()
    report = tmp_path / f"{found.name}.html"
    assert str(report) in shown
    page = report.read_text(encoding="utf-8")
    assert "<svg" in page or "data:image" in page
    assert 'src="http' not in page
    for suffix in (".czml", ".geojson", "-csv"):
        assert (tmp_path / f"{found.name}{suffix}").exists()


def test_the_same_run_twice_gives_the_same_numbers(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON, for programs."""
    answers = []
    for _ in range(2):
        words = ["--out", str(tmp_path), "--hours", "0.05", "--step-s", "30", "--no-report", "--json"]
        assert main(["run", str(scenario), *words]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1]
    assert answers[0]["files"] == {"store": str(tmp_path / f"{load(scenario).name}.zarr")}
    assert len(answers[0]["per_flow"]) > 0
