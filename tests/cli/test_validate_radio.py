"""``skycommons validate radio`` prints every check with its verdict."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from skycommons.cli import main
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared

RAIN = compared("rain", "P.618-14", [1.0] * 9, [1.0 + 3e-9] * 9, test=Acceptance.PROPAGATION, absolute=1e-8)
SNOW = compared("snow", "a guess", 2.0, 1.0, test=Acceptance.PROPAGATION, unit="dB", absolute=0.1, reason="no model")
HAIL = replace(SNOW, name="hail", comparable=False)


@pytest.fixture(autouse=True)
def comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that is already made."""

    def compare(folder: Path) -> list[RadioCheck]:
        return [RAIN, SNOW, HAIL] if folder.name == "all" else [RAIN, HAIL]

    module = ModuleType("skycommons.studies.validate_radio")
    monkeypatch.setattr(module, "validate_radio", compare, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_json_has_every_check_with_value_expectation_and_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """One check that disagrees makes the whole disagree; one that cannot be compared does not."""
    assert main(["validate", "radio", "--dir", "all", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agrees"] is False
    assert told["counts"] == {"agrees": 1, "disagrees": 1, "not comparable": 1}
    assert [check["verdict"] for check in told["checks"]] == ["agrees", "disagrees", "not comparable"]
    assert told["checks"][1] == {
        "test": "propagation",
        "name": "snow",
        "value": "2 dB",
        "expectation": "1 dB, within 0.1 dB",
        "verdict": "disagrees",
        "reason": "no model",
        "source": "a guess",
        "cases": 1,
        "within": 0,
        "tolerance": "0.1 absolute",
        "largest_relative": 1.0,
        "largest_difference": 1.0,
    }


def test_without_a_folder_the_one_beside_the_checkout_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Here it gives the rows that agree."""
    assert main(["validate", "radio", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["agrees"] is True


def test_people_get_a_table_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    """The one that disagrees in capitals; then how many, and why."""
    assert main(["validate", "radio", "--dir", "all"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "DISAGREES" in next(line for line in lines if "snow" in line)
    assert lines[-3:] == ["1 agrees, 1 disagrees, 1 not comparable", "snow: no model", "hail: no model"]


def test_quiet_keeps_the_table_and_only_the_hints_go(capsys: pytest.CaptureFixture[str]) -> None:
    """As for every command."""
    assert main(["validate", "radio", "--dir", "rain"]) == 0
    loud = capsys.readouterr().out
    assert main(["validate", "radio", "--dir", "rain", "--quiet"]) == 0
    assert capsys.readouterr().out == loud
