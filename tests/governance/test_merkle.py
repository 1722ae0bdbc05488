"""The tree of RFC 6962: roots, proofs, and what a wrong proof is told."""

from collections.abc import Sequence
from hashlib import sha256

import pytest

from skycommons.base.errors import FormatError, InputError, ProofError
from skycommons.governance.merkle import (
    Frontier,
    Node,
    consistency_nodes,
    consistency_proof,
    consistency_result,
    inclusion_nodes,
    inclusion_proof,
    inclusion_result,
    leaf_hash,
    node_hash,
    nodes_in_memory,
    perfect_nodes,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.support.logs import leaves_of

MOST = 300
LEAVES = leaves_of(MOST)
READ = nodes_in_memory(LEAVES)
ROOTS = [Frontier.read(READ, size).root for size in range(MOST + 1)]


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def plain_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*plain_path(m, leaves[:k]), plain_root(leaves[k:])]
    return [*plain_path(m - k, leaves[k:]), plain_root(leaves[:k])]


def plain_subproof(m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [plain_root(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m <= k:
        return [*plain_subproof(m, leaves[:k], whole=whole), plain_root(leaves[k:])]
    return [*plain_subproof(m - k, leaves[k:], whole=False), plain_root(leaves[:k])]


def test_leaves_and_nodes_are_told_apart() -> None:
    """By their first byte: 0 and 1."""
    assert leaf_hash(b"") == bytes.fromhex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    assert leaf_hash(bytes(64)) != node_hash(bytes(32), bytes(32))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 255, 256, 257, 300])
def test_roots_are_those_of_the_definition(size: int) -> None:
    """From leaves, from a stored tree, and appended one by one."""
    assert root_of(LEAVES[:size]) == ROOTS[size] == plain_root(LEAVES[:size])
    assert Frontier.read(READ, size) == Frontier.of(LEAVES[:size])


@pytest.mark.parametrize("size", [*range(1, 18), 63, 64, 65])
def test_proofs_are_those_of_the_definition(size: int) -> None:
    """For every entry and every earlier size."""
    leaves = LEAVES[:size]
    for index in range(size):
        assert list(inclusion_proof(READ, index=index, size=size)) == plain_path(index, leaves)
    for old in range(1, size + 1):
        assert list(consistency_proof(READ, old=old, new=size)) == plain_subproof(old, leaves, whole=True)
    assert consistency_proof(READ, old=0, new=size) == ()


@pytest.mark.parametrize("part", range(4))
def test_every_proof_holds_up_to_300(part: int) -> None:
    """Every entry of every size."""
    for size in range(1 + part, MOST + 1, 4):
        for index in range(size):
            proof = inclusion_proof(READ, index=index, size=size)
            assert inclusion_result(LEAVES[index], index=index, size=size, proof=proof, root=ROOTS[size])


@pytest.mark.parametrize("part", range(4))
def test_every_growth_holds_up_to_300(part: int) -> None:
    """Every pair of sizes."""
    for new in range(1 + part, MOST + 1, 4):
        for old in range(1, new + 1):
            proof = consistency_proof(READ, old=old, new=new)
            assert consistency_result(old=old, new=new, proof=proof, old_root=ROOTS[old], new_root=ROOTS[new])


@pytest.mark.parametrize("size", [2, 3, 7, 8, 13])
def test_a_proof_holds_for_nothing_else(size: int) -> None:
    """Another entry, another index, another size, another root, fewer or more hashes, and each flipped bit."""
    for index in range(size):
        proof = inclusion_proof(READ, index=index, size=size)
        good = {"index": index, "size": size, "proof": proof, "root": ROOTS[size]}
        bad = [
            *({**good, "index": other} for other in range(-1, size + 2) if other != index),
            {**good, "size": index},
            *({**good, "root": root} for root in ROOTS[: size + 3] if root != ROOTS[size]),
            {**good, "proof": proof[:-1]},
            {**good, "proof": (*proof, proof[-1])},
            {**good, "proof": (proof[0][:31], *proof[1:])},
            *({**good, "proof": flipped} for flipped in flips(proof)),
        ]
        for wrong in bad:
            assert not inclusion_result(LEAVES[index], **wrong)  # type: ignore[arg-type]  # one of each kind
        assert not inclusion_result(LEAVES[index + 1], index=index, size=size, proof=proof, root=ROOTS[size])


@pytest.mark.parametrize("new", [2, 3, 7, 8, 13])
def test_a_growth_holds_for_nothing_else(new: int) -> None:
    """Another size, another root, fewer or more hashes, and each flipped bit."""
    for old in range(1, new):
        proof = consistency_proof(READ, old=old, new=new)
        good = {"old": old, "new": new, "proof": proof, "old_root": ROOTS[old], "new_root": ROOTS[new]}
        bad = [
            {**good, "old": 0},
            {**good, "old": new},
            {**good, "old": new + 1},
            *({**good, "old_root": root} for root in ROOTS[: new + 3] if root != ROOTS[old]),
            *({**good, "new_root": root} for root in ROOTS[: new + 3] if root != ROOTS[new]),
            {**good, "proof": proof[:-1]},
            {**good, "proof": ()},
            {**good, "proof": (*proof, proof[-1])},
            *({**good, "proof": flipped} for flipped in flips(proof)),
        ]
        for wrong in bad:
            assert not consistency_result(**wrong)  # type: ignore[arg-type]  # one of each kind


def flips(proof: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """A proof with one bit of one hash flipped, each in turn."""
    found = []
    for place, value in enumerate(proof):
        for bit in range(256):
            flipped = (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(32, "big")
            found.append((*proof[:place], flipped, *proof[place + 1 :]))
    return found


@pytest.mark.parametrize(
    ("old", "new", "hashes", "fault"),
    [
        (0, 0, 0, "nothing proves that a log grew from 0 to 0 entries"),
        (0, 5, 0, "nothing proves that a log grew from 0 to 5 entries"),
        (5, 4, 0, "nothing proves that a log grew from 5 to 4 entries"),
        (4, 4, 1, "trees of one size need no hashes"),
        (4, 5, 0, "the proof has no hashes"),
        (3, 5, 0, "the proof has no hashes"),
        (4, 8, 9, "the proof has more hashes than the tree has levels"),
        (3, 8, 1, "the proof ends below the root"),
        (4, 8, 1, "the proof leads to another new root"),
        (6, 8, 3, "the proof leads to another old root"),
    ],
)
def test_a_growth_that_is_refused_says_why(old: int, new: int, hashes: int, fault: str) -> None:
    """The empty tree first, before anything else."""
    verdict = consistency_result(old=old, new=new, proof=[bytes(32)] * hashes, old_root=ROOTS[old], new_root=ROOTS[new])
    assert verdict.fault == fault
    with pytest.raises(ProofError, match=f"from {old} to {new} entries: {fault}"):
        verify_consistency(old=old, new=new, proof=[bytes(32)] * hashes, old_root=ROOTS[old], new_root=ROOTS[new])


def test_two_roots_at_one_size_are_a_fork() -> None:
    """The same size and the same root are not."""
    same = consistency_result(old=4, new=4, proof=(), old_root=ROOTS[4], new_root=ROOTS[4])
    fork = consistency_result(old=4, new=4, proof=(), old_root=ROOTS[4], new_root=ROOTS[5])
    assert same
    assert fork.fault == "two trees of one size have different roots"
    verify_consistency(old=4, new=4, proof=(), old_root=ROOTS[4], new_root=ROOTS[4])


@pytest.mark.parametrize(
    ("index", "size", "hashes", "fault"),
    [
        (5, 5, 0, "a log of 5 entries has no entry 5"),
        (0, 0, 0, "a log of 0 entries has no entry 0"),
        (0, 1, 1, "the proof has more hashes than the tree has levels"),
        (0, 4, 1, "the proof ends below the root"),
        (0, 4, 2, "the proof leads to another root"),
    ],
)
def test_an_inclusion_that_is_refused_says_why(index: int, size: int, hashes: int, fault: str) -> None:
    """As evidence and as an error."""
    with pytest.raises(ProofError, match=f"entry {index} of {size}: {fault}"):
        verify_inclusion(LEAVES[0], index=index, size=size, proof=[bytes(32)] * hashes, root=ROOTS[size])


def test_what_is_no_hash_is_refused() -> None:
    """Lengths are part of the proof."""
    short = inclusion_result(b"", index=0, size=1, proof=(), root=ROOTS[1])
    assert short.fault == "a hash has 0 bytes instead of 32"
    assert not consistency_result(old=1, new=1, proof=(), old_root=b"", new_root=b"")


def test_one_entry_is_its_own_root() -> None:
    """Nothing to prove but equality."""
    verify_inclusion(LEAVES[0], index=0, size=1, proof=(), root=LEAVES[0])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    """Whoever asks for it made a mistake."""
    with pytest.raises(InputError, match="has no entry"):
        inclusion_nodes(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_a_log_does_not_shrink(old: int, new: int) -> None:
    """Nor does it begin below nothing."""
    with pytest.raises(InputError, match="does not grow"):
        consistency_nodes(old, new)


def test_nodes_cover_a_range_once() -> None:
    """From left to right, none larger than its place allows."""
    for begin in range(0, 40, 8):
        for end in range(begin, 48):
            covered = [
                leaf
                for level, place in perfect_nodes(begin, end)
                for leaf in range(place << level, (place + 1) << level)
            ]
            assert covered == list(range(begin, end))
    assert perfect_nodes(3, 8) == (Node(0, 3), Node(2, 1))


@pytest.mark.parametrize(
    ("size", "peaks"), [(1, ()), (0, (bytes(32),)), (-1, (bytes(32),)), (2, (bytes(31),)), (3, (bytes(32),))]
)
def test_a_frontier_fits_its_size(size: int, peaks: tuple[bytes, ...]) -> None:
    """One peak for each bit of the size."""
    with pytest.raises(FormatError, match="frontier"):
        Frontier(size=size, peaks=peaks)
