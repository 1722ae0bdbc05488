"""The right edge of a log grows into the same files as the whole tree has."""

import os
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, ProofError
from skycommons.governance.merkle import root_of
from skycommons.governance.tiles import bundles_between, tiles_between
from skycommons.store.log_edge import FullTile, LogEdge
from skycommons.store.log_reader import LogReader
from tests.support.logs import entries_of, leaves_of
from tests.support.written_logs import Entries, files_of, writer_of


def written(edge: LogEdge, entries: list[bytes]) -> list[str]:
    """Paths of what comes out of a growth."""
    found = [one for entry in entries for one in edge.append(entry)]
    found += edge.partial()
    return [one.tile.path if isinstance(one, FullTile) else one.bundle.path for one in found]


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 256), (255, 257), (256, 256), (0, 513), (5, 70_000)])
def test_a_growth_makes_the_files_that_are_new(old: int, new: int) -> None:
    """Each once, and no other."""
    edge, entries = LogEdge(), entries_of(new)
    written(edge, entries[:old])
    expected = [tile.path for tile in tiles_between(old, new)] + [bundle.path for bundle in bundles_between(old, new)]
    assert sorted(written(edge, entries[old:])) == sorted(expected)
    assert edge.frontier.size == new
    if new < 1000:
        assert edge.frontier.root == root_of(leaves_of(new))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_537])
def test_an_edge_is_read_back(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on as if it had never been away."""
    monkeypatch.setattr(os, "fsync", lambda place: None)
    writer_of(tmp_path).publish(Entries.of(size))
    edge = LogEdge.read(LogReader.open(files_of(tmp_path)))
    stayed = LogEdge()
    entries = entries_of(size + 300)
    written(stayed, entries[:size])
    assert edge.frontier == stayed.frontier
    assert written(edge, entries[size:]) == written(stayed, entries[size:])
    assert edge.frontier == stayed.frontier


@pytest.mark.parametrize(
    ("path", "error"),
    [("tile/0/001.p/4", ProofError), ("tile/1/000.p/1", ProofError), ("tile/entries/001.p/4", ProofError)],
)
def test_a_damaged_edge_is_refused(tmp_path: Path, path: str, error: type[Exception]) -> None:
    """Nothing grows on it."""
    writer_of(tmp_path).publish(Entries.of(260))
    data = bytearray((tmp_path / "log" / path).read_bytes())
    data[5] ^= 4
    (tmp_path / "log" / path).write_bytes(data)
    with pytest.raises(error, match="check the folder"):
        LogEdge.read(LogReader.open(files_of(tmp_path)))


def test_an_edge_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    writer_of(tmp_path).publish(Entries.of(260))
    (tmp_path / "log/tile/0/001.p/4").unlink()
    with pytest.raises(FormatError, match="tile/0/001"):
        LogEdge.read(LogReader.open(files_of(tmp_path)))
