"""The service's database: what it keeps is written in one transaction, and only on top of what its writer knew.

* `Database.append` carries entries, what they change, and the head, together or not at all. It says which size of the log the
  batch was judged against; if the log has grown since, nothing is written and the new head is answered.
* An entry that is there already gets the place that it has. So a writer who does not know whether his entry arrived hands it in again.
* The root is computed here, from the leaves that stand in the database. A head that does not belong to them is found at once.
* Readers see one state of the database from begin to end, while others write: `Database.snapshot`.
* ``reached`` is called with a name after each stage of a write: that is where tests of crashes pull the plug.

SQLite and PostgreSQL behave alike; `skycommons.store.engines` says how each is reached, `skycommons.store.replay` whether what a
database says is what its log says.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from skycommons.base.errors import HostError, InputError, ProofError
from skycommons.governance.merkle import Frontier
from skycommons.store import migrations
from skycommons.store.durable_files import Reached, nothing_reached
from skycommons.store.engines import WRITES, database_url, open_engine, printable_url
from skycommons.store.guards import missing_guards
from skycommons.store.records import Appended, Batch, Head, Meta, NewEntry, Secret, Stale, StoredEntry
from skycommons.store.tables import ENTRIES, FORMAT, HEAD, META, PROJECTION, SECRETS

_PAGE: Final = 500  # rows that are asked for at a time
_MIGRATION_LOCK: Final = 0x736B79636F6D  # one upgrade at a time; any number that nobody else uses


class Snapshot:
    """One state of the database, while others write. It is got from `Database.snapshot`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def head(self) -> Head:
        """How far the log has come."""
        return _head(self._connection)

    @property
    def meta(self) -> Meta:
        """What the database is."""
        row = self._connection.execute(select(META)).mappings().one()
        return Meta(origin=row["origin"], format=row["format"])

    def entries(self, begin: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        """Rows of entries in order, from an index to another (excluded); every row there is without an end."""
        last = begin - 1
        while True:
            query = select(ENTRIES).where(ENTRIES.c.index > last).order_by(ENTRIES.c.index).limit(_PAGE)
            if end is not None:
                query = query.where(ENTRIES.c.index < end)
            rows = self._connection.execute(query).mappings().all()
            yield from map(_stored, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]["index"]

    def entry(self, digest: str) -> StoredEntry | None:
        """The entry that says this."""
        row = self._connection.execute(select(ENTRIES).where(ENTRIES.c.digest == digest)).mappings().one_or_none()
        return None if row is None else _stored(row)

    def projection(self) -> dict[str, str]:
        """Value by subject."""
        rows = self._connection.execute(select(PROJECTION)).mappings()
        return {row["subject"]: row["value"] for row in rows}

    def secrets(self) -> Iterator[tuple[str, Secret]]:
        """Everything behind commitments, under the name by which each is found."""
        for row in self._connection.execute(select(SECRETS).order_by(SECRETS.c.commitment)).mappings():
            yield row["commitment"], _secret(row)

    def missing_guards(self) -> tuple[str, ...]:
        """Triggers that should hold the log append-only, and do not."""
        return missing_guards(self._connection)

    def strange_schema(self) -> tuple[str, ...]:
        """Tables that are not as they were made, and triggers and other things that nobody here knows."""
        return migrations.strange_schema(self._connection)

    def damage(self) -> tuple[str, ...]:
        """What SQLite itself finds wrong with its file; PostgreSQL looks after its own pages."""
        if self._connection.dialect.name != "sqlite":
            return ()
        rows = self._connection.execute(text("PRAGMA integrity_check"))
        return tuple(str(row[0]) for row in rows if row[0] != "ok")


class Database:
    """A database that keeps one log.

    Args:
        engine: As `open_engine` makes it.
        name: What messages call it; without a password.
        reached: Called with a name after each stage of a write.
    """

    def __init__(self, engine: Engine, *, name: str, reached: Reached = nothing_reached) -> None:
        self._engine = engine
        self._name = name
        self._reached = reached
        self._frontier = Frontier()

    @classmethod
    def open(cls, url: str, *, origin: str = "", folder: Path = Path(), reached: Reached = nothing_reached) -> Self:
        """Open a database; its schema is made or brought up to date.

        Args:
            url: ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.
            origin: Name of the log that it has to keep; an empty database becomes that of this log. Empty: whichever it keeps.
            folder: What a relative file of SQLite stands in.
            reached: Called with a name after each stage of a write.

        Raises:
            InputError: The URL is none, or the database keeps another log.
            HostError: It cannot be reached, is damaged, or was written by a newer program.
        """
        checked = database_url(url, folder=folder)
        database = cls(open_engine(checked), name=printable_url(checked), reached=reached)
        try:
            database._prepare(origin)
        except BaseException:
            database.close()
            raise
        return database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @property
    def name(self) -> str:
        """What messages call it; without a password."""
        return self._name

    # -------------------------------------------------------------------------------------------------- reading

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One state of the database, for as long as the context lasts.

        Raises:
            HostError: The database cannot be reached or is damaged.
        """
        options = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._told(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield Snapshot(connection)

    @property
    def head(self) -> Head:
        """How far the log has come."""
        with self.snapshot() as state:
            return state.head

    def size(self) -> int:
        """Number of entries."""
        return self.head.size

    def read(self, begin: int, end: int) -> tuple[bytes, ...]:
        """The bytes of entries from an index to another (excluded): with `size`, what a log is published from."""
        return tuple(entry.data for entry in self.entries(begin, end))

    @property
    def meta(self) -> Meta:
        """What the database is."""
        with self.snapshot() as state:
            return state.meta

    def entries(self, begin: int = 0, end: int | None = None) -> tuple[StoredEntry, ...]:
        """Rows of entries in order, from an index to another (excluded)."""
        with self.snapshot() as state:
            return tuple(state.entries(begin, end))

    def projection(self) -> dict[str, str]:
        """Value by subject: what the entries add up to."""
        with self.snapshot() as state:
            return state.projection()

    def indexes(self, digests: Iterable[str]) -> dict[str, int]:
        """The places of those entries that are there, by digest."""
        with self._told(), self._engine.connect() as connection:
            return _indexes(connection, tuple(digests))

    # -------------------------------------------------------------------------------------------------- writing

    def append(self, batch: Batch, *, expected_size: int) -> Appended | Stale:
        """Write entries, what they change and the head, together or not at all.

        Args:
            batch: What was judged good.
            expected_size: Size of the log that it was judged against.

        Returns:
            The places of the entries once they are durable; or the head that they would have to be judged against.

        Raises:
            HostError: The database cannot be reached, is busy, or refuses.
            ProofError: The head does not belong to the entries that are there.
        """
        with self._writing() as connection:
            head = _head(connection, lock=not self._is_sqlite)
            places = _indexes(connection, tuple(entry.digest for entry in batch.entries))
            new = tuple({entry.digest: entry for entry in batch.entries if entry.digest not in places}.values())
            if new and head.size != expected_size:
                return Stale(head=head)
            if new:
                places |= {entry.digest: index for index, entry in enumerate(new, head.size)}
                head, frontier = self._write(connection, head, new, batch)
        if new:
            self._frontier = frontier
            self._reached("committed")
        return Appended(indexes=tuple(places[entry.digest] for entry in batch.entries), head=head)

    def _write(
        self, connection: Connection, before: Head, new: Sequence[NewEntry], batch: Batch
    ) -> tuple[Head, Frontier]:
        """The rows of a batch, and the head that they lead to."""
        frontier = self._frontier_at(connection, before)
        for entry in new:
            frontier = frontier.append(bytes.fromhex(entry.leaf))
        rows = [
            {"index": index, "leaf_hash": one.leaf, "kind": one.kind, "digest": one.digest, "data": one.data}
            for index, one in enumerate(new, before.size)
        ]
        connection.execute(insert(ENTRIES), rows)
        self._reached("entries written")
        self._project(connection, batch)
        self._reached("projection written")
        after = Head(size=frontier.size, root=frontier.root.hex())
        swapped = connection.execute(
            update(HEAD)
            .where(HEAD.c.size == before.size, HEAD.c.root == before.root)
            .values(size=after.size, root=after.root)
        )
        if swapped.rowcount != 1:
            raise HostError(f"{self._name}: the head moved while its lock was held; nothing was written")
        self._reached("head swapped")
        return after, frontier

    def _project(self, connection: Connection, batch: Batch) -> None:
        """The values that a batch changes."""
        if not batch.projection:
            return
        upsert = (sqlite.insert if self._is_sqlite else postgresql.insert)(PROJECTION)
        upsert = upsert.on_conflict_do_update(index_elements=["subject"], set_={"value": upsert.excluded.value})
        connection.execute(
            upsert, [{"subject": key, "value": value} for key, value in sorted(batch.projection.items())]
        )

    def _frontier_at(self, connection: Connection, head: Head) -> Frontier:
        """The right edge of the tree, from the leaves that were added since it was last known."""
        known = self._frontier if self._frontier.size <= head.size else Frontier()
        leaves = connection.execute(
            select(ENTRIES.c.leaf_hash).where(ENTRIES.c.index >= known.size).order_by(ENTRIES.c.index)
        ).scalars()
        for leaf in leaves:
            known = known.append(bytes.fromhex(leaf))
        if (known.size, known.root.hex()) != (head.size, head.root):
            raise ProofError(f"{self._name}: the head does not belong to the entries that are there; replay the log")
        return known

    # -------------------------------------------------------------------------------------------------- secrets

    def put_secret(self, secret: Secret) -> str:
        """Keep what stands behind a commitment; the answer is the commitment."""
        row = {"domain": secret.domain, "salt": secret.salt, "document": secret.document}
        with self._writing() as connection:
            known = connection.execute(select(SECRETS.c.commitment).where(SECRETS.c.commitment == secret.commitment))
            if known.one_or_none() is None:
                connection.execute(insert(SECRETS), {"commitment": secret.commitment, **row})
        return secret.commitment

    def secret(self, commitment: str) -> Secret | None:
        """What stands behind a commitment; ``None`` if it is not known or was forgotten.

        Raises:
            ProofError: What is kept is not what was committed to.
        """
        with self._told(), self._engine.connect() as connection:
            rows = connection.execute(select(SECRETS).where(SECRETS.c.commitment == commitment)).mappings()
            row = rows.one_or_none()
        if row is None:
            return None
        secret = _secret(row)
        if secret.commitment != commitment:
            raise ProofError(f"{self._name}: what is kept behind {commitment[:16]}… is not what was committed to")
        return secret

    def forget(self, commitment: str) -> bool:
        """Erase what stands behind a commitment; whether there was something.

        SQLite overwrites it in the file and in the write-ahead log. PostgreSQL keeps dead rows until VACUUM, and both are in older
        copies: how to handle these is told beside.

        Raises:
            HostError: It is erased, but somebody who reads keeps SQLite from emptying its write-ahead log. Ask again.
        """
        with self._writing() as connection:
            erased = connection.execute(delete(SECRETS).where(SECRETS.c.commitment == commitment)).rowcount == 1
        if self._is_sqlite:
            with self._told(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            if is_busy:
                raise HostError(f"{self._name}: it is erased, but its old pages are still being read; forget it again")
        return erased

    # ------------------------------------------------------------------------------------------------- transactions

    @property
    def _is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that writes; what it wrote is durable when the context ends well."""
        options = {WRITES: True} if self._is_sqlite else {}
        with self._told(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the database as ours: one line, without what the statement carried."""
        try:
            yield
        except DBAPIError as error:
            reason = str(error.orig).partition("\n")[0]
            raise HostError(f"{self._name}: the database refuses: {reason}") from None
        except SQLAlchemyError as error:
            raise HostError(f"{self._name}: the database cannot be used: {type(error).__name__}") from None
        except (TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise HostError(f"{self._name}: a row cannot be read: {type(error).__name__}; replay the log") from None

    def _prepare(self, origin: str) -> None:
        """Schema and meta of a database that has just been reached."""
        with self._writing() as connection:
            if not self._is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            migrations.upgrade(connection, name=self._name)
            row = connection.execute(select(META)).mappings().one_or_none()
            if row is None:
                if not origin:
                    raise InputError(f"{self._name}: there is no log in this database yet; say which one it is to keep")
                connection.execute(insert(META), {"id": 1, "origin": origin, "format": FORMAT})
                connection.execute(insert(HEAD), {"id": 1, "size": 0, "root": Frontier().root.hex()})
                return
        if row["format"] != FORMAT:
            raise HostError(f"{self._name}: its rows are in format {row['format']}, and this skycommons reads {FORMAT}")
        if origin and row["origin"] != origin:
            raise InputError(f"{self._name}: this database keeps the log {row['origin']}, not {origin}")


def _head(connection: Connection, *, lock: bool = False) -> Head:
    """The one row of the head; locked until the transaction ends if it will be changed."""
    query = select(HEAD.c.size, HEAD.c.root)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one()
    return Head(size=row["size"], root=row["root"])


def _indexes(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """Places by digest."""
    found: dict[str, int] = {}
    for begin in range(0, len(digests), _PAGE):
        some = digests[begin : begin + _PAGE]
        rows = connection.execute(select(ENTRIES.c.digest, ENTRIES.c.index).where(ENTRIES.c.digest.in_(some)))
        found |= {row["digest"]: row["index"] for row in rows.mappings()}
    return found


def _stored(row: RowMapping) -> StoredEntry:
    """An entry from its row."""
    return StoredEntry(
        index=row["index"], data=bytes(row["data"]), kind=row["kind"], digest=row["digest"], leaf=row["leaf_hash"]
    )


def _secret(row: RowMapping) -> Secret:
    """A secret from its row."""
    return Secret(domain=row["domain"], salt=bytes(row["salt"]), document=bytes(row["document"]))
