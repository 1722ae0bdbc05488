"""Golden vectors of the log: published ones, and bytes that two foreign programs accepted."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import bytes_of, hash_of
from skycommons.governance.merkle import (
    Frontier,
    NodeReader,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    nodes_in_memory,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from skycommons.governance.note_keys import cosignature_message, parse_vkey, subtree_message
from skycommons.governance.notes import Note, open_note, parse_note
from skycommons.governance.signers import Ed25519CosignerKey, Ed25519Signer, parse_secret
from skycommons.governance.tiles import Tile, parse_path


@pytest.fixture(scope="module")
def vectors(shared_data: Path) -> Any:
    """The file of vectors."""
    path = shared_data / "log_vectors.json"
    if not path.exists():
        pytest.skip(f"no vectors at {path}")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def leaves(vectors: Any) -> list[bytes]:
    """Leaf hashes of the largest golden log."""
    most = max(one["size"] for one in vectors["golden"]["sizes"])
    return [leaf_hash(b'{"i":%d}' % index) for index in range(most)]


@pytest.fixture(scope="module")
def read(leaves: list[bytes]) -> NodeReader:
    """Nodes of the largest golden log."""
    return nodes_in_memory(leaves)


def test_roots_of_transparency_dev(vectors: Any) -> None:
    """Eight leaves and nine roots."""
    entries = [bytes.fromhex(entry) for entry in vectors["rfc6962"]["leaf_inputs_hex"]]
    hashes = [leaf_hash(entry) for entry in entries]
    assert [value.hex() for value in hashes] == vectors["rfc6962"]["leaf_hashes"]
    roots = [root_of(hashes[:size]).hex() for size in range(len(hashes) + 1)]
    assert roots == vectors["rfc6962"]["roots_by_size"]


def test_the_note_of_go(vectors: Any) -> None:
    """Key, secret key and signature of ``sumdb/note``, byte for byte."""
    note = vectors["note"]
    signer = parse_secret(note["skey"])
    assert isinstance(signer, Ed25519Signer)
    assert signer.secret_text == note["skey"]
    assert signer.verifier == parse_vkey(note["vkey"])
    signature = signer.sign(note["text"])
    assert signature.line == note["sigline"]
    whole = f"{note['text']}\n{note['sigline']}".encode()
    assert open_note(parse_note(whole), [signer.verifier]).text == note["text"]
    assert Note(text=note["text"], signatures=(signature,)).encode() == whole


def test_the_note_of_c2sp(vectors: Any) -> None:
    """The example of the specification."""
    example = vectors["note_c2sp"]
    assert open_note(parse_note(example["note"].encode()), [parse_vkey(example["vkey"])])


def test_the_paths_of_tiles(vectors: Any) -> None:
    """The examples of the specification."""
    for level, index, width, path in vectors["tile_paths"]["cases"]:
        assert Tile(level, index, width).path == path
        assert parse_path(path) == Tile(level, index, width)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 65535, 65536, 65537, 70000])
def test_golden_logs(vectors: Any, leaves: list[bytes], read: NodeReader, size: int) -> None:
    """Checkpoint, signatures and both proofs, made here and made there, are the same bytes."""
    golden = vectors["golden"]
    case = next(one for one in golden["sizes"] if one["size"] == size)
    log = Ed25519Signer(parse_vkey(golden["log_vkey"]).name, bytes.fromhex(golden["log_seed_hex"]))
    witness = Ed25519CosignerKey(parse_vkey(golden["witness_vkey"]).name, bytes.fromhex(golden["witness_seed_hex"]))
    assert (log.verifier.vkey, witness.verifier.vkey) == (golden["log_vkey"], golden["witness_vkey"])
    head = Checkpoint(origin=log.name, size=size, root=Frontier.read(read, size).root)
    cosignature = witness.cosign(head, time_s=golden["cosign_time"])
    note = Note(text=head.text, signatures=(log.sign(head.text), cosignature))
    assert note.encode() == case["checkpoint"].encode()
    result = open_note(parse_note(case["checkpoint"].encode()), [log.verifier, witness.verifier])
    assert parse_checkpoint(result.text) == head
    assert [one.time_s for one in result.verified] == [None, golden["cosign_time"]]
    if case.get("inclusion") is not None:
        proof = inclusion_proof(read, index=case["index"], size=size)
        assert [base64.b64encode(value).decode() for value in proof] == case["inclusion"]
        verify_inclusion(leaves[case["index"]], index=case["index"], size=size, proof=proof, root=head.root)
    if case.get("consistency") is not None and case["old"]:
        grown = consistency_proof(read, old=case["old"], new=size)
        assert [base64.b64encode(value).decode() for value in grown] == case["consistency"]
        old_root = hash_of(case["old_root"])
        assert old_root == Frontier.read(read, case["old"]).root
        verify_consistency(old=case["old"], new=size, proof=grown, old_root=old_root, new_root=head.root)


def test_what_ml_dsa_signs(vectors: Any, read: NodeReader) -> None:
    """The bytes of the structure, which the specification only describes."""
    golden = vectors["golden"]
    expected = bytes.fromhex(vectors["mldsa44_cosigned_message_hex"])
    size = int.from_bytes(expected[-40:-32], "big")
    head = Checkpoint(origin=parse_vkey(golden["log_vkey"]).name, size=size, root=Frontier.read(read, size).root)
    name = parse_vkey(golden["witness_vkey"]).name
    assert subtree_message(name, golden["cosign_time"], head) == expected
    assert cosignature_message("a\n", 7) == b"cosignature/v1\ntime 7\na\n"
    assert bytes_of("") == b""
