"""``skycommons sky`` shows a dish's sky."""

import json
from pathlib import Path

import pytest

from skycommons.base.errors import InputError
from skycommons.cli import main
from skycommons.cli.sky import sky
from tests.support.tiny_world import DENSE, STRICT, tiny_text


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Four hundred satellites over a dish that keeps away from the geostationary arc."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(constellation=DENSE, terminals=STRICT))
    return str(path)


def test_the_sky_is_told_and_drawn(scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Satellites, who serves, and the picture's place."""
    figure, horizon = tmp_path / "sky.png", tmp_path / "horizon.csv"
    horizon.write_text("0,20\n180,50\n")
    words = [
        "--from",
        "zurich",
        "--at",
        "00:00",
        "--minutes",
        "0.5",
        "--obstructions",
        str(horizon),
        "--figure",
        str(figure),
    ]
    assert main(["sky", scenario, *words]) == 0
    out = capsys.readouterr().out
    assert "zurich at 2026-01-01T00:00:00Z" in out
    assert "Who serves" in out
    assert str(figure) in out
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert main(["sky", scenario, *words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [slot["begin"] for slot in answer["slots"]] == [
        "2025-12-31T23:59:57Z",
        "2026-01-01T00:00:12Z",
        "2026-01-01T00:00:27Z",
    ]
    assert any(row["blocked"] for row in answer["satellites"])
    assert sum(row["serves"] for row in answer["satellites"]) == 1
    assert answer["figure"] == str(figure)


def test_a_dish_without_service_is_told_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In place of a satellite; without --at, the scenario's start is shown."""
    path = tmp_path / "closed.toml"
    path.write_text(tiny_text(service='[service]\ndefault = "suspended"', constellation=DENSE))
    assert main(["sky", str(path), "--from", "zurich"]) == 0
    assert "none: service is suspended" in capsys.readouterr().out


def test_a_picture_is_a_png(scenario: str) -> None:
    """Another name is refused before anything is computed."""
    with pytest.raises(InputError, match=r"--figure: 'sky.svg' should end in .png"):
        sky(Path(scenario), site="zurich", figure=Path("sky.svg"))
