"""``skycommons budget`` prints every line of a link budget."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.cli import main
from skycommons.cli.budget import _named, weathers_of
from skycommons.model.rules import ClearSky, FixedExceedance
from tests.support.tiny_world import tiny_scenario, tiny_text

DENSE = (
    '[[constellation]]\nname = "s53"\naltitude_km = 1200\nplanes = 20\nsatellites_per_plane = 20\n'
    "inclination_deg = 53\nphasing = 1"
)
SITES = (
    '[[terminals]]\nname = "zurich"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\nmin_elevation_deg = 10\n'
    "gso_exclusion_deg = 25\n"
    '[[terminals]]\nname = "ship"\nlatitude_deg = 30.0\nlongitude_deg = -40.0\n'
    '[[terminals]]\nname = "pole"\nlatitude_deg = 89.0\nlongitude_deg = 0.0'
)


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Four hundred satellites over a dish, a ship, a place that sees none, a gateway and a PoP."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(constellation=DENSE, terminals=SITES))
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What the command says as JSON."""
    assert main(["budget", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_table_shows_clear_sky_and_rain_side_by_side(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Value, unit, source and what is assumed."""
    assert main(["budget", scenario, "--site", "zurich"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("zurich and s53-p")
    assert "at 2026-01-01T00:00:00Z" in out.splitlines()[0]
    for words in ("clear sky", "0.1 % of the year", "service downlink, 11.7 GHz", "service uplink", "(assumed)", "°"):
        assert words in out
    assert "ITU-R P.618-14 §2.5" in out


def test_the_printed_terms_add_up(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Those with a plus or a minus, as they stand in the JSON; recommendations are named with their versions."""
    found = answer(capsys, scenario, "--site", "zurich", "--at", "00:00:30")
    assert found["time"] == "2026-01-01T00:00:30Z"
    assert [side["exceedance"] for side in found["weathers"]] == [None, 0.001]
    for side in found["weathers"]:
        for link in side["links"]:
            signs = {"+": 1.0, "-": -1.0}
            summed = sum(
                signs.get(line["sign"], 0.0) * line["value"] for line in link["lines"] if line["sign"] in signs
            )
            assert summed == pytest.approx(link["thermal_cn_db"], abs=1e-9)
            assert link["cn_db"] < link["thermal_cn_db"]
    clear, rainy = (side["links"][0]["rate_bps"] for side in found["weathers"])
    assert clear > rainy
    assert found["recommendations"]["rain"].startswith("ITU-R P.618-14")


def test_the_highest_usable_satellite_is_taken_or_the_one_that_is_named(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As ``look`` lists them; one near the geostationary arc is computed too, and says so."""
    assert main(["look", scenario, "--from", "zurich", "--at", "00:00", "--limit", "0", "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)["satellites"]
    usable = [row for row in seen if row["usable"]]
    found = answer(capsys, scenario, "--site", "zurich", "--rain", "clear")
    assert found["satellite"] == usable[0]["satellite"]
    unusable = next(row for row in seen if not row["usable"])
    named = answer(capsys, scenario, "--site", "zurich", "--rain", "clear", "--satellite", unusable["satellite"])
    notes = [line["note"] for line in named["weathers"][0]["site"]]
    assert "inside the 25° kept free: not used" in notes


def test_a_gateway_has_feeder_links(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Both ways in Ka band."""
    found = answer(capsys, scenario, "--site", "basel", "--rain", "1%")
    links = found["weathers"][0]["links"]
    assert [(link["link"], link["band"]) for link in links] == [("feeder downlink", "Ka"), ("feeder uplink", "Ka")]


def test_a_site_at_sea_is_labelled(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The sea has a climate too."""
    assert main(["budget", scenario, "--site", "ship", "--elevation-deg", "40"]) == 0
    out = capsys.readouterr().out
    assert "at sea: map of the sea used" in out
    assert out.startswith("ship and a satellite (v2-mini) at 40° and 1,2")


def test_pictures_and_numbers_are_written_on_request(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rate against elevation."""
    out = tmp_path / "out"
    assert main(["budget", scenario, "--site", "zurich", "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        f"zurich-rate.{kind}" for kind in ("csv", "json", "png", "svg")
    ]
    assert str(out / "zurich-rate.png") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--site", "zurch"], 2, "there is no site 'zurch'; did you mean zurich?"),
        (["--site", "frankfurt"], 2, "'frankfurt' is a PoP and has no radio"),
        (["--site", "zurich", "--at", "noon"], 2, "--at: 'noon' is not a time such as"),
        (
            ["--site", "zurich", "--rain", "0.001"],
            2,
            "--rain: '0.001' is not a share of the year; write it with a percent",
        ),
        (["--site", "zurich", "--rain", "0.0001%"], 2, "--rain: 0.0001% lies outside 0.001 % to 100 % of the year"),
        (["--site", "zurich", "--elevation-deg", "95"], 3, "no satellite stands at an elevation of 95°"),
        (["--site", "zurich", "--elevation-deg", "-5"], 3, "no satellite stands at an elevation of -5°"),
        (["--site", "zurich", "--satellite", "s53-p00-0"], 2, "there is no satellite 's53-p00-0'; did you mean"),
        (["--site", "pole", "--satellite", "s53-p00-00"], 2, "is not in view of 'pole': its elevation is "),
        (["--site", "zurich", "--satellite", "x", "--elevation-deg", "40"], 2, "name two satellites; give one of them"),
        (["--site", "pole"], 4, "no satellite that 'pole' may use is in view at 2026-01-01T00:00:00Z; --elevation-deg"),
    ],
)
def test_wrong_questions_are_one_clear_line(
    scenario: str, words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the exit code of its kind, and nothing on stdout."""
    assert main(["budget", scenario, *words]) == code
    out, err = capsys.readouterr()
    assert message in err
    assert (out, len(err.splitlines())) == ("", 1)


def test_a_satellite_without_a_position_is_refused() -> None:
    """Its elements do not reach the instant."""
    scenario = tiny_scenario()
    with pytest.raises(InputError, match="--satellite: s53-p00-00 has no position at this instant"):
        _named(scenario, 0, "s53-p00-00", np.full((12, 3), np.nan))


def test_weathers_are_shares_with_a_percent_sign_or_a_clear_sky() -> None:
    """Spaces do not matter; both columns without a word."""
    assert weathers_of(None) == (ClearSky(), FixedExceedance(exceedance=1e-3))
    assert weathers_of(" Clear ") == (ClearSky(),)
    assert weathers_of("0.01 %") == weathers_of(".01%") == (FixedExceedance(exceedance=1e-4),)
    assert weathers_of("100%") == (FixedExceedance(exceedance=1.0),)
    with pytest.raises(InputError, match="--rain"):
        weathers_of("-1%")
