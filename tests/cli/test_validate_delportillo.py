"""``skycommons validate delportillo`` prints the totals of three constellations."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from skycommons.studies import validate_delportillo as study
from skycommons.studies.validate_delportillo import SystemTotal

TOTAL = SystemTotal(
    name="OneWeb",
    satellites=720,
    sites=71,
    total_bps=1.8e12,
    demand_bps=1.9e12,
    without_lasers_bps=1.8e12,
    published_bps=1.5e12,
    published_average_bps=2.17e9,
    published_most_bps=10e9,
    most_bps=9.59e9,
)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, float, bool]]:
    """What the command asked the study for."""
    calls: list[tuple[str, int, float, bool]] = []

    def totals(folder: Path, *, instants: int, countryside_m: float, weather: bool) -> tuple[SystemTotal, ...]:
        calls.append((folder.name, instants, countryside_m, weather))
        return (TOTAL,)

    monkeypatch.setattr(study, "validate_delportillo", totals)
    return calls


def test_people_get_a_table(capsys: pytest.CaptureFixture[str], asked: list[tuple[str, int, float, bool]]) -> None:
    """Totals in Tbit/s, of a satellite in Gbit/s."""
    assert main(["validate", "delportillo", "--dir", "radio", "--instants", "3", "--countryside-km", "150"]) == 0
    row = capsys.readouterr().out.splitlines()[-1].split()
    assert row == ["OneWeb", "1.80", "1.50", "+20.0", "%", "1.90", "1.80", "2.50", "9.6"]
    assert asked == [("radio", 3, 150e3, True)]


def test_json_has_every_figure(capsys: pytest.CaptureFixture[str], asked: list[tuple[str, int, float, bool]]) -> None:
    """In bit/s, with the difference."""
    assert main(["validate", "delportillo", "--json"]) == 0
    (system,) = json.loads(capsys.readouterr().out)["systems"]
    assert system["total_bps"] == 1.8e12
    assert system["difference"] == pytest.approx(0.2)
    assert system["average_bps"] == 2.5e9
    assert asked == [("radio", 24, 250e3, True)]


def test_the_sky_may_be_clear(asked: list[tuple[str, int, float, bool]]) -> None:
    """Then the paper's rates hold always."""
    assert main(["validate", "delportillo", "--clear-sky"]) == 0
    assert asked == [("radio", 24, 250e3, False)]
