"""The log as the service keeps it: judged by the ledger, in SQLite with `synchronous=FULL`, published as signed tiles.

Each entry is one that a seat signed. What an entry costs alone is the time until its writer is told its place: database committed,
head swapped, files flushed, checkpoint signed. Many writers at once share all of that. The peer of both is one row in one durable
transaction, which is what the disk of the machine can do.
"""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from benchmarks.timing import Figure
from skycommons.governance.entries import Kind
from skycommons.governance.ledger import Ledger
from skycommons.governance.requests import Interest
from skycommons.store.database import Database
from skycommons.store.group_commit import MOST, GroupCommit
from skycommons.store.head_lock import HeadLock
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.log_writer import LogWriter
from skycommons.store.replay import verify_replay
from skycommons.store.tile_files import TileFiles
from tests.support.commons import LOG, SEATS, Commons

ALONE, SHARED, WRITERS, BATCHED = 300, 1_600, 32, 5_120
PEER = "one row a durable transaction"


def measure() -> list[Figure]:
    """One writer, many writers, whole batches, and reading it all again."""
    commons = Commons()
    seats = list(SEATS)
    count = ALONE + SHARED + BATCHED
    entries = [commons.entries[0]]
    for number in range(count):
        seat = seats[number % len(seats)]
        body = Interest(parties=(f"party-{number % 50}",), nonce=commons.nonce())
        entries.append(commons.entry(seat, Kind.INTEREST, body).encode())
    with tempfile.TemporaryDirectory(prefix="skycommons-") as folder:
        floor_s = transactions(Path(folder))
        with service(Path(folder), commons) as (database, commit):
            commit.append(entries[0])
            alone = timed(commit, entries[1 : ALONE + 1], writers=1)
            shared = timed(commit, entries[ALONE + 1 : ALONE + SHARED + 1], writers=WRITERS)
            began, cpu = time.perf_counter(), time.process_time()
            for first in range(ALONE + SHARED + 1, count + 1, MOST):
                commit.append_all(entries[first : first + MOST])
            batched_s, batched_cpu_s = time.perf_counter() - began, time.process_time() - cpu
            began, cpu = time.perf_counter(), time.process_time()
            verify_replay(database, lambda: Ledger(commons.trust, commons.blobs.get))
            replay_s, replay_cpu_s = time.perf_counter() - began, time.process_time() - cpu
            assert database.size() == count + 1
    peer = float(np.median(floor_s))
    return [
        Figure(
            name=f"leaf acknowledged, one writer, {ALONE} leaves",
            cpu_s=alone.cpu_s,
            peer=PEER,
            peer_cpu_s=peer,
            target="p99 < 100 ms",
            note=f"wall {alone}; the peer's p99 {np.quantile(floor_s, 0.99) * 1e3:.1f} ms",
        ),
        Figure(
            name=f"leaf acknowledged, {WRITERS} writers at once, {SHARED} leaves",
            cpu_s=shared.cpu_s,
            target="p99 < 100 ms",
            note=f"wall {shared}",
        ),
        Figure(
            name=f"leaf in batches of {MOST}, {BATCHED} leaves",
            cpu_s=batched_cpu_s / BATCHED,
            target=">= 1,000 leaves/s",
            note=f"wall {BATCHED / batched_s:,.0f} leaves/s",
        ),
        Figure(
            name=f"replay of {count + 1:,} leaves, compared row by row",
            cpu_s=replay_cpu_s,
            note=f"wall {replay_s:.1f} s, {(count + 1) / replay_s:,.0f} leaves/s",
        ),
    ]


class Timing:
    """Wall times of single leaves, and CPU time of all of them."""

    def __init__(self, each_s: list[float], *, wall_s: float, cpu_s: float) -> None:
        self.each_s = np.array(each_s)
        self.wall_s = wall_s
        self.cpu_s = cpu_s / len(each_s)

    def __str__(self) -> str:
        median, high = np.quantile(self.each_s, (0.5, 0.99)) * 1e3
        return f"p50 {median:.1f} ms, p99 {high:.1f} ms, {len(self.each_s) / self.wall_s:,.0f} leaves/s"


@contextmanager
def service(folder: Path, commons: Commons) -> Iterator[tuple[Database, GroupCommit[Ledger]]]:
    """A database and a public folder that follow each other."""
    origin = commons.ledger.state.origin
    with Database.open("sqlite:///service.db", origin=origin, folder=folder) as database:
        writer = LogWriter(TileFiles(folder / "log"), HeadLock(folder / "head"), [LOG])
        judge = LedgerJudge(database, lambda: Ledger(commons.trust, commons.blobs.get))
        writer.recover(database)
        yield database, GroupCommit(database, judge, lambda _: writer.publish(database))


def timed(commit: GroupCommit[Ledger], entries: list[bytes], *, writers: int) -> Timing:
    """Hand entries in one by one, from so many threads."""
    each_s: list[float] = []

    def write(some: list[bytes]) -> None:
        for data in some:
            began = time.perf_counter()
            receipt = commit.append(data)
            each_s.append(time.perf_counter() - began)
            assert receipt, receipt.why

    threads = [threading.Thread(target=write, args=(entries[number::writers],)) for number in range(writers)]
    began, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(each_s) == len(entries)
    return Timing(each_s, wall_s=time.perf_counter() - began, cpu_s=time.process_time() - cpu)


def transactions(folder: Path) -> list[float]:
    """Wall seconds of durable transactions of one row each."""
    times_s = []
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE rows (data BLOB)")
        for _ in range(ALONE):
            began = time.perf_counter()
            connection.execute("INSERT INTO rows VALUES (zeroblob(400))")
            times_s.append(time.perf_counter() - began)
    return times_s
