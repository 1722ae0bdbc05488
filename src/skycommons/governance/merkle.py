"""The Merkle tree of RFC 6962 (RFC 9162 section 2.1) over SHA-256.

* Leaves and inner nodes are hashed with different first bytes, so that neither can pass for the other.
* A *node* is the root of a perfect subtree: ``Node(level, place)`` covers ``2**level`` leaves from
  ``place * 2**level`` on. A log stores nodes; a *reader* gives the hash of one. Proofs are made from a reader, so that they
  cost a few reads from a log of any size.
* A proof that is checked comes from somebody else: wrong lengths, wrong sizes and superfluous hashes are refused.

Source: RFC 9162, sections 2.1.1 to 2.1.4; names and algorithms as there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

from skycommons.base.errors import InputError, ProofError
from skycommons.governance.lines import HASH_BYTES, malformed

EMPTY_ROOT: Final = sha256(b"").digest()


class Node(NamedTuple):
    """A perfect subtree: ``2**level`` leaves from ``place * 2**level`` on."""

    level: int
    place: int


NodeReader: TypeAlias = Callable[[Node], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofVerdict:
    """Whether a proof holds; it is true if it does.

    Attributes:
        fault: Why it does not hold; empty if it does.
    """

    fault: str = ""

    def __bool__(self) -> bool:
        return not self.fault


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


# ------------------------------------------------------------------------------------------------------- the tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: all that is needed to append and to know the root.

    Attributes:
        size: Number of leaves.
        peaks: Roots of the perfect subtrees that the tree is made of, the largest first.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise malformed("frontier", "peaks", f"a tree of {self.size} leaves does not have {len(self.peaks)} peaks")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise malformed("frontier", "peaks", f"each must have {HASH_BYTES} bytes")

    @classmethod
    def of(cls, leaves: Sequence[bytes]) -> "Frontier":
        """The frontier of a tree with these leaf hashes."""
        frontier = cls()
        for leaf in leaves:
            frontier = frontier.append(leaf)
        return frontier

    @classmethod
    def read(cls, read: NodeReader, size: int) -> "Frontier":
        """The frontier of a tree that is stored."""
        return cls(size=size, peaks=tuple(read(node) for node in perfect_nodes(0, size)))

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier with one leaf hash more."""
        peaks, carry, size = list(self.peaks), leaf, self.size
        while size & 1:
            carry = node_hash(peaks.pop(), carry)
            size >>= 1
        return Frontier(size=self.size + 1, peaks=(*peaks, carry))

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return _joined(self.peaks) if self.peaks else EMPTY_ROOT


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree with these leaf hashes."""
    return Frontier.of(leaves).root


def nodes_in_memory(leaves: Sequence[bytes]) -> NodeReader:
    """A reader of all nodes of a tree with these leaf hashes."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[place], below[place + 1]) for place in range(0, len(below) - 1, 2)])
    return lambda node: levels[node.level][node.place]


def perfect_nodes(begin: int, end: int) -> tuple[Node, ...]:
    """The perfect subtrees that leaves from ``begin`` to ``end`` (excluded) are made of, from left to right.

    >>> perfect_nodes(0, 7)
    (Node(level=2, place=0), Node(level=1, place=2), Node(level=0, place=6))
    """
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        nodes.append(Node(level, begin >> level))
        begin += 1 << level
    return tuple(nodes)


# --------------------------------------------------------------------------------------------------- making proofs


def inclusion_nodes(index: int, size: int) -> tuple[tuple[Node, ...], ...]:
    """What a proof of inclusion is made of: for each of its hashes the nodes to read.

    Raises:
        InputError: There is no such leaf.
    """
    if not 0 <= index < size:
        raise InputError(f"a log of {size} entries has no entry {index}")
    begin, end, siblings = 0, size, []
    while end - begin > 1:
        split = begin + _left_part(end - begin)
        if index < split:
            siblings.append(perfect_nodes(split, end))
            end = split
        else:
            siblings.append(perfect_nodes(begin, split))
            begin = split
    return tuple(reversed(siblings))


def consistency_nodes(old: int, new: int) -> tuple[tuple[Node, ...], ...]:
    """What a proof of consistency is made of: for each of its hashes the nodes to read.

    Raises:
        InputError: The sizes are not those of an earlier and a later tree.
    """
    if not 0 <= old <= new:
        raise InputError(f"a log does not grow from {old} to {new} entries")
    if old == 0:
        return ()  # every tree begins with the empty one: there is nothing to prove
    begin, end, parts = 0, new, []
    while end != old:
        split = begin + _left_part(end - begin)
        if old <= split:
            parts.append(perfect_nodes(split, end))
            end = split
        else:
            parts.append(perfect_nodes(begin, split))
            begin = split
    if begin:
        parts.append(perfect_nodes(begin, end))
    return tuple(reversed(parts))


def inclusion_proof(read: NodeReader, *, index: int, size: int) -> tuple[bytes, ...]:
    """The hashes that lead from a leaf to the root, the leaf's sibling first.

    Raises:
        InputError: There is no such leaf.
    """
    return tuple(_joined([read(node) for node in nodes]) for nodes in inclusion_nodes(index, size))


def consistency_proof(read: NodeReader, *, old: int, new: int) -> tuple[bytes, ...]:
    """The hashes that show that the tree of ``new`` leaves begins with that of ``old`` leaves.

    Raises:
        InputError: The sizes are not those of an earlier and a later tree.
    """
    return tuple(_joined([read(node) for node in nodes]) for nodes in consistency_nodes(old, new))


def _left_part(count: int) -> int:
    """The largest power of two below a count of at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _joined(hashes: Sequence[bytes]) -> bytes:
    """The hash over perfect subtrees side by side, the largest first."""
    joined = hashes[-1]
    for left in reversed(hashes[:-1]):
        joined = node_hash(left, joined)
    return joined


# ------------------------------------------------------------------------------------------------- checking proofs


def inclusion_result(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> ProofVerdict:
    """Whether a leaf stands at an index of the tree with this size and root.

    Args:
        leaf: Leaf hash.
        index: Counted from 0.
        size: Number of leaves of the tree.
        proof: Hashes from the leaf's sibling upwards.
        root: Root of the tree.

    Source: RFC 9162, section 2.1.3.2.
    """
    if fault := _length_fault(leaf, root, *proof):
        return ProofVerdict(fault=fault)
    if not 0 <= index < size:
        return ProofVerdict(fault=f"a log of {size} entries has no entry {index}")
    place, last, running = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return ProofVerdict(fault="the proof has more hashes than the tree has levels")
        if place & 1 or place == last:
            running = node_hash(sibling, running)
            place, last = _climbed(place, last)
        else:
            running = node_hash(running, sibling)
        place, last = place >> 1, last >> 1
    if last:
        return ProofVerdict(fault="the proof ends below the root")
    if running != root:
        return ProofVerdict(fault="the proof leads to another root")
    return ProofVerdict()


def consistency_result(*, old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> ProofVerdict:
    """Whether the tree of ``new`` leaves begins with that of ``old`` leaves.

    An empty old tree is refused: it is the beginning of every tree, so nothing could be proved by it.

    Source: RFC 9162, section 2.1.4.2.
    """
    if fault := _length_fault(old_root, new_root, *proof):
        return ProofVerdict(fault=fault)
    if not 0 < old <= new:
        return ProofVerdict(fault=f"nothing proves that a log grew from {old} to {new} entries")
    if old == new:
        if proof:
            return ProofVerdict(fault="trees of one size need no hashes")
        return ProofVerdict(fault="" if old_root == new_root else "two trees of one size have different roots")
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not proof:
        return ProofVerdict(fault="the proof has no hashes")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_running = new_running = path[0]
    for part in path[1:]:
        if last == 0:
            return ProofVerdict(fault="the proof has more hashes than the tree has levels")
        if place & 1 or place == last:
            old_running, new_running = node_hash(part, old_running), node_hash(part, new_running)
            place, last = _climbed(place, last)
        else:
            new_running = node_hash(new_running, part)
        place, last = place >> 1, last >> 1
    if last:
        return ProofVerdict(fault="the proof ends below the root")
    if old_running != old_root:
        return ProofVerdict(fault="the proof leads to another old root")
    return ProofVerdict(fault="" if new_running == new_root else "the proof leads to another new root")


def verify_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """`inclusion_result`, or an error.

    Raises:
        ProofError: The proof does not hold.
    """
    verdict = inclusion_result(leaf, index=index, size=size, proof=proof, root=root)
    if not verdict:
        raise ProofError(f"entry {index} of {size}: {verdict.fault}")


def verify_consistency(*, old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """`consistency_result`, or an error.

    Raises:
        ProofError: The proof does not hold.
    """
    verdict = consistency_result(old=old, new=new, proof=proof, old_root=old_root, new_root=new_root)
    if not verdict:
        raise ProofError(f"from {old} to {new} entries: {verdict.fault}")


def _climbed(place: int, last: int) -> tuple[int, int]:
    """The levels that a node at the right edge passes without a sibling."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _length_fault(*hashes: bytes) -> str:
    """Whether something is not a hash at all."""
    wrong = next((value for value in hashes if len(value) != HASH_BYTES), None)
    return "" if wrong is None else f"a hash has {len(wrong)} bytes instead of {HASH_BYTES}"
