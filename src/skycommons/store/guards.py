"""Triggers that hold the log append-only inside the database, whoever writes to it.

* Entries are added at the next free index, never twice, never changed, never deleted. The head only grows, and only to the number
  of entries that are there. What the database is, is said once. A subject of the projection does not vanish. A secret is
  not changed; it may be deleted.
* PostgreSQL also refuses TRUNCATE. SQLite has no TRUNCATE; its ``INSERT OR REPLACE`` deletes without asking, so the
  guards refuse the insertion.
* They stop mistakes and everybody who may only use the tables. Whoever owns the database can drop them: then
  `missing_guards` says so, and the replay of the log finds what was changed behind them.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text

_NEXT: Final = '(SELECT coalesce(max("index") + 1, 0) FROM entries)'
_TWICE: Final = "EXISTS (SELECT 1 FROM entries WHERE digest = NEW.digest OR leaf_hash = NEW.leaf_hash)"
_SHRINKS: Final = f"NEW.id <> OLD.id OR NEW.size <= OLD.size OR NEW.size <> {_NEXT}"
_SECRET_TWICE: Final = "EXISTS (SELECT 1 FROM secrets WHERE commitment = NEW.commitment)"  # noqa: S105 -- it is SQL

# Name, table, what is refused, under which condition, and what is said.
_RULES: Final = (
    ("entries_not_updated", "entries", "UPDATE", "", "an entry of the log is never changed"),
    ("entries_not_deleted", "entries", "DELETE", "", "an entry of the log is never deleted"),
    ("entries_in_order", "entries", "INSERT", f'NEW."index" <> {_NEXT}', "an entry goes to the end of the log"),
    ("entries_once", "entries", "INSERT", _TWICE, "this entry is in the log"),
    ("head_grows", "head", "UPDATE", _SHRINKS, "the head grows to the number of entries"),
    ("head_not_deleted", "head", "DELETE", "", "the head is never deleted"),
    ("head_once", "head", "INSERT", "EXISTS (SELECT 1 FROM head)", "there is one head"),
    ("meta_not_updated", "meta", "UPDATE", "", "a database keeps one log for ever"),
    ("meta_not_deleted", "meta", "DELETE", "", "a database keeps one log for ever"),
    ("meta_once", "meta", "INSERT", "EXISTS (SELECT 1 FROM meta)", "a database keeps one log for ever"),
    ("projection_not_deleted", "projection", "DELETE", "", "a subject does not vanish"),
    ("secrets_not_updated", "secrets", "UPDATE", "", "a secret is never changed; it may be deleted"),
    ("secrets_once", "secrets", "INSERT", _SECRET_TWICE, "this secret is there"),
)
_KEPT_WHOLE: Final = ("entries", "head", "meta", "projection")


def guard_statements(dialect: str) -> Iterator[str]:
    """The statements that put every guard up.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
    """
    yield from (_sqlite if dialect == "sqlite" else _postgresql)().values()


def missing_guards(connection: Connection) -> tuple[str, ...]:
    """Names of guards that are not there, not as they should be, or switched off."""
    if connection.dialect.name == "sqlite":
        wanted = _sqlite()
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        found = {str(name): str(sql) for name, sql in rows}
        return tuple(name for name, statement in wanted.items() if found.get(name) != statement)
    bodies = _triggers(connection)
    return tuple(name for name, body in _postgresql_bodies().items() if bodies.get(name) != body)


def strange_triggers(connection: Connection) -> tuple[str, ...]:
    """Names of triggers of PostgreSQL that are no guards, on any table of the schema."""
    return tuple(_triggers(connection).keys() - _postgresql_bodies().keys())


def _triggers(connection: Connection) -> dict[str, str]:
    """What each trigger of PostgreSQL does that is switched on, by its name."""
    rows = connection.execute(
        text(
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema::regnamespace"
        )
    )
    return {str(name): str(body) for name, body in rows}


def _sqlite() -> dict[str, str]:
    """Statement by name of trigger."""
    return {
        name: f"CREATE TRIGGER {name} BEFORE {event} ON {table}{f' WHEN {condition}' if condition else ''}"
        f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for name, table, event, condition, message in _RULES
    }


def _postgresql() -> dict[str, str]:
    """Statement by name of function or trigger."""
    statements = {}
    bodies = _postgresql_bodies()
    for name, table, event, _, _ in (*_RULES, *_truncations()):
        each = "STATEMENT" if event == "TRUNCATE" else "ROW"
        statements[f"skycommons_{name}"] = (
            f"CREATE FUNCTION skycommons_{name}() RETURNS trigger LANGUAGE plpgsql AS $${bodies[name]}$$"
        )
        statements[name] = (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION skycommons_{name}()"
        )
    return statements


def _postgresql_bodies() -> dict[str, str]:
    """What each guard does, by its name."""
    return {
        name: f" BEGIN IF {condition or 'true'} THEN"
        f" RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END "
        for name, _, _, condition, message in (*_RULES, *_truncations())
    }


def _truncations() -> Iterator[tuple[str, str, str, str, str]]:
    """Rules that only PostgreSQL needs."""
    for table in _KEPT_WHOLE:
        yield f"{table}_not_truncated", table, "TRUNCATE", "", "nothing that the log says is deleted"
