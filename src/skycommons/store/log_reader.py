"""A log as its public folder shows it at one checkpoint: entries, and proofs made from tiles.

* Nothing of the checkpoint's signatures is checked here: that needs somebody's own trust policy.
* Every proof is checked against the checkpoint's root before it is given away, so that a damaged tile is found by whoever makes the
  proof and not by whoever gets it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from skycommons.base.errors import InputError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import malformed
from skycommons.governance.merkle import (
    Frontier,
    NodeReader,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from skycommons.governance.notes import Note
from skycommons.governance.proofs import LogProof
from skycommons.governance.tiles import TILE_WIDTH, Bundle, nodes_in_tiles
from skycommons.store.tile_files import CHECKPOINT, TileFiles

_TILES_KEPT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReader:
    """A log at one checkpoint.

    Attributes:
        files: Its folder.
        note: The checkpoint with its signatures; not checked.
        head: What the checkpoint says.
    """

    files: TileFiles
    note: Note
    head: Checkpoint

    @classmethod
    def open(cls, files: TileFiles) -> "LogReader":
        """The log at the checkpoint that lies in its folder.

        Raises:
            FormatError: None lies there.
        """
        note = files.read_checkpoint()
        if note is None:
            raise malformed(str(files.folder / CHECKPOINT), "file", "is missing; is this the folder of a log?")
        return cls(files=files, note=note, head=parse_checkpoint(note.text))

    def entries(self, begin: int, end: int) -> Iterator[bytes]:
        """Entries from ``begin`` to ``end`` (excluded), in order.

        Raises:
            InputError: The log has no such entries.
            FormatError: A bundle is missing or damaged.
        """
        if not 0 <= begin <= end <= self.head.size:
            raise InputError(f"a log of {self.head.size:,} entries has no entries from {begin:,} to {end:,}")
        for index in range(begin // TILE_WIDTH, -(-end // TILE_WIDTH)):
            first = index * TILE_WIDTH
            bundle = Bundle(index, min(TILE_WIDTH, self.head.size - first))
            yield from self.files.read_bundle(bundle)[max(0, begin - first) : end - first]

    def entry(self, index: int) -> bytes:
        """One entry.

        Raises:
            InputError: The log has no such entry.
            FormatError: Its bundle is missing or damaged.
        """
        if not 0 <= index < self.head.size:
            raise InputError(f"a log of {self.head.size:,} entries has no entry {index:,}; they are counted from 0")
        return next(self.entries(index, index + 1))

    def proof(self, index: int) -> LogProof:
        """The proof that an entry stands in the log, with the checkpoint.

        Raises:
            InputError: The log has no such entry.
            FormatError: A file is missing or damaged.
            ProofError: A file is damaged: the proof does not lead to the root.
        """
        leaf = leaf_hash(self.entry(index))
        hashes = inclusion_proof(self._nodes(), index=index, size=self.head.size)
        verify_inclusion(leaf, index=index, size=self.head.size, proof=hashes, root=self.head.root)
        return LogProof(index=index, hashes=hashes, note=self.note)

    def root_at(self, size: int) -> bytes:
        """The root that the log had with so many entries.

        Raises:
            InputError: It has fewer.
            FormatError: A tile is missing or damaged.
        """
        if not 0 <= size <= self.head.size:
            raise InputError(f"a log of {self.head.size:,} entries had no head of {size:,}")
        return Frontier.read(self._nodes(), size).root

    def growth_proof(self, old: int) -> tuple[bytes, ...]:
        """The proof that the log has only grown since it had so many entries.

        Raises:
            InputError: It never had so many.
            FormatError: A tile is missing or damaged.
            ProofError: A tile is damaged: the proof does not lead to the root.
        """
        read, new = self._nodes(), self.head.size
        hashes = consistency_proof(read, old=old, new=new)
        if old:
            old_root = Frontier.read(read, old).root
            verify_consistency(old=old, new=new, proof=hashes, old_root=old_root, new_root=self.head.root)
        return hashes

    def _nodes(self) -> NodeReader:
        """Reads nodes of the tree, each tile from the disk once."""
        return nodes_in_tiles(lru_cache(maxsize=_TILES_KEPT)(self.files.read_tile), self.head.size)
