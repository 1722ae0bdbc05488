"""Finding an interpreter for peers that need a newer one."""

import sys
from pathlib import Path

import pytest

from scripts import newer_python


def interpreter(path: Path, says: str, code: int = 0) -> Path:
    """A program that answers like an interpreter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that alone is on the path."""
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    return tmp_path


def test_where_there_is_none_nothing_is_found(path: Path) -> None:
    """Old ones, and shims that stand for nothing, do not count."""
    interpreter(path / "shims" / "python3.12", "pyenv: not installed", code=127)
    interpreter(path / "versions" / "3.11.7" / "bin" / "python", "3 11")
    assert newer_python.newer_python() is None
    assert not newer_python.is_new_enough(str(path / "nothing"))


def test_one_on_the_path_is_found(path: Path) -> None:
    """By its name."""
    found = interpreter(path / "shims" / "python3.13", "3 13")
    assert newer_python.newer_python() == str(found)


def test_one_of_pyenv_is_found_behind_its_shims(path: Path) -> None:
    """Although the shim does not start."""
    interpreter(path / "shims" / "python3.12", "pyenv: not chosen", code=127)
    found = interpreter(path / "versions" / "3.12.1" / "bin" / "python", "3 12")
    assert newer_python.newer_python() == str(found)


def test_a_real_interpreter_is_judged_by_its_version() -> None:
    """This one, by what it says of itself."""
    assert newer_python.is_new_enough(sys.executable) == (sys.version_info >= newer_python.NEEDED)
