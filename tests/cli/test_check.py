"""``skycommons check`` lists all faults, or says that there are none."""

import json
import re
from pathlib import Path

import pytest

from skycommons.cli import main
from skycommons.model.scenario import load
from skycommons.plan.check import RULES
from skycommons.studies.run import run_scenario
from tests.support.tiny_world import DENSE, tiny_text


def test_a_sound_scenario_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What would be computed."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text())
    assert main(["check", str(path)]) == 0
    out, err = capsys.readouterr()
    assert "no faults" in out
    assert out.splitlines()[-1].split() == ["12", "1", "3", "1", "4"]
    assert err == ""


def test_notes_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are remarks, not the answer."""
    (tmp_path / "g.csv").write_text("name,lat,lon,status\na,1,1,operational\nb,2,2,planned\n")
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(gateways="[gateways]\nfile = 'g.csv'"))
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().err == "note: g.csv: 1 site(s) not in operation left out\n"
    assert main(["check", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["sound"] is True
    assert answer["notes"] == ["g.csv: 1 site(s) not in operation left out"]


def test_all_faults_come_at_once_with_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As text on stderr."""
    path = tmp_path / "bad.toml"
    path.write_text(tiny_text(head="name = 'A B'\nseed = -1"))
    assert main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0].strip() for line in err.splitlines()] == ["skycommons", "name", "seed"]


def test_rain_of_another_day_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run could not start; said before it."""
    (tmp_path / "rain.csv").write_text(
        "time,latitude_deg,longitude_deg,rain_mm_h\n2001-01-01T00:00Z,47.4,8.5,0\n2001-01-01T01:00Z,47.4,8.5,2\n"
    )
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(weather="[weather]\nmode = 'measured'\nfile = 'rain.csv'"))
    assert main(["check", str(path), "--json"]) == 2
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["place"] == "weather.file"
    assert "from 2001-01-01T00:00:00Z" in fault["message"]


def test_faults_as_json_are_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Place and message of each."""
    assert main(["check", str(tmp_path / "none.toml"), "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["sound"] is False
    assert answer["faults"] == [{"place": "file", "message": "does not exist; check the path"}]


def test_who_asks_for_service_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is a scheduler."""
    (tmp_path / "map.json").write_text('{"version": 3}')
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(service='[service]\nmap_file = "map.json"'))
    assert main(["check", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["cells"], answer["subscribers"], answer["service_map_version"]) == (1, 1, 3)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario with a schedule, and the results of its run."""
    folder = tmp_path_factory.mktemp("check")
    text = tiny_text(constellation=DENSE, schedule="[schedule]")
    (folder / "tiny.toml").write_text(text.replace("00:00:00Z", "00:00:12Z"))
    run_scenario(load(folder / "tiny.toml"), folder / "tiny.zarr")
    return folder


def test_the_plan_of_a_run_keeps_all_rules(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each rule stands in the table with what it says."""
    plan = ["--plan", str(run_folder / "tiny.zarr")]
    assert main(["check", str(run_folder / "tiny.toml"), *plan]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].endswith("tiny.zarr: 4 slots: keeps all rules")
    assert re.search(r"^way-to-pop +0 +Traffic comes down", out, flags=re.MULTILINE)


def test_a_plan_edited_by_hand_is_caught(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written, edited, checked: exit code 4, with rule, slot and cell."""
    scenario = str(run_folder / "tiny.toml")
    assert main(["check", scenario, "--plan", str(run_folder / "tiny.zarr"), "--out", str(tmp_path / "plan")]) == 0
    capsys.readouterr()
    table = tmp_path / "plan" / "plan.csv"
    assert main(["check", scenario, "--plan", str(table)]) == 0
    table.write_text(table.read_text().replace(",0,standard", ",9,standard", 1))
    capsys.readouterr()
    assert main(["check", scenario, "--plan", str(tmp_path / "plan")]) == 4
    out = capsys.readouterr().out
    assert f"breaks 1 of {len(RULES)} rules" in out
    assert re.search(
        r"^channel-exists +0 +2026-01-01T00:00:12Z +cell 85\w+ +is served on channel 9;", out, re.MULTILINE
    )
    assert main(["check", scenario, "--plan", str(tmp_path / "plan"), "--json"]) == 4
    answer = json.loads(capsys.readouterr().out)
    assert (answer["plan"], answer["sound"], answer["slots"]) == (str(tmp_path / "plan"), False, 4)
    (violation,) = answer["violations"]
    assert list(violation) == ["rule", "step", "time", "subject", "detail"]
    assert (violation["rule"], violation["step"]) == ("channel-exists", 0)
    assert {rule["name"]: rule["broken"] for rule in answer["rules"]}["channel-exists"] == 1


def test_what_is_no_plan_is_an_error(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without tables, a plan of another scenario, a scenario without service, and --out alone."""
    scenario, other = str(run_folder / "tiny.toml"), tmp_path / "other.toml"
    other.write_text(tiny_text())
    for arguments, code, message in (
        ([scenario, "--plan", str(tmp_path)], 2, "holds neither the store of a run nor plan.csv"),
        ([scenario, "--plan", str(tmp_path / "none.zarr")], 2, "1 fault(s)\n  path: there is no such file or folder"),
        ([str(other), "--plan", str(run_folder / "tiny.zarr")], 2, "satellites: are not those of the scenario"),
        ([scenario, "--out", str(tmp_path / "plan")], 2, "--out writes a plan; name one by --plan"),
    ):
        assert main(["check", *arguments]) == code
        assert message in capsys.readouterr().err
