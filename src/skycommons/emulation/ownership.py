"""Who owns what a run started, so that the next start can remove what a killed one left.

* Namespaces, interfaces and programs end with their owner by themselves, as their file descriptors and their PID namespace do.
  This is the second net, for what slipped through the first: programs that carry the mark of a run whose owner is dead.
* A run has an id. Its programs carry it in their environment, and a mark file holds it with the owner's process, its start and
  the boot, so that a process that got the same number later is not taken for it.
* Nothing else is ever touched: no process without the mark, no mark of an owner that lives or that this process cannot see.
"""

import json
import os
import secrets
import signal
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skycommons.base.errors import HostError

MARK_VARIABLE: Final = "SKYCOMMONS_EMULATION"
"""What programs of a run carry in their environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The mark of a run.

    Attributes:
        id: Of the run.
        path: Its file.
    """

    id: str
    path: Path

    def remove(self) -> None:
        """Take the file away; a second call does nothing."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process that cannot be mistaken for a later one.

    Attributes:
        pid: Its number.
        start: When it started, in the kernel's ticks after boot.
        boot: The boot's id.
        pids: The PID namespace in which the number counts.
    """

    pid: int
    start: int
    boot: str
    pids: str

    @staticmethod
    def here() -> "Owner":
        """This process."""
        pid = os.getpid()
        return Owner(pid=pid, start=_start(pid), boot=_boot(), pids=_pids())

    def is_dead(self) -> bool:
        """Whether it surely ended; of another PID namespace nobody here can tell."""
        if self.boot != _boot():
            return True
        return self.pids == _pids() and self.start != _start(self.pid)


def new_mark(folder: Path | None = None) -> Mark:
    """Mark a run of this process.

    Args:
        folder: Where marks are; `mark_folder` unless given.

    Raises:
        HostError: The file cannot be written.
    """
    owner = Owner.here()
    mark_id = f"{owner.pid}-{secrets.token_hex(6)}"
    path = (mark_folder() if folder is None else folder) / f"{mark_id}.json"
    try:
        text = json.dumps({"pid": owner.pid, "start": owner.start, "boot": owner.boot, "pids": owner.pids})
        path.write_text(text + "\n", encoding="ascii")
    except OSError as error:
        with suppress(OSError):
            path.unlink()  # half a mark names nobody, and would stay for ever
        raise HostError(f"the mark of this run cannot be written: {error}") from error
    return Mark(id=mark_id, path=path)


def mark_folder() -> Path:
    """Where marks are: a folder that only this user can write, made if it is not there.

    Raises:
        HostError: There is none.
    """
    places = [Path("/run")] if os.geteuid() == 0 else []
    places += [Path(place) for place in (os.environ.get("XDG_RUNTIME_DIR"),) if place]
    candidates = [place / "skycommons" for place in places]
    with suppress(OSError):  # a disk that is full has none
        candidates.append(Path(tempfile.gettempdir(), f"skycommons-{_outer_user()}"))
    for folder in candidates:
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            found = folder.lstat()
            is_ours = found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            if stat.S_ISDIR(found.st_mode) and is_ours and os.access(folder, os.W_OK):
                return folder
    raise HostError(
        f"no folder for the mark of this run: {' and '.join(map(str, candidates)) or 'all of /tmp'} are not this user's alone, "
        "or cannot be written"
    )


def remove_leftovers(folder: Path | None = None) -> int:
    """Kill what runs of dead owners left, and remove their marks.

    Args:
        folder: Where marks are; `mark_folder` unless given.

    Returns:
        How many processes were killed.
    """
    killed = 0
    for path in sorted((mark_folder() if folder is None else folder).glob("*.json")):
        owner = _owner_of(path)
        if owner is not None and owner.is_dead():
            killed += sum(_kill(pid, path.stem) for pid in marked(path.stem))
            path.unlink(missing_ok=True)
    return killed


def marked(mark_id: str) -> Iterator[int]:
    """Processes that carry the mark of a run, of those that this user may look into."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid() and _carries(entry, mark_id):
            yield int(entry.name)


def _carries(entry: Path, mark_id: str) -> bool:
    with suppress(OSError):
        return f"{MARK_VARIABLE}={mark_id}".encode("ascii") in (entry / "environ").read_bytes().split(b"\0")
    return False


def _kill(pid: int, mark_id: str) -> bool:
    """Kill a process if it still is the one that carries the mark."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not _carries(Path("/proc", str(pid)), mark_id):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _owner_of(path: Path) -> Owner | None:
    """Who a mark names; nobody if the file is not one of ours or is just being written."""
    try:
        content = json.loads(path.read_text(encoding="ascii"))
        return Owner(
            pid=int(content["pid"]), start=int(content["start"]), boot=str(content["boot"]), pids=str(content["pids"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _start(pid: int) -> int:
    """When a process started, in ticks after boot; -1 if there is none, or one that ended and waits to be collected."""
    try:
        text = Path("/proc", str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return -1
    state, *numbers = text.rpartition(")")[2].split()
    return -1 if state in {"Z", "X"} else int(numbers[18])


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _pids() -> str:
    return str(Path("/proc/self/ns/pid").readlink())


def _outer_user() -> int:
    """This user's number outside of a user namespace, so that each has a folder of its own."""
    with suppress(OSError):
        for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines():
            inner, outer, length = map(int, line.split())
            if inner <= os.geteuid() < inner + length:
                return outer + os.geteuid() - inner
    return os.geteuid()
