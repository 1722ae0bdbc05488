"""The tutorial of decisions runs as it stands: every command of it, in order, with a real witness and the real clock."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def commands(page: Path) -> list[str]:
    """What stands behind a prompt, in order; lines that go on are joined."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    joined = "".join(blocks).replace("\\\n", " ")
    return re.findall(r"^\$ (.*)$", joined, flags=re.MULTILINE)


@pytest.mark.slow
def test_the_tutorial_of_decisions_runs(repository: Path, tmp_path: Path) -> None:
    """From the first key to the proof; the island is served, because the map that says so verifies."""
    shutil.copytree(repository / "scenarios" / "decisions", tmp_path / "scenarios" / "decisions")
    words = commands(repository / "docs" / "tutorial" / "decisions.md")
    script = "\n".join(["set -eu", "trap 'kill $! 2>/dev/null' EXIT", *words])
    script = script.replace("--port 8487", "--port 0")  # any that is free
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    found = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert found.returncode == 0, found.stdout[-1_500:] + found.stderr[-1_500:]
    assert "went from queued to emergency-effective" in found.stdout
    assert "The map is verified: it may be obeyed." in found.stdout
    assert "the service map is enforced: version 1" in found.stdout
