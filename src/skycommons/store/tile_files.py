"""The public folder of a log: all that anybody needs to check it, as files that any web server can offer.

::

    checkpoint               the head, signed by the log and by witnesses; the only file that changes
    tile/<L>/<N>[.p/<W>]     hashes of the tree
    tile/entries/<N>[.p/<W>] entries
    blob/<hex>               what entries name by its SHA-256, such as lists of cells

* A tile, a bundle or a blob is never overwritten with other bytes. Partial ones lie beside each other by their width; once the full
  one is there they may go, and readers take the beginning of the full one instead.
* What is read must fit: tiles and bundles have as many hashes and entries as their names say, blobs the hash that is their name.
* Who writes tiles and checkpoints holds the head's lock (`skycommons.store.head_lock`); blobs have a lock of their own.

Source: C2SP tlog-tiles v0.1.0.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from skycommons.governance import notes
from skycommons.governance.bundles import MAX_BLOB_BYTES
from skycommons.governance.lines import HASH_BYTES, malformed
from skycommons.governance.notes import Note, parse_note
from skycommons.governance.tiles import (
    MAX_ENTRY_BYTES,
    TILE_WIDTH,
    Bundle,
    Tile,
    encode_bundle,
    encode_tile,
    parse_bundle,
    parse_tile,
)
from skycommons.store.durable_files import (
    DRAFT,
    LOCK,
    Reached,
    flush_folder,
    hold_folder,
    make_folder,
    nothing_reached,
    place_file,
    read_file,
    replace_file,
)

CHECKPOINT: Final = "checkpoint"
TILES: Final = "tile"
BLOBS: Final = "blob"

_BLOB_NAME: Final = re.compile(r"[0-9a-f]{64}")
_MAX_BUNDLE_BYTES: Final = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)


@dataclass(frozen=True, slots=True)
class TileFiles:
    """A log's public folder.

    Attributes:
        folder: Where it lies.
        reached: Told after each step of a write what was reached.
    """

    folder: Path
    reached: Reached = nothing_reached

    # -------------------------------------------------------------------------------------------- checkpoint

    def read_checkpoint(self) -> Note | None:
        """The checkpoint as it lies there; ``None`` if there is none. Nothing of it is checked.

        Raises:
            FormatError: The file is no note.
        """
        path = self.folder / CHECKPOINT
        data = read_file(path, most_bytes=notes.MAX_BYTES)
        return None if data is None else parse_note(data, source=str(path))

    def write_checkpoint(self, note: Note) -> None:
        """Put a checkpoint in the place of the one that lies there.

        Raises:
            HostError: The disk gives back other bytes.
        """
        replace_file(self.folder / CHECKPOINT, note.encode(), reached=self._staged("checkpoint"))

    # ------------------------------------------------------------------------------------- tiles and bundles

    def read_tile(self, tile: Tile) -> bytes:
        """The bytes of a tile, if need be from the beginning of the full one.

        Raises:
            FormatError: There is none, or it does not fit its name.
        """
        return encode_tile(self.read_hashes(tile))

    def read_hashes(self, tile: Tile) -> tuple[bytes, ...]:
        """The hashes of a tile, as `read_tile` finds them.

        Raises:
            FormatError: There is none, or it does not fit its name.
        """
        data = read_file(self.folder / tile.path, most_bytes=TILE_WIDTH * HASH_BYTES)
        if data is None and tile.width < TILE_WIDTH:
            return self.read_hashes(Tile(tile.level, tile.index))[: tile.width]
        if data is None:
            raise malformed(tile.path, "file", f"is missing in {self.folder}")
        return parse_tile(data, tile)

    def read_bundle(self, bundle: Bundle) -> tuple[bytes, ...]:
        """The entries of a bundle, if need be from the beginning of the full one.

        Raises:
            FormatError: There is none, or it does not fit its name.
        """
        data = read_file(self.folder / bundle.path, most_bytes=_MAX_BUNDLE_BYTES)
        if data is None and bundle.width < TILE_WIDTH:
            return self.read_bundle(Bundle(bundle.index))[: bundle.width]
        if data is None:
            raise malformed(bundle.path, "file", f"is missing in {self.folder}")
        return parse_bundle(data, bundle)

    def write_tile(self, tile: Tile, hashes: tuple[bytes, ...]) -> None:
        """Write a tile that is not there yet.

        Raises:
            ProofError: Another one lies there.
            FormatError: It does not fit its name.
        """
        data = encode_tile(hashes)
        parse_tile(data, tile)
        place_file(self.folder / tile.path, data, reached=self._staged("tile"))

    def write_bundle(self, bundle: Bundle, entries: tuple[bytes, ...]) -> None:
        """Write a bundle that is not there yet.

        Raises:
            ProofError: Another one lies there.
            FormatError: It does not fit its name.
        """
        data = encode_bundle(entries)
        parse_bundle(data, bundle)
        place_file(self.folder / bundle.path, data, reached=self._staged("bundle"))

    def drop_partial(self, place: Tile | Bundle) -> None:
        """Take away the partial files of a tile or bundle whose full one is there."""
        full = self.folder / place.path
        folder = full.with_name(full.name + ".p")
        if place.width != TILE_WIDTH or not folder.is_dir() or not full.is_file():
            return
        for path in sorted(folder.iterdir()):
            path.unlink()
        folder.rmdir()
        flush_folder(folder.parent)
        self.reached("partial dropped")

    # ----------------------------------------------------------------------------------------------- blobs

    def read_blob(self, name: str) -> bytes | None:
        """What has this SHA-256; ``None`` if it is not there.

        Args:
            name: The hash in 64 lower-case hexadecimal digits.

        Raises:
            FormatError: The name is no hash, or the file holds something else.
        """
        if not _BLOB_NAME.fullmatch(name):
            raise malformed("blob", repr(name[:80]), "must be a SHA-256 in 64 lower-case hexadecimal digits")
        data = read_file(self.folder / BLOBS / name, most_bytes=MAX_BLOB_BYTES)
        if data is not None and sha256(data).hexdigest() != name:
            raise malformed(f"{BLOBS}/{name}", "file", "holds something else than its name says")
        return data

    def write_blob(self, data: bytes) -> str:
        """Keep bytes under their SHA-256, and give it.

        Raises:
            FormatError: They are too many.
            ProofError: Something else lies under this name.
        """
        name = sha256(data).hexdigest()
        if len(data) > MAX_BLOB_BYTES:
            raise malformed("blob", "size", f"has {len(data):,} bytes; at most {MAX_BLOB_BYTES:,} are kept")
        with hold_folder(self.folder / BLOBS):
            place_file(self.folder / BLOBS / name, data, reached=self._staged("blob"))
        return name

    # ----------------------------------------------------------------------------------------------- all of it

    def paths(self) -> Iterator[str]:
        """Where every file lies, drafts and locks apart, relative to the folder and in order."""
        for folder, folders, names in os.walk(self.folder):
            folders.sort()
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            for name in sorted([*names, *links]):
                if name not in {DRAFT, LOCK}:
                    yield (Path(folder) / name).relative_to(self.folder).as_posix()

    def sweep(self) -> None:
        """Take away what a crash left half written. Whoever calls it holds the head's lock."""
        make_folder(self.folder)
        (self.folder / DRAFT).unlink(missing_ok=True)
        for path in (self.folder / TILES).rglob(DRAFT):
            path.unlink()
        with hold_folder(self.folder / BLOBS):
            (self.folder / BLOBS / DRAFT).unlink(missing_ok=True)

    def _staged(self, what: str) -> Reached:
        """Tells the stages of one file."""
        return lambda stage: self.reached(f"{what} {stage}")
