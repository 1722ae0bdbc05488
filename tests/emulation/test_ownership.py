"""Marks: what a killed run left is found and killed, and nothing else is touched."""

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.base.errors import HostError
from skycommons.emulation import ownership
from skycommons.emulation.ownership import (
    MARK_VARIABLE,
    Owner,
    mark_folder,
    marked,
    new_mark,
    remove_leftovers,
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that carries a mark."""
    process = subprocess.Popen(["sleep", "300"], env={**os.environ, MARK_VARIABLE: f"test-{os.getpid()}"})
    yield process
    process.kill()
    process.wait()


def write_mark(folder: Path, owner: Owner) -> Path:
    """The mark of the sleeper's run, by somebody."""
    path = folder / f"test-{os.getpid()}.json"
    path.write_text(json.dumps({"pid": owner.pid, "start": owner.start, "boot": owner.boot, "pids": owner.pids}))
    return path


def ended_process() -> int:
    """Number of a process that is gone."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_what_a_dead_owner_left_is_killed(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    """And its mark is removed."""
    path = write_mark(tmp_path, replace(Owner.here(), pid=ended_process()))
    assert remove_leftovers(tmp_path) == 1
    assert sleeper.wait(10.0) == -9
    assert not path.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "its owner lives"),
        ({"pid": -2, "pids": "pid:[1]"}, "nobody here can see its owner"),
    ],
)
def test_what_may_have_a_living_owner_stays(
    change: dict[str, object], why: str, tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    """With its mark."""
    path = write_mark(tmp_path, replace(Owner.here(), **change))  # type: ignore[arg-type] # values of a test table
    assert remove_leftovers(tmp_path) == 0, why
    assert sleeper.poll() is None
    assert path.exists()


@pytest.mark.parametrize("change", [{"start": 1}, {"boot": "another"}])
def test_a_process_with_the_number_of_a_dead_owner_is_not_it(
    change: dict[str, object], tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    """It started at another time, or after another boot."""
    write_mark(tmp_path, replace(Owner.here(), **change))  # type: ignore[arg-type] # values of a test table
    assert remove_leftovers(tmp_path) == 1
    assert sleeper.wait(10.0) == -9


def test_an_owner_that_waits_to_be_collected_is_dead() -> None:
    """It has ended, though its number is taken."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    owner = replace(Owner.here(), pid=process.pid, start=ownership._start(process.pid))
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert owner.is_dead()
    process.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "start": 1, "boot": "", "pids": ""}'])
def test_files_that_are_no_marks_stay(text: str, tmp_path: Path) -> None:
    """They are somebody else's, or are just being written."""
    path = tmp_path / "other.json"
    path.write_text(text)
    assert remove_leftovers(tmp_path) == 0
    assert path.exists()


def test_a_mark_names_this_process(tmp_path: Path) -> None:
    """And goes when it is told to."""
    mark = new_mark(tmp_path)
    assert json.loads(mark.path.read_text())["pid"] == os.getpid()
    assert mark.path.stem == mark.id
    assert remove_leftovers(tmp_path) == 0
    mark.remove()
    mark.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_mark_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Nothing is started then."""
    with pytest.raises(HostError, match="mark of this run cannot be written"):
        new_mark(tmp_path / "gone")


def test_the_folder_of_marks_is_this_users_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where root is not, the run-time folder, or else one among the temporary files."""
    monkeypatch.setattr(os, "geteuid", os.getuid)
    monkeypatch.setattr(
        ownership, "Path", lambda *parts: Path(*("/dev/null" if part == "/run" else part for part in parts))
    )
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = mark_folder()
    assert folder == tmp_path / "skycommons"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    other = mark_folder()
    assert other.name.startswith("skycommons-")
    other.rmdir()
    other.symlink_to(folder)
    with pytest.raises(HostError, match="not this user's alone"):
        mark_folder()


def test_a_process_that_changed_is_not_killed(
    tmp_path: Path, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is about to be killed is looked at once more, by a handle that cannot mean another."""
    own = f"test-{os.getpid()}"
    assert sleeper.pid in list(marked(own))
    assert not ownership._kill(sleeper.pid, "another mark")
    assert not ownership._kill(ended_process(), own)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("signal.pidfd_send_signal", refuse)
    assert not ownership._kill(sleeper.pid, own)
    assert sleeper.poll() is None


def test_the_users_number_outside_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a user namespace everybody is root."""
    table = tmp_path / "uid_map"
    monkeypatch.setattr(ownership, "Path", lambda *_: table)
    monkeypatch.setattr(os, "geteuid", lambda: 3)
    table.write_text("         0       1000          1\n         3     100003          5\n")
    assert ownership._outer_user() == 100003
    table.write_text("")
    assert ownership._outer_user() == 3


def test_a_mark_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here because the disk is full: half a mark names nobody, and nobody would ever remove it."""

    def full(path: Path, text: str, encoding: str) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(HostError, match="No space left"):
        new_mark(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_for_temporary_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """If there is no other folder."""

    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(os, "geteuid", lambda: -5)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with pytest.raises(HostError, match="cannot be written"):
        mark_folder()
