"""Writing files whole: a reader sees the old file or the new one, never half of either."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from skycommons.base.errors import HostError


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
def _text(stream: BinaryIO) -> Iterator[TextIO]:
    """Text over a stream of bytes that stays open afterwards."""
    import io

    text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
    yield text
    text.flush()
    text.detach()
