"""The database itself holds the log append-only, whoever writes to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from skycommons.store.database import Database
from skycommons.store.records import Batch, NewEntry, Secret
from tests.support.databases import behind
from tests.support.folds import entry
from tests.support.postgres import Cluster

REFUSED = {
    "UPDATE entries SET kind = 'vote' WHERE \"index\" = 1": "an entry of the log is never changed",
    'DELETE FROM entries WHERE "index" = 1': "an entry of the log is never deleted",
    "INSERT INTO entries SELECT 5, 'a', kind, 'b', data FROM entries WHERE \"index\" = 0": "an entry goes to the end of the log",
    "INSERT INTO entries SELECT 1, 'a', kind, 'b', data FROM entries WHERE \"index\" = 0": "an entry goes to the end of the log",
    "INSERT INTO entries SELECT 2, leaf_hash, kind, 'b', data FROM entries WHERE \"index\" = 0": "is in the log",
    "INSERT INTO entries SELECT 2, 'a', kind, digest, data FROM entries WHERE \"index\" = 0": "is in the log",
    "UPDATE head SET size = 1": "the head grows to the number of entries",
    "UPDATE head SET size = 3": "the head grows to the number of entries",
    "UPDATE head SET root = 'ff'": "the head grows to the number of entries",
    "UPDATE head SET id = 2": "the head grows to the number of entries",
    "DELETE FROM head": "the head is never deleted",
    "INSERT INTO head VALUES (2, 0, '')": "there is one head",
    "UPDATE meta SET origin = 'other'": "a database keeps one log for ever",
    "DELETE FROM meta": "a database keeps one log for ever",
    "INSERT INTO meta VALUES (2, 'other', 1)": "a database keeps one log for ever",
    "DELETE FROM projection": "a subject does not vanish",
    "UPDATE secrets SET domain = 'other'": "a secret is never changed",
    "INSERT INTO secrets SELECT commitment, 'other', salt, document FROM secrets": "this secret is there",
}
TRUNCATED = ["entries", "head", "meta", "projection", "entries, head, meta, projection, secrets"]
REPLACED = [
    "INSERT OR REPLACE INTO entries SELECT 2, leaf_hash, 'vote', digest, data FROM entries WHERE \"index\" = 0",
    "INSERT OR REPLACE INTO entries SELECT 0, leaf_hash, 'vote', digest, data FROM entries WHERE \"index\" = 0",
    "INSERT OR REPLACE INTO head VALUES (1, 0, '')",
    "INSERT OR REPLACE INTO meta VALUES (1, 'other', 1)",
    "INSERT OR REPLACE INTO secrets SELECT commitment, 'other', salt, document FROM secrets",
    "UPDATE OR REPLACE entries SET digest = 'b'",
]


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    """A database with something in each table."""
    entries = (NewEntry.of(entry(1)), NewEntry.of(entry(2)))
    database.append(Batch(entries=entries, projection={"sea": "1"}), expected_size=0)
    database.put_secret(Secret(domain="x", salt=bytes(32), document=b"{}"))
    yield database
    assert database.size() == 2
    assert [row.kind for row in database.entries()] == ["snapshot", "snapshot"]
    assert database.projection() == {"sea": "1"}


@pytest.mark.parametrize("statement", REFUSED, ids=str)
def test_what_would_change_the_log_is_refused(filled: Database, url: str, statement: str) -> None:
    """Even to the owner of the database, with the reason."""
    with behind(url, with_guards=True) as connection, pytest.raises(DBAPIError, match=REFUSED[statement]):
        connection.execute(text(statement))


@pytest.mark.parametrize("tables", TRUNCATED)
def test_postgresql_does_not_truncate(postgres: Cluster, tables: str) -> None:
    """No row is asked there."""
    url = postgres.new_database()
    with (
        Database.open(url, origin="log.example/x"),
        behind(url, with_guards=True) as connection,
        pytest.raises(DBAPIError, match="nothing that the log says is deleted"),
    ):
        connection.execute(text(f"TRUNCATE {tables}"))


@pytest.mark.parametrize("statement", REPLACED)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_sqlite_does_not_replace(filled: Database, url: str, statement: str) -> None:
    """It would delete without asking."""
    with behind(url, with_guards=True) as connection, pytest.raises(DBAPIError, match=r"log|head|secret"):
        connection.execute(text(statement))


def test_all_guards_are_up(database: Database) -> None:
    """In a database that has just been made."""
    with database.snapshot() as state:
        assert state.missing_guards() == ()


def test_a_guard_that_was_taken_down_is_missed(database: Database, url: str) -> None:
    """Or that does something else."""
    dropped = "DROP TRIGGER entries_not_updated" + ("" if url.startswith("sqlite") else " ON entries")
    with behind(url, with_guards=True) as connection:
        connection.execute(text(dropped))
    with database.snapshot() as state:
        assert state.missing_guards() == ("entries_not_updated",)
    with behind(url, with_guards=True) as connection:
        if url.startswith("sqlite"):
            connection.execute(
                text("CREATE TRIGGER entries_not_updated BEFORE UPDATE ON entries BEGIN SELECT 'do as you like'; END")
            )
        else:
            body = "CREATE OR REPLACE FUNCTION skycommons_head_grows() RETURNS trigger LANGUAGE plpgsql"
            connection.execute(text(f"{body} AS 'BEGIN RETURN NEW; END'"))
            connection.execute(text("ALTER TABLE meta DISABLE TRIGGER meta_once"))
    with database.snapshot() as state:
        more = () if url.startswith("sqlite") else ("head_grows", "meta_once")
        assert state.missing_guards() == ("entries_not_updated", *more)


def test_what_stands_beside_the_guards_is_named(database: Database, url: str) -> None:
    """A trigger of somebody else's could change what a batch writes."""
    body = "BEGIN UPDATE projection SET value = '0'; END"
    with behind(url, with_guards=True) as connection:
        if url.startswith("sqlite"):
            connection.execute(text(f"CREATE TRIGGER own AFTER INSERT ON entries {body}"))
            connection.execute(text("CREATE VIEW glance AS SELECT * FROM entries"))
        else:
            connection.execute(
                text(
                    f"CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS '{body.replace(chr(39), chr(39) * 2)}'"
                )
            )
            connection.execute(text("CREATE TRIGGER own AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION own()"))
    with database.snapshot() as state:
        assert state.missing_guards() == ()
        assert state.strange_schema() == (("glance", "own") if url.startswith("sqlite") else ("own",))


def test_a_table_that_was_made_otherwise_is_named(tmp_path: Path) -> None:
    """One sign of its definition in the file of SQLite is another one."""
    path = tmp_path / "s.db"
    Database.open(f"sqlite:///{path}", origin="log.example/x").close()
    before = b"length(data) <= 65535"
    assert before in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(before, b"length(data) <= 95535"))
    with Database.open(f"sqlite:///{path}") as again, again.snapshot() as state:
        assert state.strange_schema() == ("entries",)
