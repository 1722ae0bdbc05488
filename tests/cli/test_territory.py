"""``skycommons territory`` counts, hashes and writes."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.support.tiny_world import tiny_text

TWO = (
    "[[territories]]\nname = 'Alps'\ncountries = ['CH', 'AT']\n"
    "[[territories]]\nname = 'Fiji'\ncountries = ['FJ']\nworldview = 'as packaged'"
)


def written(folder: Path, territories: str = TWO) -> str:
    """A scenario file with these territories."""
    path = folder / "tiny.toml"
    path.write_text(tiny_text(territories=territories))
    return str(path)


def test_all_territories_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With cells, area, hash and worldview; as JSON without the cells themselves."""
    assert main(["territory", written(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[3:]] == [["Alps", "501"], ["Fiji", "87"]]
    assert main(["territory", written(tmp_path), "--json"]) == 0
    alps, fiji = json.loads(capsys.readouterr().out)["territories"]
    assert alps["sha256"] in lines[3]
    assert "cells" not in alps
    assert fiji["worldview"] == "as packaged"


def test_one_territory_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four files, whose names are in the answer."""
    out = tmp_path / "out"
    assert main(["territory", written(tmp_path), "--name", "Alps", "--out", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["territories"][0]["cells"]) == 501
    assert sorted(path.name for path in out.iterdir()) == ["alps.csv", "alps.geojson", "alps.json", "alps.png"]
    assert answer["files"]["Alps"]["csv"] == str(out / "alps.csv")
    assert main(["territory", written(tmp_path), "--name", "Alps", "--out", str(out)]) == 0
    assert str(out / "alps.png") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("territories", "words", "message"),
    [
        ("", [], "there are no territories; add [[territories]]"),
        (TWO, ["--name", "Alp"], "did you mean Alps"),
        (TWO.replace("Fiji", "alps!"), ["--out", "{}"], "would be one file"),
        ("[[territories]]\nname = 'x'\ncountries = ['MC']", [], "holds no cell's centre"),
    ],
)
def test_what_cannot_be_done_is_said(
    territories: str, words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one message; nothing is written."""
    folder = tmp_path / "out"
    assert main(["territory", written(tmp_path, territories), *(word.format(folder) for word in words)]) == 2
    assert message in capsys.readouterr().err
    assert not folder.exists()
