"""Entries: payload, digest, message, and the one form that they have."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json
from skycommons.governance.entries import Entry, Kind, MemberSignature, pae, parse_entry
from skycommons.governance.words import SignatureKind
from tests.support.documents import BODIES, ORIGIN, SSH_KEY, changed, entry_of, raw_entry

SIGNED: dict[str, Json] = json.loads(entry_of(Kind.VOTE).encode())
UNSIGNED: dict[str, Json] = json.loads(entry_of(Kind.SNAPSHOT).encode())


@pytest.mark.parametrize("kind", Kind)
def test_an_entry_is_read_as_it_was_written(kind: Kind) -> None:
    """Byte for byte, with the same payload, digest and message."""
    entry = entry_of(kind)
    found = parse_entry(entry.encode())
    assert found == entry
    assert found.encode() == entry.encode()
    assert (found.payload, found.digest, found.message) == (entry.payload, entry.digest, entry.message)
    assert kind.is_operators == (kind in {"genesis", "witnessed", "effective", "snapshot"})


def test_the_digest_is_of_kind_and_payload_alone() -> None:
    """The hash as the contract has it; another signature does not change it."""
    entry = entry_of(Kind.VOTE)
    payload = {key: value for key, value in SIGNED.items() if key != "signature"}
    assert entry.payload == json.dumps(payload, separators=(",", ":"), sort_keys=True).encode()
    assert entry.digest == sha256(b"skycommons/vote/v1\0" + entry.payload).hexdigest()
    assert entry_of(Kind.VOTE, SSH_KEY).digest == entry.digest
    assert replace(entry, kind=Kind.ANSWER).digest != entry.digest


def test_the_message_names_its_type_and_lengths() -> None:
    """The encoding of DSSE."""
    entry = entry_of(Kind.VOTE)
    kind = b"application/vnd.skycommons.vote.v1+json"
    assert entry.message == b"DSSEv1 39 " + kind + b" " + str(len(entry.payload)).encode() + b" " + entry.payload
    assert len(kind) == 39
    assert pae("", b"") == b"DSSEv1 0  0 "


def test_a_text_that_looks_like_a_signature_does_not_end_the_payload() -> None:
    """Wherever it stands in the body."""
    body: dict[str, Json] = {"reason": ',"signature":{}', "signature": {"z": ',"signature":'}, "z": [{"signature": 1}]}
    signed = replace(entry_of(Kind.VOTE), body=body)
    assert parse_entry(signed.encode()).payload == signed.payload


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("v", 2, "v: must be 1, is 2"),
        ("v", None, "v: is missing"),
        ("kind", "ballot", "kind: must be genesis or request"),
        ("origin", "", "origin: must have 1 to 255 characters"),
        ("origin", "a\nb", r"origin: holds the character U\+000A"),
        ("by", None, "by: is missing"),
        ("by", "", "by: must be an id"),
        ("by", "A", "by: must be an id"),
        ("body", [], "body: must be an object, not a list"),
        ("signature", None, "signature: is missing"),
        ("signature.key", "AAAA", "signature.key: must be 32 bytes"),
        ("signature.kind", "rsa", "signature.kind: must be ed25519 or sshsig"),
        ("signature.value", "", "signature.value: must be 1 to 4,096 bytes"),
        ("signature.more", 1, "signature.more: is not known here"),
        ("more", 1, "more: is not known here"),
        ("kind", "snapshot", "by: is not known here"),
    ],
)
def test_an_entry_in_another_form_is_refused(path: str, value: Json, words: str) -> None:
    """With the place."""
    with pytest.raises(FormatError, match=words):
        parse_entry(raw_entry(changed(SIGNED, path, value)))


def test_the_operators_entries_are_signed_by_nobody() -> None:
    """Neither read nor written."""
    with pytest.raises(FormatError, match="by: is not known here"):
        parse_entry(raw_entry({**UNSIGNED, "by": "seat-ops-1"}))
    with pytest.raises(FormatError, match="signature: is not known here"):
        parse_entry(raw_entry({**UNSIGNED, "signature": SIGNED["signature"]}))
    signature = MemberSignature(key="", kind=SignatureKind.ED25519, value="")
    for entry in (
        Entry(kind=Kind.SNAPSHOT, origin=ORIGIN, by="seat-ops-1", body={}),
        Entry(kind=Kind.SNAPSHOT, origin=ORIGIN, by="", body={}, signature=signature),
    ):
        with pytest.raises(FormatError, match="is the operator's own"):
            entry.encode()


def test_a_seats_entry_is_written_only_with_its_signature() -> None:
    """And with the seat's name."""
    signed = entry_of(Kind.VOTE)
    for entry in (replace(signed, signature=None), replace(signed, by="")):
        with pytest.raises(FormatError, match="the seat that says so has to sign"):
            entry.encode()


def test_an_entry_that_cannot_be_signed_is_refused() -> None:
    """Floats, and what is too long."""
    with pytest.raises(FormatError, match=r"\$\.body\.a: is a float"):
        _ = Entry(kind=Kind.VOTE, origin=ORIGIN, by="a", body={"a": 1.5}).payload  # type: ignore[dict-item] # on purpose
    with pytest.raises(FormatError, match="bytes"):
        _ = Entry(kind=Kind.VOTE, origin=ORIGIN, by="a", body={"a": "x" * 65_536}).message


def test_what_is_not_canonical_is_no_entry() -> None:
    """Even if it says the same."""
    with pytest.raises(FormatError, match="is not canonical"):
        parse_entry(json.dumps(BODIES[Kind.VOTE]).encode(), source="entry 4")
    with pytest.raises(FormatError, match=r"^entry 4: 1 fault"):
        parse_entry(b"[]", source="entry 4")
