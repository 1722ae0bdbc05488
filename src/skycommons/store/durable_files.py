"""Files that are there whole, or not at all, also after a loss of power.

* What is written goes to a draft beside its place, is flushed to the disk, takes its place in one step, and is read back.
  The folder is flushed too: else its new name could be lost.
* A folder has one draft, ``.draft``, so that a crash leaves one at the most. Whoever writes into a folder holds its lock.
* A lock is a file, ``.lock``, that one holder at a time has, among threads and among programs. It ends with its holder, however
  that one ends.
* What lies behind a symbolic link, or is no plain file, is not read.
"""

import errno
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from skycommons.base.errors import HostError, ProofError
from skycommons.governance.lines import malformed

DRAFT: Final = ".draft"
LOCK: Final = ".lock"
LOCK_WAIT_S: Final = 30.0

_POLL_S: Final = 0.005
_PUBLIC_MODE: Final = 0o644

Reached: TypeAlias = Callable[[str], None]


def nothing_reached(stage: str) -> None:
    """What a store tells of its stages by default: nothing."""
    del stage


def read_file(path: Path, *, most_bytes: int) -> bytes | None:
    """The bytes of a file; ``None`` if there is none.

    Args:
        path: The file.
        most_bytes: Longer files are refused.

    Raises:
        FormatError: It is longer, a link, or no plain file.
        HostError: The machine refuses to read it.
    """
    try:
        place = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise malformed(str(path), "file", "is a symbolic link; only plain files are read") from None
        raise HostError(f"{path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(place).st_mode):
        os.close(place)
        raise malformed(str(path), "file", "is no plain file")
    with os.fdopen(place, "rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise malformed(str(path), "size", f"is more than {most_bytes:,} bytes")
    return data


def replace_file(path: Path, data: bytes, *, reached: Reached = nothing_reached, mode: int = _PUBLIC_MODE) -> None:
    """Write a file in one step: readers, and whoever comes after a crash, see the old bytes or the new ones.

    Args:
        path: The file; folders that are missing are made.
        data: Its new bytes.
        reached: Told ``drafted`` and ``placed``.
        mode: Who may read and write it.

    Raises:
        HostError: The disk gives back other bytes than were written.
        OSError: The machine refuses to write.
    """
    make_folder(path.parent)
    draft = path.parent / DRAFT
    draft.unlink(missing_ok=True)
    place = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with os.fdopen(place, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(place)
    reached("drafted")
    draft.replace(path)
    flush_folder(path.parent)
    reached("placed")
    if read_file(path, most_bytes=len(data)) != data:
        raise HostError(f"{path} does not hold what was written; is the disk damaged?")


def place_file(path: Path, data: bytes, *, reached: Reached = nothing_reached) -> None:
    """Write a file that never changes: one with the same bytes is left as it is, one with other bytes is kept.

    Raises:
        ProofError: A file with other bytes lies there.
        HostError: The disk gives back other bytes than were written.
        OSError: The machine refuses to write.
    """
    found = read_file(path, most_bytes=max(len(data), path.stat().st_size)) if path.exists() else None
    if found is None:
        replace_file(path, data, reached=reached)
    elif found == data:
        flush_folder(path.parent)  # a crash may have come before its name was on the disk
    else:
        raise ProofError(f"{path} holds other bytes than belong there; it is left as it is. Check the folder")


def create_file(path: Path, data: bytes, *, mode: int) -> bool:
    """Write a file where none is, whole or not at all, and never over another one, whoever else writes in its folder.

    Args:
        path: The file; folders that are missing are made.
        data: Its bytes.
        mode: Who may read and write it.

    Returns:
        Whether it was written; not if something lies there already.

    Raises:
        OSError: The machine refuses to write.
    """
    make_folder(path.parent)
    place, draft = tempfile.mkstemp(prefix=f"{DRAFT}-", dir=path.parent)
    try:
        with os.fdopen(place, "wb") as file:
            os.fchmod(place, mode)
            file.write(data)
            file.flush()
            os.fsync(place)
        return _is_linked(draft, path)
    finally:
        Path(draft).unlink()
        flush_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, and flush each name that is new."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)


def flush_folder(path: Path) -> None:
    """See that the names in a folder are on the disk."""
    place = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(place)
    finally:
        os.close(place)


@contextmanager
def hold_folder(path: Path, *, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """Be the only one who writes into a folder while the block runs.

    Args:
        path: The folder; made if missing.
        wait_s: How long to wait for another holder.

    Raises:
        HostError: Another one holds it for longer.
        OSError: The machine refuses to write there.
    """
    make_folder(path)
    place = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _PUBLIC_MODE)
    try:
        end_s = time.monotonic() + wait_s
        while not _is_locked(place):
            if time.monotonic() > end_s:
                raise HostError(f"{path} is held by another program for more than {wait_s:g} s; is one running?")
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(place)  # which ends the lock


def _is_linked(draft: str, path: Path) -> bool:
    """Whether a draft could take a name that nobody has."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    return True


def _is_locked(place: int) -> bool:
    """Whether the lock of an open file could be had at once."""
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
