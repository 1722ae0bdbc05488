"""The tree as files: tiles of 256 hashes, and bundles of the 256 entries under each lowest tile.

* A tile at level ``L`` holds every eighth level of the tree: hash ``i`` of tile ``n`` is ``Node(8 * L, 256 * n + i)``. The levels
  between are hashed again from it.
* A tile is *full* with 256 hashes and never changes then. The last one of a level may be *partial*; it carries its width in
  its name and is never hashed upward. Tiles without hashes do not exist.
* An entry has at most 65,535 bytes. Larger things lie beside the log and stand in it by their hash.

Source: C2SP tlog-tiles v0.1.0.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from skycommons.governance.lines import HASH_BYTES, MAX_NUMBER, malformed
from skycommons.governance.merkle import Node, NodeReader, node_hash

TILE_WIDTH: Final = 256
TILE_LEVELS: Final = 8  # of the tree in one tile
MAX_LEVEL: Final = 63
MAX_ENTRY_BYTES: Final = 65_535

_PATH: Final = re.compile(r"tile/([0-9]{1,2}|entries)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Some hashes of one level, side by side.

    Attributes:
        level: Of tiles, from the leaves upwards.
        index: Place within the level.
        width: Number of hashes, 1 to 256.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not (0 <= self.level <= MAX_LEVEL and 0 <= self.index <= MAX_NUMBER and 1 <= self.width <= TILE_WIDTH):
            raise malformed("tile", "place", f"no tile has level {self.level}, index {self.index}, width {self.width}")

    @property
    def path(self) -> str:
        """Where the tile lies under the log's address.

        >>> Tile(0, 1234067).path, Tile(1, 1, 17).path
        ('tile/0/x001/x234/067', 'tile/1/001.p/17')
        """
        return f"tile/{self.level}/{_index_path(self.index, self.width)}"


@dataclass(frozen=True, slots=True, order=True)
class Bundle:
    """Entries side by side, as the lowest tile of the same index and width holds their hashes.

    Attributes:
        index: Place.
        width: Number of entries, 1 to 256.
    """

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not (0 <= self.index <= MAX_NUMBER and 1 <= self.width <= TILE_WIDTH):
            raise malformed("bundle", "place", f"no bundle has index {self.index}, width {self.width}")

    @property
    def path(self) -> str:
        """Where the bundle lies under the log's address."""
        return f"tile/entries/{_index_path(self.index, self.width)}"


def parse_path(path: str) -> Tile | Bundle:
    """The tile or bundle that lies at a path.

    Raises:
        FormatError: None does.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise malformed(
            "path", repr(path[:80]), "must be tile/LEVEL/INDEX or tile/entries/INDEX, with .p/WIDTH if partial"
        )
    level, digits, width = found[1], found[2].replace("x", "").replace("/", ""), int(found[3] or TILE_WIDTH)
    place = Bundle(int(digits), width) if level == "entries" else Tile(int(level), int(digits), width)
    if place.path != path:
        raise malformed("path", repr(path), f"is not how {place.path} is written")
    return place


def _index_path(index: int, width: int) -> str:
    """An index in groups of three digits, and the width where it is not full."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]]) + partial


# ------------------------------------------------------------------------------------------- what a tree is made of


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of a tree, level by level.

    >>> [tile.path for tile in tiles_of(257)]
    ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']
    """
    return tiles_between(0, size)


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """The tiles that a tree of ``new`` leaves has and one of ``old`` leaves had not: what is to be written."""
    level = 0
    while new:
        for index in range(old // TILE_WIDTH, -(-new // TILE_WIDTH)):
            if min(new - index * TILE_WIDTH, TILE_WIDTH) > old - index * TILE_WIDTH:
                yield Tile(level, index, min(new - index * TILE_WIDTH, TILE_WIDTH))
        level, old, new = level + 1, old // TILE_WIDTH, new // TILE_WIDTH


def bundles_between(old: int, new: int) -> Iterator[Bundle]:
    """The bundles that a log of ``new`` entries has and one of ``old`` entries had not."""
    return (Bundle(tile.index, tile.width) for tile in tiles_between(old, new) if tile.level == 0)


def tile_with(node: Node, size: int) -> Tile:
    """The tile of a tree of ``size`` leaves that holds a node, or what it is hashed from.

    Raises:
        FormatError: The tree has no such node.
    """
    level, rest = divmod(node.level, TILE_LEVELS)
    first, count = node.place << rest, 1 << rest
    hashes = size >> (TILE_LEVELS * level) if level >= 0 else 0
    if node.place < 0 or first + count > hashes:
        raise malformed("node", f"level {node.level}, place {node.place}", f"is not in a tree of {size} leaves")
    index = first // TILE_WIDTH
    return Tile(level, index, min(hashes - index * TILE_WIDTH, TILE_WIDTH))


def tiles_with(nodes: Iterable[Node], size: int) -> tuple[Tile, ...]:
    """The tiles that must be fetched to read some nodes, each once, in order."""
    return tuple(sorted({tile_with(node, size) for node in nodes}))


def nodes_in_tiles(fetch: Callable[[Tile], bytes], size: int) -> NodeReader:
    """A reader of nodes of a stored tree.

    Args:
        fetch: Gives the bytes of a tile. It is asked once per node; one that remembers saves reads.
        size: Number of leaves of the tree.
    """

    def read(node: Node) -> bytes:
        tile = tile_with(node, size)
        hashes = parse_tile(fetch(tile), tile)
        rest = node.level % TILE_LEVELS
        first = (node.place << rest) % TILE_WIDTH
        level = list(hashes[first : first + (1 << rest)])
        while len(level) > 1:
            level = [node_hash(level[place], level[place + 1]) for place in range(0, len(level), 2)]
        return level[0]

    return read


# ------------------------------------------------------------------------------------------------- what lies in files


def encode_tile(hashes: Sequence[bytes]) -> bytes:
    """Hashes as the bytes of a tile.

    Raises:
        FormatError: Not 1 to 256 hashes.
    """
    if not 1 <= len(hashes) <= TILE_WIDTH or any(len(value) != HASH_BYTES for value in hashes):
        raise malformed("tile", "hashes", f"must be 1 to {TILE_WIDTH} of {HASH_BYTES} bytes")
    return b"".join(hashes)


def parse_tile(data: bytes, tile: Tile) -> tuple[bytes, ...]:
    """The hashes of a tile.

    Raises:
        FormatError: The bytes are not as many as its width says.
    """
    if len(data) != tile.width * HASH_BYTES:
        raise malformed(tile.path, "size", f"must have {tile.width * HASH_BYTES:,} bytes, has {len(data):,}")
    return tuple(data[place : place + HASH_BYTES] for place in range(0, len(data), HASH_BYTES))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as the bytes of a bundle, each after its length in two bytes.

    Raises:
        FormatError: Not 1 to 256 entries, or one is too long.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise malformed("bundle", "entries", f"must be 1 to {TILE_WIDTH}")
    for number, entry in enumerate(entries):
        if len(entry) > MAX_ENTRY_BYTES:
            raise malformed("bundle", f"entry {number}", f"has {len(entry):,} bytes; at most {MAX_ENTRY_BYTES:,} fit")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, bundle: Bundle) -> tuple[bytes, ...]:
    """The entries of a bundle.

    Raises:
        FormatError: The bytes are not as many entries as its width says.
    """
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        begin = place + 2
        place = begin + int.from_bytes(data[place:begin], "big")
        if place > len(data) or begin > len(data):
            raise malformed(bundle.path, f"entry {len(entries)}", "is cut off")
        entries.append(data[begin:place])
    if len(entries) != bundle.width:
        raise malformed(bundle.path, "entries", f"must be {bundle.width}, are {len(entries)}")
    return tuple(entries)
