"""The hash of a scenario: of what its file says and of every file that it names.

Rules: two files that say the same have one hash, whatever their order of tables, spaces and comments. A file that the scenario
names counts with all of its bytes and not with its name, so that it may lie elsewhere on another machine. What comes with the
package counts through the version of the program, not here. Numbers are written as the shortest decimals that stand for them.
"""

import json
from collections.abc import Mapping
from datetime import date, time
from hashlib import sha256
from pathlib import Path
from typing import Final

from skycommons.base.errors import Fault, ScenarioError
from skycommons.model.documents_read import parse_toml, read_text

FILE_KEYS: Final = ("file", "catalogue", "people_file", "cells_file", "map_file")
"""Keys whose value is the path of a file, in every table of a scenario."""

_DOMAIN: Final = b"skycommons/scenario/v1\0"
_BLOCK: Final = 1 << 20


def scenario_sha256(path: str | Path) -> str:
    """Hash of a scenario file and of the files that it names, in hexadecimal digits.

    Args:
        path: A scenario file.
    Raises:
        ScenarioError: The file, or one that it names, cannot be read; all of them are listed.
    """
    file = Path(path)
    faults: list[Fault] = []
    found = _with_hashes(parse_toml(read_text(file), str(path)), file.parent, place="", faults=faults)
    if faults:
        raise ScenarioError(str(path), faults)
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=True)
    return sha256(_DOMAIN + text.encode("ascii")).hexdigest()


def _with_hashes(value: object, folder: Path, *, place: str, faults: list[Fault]) -> object:
    """A value ready for JSON, with the hash of a file in place of its path."""
    if isinstance(value, Mapping):
        return {
            key: _hash_of(folder / item, f"{place}{key}", faults)
            if key in FILE_KEYS and isinstance(item, str)
            else _with_hashes(item, folder, place=f"{place}{key}.", faults=faults)
            for key, item in value.items()
        }
    if isinstance(value, tuple):
        return [
            _with_hashes(item, folder, place=f"{place}{number}.", faults=faults) for number, item in enumerate(value)
        ]
    return value.isoformat() if isinstance(value, date | time) else value


def _hash_of(path: Path, place: str, faults: list[Fault]) -> str:
    """SHA-256 of a file, or of all files of a folder with their names within it."""
    try:
        if not path.is_dir():
            return _bytes_sha256(path)
        inner = sorted((each.relative_to(path).as_posix(), each) for each in path.rglob("*") if each.is_file())
        return sha256("".join(f"{_bytes_sha256(each)}  {name}\n" for name, each in inner).encode()).hexdigest()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        faults.append(Fault(place, f"{path.name} cannot be read: {reason}; the hash of a scenario needs all its files"))
        return ""


def _bytes_sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    found = sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
