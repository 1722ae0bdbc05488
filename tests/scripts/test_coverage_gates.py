"""The limits of coverage."""

import json
from pathlib import Path

import pytest

from scripts.coverage_gates import main, spans


def report(tmp_path: Path, **ran_of_ten: int) -> Path:
    """A coverage report with one file of ten lines in each room."""
    files = {
        f"src/skycommons/{room}/a.py": {
            "summary": {"covered_lines": ran, "num_statements": 10, "covered_branches": 0, "num_branches": 0},
            "missing_lines": list(range(ran + 1, 11)),
            "missing_branches": [],
        }
        for room, ran in ran_of_ten.items()
    }
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"files": files}))
    return path


def test_full_coverage_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a room."""
    assert main(report(tmp_path, base=10, plan=10)) == 0
    assert capsys.readouterr().out.count("ok") == 2


@pytest.mark.parametrize("room", ["base", "orbit", "plan", "cli"])
def test_a_room_below_its_limit_fails_and_names_the_lines(
    room: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever broke it sees where."""
    assert main(report(tmp_path, **{room: 7})) == 1
    assert f"skycommons/{room}/a.py: 70.0 %, see lines 8-10" in capsys.readouterr().out


def test_the_ground_floor_has_no_slack(tmp_path: Path) -> None:
    """base and orbit need every line and branch; other rooms may miss one in twenty."""
    path = report(tmp_path, base=10, plan=10)
    text = path.read_text()
    branch_missed = '"covered_branches": 1, "num_branches": 2'
    full = '"covered_branches": 0, "num_branches": 0'
    path.write_text(text.replace(full, branch_missed, 1))
    assert main(path) == 1
    many = text.replace('"covered_lines": 10, "num_statements": 10', '"covered_lines": 96, "num_statements": 100')
    path.write_text(many)
    assert main(path) == 1
    path.write_text(many.replace("/base/", "/studies/"))
    assert main(path) == 0


def test_lines_are_told_as_spans() -> None:
    """Short enough to read."""
    assert spans([3, 4, 5, 9, 11, 12]) == "3-5, 9, 11-12"
    assert spans([]) == ""
