"""``skycommons spectrum`` checks beams and a dish."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.support.tiny_world import DENSE, STRICT, tiny_text


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Four hundred satellites over a dish that keeps away from the geostationary arc."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(constellation=DENSE, terminals=STRICT))
    return str(path)


def test_levels_are_told_and_that_no_limit_was_checked(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the label that says what this is not."""
    assert main(["spectrum", scenario]) == 0
    out, err = capsys.readouterr()
    assert "against 47 CFR 25.208(b): 1 terminals, 4 steps" in out
    assert "a dish of 1.2 m hears at 47.37°, 8.54°, looking at 8.54°" in out
    assert "No limit of epfd was checked" in out
    assert out.endswith("EPFD-style: not an S.1503 validation\n")
    assert err == ""


def test_limits_that_are_brought_get_verdicts(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the tables go to a folder."""
    limits = tmp_path / "limits.csv"
    limits.write_text("percent,epfd\n100,-100\n90,-250\n")
    words = ["spectrum", scenario, "--limit-csv", str(limits), "--out", str(tmp_path / "out")]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "Limits that were brought" in out
    assert "exceeded, by too few steps" in out
    assert any(line.split()[-1:] == ["kept"] for line in out.splitlines())
    assert "No limit" not in out
    assert err.count("wrote ") == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["epfd.csv", "pfd.csv"]


def test_the_answer_as_json(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Degrees, levels, and the label."""
    words = ["--latitude-deg=40", "--longitude-deg=5", "--gso-longitude-deg=19.2", "--dish-m=3", "--exclusion-deg=10"]
    assert main(["spectrum", scenario, *words, "--hours=0.05", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["label"] == "EPFD-style: not an S.1503 validation"
    assert answer["dish"]["gso_longitude_deg"] == pytest.approx(19.2)
    assert answer["dish"]["diameter_m"] == 3
    assert answer["exclusion_deg"] == pytest.approx(10.0)
    assert answer["steps"] == 12
    assert [row["percent"] for row in answer["epfd"]] == [50, 90, 99, 99.9, 100]
    assert answer["pfd"][0]["worst_margin_db"] >= 0.0
    assert answer["verdicts"] == []
    assert answer["recommendations"]["limit of flux density on the ground"] == "47 CFR 25.208(b)"


def test_a_bad_option_is_one_message(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, exit code 2."""
    assert main(["spectrum", scenario, "--dish-m", "0.1"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("skycommons: ITU-R S.1428 holds from 20 wavelengths")
