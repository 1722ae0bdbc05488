"""The folder of one service: where everything lies, and how it is made.

::

    service.toml     which log, which database, where the rest lies
    trust.policy     whom to trust: what the operator hands out to everybody
    keys/            the log's secret keys, for the owner alone
    service.db       the database, unless the service names another one
    log/             the public folder of the log; any web server can offer it
    head/            the last head that was signed; better on another disk

* A service is made whole or not at all: it is built beside its place and moved there in one step.
* Paths in ``service.toml`` are relative to the folder. Witnesses with their addresses stand in ``trust.policy``, where everybody
  who trusts the log reads them too.
* ``service.toml`` may hold the password of a database, and so is the owner's alone.
"""

import json
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from skycommons.base.errors import Fault, FormatError, HostError, InputError
from skycommons.governance.lines import malformed
from skycommons.governance.signers import Ed25519CosignerKey
from skycommons.governance.trust import Trust, parse_trust
from skycommons.governance.witness_policy import MAX_BYTES as MAX_TRUST_BYTES
from skycommons.store.durable_files import DRAFT, LOCK, flush_folder, make_folder, read_file, replace_file
from skycommons.store.head_lock import HeadLock
from skycommons.store.key_files import SECRET_MODE, read_log_key
from skycommons.store.log_writer import LogSigner
from skycommons.store.tile_files import TileFiles

SETTINGS: Final = "service.toml"
TRUST: Final = "trust.policy"
KEYS: Final = "keys"
DATABASE_URL: Final = "sqlite:///service.db"

_MAX_BYTES: Final = 100_000
_DRAFT_SUFFIX: Final = ".new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``service.toml`` says.

    Attributes:
        origin: Name of the log.
        database: URL of the database; a relative file of SQLite lies in the folder.
        log: Public folder of the log.
        head: Folder of the last head that was signed.
        trust: File of whom to trust.
        keys: Files of the log's keys, the Ed25519 one first.
    """

    origin: str
    database: str = DATABASE_URL
    log: str = "log"
    head: str = "head"
    trust: str = TRUST
    keys: tuple[str, ...] = ("keys/log-ed25519.key", "keys/log-ml-dsa-44.key")

    def encode(self) -> bytes:
        """The text of the file."""
        lines = [
            "# A service of decisions; see https://c2sp.org/tlog-tiles for the folder of its log.",
            f"origin = {_quoted(self.origin)}",
            f"database = {_quoted(self.database)}",
            f"log = {_quoted(self.log)}",
            f"head = {_quoted(self.head)}  # better on another disk than the rest",
            f"trust = {_quoted(self.trust)}",
            f"keys = [{', '.join(map(_quoted, self.keys))}]",
        ]
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFolder:
    """A service's folder.

    Attributes:
        folder: Where it lies.
        settings: What its file says.
    """

    folder: Path
    settings: Settings

    @classmethod
    def open(cls, folder: Path) -> "ServiceFolder":
        """The folder of a service that was made.

        Raises:
            FormatError: There is none, or its file has faults; all of them are told.
        """
        path = folder / SETTINGS
        data = read_file(path, most_bytes=_MAX_BYTES)
        if data is None:
            raise malformed(str(path), "file", "is missing; make a service by `skycommons policy init`")
        return cls(folder=folder, settings=parse_settings(data, source=str(path)))

    @property
    def files(self) -> TileFiles:
        """The public folder of the log."""
        return TileFiles(self.folder / self.settings.log)

    @property
    def head_lock(self) -> HeadLock:
        """The last head that was signed."""
        return HeadLock(self.folder / self.settings.head)

    @property
    def trust_path(self) -> Path:
        """The file to hand out."""
        return self.folder / self.settings.trust

    def read_trust(self) -> Trust:
        """Whom everybody who uses this log trusts.

        Raises:
            FormatError: The file is missing, has faults, or is for another log.
        """
        path = self.trust_path
        data = read_file(path, most_bytes=MAX_TRUST_BYTES)
        if data is None:
            raise malformed(str(path), "file", "is missing; take a copy from anybody who has one")
        trust = parse_trust(data, source=str(path))
        if trust.origin != self.settings.origin:
            raise malformed(str(path), "log", f"is {trust.origin}, and this service keeps {self.settings.origin}")
        return trust

    def read_signers(self) -> tuple[LogSigner, ...]:
        """The log's secret keys.

        Raises:
            FormatError: One is missing, may be read by others, or is no key of a log.
        """
        signers = []
        for name in self.settings.keys:
            signer = read_log_key(self.folder / name)
            if isinstance(signer, Ed25519CosignerKey) or signer.name != self.settings.origin:
                raise malformed(name, "key", f"is no key of the log {self.settings.origin}")
            signers.append(signer)
        return tuple(signers)


def parse_settings(data: bytes, *, source: str = SETTINGS) -> Settings:
    """What a file ``service.toml`` says.

    Raises:
        FormatError: It has faults; all of them are told.
    """
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise malformed(source, "file", f"is no TOML: {error}") from None
    faults = list(_faults(table))
    if faults:
        raise FormatError(source, faults)
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Settings(**given)


def _faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong in a file of settings."""
    known = [field.name for field in fields(Settings)]
    yield from (Fault(key, f"is not known; known are {', '.join(known)}") for key in table if key not in known)
    for key in known:
        value = table.get(key)
        if key == "keys":
            is_list = isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)
            if value is not None and not is_list:
                yield Fault(key, "must be a list of files")
        elif value is None and key == "origin":
            yield Fault(key, "is missing: it is the name of the log")
        elif value is not None and not (isinstance(value, str) and value):
            yield Fault(key, "must be a text")


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """A folder that is built beside its place, and moved there when the block ends well; else nothing is left.

    Raises:
        InputError: Something lies there already, or is being built.
        HostError: The machine refuses.
    """
    if place.is_symlink() or (place.exists() and not (place.is_dir() and not any(place.iterdir()))):
        raise InputError(f"{place} is there already; a service is made in a new folder")
    draft = place.with_name(place.name + _DRAFT_SUFFIX)
    if draft.exists():
        raise InputError(f"{draft} is left of an attempt that was stopped; remove it first")
    try:
        make_folder(place.absolute().parent)
        draft.mkdir(mode=0o700)
    except OSError as error:
        raise HostError(f"{draft} cannot be made: {error.strerror}") from None
    try:
        yield draft
        draft.replace(place)
        flush_folder(place.absolute().parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def write_settings(folder: Path, settings: Settings) -> None:
    """Write ``service.toml``."""
    replace_file(folder / SETTINGS, settings.encode(), mode=SECRET_MODE)


def is_fresh(folder: Path) -> bool:
    """Whether nothing was ever kept in a folder."""
    return not folder.is_dir() or {path.name for path in folder.iterdir()} <= {DRAFT, LOCK}


def _quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)
