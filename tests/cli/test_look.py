"""``skycommons look`` lists what a dish sees."""

import json
from pathlib import Path

import pytest

from skycommons.base.clock import parse_time
from skycommons.base.errors import InputError
from skycommons.cli import main
from skycommons.cli.look import instant
from tests.support.tiny_world import DENSE, STRICT, tiny_text


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Four hundred satellites over a dish that keeps away from the geostationary arc."""
    path = tmp_path / "tiny.toml"
    path.write_text(tiny_text(constellation=DENSE, terminals=STRICT))
    return str(path)


def test_the_highest_satellite_comes_first_and_each_says_whether_it_may_be_used(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Angles in degrees, ranges in km; satellites near the geostationary arc are listed and marked."""
    assert main(["look", scenario, "--from", "zurich", "--at", "00:00", "--json", "--limit", "0"]) == 0
    answer = json.loads(capsys.readouterr().out)
    seen = answer["satellites"]
    elevations = [row["elevation_deg"] for row in seen]
    assert answer["in_view"] == len(seen) > 5
    assert elevations == sorted(elevations, reverse=True)
    assert all(10 <= elevation <= 90 for elevation in elevations)
    assert all(1_190 < row["slant_range_km"] < 3_200 for row in seen)
    assert all(row["usable"] == (row["gso_separation_deg"] >= 25) for row in seen)
    assert {row["usable"] for row in seen} == {True, False}
    assert answer["usable"] == sum(row["usable"] for row in seen)
    assert answer["time"] == "2026-01-01T00:00:00Z"


def test_the_table_shows_the_first_few_and_says_how_many_more(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--limit 0`` shows all."""
    assert main(["look", scenario, "--from", "zurich", "--at", "2026-01-01T00:00:00Z", "--limit", "2"]) == 0
    out, err = capsys.readouterr()
    assert "zurich at 2026-01-01T00:00:00Z" in out
    assert sum("s53-p" in line for line in out.splitlines()) == 2
    assert err.endswith("more; --limit 0 shows all\n")
    assert main(["look", scenario, "--from", "zurich", "--at", "00:00", "--limit", "0"]) == 0
    out, err = capsys.readouterr()
    assert "no: near the GSO arc" in out
    assert err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "zurch", "--at", "00:00"], "there is no site 'zurch'; did you mean zurich?"),
        (["--from", "zurich", "--at", "1200-01-01"], "--at: '1200-01-01' should lie between 1957-10-04 and 2200-01-01"),
        (["--from", "home", "--at", "00:00"], "there is no site 'home'; there are zurich, "),
        (["--from", "frankfurt", "--at", "00:00"], "'frankfurt' is a PoP and sees no satellites"),
        (["--from", "zurich", "--at", "noon"], "--at: 'noon' is not a time such as"),
        (["--from", "zurich", "--at", "00:00", "--limit", "-1"], "--limit: -1 should be 0 or more"),
    ],
)
def test_wrong_questions_are_one_clear_line(
    scenario: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    assert main(["look", scenario, *words]) == 2
    assert message in capsys.readouterr().err


def test_a_time_of_day_is_on_the_first_day_of_the_span() -> None:
    """A full instant is taken as it is."""
    start_ns = parse_time("2026-05-21T12:00:00Z")
    assert instant("06:30", start_ns) == parse_time("2026-05-21T06:30:00Z")
    assert instant("2026-05-22T00:00:00Z", start_ns) == parse_time("2026-05-22T00:00:00Z")
    with pytest.raises(InputError, match="--at"):
        instant("25:00", start_ns)
