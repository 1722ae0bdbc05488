"""What a witness is asked, and what it has to answer: the call ``add-checkpoint``.

* `judge` decides and changes nothing. A server that got an `Acceptance` first stores its checkpoint where the one that it was
  judged by still stands, in one step (compare and swap), then signs, then answers with `accepted_answer`. In any other order
  a witness could sign two logs.
* Judged in this order: form (400), origin (404), signature (403), old size above the new (400), old size that is not the
  one cosigned last (409, which tells that one), proof (422). A root that differs at the same size is 422 too.
* The answers to a caller who cannot be trusted tell nothing but the size that was cosigned last, which is public.

Source: C2SP tlog-witness v1.0.0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from skycommons.base.errors import FormatError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import base64_of, decimal_of, hashes_of, malformed, read_text
from skycommons.governance.merkle import EMPTY_ROOT, ProofVerdict, consistency_result
from skycommons.governance.note_keys import Verifier
from skycommons.governance.notes import Note, NoteSignature, note_result, parse_note, parse_signatures

SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
MAX_HASHES: Final = 63
MAX_BYTES: Final = 2_000_000

_OLD: Final = "old "
_SOURCE: Final = "add-checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request: please cosign this checkpoint.

    Attributes:
        old: Size of the checkpoint that the witness is believed to have cosigned last; 0 for none.
        proof: That the log has grown from there, and nothing else.
        note: The checkpoint with the log's signature.
    """

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def encode(self) -> bytes:
        """The body of the request."""
        lines = [f"{_OLD}{self.old}", *map(base64_of, self.proof), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.note.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back to the caller.

    Attributes:
        status: HTTP status.
        body: Bytes of the answer.
        content_type: What they are.
    """

    status: int
    body: bytes
    content_type: str = TEXT_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The checkpoint may be cosigned, if the stored one is still that of ``before``.

    Attributes:
        before: The checkpoint that was cosigned last; ``None`` for none.
        checkpoint: The one to store and to cosign.
        note: The same with the log's signature: evidence to keep.
    """

    before: Checkpoint | None
    checkpoint: Checkpoint
    note: Note


def parse_request(body: bytes) -> AddCheckpoint:
    """A request from its body.

    Raises:
        FormatError: The body is no request.
    """
    text = read_text(body, source=_SOURCE, most_bytes=MAX_BYTES)
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    old = decimal_of(first.removeprefix(_OLD)) if first.startswith(_OLD) else None
    if old is None:
        raise malformed(_SOURCE, "line 1", "must be old and a size in decimal")
    if len(lines) > MAX_HASHES:
        raise malformed(_SOURCE, "proof", f"has {len(lines)} hashes; at most {MAX_HASHES} are read")
    proof = hashes_of(lines, source=_SOURCE, first_line=2)
    return AddCheckpoint(old=old, proof=proof, note=parse_note(note.encode(), source="checkpoint"))


def judge(
    body: bytes, *, trusted: Mapping[str, Sequence[Verifier]], latest: Callable[[str], Checkpoint | None]
) -> Answer | Acceptance:
    """Decide about a request.

    Args:
        body: The body of the request.
        trusted: Keys of each log that is witnessed, by origin.
        latest: The checkpoint of an origin that was cosigned last; ``None`` for none.

    Returns:
        The answer of a refusal, or what may be stored and signed.
    """
    try:
        request = parse_request(body)
        head = parse_checkpoint(request.note.text)
    except FormatError as error:
        return _refusal(400, str(error))
    if head.origin not in trusted:
        return _refusal(404, "this log is not witnessed here")
    if not note_result(request.note, trusted[head.origin]):
        return _refusal(403, "the checkpoint is not signed by a trusted key of the log, or a signature is wrong")
    if request.old > head.size:
        return _refusal(400, "the old size is above that of the checkpoint")
    before = latest(head.origin)
    size = 0 if before is None else before.size
    if request.old != size:
        return Answer(status=409, body=f"{size}\n".encode(), content_type=SIZE_TYPE)
    verdict = _growth(request, head, before)
    if not verdict:
        return _refusal(422, verdict.fault)
    return Acceptance(before=before, checkpoint=head, note=request.note)


def accepted_answer(signatures: Sequence[NoteSignature]) -> Answer:
    """The answer once the checkpoint is stored and cosigned."""
    return Answer(status=200, body="".join(signature.line for signature in signatures).encode())


def read_cosignatures(body: bytes, note: Note, witnesses: Sequence[Verifier]) -> Note:
    """The note with those cosignatures of an answer under it that are of known witnesses and right.

    Args:
        body: Body of an answer with status 200.
        note: The checkpoint that was sent.
        witnesses: Keys that are expected to answer; what others signed is left out.

    Raises:
        FormatError: The body is not lines of signatures.
    """
    text = read_text(body, source="cosignatures", most_bytes=MAX_BYTES)
    found = parse_signatures(text, source="cosignatures")
    good = [one for one in found if note_result(Note(text=note.text, signatures=(one,)), witnesses)]
    return note.with_signatures(*good)


def read_conflict(body: bytes) -> int:
    """The size that a witness cosigned last, from an answer with status 409.

    Raises:
        FormatError: The body is no size.
    """
    text = read_text(body, source="conflict", most_bytes=MAX_BYTES)
    size = decimal_of(text.removesuffix("\n")) if text.endswith("\n") else None
    if size is None:
        raise malformed("conflict", "line 1", "must be a size in decimal, with its newline")
    return size


def _growth(request: AddCheckpoint, head: Checkpoint, before: Checkpoint | None) -> ProofVerdict:
    """Whether the log has grown, and nothing else."""
    if head.size == 0 and head.root != EMPTY_ROOT:
        return ProofVerdict(fault="an empty log has another root")
    if before is None or before.size == 0:
        return ProofVerdict(fault="from an empty log there is nothing to prove" if request.proof else "")
    return consistency_result(
        old=before.size, new=head.size, proof=request.proof, old_root=before.root, new_root=head.root
    )


def _refusal(status: int, message: str) -> Answer:
    """An answer that says why not."""
    return Answer(status=status, body=f"{message}\n".encode())
