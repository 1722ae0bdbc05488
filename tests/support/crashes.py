"""Writers that are killed: at every stage that a write reaches, and at any moment between.

`python -m tests.support.crashes sqlite 2000` (or ``postgresql``) kills so many writers with SIGKILL. Each is a process of its own
with several threads that write to one database and publish to one folder; the next one goes on where it was killed. On
PostgreSQL the whole server is ended at once now and then, instead of the writer. After each kill:

* the replay of the log is what the database says, and every head that was ever signed or published is in it;
* every entry that was acknowledged stands at the place that was told, and in what was published;
* the next start publishes what is durable, and the folder has no fault then;
* an entry whose writer did not live to hear of it is handed in again, and stands in the log once.

A kill is not a loss of power: what the operating system was given, it keeps. That commits wait for the disk is tested elsewhere,
by the settings of each connection.
"""

import os
import random
import select
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from skycommons.base.errors import SkycommonsError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.signers import Ed25519Signer
from skycommons.store.database import Database
from skycommons.store.fsck import check_log
from skycommons.store.group_commit import GroupCommit
from skycommons.store.head_lock import HeadLock
from skycommons.store.ledger_judge import LedgerJudge
from skycommons.store.log_writer import LogWriter
from skycommons.store.replay import verify_replay
from skycommons.store.tile_files import TileFiles
from tests.support.folds import ORIGIN, Sums, entry
from tests.support.postgres import Cluster, cluster

THREADS = 3
LIVES = 60  # kills before a log is left and a new one begun; each is replayed after each kill
LONGEST_S = 0.15  # a life that is ended by the clock
PATIENCE_S = 60.0
SERVER_EVERY = 40  # of so many lives one ends with the server

SIGNER = Ed25519Signer(ORIGIN, b"\x55" * 32)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a log is kept."""

    url: str
    folder: Path

    def writer(self, reached: Callable[[str], None] = lambda _: None) -> LogWriter:
        """Its publisher."""
        return LogWriter(TileFiles(self.folder / "log"), HeadLock(self.folder / "head"), [SIGNER], reached=reached)

    def heads(self) -> list[Checkpoint]:
        """The heads that it is bound to."""
        note = TileFiles(self.folder / "log").read_checkpoint()
        published = [] if note is None else [parse_checkpoint(note.text)]
        locked = HeadLock(self.folder / "head").read()
        return published if locked is None else [*published, locked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How a life ends: when a stage is reached so many times, or by the clock."""

    stage: str = ""
    times: int = 1
    after_s: float = LONGEST_S


@dataclass(slots=True)
class Tally:
    """What the lives of one log came to."""

    kills: Counter[str] = field(default_factory=Counter)
    stages: set[str] = field(default_factory=set)
    acknowledged: dict[int, int] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)
    rescued: int = 0

    def hear(self, line: str) -> None:
        """A line that a writer told."""
        word, _, rest = line.partition(" ")
        if word == "stage":
            self.stages.add(rest)
        elif word == "try":
            self.doubtful.add(int(rest))
        elif word == "done":
            number, index = map(int, rest.split())
            self.doubtful.discard(number)
            assert self.acknowledged.setdefault(number, index) == index, f"entry {number} has two places"


# ------------------------------------------------------------------------------------------------------- the writer


def live(place: Place, fate: Fate, tell: Callable[[str], None], *, doubtful: Iterable[int], first: int) -> None:
    """Write until killed."""
    counts: Counter[str] = Counter()

    def reached(stage: str) -> None:
        counts[stage] += 1
        if counts[stage] == 1:
            tell(f"stage {stage}")
        if stage == fate.stage and counts[stage] >= fate.times:
            os.kill(os.getpid(), signal.SIGKILL)

    with Database.open(place.url, origin=ORIGIN, reached=reached) as database:
        judge = LedgerJudge(database, Sums)
        writer = place.writer(reached)
        writer.recover(database)
        commit = GroupCommit(database, judge, lambda _: writer.publish(database), reached=reached)
        tell("ready")

        def write(numbers: Iterable[int]) -> None:
            for number in numbers:
                tell(f"try {number}")
                try:
                    receipt = commit.append(entry(number, subject=f"s{number % 5}"))
                except SkycommonsError as error:
                    tell(f"failed {number} {str(error).splitlines()[0]}")
                    time.sleep(0.02)
                else:
                    tell(f"done {number} {receipt.index}")

        write(sorted(doubtful))
        each = [range(first + 1_000 * thread, first + 1_000 * (thread + 1)) for thread in range(THREADS)]
        threads = [threading.Thread(target=write, args=(numbers,), daemon=True) for numbers in each]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def kill_one(place: Place, fate: Fate, tally: Tally, *, first: int, strike: Callable[[int], str]) -> None:
    """Let one writer live, end it, and hear what it told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            live(place, fate, lambda line: _tell(writing, line), doubtful=tally.doubtful, first=first)
        except BaseException as error:  # noqa: BLE001 -- the last word of a process
            _tell(writing, f"died {type(error).__name__}: {error}")
        finally:
            os._exit(1)
    os.close(writing)
    told = _listen(reading, child, fate, tally, strike)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"a writer ended by itself: {told[-3:]}"


def _listen(reading: int, child: int, fate: Fate, tally: Tally, strike: Callable[[int], str]) -> list[str]:
    """Every line until the writer is gone; the blow falls when its time has come."""
    data, told, deadline = b"", list[str](), time.monotonic() + PATIENCE_S
    blow = fate.stage
    while True:
        wait = max(0.0, deadline - time.monotonic())
        if not select.select([reading], [], [], wait)[0]:
            if not blow:
                blow = strike(child)
            elif blow == fate.stage:  # which it does not reach any more
                blow = kill(child, 0)
            deadline = time.monotonic() + 1.0
            continue
        part = os.read(reading, 65_536)
        if not part:
            tally.kills[blow] += 1
            return told
        *lines, data = (data + part).split(b"\n")
        for line in lines:
            told.append(line.decode())
            tally.hear(told[-1])
            if told[-1] == "ready":
                deadline = time.monotonic() + (fate.after_s if not fate.stage else 5.0)


def _tell(writing: int, line: str) -> None:
    """One line at once; pipes keep short ones whole."""
    os.write(writing, f"{line}\n".encode())


# ------------------------------------------------------------------------------------------------------- the judge


def check(place: Place, tally: Tally) -> None:
    """Everything that has to hold after a kill."""
    with Database.open(place.url, origin=ORIGIN) as database:
        heads = place.heads()
        verify_replay(database, Sums, signed=heads)
        rows = {row.index: row for row in database.entries()}
        assert sorted(rows) == list(range(len(rows)))
        assert len({row.digest for row in rows.values()}) == len(rows)
        published = min((head.size for head in heads), default=0)
        for number, index in tally.acknowledged.items():
            assert index < published, f"entry {number} was acknowledged at {index}; {published} were published"
            assert rows[index].data == entry(number, subject=f"s{number % 5}"), f"entry {number} is not at {index}"
        stored = {row.data for row in rows.values()}
        tally.rescued += sum(entry(number, subject=f"s{number % 5}") in stored for number in tally.doubtful)
        place.writer().recover(database)
    report = check_log(TileFiles(place.folder / "log"))
    assert report, report.findings
    assert report.entries == len(rows)


def run(
    urls: Iterator[str], kills: int, chance: random.Random, *, strike: Callable[[int, int], str]
) -> tuple[Counter[str], int, int]:
    """Kill so many writers.

    Args:
        urls: Empty databases.
        kills: How many.
        chance: What decides when.
        strike: Ends a writer by the clock, given its process and the number of the kill.

    Returns:
        Kills by stage, entries that were acknowledged, and entries that were found durable though nobody was told.
    """
    total: Counter[str] = Counter()
    stages: set[str] = set()
    acknowledged = rescued = done = 0
    while done < kills:
        with tempfile.TemporaryDirectory(prefix="skycommons-") as folder:
            place, tally = Place(next(urls), Path(folder)), Tally(stages=stages)
            for life in range(min(LIVES, kills - done)):
                number = done + life
                fate = Fate(after_s=chance.uniform(0.0, LONGEST_S))
                if stages and not is_servers_turn(number) and chance.random() < 0.7:
                    fate = Fate(stage=chance.choice(sorted(stages)), times=chance.randrange(1, 6))
                kill_one(place, fate, tally, first=100_000 * (life + 1), strike=partial(_end, strike, number))
                check(place, tally)
            total += tally.kills
            acknowledged += len(tally.acknowledged)
            rescued += tally.rescued
            done += min(LIVES, kills - done)
    return total, acknowledged, rescued


def _end(strike: Callable[[int, int], str], number: int, child: int) -> str:
    """End the writer of this kill."""
    return strike(child, number)


def kill(child: int, _: int) -> str:
    """End a writer; how that is called."""
    os.kill(child, signal.SIGKILL)
    return "by the clock"


@contextmanager
def new_files() -> Iterator[Iterator[str]]:
    """New files of SQLite, one after the other."""
    with tempfile.TemporaryDirectory(prefix="skycommons-") as folder:
        yield (f"sqlite:///{folder}/{number}.db" for number in range(1_000_000))


def is_servers_turn(number: int) -> bool:
    """Whether this life ends with the server, where there is one."""
    return number % SERVER_EVERY == SERVER_EVERY - 1


def server_striker(running: Cluster) -> Callable[[int, int], str]:
    """Ends the writer; now and then the server first, while it writes."""

    def strike(child: int, number: int) -> str:
        if not is_servers_turn(number):
            return kill(child, number)
        running.crash()
        time.sleep(0.03)
        kill(child, number)
        running.start()
        return "with the server"

    return strike


def new_databases(running: Cluster) -> Iterator[str]:
    """New databases of a server, one after the other."""
    while True:
        yield running.new_database()


def main(kind: str, kills: int, seed: int = 1) -> None:
    """Kill, and say what became of it."""
    begin = time.monotonic()
    if kind == "sqlite":
        with new_files() as urls:
            total, acknowledged, rescued = run(urls, kills, random.Random(seed), strike=kill)
    else:
        with cluster(durable=True) as running:
            striker = server_striker(running)
            total, acknowledged, rescued = run(new_databases(running), kills, random.Random(seed), strike=striker)
    lines = [f"{kind}: {sum(total.values()):,} writers killed in {time.monotonic() - begin:,.0f} s"]
    lines += [f"    {stage}: {count:,}" for stage, count in sorted(total.items())]
    lines += [
        f"{acknowledged:,} entries acknowledged, none lost; {rescued:,} were durable before their writer heard of it"
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
