"""``skycommons check`` lists all faults, or says that there are none."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.support.tiny_world import tiny_text


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
