"""``skycommons validate countries`` prints what other programs rely on."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.support.measured_sites import options_of, write_network


def words(folder: Path) -> list[str]:
    """The command on the small network."""
    return ["validate", "countries", "--metrics", str(folder / "countries.csv"), *options_of(write_network(folder))]


def test_json_has_agreement_by_quantity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keys that others read, the held-out half, and every country."""
    assert main([*words(tmp_path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    for part in (answer, answer["held_out"]):
        for quantity in ("latency", "download", "upload"):
            assert set(part[quantity]) == {"rank_correlation", "median_error", "n"}
    assert [row["iso3"] for row in answer["countries"]] == ["CHE", "DEU", "FRA", "NOR", "ITA"]
    assert answer["countries"][0]["measured"]["latency_ms"] == pytest.approx(40.0)
    assert answer["countries"][2]["measured"]["download_mbps"] is None
    assert answer["left_out"] == ["ATA"]


def test_people_get_tables_and_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Agreement, countries, who is left out."""
    picture = tmp_path / "countries.png"
    assert main([*words(tmp_path), "--figure", str(picture)]) == 0
    out, err = capsys.readouterr()
    assert "rank correlation" in out
    assert "ATA" in out
    assert "written" in err
    assert picture.exists()


def test_one_country_has_no_rank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dash in its place."""
    command = words(tmp_path)
    (tmp_path / "countries.csv").write_text("iso3,latency_p50_ms,download_p50_mbps,upload_p50_mbps\nCHE,40,,\n")
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "–" in out
    assert "left out" not in out
