"""The right edge of a log: the last tile of each level and the last bundle, as far as they are begun.

It is all that a log needs in memory in order to grow: an entry more touches the last tile of level 0, and a higher one where a lower
one got full. Files that are full come out as they do; the partial ones come out once, at the end of a growth.
"""

from collections.abc import Iterator
from typing import NamedTuple

from skycommons.base.errors import ProofError
from skycommons.governance.merkle import Frontier, leaf_hash, root_of
from skycommons.governance.tiles import TILE_LEVELS, TILE_WIDTH, Bundle, Tile, tiles_between
from skycommons.store.log_reader import LogReader


class FullTile(NamedTuple):
    """A tile to be written."""

    tile: Tile
    hashes: tuple[bytes, ...]


class FullBundle(NamedTuple):
    """A bundle to be written."""

    bundle: Bundle
    entries: tuple[bytes, ...]


class LogEdge:
    """What a growing log remembers; `append` changes it.

    Attributes:
        frontier: Size and root so far.
    """

    def __init__(self) -> None:
        self.frontier = Frontier()
        self._begun_at = 0
        self._entries: list[bytes] = []
        self._levels: list[list[bytes]] = [[]]

    @classmethod
    def read(cls, log: LogReader) -> "LogEdge":
        """The edge of a log that is stored, checked against its checkpoint.

        Raises:
            ProofError: The tiles do not lead to the checkpoint's root, or the last bundle holds other entries.
            FormatError: A file at the edge is missing or damaged.
        """
        edge, size = cls(), log.head.size
        level_size, level = size, 0
        edge._levels = []
        while level_size or not level:
            width = level_size % TILE_WIDTH
            hashes = log.files.read_hashes(Tile(level, level_size // TILE_WIDTH, width)) if width else ()
            edge._levels.append(list(hashes))
            level, level_size = level + 1, level_size >> TILE_LEVELS
        edge.frontier = Frontier(size=size, peaks=edge._peaks())
        if edge.frontier.root != log.head.root:
            raise ProofError(
                f"{log.files.folder}: the tiles do not lead to the root of the checkpoint; check the folder"
            )
        edge._entries = list(log.entries(size - size % TILE_WIDTH, size))
        if [leaf_hash(entry) for entry in edge._entries] != edge._levels[0]:
            raise ProofError(f"{log.files.folder}: the last bundle holds other entries than the tree; check the folder")
        edge._begun_at = size
        return edge

    def append(self, entry: bytes) -> Iterator[FullTile | FullBundle]:
        """Take one entry more; gives the files that it makes full. The edge has grown once all were taken."""
        leaf = leaf_hash(entry)
        index = self.frontier.size // TILE_WIDTH
        self.frontier = self.frontier.append(leaf)
        self._entries.append(entry)
        if len(self._entries) == TILE_WIDTH:
            yield FullBundle(Bundle(index), tuple(self._entries))
            self._entries.clear()
        carry, level = leaf, 0
        while True:
            if level == len(self._levels):
                self._levels.append([])
            hashes = self._levels[level]
            hashes.append(carry)
            if len(hashes) < TILE_WIDTH:
                return
            yield FullTile(Tile(level, index), tuple(hashes))
            carry = root_of(hashes)
            hashes.clear()
            level, index = level + 1, index // TILE_WIDTH

    def partial(self) -> Iterator[FullTile | FullBundle]:
        """The files that are begun and have changed since this was asked last, or since the edge was read."""
        for tile in tiles_between(self._begun_at, self.frontier.size):
            if tile.width < TILE_WIDTH:
                if tile.level == 0:
                    yield FullBundle(Bundle(tile.index, tile.width), tuple(self._entries))
                yield FullTile(tile, tuple(self._levels[tile.level]))
        self._begun_at = self.frontier.size

    def _peaks(self) -> tuple[bytes, ...]:
        """Roots of the perfect subtrees that the tree is made of, the largest first."""
        found: list[bytes] = []
        for hashes in reversed(self._levels):
            found += Frontier.of(hashes).peaks
        return tuple(found)
