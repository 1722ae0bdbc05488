"""The foreign conformance kit gpconf for catalogue numbers above 99,999, on the files that ship with it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Cases whose files ship with the kit; the others need a download, or ask for a writer of TLEs, which we do not have.
CASES = ("alpha5-encoding-vectors", "alpha5-tle-derived", "kvn-syntax-variants", "corrupt-input")


@pytest.fixture(scope="module")
def report(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the kit says of our readers."""
    folder = tmp_path_factory.mktemp("gpconf")
    path = folder / "report.json"
    command = [sys.executable, "-m", "gpconf", "run", "--adapter", "tests.peers.gpconf_adapter:Parser"]
    command += ["--data", str(folder), "--no-fetch-hint", "--json", str(path)]
    command += [word for case in CASES for word in ("--case", case)]
    subprocess.run(command, cwd=repository, capture_output=True, check=False)
    loaded: dict[str, object] = json.loads(path.read_text())
    return loaded


@pytest.mark.parametrize("case", CASES)
def test_a_case_of_the_kit_passes(report: dict[str, object], case: str) -> None:
    results = report["results"]
    assert isinstance(results, list)
    (result,) = [result for result in results if result["case"] == case]
    failed = [(item["check"], item["file"], item["detail"]) for item in result["items"] if item["status"] == "fail"]
    assert failed == []
    assert result["status"] in {"pass", "pass-tolerance"}
    assert result["counts"]["skip"] == 0


def test_numbers_of_all_letters_load(report: dict[str, object]) -> None:
    """The kit counts what it saw, so that nothing passes by being left out."""
    summary = report["summary"]
    assert isinstance(summary, dict)
    assert summary["pass"] + summary["pass-tolerance"] == summary["cases"] == len(CASES)
