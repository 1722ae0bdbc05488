"""The log, its head, its projection, its secrets, and the guards around them.

When a guard changes, its old text moves from `skycommons.store.guards` to here: a step stays what it was.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

from skycommons.store.guards import guard_statements

revision: Final = "0001"
down_revision: Final = None


def upgrade() -> None:
    """Make everything."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "entries",
        sa.Column("index", whole, primary_key=True, autoincrement=False),
        sa.Column("leaf_hash", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.CheckConstraint('"index" >= 0', name="entries_from_zero"),
        sa.CheckConstraint("length(data) <= 65535", name="entries_fit"),
        sqlite_strict=True,
    )
    op.create_table(
        "head",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("size", whole, nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="head_is_one_row"),
        sqlite_strict=True,
    )
    op.create_table(
        "projection",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "secrets",
        sa.Column("commitment", sa.Text, primary_key=True),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "meta",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("format", whole, nullable=False),
        sa.CheckConstraint("id = 1", name="meta_is_one_row"),
        sqlite_strict=True,
    )
    for statement in guard_statements(op.get_context().dialect.name):
        op.get_bind().exec_driver_sql(statement)
