"""``skycommons atlas`` maps the world."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.support.tiny_world import tiny_text


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """The small world."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text())
    return str(path)


def test_the_answer_is_a_table_or_one_document(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How much land has the rate, and where the files are; an elevation that the type does not use is remarked."""
    words = ["atlas", scenario, "--rate-mbps", "150", "--spacing-deg", "15", "--out", str(tmp_path / "out")]
    assert main([*words, "--elevation-deg", "20"]) == 0
    out, err = capsys.readouterr()
    assert "99.9 %" in out
    assert "tiny-atlas.png" in out
    assert "uses no satellite below 25°" in err
    assert main([*words, "--terminal-type", "mini", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["terminal"] == "mini"
    assert set(answer["land_share"]) == {"99 %", "99.9 %", "99.99 %"}
    assert Path(answer["files"]["store"]).is_dir()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rate-mbps", "-3"], "--rate-mbps: -3 should be above 0"),
        (["--rate-mbps", "nan"], "--rate-mbps"),
        (["--rate-mbps", "90000"], "its most is"),
        (["--rate-mbps", "150", "--elevation-deg", "95"], "--elevation-deg: 95"),
        (["--rate-mbps", "150", "--spacing-deg", "7"], "do not fill 180 degrees"),
        (["--rate-mbps", "150", "--terminal-type", "huge"], "there is no 'huge'; there are standard"),
    ],
)
def test_bad_input_is_one_clear_line_and_leaves_nothing(
    scenario: str, words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written before everything is known to be right."""
    assert main(["atlas", scenario, *words, "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
