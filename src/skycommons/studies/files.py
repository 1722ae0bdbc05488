"""Writing files and folders whole: a reader sees the old one or the new one, never half of either."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOTDIR
from pathlib import Path
from typing import BinaryIO, TextIO

from skycommons.base.errors import HostError


def check_writable(folder: Path) -> None:
    """Refuse a folder in which nothing can be written, before long work is done for it; nothing is made or left there.

    Args:
        folder: If it is not there, the nearest of its parents that is has to let it be made.
    Raises:
        HostError: The folder cannot be made or written.
    """
    try:
        nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        with tempfile.TemporaryDirectory(prefix=".skycommons.", dir=nearest):
            pass
    except OSError as error:
        raise HostError(f"cannot write {folder}: {error.strerror or error}") from error


@contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """A stream that becomes the file when the block ends well, and leaves nothing behind when it does not.

    Raises:
        HostError: The folder cannot be made, or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error
    try:
        with os.fdopen(number, "wb") as stream:
            yield stream
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """The same for text: UTF-8 with line feeds.

    Raises:
        HostError: The folder cannot be made, or the file cannot be written.
    """
    with replacing_bytes(path) as stream, _text(stream) as text:
        yield text


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """An empty folder that takes its name when the block ends well, and leaves nothing behind when it does not.

    Args:
        path: An older folder there is replaced; a file is not.
    Raises:
        HostError: The folder cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror or error}") from error
    try:
        yield folder
        _take_name(folder, path)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _take_name(folder: Path, path: Path) -> None:
    """Move a finished folder to its place; an older one there is removed only after it has made room."""
    folder.chmod(0o755)
    if not path.exists():
        folder.replace(path)
        return
    if not path.is_dir():
        raise NotADirectoryError(ENOTDIR, "there is a file of that name")
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.old.", dir=path.parent) as away:
        path.replace(Path(away) / path.name)
        folder.replace(path)


@contextmanager
def _text(stream: BinaryIO) -> Iterator[TextIO]:
    """Text over a stream of bytes that stays open afterwards."""
    import io

    text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
    yield text
    text.flush()
    text.detach()
