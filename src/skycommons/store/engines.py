"""How a database is reached: by one URL, with what makes a commit durable switched on.

* ``sqlite:///service.db`` is a file, relative to the service's folder; ``sqlite:////var/lib/service.db`` an absolute one. It is
  made readable to its owner alone, as it holds secrets. Write-ahead log, ``synchronous=FULL``, foreign keys; a transaction
  that will write says so at its begin.
* ``postgresql://user@host/name`` is a server, reached by psycopg 3. ``synchronous_commit`` is switched on if it is off.
* A password is never printed, and neither is what statements carry. A URL is named without its password and without what
  follows the question mark.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from skycommons.base.errors import HostError, InputError

WRITES: Final = "skycommons_writes"  # execution option of a connection whose transaction will write

_BUSY_MS: Final = 30_000
_WHERE: Final = "sqlite:///FILE, or postgresql://USER@HOST/NAME"
_OURS: Final = 0o600


def database_url(given: str, *, folder: Path) -> URL:
    """A URL that was checked, with the file of SQLite made absolute.

    Args:
        given: As the service's file says it.
        folder: What a relative file stands in.

    Raises:
        InputError: It is no URL of a database that keeps what it is given.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise InputError(f"the database's URL cannot be read; write {_WHERE}") from None
    backend, _, driver = url.drivername.partition("+")
    if backend not in {"sqlite", "postgresql"} or driver not in {"", "psycopg", "pysqlite"}:
        raise InputError(f"{url.drivername} is no database that is known here; write {_WHERE}")
    if any("password" in key.lower() for key in url.query):
        raise InputError(
            "the database's URL has a password after the question mark; write it before the @, or in PGPASSWORD"
        )
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.database in {None, "", ":memory:"} or str(url.database).startswith("file:"):
        raise InputError(f"a log needs a database that lasts, in a file; write {_WHERE}")
    return URL.create("sqlite", database=str((folder / str(url.database)).absolute()))


def printable_url(url: URL) -> str:
    """A URL for messages: without its password, without its options."""
    return url.set(query={}).render_as_string(hide_password=True)


def open_engine(url: URL) -> Engine:
    """The way to a database that `database_url` has checked; nothing is opened yet.

    Raises:
        HostError: The file of SQLite cannot be made.
    """
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url, hide_parameters=True, connect_args={"connect_timeout": 10, "client_encoding": "UTF8"}
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    _make_file(Path(str(url.database)))
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_MS / 1e3})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(path: Path) -> None:
    """An empty file for its owner alone, where there is none."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OURS))
    except OSError as error:
        raise HostError(f"{path}: {error.strerror}: the database cannot be opened") from error


def _prepare_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 -- drivers have no common type
    """Each connection of SQLite: durable, strict, and in our hands where transactions begin."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            raise sqlite3.OperationalError(f"write-ahead log refused (journal mode {mode}); use a local disk")
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "secure_delete=ON",  # a secret that is deleted is overwritten
        ):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where it will be needed: two readers that both want to write would refuse each other."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: Any, _: object) -> None:  # noqa: ANN401 -- drivers have no common type
    """Each connection of PostgreSQL: a commit is on the disk before it is answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{_BUSY_MS}ms",))
    connection.commit()
