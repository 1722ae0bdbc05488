"""``skycommons laser`` lists a satellite's lasers and prints the budget of one."""

import json
from pathlib import Path
from typing import Any

import pytest

from skycommons.cli import main
from tests.support.tiny_world import DENSE, tiny_text

FROM = "s53-p01-02"


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Four hundred satellites in one shell."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(constellation=DENSE))
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What the command says to a program."""
    assert main(["laser", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_satellite_of_a_grid_points_four_lasers(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its length, its lowest point and the light that arrives; the farther, the less."""
    found = answer(capsys, scenario, "--from", FROM)
    rows = found["lasers"]
    assert len(rows) == 4
    assert all(row["state"] == "up" for row in rows)
    assert all(0.0 < row["grazing_height_m"] <= 1_210e3 for row in rows)
    by_range = sorted(rows, key=lambda row: row["range_m"])
    assert [row["received_dbm"] for row in by_range] == sorted((row["received_dbm"] for row in rows), reverse=True)
    assert found["rate_bps"] == 100e9
    assert main(["laser", scenario, "--from", FROM, "--at", "00:05"]) == 0
    out = capsys.readouterr().out
    assert "4 lasers, 100 Gbit/s each while up" in out
    assert rows[0]["to"] in out


def test_the_terms_of_a_budget_add_up_to_the_light(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether or not a laser is pointed there."""
    partner = answer(capsys, scenario, "--from", FROM)["lasers"][0]["to"]
    for name, state in ((partner, "up"), ("s53-p05-02", "not pointed")):
        row = answer(capsys, scenario, "--from", FROM, "--to", name)["lasers"][0]
        assert row["state"] == state
        assert sum(term["value_db"] for term in row["terms"]) == pytest.approx(row["received_dbm"], abs=1e-9)
    assert main(["laser", scenario, "--from", FROM, "--to", partner]) == 0
    out = capsys.readouterr().out
    assert "light received" in out
    assert out.count("(assumed)") == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "s53-p01-99"], "there is no satellite 's53-p01-99'"),
        (["--from", FROM, "--to", "nobody"], "there is no satellite 'nobody'"),
        (["--from", FROM, "--to", FROM], "is where the laser starts"),
        (["--from", FROM, "--at", "noon"], "--at: 'noon' is not a time"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    scenario: str, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    """One line, exit code 2."""
    assert main(["laser", scenario, *words]) == 2
    assert message in capsys.readouterr().err


OMM = {
    "EPOCH": "2026-01-01T00:00:00",
    "ECCENTRICITY": 0.0001,
    "INCLINATION": 53.0,
    "RA_OF_ASC_NODE": 0.0,
    "ARG_OF_PERICENTER": 0.0,
    "MEAN_ANOMALY": 0.0,
    "EPHEMERIS_TYPE": 0,
    "CLASSIFICATION_TYPE": "U",
    "ELEMENT_SET_NO": 999,
    "REV_AT_EPOCH": 1,
    "MEAN_MOTION_DOT": 0.0,
    "MEAN_MOTION_DDOT": 0.0,
}


def test_a_satellite_that_has_come_down_has_no_laser(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At neither end."""
    sinking = {**OMM, "OBJECT_NAME": "SINKING", "OBJECT_ID": "2026-001A", "NORAD_CAT_ID": 90001}
    flying = {**OMM, "OBJECT_NAME": "FLYING", "OBJECT_ID": "2026-001B", "NORAD_CAT_ID": 90002}
    sets = [{**sinking, "MEAN_MOTION": 15.8, "BSTAR": 0.05}, {**flying, "MEAN_MOTION": 15.0, "BSTAR": 0.0}]
    (tmp_path / "two.json").write_text(json.dumps(sets))
    path = tmp_path / "two.toml"
    path.write_text(tiny_text(constellation='[[constellation]]\ncatalogue = "two.json"'))
    late = ["--at", "2026-03-01T00:00:00Z"]
    for words in (["--from", "SINKING"], ["--from", "FLYING", "--to", "SINKING"]):
        assert main(["laser", str(path), *words, *late]) == 2
        assert "'SINKING' has no position then" in capsys.readouterr().err
