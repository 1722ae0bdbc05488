"""A way past the doors of a database: what somebody does who owns it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, text

from skycommons.store.engines import database_url
from skycommons.store.guards import guard_statements

GUARDED = ("entries", "head", "meta", "projection", "secrets")


@contextmanager
def behind(url: str, *, with_guards: bool = False) -> Iterator[Connection]:
    """A transaction of the owner's, who has switched the guards off meanwhile.

    Args:
        url: Of the database.
        with_guards: Leave them on.
    """
    engine = create_engine(database_url(url, folder=Path()))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    try:
        with engine.begin() as connection:
            if with_guards:
                yield connection
            elif engine.dialect.name == "sqlite":
                names = (
                    connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
                )
                for name in names:
                    connection.execute(text(f"DROP TRIGGER {name}"))
                yield connection
                for statement in guard_statements("sqlite"):
                    connection.exec_driver_sql(statement)
            else:
                connection.execute(text("SET session_replication_role = replica"))
                yield connection
    finally:
        engine.dispose()
