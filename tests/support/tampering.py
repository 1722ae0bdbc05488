"""Databases that were changed behind their doors: at random, one change at a time, each of which has to be found.

`python -m tests.support.tampering 10000` tries so many changes of rows on SQLite and on PostgreSQL and so many flipped bits of a
file of SQLite, and says what became of them. A change of a row has to be found. A flipped bit of the file has to be found, unless
everything that the file says is still the same: the page had room to spare there.
"""

import random
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, text

from skycommons.base.errors import SkycommonsError
from skycommons.store.database import Database
from skycommons.store.group_commit import GroupCommit
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.records import NewEntry, Secret
from skycommons.store.replay import replay_result
from tests.support.databases import behind
from tests.support.folds import ORIGIN, Sums, entry
from tests.support.postgres import Cluster, cluster

ENTRIES = 40
TABLES = ("entries", "head", "projection", "secrets", "meta", "alembic_version")
# Where a bit is flipped, and whether it is of text.
COLUMNS = (
    *(("entries", "data"), ("entries", "leaf_hash"), ("entries", "kind"), ("entries", "digest"), ("entries", "index")),
    *(("head", "size"), ("head", "root"), ("projection", "subject"), ("projection", "value")),
    *(("meta", "origin"), ("meta", "format"), ("alembic_version", "version_num")),
    *(("secrets", "commitment"), ("secrets", "domain"), ("secrets", "salt"), ("secrets", "document")),
)


def fill(url: str) -> None:
    """A database with something in each table."""
    with Database.open(url, origin=ORIGIN) as database:
        commit = GroupCommit(database, LedgerJudge(database, Sums), lambda _: None)
        commit.append_all([entry(number, subject=f"s{number % 7}", amount=number) for number in range(ENTRIES)])
        for number in range(3):
            database.put_secret(Secret(domain="x", salt=bytes([number]) * 32, document=b"{}" * number))


def is_found(url: str) -> bool:
    """Whether opening and replaying refuses the database, in the words that are meant for it."""
    try:
        with Database.open(url) as database:
            return not replay_result(database, Sums)
    except SkycommonsError:
        return True


# ------------------------------------------------------------------------------------------------------ changed rows


class Victim(Protocol):
    """A database that is changed and put right again."""

    url: str

    def restore(self) -> None:
        """As it was at first."""


@dataclass(slots=True)
class FileVictim:
    """A file of SQLite."""

    path: Path
    url: str = field(init=False)
    pristine: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"sqlite:///{self.path}"
        fill(self.url)
        self.pristine = self.path.read_bytes()

    def restore(self) -> None:
        """Write the file again."""
        self.write(self.pristine)

    def write(self, data: bytes) -> None:
        """Write the file, with nothing beside it."""
        for beside in ("-wal", "-shm"):
            self.path.with_name(self.path.name + beside).unlink(missing_ok=True)
        self.path.write_bytes(data)


@dataclass(slots=True)
class ServerVictim:
    """A database of a server."""

    url: str
    rows: dict[str, list[dict[str, Any]]] = field(init=False)

    def __post_init__(self) -> None:
        fill(self.url)
        with behind(self.url) as connection:
            self.rows = {
                table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
                for table in TABLES
            }

    def restore(self) -> None:
        """Write every row again."""
        with behind(self.url) as connection:
            for table, rows in self.rows.items():
                connection.execute(text(f"DELETE FROM {table}"))
                insert(connection, table, rows)


def insert(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Write rows."""
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f":{name}" for name in names)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), rows)


def change_row(connection: Connection, chance: random.Random) -> str:
    """Change something at random; what was changed."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA ignore_check_constraints = ON"))
    change = chance.choice([flip, flip, flip, flip, delete, duplicate, swap_values, swap_places, invent])
    return change(connection, chance)


def rows_of(connection: Connection, table: str) -> list[Mapping[str, Any]]:
    """Every row with its key as `place`."""
    place = "rowid" if connection.dialect.name == "sqlite" else "ctid"
    return [dict(row) for row in connection.execute(text(f"SELECT {place} AS place, * FROM {table}")).mappings()]


def update(connection: Connection, table: str, column: str, place: object, value: object) -> None:
    """Change one value."""
    if connection.dialect.name == "sqlite":
        is_text = isinstance(value, tuple)  # bytes that need not be Unicode
        given = value[0] if isinstance(value, tuple) else value
        shown = "CAST(:value AS TEXT)" if is_text else ":value"
        statement = f'UPDATE {table} SET "{column}" = {shown} WHERE rowid = :place'
    else:
        given = value[0].decode() if isinstance(value, tuple) else value
        statement = f'UPDATE {table} SET "{column}" = :value WHERE ctid = CAST(:place AS tid)'
    connection.execute(text(statement), {"value": given, "place": place})


def flip(connection: Connection, chance: random.Random) -> str:
    """One bit of one value."""
    while True:
        table, column = chance.choice(COLUMNS)
        rows = rows_of(connection, table)
        row = chance.choice(rows)
        before = row[column]
        if isinstance(before, int):
            value: object = before ^ (1 << chance.randrange(31))
            if value in {one[column] for one in rows}:
                continue  # a key stands once
        else:
            data = bytearray(before.encode() if isinstance(before, str) else before)
            if not data:
                continue
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            if isinstance(before, str) and connection.dialect.name != "sqlite" and not (data.isascii() and all(data)):
                continue  # PostgreSQL keeps nothing else
            if column == "subject" and any(one[column].encode() == data for one in rows):
                continue  # a key stands once
            value = (bytes(data),) if isinstance(before, str) else bytes(data)
        update(connection, table, column, row["place"], value)
        return f"bit of {table}.{column}"


def delete(connection: Connection, chance: random.Random) -> str:
    """One row; a secret may be gone."""
    table = chance.choice([table for table in TABLES if table != "secrets"])
    row = chance.choice(rows_of(connection, table))
    place = "rowid = :place" if connection.dialect.name == "sqlite" else "ctid = CAST(:place AS tid)"
    connection.execute(text(f"DELETE FROM {table} WHERE {place}"), {"place": row["place"]})
    return f"row of {table} deleted"


def duplicate(connection: Connection, chance: random.Random) -> str:
    """A good entry more, that agrees with itself, anywhere behind the last one."""
    data = entry(chance.randrange(1_000_000, 2_000_000))
    new = NewEntry.of(data)
    row = {"index": ENTRIES + chance.randrange(3), "leaf_hash": new.leaf, "kind": new.kind, "digest": new.digest}
    insert(connection, "entries", [row | {"data": data}])
    return "row of entries added"


def swap_values(connection: Connection, chance: random.Random) -> str:
    """One value of two rows."""
    while True:
        table, column = chance.choice([("entries", "data"), ("projection", "value")])
        one, other = chance.sample(rows_of(connection, table), 2)
        if one[column] != other[column]:
            break
    for row, value in ((one, other[column]), (other, one[column])):
        update(connection, table, column, row["place"], (value.encode(),) if isinstance(value, str) else value)
    return f"{table}.{column} of two rows swapped"


def swap_places(connection: Connection, chance: random.Random) -> str:
    """Two whole entries."""
    one, other = chance.sample(range(ENTRIES), 2)
    for old, new in ((one, 1_000), (other, one), (1_000, other)):
        connection.execute(text('UPDATE entries SET "index" = :new WHERE "index" = :old'), {"old": old, "new": new})
    return "two entries swapped"


def invent(connection: Connection, chance: random.Random) -> str:
    """A subject that the log does not know."""
    row = {"subject": f"t{chance.randrange(1_000)}", "value": '{"sum":1}'}
    insert(connection, "projection", [row])
    return "row of projection added"


def try_rows(victim: Victim, count: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Change rows so many times; how often what was changed, and what was not found."""
    tried: Counter[str] = Counter()
    missed = []
    for _ in range(count):
        with behind(victim.url) as connection:
            what = change_row(connection, chance)
        tried[what] += 1
        if not is_found(victim.url):
            missed.append(what)
        victim.restore()
    return tried, missed


# ------------------------------------------------------------------------------------------------------ flipped bits


def contents(path: Path) -> list[object]:
    """Everything that a file of SQLite says: its schema, and every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()
        return [schema, *(connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES)]


def try_bits(victim: FileVictim, count: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Flip one bit of the file so many times; how often it was found or said nothing, and where it was missed."""
    victim.restore()
    pristine = contents(victim.path)
    tried: Counter[str] = Counter()
    missed = []
    for _ in range(count):
        place = chance.randrange(8 * len(victim.pristine))
        data = bytearray(victim.pristine)
        data[place // 8] ^= 1 << (place % 8)
        victim.write(bytes(data))
        if is_found(victim.url):
            tried["found"] += 1
        elif contents(victim.path) == pristine:
            tried["says the same as before"] += 1
        else:
            missed.append(f"bit {place}")
    victim.restore()
    return tried, missed


@contextmanager
def file_victim() -> Iterator[FileVictim]:
    """A file of SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="skycommons-") as folder:
        yield FileVictim(Path(folder) / "service.db")


def main(count: int, seed: int = 1) -> int:
    """Try everything, say what became of it; 1 if something was missed."""
    failed = 0

    def told(name: str, run: Callable[[], tuple[Counter[str], list[str]]]) -> None:
        nonlocal failed
        tried, missed = run()
        lines = [f"{name}: {count:,} tried, {len(missed)} missed"]
        lines += [f"    {what}: {times:,}" for what, times in sorted(tried.items())]
        lines += [f"    MISSED {what}" for what in missed[:20]]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        failed += bool(missed)

    with file_victim() as victim:
        told("rows on SQLite", lambda: try_rows(victim, count, random.Random(seed)))
        told("bits of the file", lambda: try_bits(victim, count, random.Random(seed)))
    running: Cluster
    with cluster() as running:
        server = ServerVictim(running.new_database())
        told("rows on PostgreSQL", lambda: try_rows(server, count, random.Random(seed)))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
