"""``skycommons run``: a table here, and the results as files."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from skycommons.cli import main
from skycommons.cli.run import Paths, changed
from skycommons.model.scenario import Scenario
from skycommons.studies.store import open_results
from tests.support.results import small_results
from tests.support.service import with_service
from tests.support.tiny_world import tiny_scenario, tiny_text


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Scenario]:
    """Scenarios that were computed; in place of the computation stand results made by hand."""
    scenarios: list[Scenario] = []

    def run_scenario(
        scenario: Scenario, store: Path, *, progress: Callable[[int], None], enforced: object = None
    ) -> Path:
        scenarios.append(scenario)
        small_results(steps=3).to_zarr(store, mode="w")
        progress(len(scenario.times()))
        return store

    module = ModuleType("skycommons.studies.run")
    monkeypatch.setattr(module, "run_scenario", run_scenario, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return scenarios


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """A sound scenario file."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text())
    return str(path)


def test_it_prints_a_table_and_the_paths_of_all_that_it_wrote(
    scenario: str, ran: list[Scenario], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Store, report, CSV, CZML and GeoJSON."""
    out = tmp_path / "out"
    assert main(["run", scenario, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "zurich" in shown
    paths = Paths.under(out, "tiny")
    for path in (paths.store, paths.report, paths.tables, paths.czml, paths.geojson):
        assert path.exists()
        assert str(path) in shown
    assert len(ran) == 1


def test_the_store_alone_is_written_on_request(
    scenario: str, ran: list[Scenario], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ``--no-report``; as JSON, the answer names the files."""
    words = [
        "--out",
        str(tmp_path),
        "--no-report",
        "--json",
        "--hours",
        "0.01",
        "--step-s",
        "5",
        "--start",
        "2026-02-01",
    ]
    assert main(["run", scenario, *words]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["files"] == {"store": str(tmp_path / "tiny.zarr")}
    assert len(answer["per_flow"]) == 7
    assert not Paths.under(tmp_path, "tiny").report.exists()
    (scenario_ran,) = ran
    assert len(scenario_ran.times()) == 8


def test_options_change_the_span_and_wrong_ones_are_refused(
    scenario: str, ran: list[Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is computed."""
    assert changed(tiny_scenario(), hours=1).duration_s == 3600
    for words in (
        ["--hours", "0"],
        ["--hours", "nan"],
        ["--step-s", "-1"],
        ["--start", "soon"],
        ["--hours", "1e9"],
        ["--start", "1200-01-01"],
    ):
        assert main(["run", scenario, *words]) == 2
        complaint = capsys.readouterr().err
        assert complaint.startswith("skycommons: ")
        assert words[0] in complaint
    assert ran == []


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(
    scenario: str, ran: list[Scenario], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file stands in its way."""
    (tmp_path / "file").write_text("mine")
    assert main(["run", scenario, "--out", str(tmp_path / "file" / "results")]) == 6
    assert "cannot write" in capsys.readouterr().err
    assert ran == []


def test_notes_are_said_before_the_work(
    tmp_path: Path, ran: list[Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr."""
    (tmp_path / "g.csv").write_text("name,lat,lon,status\na,1,1,operational\nb,2,2,planned\n")
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(gateways="[gateways]\nfile = 'g.csv'"))
    assert main(["run", str(path), "--out", str(tmp_path), "--no-report"]) == 0
    assert "note: g.csv: 1 site(s)" in capsys.readouterr().err
    assert len(ran) == 1


def test_a_run_without_flows_says_what_to_add(
    scenario: str,
    ran: list[Scenario],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A scenario of gateways alone computes, and has nothing to show."""
    monkeypatch.setattr("skycommons.studies.summary.Summary.rows", lambda _: [])
    assert main(["run", scenario, "--out", str(tmp_path), "--no-report"]) == 0
    assert "no flows; add terminals with PoPs, or pairs" in capsys.readouterr().out
    assert len(ran) == 1


def test_a_run_with_a_scheduler_tells_who_is_served(
    scenario: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers, reasons, territories and terminals, and where the losses are from; without terminals no table of them."""
    whole = with_service()
    results = [whole, whole.assign(site_kind=whole["site_kind"].clip(min=1))]

    def run_scenario(_: Scenario, store: Path, *, progress: Callable[[int], None], enforced: object = None) -> Path:
        results.pop(0).to_zarr(store, mode="w")
        return store

    monkeypatch.setattr("skycommons.studies.run.run_scenario", run_scenario)
    assert main(["run", scenario, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    for words in ("cells served", "Why cells are not served", "Territories", "Terminals", "measured on other dishes"):
        assert words in shown
    assert (tmp_path / "tiny-service" / "addresses.csv").exists()
    assert main(["run", scenario, "--out", str(tmp_path), "--no-report"]) == 0
    assert "Terminals" not in capsys.readouterr().out


def test_the_tiny_scenario_is_computed_for_real(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the file to a store that opens with xarray."""
    assert main(["run", scenario, "--out", str(tmp_path), "--no-report", "--json", "--hours", "0.02"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [row["flow"] for row in answer["per_flow"]] == ["zurich -> nearest PoP", "zurich -> frankfurt"]
    with open_results(Path(answer["files"]["store"])) as results:
        assert results.sizes["time"] == answer["steps"] == 5


def test_files_named_on_the_command_line_take_the_place_of_the_scenarios_own(
    scenario: str, ran: list[Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gateways and PoPs of other files, found from the current folder."""
    (tmp_path / "gateways.csv").write_text("name,lat,lon\nhill,47.0,8.0\nvalley,47.5,-122.0\n")
    (tmp_path / "pops.csv").write_text("name,lat,lon\nfrankfurt,50.1,8.7\n")
    monkeypatch.chdir(tmp_path)
    words = ["--gateways", "gateways.csv", "--pops", "pops.csv", "--out", str(tmp_path / "out"), "--no-report"]
    assert main(["run", scenario, *words]) == 0
    assert {"hill", "valley", "frankfurt"} <= set(ran[0].world.sites.ids)


def test_a_catalogue_named_on_the_command_line_takes_the_place_of_the_shells(
    scenario: str, ran: list[Scenario], tmp_path: Path
) -> None:
    """Its satellites, and only those."""
    catalogue = tmp_path / "two.tle"
    catalogue.write_text(
        "STARLINK-1008\n"
        "1 44714U 19074B   26140.68420351  .00010339  00000+0  21079-3 0  9990\n"
        "2 44714  53.1522 200.0563 0002533  31.1948 328.9209 15.46851868359951\n"
    )
    assert main(["run", scenario, "--catalogue", str(catalogue), "--out", str(tmp_path / "out"), "--no-report"]) == 0
    assert ran[0].world.satellites.ids == ("STARLINK-1008",)


def test_a_file_that_is_missing_is_a_fault_of_the_scenario(
    scenario: str, ran: list[Scenario], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is computed."""
    assert main(["run", scenario, "--gateways", str(tmp_path / "none.csv")]) == 2
    assert "none.csv cannot be read" in capsys.readouterr().err
    assert ran == []
