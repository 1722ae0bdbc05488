"""``skycommons validate satgenpy`` prints four keys per constellation."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from skycommons.cli import main


@dataclass(frozen=True)
class Comparison:
    """What a comparison finds."""

    name: str
    rows: int
    rows_within_1us: int
    max_difference_ms: float
    differing: tuple[dict[str, object], ...]


@pytest.fixture(autouse=True)
def comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that is already made."""

    def compare(folder: Path) -> list[Comparison]:
        return [Comparison(folder.name, 10, 9, 0.25, ({"pair": "a-b", "time_s": 3},))]

    module = ModuleType("skycommons.studies.validate_satgenpy")
    monkeypatch.setattr(module, "validate_satgenpy", compare, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_json_has_exactly_the_four_keys(capsys: pytest.CaptureFixture[str]) -> None:
    """By constellation."""
    assert main(["validate", "satgenpy", "--dir", "some/kuiper", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "kuiper": {
            "rows": 10,
            "rows_within_1us": 9,
            "max_difference_ms": 0.25,
            "differing_rows": [{"pair": "a-b", "time_s": 3}],
        }
    }


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One row per constellation."""
    assert main(["validate", "satgenpy", "--dir", "some/kuiper"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["kuiper", "10", "9", "0.250000", "1"]
