"""A small log with a witness of each kind, made of fixed seeds: its keys, heads, proofs and a policy that trusts it."""

from typing import Final

from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.merkle import inclusion_proof, leaf_hash, nodes_in_memory, root_of
from skycommons.governance.notes import Note
from skycommons.governance.proofs import LogProof
from skycommons.governance.signers import Ed25519CosignerKey, Ed25519Signer, MlDsa44CosignerKey

ORIGIN: Final = "log.example/small"
TIME_S: Final = 1_764_000_000

LOG: Final = Ed25519Signer(ORIGIN, b"\x11" * 32)
LOG_ML_DSA: Final = MlDsa44CosignerKey(ORIGIN, b"\x12" * 32)
WITNESS: Final = Ed25519CosignerKey("witness.example/w1", b"\x22" * 32)
WITNESS_ML_DSA: Final = MlDsa44CosignerKey("witness.example/w2", b"\x33" * 32)
STRANGER: Final = Ed25519CosignerKey("stranger.example", b"\x44" * 32)

POLICY: Final = f"""\
# one log, two witnesses, both needed
log {LOG.verifier.vkey} https://log.example/small
witness w1 {WITNESS.verifier.vkey}
witness w2 {WITNESS_ML_DSA.verifier.vkey} https://witness.example/w2
group both all w1 w2
quorum both
"""


def entries_of(size: int) -> list[bytes]:
    """Entries that all differ."""
    return [f'{{"i":{index}}}'.encode() for index in range(size)]


def leaves_of(size: int) -> list[bytes]:
    """Their hashes."""
    return [leaf_hash(entry) for entry in entries_of(size)]


def head_of(size: int, origin: str = ORIGIN) -> Checkpoint:
    """The head of the log with so many entries."""
    return Checkpoint(origin=origin, size=size, root=root_of(leaves_of(size)))


def signed_head(size: int) -> Note:
    """The head with the log's signature."""
    head = head_of(size)
    return Note(text=head.text, signatures=(LOG.sign(head.text),))


def witnessed_head(size: int) -> Note:
    """The head with the log's signature and both witnesses'."""
    head = head_of(size)
    return signed_head(size).with_signatures(
        WITNESS.cosign(head, time_s=TIME_S), WITNESS_ML_DSA.cosign(head, time_s=TIME_S + 1)
    )


def proof_of(index: int, size: int) -> LogProof:
    """The proof of one entry."""
    hashes = inclusion_proof(nodes_in_memory(leaves_of(size)), index=index, size=size)
    return LogProof(index=index, hashes=hashes, note=witnessed_head(size))
