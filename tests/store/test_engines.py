"""How a database is reached."""

from pathlib import Path

import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.store.engines import database_url, open_engine, printable_url


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("sqlite:///service.db", "sqlite:////srv/log/service.db"),
        ("sqlite:////var/lib/service.db", "sqlite:////var/lib/service.db"),
        (
            "postgresql://app:hush@db.example:5433/log?sslmode=require",
            "postgresql+psycopg://app:***@db.example:5433/log",
        ),
        ("postgresql+psycopg://app@/log?host=/run", "postgresql+psycopg://app@/log"),
    ],
)
def test_a_url_leads_to_a_database(given: str, wanted: str) -> None:
    """It is printed without its password and its options."""
    assert printable_url(database_url(given, folder=Path("/srv/log"))) == wanted


@pytest.mark.parametrize(
    "given",
    [
        *("", "hush", "service.db", "mysql://hush@host/log", "postgresql+asyncpg://hush@host/log"),
        *("sqlite://", "sqlite:///:memory:", "sqlite:///file:hush?mode=memory&uri=true", "sqlite+aiosqlite:///s.db"),
        *("postgresql://host/log?password=hush", "postgresql://host/log?sslpassword=hush", "postgresql://h:hush/x"),
    ],
)
def test_what_leads_nowhere_is_refused(given: str, tmp_path: Path) -> None:
    """Without saying more of it than its kind."""
    with pytest.raises(InputError, match=r"write (sqlite|it before)") as caught:
        database_url(given, folder=tmp_path)
    assert "hush" not in str(caught.value)


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(HostError, match=f"{tmp_path}: Is a directory"):
        open_engine(database_url(f"sqlite:///{tmp_path}", folder=tmp_path))


def test_a_file_without_a_log_of_changes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on some disks of a network."""
    import sqlite3

    from skycommons.store import engines

    with sqlite3.connect(":memory:") as connection, pytest.raises(sqlite3.OperationalError, match="use a local disk"):
        engines._prepare_sqlite(connection, None)
    connection.close()
