"""Logs as folders of files, as any web server would serve them; large trees are hashed once."""

from functools import cache
from pathlib import Path
from typing import Final

from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.merkle import Frontier, Node, NodeReader, nodes_in_memory
from skycommons.governance.notes import Note
from skycommons.governance.tiles import (
    TILE_LEVELS,
    TILE_WIDTH,
    Tile,
    bundles_between,
    encode_bundle,
    encode_tile,
    tiles_of,
)
from tests.support.logs import LOG, ORIGIN, TIME_S, WITNESS, entries_of, leaves_of

LARGEST: Final = 70_000


@cache
def reader() -> NodeReader:
    """All nodes of the largest tree; smaller trees have a part of them."""
    return nodes_in_memory(leaves_of(LARGEST))


@cache
def entries() -> tuple[bytes, ...]:
    """All entries of the largest log."""
    return tuple(entries_of(LARGEST))


def head_at(size: int) -> Checkpoint:
    """The head of the log with so many entries."""
    return Checkpoint(origin=ORIGIN, size=size, root=Frontier.read(reader(), size).root)


def note_at(size: int) -> Note:
    """The head with the log's signature and a witness's."""
    head = head_at(size)
    return Note(text=head.text, signatures=(LOG.sign(head.text), WITNESS.cosign(head, time_s=TIME_S)))


def write_log(folder: Path, size: int) -> Path:
    """The folder of the log with so many entries."""
    for tile in tiles_of(size):
        _write(folder / tile.path, _tile_bytes(tile))
    for bundle in bundles_between(0, size):
        first = bundle.index * TILE_WIDTH
        _write(folder / bundle.path, encode_bundle(entries()[first : first + bundle.width]))
    _write(folder / "checkpoint", note_at(size).encode())
    return folder


def _tile_bytes(tile: Tile) -> bytes:
    """The hashes of a tile."""
    first = tile.index * TILE_WIDTH
    return encode_tile([reader()(Node(TILE_LEVELS * tile.level, first + place)) for place in range(tile.width)])


def _write(path: Path, data: bytes) -> None:
    """A file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
