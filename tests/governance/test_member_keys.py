"""Signatures of seats under entries."""

from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError, SignatureError
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.lines import base64_of
from skycommons.governance.member_keys import (
    FileKey,
    SecretKey,
    SshKey,
    member_result,
    sign_entry,
    ssh_signature,
    verify_member,
)
from skycommons.governance.sshsig import sign_ssh
from skycommons.governance.words import SignatureKind
from tests.support.documents import FILE_KEY, ORIGIN, ROSTER, SSH_KEY, STRANGER_KEY, entry_of

BOTH = [(FILE_KEY, "seat-ops-1"), (SSH_KEY, "seat-legal-1")]


@pytest.mark.parametrize(("key", "by"), BOTH)
def test_a_seat_signs_with_its_own_key(key: SecretKey, by: str) -> None:
    """Of either kind."""
    entry = entry_of(Kind.VOTE, key, by=by)
    assert verify_member(entry, ROSTER) == ROSTER.member(by)
    assert member_result(entry, ROSTER)
    assert sign_entry(entry, key) == entry


@pytest.mark.parametrize(("key", "by"), BOTH)
def test_a_signature_is_for_one_entry_of_one_kind_in_one_log(key: SecretKey, by: str) -> None:
    """Another body, kind, origin or seat is another message."""
    entry = entry_of(Kind.VOTE, key, by=by)
    for other in (
        replace(entry, body={**entry.body, "verdict": "reject"}),
        replace(entry, kind=Kind.ANSWER),
        replace(entry, origin="log.example/other"),
    ):
        with pytest.raises(SignatureError, match=f"the signature of {by} is not right"):
            verify_member(other, ROSTER)
        assert not member_result(other, ROSTER)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (replace(entry_of(Kind.VOTE), signature=None), "nobody signed it"),
        (entry_of(Kind.VOTE, by="seat-ops-9"), "seat-ops-9 has no seat"),
        (replace(entry_of(Kind.VOTE), by=""), "nobody has no seat"),
        (entry_of(Kind.VOTE, STRANGER_KEY), "a key that is not one of seat-ops-1's"),
        (entry_of(Kind.VOTE, by="seat-legal-1"), "a key that is not one of seat-legal-1's"),
        (entry_of(Kind.VOTE, SshKey(FILE_KEY.seed)), "a key that is not one of seat-ops-1's"),
        (entry_of(Kind.VOTE, FileKey(SSH_KEY.seed), by="seat-legal-1"), "a key that is not one of seat-legal-1's"),
    ],
)
def test_an_entry_of_somebody_else_is_refused(entry: Entry, words: str) -> None:
    """A stranger, another seat, and one's own key used in the other way."""
    with pytest.raises(SignatureError, match=words):
        verify_member(entry, ROSTER)


def test_an_ssh_signature_is_of_the_key_and_for_the_log() -> None:
    """What stands within it counts, not what stands beside it."""
    entry = entry_of(Kind.VOTE, SSH_KEY, by="seat-legal-1")
    signature = entry.signature
    assert signature is not None
    mail = ssh_signature(sign_ssh(entry.message, "mail@example", seed=SSH_KEY.seed))
    stranger = sign_ssh(entry.message, f"decision@{ORIGIN}", seed=STRANGER_KEY.seed)
    for value in (mail.value, base64_of(b"not a blob"), base64_of(stranger.encode()), "?"):
        with pytest.raises(SignatureError, match="the signature of seat-legal-1 is not right"):
            verify_member(replace(entry, signature=replace(signature, value=value)), ROSTER)
    raw = FileKey(SSH_KEY.seed).sign(entry)
    with pytest.raises(SignatureError, match="a key that is not one of"):
        verify_member(replace(entry, signature=raw), ROSTER)
    assert signature.kind is SignatureKind.SSHSIG


def test_what_nobody_signs_is_not_signed() -> None:
    """The operator's own entries, and those that do not say who speaks."""
    with pytest.raises(FormatError, match="is the operator's own"):
        sign_entry(entry_of(Kind.SNAPSHOT), FILE_KEY)
    with pytest.raises(FormatError, match="the seat that says so has to sign"):
        sign_entry(replace(entry_of(Kind.VOTE), by=""), FILE_KEY)


@pytest.mark.parametrize("kind", [FileKey, SshKey])
def test_secrets_stay_secret(kind: type[FileKey | SshKey]) -> None:
    """The text of a key does not show it; one of another length is refused."""
    assert "seed" not in repr(kind(b"\x61" * 32))
    with pytest.raises(FormatError, match="seed: must have 32 bytes, has 31"):
        kind(bytes(31))
