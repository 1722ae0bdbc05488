"""The log's formats under random input: what is written is read, what is read is written the same, nothing else is read."""

import json
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.errors import FormatError
from skycommons.governance.add_checkpoint import AddCheckpoint, Answer, judge, parse_request, read_conflict
from skycommons.governance.canonical import MAX_INTEGER, Json, canonical_bytes, parse_canonical
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.merkle import (
    Frontier,
    consistency_proof,
    consistency_result,
    inclusion_proof,
    inclusion_result,
    nodes_in_memory,
    root_of,
)
from skycommons.governance.note_keys import Verifier, parse_vkey
from skycommons.governance.notes import note_result, parse_note, parse_signatures
from skycommons.governance.proofs import LogProof, parse_proof, proof_result
from skycommons.governance.signers import parse_secret
from skycommons.governance.tiles import Bundle, Tile, encode_bundle, parse_bundle, parse_path, parse_tile
from skycommons.governance.witness_policy import parse_policy
from tests.support.logs import (
    LOG,
    ORIGIN,
    POLICY,
    WITNESS,
    WITNESS_ML_DSA,
    head_of,
    leaves_of,
    proof_of,
    signed_head,
    witnessed_head,
)

LEAVES = leaves_of(300)
READ = nodes_in_memory(LEAVES)
TRUSTED = parse_policy(POLICY.encode())
PROOF = proof_of(4, 11).encode()
REQUEST = AddCheckpoint(old=3, proof=consistency_proof(READ, old=3, new=9), note=signed_head(9)).encode()

documents: st.SearchStrategy[Json] = st.recursive(
    st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
hashes = st.binary(min_size=32, max_size=32)


def plain_canonical(value: Json) -> str:
    """RFC 8785 a second time, without the library: only what a document may hold."""
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{plain_canonical(key)}:{plain_canonical(item)}" for key, item in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(plain_canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@given(documents)
def test_documents_are_read_as_they_were_written(value: Json) -> None:
    """And two writers agree on every byte."""
    data = canonical_bytes(value)
    assert data == plain_canonical(value).encode()
    assert parse_canonical(data) == value


@given(documents)
def test_no_other_spelling_of_a_document_is_read(value: Json) -> None:
    """Python's own JSON with spaces and escapes is another one, unless it is the same."""
    data = canonical_bytes(value)
    for other in (json.dumps(value).encode(), json.dumps(value, indent=1).encode(), data + b"\n"):
        if other != data:
            with pytest.raises(FormatError):
                parse_canonical(other)


@given(lines, st.integers(0, 2**63 - 1), hashes, st.lists(lines, max_size=3))
def test_checkpoints_are_read_as_they_were_written(origin: str, size: int, root: bytes, more: list[str]) -> None:
    """Any origin that is one line."""
    head = Checkpoint(origin=origin, size=size, root=root, extensions=tuple(more))
    assert parse_checkpoint(head.text) == head


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_bundles_are_read_as_they_were_written(entries: list[bytes]) -> None:
    """Entry by entry."""
    assert parse_bundle(encode_bundle(entries), Bundle(0, len(entries))) == tuple(entries)


@given(st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_paths_are_read_as_they_were_written(level: int, index: int, width: int) -> None:
    """Tiles and bundles."""
    assert parse_path(Tile(level, index, width).path) == Tile(level, index, width)
    assert parse_path(Bundle(index, width).path) == Bundle(index, width)


@given(st.lists(hashes, max_size=70), st.data())
def test_logs_of_any_leaves_prove_what_they_hold(leaves: list[bytes], data: st.DataObject) -> None:
    """Appending one by one gives the same root; proofs hold; a log that changed one leaf cannot prove that it grew."""
    read, size = nodes_in_memory(leaves), len(leaves)
    assert Frontier.read(read, size).root == root_of(leaves)
    if not leaves:
        return
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = inclusion_proof(read, index=index, size=size)
    assert inclusion_result(leaves[index], index=index, size=size, proof=proof, root=root_of(leaves))
    changed = [*leaves]
    changed[data.draw(st.integers(0, old - 1))] = bytes(32)
    if changed != leaves:
        grown = consistency_proof(nodes_in_memory(changed), old=old, new=size)
        assert not consistency_result(
            old=old, new=size, proof=grown, old_root=root_of(leaves[:old]), new_root=root_of(changed)
        )


@given(st.integers(1, 300), st.data())
def test_hashes_from_nowhere_prove_nothing(size: int, data: st.DataObject) -> None:
    """Whatever their number."""
    index, old = data.draw(st.integers(-2, size + 2)), data.draw(st.integers(-2, size + 2))
    false = data.draw(st.lists(hashes, min_size=1, max_size=12))
    root = Frontier.read(READ, size).root
    assert not inclusion_result(LEAVES[0], index=index, size=size, proof=false, root=root)
    old_root = Frontier.read(READ, max(0, min(old, size))).root
    assert not consistency_result(old=old, new=size, proof=false, old_root=old_root, new_root=root)


@given(st.integers(0, len(PROOF) * 8 - 1))
def test_a_proof_with_one_bit_flipped_is_refused(bit: int) -> None:
    """Wherever the bit stands: it is no proof any more, or it proves nothing."""
    flipped = bytearray(PROOF)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        report = proof_result(parse_proof(bytes(flipped)), TRUSTED, leaf=LEAVES[4])
    except FormatError:
        return
    assert not report


@given(st.integers(0, len(REQUEST) * 8 - 1))
def test_a_request_with_one_bit_flipped_is_refused(bit: int) -> None:
    """A witness signs nothing that the log did not."""
    flipped = bytearray(REQUEST)
    flipped[bit // 8] ^= 1 << bit % 8
    found = judge(bytes(flipped), trusted={ORIGIN: [LOG.verifier]}, latest=lambda _: head_of(3))
    assert isinstance(found, Answer)
    assert found.status in {400, 403, 404, 409, 422}


def text_reader(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """A reader of text, fed with bytes of any kind."""
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


Reader: TypeAlias = Callable[[bytes], object]
READERS: dict[str, tuple[Reader, bytes]] = {
    "canonical": (parse_canonical, canonical_bytes({"a": [1, "b", True], "é": {}})),
    "checkpoint": (text_reader(parse_checkpoint), head_of(5).text.encode()),
    "note": (parse_note, witnessed_head(5).encode()),
    "signatures": (text_reader(parse_signatures), LOG.sign("a\n").line.encode()),
    "vkey": (text_reader(parse_vkey), WITNESS.verifier.vkey.encode()),
    "secret": (text_reader(parse_secret), WITNESS.secret_text.encode()),
    "policy": (parse_policy, POLICY.encode()),
    "proof": (parse_proof, PROOF),
    "request": (parse_request, REQUEST),
    "conflict": (read_conflict, b"17\n"),
    "path": (text_reader(parse_path), b"tile/0/x001/234.p/5"),
    "bundle": (lambda data: parse_bundle(data, Bundle(0, 2)), encode_bundle([b"a", b"bc"])),
    "tile": (lambda data: parse_tile(data, Tile(0, 0, 2)), bytes(64)),
}


@pytest.mark.parametrize("name", sorted(READERS))
@given(noise=st.binary(max_size=60))
def test_readers_refuse_noise_with_their_own_error(name: str, noise: bytes) -> None:
    """Bytes that have nothing to do with the format."""
    read, _ = READERS[name]
    try:
        read(noise)
    except FormatError:
        return


@pytest.mark.parametrize("name", sorted(READERS))
@given(data=st.data())
def test_readers_refuse_what_was_tampered_with(name: str, data: st.DataObject) -> None:
    """A right text, cut, stretched and with bytes changed: an answer or their own error, never another."""
    read, good = READERS[name]
    read(good)
    begin = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(begin, len(good)))
    pieces = st.sampled_from(
        [b"", b"\n", b"\n\n", b" ", b"+", b"=", b"\xff", b"\x00", b"0", b"-", b"9" * 30, b"\xe2\x80\x94 "]
    )
    bad = good[:begin] + data.draw(pieces | st.binary(max_size=8)) + good[end:]
    try:
        read(bad)
    except FormatError:
        return


@pytest.mark.parametrize("place", [0, 1, 2])
@given(signature=st.binary(max_size=80))
def test_no_bytes_pass_for_a_signature(place: int, signature: bytes) -> None:
    """Of any length, under any key."""
    keys: list[Verifier] = [LOG.verifier, WITNESS.verifier, WITNESS_ML_DSA.verifier]
    assert not keys[place].is_valid(head_of(5).text, signature)


@given(st.sets(st.sampled_from([0, 1, 2])))
def test_notes_are_worth_their_right_signatures(chosen: set[int]) -> None:
    """Whoever else signed."""
    note = witnessed_head(5)
    keys: list[Verifier] = [LOG.verifier, WITNESS.verifier, WITNESS_ML_DSA.verifier]
    result = note_result(note, [keys[place] for place in sorted(chosen)])
    assert len(result.verified) == len(chosen)
    assert bool(result) == bool(chosen)
    assert isinstance(parse_proof(PROOF), LogProof)
