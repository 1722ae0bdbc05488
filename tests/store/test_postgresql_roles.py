"""The roles that the documentation gives out: the service can write its log, and can do nothing else."""

import re
from pathlib import Path

import psycopg
import pytest

from skycommons.base.errors import HostError
from skycommons.store.database import Database
from skycommons.store.group_commit import GroupCommit
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.records import Secret
from tests.support.folds import ORIGIN, Sums, entry
from tests.support.postgres import Cluster

FORBIDDEN = (
    *("UPDATE entries SET kind = 'vote'", "DELETE FROM entries", "TRUNCATE entries", "DROP TABLE entries"),
    *("DELETE FROM head", "UPDATE head SET id = 2", "INSERT INTO head VALUES (1, 0, '')"),
    *("DELETE FROM projection", "UPDATE projection SET subject = 'x'", "UPDATE meta SET origin = 'x'"),
    *("UPDATE alembic_version SET version_num = 'x'", "UPDATE secrets SET domain = 'x'"),
    *("ALTER TABLE entries DISABLE TRIGGER ALL", "SET session_replication_role = replica"),
    "CREATE TEMPORARY TABLE entries (digest text)",
)


def test_the_service_can_add_to_the_log_and_do_nothing_else(postgres: Cluster, repository: Path) -> None:
    """With the statements of the page about PostgreSQL, as they stand there."""
    page = (repository / "docs" / "how-to" / "postgresql.md").read_text(encoding="utf-8")
    roles, grants = re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL)[:2]
    with psycopg.connect(postgres.address("postgres"), autocommit=True) as connection:
        for statement in filter(str.strip, roles.split(";")):
            connection.execute(statement.encode())
    owner, app = (postgres.url("skycommons", user=f"skycommons_{name}") for name in ("owner", "app"))
    with pytest.raises(HostError, match=r"schema \(none yet\) has to become .* permission denied.* as the owner"):
        Database.open(app, origin=ORIGIN)
    Database.open(owner, origin=ORIGIN).close()
    with psycopg.connect(postgres.address("skycommons", user="skycommons_owner")) as connection:
        connection.execute(grants.encode())
    with Database.open(app, origin=ORIGIN) as database:
        commit = GroupCommit(database, LedgerJudge(database, Sums), lambda _: None)
        assert [commit.append(entry(number)).index for number in range(3)] == [0, 1, 2]
        secret = database.put_secret(Secret(domain="x", salt=bytes(32), document=b"{}"))
        assert database.secret(secret) is not None
        assert database.forget(secret)
    with psycopg.connect(postgres.address("skycommons", user="skycommons_app"), autocommit=True) as connection:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
