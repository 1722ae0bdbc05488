"""A witness of the small log with both of its keys, a policy that names its address, and a log that can misbehave."""

from pathlib import Path

from skycommons.governance.add_checkpoint import AddCheckpoint
from skycommons.governance.merkle import consistency_proof, nodes_in_memory
from skycommons.governance.signers import Ed25519CosignerKey, MlDsa44CosignerKey
from skycommons.governance.witness_policy import WitnessPolicy, parse_policy
from skycommons.serve.witness_app import Witness
from skycommons.serve.witness_store import WitnessStore
from tests.support.logs import LOG, ORIGIN, TIME_S, leaves_of, signed_head

URL = "http://witness.example"
KEYS = (Ed25519CosignerKey("w", b"\x61" * 32), MlDsa44CosignerKey("w", b"\x62" * 32))


def witness_in(folder: Path, *, time_s: int = TIME_S) -> Witness:
    """A witness that watches the small log."""
    store = WitnessStore(folder, wait_s=10.0)
    return Witness(keys=KEYS, trusted={ORIGIN: [LOG.verifier]}, store=store, clock=lambda: time_s)


def policy_at(url: str = URL) -> WitnessPolicy:
    """Somebody who trusts the log and both keys of the witness at an address."""
    lines = [f"log {LOG.verifier.vkey}", *(f"witness w/{key.verifier.kind} {key.verifier.vkey} {url}" for key in KEYS)]
    return parse_policy("".join(f"{line}\n" for line in [*lines, "group w all w/4 w/6", "quorum w"]).encode())


def growth(old: int, new: int) -> bytes:
    """An honest request."""
    proof = consistency_proof(nodes_in_memory(leaves_of(new)), old=old, new=new) if new else ()
    return AddCheckpoint(old=old, proof=proof, note=signed_head(new)).encode()
