"""``skycommons diversity`` lists who helps a gateway out of the rain."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.support.tiny_world import tiny_text

PAIR = (
    '[[gateways.site]]\nname = "basel"\nlatitude_deg = 47.56\nlongitude_deg = 7.59\n'
    '[[gateways.site]]\nname = "milan"\nlatitude_deg = 45.46\nlongitude_deg = 9.19'
)


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Two gateways."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(gateways=PAIR))
    return str(path)


def test_a_table_of_partners(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the assumption behind it, and the same for programs."""
    assert main(["diversity", scenario, "--site", "basel", "--rain", "0.01 %"]) == 0
    out, err = capsys.readouterr()
    assert "basel, Ka band up 28.5 GHz at 40°" in out
    assert "milan" in out
    assert "Assumed" in err
    assert main(["diversity", scenario, "--site", "basel", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (partner,) = answer["bands"][0]["partners"]
    assert partner["site"] == "milan"
    assert partner["near_gain_db"] == [None, None]
    assert 0.0 < partner["joint_exceedance"] < answer["exceedance"] == 0.001
    assert "ITU-R P.618-14 §2.2.4.1" in answer["recommendations"].values()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--site", "basel", "--rain", "often"], "--rain: 'often' is no share of the year; write it as 0.1%"),
        (["--site", "basel", "--rain", "7%"], "0.001% to 5%"),
        (["--site", "basel", "--elevation-deg", "95"], "--elevation-deg: 95"),
        (["--site", "basel", "--partners", "0"], "--partners: 0"),
        (["--site", "zurich"], "'zurich' is no gateway"),
        (["--site", "basle"], "there is no site 'basle'"),
    ],
)
def test_bad_input_is_one_clear_line(
    scenario: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Place and mend."""
    assert main(["diversity", scenario, *words]) == 2
    assert message in capsys.readouterr().err
