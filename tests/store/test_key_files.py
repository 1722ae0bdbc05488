"""Files with secret keys: ours and OpenSSH's, locked and open, and what is refused."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from skycommons.base.errors import FormatError, HostError, InputError
from skycommons.governance.entries import Entry, Kind
from skycommons.governance.member_keys import FileKey, SshKey, sign_entry
from skycommons.governance.requests import Interest
from skycommons.governance.signers import Signer
from skycommons.governance.words import SignatureKind
from skycommons.store.key_files import (
    new_log_signers,
    new_member_key,
    read_log_key,
    read_member_key,
    write_log_key,
    write_member_key,
    write_secret,
)
from tests.support.programs import needed

SEED = bytes(range(32))


@pytest.mark.parametrize(
    ("key", "passphrase"),
    [(FileKey(SEED), ""), (FileKey(SEED), "correct horse"), (SshKey(SEED), "")],
    ids=["ours", "ours, locked", "openssh"],
)
def test_what_is_written_is_read(tmp_path: Path, key: FileKey | SshKey, passphrase: str) -> None:
    """Kind and secret come back; the file is its owner's alone."""
    path = tmp_path / "seat.key"
    write_member_key(path, key, passphrase=passphrase)
    assert read_member_key(path, ask=lambda: passphrase) == key
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_of_ssh_keygen_signs_as_openssh_does(tmp_path: Path) -> None:
    """Made by the stock program, read here."""
    program = needed("ssh-keygen")
    path = tmp_path / "id_ed25519"
    subprocess.run([str(program), "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    key = read_member_key(path)
    body = Interest(parties=("state-x",), nonce="0" * 32).to_json()
    signed = sign_entry(Entry(kind=Kind.INTEREST, origin="log.example", by="seat-1", body=body), key)
    assert signed.signature is not None
    assert signed.signature.kind == SignatureKind.SSHSIG


def test_a_locked_key_needs_its_passphrase(tmp_path: Path) -> None:
    """Nobody to ask, and a wrong one, are both told without showing anything."""
    path = tmp_path / "seat.key"
    write_member_key(path, FileKey(SEED), passphrase="right")
    with pytest.raises(InputError, match="nobody can be asked"):
        read_member_key(path)
    with pytest.raises(InputError, match="passphrase is wrong") as refused:
        read_member_key(path, ask=lambda: "wrong")
    assert "wrong." not in str(refused.value)


def test_a_locked_key_of_openssh_stays_with_openssh(tmp_path: Path) -> None:
    """Its own program signs with it; this one neither locks nor unlocks it."""
    path = tmp_path / "id_ed25519"
    subprocess.run([str(needed("ssh-keygen")), "-q", "-t", "ed25519", "-N", "secret", "-f", str(path)], check=True)
    with pytest.raises(InputError, match="ssh-keygen -Y sign"):
        read_member_key(path, ask=lambda: "secret")
    with pytest.raises(InputError, match="ssh-keygen -p"):
        write_member_key(tmp_path / "other", SshKey(SEED), passphrase="secret")


def test_new_keys_differ() -> None:
    """They are made by chance."""
    assert new_member_key() != new_member_key()
    first, second = new_log_signers("log.example/x")
    assert first.name == second.name == "log.example/x"
    assert first.seed != second.seed


def test_a_key_is_never_written_over_another(tmp_path: Path) -> None:
    """Whoever lost a key by that would have lost a log."""
    path = tmp_path / "seat.key"
    write_member_key(path, FileKey(SEED))
    with pytest.raises(InputError, match="never written over"):
        write_member_key(path, new_member_key())
    assert read_member_key(path) == FileKey(SEED)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """As OpenSSH refuses it, with how to mend it."""
    path = tmp_path / "seat.key"
    write_member_key(path, FileKey(SEED))
    path.chmod(0o640)
    with pytest.raises(FormatError, match="chmod 600"):
        read_member_key(path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"hello\n", "is no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "cannot be read"),
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    """One clear message, nothing of the file in it."""
    path = tmp_path / "seat.key"
    write_secret(path, data)
    with pytest.raises(InputError, match=told):
        read_member_key(path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Only Ed25519 signs here."""
    path = tmp_path / "seat.key"
    text = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_secret(path, text)
    with pytest.raises(FormatError, match="no Ed25519 key"):
        read_member_key(path)


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    """By its place."""
    with pytest.raises(FormatError, match="is missing"):
        read_member_key(tmp_path / "none.key")


def test_keys_of_a_log_come_back(tmp_path: Path) -> None:
    """Both kinds, as text; another file is refused."""
    signers: tuple[Signer, ...] = new_log_signers("log.example/x")
    for number, signer in enumerate(signers):
        write_log_key(tmp_path / f"{number}.key", signer)
        assert read_log_key(tmp_path / f"{number}.key") == signer
    write_secret(tmp_path / "other", "schlüssel".encode("latin-1"))
    with pytest.raises(FormatError, match="no key of a log"):
        read_log_key(tmp_path / "other")


def test_a_machine_that_refuses_is_told(tmp_path: Path) -> None:
    """The folder is a file."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(HostError, match="cannot be written"):
        write_secret(tmp_path / "file" / "seat.key", b"x")


def test_many_who_make_keys_in_one_folder_do_not_mix_them(tmp_path: Path) -> None:
    """Each file holds its own key; of two who want the same name one is refused; files of others are left alone."""
    (tmp_path / ".draft").write_text("somebody's own", encoding="utf-8")
    keys = [FileKey(bytes([number]) * 32) for number in range(20)]

    def write(number: int) -> bool:
        try:
            write_member_key(tmp_path / f"{number // 2}.key", keys[number])
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(write, range(20)))
    assert [sum(written[pair : pair + 2]) for pair in range(0, 20, 2)] == [1] * 10
    for number in range(20):
        assert (read_member_key(tmp_path / f"{number // 2}.key") == keys[number]) == written[number]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([".draft", *(f"{n}.key" for n in range(10))])


def test_a_key_is_not_written_over_a_link(tmp_path: Path) -> None:
    """Wherever it leads."""
    (tmp_path / "seat.key").symlink_to("elsewhere")
    with pytest.raises(InputError, match="is there already"):
        write_secret(tmp_path / "seat.key", b"x")
