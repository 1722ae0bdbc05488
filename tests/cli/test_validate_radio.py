"""``skycommons validate radio`` prints every check with its verdict."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from skycommons.cli import main
from skycommons.studies.radio_check import RadioCheck

CHECKS = [
    RadioCheck(
        name=name,
        recommendation="P.618-14",
        cases=64,
        within=within,
        largest_relative=2e-9,
        largest_absolute_db=1e-8,
        tolerance="1e-6 relative or 1e-8 dB",
    )
    for name, within in (("rain", 64), ("snow", 63))
]


@pytest.fixture(autouse=True)
def comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that is already made."""

    def compare(folder: Path) -> list[RadioCheck]:
        return CHECKS if folder.name == "both" else CHECKS[:1]

    module = ModuleType("skycommons.studies.validate_radio")
    monkeypatch.setattr(module, "validate_radio", compare, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_json_has_every_check_and_one_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """One check that differs makes the whole differ."""
    assert main(["validate", "radio", "--dir", "both", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agrees"] is False
    assert [check["verdict"] for check in told["checks"]] == [True, False]
    assert told["checks"][0] == {
        "name": "rain",
        "recommendation": "P.618-14",
        "cases": 64,
        "within": 64,
        "largest_relative": 2e-9,
        "largest_absolute_db": 1e-8,
        "tolerance": "1e-6 relative or 1e-8 dB",
        "verdict": True,
    }


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One row per check, the one that differs in capitals."""
    assert main(["validate", "radio", "--dir", "both"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[-1] for row in rows[-2:]] == ["agrees", "DIFFERS"]


def test_quiet_keeps_the_table_and_only_the_hints_go(capsys: pytest.CaptureFixture[str]) -> None:
    """As for every command."""
    assert main(["validate", "radio", "--dir", "rain"]) == 0
    loud = capsys.readouterr().out
    assert main(["validate", "radio", "--dir", "rain", "--quiet"]) == 0
    assert capsys.readouterr().out == loud
