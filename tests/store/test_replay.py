"""The database says what its log says; whatever was changed behind it is found and named."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from skycommons.base.errors import InputError, ProofError
from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.merkle import EMPTY_ROOT, leaf_hash, root_of
from skycommons.store.database import Database
from skycommons.store.group_commit import GroupCommit
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.records import Batch, NewEntry, Secret
from skycommons.store.replay import Finding, rebuild, replay_result, verify_replay
from tests.support.databases import behind
from tests.support.folds import ORIGIN, Sums, entry

ENTRIES = [entry(number, subject=f"s{number % 3}", amount=number) for number in range(6)]


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with six entries, three sums and a secret."""
    commit = GroupCommit(database, LedgerJudge(database, Sums), lambda _: None)
    commit.append_all(ENTRIES)
    database.put_secret(Secret(domain="x", salt=bytes(32), document=b"{}"))
    return database


def head(size: int, entries: list[bytes] = ENTRIES) -> Checkpoint:
    """A head that was signed."""
    return Checkpoint(origin=ORIGIN, size=size, root=root_of(list(map(leaf_hash, entries[:size]))))


def findings(database: Database, *signed: Checkpoint) -> list[str]:
    """What each finding is about."""
    return [finding.subject for finding in replay_result(database, Sums, signed=signed).findings]


def test_what_was_written_here_is_what_the_log_says(filled: Database) -> None:
    """The answer is what the entries add up to."""
    fold = verify_replay(filled, Sums, signed=[head(0), head(3), head(6)])
    assert fold.summary() == {"log": {"size": 6}, "s0": {"sum": 3}, "s1": {"sum": 5}, "s2": {"sum": 7}}
    assert replay_result(filled, Sums)


def test_an_empty_log_is_an_empty_database(database: Database) -> None:
    """Nothing adds up to nothing."""
    assert verify_replay(database, Sums).size == 0
    assert head(0).root == EMPTY_ROOT


CHANGES = {
    "UPDATE entries SET kind = 'vote' WHERE \"index\" = 2": ["entry 2, kind"],
    "UPDATE entries SET digest = 'ff' WHERE \"index\" = 2": ["entry 2, digest"],
    'UPDATE entries SET leaf_hash = upper(leaf_hash) WHERE "index" = 2': ["entry 2, leaf hash"],
    "UPDATE head SET size = 5": ["head, size"],
    "UPDATE head SET root = upper(root)": ["head, root"],
    "UPDATE meta SET origin = 'log.example/other'": ["meta, origin"],
    "UPDATE meta SET format = 2": ["meta, format"],
    "UPDATE projection SET value = '{\"sum\":4}' WHERE subject = 's0'": ["projection, s0"],
    "UPDATE projection SET value = '{\"sum\": 3}' WHERE subject = 's0'": ["projection, s0"],
    "UPDATE projection SET subject = 's3' WHERE subject = 's0'": ["projection, s0", "projection, s3"],
    "DELETE FROM projection WHERE subject = 's1'": ["projection, s1"],
    "INSERT INTO projection VALUES ('s9', '{}')": ["projection, s9"],
    "UPDATE secrets SET domain = 'y'": ["secret"],
    "DELETE FROM secrets": [],
}


@pytest.mark.parametrize("statement", CHANGES, ids=str)
def test_a_changed_row_is_named(filled: Database, url: str, statement: str) -> None:
    """A secret may be gone."""
    with behind(url) as connection:
        connection.exec_driver_sql(statement)
    assert [subject[: len(wanted)] for subject, wanted in zip(findings(filled), CHANGES[statement], strict=True)] == (
        CHANGES[statement]
    )


def swap(connection: Connection) -> None:
    """Let two entries change places."""
    for old, new in ((1, 100), (2, 1), (100, 2)):
        connection.execute(text('UPDATE entries SET "index" = :new WHERE "index" = :old'), {"old": old, "new": new})


def drop_last(connection: Connection) -> None:
    """Forget the last entry."""
    connection.execute(text('DELETE FROM entries WHERE "index" = 5'))


def drop_first(connection: Connection) -> None:
    """Forget the first entry."""
    connection.execute(text('DELETE FROM entries WHERE "index" = 0'))


def insert_one(connection: Connection) -> None:
    """Bring an entry in behind the head."""
    write(connection, 6, entry(99))


def rewrite(connection: Connection) -> None:
    """Replace an entry with all that stands beside it."""
    connection.execute(text('DELETE FROM entries WHERE "index" = 3'))
    write(connection, 3, entry(99))


def void(connection: Connection) -> None:
    """Replace an entry with one that no ledger accepts."""
    connection.execute(text('DELETE FROM entries WHERE "index" = 3'))
    write(connection, 3, entry(99, amount=-1))


def missing(connection: Connection) -> None:
    """Replace an entry with one that names what is not there."""
    connection.execute(text('DELETE FROM entries WHERE "index" = 3'))
    write(connection, 3, entry(99, subject="missing"))


def garble(connection: Connection) -> None:
    """Replace the bytes of an entry with what is no entry."""
    connection.execute(text('UPDATE entries SET data = :data WHERE "index" = 3'), {"data": b"{}"})


def write(connection: Connection, index: int, data: bytes) -> None:
    """Write a row that agrees with itself."""
    new = NewEntry.of(data)
    connection.execute(
        text("INSERT INTO entries VALUES (:index, :leaf, :kind, :digest, :data)"),
        {"index": index, "leaf": new.leaf, "kind": new.kind, "digest": new.digest, "data": data},
    )


@pytest.mark.parametrize(
    ("change", "some"),
    [
        (swap, "head, root"),
        (drop_last, "head, size"),
        (drop_first, "entry 0, index"),
        (insert_one, "head, size"),
        (rewrite, "head, root"),
        (void, "entry 3, ruling"),
        (missing, "entry 3, ruling"),
        (garble, "entry 3"),
    ],
)
def test_a_log_that_was_rewritten_is_found(
    filled: Database, url: str, change: Callable[[Connection], None], some: str
) -> None:
    """By what does not follow from its entries."""
    with behind(url) as connection:
        change(connection)
    assert some in findings(filled)
    with pytest.raises(ProofError, match=r"does not say what its log says, in \d+ place"):
        verify_replay(filled, Sums)


def test_a_log_that_was_rewritten_whole_is_found_by_what_was_signed(filled: Database, url: str) -> None:
    """It agrees with itself, so only a head that somebody kept can tell."""
    other = [*ENTRIES[:3], entry(99)]
    with behind(url) as connection:
        for table in ("entries", "projection", "head"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("INSERT INTO head VALUES (1, 0, :root)"), {"root": EMPTY_ROOT.hex()})
    rebuild(filled, Sums, other)
    assert findings(filled) == []
    assert findings(filled, head(3)) == []
    assert findings(filled, head(4)) == ["root at 4 entries"]
    assert findings(filled, head(3), head(6)) == ["root at 6 entries"]


def test_guards_that_are_down_are_found(filled: Database, url: str) -> None:
    """Whatever was done meanwhile."""
    with behind(url, with_guards=True) as connection:
        connection.execute(text("DROP TRIGGER head_once" + ("" if url.startswith("sqlite") else " ON head")))
    assert findings(filled) == ["guard head_once"]


def test_a_damaged_file_is_found_before_its_rows_are_read(filled: Database, url: str) -> None:
    """SQLite checks its own pages; a table that is gone cannot be read anywhere."""
    if url.startswith("sqlite"):
        with behind(url) as connection:
            connection.execute(text("PRAGMA ignore_check_constraints = ON"))
            connection.execute(text("UPDATE meta SET id = 2"))
        assert findings(filled) == ["file"]
    else:
        with behind(url) as connection:
            connection.execute(text("DROP TABLE projection"))
        assert findings(filled)[-1] == "database"


def test_many_findings_are_counted(filled: Database, url: str) -> None:
    """Ten are shown, and no long value whole."""
    with behind(url) as connection:
        for number in range(30):
            connection.execute(text("INSERT INTO projection VALUES (:a, :b)"), {"a": f"x{number:02}", "b": "y" * 999})
    with pytest.raises(ProofError, match="in 30 place") as caught:
        verify_replay(filled, Sums)
    assert str(caught.value).endswith("and 20 more")
    assert max(map(len, str(caught.value).splitlines())) < 300
    assert str(Finding(subject="a", log="b\x1b[2J", database="c")) == "a: the log says b\\x1b[2J, the database c"


def test_a_database_is_made_anew_from_the_entries_of_its_log(
    filled: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Entry by entry, with everything that follows."""
    entries = [entry(number, subject=f"s{number % 5}") for number in range(1_203)]
    with Database.open(f"sqlite:///{tmp_path_factory.mktemp('new')}/s.db", origin=ORIGIN) as new:
        rebuild(new, Sums, entries)
        assert verify_replay(new, Sums).size == 1_203
        assert new.read(0, 1_203) == tuple(entries)
        with pytest.raises(InputError, match="there are entries in this database"):
            rebuild(new, Sums, entries)
    with pytest.raises(InputError, match="there are entries in this database"):
        rebuild(filled, Sums, entries)


def test_a_log_that_breaks_its_own_rules_makes_no_database(database: Database) -> None:
    """A void entry, or one that stands twice."""
    with pytest.raises(ProofError, match="entry 1 is void: the amount is negative"):
        rebuild(database, Sums, [entry(1), entry(2, amount=-1)])
    assert database.size() == 0
    with pytest.raises(ProofError, match="stands in the log twice"):
        rebuild(database, Sums, [entry(1), entry(2), entry(1)])


def test_an_empty_log_makes_an_empty_database(database: Database) -> None:
    """There is nothing to write."""
    assert rebuild(database, Sums, []).size == 0
    batch = Batch(entries=(NewEntry.of(entry(1)),))
    database.append(batch, expected_size=0)
    assert findings(database) == ["projection, log", "projection, sea"]
