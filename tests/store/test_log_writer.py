"""The one who signs: what is published fits what was given, and nothing is signed twice in two ways."""

import shutil
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, InputError, ProofError, RollbackError, SignatureError
from skycommons.governance.checkpoint import parse_checkpoint
from skycommons.governance.notes import Note, note_result
from skycommons.governance.signers import Ed25519Signer
from skycommons.governance.tiles import TILE_WIDTH
from skycommons.store.fsck import check_log
from skycommons.store.head_lock import HeadLock
from skycommons.store.log_writer import sign_head
from tests.support.logs import LOG, LOG_ML_DSA, STRANGER, TIME_S, WITNESS, entries_of, head_of
from tests.support.written_logs import SIGNERS, Entries, cosigned, files_of, writer_of


def published(folder: Path) -> int:
    """The size of the checkpoint that lies there, which must be sound."""
    report = check_log(files_of(folder))
    assert report.findings == ()
    assert report.head is not None
    assert report.head == head_of(report.head.size)
    assert HeadLock(folder / "head").read() == report.head
    return report.head.size


def test_an_empty_log_is_signed_too(tmp_path: Path) -> None:
    """Its head has the root of nothing."""
    note = writer_of(tmp_path).recover(Entries())
    assert parse_checkpoint(note.text) == head_of(0)
    assert published(tmp_path) == 0


def test_a_checkpoint_has_a_line_of_each_key(tmp_path: Path) -> None:
    """Ed25519 first, which every reader knows."""
    note = writer_of(tmp_path).publish(Entries.of(3))
    result = note_result(note, [LOG.verifier, LOG_ML_DSA.verifier])
    assert [one.verifier for one in result.verified] == [LOG.verifier, LOG_ML_DSA.verifier]
    assert files_of(tmp_path).read_checkpoint() == note


@pytest.mark.parametrize("signers", [(), (LOG_ML_DSA,), (LOG, replace(LOG_ML_DSA, name="log.example/other"))])
def test_the_keys_must_be_those_of_one_log(tmp_path: Path, signers: tuple[Ed25519Signer, ...]) -> None:
    """At least an Ed25519 key, and one name."""
    with pytest.raises(InputError, match="signs with an Ed25519 key"):
        writer_of(tmp_path, signers=signers)


def test_a_log_grows_one_by_one_and_in_batches(tmp_path: Path) -> None:
    """After each growth the folder is what it would be had it been written at once."""
    writer, source = writer_of(tmp_path), Entries()
    for size in (1, 2, 3, 250, 255, 256, 257, 258, 512, 513, 1024, 1025, 2600, 2601):
        writer.publish(source.grow(size))
        assert published(tmp_path) == size


def test_another_writer_goes_on(tmp_path: Path) -> None:
    """It reads the edge from the folder; the first one notices and does so too."""
    first, second, source = writer_of(tmp_path), writer_of(tmp_path), Entries()
    for size, writer in ((3, first), (255, second), (256, first), (300, first), (700, second), (701, first)):
        writer.publish(source.grow(size))
        assert published(tmp_path) == size


def test_nothing_new_changes_nothing(tmp_path: Path) -> None:
    """Neither the checkpoint, whose ML-DSA signature would differ, nor a file's time."""
    writer, source = writer_of(tmp_path), Entries.of(5)
    note = writer.publish(source)
    assert writer.publish(source) == note
    assert writer_of(tmp_path).recover(source) == note


def test_a_key_that_is_new_signs_the_head_that_is_there(tmp_path: Path) -> None:
    """At the next start, without a new entry."""
    writer_of(tmp_path, signers=(LOG,)).publish(Entries.of(5))
    note = writer_of(tmp_path).recover(Entries.of(5))
    assert len(note.signatures) == 2
    assert published(tmp_path) == 5


def test_a_backup_of_the_entries_is_refused(tmp_path: Path) -> None:
    """With fewer entries, with others, and with more that do not begin with those that were signed."""
    writer_of(tmp_path).publish(Entries.of(5))
    for source, message in (
        (Entries.of(4), "there are 4; were the data restored"),
        (Entries.of(4).add(b"another entry"), "not the same entries"),
        (Entries.of(4).add(b"another entry", b"and another"), "not the same entries"),
    ):
        with pytest.raises(RollbackError, match=message):
            writer_of(tmp_path).recover(source)
        shutil.rmtree(tmp_path / "log")
        with pytest.raises(RollbackError, match=message):
            writer_of(tmp_path).recover(source)
        with pytest.raises(RollbackError, match=message):
            writer_of(tmp_path).publish(source)
        writer_of(tmp_path).recover(Entries.of(5))
    with pytest.raises(RollbackError, match="there are 4"):
        writer_of(tmp_path).publish(Entries.of(4))
    assert published(tmp_path) == 5


def test_a_backup_of_everything_is_refused_by_a_witness(tmp_path: Path) -> None:
    """Entries, folder and lock are all old: only those outside know better."""
    writer_of(tmp_path).publish(Entries.of(5))
    shutil.copytree(tmp_path, tmp_path / "backup")
    writer_of(tmp_path).publish(Entries.of(8))
    old = tmp_path / "backup"
    with pytest.raises(RollbackError, match="up to 8 entries were signed or cosigned"):
        writer_of(old).recover(Entries.of(5), witnessed=lambda: [head_of(8)])
    with pytest.raises(RollbackError, match="head of 8 entries was signed already, with another root"):
        writer_of(old).recover(Entries.of(7).add(b"another"), witnessed=lambda: [head_of(2), head_of(8)])
    assert published(old) == 5
    writer_of(old).recover(Entries.of(9), witnessed=lambda: [head_of(2), head_of(8)])
    assert published(old) == 9


def test_a_witness_that_saw_another_history_stops_the_log(tmp_path: Path) -> None:
    """Also of a size that the log has passed long ago."""
    writer_of(tmp_path).publish(Entries.of(300))
    with pytest.raises(RollbackError, match="head of 77 entries"):
        writer_of(tmp_path).recover(Entries.of(300), witnessed=lambda: [replace(head_of(77), root=b"\x07" * 32)])
    with pytest.raises(InputError, match=r"a head of log\.example/other"):
        writer_of(tmp_path).recover(Entries.of(300), witnessed=lambda: [head_of(77, origin="log.example/other")])


def test_a_lost_lock_is_not_taken_for_a_new_log(tmp_path: Path) -> None:
    """A person puts the head there, from the checkpoint."""
    writer_of(tmp_path).publish(Entries.of(5))
    (tmp_path / "head/head").unlink()
    with pytest.raises(RollbackError, match="put the head there by hand"):
        writer_of(tmp_path).publish(Entries.of(6))
    (tmp_path / "head/head").write_text(head_of(5).text)
    writer_of(tmp_path).publish(Entries.of(6))
    assert published(tmp_path) == 6


def test_an_old_lock_does_not_take_the_log_back(tmp_path: Path) -> None:
    """What the folder shows binds too."""
    writer_of(tmp_path).publish(Entries.of(5))
    (tmp_path / "head/head").write_text(head_of(3).text)
    with pytest.raises(RollbackError, match="up to 5 entries"):
        writer_of(tmp_path).publish(Entries.of(4))
    writer_of(tmp_path).publish(Entries.of(5))
    assert published(tmp_path) == 5


def test_a_lost_folder_is_built_again(tmp_path: Path) -> None:
    """From the entries, if they are those that were signed for."""
    writer_of(tmp_path).publish(Entries.of(600))
    for name in ("checkpoint", "tile"):
        path = tmp_path / "log" / name
        path.rename(tmp_path / f"damaged-{name}")
    writer_of(tmp_path).recover(Entries.of(600))
    assert published(tmp_path) == 600


def test_a_folder_of_another_log_is_left_alone(tmp_path: Path) -> None:
    """Also one whose checkpoint somebody else signed under our name."""
    for signer in (Ed25519Signer("log.example/other", b"\x51" * 32), Ed25519Signer(LOG.name, b"\x52" * 32)):
        head = head_of(2, origin=signer.name)
        files_of(tmp_path).write_checkpoint(sign_head(head, [signer]))
        with pytest.raises(SignatureError, match=r"not signed by log\.example/small"):
            writer_of(tmp_path).publish(Entries.of(3))


def test_a_head_that_was_passed_long_ago_binds_too(tmp_path: Path) -> None:
    """An old lock with another root, also where only new entries are hashed."""
    writer_of(tmp_path).publish(Entries.of(300))
    (tmp_path / "head/head").write_text(replace(head_of(3), root=b"\x01" * 32).text)
    with pytest.raises(RollbackError, match="head of 3 entries"):
        writer_of(tmp_path).publish(Entries.of(301))


def test_a_damaged_edge_stops_the_writer(tmp_path: Path) -> None:
    """It does not sign on top of it."""
    writer_of(tmp_path).publish(Entries.of(5))
    path = tmp_path / "log/tile/0/000.p/5"
    path.write_bytes(b"\x00" * len(path.read_bytes()))
    with pytest.raises(ProofError, match="check the folder"):
        writer_of(tmp_path).publish(Entries.of(6))
    assert HeadLock(tmp_path / "head").read() == head_of(5)


class Short(Entries):
    """A source that gives fewer entries than it says."""

    def read(self, begin: int, end: int) -> Iterable[bytes]:
        return self.kept[begin : end - 1]


class Fickle(Entries):
    """A source that gives other entries each time."""

    reads = 0

    def read(self, begin: int, end: int) -> Iterable[bytes]:
        Fickle.reads += 1
        return [f"{self.reads} {index}".encode() for index in range(begin, end)]


@pytest.mark.parametrize("size", [5, 5 * TILE_WIDTH])
def test_a_source_that_lacks_entries_is_refused(tmp_path: Path, size: int) -> None:
    """Nothing is signed for what cannot be read."""
    with pytest.raises(ProofError, match="is the database damaged"):
        writer_of(tmp_path).publish(Short(entries_of(size)))
    assert HeadLock(tmp_path / "head").read() is None


def test_a_source_that_changes_is_refused(tmp_path: Path) -> None:
    """Many entries are read twice."""
    with pytest.raises(ProofError, match="others than the first time"):
        writer_of(tmp_path).publish(Fickle(entries_of(5 * TILE_WIDTH)))
    assert files_of(tmp_path).read_checkpoint() is None


def test_an_entry_that_is_too_long_is_not_published(tmp_path: Path) -> None:
    """The writer says so; whoever gives entries has to refuse them earlier."""
    with pytest.raises(FormatError, match="at most 65,535 fit"):
        writer_of(tmp_path).publish(Entries([b"x" * 65_536]))
    assert files_of(tmp_path).read_checkpoint() is None


def test_cosignatures_are_put_under_the_checkpoint(tmp_path: Path) -> None:
    """The newest of each key; the log's own lines stay."""
    writer, source = writer_of(tmp_path), Entries.of(5)
    note = writer.publish(source)
    assert writer.add_cosignatures(cosigned(note, head_of(5)))
    forged = Note(text=note.text, signatures=(Ed25519Signer(LOG.name, LOG.seed).sign("other\n"),))
    assert writer.add_cosignatures(cosigned(forged, head_of(5), time_s=TIME_S + 9, witnesses=[WITNESS]))
    found = files_of(tmp_path).read_checkpoint()
    assert found is not None
    result = note_result(found, [LOG.verifier, LOG_ML_DSA.verifier, WITNESS.verifier])
    assert [one.time_s for one in result.verified] == [None, None, TIME_S + 9]
    assert len(found.signatures) == 4
    assert writer.publish(source) == found


def test_cosignatures_of_another_head_are_passed_over(tmp_path: Path) -> None:
    """The log has grown meanwhile, or there is none yet."""
    writer = writer_of(tmp_path)
    late = cosigned(sign_head(head_of(4), SIGNERS), head_of(4), witnesses=[STRANGER])
    assert not writer.add_cosignatures(late)
    note = writer.publish(Entries.of(5))
    assert not writer.add_cosignatures(late)
    assert files_of(tmp_path).read_checkpoint() == note


def test_many_writers_at_once_make_one_log(tmp_path: Path) -> None:
    """Each publishes what is there when its turn comes; all that was acknowledged is in."""
    source, taken = Entries(), threading.Lock()

    def work(name: int) -> bool:
        writer = writer_of(tmp_path)
        held = []
        for number in range(15):
            with taken:
                mine = source.add(f"{name} {number}".encode()).size()
            held.append(parse_checkpoint(writer.publish(source).text).size >= mine)
        return all(held)

    with ThreadPoolExecutor(4) as workers:
        assert all(workers.map(work, range(4)))
    report = check_log(files_of(tmp_path))
    assert (report.entries, report.findings) == (60, ())


def test_the_stages_come_in_order(tmp_path: Path) -> None:
    """The lock before any tile, the checkpoint last of what is published."""
    stages: list[str] = []
    writer, source = writer_of(tmp_path, reached=stages.append), Entries()
    writer.publish(source.grow(255))
    stages.clear()
    writer.publish(source.grow(256))
    assert stages == [
        "hashed",
        *("head drafted", "head placed"),
        *("bundle drafted", "bundle placed"),
        *("tile drafted", "tile placed") * 2,
        "tiles written",
        "signed",
        *("checkpoint drafted", "checkpoint placed"),
        *("partial dropped",) * 2,
    ]
