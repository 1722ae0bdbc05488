"""A log's public folder: what is written fits, what is read is checked, nothing is overwritten."""

from hashlib import sha256
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, ProofError
from skycommons.governance.tiles import Bundle, Tile
from skycommons.store import tile_files
from skycommons.store.tile_files import TileFiles
from tests.support.logs import entries_of, leaves_of, witnessed_head

HASHES = tuple(leaves_of(256))
ENTRIES = tuple(entries_of(256))


def test_a_new_folder_has_no_checkpoint(tmp_path: Path) -> None:
    """Reading makes nothing."""
    assert TileFiles(tmp_path / "log").read_checkpoint() is None
    assert list(TileFiles(tmp_path / "log").paths()) == []


def test_a_checkpoint_is_replaced(tmp_path: Path) -> None:
    """It is the only file that changes."""
    files = TileFiles(tmp_path)
    for size in (3, 5):
        files.write_checkpoint(witnessed_head(size))
        assert files.read_checkpoint() is not None
    assert (tmp_path / "checkpoint").read_bytes().splitlines()[1] == b"5"


def test_tiles_and_bundles_come_back(tmp_path: Path) -> None:
    """Full ones and partial ones, each at the place of its name."""
    files = TileFiles(tmp_path)
    for width in (1, 7, 256):
        files.write_tile(Tile(0, 1, width), HASHES[:width])
        files.write_bundle(Bundle(1, width), ENTRIES[:width])
        assert files.read_hashes(Tile(0, 1, width)) == HASHES[:width]
        assert files.read_tile(Tile(0, 1, width)) == b"".join(HASHES[:width])
        assert files.read_bundle(Bundle(1, width)) == ENTRIES[:width]
    assert list(files.paths()) == [
        "tile/0/001",
        "tile/0/001.p/1",
        "tile/0/001.p/7",
        "tile/entries/001",
        "tile/entries/001.p/1",
        "tile/entries/001.p/7",
    ]


def test_what_does_not_fit_its_name_is_not_written(tmp_path: Path) -> None:
    """Neither too few nor too many."""
    files = TileFiles(tmp_path)
    with pytest.raises(FormatError):
        files.write_tile(Tile(0, 0, 3), HASHES[:2])
    with pytest.raises(FormatError):
        files.write_bundle(Bundle(0, 3), ENTRIES[:4])
    assert list(files.paths()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Other hashes and other entries are refused, and what lies there stays."""
    files = TileFiles(tmp_path)
    files.write_tile(Tile(0, 0, 2), HASHES[:2])
    files.write_bundle(Bundle(0, 2), ENTRIES[:2])
    with pytest.raises(ProofError, match="other bytes"):
        files.write_tile(Tile(0, 0, 2), HASHES[1:3])
    with pytest.raises(ProofError, match="other bytes"):
        files.write_bundle(Bundle(0, 2), ENTRIES[1:3])
    files.write_tile(Tile(0, 0, 2), HASHES[:2])
    assert files.read_bundle(Bundle(0, 2)) == ENTRIES[:2]


def test_what_is_missing_or_does_not_fit_is_refused(tmp_path: Path) -> None:
    """With the path, as the log names it."""
    files = TileFiles(tmp_path)
    for read in (lambda: files.read_tile(Tile(0, 0, 3)), lambda: files.read_bundle(Bundle(0, 3))):
        with pytest.raises(FormatError, match="is missing"):
            read()
    for path in ("tile/0/000.p/3", "tile/entries/000.p/3"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(b"\x00\x01")
    for read in (lambda: files.read_tile(Tile(0, 0, 3)), lambda: files.read_bundle(Bundle(0, 3))):
        with pytest.raises(FormatError, match=r"000\.p/3"):
            read()


def test_partial_files_go_once_the_full_one_is_there(tmp_path: Path) -> None:
    """Readers of an earlier size take the beginning of the full one."""
    files = TileFiles(tmp_path)
    files.write_tile(Tile(0, 0, 2), HASHES[:2])
    files.write_bundle(Bundle(0, 2), ENTRIES[:2])
    for place in (Tile(0, 0), Bundle(0)):
        files.drop_partial(place)
    assert len(list(files.paths())) == 2
    files.write_tile(Tile(0, 0), HASHES)
    files.write_bundle(Bundle(0), ENTRIES)
    for place in (Tile(0, 0, 2), Tile(0, 0), Bundle(0), Bundle(0)):
        files.drop_partial(place)
    assert list(files.paths()) == ["tile/0/000", "tile/entries/000"]
    assert files.read_hashes(Tile(0, 0, 2)) == HASHES[:2]
    assert files.read_bundle(Bundle(0, 2)) == ENTRIES[:2]


def test_blobs_lie_under_their_hash(tmp_path: Path) -> None:
    """Twice the same is once."""
    files = TileFiles(tmp_path)
    name = files.write_blob(b"cells")
    assert name == files.write_blob(b"cells") == sha256(b"cells").hexdigest()
    assert files.read_blob(name) == b"cells"
    assert files.read_blob("0" * 64) is None
    assert list(files.paths()) == [f"blob/{name}"]


@pytest.mark.parametrize("name", ["", "0" * 63, "0" * 65, "A" * 64, "../" + "0" * 61, "0" * 64 + "\n"])
def test_a_name_that_is_no_hash_leads_nowhere(tmp_path: Path, name: str) -> None:
    """It is not looked for."""
    with pytest.raises(FormatError, match="64 lower-case hexadecimal digits"):
        TileFiles(tmp_path).read_blob(name)


def test_a_blob_that_is_something_else_is_refused(tmp_path: Path) -> None:
    """When it is read, and when the right one is to be written over it."""
    files = TileFiles(tmp_path)
    name = files.write_blob(b"cells")
    (tmp_path / "blob" / name).write_bytes(b"Cells")
    with pytest.raises(FormatError, match="something else than its name says"):
        files.read_blob(name)
    with pytest.raises(ProofError, match="other bytes"):
        files.write_blob(b"cells")


def test_a_blob_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before anything is written."""
    monkeypatch.setattr(tile_files, "MAX_BLOB_BYTES", 4)
    with pytest.raises(FormatError, match="at most 4 are kept"):
        TileFiles(tmp_path).write_blob(b"12345")
    assert list(TileFiles(tmp_path).paths()) == []


def test_drafts_are_swept(tmp_path: Path) -> None:
    """Those of a crash, in every folder; all else stays."""
    files = TileFiles(tmp_path / "log")
    files.sweep()
    files.write_tile(Tile(0, 0, 2), HASHES[:2])
    name = files.write_blob(b"cells")
    for folder in ("", "tile/0/000.p", "blob"):
        (tmp_path / "log" / folder / ".draft").write_bytes(b"half")
    files.sweep()
    assert not list((tmp_path / "log").rglob(".draft"))
    assert list(files.paths()) == [f"blob/{name}", "tile/0/000.p/2"]


def test_links_to_folders_are_told(tmp_path: Path) -> None:
    """A walk that leaves them out would not find them."""
    (tmp_path / "away").symlink_to(tmp_path)
    assert list(TileFiles(tmp_path).paths()) == ["away"]
