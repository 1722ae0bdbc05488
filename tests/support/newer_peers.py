"""Peers from the Python package index that need a newer Python than skycommons: an environment of their own, pinned by hash.

It lies in ``.cache/peers`` and is made once. Where there is no such Python, tests skip, in CI too: nothing of Debian brings one.
"""

import fcntl
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.newer_python import newer_python
from tests.support.programs import without

REPOSITORY: Final = Path(__file__).resolve().parent.parent.parent
PINNED: Final = REPOSITORY / "requirements" / "peers.txt"


def peer_folder() -> Path:
    """The folder with the peers' programs."""
    python = newer_python()
    if python is None:
        pytest.skip("aics-tlog and aics-witness need Python 3.12 or newer, which is not here")
    stamp = sha256(PINNED.read_bytes() + python.encode() + str(REPOSITORY).encode()).hexdigest()[:16]
    place = REPOSITORY / ".cache" / "peers" / stamp
    with lock(place):
        if not (place / "ready").exists():
            install(python, place)
    return place / "bin"


@contextmanager
def lock(place: Path) -> Iterator[None]:
    """One process of tests at a time makes the environment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install(python: str, place: Path) -> None:
    """Make the environment."""
    subprocess.run([python, "-m", "venv", "--clear", str(place)], check=True)
    installing = [str(place / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
    installed = subprocess.run(
        [*installing, "--require-hashes", "--requirement", str(PINNED)], check=False, capture_output=True, text=True
    )
    if installed.returncode:
        without(f"requirements/peers.txt cannot be installed: {installed.stderr.strip()[-300:]}")
    (place / "ready").touch()


def answer_of(program: Path, *arguments: str) -> dict[str, Any]:
    """What a program prints as JSON in its last line, whether it succeeds or not."""
    done = subprocess.run([str(program), *arguments], check=False, capture_output=True, text=True)
    assert done.stdout.strip(), done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert answer["ok"] == (done.returncode == 0)
    return answer
