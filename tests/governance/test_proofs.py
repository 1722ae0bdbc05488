"""Proofs that travel without a network."""

from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError, ProofError, QuorumError, SignatureError, TrustError
from skycommons.governance.lines import base64_of
from skycommons.governance.notes import Note
from skycommons.governance.proofs import HEADER, LogProof, parse_proof, proof_result, verify_proof
from skycommons.governance.signers import Ed25519Signer
from skycommons.governance.witness_policy import parse_policy
from tests.support.logs import (
    LOG,
    LOG_ML_DSA,
    POLICY,
    STRANGER,
    TIME_S,
    WITNESS,
    WITNESS_ML_DSA,
    head_of,
    leaves_of,
    proof_of,
    signed_head,
    witnessed_head,
)

TRUSTED = parse_policy(POLICY.encode())
PROOF = proof_of(3, 7)
LEAF = leaves_of(7)[3]
NOTE = witnessed_head(7).encode().decode()


@pytest.mark.parametrize("extra", [None, b"", b"anything \x00\xff"])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_proof_is_written_and_read(extra: bytes | None, size: int) -> None:
    """The same bytes again."""
    proof = replace(proof_of(size - 1, size), extra=extra)
    assert parse_proof(proof.encode()) == proof
    assert parse_proof(proof.encode()).encode() == proof.encode()


def test_a_proof_is_lines_of_text() -> None:
    """As the specification shows them."""
    lines = replace(PROOF, extra=b"hi").encode().decode().split("\n")
    assert lines[:3] == [HEADER, "extra aGk=", "index 3"]
    assert lines[3:6] == [base64_of(value) for value in PROOF.hashes]
    assert lines[6:9] == ["", "log.example/small", "7"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: must be c2sp.org/tlog-proof@v1"),
        (f"{HEADER} \nindex 0\n\n{NOTE}", "line 1: must be"),
        (f"{HEADER}\n\n{NOTE}", "line 2: must be index"),
        (f"{HEADER}", "line 2: must be index"),
        (f"{HEADER}\nextra aGk\nindex 0\n\n{NOTE}", "line 2: must be extra and base64"),
        (f"{HEADER}\nextra aGk=\n\n{NOTE}", "line 3: must be index"),
        (f"{HEADER}\nindex 00\n\n{NOTE}", "line 2: must be index"),
        (f"{HEADER}\nindex -1\n\n{NOTE}", "line 2: must be index"),
        (f"{HEADER}\nindex 0\nextra aGk=\n\n{NOTE}", "line 3: must be a SHA-256 hash"),
        (f"{HEADER}\nextra aGk=\nindex 0\nAAAA\n\n{NOTE}", "line 4: must be a SHA-256 hash"),
        (f"{HEADER}\nindex 0\n{NOTE}", "line 3: must be a SHA-256 hash"),
        (f"{HEADER}\nindex 0\n\n", "proof, checkpoint: .*\n  text: must be followed"),
        (f"{HEADER}\nindex 0", "proof, checkpoint: .*\n  text: must be followed"),
        (f"{HEADER}\nindex 0\n" + ("A" * 43 + "=\n") * 64 + f"\n{NOTE}", "at most 63 hashes"),
        ("a" * 2_000_001, "at most 2,000,000 are read"),
    ],
)
def test_other_texts_are_no_proofs(text: str, words: str) -> None:
    """Each says where and what."""
    with pytest.raises(FormatError, match=words):
        parse_proof(text.encode())


def test_a_proof_cannot_name_a_place_below_nothing() -> None:
    """What is made can be read."""
    with pytest.raises(FormatError, match="must be a place in a log"):
        LogProof(index=-1, hashes=(), note=PROOF.note)


def test_a_proof_holds() -> None:
    """And the report says by whom and when."""
    report = verify_proof(PROOF, TRUSTED, leaf=LEAF)
    assert report
    assert report.checkpoint == head_of(7)
    assert report.index == 3
    assert report.logs == (LOG.verifier,)
    assert report.witnesses == (("w1", TIME_S), ("w2", TIME_S + 1))
    assert report.quorum
    assert report.inclusion
    assert report.unknown == ()


def test_without_the_entry_only_the_checkpoint_is_judged() -> None:
    """And the report says so; a place outside of the log is refused all the same."""
    report = verify_proof(PROOF, TRUSTED, leaf=None)
    assert report.inclusion is None
    with pytest.raises(ProofError, match="a log of 7 entries has no entry 7"):
        verify_proof(replace(PROOF, index=7), TRUSTED, leaf=None)


def test_an_entry_at_another_place_is_refused() -> None:
    """Another entry, another index, another path."""
    for proof, leaf in [
        (PROOF, leaves_of(7)[4]),
        (replace(PROOF, index=2), LEAF),
        (replace(PROOF, hashes=PROOF.hashes[:-1]), LEAF),
        (replace(PROOF, note=witnessed_head(8)), LEAF),
    ]:
        with pytest.raises(ProofError, match=r"entry . of .: the proof"):
            verify_proof(proof, TRUSTED, leaf=leaf)


def test_too_few_witnesses_are_refused() -> None:
    """Each alone, and a stranger beside one."""
    head = head_of(7)
    ones = [WITNESS.cosign(head, time_s=1), WITNESS_ML_DSA.cosign(head, time_s=2), STRANGER.cosign(head, time_s=3)]
    for chosen in ([], ones[:1], ones[1:2], [ones[0], ones[2]], [ones[0], WITNESS.cosign(head, time_s=5)]):
        with pytest.raises(QuorumError, match="both is not met"):
            verify_proof(replace(PROOF, note=signed_head(7).with_signatures(*chosen)), TRUSTED, leaf=LEAF)
    assert verify_proof(replace(PROOF, note=signed_head(7).with_signatures(*ones)), TRUSTED, leaf=LEAF).unknown == (
        "stranger.example",
    )


def test_a_log_that_is_not_trusted_is_refused() -> None:
    """By its origin, or by its key."""
    other = Ed25519Signer("log.example/other", b"\x55" * 32)
    head = head_of(7, other.name)
    note = Note(text=head.text, signatures=(other.sign(head.text),))
    with pytest.raises(SignatureError, match=r"the policy trusts no log called log.example/other"):
        verify_proof(replace(PROOF, note=note), TRUSTED, leaf=LEAF)
    head = head_of(7)
    false = Note(text=head.text, signatures=(Ed25519Signer(head.origin, b"\x55" * 32).sign(head.text),))
    with pytest.raises(SignatureError, match=r"no trusted key of log.example/small signed"):
        verify_proof(replace(PROOF, note=false), TRUSTED, leaf=LEAF)


def test_one_log_cannot_sign_for_another() -> None:
    """Both are trusted, each for its own origin."""
    other = Ed25519Signer("log.example/other", b"\x55" * 32)
    policy = parse_policy(f"log {other.verifier.vkey}\n{POLICY}".encode())
    head = head_of(7)
    stolen = Note(text=head.text, signatures=(other.sign(head.text),))
    with pytest.raises(SignatureError, match=r"no trusted key of log.example/small signed"):
        verify_proof(replace(PROOF, note=stolen), policy, leaf=LEAF)


def test_a_log_may_sign_by_ml_dsa_alone_or_by_both() -> None:
    """Any of its trusted keys is enough."""
    policy = parse_policy(f"log {LOG.verifier.vkey}\nlog {LOG_ML_DSA.verifier.vkey}\nquorum none\n".encode())
    head = head_of(7)
    second = LOG_ML_DSA.cosign(head, time_s=0)
    alone = Note(text=head.text, signatures=(second,))
    assert verify_proof(replace(PROOF, note=alone), policy, leaf=LEAF).logs == (LOG_ML_DSA.verifier,)
    both = verify_proof(replace(PROOF, note=signed_head(7).with_signatures(second)), policy, leaf=LEAF)
    assert both.logs == (LOG.verifier, LOG_ML_DSA.verifier)


def test_all_that_does_not_hold_is_told() -> None:
    """A wrong signature, a quorum that is missing because of it, and a wrong place; the first is raised."""
    note = witnessed_head(7)
    wrong = replace(note.signatures[1], signature=bytes(72))
    spoilt = replace(PROOF, index=4, note=replace(note, signatures=(note.signatures[0], wrong)))
    report = proof_result(spoilt, TRUSTED, leaf=LEAF)
    assert not report
    kinds: list[type[TrustError]] = [SignatureError, QuorumError, ProofError]
    assert [type(refusal) for refusal in report.refusals] == kinds
    with pytest.raises(SignatureError, match=r"the signature of witness.example/w1 is wrong"):
        verify_proof(spoilt, TRUSTED, leaf=LEAF)


def test_a_note_that_is_no_checkpoint_is_no_proof() -> None:
    """Whoever signed it."""
    note = Note(text="hello\n", signatures=(LOG.sign("hello\n"),))
    with pytest.raises(FormatError, match="checkpoint"):
        proof_result(replace(PROOF, note=note), TRUSTED, leaf=None)


def test_every_flipped_bit_is_refused() -> None:
    """Of a proof with a log's and a witness's signature, each bit in turn."""
    policy = parse_policy(f"log {LOG.verifier.vkey}\nwitness w {WITNESS.verifier.vkey}\nquorum w\n".encode())
    note = signed_head(3).with_signatures(WITNESS.cosign(head_of(3), time_s=TIME_S))
    data = replace(proof_of(1, 3), note=note).encode()
    leaf = leaves_of(3)[1]
    assert proof_result(parse_proof(data), policy, leaf=leaf)
    accepted = []
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            if proof_result(parse_proof(bytes(flipped)), policy, leaf=leaf):
                accepted.append(bit)
        except FormatError:
            continue
    assert accepted == []


def test_the_longest_path_is_read() -> None:
    """63 hashes, at the last index that there can be."""
    longest = replace(PROOF, index=2**63 - 1, hashes=(bytes(32),) * 63)
    assert parse_proof(longest.encode()) == longest
