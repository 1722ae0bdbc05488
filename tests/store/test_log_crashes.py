"""A writer that is killed at any instant loses nothing that it acknowledged, and signs nothing twice in two ways.

``SKYCOMMONS_CRASHES=2000`` kills more often than the default.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

STAGES = {
    *("hashed", "head drafted", "head placed", "bundle drafted", "bundle placed", "tile drafted", "tile placed"),
    *("tiles written", "signed", "checkpoint drafted", "checkpoint placed", "partial dropped"),
}


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_that_it_acknowledged(repository: Path, tmp_path: Path) -> None:
    """Some hundred kills, at every stage and between; each time the next one goes on."""
    rounds = os.environ.get("SKYCOMMONS_CRASHES", "400")
    found = subprocess.run(
        [sys.executable, "-m", "tests.support.crashing_log", str(tmp_path), rounds, "7"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    counted = json.loads(found.stdout)
    assert counted["kills"] > 0.7 * int(rounds)
    assert set(counted["ends"]) >= STAGES
