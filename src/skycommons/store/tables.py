"""The tables of the service's database.

* ``entries`` is the log. Rows are added, in order and without gaps, and never changed.
* ``head`` has one row: how far the log has come. It only grows, and only in the transaction that adds the entries.
* ``projection`` is what the entries add up to, for whoever asks the database instead of the log. Each subject stands for ever;
  only its value changes. It is derived: the replay of the log says what has to stand in it.
* ``secrets`` is what stands behind commitments, and the only table from which rows are deleted.
* ``meta`` has one row: which log this is, and how it is written.

Hashes are lower-case hex, so that a person can read them beside the log. `skycommons.store.guards` lays down in the database
itself what is said here.
"""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, MetaData, Table, Text

FORMAT: Final = 1  # of the rows; another one is not read

METADATA: Final = MetaData()

# SQLite has one kind of whole number; it is wide enough.
_WHOLE: Final = BigInteger().with_variant(Integer(), "sqlite")

ENTRIES: Final = Table(
    "entries",
    METADATA,
    Column("index", _WHOLE, primary_key=True, autoincrement=False),
    Column("leaf_hash", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
    CheckConstraint('"index" >= 0', name="entries_from_zero"),
    CheckConstraint("length(data) <= 65535", name="entries_fit"),
    sqlite_strict=True,
)

HEAD: Final = Table(
    "head",
    METADATA,
    Column("id", _WHOLE, primary_key=True, autoincrement=False),
    Column("size", _WHOLE, nullable=False),
    Column("root", Text, nullable=False),
    CheckConstraint("id = 1", name="head_is_one_row"),
    sqlite_strict=True,
)

PROJECTION: Final = Table(
    "projection",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)

SECRETS: Final = Table(
    "secrets",
    METADATA,
    Column("commitment", Text, primary_key=True),
    Column("domain", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    sqlite_strict=True,
)

META: Final = Table(
    "meta",
    METADATA,
    Column("id", _WHOLE, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("format", _WHOLE, nullable=False),
    CheckConstraint("id = 1", name="meta_is_one_row"),
    sqlite_strict=True,
)
