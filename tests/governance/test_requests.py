"""Requests from outside, sealed and open."""

from hashlib import sha256

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.entries import Kind
from skycommons.governance.requests import (
    Answer,
    AskerKind,
    Interest,
    Request,
    SealedRequest,
    Unseal,
    Want,
    commitment_of,
)
from tests.support.documents import BODIES, HASH, REQUEST, SALT, changed


@pytest.mark.parametrize("kind", AskerKind)
def test_only_public_bodies_are_named(kind: AskerKind) -> None:
    """Everybody else is an id, or a commitment."""
    document = changed(REQUEST, "asker.kind", kind.value)
    if kind in {"state", "court", "regulator"}:
        assert Request.from_json(document).asker.name
    else:
        with pytest.raises(FormatError, match=r"asker.name: must be empty: only public bodies are named"):
            Request.from_json(document)
    unnamed = changed(changed(document, "asker.name", ""), "asker.commitment", HASH)
    assert Request.from_json(changed(unnamed, "asker.party", "")).to_json()["asker"]


def test_somebody_has_to_ask() -> None:
    """A party, a name or a commitment."""
    document = changed(changed(REQUEST, "asker.name", ""), "asker.party", "")
    with pytest.raises(FormatError, match=r"asker.party: must say who it is"):
        Request.from_json(document)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("country", "Example", "country: must be a country as three capital letters"),
        ("wants", "money", "wants: must be withhold or activate or restrict or restore"),
        ("area.cells_count", 0, "area.cells_count: must be 0 without a list of cells"),
        ("area.text", "x" * 2_001, "area.text: must have 0 to 2,000"),
        ("ground.type", "", "ground.type: must be court-order"),
        ("received_at", "today", "received_at: must be a whole number"),
    ],
)
def test_a_request_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place."""
    with pytest.raises(FormatError, match=words):
        Request.from_json(changed(REQUEST, path, value))


def test_a_sealed_request_shows_a_commitment() -> None:
    """The hash as the contract has it; it opens with salt and document, and with nothing else."""
    sealed = SealedRequest.from_json(BODIES[Kind.SEALED_REQUEST])
    opening = Unseal.from_json(BODIES[Kind.UNSEAL])
    assert sealed.commitment == sha256(b"skycommons/sealed/v1\0" + SALT + canonical_bytes(REQUEST)).hexdigest()
    assert commitment_of(bytes.fromhex(opening.salt), opening.document) == sealed.commitment
    assert commitment_of(bytes(32), REQUEST) != sealed.commitment
    assert commitment_of(SALT, {**REQUEST, "nonce": "00" * 16}) != sealed.commitment
    assert sealed.request_class is Want.WITHHOLD
    with pytest.raises(FormatError, match=r"salt: must have 32 bytes, has 31"):
        commitment_of(bytes(31), REQUEST)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("unseal_at", 0, "unseal_at: must be 1"),
        ("unseal_at", 1_800_000_000, "unseal_at: must be after received_at: nothing is sealed for ever"),
        ("class", "secret", "class: must be withhold"),
        ("commitment", "", "commitment: must be a SHA-256 hash"),
    ],
)
def test_a_sealed_request_with_a_fault_is_refused(path: str, value: Json, words: str) -> None:
    """With its place."""
    with pytest.raises(FormatError, match=words):
        SealedRequest.from_json(changed(BODIES[Kind.SEALED_REQUEST], path, value))


def test_answers_and_interests_say_something() -> None:
    """A reason, a party."""
    with pytest.raises(FormatError, match="reason: must have 1 to 2,000"):
        Answer.from_json(changed(BODIES[Kind.ANSWER], "reason", ""))
    with pytest.raises(FormatError, match=r"parties: must have 1 to 1,000 items"):
        Interest.from_json(changed(BODIES[Kind.INTEREST], "parties", []))
    with pytest.raises(FormatError, match=r"salt: must be"):
        Unseal.from_json(changed(BODIES[Kind.UNSEAL], "salt", "00"))
