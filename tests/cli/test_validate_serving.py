"""``skycommons validate serving`` prints what other programs rely on."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.studies.test_validate_serving import B, C, compare

DISTRIBUTION = {
    *("slots", "elevation_deg", "slant_range_km", "gso_separation_deg", "top1_share", "top3_share", "rank_median"),
    *("poleward_share", "kept_share", "slots_per_satellite", "generation_shares", "inclination_shares"),
}


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """A small measurement."""
    compare(tmp_path, [B, B, C, C])
    files = {"serving": "serving.csv", "candidates": "candidates.json.gz", "catalogue": "fleet.tle"}
    named = [text for key, name in files.items() for text in (f"--{key}", str(tmp_path / name))]
    return ["validate", "serving", *named, "--lat", "50", "--lon", "5", "--radius-km", "0"]


def test_json_holds_scores_and_both_distributions(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the same keys on both sides."""
    assert main([*options, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"policies", "real", "scheduled", "alone", "scheduler", "slots", "catalogue"}
    keys = {"policy", "slots", "log_likelihood_per_slot", "top1_share", "top3_share"}
    assert [set(row) for row in answer["policies"]] == [keys] * 4
    assert answer["policies"][1]["log_likelihood_per_slot"] is None
    assert set(answer["real"]) == set(answer["scheduled"]) == set(answer["alone"]) == DISTRIBUTION
    assert answer["scheduler"]["cells"] == 1
    assert answer["scheduled"]["elevation_deg"]["p50"] is None  # what is listed flies elsewhere
    assert answer["real"]["elevation_deg"]["p50"] == pytest.approx(55.0)
    assert answer["slots"] == {"with_candidates": 4, "unmatched": 0, "left_out": 0}


def test_people_get_tables_and_a_picture(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Policies, distributions, what the catalogue says."""
    picture = tmp_path / "elevations.png"
    assert main([*options, "--figure", str(picture)]) == 0
    out, err = capsys.readouterr()
    assert "observed_utility" in out
    assert "same as in the slot before" in out
    assert "1 run through 4 slots" in out
    assert "62.5 % of the candidates are in the catalogue" in out
    assert "not scored" not in out
    assert "written" in err
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_what_is_not_scored_is_said(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One slot of another satellite."""
    serving = tmp_path / "serving.csv"
    serving.write_text(serving.read_text(encoding="utf-8").replace(B, "STARLINK-7", 3), encoding="utf-8")
    assert main(options) == 0
    assert "1 of 4 slots not scored" in capsys.readouterr().out


def test_bad_input_is_refused_without_a_picture(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, one message, nothing written."""
    (tmp_path / "serving.csv").unlink()
    picture = tmp_path / "elevations.png"
    options[options.index("--lat") + 1] = "91"
    assert main([*options, "--figure", str(picture)]) == 2
    err = capsys.readouterr().err
    assert "latitude: 91 is not between" in err
    assert "serving.csv: cannot be read" in err
    assert not picture.exists()
