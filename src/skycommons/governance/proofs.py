"""One file that proves one entry of a log, without a network: a ``.tlog-proof``.

Three things have to hold, and each is judged for itself:

1. A log that is trusted signed the checkpoint, under the origin that the checkpoint names.
2. So many witnesses cosigned it as the policy asks for: nobody was shown another log.
3. The entry stands in the tree of the checkpoint, at the index that the file names.

* Without the entry the third is not judged, and the result says so.
* How old the checkpoint is, nobody can tell without a clock. The result names the times of the witnesses.
* The *extra* line is not signed by anybody.

Source: C2SP tlog-proof.
"""

from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import ProofError, QuorumError, SignatureError, TrustError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import (
    MAX_NUMBER,
    base64_of,
    bytes_of,
    decimal_of,
    hashes_of,
    malformed,
    printable,
    read_text,
)
from skycommons.governance.merkle import ProofVerdict, inclusion_result
from skycommons.governance.note_keys import Verifier
from skycommons.governance.notes import Note, NoteResult, Signed, note_result, parse_note
from skycommons.governance.witness_policy import QuorumResult, WitnessPolicy, quorum_fault

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_HASHES: Final = 63
MAX_BYTES: Final = 2_000_000

_EXTRA: Final = "extra "
_INDEX: Final = "index "


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """A proof as it stands in its file. Nothing of it has been checked.

    Attributes:
        index: Where the entry is said to stand, counted from 0.
        hashes: From the leaf's sibling upwards.
        note: The checkpoint with its signatures.
        extra: What an application adds; nobody signed it. ``None`` where there is no such line.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_NUMBER or len(self.hashes) > MAX_HASHES:
            raise malformed("proof", "index", f"must be a place in a log, followed by at most {MAX_HASHES} hashes")

    def encode(self) -> bytes:
        """The proof as the bytes of its file."""
        extra = [] if self.extra is None else [_EXTRA + base64_of(self.extra)]
        lines = [HEADER, *extra, f"{_INDEX}{self.index}", *map(base64_of, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.note.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofReport:
    """All that a proof shows to somebody who trusts a policy; true if nothing is refused.

    Attributes:
        checkpoint: The head of the log.
        index: Where the entry is said to stand.
        logs: Trusted keys of the log that signed it.
        witnesses: Names of the policy's witnesses that cosigned it, and when; one line a signature.
        quorum: Whether they are enough.
        inclusion: Whether the entry stands there; ``None`` if no entry was given.
        unknown: Names over signatures that nobody in the policy made.
        refusals: Everything that does not hold.
    """

    checkpoint: Checkpoint
    index: int
    logs: tuple[Verifier, ...]
    witnesses: tuple[tuple[str, int | None], ...]
    quorum: QuorumResult
    inclusion: ProofVerdict | None
    unknown: tuple[str, ...]
    refusals: tuple[TrustError, ...]

    def __bool__(self) -> bool:
        return not self.refusals


def parse_proof(data: bytes, *, source: str = "proof") -> LogProof:
    """A proof from the bytes of its file.

    Args:
        data: The whole file.
        source: What is read, for the error.

    Raises:
        FormatError: The bytes are no proof.
    """
    text = read_text(data, source=source, most_bytes=MAX_BYTES)
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines.pop(0) != HEADER:
        raise malformed(source, "line 1", f"must be {HEADER}")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = bytes_of(lines.pop(0).removeprefix(_EXTRA))
        if extra is None:
            raise malformed(source, "line 2", "must be extra and base64")
    number = 2 if extra is None else 3
    index = decimal_of(lines.pop(0).removeprefix(_INDEX)) if lines and lines[0].startswith(_INDEX) else None
    if index is None:
        raise malformed(source, f"line {number}", "must be index and the place of the entry in decimal")
    hashes = hashes_of(lines, source=source, first_line=number + 1)
    return LogProof(
        index=index, hashes=hashes, note=parse_note(note.encode(), source=f"{source}, checkpoint"), extra=extra
    )


def proof_result(proof: LogProof, policy: WitnessPolicy, *, leaf: bytes | None) -> ProofReport:
    """What a proof shows to somebody who trusts a policy.

    Args:
        proof: The proof.
        policy: Whom to trust.
        leaf: Leaf hash of the entry; ``None`` to judge the checkpoint alone.

    Raises:
        FormatError: What the proof carries is no checkpoint.
    """
    head = parse_checkpoint(proof.note.text)
    signatures = note_result(proof.note, policy.verifiers)
    logs = tuple(log.verifier for log in policy.logs if log.verifier.name == head.origin)
    signed = tuple(log for log in logs if any(one.verifier == log for one in signatures.verified))
    witnesses = _witnesses(policy, signatures.verified)
    quorum = policy.quorum_result(name for name, _ in witnesses)
    inclusion = None
    if leaf is not None:
        inclusion = inclusion_result(leaf, index=proof.index, size=head.size, proof=proof.hashes, root=head.root)
    return ProofReport(
        checkpoint=head,
        index=proof.index,
        logs=signed,
        witnesses=witnesses,
        quorum=quorum,
        inclusion=inclusion,
        unknown=tuple(signature.name for signature in signatures.unknown),
        refusals=(
            *_signature_refusals(signatures, head, is_known=bool(logs), is_signed=bool(signed)),
            *([] if quorum else [QuorumError(quorum_fault(quorum))]),
            *_place_refusals(proof, head, inclusion),
        ),
    )


def verify_proof(proof: LogProof, policy: WitnessPolicy, *, leaf: bytes | None) -> ProofReport:
    """`proof_result`, or an error.

    Raises:
        SignatureError: A signature is wrong, or the log's is missing.
        QuorumError: Too few witnesses cosigned.
        ProofError: The entry does not stand there.
        FormatError: What the proof carries is no checkpoint.
    """
    report = proof_result(proof, policy, leaf=leaf)
    if report.refusals:
        raise report.refusals[0]
    return report


def _witnesses(policy: WitnessPolicy, verified: tuple[Signed, ...]) -> tuple[tuple[str, int | None], ...]:
    """Who of the policy cosigned, and when."""
    return tuple(
        (witness.name, one.time_s)
        for witness in policy.witnesses
        for one in verified
        if one.verifier == witness.verifier
    )


def _signature_refusals(
    signatures: NoteResult, head: Checkpoint, *, is_known: bool, is_signed: bool
) -> list[TrustError]:
    """What is wrong with the signatures, witnesses' number apart."""
    found: list[TrustError] = [
        SignatureError(f"the signature of {printable(wrong.name)} is wrong") for wrong in signatures.wrong
    ]
    if not is_known:
        found.append(SignatureError(f"the policy trusts no log called {printable(head.origin)}"))
    elif not is_signed:
        found.append(SignatureError(f"no trusted key of {printable(head.origin)} signed the checkpoint"))
    return found


def _place_refusals(proof: LogProof, head: Checkpoint, inclusion: ProofVerdict | None) -> list[TrustError]:
    """What is wrong with the entry's place."""
    if inclusion is None:
        is_outside = proof.index >= head.size
        return [ProofError(f"a log of {head.size} entries has no entry {proof.index}")] if is_outside else []
    return [] if inclusion else [ProofError(f"entry {proof.index} of {head.size}: {inclusion.fault}")]
