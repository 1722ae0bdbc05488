"""Our logs as Go's ``sumdb/note`` and ``sumdb/tlog`` read them, and theirs as we do.

The peer is made of Debian's packages; its version is 0.7.0. It rebuilds each tree from the entries, compares every tile,
and makes its own proofs.
"""

from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, SignatureError, TrustError
from skycommons.governance.checkpoint import parse_checkpoint
from skycommons.governance.merkle import (
    Frontier,
    Node,
    consistency_nodes,
    consistency_proof,
    consistency_result,
    inclusion_proof,
    inclusion_result,
    leaf_hash,
    nodes_in_memory,
)
from skycommons.governance.note_keys import parse_vkey
from skycommons.governance.notes import Note, open_note, parse_note
from skycommons.governance.tiles import (
    TILE_LEVELS,
    TILE_WIDTH,
    Tile,
    bundles_between,
    nodes_in_tiles,
    parse_bundle,
    parse_path,
    parse_tile,
    tiles_of,
)
from tests.support.go_peer import GoPeer, build
from tests.support.log_folders import entries, head_at, note_at, reader, write_log
from tests.support.logs import LOG, WITNESS
from tests.support.programs import needed

EXHAUSTIVE = 257
LARGE = (511, 512, 65_535, 65_536, 65_537, 70_000)
VKEY = LOG.verifier.vkey


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoPeer]:
    """The peer, compiled and running."""
    program = build(needed("go"), tmp_path_factory.mktemp("go") / "peer")
    with GoPeer(program) as running:
        yield running


def opened(peer: GoPeer, folder: Path) -> str:
    """What the peer says against a log folder; nothing if all of it is right."""
    return str(peer.ask({"kind": "open", "folder": str(folder), "keys": [VKEY]})["fault"])


# ------------------------------------------------------------------------------------------------- whole logs


@pytest.mark.parametrize("size", [*LARGE, 0, 1, 2, 255, 256, 257])
def test_a_log_folder_is_read_by_the_peer(peer: GoPeer, tmp_path: Path, size: int) -> None:
    """Signature, root from tiles, every tile from entries, and both make the same proofs."""
    answer = peer.ask({"kind": "open", "folder": str(write_log(tmp_path, size)), "keys": [VKEY]})
    assert (answer["fault"], answer["size"]) == ("", size)
    indexes = sorted({index for index in (0, 1, size // 3, size // 2, size - 2, size - 1) if 0 <= index < size})
    olds = sorted({old for old in (1, 2, size // 2, 255, 256, 257, 65_536, size - 1, size) if 1 <= old <= size})
    peer.send([{"kind": "prove-inclusion", "index": index} for index in indexes])
    for index, theirs in zip(indexes, peer.receive(len(indexes)), strict=True):
        assert hashes(theirs) == inclusion_proof(reader(), index=index, size=size)
    peer.send([{"kind": "prove-consistency", "old": old} for old in olds])
    for old, theirs in zip(olds, peer.receive(len(olds)), strict=True):
        assert hashes(theirs) == consistency_proof(reader(), old=old, new=size)


def test_every_small_log_is_read_by_the_peer(peer: GoPeer, tmp_path: Path) -> None:
    """Sizes 0 to 257, and in each a proof of every entry and from every earlier size, theirs and ours the same."""
    for size in range(EXHAUSTIVE + 1):
        assert opened(peer, write_log(tmp_path / str(size), size)) == ""
        peer.send([{"kind": "prove-inclusion", "index": index} for index in range(size)])
        for index, theirs in enumerate(peer.receive(size)):
            assert hashes(theirs) == inclusion_proof(reader(), index=index, size=size)
        peer.send([{"kind": "prove-consistency", "old": old} for old in range(1, size + 1)])
        for old, theirs in enumerate(peer.receive(size), 1):
            assert hashes(theirs) == consistency_proof(reader(), old=old, new=size)


def hashes(answer: dict[str, object]) -> tuple[bytes, ...]:
    """The proof that the peer made."""
    assert answer["fault"] == ""
    proof = answer.get("proof", [])
    assert isinstance(proof, list)
    return tuple(b64decode(value) for value in proof)


@pytest.mark.parametrize("size", [1, 2, 7, 257, 600])
def test_a_flipped_bit_anywhere_is_refused_by_both(peer: GoPeer, tmp_path: Path, size: int) -> None:
    """In every file of the log, at its beginning, in its middle and at its end."""
    folder = write_log(tmp_path, size)
    assert opened(peer, folder) == ""
    assert is_whole(folder)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        good = path.read_bytes()
        for place in sorted({0, len(good) // 2, len(good) - 1}):
            path.write_bytes(good[:place] + bytes([good[place] ^ 1 << place % 7]) + good[place + 1 :])
            assert opened(peer, folder), f"{path.name}, byte {place}"
            assert not is_whole(folder), f"{path.name}, byte {place}"
        path.write_bytes(good)


def is_whole(folder: Path) -> bool:
    """Whether a log folder is what its checkpoint says: the same check as the peer's, by our own means."""
    try:
        note = open_note(parse_note((folder / "checkpoint").read_bytes()), [LOG.verifier])
        head = parse_checkpoint(note.text)
        found: list[bytes] = []
        for bundle in bundles_between(0, head.size):
            found += parse_bundle((folder / bundle.path).read_bytes(), bundle)
        leaves = [leaf_hash(entry) for entry in found]
        if Frontier.of(leaves).root != head.root:
            return False
        read = nodes_in_memory(leaves)
        for tile in tiles_of(head.size):
            have = parse_tile((folder / tile.path).read_bytes(), tile)
            first = tile.index * TILE_WIDTH
            if list(have) != [read(Node(TILE_LEVELS * tile.level, first + place)) for place in range(tile.width)]:
                return False
    except (FormatError, TrustError, OSError):
        return False
    return True


def test_tiles_are_enough_for_a_proof(peer: GoPeer, tmp_path: Path) -> None:
    """A reader of tiles alone makes the proofs that the peer makes."""
    size = 65_537
    folder = write_log(tmp_path, size)
    assert opened(peer, folder) == ""

    def fetch(tile: Tile) -> bytes:
        return (folder / tile.path).read_bytes()

    read = nodes_in_tiles(fetch, size)
    for index in (0, 255, 256, 65_535, 65_536):
        theirs = hashes(peer.ask({"kind": "prove-inclusion", "index": index}))
        assert inclusion_proof(read, index=index, size=size) == theirs


# ------------------------------------------------------------------------------------------------ single proofs


@pytest.mark.parametrize("size", [1, 2, 3, 8, 100, 257, 65_537])
def test_a_corrupted_proof_is_refused_by_both(peer: GoPeer, size: int) -> None:
    """One bit of any hash, one hash more, one less, another index, another size."""
    index, root, leaf = size // 2, head_at(size).root, leaf_hash(entries()[size // 2])
    proof = inclusion_proof(reader(), index=index, size=size)
    flipped = [(*proof[:n], flip(proof[n], n), *proof[n + 1 :]) for n in range(len(proof))]
    tried = [proof, *flipped, (*proof, root), (root, *proof), proof[:-1], proof[1:], proof[::-1]]
    cases = [(index, size, one) for one in tried]
    cases += [(index + 1, size, proof), (index, size + 1, proof), (-1, size, proof)]
    for place, count, hashes_ in cases:
        ours = inclusion_result(leaf, index=place, size=count, proof=hashes_, root=root)
        theirs = peer.ask(
            {"kind": "inclusion", "leaf": leaf, "index": place, "size": count, "root": root, "proof": hashes_}
        )
        assert bool(ours) == (theirs["fault"] == ""), (place, count, ours.fault, theirs)
    assert inclusion_result(leaf, index=index, size=size, proof=proof, root=root)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (1, 1), (1, 2), (4, 8), (6, 8), (7, 8), (255, 257), (65_536, 65_537)])
def test_a_corrupted_proof_of_growth_is_refused_by_both(peer: GoPeer, old: int, new: int) -> None:
    """From the empty log nothing is proved, for either."""
    before, root = head_at(old).root, head_at(new).root
    proof = consistency_proof(reader(), old=old, new=new)
    flipped = [(*proof[:n], flip(proof[n], n), *proof[n + 1 :]) for n in range(len(proof))]
    tried = [proof, *flipped, (*proof, root), (before, *proof), proof[:-1], proof[1:]]
    verdicts = []
    for one in tried:
        ours = consistency_result(old=old, new=new, proof=one, old_root=before, new_root=root)
        theirs = peer.ask(
            {"kind": "consistency", "old": old, "size": new, "before": before, "root": root, "proof": one}
        )
        assert bool(ours) == (theirs["fault"] == ""), (old, new, ours.fault, theirs)
        verdicts.append(bool(ours))
    assert verdicts[0] == (old > 0)
    assert len(consistency_nodes(old, new)) == len(proof)


def flip(value: bytes, bit: int) -> bytes:
    """A hash with one bit turned."""
    return bytes([value[0] ^ 1 << bit % 8]) + value[1:]


# ------------------------------------------------------------------------------------------------ notes and keys


def test_notes_that_the_peer_signs_are_ours(peer: GoPeer) -> None:
    """From one secret both make the same bytes."""
    text = head_at(9).text
    answer = peer.ask({"kind": "sign", "key": LOG.secret_text, "text": text.encode()})
    signed = b64decode(answer["text"])
    assert signed == Note(text=text, signatures=(LOG.sign(text),)).encode()
    assert open_note(parse_note(signed), [LOG.verifier]).text == text


MANGLED_KEYS = {
    "empty": "",
    "one part": VKEY.split("+")[0],
    "no key": "+".join(VKEY.split("+")[:2]),
    "no name": "+" + VKEY.split("+", 1)[1],
    "another name": "x" + VKEY,
    "a space in the name": "a " + VKEY,
    "another id": VKEY.replace("+", "+0", 1),
    "a short id": VKEY.replace(VKEY.split("+")[1], VKEY.split("+")[1][:-1]),
    "id of another key": VKEY.replace(VKEY.split("+")[1], WITNESS.verifier.vkey.split("+")[1]),
    "a key that is cut off": VKEY[:-4],
    "a key that goes on": VKEY + "AAAA",
    "another alphabet": VKEY[:-3] + "-_=",
    "no padding": VKEY.rstrip("=") + "=",
    "a kind that is not known": VKEY.rsplit("+", 1)[0] + "+Cf" + VKEY.rsplit("+", 1)[1][2:],
}


@pytest.mark.parametrize("name", MANGLED_KEYS)
def test_a_mangled_key_is_refused_by_both(peer: GoPeer, name: str) -> None:
    """Before it is used for anything."""
    key = MANGLED_KEYS[name]
    answer = peer.ask({"kind": "note", "text": note_at(3).encode(), "keys": [key]})
    assert answer["fault"].startswith("key")
    with pytest.raises(FormatError):
        parse_vkey(key)


GOOD = note_at(5).encode().decode()
TEXT, BLOCK = GOOD.split("\n\n")
FIRST, SECOND = BLOCK.splitlines()
DASH, NAME, B64 = FIRST.split(" ")

MANGLED_NOTES = {
    "another text": GOOD.replace("\n5\n", "\n6\n"),
    "no empty line": f"{TEXT}\n{BLOCK}",
    "no signatures": f"{TEXT}\n\n",
    "no newline at the end": GOOD[:-1],
    "a hyphen for the dash": GOOD.replace("\u2014", "-"),
    "two spaces": GOOD.replace(f" {NAME} ", f"  {NAME} "),
    "no name": GOOD.replace(f"{DASH} {NAME} ", f"{DASH} "),
    "a plus in the name": GOOD.replace(f"{DASH} {NAME} ", f"{DASH} {NAME}+ "),
    "a signature of three bytes": f"{TEXT}\n\n{DASH} {NAME} AAAA\n",
    "not base64": GOOD.replace(B64, B64[:-2] + "!="),
    "a control character": GOOD.replace(TEXT[0], "\t", 1),
    "not UTF-8": GOOD.replace(TEXT[0], "\udcff", 1),
    "one bit of the signature": GOOD.replace(B64, B64[:40] + ("A" if B64[40] != "A" else "B") + B64[41:]),
    "one bit of the key id": GOOD.replace(B64, ("A" if B64[0] != "A" else "B") + B64[1:]),
    "an empty line more": GOOD + "\n",
    "a line more below": GOOD + "more\n",
    "101 signatures": f"{TEXT}\n\n" + f"{SECOND}\n" * 101,
    "only a stranger": f"{TEXT}\n\n{SECOND}\n",
}


@pytest.mark.parametrize("name", MANGLED_NOTES)
def test_a_mangled_note_is_refused_by_both(peer: GoPeer, name: str) -> None:
    """In its text, its form, its signatures."""
    data = MANGLED_NOTES[name].encode("utf-8", "surrogateescape")
    assert peer.ask({"kind": "note", "text": data, "keys": [VKEY]})["fault"]
    with pytest.raises((FormatError, SignatureError)):
        open_note(parse_note(data), [LOG.verifier])


def test_unknown_signatures_are_passed_over_by_both(peer: GoPeer) -> None:
    """Among them those of kinds that the peer has never heard of."""
    data = note_at(5).encode()
    answer = peer.ask({"kind": "note", "text": data, "keys": [VKEY]})
    result = open_note(parse_note(data), [LOG.verifier])
    assert (answer["fault"], answer["signers"]) == ("", ["+".join(VKEY.split("+")[:2])])
    assert [len(result.verified), len(result.unknown)] == [1, 1]


# -------------------------------------------------------------------------------------------------------- paths


@pytest.mark.parametrize("index", [0, 1, 999, 1000, 1_234_067, 999_999_999, 2**62])
@pytest.mark.parametrize("width", [1, 17, 255, 256])
def test_paths_are_read_by_the_peer(peer: GoPeer, index: int, width: int) -> None:
    """Level, index and width come out as they went in."""
    for level in (0, 1, 7, 63):
        path = Tile(level, index, width).path
        answer = peer.ask({"kind": "path", "path": path})
        assert (answer["fault"], answer["level"], answer["index"], answer["width"]) == ("", level, index, width)
        assert parse_path(path) == Tile(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        *("", "tile", "tile/", "tile/0", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/-1/000"),
        *("tile/0/x000/001", "tile/0/001/000", "tile/0/x001/000/", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0"),
        *("tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/-1", "tile/0/000.p/1/", "/tile/0/000", "tile/data/000"),
        *("tile/0/x1/000", "tile/a/000", "tile/0/00a", "tile/0/+01", "tile/0/000.p/+1", "tile//000", "tile/0//000"),
        *("tile/entries/0", "tile/entries", "tile/0/../000", "tile/0/x999/x999/x999/x999/x999/x999/x999/999"),
        "tile/0/\u0660\u0660\u0660",
    ],
)
def test_no_other_path_is_read_by_either(peer: GoPeer, path: str) -> None:
    """Each place has one path."""
    assert peer.ask({"kind": "path", "path": path})["fault"]
    with pytest.raises(FormatError):
        parse_path(path)


# --------------------------------------------------------------------------------------------- known differences


def test_the_peer_takes_more_than_we_do(peer: GoPeer) -> None:
    """Where C2SP leaves no choice or a reader could be led astray; all of it stands in scripts/differential.py."""
    again = FIRST.replace(B64, B64[:-4] + "AAA=")
    twice = f"{TEXT}\n\n{FIRST}\n{again}\n".encode()  # the peer looks at a key's first signature alone
    assert peer.ask({"kind": "note", "text": twice, "keys": [VKEY]})["fault"] == ""
    with pytest.raises(SignatureError):
        open_note(parse_note(twice), [LOG.verifier])
    assert peer.ask({"kind": "path", "path": "tile/64/000"})["fault"] == ""  # C2SP: levels are 0 to 63
    with pytest.raises(FormatError):
        parse_path("tile/64/000")


def test_the_root_of_nothing_is_that_of_the_rfc(peer: GoPeer, tmp_path: Path) -> None:
    """Go's library has zeros there; our program of it says what RFC 6962 says."""
    assert peer.ask({"kind": "open", "folder": str(write_log(tmp_path, 0)), "keys": [VKEY]})["fault"] == ""
    assert head_at(0).root == sha256(b"").digest()
