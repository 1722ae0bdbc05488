"""Files that are there whole or not at all."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, HostError, ProofError
from skycommons.store import durable_files
from skycommons.store.durable_files import hold_folder, make_folder, place_file, read_file, replace_file


def test_a_file_that_is_missing_is_no_error(tmp_path: Path) -> None:
    """Neither in a folder that is missing too, nor under a file."""
    (tmp_path / "file").write_bytes(b"")
    assert read_file(tmp_path / "none", most_bytes=1) is None
    assert read_file(tmp_path / "none" / "none", most_bytes=1) is None
    assert read_file(tmp_path / "file" / "none", most_bytes=1) is None


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    """One byte more than is wanted is enough."""
    (tmp_path / "a").write_bytes(b"123")
    assert read_file(tmp_path / "a", most_bytes=3) == b"123"
    with pytest.raises(FormatError, match="more than 2 bytes"):
        read_file(tmp_path / "a", most_bytes=2)


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    """No link leads out of the folder, no folder and no pipe is read."""
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="symbolic link"):
        read_file(tmp_path / "link", most_bytes=9)
    for name in ("folder", "pipe"):
        with pytest.raises(FormatError, match="no plain file"):
            read_file(tmp_path / name, most_bytes=9)


def test_what_the_machine_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the name of the file, and without a traceback."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(HostError, match="a cannot be read: Permission denied"):
        read_file(tmp_path / "a", most_bytes=9)


def test_a_replaced_file_leaves_nothing_else(tmp_path: Path) -> None:
    """Folders are made, the draft is gone, the stages are told in order."""
    stages: list[str] = []
    replace_file(tmp_path / "a" / "b" / "c", b"one", reached=stages.append)
    replace_file(tmp_path / "a" / "b" / "c", b"two", reached=stages.append)
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c"]
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"two"
    assert stages == ["drafted", "placed"] * 2


def test_a_draft_of_a_crash_is_replaced(tmp_path: Path) -> None:
    """Also where it is a link to somewhere else: nothing is written there."""
    (tmp_path / "elsewhere").write_bytes(b"kept")
    (tmp_path / ".draft").symlink_to(tmp_path / "elsewhere")
    replace_file(tmp_path / "a", b"one", mode=0o600)
    assert (tmp_path / "elsewhere").read_bytes() == b"kept"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_a_disk_that_forgets_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is read back."""
    monkeypatch.setattr(durable_files, "read_file", lambda path, most_bytes: b"\x00" * most_bytes)
    with pytest.raises(HostError, match="does not hold what was written"):
        replace_file(tmp_path / "a", b"one")


def test_a_file_that_never_changes_is_written_once(tmp_path: Path) -> None:
    """The same bytes are no news; other bytes are refused and the file stays, also if they are fewer or more."""
    stages: list[str] = []
    for _ in range(2):
        place_file(tmp_path / "a", b"one", reached=stages.append)
    assert stages == ["drafted", "placed"]
    for other in (b"two", b"", b"one more"):
        with pytest.raises(ProofError, match="holds other bytes"):
            place_file(tmp_path / "a", other)
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    """Twice is as good as once."""
    for _ in range(2):
        make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    """Threads wait for each other: no increment is lost."""
    count = tmp_path / "count"
    count.write_text("0")

    def increment() -> None:
        for _ in range(20):
            with hold_folder(tmp_path):
                count.write_text(str(int(count.read_text()) + 1))

    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count.read_text() == "80"


def test_a_holder_that_does_not_let_go_is_named(tmp_path: Path) -> None:
    """After a while, not never."""
    with (
        hold_folder(tmp_path),
        pytest.raises(HostError, match="held by another program"),
        hold_folder(tmp_path, wait_s=0.02),
    ):
        pass


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """A program that is killed leaves no lock behind."""
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom skycommons.store.durable_files import hold_folder\n"
        "with hold_folder(Path(sys.argv[1])):\n    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    with hold_folder(tmp_path, wait_s=1.0):
        assert (tmp_path / ".lock").exists()
