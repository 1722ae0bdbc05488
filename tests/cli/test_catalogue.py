"""``skycommons catalogue``: what people and programs see."""

import json
from pathlib import Path

import pytest

from skycommons.cli import catalogue as commands
from skycommons.cli.app import main
from skycommons.serve import celestrak
from skycommons.serve.celestrak import FetchResult, FetchSource, GpFormat
from tests.support.element_texts import Sample, tle_text

Captured = pytest.CaptureFixture[str]
NOW = "2026-05-21T00:00:00Z"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.tle"
    path.write_text(tle_text([Sample(name=f"STARLINK-{30000 + k}", number=k + 1) for k in range(8)]))
    return path


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """One good set and thirty truncated ones."""
    lines = tle_text([Sample(number=number) for number in range(1, 32)]).splitlines()
    path = tmp_path / "spoiled.tle"
    path.write_text("\n".join(lines[:3] + [line[:60] for line in lines[3:]]))
    return path


def test_show_prints_shells_ages_and_generations(good: Path, capsys: Captured) -> None:
    assert main(["catalogue", "show", str(good), "--at", NOW]) == 0
    printed = capsys.readouterr().out
    for text in ("good.tle: 8 satellites", "53.2@426", "1.00", "v2-mini"):
        assert text in printed
    assert "Worth a look" not in printed
    assert "left out" not in printed


def test_show_without_a_time_takes_the_clock(good: Path, capsys: Captured) -> None:
    assert main(["catalogue", "show", str(good)]) == 0
    assert "youngest" in capsys.readouterr().out


def test_show_lists_oddities_and_the_first_ten_faults(spoiled: Path, capsys: Captured) -> None:
    assert main(["catalogue", "show", str(spoiled), "--at", NOW]) == 0
    printed = capsys.readouterr().out
    assert "in no shell" in printed
    assert "30 rows are left out:" in printed
    assert printed.count("has 60 characters") == 10
    assert "and 20 more" in printed


def test_show_speaks_json(spoiled: Path, capsys: Captured) -> None:
    assert main(["catalogue", "show", str(spoiled), "--at", NOW, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["satellites"], answer["fault_count"], len(answer["faults"])) == (1, 30, 30)
    assert answer["faults"][0] == {"place": "line 5", "message": "has 60 characters; a line 1 of elements has 69"}
    assert answer["age_days"]["median"] == 1.0
    assert answer["generations"] == {"v1": 1}
    assert answer["anomalies"][0]["satellites"] == 1


def test_show_refuses_what_is_no_catalogue(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\n")
    assert main(["catalogue", "show", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("skycommons: letter.txt: 1 fault(s)\n  file: is neither TLE nor CCSDS OMM")
    assert "Traceback" not in captured.err


def test_show_refuses_a_time_that_is_none(good: Path, capsys: Captured) -> None:
    assert main(["catalogue", "show", str(good), "--at", "noon"]) == 2
    assert "'noon' is not an ISO 8601 time" in capsys.readouterr().err


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the command asks of the fetcher, which answers from the air."""
    calls: list[dict[str, object]] = []

    def answer(group: str, **options: object) -> FetchResult:
        calls.append({"group": group, **options})
        return FetchResult(path=Path("starlink.json"), source=FetchSource.CACHED, age_s=600.0)

    monkeypatch.setattr(celestrak, "fetch_group", answer)
    return calls


def test_fetch_prints_the_path_and_says_why(
    asked: list[dict[str, object]], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(commands.CACHE_VARIABLE, str(tmp_path))
    assert main(["catalogue", "fetch", "--group", "oneweb", "--format", "csv"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "starlink.json\n"
    assert "asked 10 minutes ago" in captured.err
    assert asked == [
        {
            "group": "oneweb",
            "cache_dir": tmp_path,
            "data_format": GpFormat.CSV,
            "base_url": celestrak.CELESTRAK_URL,
        }
    ]


def test_fetch_uses_the_users_cache_by_default(
    asked: list[dict[str, object]], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(commands.CACHE_VARIABLE, raising=False)
    assert main(["catalogue", "fetch", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"group": "starlink", "path": "starlink.json", "source": "cached", "age_s": 600.0}
    assert asked[0]["cache_dir"] == commands.default_cache()
    assert commands.default_cache().name == "catalogues"


def test_fetch_offline_is_one_line(tmp_path: Path, capsys: Captured) -> None:
    """Nobody listens on the discard port."""
    code = main(["catalogue", "fetch", "--cache", str(tmp_path), "--base-url", "http://127.0.0.1:9/gp.php"])
    captured = capsys.readouterr()
    assert code == 6
    assert captured.out == ""
    assert captured.err.startswith("skycommons: cannot fetch http://127.0.0.1:9/gp.php?GROUP=starlink&FORMAT=JSON: ")
    assert captured.err.count("\n") == 1
