"""The schema: made when a database is opened, brought up to date, and never guessed at."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect, text

from skycommons.base.errors import HostError
from skycommons.store.database import Database
from skycommons.store.guards import missing_guards
from skycommons.store.migrations import newest_schema, schema_of, upgrade
from skycommons.store.migrations.versions import v0001_log
from skycommons.store.tables import METADATA
from tests.support.databases import behind
from tests.support.folds import ORIGIN

# The steps are run by Alembic, through skycommons.store.migrations.env.


def test_the_steps_lead_to_the_tables_of_this_program(database: Database, url: str) -> None:
    """Column by column, as Alembic compares them."""
    with behind(url, with_guards=True) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert schema_of(connection) == newest_schema()


def test_a_database_that_is_up_to_date_is_left_alone(database: Database, url: str) -> None:
    """So whoever opens it needs no right to change its tables."""
    with behind(url, with_guards=True) as connection:
        upgrade(connection, name="it")
        assert schema_of(connection) == newest_schema()


def test_a_schema_of_a_newer_program_is_refused(database: Database, url: str) -> None:
    """The message says what to do."""
    with behind(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(HostError, match=rf"schema is 9999.*up to {newest_schema()}.*newer skycommons wrote it"):
        Database.open(url)


def test_a_schema_is_made_once_by_many_who_open(url: str) -> None:
    """The others wait."""
    failures: list[Exception] = []

    def open_it() -> None:
        try:
            Database.open(url, origin=ORIGIN).close()
        except Exception as error:  # noqa: BLE001 -- told by the test
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Database.open(url) as database:
        assert database.size() == 0


def test_an_upgrade_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one starts from the same place."""
    url = f"sqlite:///{tmp_path}/s.db"
    with monkeypatch.context() as patch:
        patch.setattr("skycommons.store.guards.guard_statements", lambda _: ["CREATE NONSENSE"])
        with pytest.raises(HostError, match="the database refuses"):
            Database.open(url, origin=ORIGIN)
    with behind(url, with_guards=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one() == 0
    Database.open(url, origin=ORIGIN).close()


def test_the_first_step_alone_makes_every_table(tmp_path: Path) -> None:
    """Run by hand, without the others."""
    engine = create_engine(f"sqlite:///{tmp_path}/s.db")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        v0001_log.upgrade()
        assert set(inspect(connection).get_table_names()) == set(METADATA.tables)
        assert missing_guards(connection) == ()
    engine.dispose()
