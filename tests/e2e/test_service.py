"""From a scenario with people and a closed territory to who is served, and why others are not."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from skycommons.cli import main
from skycommons.model.scenario import load
from skycommons.plan.requests import Unserved
from skycommons.studies.store import open_results

CLOSED = "closed rectangle (illustrative)"


@pytest.fixture(scope="module")
def folder(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped scenario on a smaller area and for two slots, run once."""
    text = (repository / "scenarios" / "inactive-territory.toml").read_text(encoding="utf-8")
    small = (
        text.replace("[[42.5, -2.0], [42.5, 14.0], [51.5, 14.0], [51.5, -2.0]]", "[[46, 5], [46, 8], [48, 8], [48, 5]]")
        .replace(
            "[[45.5, 4.0], [45.5, 9.0], [48.5, 9.0], [48.5, 4.0]]",
            "[[46.6, 5.8], [46.6, 7.2], [47.4, 7.2], [47.4, 5.8]]",
        )
        .replace("duration_s = 300", "duration_s = 30")
    )
    assert small.count("5.8") == 2
    made = tmp_path_factory.mktemp("service")
    (made / "small.toml").write_text(small, encoding="utf-8")
    assert main(["run", str(made / "small.toml"), "--out", str(made), "--quiet"]) == 0
    return made


def test_not_one_cell_of_an_inactive_territory_is_served_and_its_neighbours_are(folder: Path) -> None:
    """In any slot; a neighbour is a cell that shares an edge."""
    import h3.api.numpy_int as h3

    closed = load(folder / "small.toml").territory(CLOSED).cells
    with open_results(folder / "inactive-territory.zarr") as dataset:
        cells, reason = dataset["cell_id"].values, dataset["cell_reason"].values
        is_closed = np.isin(cells, closed)
        assert is_closed.sum() > 10
        assert (reason[:, is_closed] == Unserved.TERRITORY_INACTIVE).all()
        request_closed = is_closed[dataset["request_cell"].values]
        assert (dataset["request_satellite"].values[:, request_closed] < 0).all()
        ring = np.setdiff1d(np.concatenate([h3.grid_ring(int(cell), 1) for cell in closed]), closed)
        beside = np.isin(cells, ring)
        assert beside.sum() > 10
        assert (reason[:, beside] == Unserved.SERVED).all()


def test_the_reason_is_named_wherever_people_look(folder: Path) -> None:
    """In the report, in the tables, and at the terminal that stands inside."""
    page = (folder / "inactive-territory.html").read_text(encoding="utf-8")
    assert f"{CLOSED}: not one of" in page
    assert "because its territory is not active" in page
    with (folder / "inactive-territory-service" / "reasons.csv").open(encoding="utf-8", newline="") as stream:
        assert "its territory is not active" in {row["words"] for row in csv.DictReader(stream)}
    with (folder / "inactive-territory-service" / "outages.csv").open(encoding="utf-8", newline="") as stream:
        whys = {row["terminal"]: row["reason"] for row in csv.DictReader(stream)}
    assert whys["inside"] == "its territory is not active"


def test_the_plan_of_the_run_keeps_all_rules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As an independent check sees it."""
    code = main(["check", str(folder / "small.toml"), "--plan", str(folder / "inactive-territory.zarr"), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["violations"]) == (0, [])


def test_the_busy_hour_runs_on_a_piece_of_the_world(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shipped scenario, with people counted in one small territory."""
    text = (repository / "scenarios" / "busy-hour.toml").read_text(encoding="utf-8")
    text = text.replace("population = true", 'population = true\nterritories = ["piece"]')
    text += '\n[[territories]]\nname = "piece"\npolygon_deg = [[6, 2], [6, 5], [9, 5], [9, 2]]\n'
    path = tmp_path / "busy.toml"
    path.write_text(text.replace("duration_s = 120", "duration_s = 15"), encoding="utf-8")
    assert main(["run", str(path), "--out", str(tmp_path), "--no-report", "--json"]) == 0
    service = json.loads(capsys.readouterr().out)["service"]
    assert service["cells"] > 100
    assert service["served_share"] > 0.9
    assert {one["name"] for one in service["terminals"]} >= {"zurich", "lagos"}
