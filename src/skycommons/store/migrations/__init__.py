"""The database's schema, brought from any earlier version to this one when a database is opened.

* Each step is a file in ``versions``; steps are only ever added. The log outlives programs: a step adds or derives, it does
  not touch entries, and there is no way back.
* All steps run in the transaction of their caller: a crash leaves the old schema.
* A schema of a newer program is refused. To guess what it means could break what it promises.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from skycommons.base.errors import HostError
from skycommons.store.guards import missing_guards, strange_triggers

_FOLDER: Final = Path(__file__).resolve().parent


def newest_schema() -> str:
    """The schema that this program writes."""
    return str(_scripts().get_current_head())


def schema_of(connection: Connection) -> str:
    """The schema of a database; empty for a database without one."""
    return "+".join(MigrationContext.configure(connection).get_current_heads())


def upgrade(connection: Connection, *, name: str) -> None:
    """Bring a database to the newest schema, in the transaction of the connection.

    Args:
        connection: To the database, inside a transaction.
        name: Of the database, for the error; without a password.

    Raises:
        HostError: A newer program wrote the database, or whoever asks may not change its tables.
    """
    scripts = _scripts()
    found, newest = schema_of(connection), newest_schema()
    if found == newest:
        return
    if found and found not in {script.revision for script in scripts.walk_revisions()}:
        raise HostError(
            f"{name}: its schema is {found}, and this skycommons knows schemas up to {newest}."
            " A newer skycommons wrote it: use that one, or a newer one still"
        )
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, newest)
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise HostError(
            f"{name}: its schema ({found or 'none yet'}) has to become {newest}, and the database refuses: {reason}."
            " Open it once as the owner of its tables"
        ) from None


def strange_schema(connection: Connection) -> tuple[str, ...]:
    """Names of what is not as the steps make it, and of what nobody knows; missing guards apart.

    SQLite is compared text by text with a database that the steps have just made. PostgreSQL writes its schema in words of its own:
    there it is triggers of strangers that are named.
    """
    guards = missing_guards(connection)
    if connection.dialect.name != "sqlite":
        return tuple(sorted(name for name in strange_triggers(connection) if name not in guards))
    fresh = create_engine("sqlite://")
    try:
        with fresh.begin() as model:
            upgrade(model, name="a new database")
            wanted = _sqlite_schema(model)
    finally:
        fresh.dispose()
    found = _sqlite_schema(connection)
    names = wanted.keys() | found.keys()
    return tuple(sorted(name for name in names if wanted.get(name) != found.get(name) and name not in guards))


def _sqlite_schema(connection: Connection) -> dict[str, tuple[object, ...]]:
    """Everything that a file defines, by its name; statistics apart."""
    rows = connection.execute(text("SELECT name, type, tbl_name, sql FROM sqlite_master"))
    return {str(name): tuple(rest) for name, *rest in rows if not str(name).startswith("sqlite_stat")}


def _scripts() -> ScriptDirectory:
    """The steps, as Alembic reads them."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    """Alembic's settings: no file of its own."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
