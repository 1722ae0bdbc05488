"""The database: everything of a batch or nothing, on top of what its writer knew; alike on SQLite and PostgreSQL."""

import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from skycommons.base.errors import FormatError, HostError, InputError, ProofError
from skycommons.governance.merkle import root_of
from skycommons.store.database import Database
from skycommons.store.records import Appended, Batch, NewEntry, Secret, Stale
from tests.support.databases import behind
from tests.support.folds import ORIGIN, entry
from tests.support.postgres import Cluster


def batch(*numbers: int, **projection: str) -> Batch:
    """Entries of these numbers."""
    return Batch(entries=tuple(NewEntry.of(entry(number)) for number in numbers), projection=projection)


def test_an_empty_database_is_an_empty_log(database: Database) -> None:
    """Its head has the root of the empty tree."""
    assert (database.size(), database.head.root) == (0, root_of([]).hex())
    assert database.meta.origin == ORIGIN
    assert database.entries() == ()
    assert database.projection() == {}


def test_a_batch_is_written_with_what_it_changes(database: Database) -> None:
    """Entries, projection and head."""
    first = database.append(batch(1, 2, sea="1", land="2"), expected_size=0)
    second = database.append(batch(3, sea="3"), expected_size=2)
    assert isinstance(first, Appended)
    assert isinstance(second, Appended)
    assert (first.indexes, second.indexes) == ((0, 1), (2,))
    rows = database.entries()
    assert [row.data for row in rows] == [entry(1), entry(2), entry(3)]
    assert [row.index for row in rows] == [0, 1, 2]
    assert database.head == second.head
    assert second.head.root == root_of([bytes.fromhex(row.leaf) for row in rows]).hex()
    assert database.projection() == {"sea": "3", "land": "2"}


def test_an_entry_that_is_there_keeps_its_place(database: Database) -> None:
    """Handed in again alone, with others, or twice at once; whatever size its writer expects."""
    database.append(batch(1, 2), expected_size=0)
    again = database.append(batch(2), expected_size=99)
    mixed = database.append(batch(1, 3, 3), expected_size=2)
    assert isinstance(again, Appended)
    assert isinstance(mixed, Appended)
    assert (again.indexes, mixed.indexes) == ((1,), (0, 2, 2))
    assert database.size() == 3


def test_who_did_not_know_the_newest_head_writes_nothing(database: Database) -> None:
    """He is told the head."""
    database.append(batch(1), expected_size=0)
    answer = database.append(batch(2, sea="2"), expected_size=0)
    assert answer == Stale(head=database.head)
    assert (database.size(), database.projection()) == (1, {})


def test_an_empty_batch_writes_nothing(database: Database) -> None:
    """Not even what it says it changes."""
    answer = database.append(batch(sea="1"), expected_size=7)
    assert isinstance(answer, Appended)
    assert database.projection() == {}


def test_a_database_is_opened_again_with_all_that_it_holds(database: Database, url: str) -> None:
    """Its log is known; it goes on from there."""
    database.append(batch(*range(1_200)), expected_size=0)
    with Database.open(url) as again:
        answer = again.append(batch(5_000), expected_size=1_200)
        assert isinstance(answer, Appended)
        assert answer.head.root == root_of([bytes.fromhex(row.leaf) for row in again.entries()]).hex()
        assert again.read(1_199, 1_201) == (entry(1_199), entry(5_000))
    assert database.append(batch(5_001), expected_size=1_201) == Appended(indexes=(1_201,), head=database.head)


def test_parts_of_the_log_can_be_read(database: Database) -> None:
    """By place, and by what an entry says."""
    database.append(batch(*range(1_100)), expected_size=0)
    with database.snapshot() as state:
        assert [row.index for row in state.entries(498, 1_003)] == list(range(498, 1_003))
        wanted = NewEntry.of(entry(700))
        found = state.entry(wanted.digest)
        assert found is not None
        assert (found.index, found.data) == (700, entry(700))
        assert state.entry("0" * 64) is None
    digests = [NewEntry.of(entry(number)).digest for number in range(1_300)]
    assert sorted(database.indexes(digests).values()) == list(range(1_100))


def test_a_snapshot_does_not_see_what_comes_later(database: Database) -> None:
    """From begin to end it is one state."""
    database.append(batch(1), expected_size=0)
    with database.snapshot() as state:
        assert state.head.size == 1
        database.append(batch(2), expected_size=1)
        assert (state.head.size, len(list(state.entries()))) == (1, 1)
    assert database.size() == 2


def test_of_many_writers_at_once_each_size_is_won_once(database: Database) -> None:
    """Whoever comes later is told so."""
    won: list[int] = []

    def write(number: int) -> None:
        for expected in range(5):
            while database.size() < expected:
                pass
            answer = database.append(batch(100 * number + expected), expected_size=expected)
            if isinstance(answer, Appended):
                won.extend(answer.indexes)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(5))
    assert database.size() == 5


@pytest.mark.parametrize("stage", ["entries written", "projection written", "head swapped"])
def test_what_fails_before_the_commit_leaves_nothing(url: str, stage: str) -> None:
    """And does not stand in the way of the next one."""

    class PulledError(Exception):
        pass

    def pull(reached: str) -> None:
        if reached == stage and is_armed:
            raise PulledError

    is_armed = True
    with Database.open(url, origin=ORIGIN, reached=pull) as database:
        with pytest.raises(PulledError):
            database.append(batch(1, sea="1"), expected_size=0)
        assert (database.size(), database.entries(), database.projection()) == (0, (), {})
        is_armed = False
        assert isinstance(database.append(batch(1, sea="1"), expected_size=0), Appended)


def test_a_head_that_does_not_belong_to_its_entries_is_not_built_on(database: Database, url: str) -> None:
    """Somebody changed one of them behind the database."""
    database.append(batch(1), expected_size=0)
    with behind(url) as connection:
        connection.execute(text("UPDATE head SET root = 'ff'"))
    with pytest.raises(ProofError, match="replay the log"):
        database.append(batch(2), expected_size=1)
    with behind(url) as connection:
        connection.execute(text("UPDATE entries SET leaf_hash = 'no hash'"))
    with Database.open(url) as again, pytest.raises(HostError, match="a row cannot be read"):
        again.append(batch(2), expected_size=1)


def test_a_database_keeps_one_log(database: Database, url: str, tmp_path: Path) -> None:
    """An empty one that is told no name is refused."""
    with pytest.raises(InputError, match=rf"keeps the log {ORIGIN}, not log.example/other"):
        Database.open(url, origin="log.example/other")
    with pytest.raises(InputError, match="no log in this database yet"):
        Database.open(f"sqlite:///{tmp_path}/new.db")


def test_rows_of_another_format_are_not_read(database: Database, url: str) -> None:
    """They may mean something else."""
    with behind(url) as connection:
        connection.execute(text("UPDATE meta SET format = 2"))
    with pytest.raises(HostError, match="format 2, and this skycommons reads 1"):
        Database.open(url)


def test_a_database_that_lost_what_it_is_cannot_be_used(database: Database, url: str) -> None:
    """Told in a sentence, with its name."""
    with behind(url) as connection:
        connection.execute(text("DELETE FROM meta"))
    with pytest.raises(HostError, match="the database cannot be used: NoResultFound"):
        assert database.meta


def test_secrets_are_kept_and_forgotten(database: Database) -> None:
    """They are found by what the log says of them."""
    secret = Secret(domain="skycommons/sealed/v1", salt=bytes(range(32)), document=b'{"name":"nobody"}')
    commitment = database.put_secret(secret)
    assert database.put_secret(secret) == commitment
    assert database.secret(commitment) == secret
    assert "nobody" not in repr(secret)
    assert database.forget(commitment)
    assert not database.forget(commitment)
    assert database.secret(commitment) is None


def test_a_secret_that_was_changed_is_not_given_out(database: Database, url: str) -> None:
    """It is not what was committed to."""
    secret = Secret(domain="skycommons/sealed/v1", salt=bytes(32), document=b"{}")
    commitment = database.put_secret(secret)
    with behind(url) as connection:
        connection.execute(text("UPDATE secrets SET domain = 'other'"))
    with pytest.raises(ProofError, match="not what was committed to"):
        database.secret(commitment)


def test_a_short_salt_is_refused() -> None:
    """It could be guessed."""
    with pytest.raises(FormatError, match="must have 32 bytes"):
        Secret(domain="x", salt=b"short", document=b"")


def test_a_forgotten_secret_is_in_no_file_of_sqlite(tmp_path: Path) -> None:
    """Neither in the database nor in its write-ahead log."""
    document = b'{"name":"somebody who will be forgotten"}' * 40
    with Database.open("sqlite:///s.db", origin=ORIGIN, folder=tmp_path) as database:
        commitment = database.put_secret(Secret(domain="x", salt=bytes(32), document=document))
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert b"will be forgotten" in written
        database.forget(commitment)
        left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert b"will be forgotten" not in left


def test_what_is_still_being_read_is_not_said_to_be_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader keeps old pages in the write-ahead log; once it is gone, forgetting again takes them away."""
    monkeypatch.setattr("skycommons.store.engines._BUSY_MS", 50)
    document = b'{"name":"somebody who will be forgotten"}' * 40
    with Database.open("sqlite:///s.db", origin=ORIGIN, folder=tmp_path) as database:
        commitment = database.put_secret(Secret(domain="x", salt=bytes(32), document=document))
        with database.snapshot() as state:
            assert list(state.secrets())
            with pytest.raises(HostError, match="forget it again"):
                database.forget(commitment)
        assert database.secret(commitment) is None
        assert not database.forget(commitment)
        assert b"will be forgotten" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """There are secrets in it; the write-ahead log inherits that."""
    with Database.open("sqlite:///s.db", origin=ORIGIN, folder=tmp_path) as database:
        database.append(batch(1), expected_size=0)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["s.db", "s.db-wal", "s.db-shm"], 0o600)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    """In one sentence, and nothing is overwritten."""
    path = tmp_path / "s.db"
    path.write_bytes(b"a letter to somebody" * 100)
    with pytest.raises(HostError, match="the database refuses: file is not a database"):
        Database.open(f"sqlite:///{path}", origin=ORIGIN)
    assert path.read_bytes() == b"a letter to somebody" * 100
    with pytest.raises(HostError, match="No such file or directory"):
        Database.open(f"sqlite:///{tmp_path}/nowhere/s.db", origin=ORIGIN)


def test_a_commit_is_durable_before_it_is_answered(database: Database, url: str) -> None:
    """By the settings of each connection."""
    with database._engine.connect() as connection:
        if url.startswith("sqlite"):
            asked = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "recursive_triggers")
            }
            full = 2
            wanted = {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1}
            assert asked == wanted | {"secure_delete": 1, "recursive_triggers": 1}
        else:
            assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_a_server_that_would_lose_commits_is_overruled(postgres: Cluster) -> None:
    """A database whose default is to answer before the disk does."""
    url = postgres.new_database()
    with behind(url) as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    with Database.open(url, origin=ORIGIN) as database, database._engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    """Nor any other part of the URL that could hold one."""
    with pytest.raises(HostError, match="the database refuses") as caught:
        Database.open(f"postgresql://somebody:hush@/log?host={tmp_path}&application_name=hush", origin=ORIGIN)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_writer_who_is_held_up_for_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process keeps the lock."""
    monkeypatch.setattr("skycommons.store.engines._BUSY_MS", 50)
    url = f"sqlite:///{tmp_path}/s.db"
    with Database.open(url, origin=ORIGIN) as database, behind(url) as other:
        other.execute(text("UPDATE head SET root = root"))
        with pytest.raises(HostError, match="database is locked"):
            database.append(batch(1), expected_size=0)


def test_a_relative_file_stands_in_the_folder_of_the_service(tmp_path: Path) -> None:
    """Wherever the program was started."""
    Database.open("sqlite:///service.db", origin=ORIGIN, folder=tmp_path).close()
    assert (tmp_path / "service.db").exists()
