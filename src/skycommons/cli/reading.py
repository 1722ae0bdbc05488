"""Files that users name, read whole: one clear line if one cannot be read, and no more of it than fits.

Rules: links and pipes are read like files, as users expect of a command; what never ends is refused once it is too long.
"""

from pathlib import Path
from typing import Final

MOST_BYTES: Final = 2_000_000_000


def read_bytes(path: Path, *, most_bytes: int | None = None) -> bytes:
    """The bytes of a file.

    Args:
        path: As the user names it.
        most_bytes: Longer files are refused; by default those of more than 2 GB.

    Raises:
        InputError: It cannot be read, or is longer.
    """
    from skycommons.base.errors import InputError

    most = MOST_BYTES if most_bytes is None else most_bytes
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    if len(data) > most:
        raise InputError(f"{path}: is larger than {most:,} bytes; is it the file that you mean?")
    return data


def read_text(path: Path, *, most_bytes: int | None = None) -> str:
    """The text of a file in UTF-8.

    Raises:
        InputError: It cannot be read, is longer, or is no text.
    """
    from skycommons.base.errors import InputError

    try:
        return read_bytes(path, most_bytes=most_bytes).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read: byte {error.start} is no UTF-8") from None
