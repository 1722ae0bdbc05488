"""A log as its folder shows it: entries and proofs at any size."""

from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, InputError, ProofError
from skycommons.governance.merkle import consistency_proof, inclusion_proof, nodes_in_memory, root_of
from skycommons.store.log_reader import LogReader
from tests.support.logs import entries_of, leaves_of
from tests.support.written_logs import Entries, files_of, writer_of

SIZES = (1, 2, 255, 256, 257, 600)


def log_of(folder: Path, size: int) -> LogReader:
    """A log of so many entries."""
    writer_of(folder).publish(Entries.of(size))
    return LogReader.open(files_of(folder))


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    """With the question that helps."""
    with pytest.raises(FormatError, match="is this the folder of a log"):
        LogReader.open(files_of(tmp_path))


@pytest.mark.parametrize("size", SIZES)
def test_entries_and_proofs_are_those_of_the_tree(tmp_path: Path, size: int) -> None:
    """As the tree in memory gives them, hash by hash."""
    log, nodes = log_of(tmp_path, size), nodes_in_memory(leaves_of(size))
    assert list(log.entries(0, size)) == entries_of(size)
    for index in {0, size // 2, size - 1, min(255, size - 1)}:
        assert log.entry(index) == entries_of(size)[index]
        assert log.proof(index).hashes == inclusion_proof(nodes, index=index, size=size)
    for old in {0, 1, size // 2, size - 1, size}:
        assert log.growth_proof(old) == consistency_proof(nodes, old=old, new=size)
        assert log.root_at(old) == root_of(leaves_of(old))


def test_ranges_cross_bundles(tmp_path: Path) -> None:
    """An empty one is empty."""
    log = log_of(tmp_path, 600)
    assert list(log.entries(250, 530)) == entries_of(600)[250:530]
    assert list(log.entries(300, 300)) == []


def test_what_the_log_does_not_have_is_refused(tmp_path: Path) -> None:
    """Entries, proofs and heads alike."""
    log = log_of(tmp_path, 5)
    for call in (
        lambda: log.entry(5),
        lambda: log.entry(-1),
        lambda: list(log.entries(3, 6)),
        lambda: log.proof(5),
        lambda: log.root_at(6),
        lambda: log.growth_proof(6),
    ):
        with pytest.raises(InputError):
            call()


def test_a_log_is_read_as_it_was_while_it_grows(tmp_path: Path) -> None:
    """Also when the partial files of its size are gone."""
    log = log_of(tmp_path, 200)
    writer_of(tmp_path).publish(Entries.of(700))
    assert not (tmp_path / "log/tile/0/000.p").exists()
    assert list(log.entries(0, 200)) == entries_of(200)
    assert log.growth_proof(77) == consistency_proof(nodes_in_memory(leaves_of(200)), old=77, new=200)


def test_a_damaged_tile_gives_no_proof(tmp_path: Path) -> None:
    """Whoever makes the proof is told, not whoever gets it."""
    log = log_of(tmp_path, 9)
    path = tmp_path / "log/tile/0/000.p/9"
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    with pytest.raises(ProofError):
        log.proof(0)
    with pytest.raises(ProofError):
        log.growth_proof(8)
