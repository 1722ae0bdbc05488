"""``skycommons validate rtt`` prints what other programs rely on."""

import json
from pathlib import Path

import pytest

from skycommons.cli import main
from tests.support.measured_sites import options_of, write_network


def words(folder: Path) -> list[str]:
    """The command on the small network."""
    return ["validate", "rtt", "--sites", str(folder / "sites.csv"), *options_of(write_network(folder))]


def test_json_has_quantiles_and_errors_by_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keys that others read, and the parts beside them."""
    assert main([*words(tmp_path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {"sites", "median_error_p50", "max_error_p50"} <= set(answer)
    assert [site["site"] for site in answer["sites"]] == ["alps", "fjord", "coast"]
    for site in answer["sites"]:
        assert set(site["measured_ms"]) == set(site["computed_ms"]) == {"min", "p10", "p50", "p90", "p99"}
        expected = abs(site["computed_ms"]["p50"] / site["measured_ms"]["p50"] - 1.0)
        assert site["error_p50"] == pytest.approx(expected)
    assert answer["max_error_p50"] == max(site["error_p50"] for site in answer["sites"])
    assert answer["assumed_gateways"] == ["Madrid"]


def test_people_get_tables_and_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quantiles, parts, a line of judgement."""
    picture = tmp_path / "sites.png"
    assert main([*words(tmp_path), "--figure", str(picture), "--parameters", "2024-11"]) == 0
    out, err = capsys.readouterr()
    assert "parameters of 2024-11" in out
    assert "a gateway is assumed beside 1 PoPs" in out
    assert "written" in err
    assert picture.exists()


def test_a_list_without_gaps_needs_no_assumption(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is said about one."""
    command = words(tmp_path)
    (tmp_path / "gateways.csv").write_text("name,lat,lon\nrhine,50.0,8.3\nnorth,60.0,10.0\niberia,40.0,-4.0\n")
    assert main(command) == 0
    assert "assumed" not in capsys.readouterr().out


def test_bad_input_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, exit code of bad input."""
    command = words(tmp_path)
    (tmp_path / "sites.csv").write_text("site\nx\n")
    assert main(command) == 2
    assert "there is no column 'latitude_deg'" in capsys.readouterr().err
