"""The log on disk: how long until one entry is acknowledged, and how many a second when they come together."""

import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from benchmarks.timing import Figure
from skycommons.governance.canonical import canonical_bytes
from skycommons.governance.signers import Ed25519Signer, MlDsa44CosignerKey
from skycommons.store.fsck import check_log
from skycommons.store.head_lock import HeadLock
from skycommons.store.log_reader import LogReader
from skycommons.store.log_writer import LogWriter
from skycommons.store.tile_files import TileFiles

ORIGIN = "log.example/benchmark"
SINGLE = 600
BATCH = 100
BATCHES = 100
ENTRY_BYTES = 1_500  # about a decision


class Entries:
    """Entries that are durable already: the database is measured elsewhere."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def grow(self, count: int) -> None:
        """Some more, each of the size of a decision."""
        filler = "x" * (ENTRY_BYTES - 40)
        first = len(self.kept)
        self.kept += [canonical_bytes({"index": index, "note": filler}) for index in range(first, first + count)]

    def size(self) -> int:
        """How many there are."""
        return len(self.kept)

    def read(self, begin: int, end: int) -> Iterable[bytes]:
        """Some of them."""
        return self.kept[begin:end]


def measure() -> list[Figure]:
    """One entry a time, a hundred a time, a proof, and the whole check."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = TileFiles(folder / "log")
        signers = (Ed25519Signer(ORIGIN, b"\x01" * 32), MlDsa44CosignerKey(ORIGIN, b"\x02" * 32))
        writer, entries = LogWriter(files, HeadLock(folder / "head"), signers), Entries()

        def publish(count: int) -> Callable[[], object]:
            entries.grow(count)
            return lambda: writer.publish(entries)

        single = sorted(_timed(publish(1)) for _ in range(SINGLE))
        batched = sorted(_timed(publish(BATCH)) for _ in range(BATCHES))
        log = LogReader.open(files)
        proofs = sorted(_timed(partial(log.proof, index)) for index in range(0, log.head.size, 97))
        check = _timed(lambda: check_log(files))
    note = f"entries of {ENTRY_BYTES:,} bytes, both signatures, flushed to the disk"
    return [
        _figure("log: one entry acknowledged", single, note, target="p99 100 ms or less"),
        _figure(
            f"log: {BATCH} entries acknowledged together",
            batched,
            f"{_rate(batched):,.0f} entries/s; {note}",
            target="1,000 entries/s or more",
        ),
        _figure(f"log: proof of an entry of {log.head.size:,}", proofs, "from tiles"),
        Figure(
            name=f"log: fsck of {log.head.size:,} entries", cpu_s=check[1], note=f"{check[0] * 1e3:,.0f} ms of time"
        ),
    ]


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Time and CPU seconds of one call."""
    began, began_cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - began, time.process_time() - began_cpu


def _figure(name: str, found: list[tuple[float, float]], note: str, *, target: str = "") -> Figure:
    """A row of the table: CPU in the mean, time in its quantiles."""
    times = [one for one, _ in found]
    p50, p99 = times[len(times) // 2], times[min(len(times) - 1, int(0.99 * len(times)))]
    return Figure(
        name=name,
        cpu_s=sum(cpu for _, cpu in found) / len(found),
        target=target,
        note=f"p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms; {note}",
    )


def _rate(found: list[tuple[float, float]]) -> float:
    """Entries a second."""
    return BATCH * len(found) / sum(one for one, _ in found)
