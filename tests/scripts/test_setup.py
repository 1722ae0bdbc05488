"""Setting up from nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import setup


def test_an_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is made or installed."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        setup.main("run")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment elsewhere, with an interpreter in it."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    monkeypatch.setattr(setup, "VENV", tmp_path)
    monkeypatch.setattr(setup, "PYTHON", python)
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been run."""
    words: list[str] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: words.append(" ".join(command)))
    return words


def test_every_purpose_has_its_stamp() -> None:
    """The same requirements give the same stamp, other requirements another."""
    stamps = {purpose: setup.stamp(purpose).name for purpose in setup.COVERED_BY}
    assert stamps == {purpose: setup.stamp(purpose).name for purpose in setup.COVERED_BY}
    assert len(set(stamps.values())) == len(setup.COVERED_BY)


def test_what_is_ready_is_left_alone(environment: Path, commands: list[str]) -> None:
    """A fuller environment serves a smaller purpose."""
    setup.stamp("test").touch()
    setup.main("run")
    assert commands == []


def test_what_is_not_ready_is_installed_with_hashes(environment: Path, commands: list[str]) -> None:
    """A folder that no `venv` made whole is made anew; then packages, then skycommons itself."""
    setup.main("test")
    making, packages, package = commands
    assert "-m venv --clear" in making
    assert "--require-hashes --requirement requirements/test.txt" in packages
    assert "--no-deps --no-build-isolation --editable ." in package
    assert setup.stamp("test").exists()


def test_an_environment_that_was_made_here_is_filled_up(environment: Path, commands: list[str]) -> None:
    """Nothing that is installed already is thrown away."""
    (environment / "lib" / "python3.11" / "site-packages" / "pip").mkdir(parents=True)
    (environment / "lib" / "python3.11" / "site-packages" / "pip" / "__main__.py").touch()
    (environment / "pyvenv.cfg").write_text(f"command = python3 -m venv {environment}\n")
    setup.main("run")
    assert [command for command in commands if "venv" in command.split("-m ")[1]] == []
    assert len(commands) == 2
