"""Messages that were signed elsewhere become entries, if they are exactly what was written."""

import subprocess
from pathlib import Path

import pytest

from skycommons.base.errors import FormatError, SignatureError
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.member_keys import SshKey
from skycommons.governance.requests import Interest
from skycommons.governance.sshsig import namespace_of, sign_ssh
from skycommons.store.key_files import write_member_key
from skycommons.store.signed_messages import parse_message, read_signed
from tests.support.programs import needed

ORIGIN = "log.example/x"
BODY = Interest(parties=("state-x",), nonce="0" * 32).to_json()
ENTRY = Entry(kind=Kind.INTEREST, origin=ORIGIN, by="seat-1", body=BODY)
SEED = b"s" * 32


def written(
    folder: Path, *, message: bytes = ENTRY.message, namespace: str = namespace_of(ORIGIN)
) -> tuple[Path, Path]:
    """A message and its signature as files."""
    one, other = folder / "message", folder / "message.sig"
    one.write_bytes(message)
    other.write_text(sign_ssh(message, namespace, seed=SEED).text, encoding="ascii")
    return one, other


def test_a_message_is_of_one_entry(tmp_path: Path) -> None:
    """Nothing is lost, nothing is added."""
    assert parse_message(ENTRY.message) == ENTRY
    found = read_signed(*written(tmp_path))
    assert found.digest == ENTRY.digest
    assert found.encode()


def test_openssh_signs_it(tmp_path: Path) -> None:
    """The stock program, with its own file of a key."""
    write_member_key(tmp_path / "key", SshKey(SEED))
    message = tmp_path / "message"
    message.write_bytes(ENTRY.message)
    words = [str(needed("ssh-keygen")), "-q", "-Y", "sign", "-f", str(tmp_path / "key"), "-n", namespace_of(ORIGIN)]
    subprocess.run([*words, str(message)], check=True, capture_output=True)
    assert read_signed(message, tmp_path / "message.sig").digest == ENTRY.digest


def test_a_signature_for_something_else_is_refused(tmp_path: Path) -> None:
    """For another log, or of another message."""
    with pytest.raises(SignatureError, match="is for"):
        read_signed(*written(tmp_path, namespace="git"))
    message, signature = written(tmp_path)
    other = Entry(kind=Kind.INTEREST, origin=ORIGIN, by="seat-2", body=BODY)
    message.write_bytes(other.message)
    with pytest.raises(SignatureError, match="not right"):
        read_signed(message, signature)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        ENTRY.message + b"\n",
        ENTRY.message.replace(b"interest.v1", b"decision.v1"),
        ENTRY.message.replace(b"DSSEv1 43", b"DSSEv1 44"),
        ENTRY.message.replace(b'"v":1', b'"v":2'),
        ENTRY.message.replace(b'"by"', b'"be"'),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    """Or not exactly the message of what stands in it."""
    with pytest.raises(FormatError):
        parse_message(data)


def test_files_that_are_missing_or_something_else_are_told(tmp_path: Path) -> None:
    """By their paths."""
    message, signature = written(tmp_path)
    with pytest.raises(FormatError, match="is missing"):
        read_signed(message, tmp_path / "none")
    signature.write_bytes("ü".encode())
    with pytest.raises(FormatError, match="no signature of ssh-keygen"):
        read_signed(message, signature)
