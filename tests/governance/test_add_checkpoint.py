"""What a witness answers, in every case that the protocol names."""

from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.add_checkpoint import (
    SIZE_TYPE,
    Acceptance,
    AddCheckpoint,
    Answer,
    accepted_answer,
    judge,
    parse_request,
    read_conflict,
    read_cosignatures,
)
from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.lines import base64_of
from skycommons.governance.merkle import consistency_proof, nodes_in_memory
from skycommons.governance.note_keys import Verifier
from skycommons.governance.notes import Note, note_result
from tests.support.logs import LOG, ORIGIN, STRANGER, TIME_S, WITNESS, WITNESS_ML_DSA, head_of, leaves_of, signed_head

READ = nodes_in_memory(leaves_of(20))


def request(old: int, new: int) -> AddCheckpoint:
    """A right one."""
    return AddCheckpoint(old=old, proof=consistency_proof(READ, old=old, new=new), note=signed_head(new))


def signed(head: Checkpoint) -> Note:
    """A head that the log signed, whatever it says."""
    return Note(text=head.text, signatures=(LOG.sign(head.text),))


def judged(body: bytes, latest: Checkpoint | None) -> Answer | Acceptance:
    """What a witness of this log says that cosigned this last."""
    asked: list[str] = []

    def stored(origin: str) -> Checkpoint | None:
        asked.append(origin)
        return latest

    found = judge(body, trusted={ORIGIN: [LOG.verifier]}, latest=stored)
    assert asked in ([], [ORIGIN])
    return found


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (0, 7), (1, 1), (1, 2), (7, 8), (8, 20), (13, 13)])
def test_growth_is_accepted(old: int, new: int) -> None:
    """And so is the same head again: a new time under it."""
    latest = head_of(old) if old else None
    found = judged(request(old, new).encode(), latest)
    assert found == Acceptance(before=latest, checkpoint=head_of(new), note=signed_head(new))


def test_growth_from_a_stored_empty_head_is_accepted() -> None:
    """It needs no proof, and must have none."""
    assert isinstance(judged(request(0, 5).encode(), head_of(0)), Acceptance)


@pytest.mark.parametrize(
    ("body", "latest", "status", "words"),
    [
        (b"", None, 400, "line 1: must be old"),
        (b"old 01\n\n", None, 400, "line 1: must be old"),
        (request(0, 5).encode().replace(b"old 0\n", b"old 0 \n"), None, 400, "line 1: must be old"),
        (request(0, 5).encode().replace(b"old 0\n", b"new 0\n"), None, 400, "line 1: must be old"),
        (b"old 0\nA\n\na\n", None, 400, "line 2: must be a SHA-256 hash"),
        (b"old 0\n" + ("A" * 43 + "=\n").encode() * 64 + b"\na\n", None, 400, "at most 63"),
        (b"old 0", None, 400, "must be followed by an empty line"),
        (request(0, 5).encode()[:-1], None, 400, "must be followed by an empty line"),
        (b"a" * 2_000_001, None, 400, "at most 2,000,000"),
        (replace(request(0, 5), note=Note(text="x\n", signatures=(LOG.sign("x\n"),))).encode(), None, 400, "origin"),
        (replace(request(0, 5), note=signed(head_of(5, "log.example/x"))).encode(), None, 404, "not witnessed here"),
        (
            replace(request(0, 5), note=replace(signed_head(5), text=head_of(6).text)).encode(),
            *(None, 403, "not signed by a trusted key"),
        ),
        (
            replace(
                request(0, 5),
                note=Note(text=head_of(5).text, signatures=(STRANGER.cosign(head_of(5), time_s=1),)),
            ).encode(),
            *(None, 403, "not signed by a trusted key"),
        ),
        (replace(request(0, 5), old=6).encode(), head_of(6), 400, "above that of the checkpoint"),
        (request(0, 5).encode(), head_of(3), 409, "3"),
        (request(3, 5).encode(), None, 409, "0"),
        (request(3, 5).encode(), head_of(4), 409, "4"),
        (request(3, 5).encode(), replace(head_of(3), root=bytes(32)), 422, "another old root"),
        (replace(request(3, 5), proof=()).encode(), head_of(3), 422, "no hashes"),
        (replace(request(3, 5), proof=request(3, 6).proof).encode(), head_of(3), 422, "another"),
        (replace(request(0, 5), proof=(bytes(32),)).encode(), None, 422, "nothing to prove"),
        (replace(request(0, 0), proof=(bytes(32),)).encode(), None, 422, "nothing to prove"),
        (
            replace(request(0, 0), note=signed(replace(head_of(0), root=bytes(32)))).encode(),
            *(None, 422, "an empty log has another root"),
        ),
        (
            replace(request(5, 5), note=signed(replace(head_of(5), root=bytes(32)))).encode(),
            *(head_of(5), 422, "two trees of one size have different roots"),
        ),
        (replace(request(5, 5), proof=(bytes(32),)).encode(), head_of(5), 422, "need no hashes"),
    ],
)
def test_everything_else_is_refused(body: bytes, latest: Checkpoint | None, status: int, words: str) -> None:
    """With the status of the protocol."""
    found = judged(body, latest)
    assert isinstance(found, Answer)
    assert found.status == status
    assert words in found.body.decode()
    assert found.body.endswith(b"\n")
    assert (found.content_type == SIZE_TYPE) == (status == 409)


def test_a_caller_without_the_logs_signature_learns_nothing() -> None:
    """What was cosigned last is not even looked up."""

    def stored(origin: str) -> Checkpoint | None:
        raise AssertionError(origin)

    note = replace(signed_head(5), text=head_of(6).text)
    found = judge(replace(request(0, 5), note=note).encode(), trusted={ORIGIN: [LOG.verifier]}, latest=stored)
    assert isinstance(found, Answer)


def test_the_conversation_of_a_log_and_a_witness() -> None:
    """Ask, be told the size, ask again, keep the cosignatures."""
    head = head_of(9)
    first = judged(request(0, 9).encode(), head_of(4))
    assert isinstance(first, Answer)
    old = read_conflict(first.body)
    second = judged(request(old, 9).encode(), head_of(4))
    assert isinstance(second, Acceptance)
    lines = [WITNESS.cosign(head, time_s=TIME_S), WITNESS_ML_DSA.cosign(head, time_s=TIME_S)]
    answer = accepted_answer(lines)
    assert (answer.status, answer.content_type) == (200, "text/plain; charset=utf-8")
    known: list[Verifier] = [WITNESS.verifier, WITNESS_ML_DSA.verifier]
    note = read_cosignatures(answer.body, signed_head(9), known)
    assert len(note_result(note, [*known, LOG.verifier]).verified) == 3


def test_only_right_cosignatures_of_known_witnesses_are_kept() -> None:
    """A witness cannot spoil a checkpoint by answering nonsense."""
    wrong = WITNESS.cosign(head_of(8), time_s=TIME_S)
    answer = accepted_answer([wrong, STRANGER.cosign(head_of(9), time_s=TIME_S)])
    assert read_cosignatures(answer.body, signed_head(9), [WITNESS.verifier]) == signed_head(9)
    with pytest.raises(FormatError, match="cosignatures"):
        read_cosignatures(b"thanks\n", signed_head(9), [WITNESS.verifier])


@pytest.mark.parametrize("body", [b"", b"\n", b"5", b"05\n", b"5\n\n", b"-5\n", b"5 \n"])
def test_a_conflict_is_one_number(body: bytes) -> None:
    """Nothing else."""
    with pytest.raises(FormatError, match="conflict"):
        read_conflict(body)
    assert read_conflict(b"20852014\n") == 20852014


def test_a_request_is_written_as_the_specification_shows_it() -> None:
    """Old size, hashes, an empty line, the checkpoint."""
    wanted = request(3, 9)
    lines = wanted.encode().decode().split("\n")
    assert lines[0] == "old 3"
    assert lines[1 : 1 + len(wanted.proof)] == [base64_of(value) for value in wanted.proof]
    assert lines[1 + len(wanted.proof) :][:3] == ["", ORIGIN, "9"]
    assert parse_request(wanted.encode()) == wanted


def test_the_longest_request_is_read() -> None:
    """63 hashes; whether they prove something is another question."""
    longest = replace(request(3, 9), proof=(bytes(32),) * 63)
    assert parse_request(longest.encode()) == longest
