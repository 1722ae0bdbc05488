"""Tiles and bundles: names, what a tree needs, and what lies in them."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.merkle import (
    Frontier,
    Node,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    nodes_in_memory,
    root_of,
)
from skycommons.governance.tiles import (
    Bundle,
    Tile,
    bundles_between,
    encode_bundle,
    encode_tile,
    nodes_in_tiles,
    parse_bundle,
    parse_path,
    parse_tile,
    tile_with,
    tiles_between,
    tiles_of,
    tiles_with,
)
from tests.support.logs import leaves_of

PLACES = [
    (Tile(0, 1234067), "tile/0/x001/x234/067"),
    (Tile(0, 0), "tile/0/000"),
    (Tile(63, 999, 255), "tile/63/999.p/255"),
    (Tile(1, 1000, 1), "tile/1/x001/000.p/1"),
    (Bundle(0, 1), "tile/entries/000.p/1"),
    (Bundle(1234067), "tile/entries/x001/x234/067"),
    (Bundle(2**63 - 1), "tile/entries/x009/x223/x372/x036/x854/x775/807"),
    (Tile(0, 2**63 - 1), "tile/0/x009/x223/x372/x036/x854/x775/807"),
]


@pytest.mark.parametrize(("place", "path"), PLACES)
def test_a_place_has_one_path(place: Tile | Bundle, path: str) -> None:
    """There and back."""
    assert place.path == path
    assert parse_path(path) == place


@pytest.mark.parametrize(
    "path",
    [
        *("", "tile", "tile/0", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/x/000", "tile/-1/000"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/1000", "tile/0/000.p/"),
        *("tile/0/x000/001", "tile/0/001/002", "tile/0/x001", "tile/0/000\n", "/tile/0/000", "tile/0/٠٠٠"),
        *("tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/" + "x999/" * 9 + "999", "tile/entries/x000/000"),
    ],
)
def test_other_paths_lead_nowhere(path: str) -> None:
    """Also those that only look like the one way."""
    with pytest.raises(FormatError):
        parse_path(path)


@pytest.mark.parametrize(("index", "width"), [(-1, 1), (0, 0), (0, 257), (2**63, 1)])
def test_places_that_are_not_there(index: int, width: int) -> None:
    """They have no name."""
    with pytest.raises(FormatError):
        Tile(0, index, width)
    with pytest.raises(FormatError):
        Bundle(index, width)


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    """273 full and one of 112; one full and one of 17; one of 1."""
    tiles = list(tiles_of(70_000))
    assert [tile.width for tile in tiles if tile.level == 0] == [256] * 273 + [112]
    assert [tile for tile in tiles if tile.level > 0] == [Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [(0, 1), (1, 1), (1, 2), (255, 256), (256, 257), (300, 300), (256, 600), (300, 65_537), (65_537, 65_537)],
)
def test_growth_writes_what_is_new(old: int, new: int) -> None:
    """The tiles of the new tree less those of the old."""
    before = set(tiles_of(old))
    assert list(tiles_between(old, new)) == [tile for tile in tiles_of(new) if tile not in before]
    assert list(bundles_between(old, new)) == [
        Bundle(tile.index, tile.width) for tile in tiles_between(old, new) if tile.level == 0
    ]


def stored(size: int) -> dict[Tile, bytes]:
    """The tiles of a tree as they would lie in files."""
    read = nodes_in_memory(leaves_of(size))
    return {
        tile: encode_tile([read(Node(8 * tile.level, 256 * tile.index + place)) for place in range(tile.width)])
        for tile in tiles_of(size)
    }


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 700])
def test_proofs_come_from_tiles_alone(size: int) -> None:
    """Only those that were named beforehand are read."""
    leaves, files = leaves_of(size), stored(size)
    memory = nodes_in_memory(leaves)
    assert Frontier.read(nodes_in_tiles(files.__getitem__, size), size).root == root_of(leaves)
    for other in {0, 1, size // 3, size // 2, size - 1} & set(range(size)):
        needed = [node for nodes in inclusion_nodes(other, size) for node in nodes]
        some = {tile: files[tile] for tile in tiles_with(needed, size)}
        read = nodes_in_tiles(some.__getitem__, size)
        assert inclusion_proof(read, index=other, size=size) == inclusion_proof(memory, index=other, size=size)
        needed = [node for nodes in consistency_nodes(other, size) for node in nodes]
        some = {tile: files[tile] for tile in tiles_with(needed, size)}
        read = nodes_in_tiles(some.__getitem__, size)
        assert consistency_proof(read, old=other, new=size) == consistency_proof(memory, old=other, new=size)


@pytest.mark.parametrize("node", [Node(0, 7), Node(3, 0), Node(-1, 0), Node(-8, 0), Node(0, -1), Node(8, 0)])
def test_a_node_that_is_not_there_has_no_tile(node: Node) -> None:
    """A tree of seven leaves has no eighth, and no perfect subtree of eight."""
    with pytest.raises(FormatError, match="is not in a tree of 7 leaves"):
        tile_with(node, 7)


def test_a_tile_of_another_length_is_refused() -> None:
    """Its name says how long it is."""
    with pytest.raises(FormatError, match=r"tile/0/000\.p/2: 1 fault\(s\)\n  size: must have 64 bytes, has 63"):
        parse_tile(bytes(63), Tile(0, 0, 2))
    assert parse_tile(bytes(64), Tile(0, 0, 2)) == (bytes(32), bytes(32))


@pytest.mark.parametrize("hashes", [[], [bytes(32)] * 257, [bytes(31)]])
def test_a_tile_that_cannot_be_read_is_not_written(hashes: list[bytes]) -> None:
    """1 to 256 hashes."""
    with pytest.raises(FormatError):
        encode_tile(hashes)


def test_a_bundle_keeps_entries_byte_for_byte() -> None:
    """Empty ones and the longest."""
    entries = (b"", b"a", bytes(65_535))
    data = encode_bundle(entries)
    assert data[:5] == b"\x00\x00\x00\x01a"
    assert parse_bundle(data, Bundle(0, 3)) == entries
    full = tuple(b"%d" % number for number in range(256))
    assert parse_bundle(encode_bundle(full), Bundle(0)) == full


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(65_536)]])
def test_a_bundle_that_cannot_be_read_is_not_written(entries: list[bytes]) -> None:
    """1 to 256 entries of at most 65,535 bytes."""
    with pytest.raises(FormatError):
        encode_bundle(entries)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "must be 1, are 0"),
        (b"\x00", "entry 0: is cut off"),
        (b"\x00\x02a", "entry 0: is cut off"),
        (b"\x00\x00\x00", "entry 1: is cut off"),
        (b"\x00\x00\x00\x00", "must be 1, are 2"),
    ],
)
def test_a_bundle_of_another_length_is_refused(data: bytes, words: str) -> None:
    """Neither fewer nor more."""
    with pytest.raises(FormatError, match=words):
        parse_bundle(data, Bundle(0, 1))
