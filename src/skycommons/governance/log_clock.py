"""What time it is, as witnesses of the log swear: nobody's own clock can shorten a time-lock.

* A checkpoint of the log with cosignatures tells that its entries stood there at the times which the witnesses signed.
* ``latest_s`` is the earliest time by which a quorum had signed. It begins a waiting time: it is never before the truth, as long as
  fewer witnesses lie than a quorum has.
* ``earliest_s`` is the latest time from which on a quorum signed. It ends a waiting time: it is never after the truth.
* A cosignature without a time, or with one that no calendar has (after the year 9999), says nothing about time. A trust file without a quorum of witnesses has no clock.
"""

from dataclasses import dataclass

from skycommons.base.errors import QuorumError, SignatureError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.fields import MAX_TIME_S
from skycommons.governance.lines import printable
from skycommons.governance.notes import Note, note_result
from skycommons.governance.witness_policy import NO_QUORUM, WitnessPolicy, quorum_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedHead:
    """A head of the log that a quorum of witnesses saw.

    Attributes:
        head: Size and root.
        witnesses: Who signed, and when, in the order of the policy.
        latest_s: A quorum had signed by then; what begins, begins here.
        earliest_s: A quorum signed from then on; what ends, has ended if this is past its end.
    """

    head: Checkpoint
    witnesses: tuple[tuple[str, int], ...]
    latest_s: int
    earliest_s: int


def read_witnessed(note: Note, policy: WitnessPolicy, *, origin: str) -> WitnessedHead:
    """The head that a cosigned checkpoint tells, if it is to be believed.

    Args:
        note: The checkpoint with its signatures.
        policy: Whom to trust.
        origin: Which log it must be of.

    Raises:
        FormatError: The note is no checkpoint.
        SignatureError: A signature is wrong, or that of the log is missing.
        QuorumError: Too few witnesses signed with a time, or the policy asks for none.
    """
    head = parse_checkpoint(note.text)
    if head.origin != origin:
        raise SignatureError(f"the checkpoint is of {printable(head.origin)}, not of {printable(origin)}")
    signatures = note_result(note, policy.verifiers)
    if signatures.wrong:
        raise SignatureError(f"the signature of {printable(signatures.wrong[0].name)} is wrong")
    signed = {one.verifier.vkey: one.time_s for one in signatures.verified}
    if not any(log.verifier.vkey in signed for log in policy.logs if log.verifier.name == origin):
        raise SignatureError(f"no trusted key of {printable(origin)} signed the checkpoint")
    times = {one.name: signed.get(one.verifier.vkey) or 0 for one in policy.witnesses}
    stamped = tuple((name, time_s) for name, time_s in times.items() if 0 < time_s <= MAX_TIME_S)
    enough = policy.quorum_result(name for name, _ in stamped)
    if not enough:
        raise QuorumError(quorum_fault(enough))
    if policy.quorum == NO_QUORUM or not stamped:
        raise QuorumError(
            "the trust file asks for no witness, so nobody says what time it is; name a quorum of witnesses"
        )
    ordered = sorted(time_s for _, time_s in stamped)
    return WitnessedHead(
        head=head,
        witnesses=stamped,
        latest_s=next(t for t in ordered if policy.quorum_result(name for name, at in stamped if at <= t)),
        earliest_s=next(t for t in reversed(ordered) if policy.quorum_result(name for name, at in stamped if at >= t)),
    )
