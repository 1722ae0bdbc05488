"""Foreign programs: one list, installed on demand, and no test that is lost silently."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import debian_packages
from tests.support.programs import PROGRAMS, needed, without


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run on a Debian machine where two packages are missing, by root."""
    ran: list[list[str]] = []
    monkeypatch.setattr(debian_packages, "missing", lambda: ["gcc", "spin"])
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    return ran


def test_what_is_missing_is_installed(commands: list[list[str]]) -> None:
    """Lists of packages first, as a fresh machine has none."""
    debian_packages.main([])
    update, install = commands
    assert update[-1] == "update"
    assert install[-2:] == ["gcc", "spin"]


def test_where_all_is_there_nothing_is_run(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody needs to be root for that."""
    monkeypatch.setattr(debian_packages, "missing", list)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    debian_packages.main([])
    assert commands == []


def test_who_is_not_root_is_told_what_to_ask_for(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole command, and nothing is run."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"Not root.*apt-get install gcc spin"):
        debian_packages.main([])
    assert commands == []


def test_where_there_is_no_apt_the_packages_are_named(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody on another system finds the same programs under other names."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match=r"no Debian.*gcc, spin"):
        debian_packages.main([])
    assert commands == []


def test_without_dpkg_everything_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known to be there."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert debian_packages.missing() == list(debian_packages.PACKAGES)


def test_a_package_that_was_removed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings may still be there."""
    answer = "".join(f"{name} installed\n" for name in debian_packages.PACKAGES).replace(
        "spin installed", "spin config-files"
    )
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, stdout=answer))
    assert debian_packages.missing() == ["spin"]


def test_the_list_says_what_each_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a package."""
    debian_packages.main(["--list"])
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == list(debian_packages.PACKAGES)
    with pytest.raises(SystemExit, match="Usage"):
        debian_packages.main(["--all"])


def test_every_program_of_the_tests_comes_from_the_list() -> None:
    """So what .ci/run installs is what tests look for, no more and no less."""
    asked = {package for program in PROGRAMS.values() for package in program.packages}
    assert asked == set(debian_packages.PACKAGES)


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_a_program_that_is_nowhere_skips_at_home_and_fails_in_ci(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Either way the package is named."""
    monkeypatch.setenv("SKYCOMMONS_CI", ci)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(outcome, match="apt-get install spin"):
        needed("spin")
    with pytest.raises(outcome, match="no such peer"):
        without("no such peer")


def test_a_program_is_found_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where Debian has no folder of its own for it."""
    program = tmp_path / "spin"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert needed("spin") == program
