"""A log whose writer is killed again and again: ``python -m tests.support.crashing_log FOLDER ROUNDS SEED``.

Each round a child recovers the log and publishes more, until it kills itself at a stage that was drawn, or its parent kills it at
an instant that was drawn. The parent then looks at what lies there. It prints how often each stage was the last one.

The number of entries in the file ``durable`` stands for a database; the entries follow from their index.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.merkle import Frontier, leaf_hash
from skycommons.store.durable_files import replace_file
from skycommons.store.fsck import check_log
from skycommons.store.head_lock import HeadLock
from tests.support.logs import LOG, ORIGIN
from tests.support.written_logs import files_of, writer_of

BATCHES = (1, 1, 1, 2, 3, 60, 256)
STEPS = 3
CHECKED_EVERY = 20
FOLDER_ROUNDS = 40  # then another log begins: the older one is, the longer takes each start


class Durable:
    """So many entries as the file says."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "durable"

    def size(self) -> int:
        return int(self._path.read_text()) if self._path.exists() else 0

    def read(self, begin: int, end: int) -> Iterable[bytes]:
        return [entry_of(index) for index in range(begin, end)]

    def grow(self, count: int) -> None:
        replace_file(self._path, str(self.size() + count).encode())


def entry_of(index: int) -> bytes:
    return b'{"i":%d}' % index


class Roots:
    """Heads of every size, hashed once."""

    def __init__(self) -> None:
        self._frontier = Frontier()
        self._roots = [self._frontier.root]

    def head(self, size: int) -> Checkpoint:
        while len(self._roots) <= size:
            self._frontier = self._frontier.append(leaf_hash(entry_of(self._frontier.size)))
            self._roots.append(self._frontier.root)
        return Checkpoint(origin=ORIGIN, size=size, root=self._roots[size])


def write(folder: Path, batches: list[int], last_stage: int, told: int) -> None:
    """What the child does; it tells each stage and each size that is acknowledged."""
    stages = 0

    def reached(stage: str) -> None:
        nonlocal stages
        os.write(told, f"{stage}\n".encode())
        if stages == last_stage:
            os.kill(os.getpid(), signal.SIGKILL)
        stages += 1

    writer, source = writer_of(folder, signers=[LOG], reached=reached), Durable(folder)
    writer.recover(source)
    for batch in batches:
        source.grow(batch)
        size = parse_checkpoint(writer.publish(source).text).size
        os.write(told, f"acknowledged {size}\n".encode())


def round_of(folder: Path, draw: random.Random) -> tuple[list[str], bool]:
    """One child and its end: the lines that it told, and whether it was killed."""
    batches = draw.choices(BATCHES, k=STEPS)
    is_by_stage = draw.random() < 0.75
    last_stage = draw.randrange(45) if is_by_stage else -1
    read, told = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            write(folder, batches, last_stage, told)
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    os.close(told)
    if not is_by_stage:
        time.sleep(draw.uniform(0.0, 0.05))
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read) as lines:
        said = lines.read().splitlines()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in {0, -signal.SIGKILL}:
        raise SystemExit(f"the writer failed with {code} after {said}")
    return said, code != 0


def look(folder: Path, roots: Roots, acknowledged: int) -> None:
    """What must hold after every crash, before anything is mended."""
    note, lock = files_of(folder).read_checkpoint(), HeadLock(folder / "head").read()
    head = Checkpoint(origin=ORIGIN, size=0, root=Frontier().root) if note is None else parse_checkpoint(note.text)
    if head.size < acknowledged:
        raise SystemExit(f"{acknowledged} entries were acknowledged, {head.size} are published")
    if head != roots.head(head.size):
        raise SystemExit(f"the checkpoint of {head.size} entries has another root")
    if lock is not None and (lock != roots.head(lock.size) or lock.size < head.size):
        raise SystemExit(f"the lock has {lock.size} entries, the checkpoint {head.size}")
    if lock is not None and lock.size > Durable(folder).size():
        raise SystemExit(f"{lock.size} entries are signed for, {Durable(folder).size()} are durable")


def main(folder: Path, rounds: int, seed: int) -> None:
    draw, roots, ends, entries = random.Random(seed), Roots(), Counter[str](), 0
    for first in range(0, rounds, FOLDER_ROUNDS):
        entries += crash(folder / str(first), min(FOLDER_ROUNDS, rounds - first), draw, (roots, ends))
    sys.stdout.write(json.dumps({"kills": ends.total(), "ends": ends, "entries": entries}))


def crash(folder: Path, rounds: int, draw: random.Random, found: tuple[Roots, Counter[str]]) -> int:
    """One log and its crashes; gives how many entries it has at the end."""
    roots, ends = found
    acknowledged = 0
    for number in range(rounds):
        said, is_killed = round_of(folder, draw)
        acknowledged = max([acknowledged, *(int(line.split()[1]) for line in said if line.startswith("acknowledged "))])
        if is_killed:
            ends["between" if not said or said[-1].startswith("acknowledged") else said[-1]] += 1
        look(folder, roots, acknowledged)
        if number % CHECKED_EVERY == 0 or number == rounds - 1:
            writer_of(folder, signers=[LOG]).recover(Durable(folder))
            report = check_log(files_of(folder))
            if report.findings or report.head != roots.head(Durable(folder).size()):
                raise SystemExit("\n".join(map(str, report.findings)))
    return Durable(folder).size()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
