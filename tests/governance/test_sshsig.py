"""Signatures by keys of OpenSSH."""

from dataclasses import replace

import pytest

from skycommons.base.errors import FormatError, SignatureError
from skycommons.governance.lines import base64_of
from skycommons.governance.sshsig import (
    SshSignature,
    namespace_of,
    parse_public_line,
    parse_sshsig,
    parse_sshsig_text,
    public_blob,
    public_line,
    sign_ssh,
    verify_sshsig,
)

SEED = b"\x62" * 32
MESSAGE = b"a message\n"
SPACE = namespace_of("log.example/decisions")
SIGNATURE = sign_ssh(MESSAGE, SPACE, seed=SEED)
BLOB = SIGNATURE.encode()
TEXT = SIGNATURE.text


def string(data: bytes) -> bytes:
    """Bytes with their length."""
    return len(data).to_bytes(4, "big") + data


def blob_of(*parts: bytes, version: int = 1) -> bytes:
    """A blob of any parts."""
    return b"SSHSIG" + version.to_bytes(4, "big") + b"".join(map(string, parts))


KEY = public_blob(SIGNATURE.public_key)
INNER = string(b"ssh-ed25519") + string(SIGNATURE.signature)
PARTS = (KEY, SPACE.encode(), b"", b"sha512", INNER)


def test_a_signature_is_read_as_it_was_written() -> None:
    """As a blob, and as the text of a file."""
    assert blob_of(*PARTS) == BLOB
    assert parse_sshsig(BLOB) == SIGNATURE
    assert parse_sshsig_text(TEXT) == SIGNATURE
    assert TEXT.startswith("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ")
    assert max(map(len, TEXT.split("\n"))) == 70


def test_a_signature_is_for_one_message_and_one_namespace() -> None:
    """And for one key."""
    verify_sshsig(SIGNATURE, MESSAGE, SPACE)
    with pytest.raises(SignatureError, match="is not right"):
        verify_sshsig(SIGNATURE, b"another", SPACE)
    with pytest.raises(SignatureError, match=r"is for decision@log.example/decisions, not for file"):
        verify_sshsig(SIGNATURE, MESSAGE, "file")
    with pytest.raises(SignatureError, match="is not right"):
        verify_sshsig(replace(SIGNATURE, namespace="file"), MESSAGE, "file")
    other = sign_ssh(MESSAGE, SPACE, seed=bytes(32))
    with pytest.raises(SignatureError, match="is not right"):
        verify_sshsig(replace(SIGNATURE, public_key=other.public_key), MESSAGE, SPACE)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "blob: must be SSHSIG version 1"),
        (b"SSHSIH" + BLOB[6:], "blob: must be SSHSIG"),
        (blob_of(*PARTS, version=2), "blob: must be SSHSIG"),
        (BLOB[:-1], "blob: must be SSHSIG"),
        (BLOB + b"\0", "blob: must be SSHSIG"),
        (blob_of(*PARTS[:4]), "blob: must be SSHSIG"),
        (blob_of(*PARTS, b""), "blob: must be SSHSIG"),
        (blob_of(b"", *PARTS[1:]), "key: must be of the kind ssh-ed25519"),
        (blob_of(b"\0", *PARTS[1:]), "key: must be of the kind ssh-ed25519"),
        (blob_of(string(b"ssh-rsa") + string(bytes(32)), *PARTS[1:]), "key: must be of the kind ssh-ed25519"),
        (blob_of(KEY[:-36], *PARTS[1:]), "key: must be of the kind"),
        (blob_of(string(b"ssh-ed25519") + string(b"\1" + bytes(31)), *PARTS[1:]), "point of small order"),
        (blob_of(string(b"ssh-ed25519") + string(b""), *PARTS[1:]), "must have 32 bytes"),
        (blob_of(*PARTS[:4], b"\0"), "signature: must be of the kind ssh-ed25519"),
        (blob_of(*PARTS[:4], string(b"ssh-rsa") + string(bytes(64))), "signature: must be of the kind"),
        (blob_of(*PARTS[:4], string(b"ssh-ed25519")), "signature: must be of the kind"),
        (blob_of(*PARTS[:4], string(b"ssh-ed25519") + string(bytes(63))), "signature: must have 64 bytes"),
        (blob_of(*PARTS[:2], b"x", *PARTS[3:]), "hash: must be sha512"),
        (blob_of(*PARTS[:3], b"sha256", INNER), "hash: must be sha512"),
        (blob_of(KEY, b"", *PARTS[2:]), "namespace: must have 1 to 512 printable characters"),
        (blob_of(KEY, b"a\0", *PARTS[2:]), "namespace: must have"),
        (blob_of(KEY, b"\xff", *PARTS[2:]), "namespace: must have"),
        (blob_of(KEY, b"a" * 513, *PARTS[2:]), "namespace: must have"),
    ],
)
def test_every_other_blob_is_refused(data: bytes, words: str) -> None:
    """Other algorithms, other versions, and what is cut off."""
    with pytest.raises(FormatError, match=words):
        parse_sshsig(data)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be base64 between"),
        ("a\nb\nc\nd\n", "must be base64 between"),
        (TEXT.replace("BEGIN", "BEGUN"), "must be base64 between"),
        (TEXT.replace("END", "ENDED"), "must have 70 characters a line"),
        (TEXT.removesuffix("\n"), "must be base64 between|must have 70"),
        (f"{TEXT}\n", "must be base64 between"),
        (TEXT.replace("\n", "\r\n"), "must be base64 between"),
        (TEXT.replace("\nU1N", "U1N", 1), "must be base64 between"),
        (TEXT.replace("U1N", "U1N\n", 1), "must have 70 characters a line"),
    ],
)
def test_every_other_text_is_refused(text: str, words: str) -> None:
    """One form, the one that ssh-keygen writes."""
    with pytest.raises(FormatError, match=words):
        parse_sshsig_text(text)


def test_public_keys_are_lines() -> None:
    """With or without a comment."""
    line = public_line(SIGNATURE.public_key)
    assert line.startswith("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI")
    for written in (line, f"{line}\n", f"{line} somebody at a machine\n"):
        assert parse_public_line(written) == SIGNATURE.public_key


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 ?",
        f"ssh-rsa {base64_of(KEY)}",
        f"ssh-\udcd3 {base64_of(KEY)}",  # bytes that are no text, as a file may hold them
        f"ssh-ed25519 {base64_of(KEY[:-1])}",
        f"ssh-ed25519 {base64_of(KEY + string(b''))}",
        f"ssh-ed25519 {base64_of(string(b'ssh-rsa') + string(bytes(32)))}",
        f"ssh-ed25519 {base64_of(string(b'ssh-ed25519') + string(bytes(32)))}",
    ],
)
def test_what_is_no_public_key_is_refused(line: str) -> None:
    """Other kinds, and points of small order."""
    with pytest.raises(FormatError):
        parse_public_line(line)


def test_a_namespace_is_plain() -> None:
    """So is the origin of a log whose members sign with OpenSSH."""
    with pytest.raises(FormatError, match="namespace: must have 1 to 512 printable characters of ASCII"):
        SshSignature(public_key=SIGNATURE.public_key, namespace="décision", signature=SIGNATURE.signature)
