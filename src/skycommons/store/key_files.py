"""Files with secret keys: those of members, and those of the log.

* A member's key is one of two: a file of ours, which is PEM as ``openssl pkey`` reads it too, or a private key of OpenSSH as
  ``ssh-keygen -t ed25519`` makes it. The first signs as ``ed25519``, the second as ``sshsig``.
* Ours may be locked by a passphrase. A locked key of OpenSSH, or one in its agent or on a stick, stays there: ``ssh-keygen -Y sign`` signs
  the message with it, and asks for the passphrase itself.
* The log's keys are the texts of `skycommons.governance.signers`, one a file.
* A file with a secret is its owner's alone: one that others may read is refused, as OpenSSH refuses it. It is written whole or not at
  all, and never over another file.
* A secret, or a passphrase, never stands in a message.
"""

import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skycommons.base.errors import HostError, InputError
from skycommons.governance.lines import malformed
from skycommons.governance.member_keys import FileKey, SecretKey, SshKey
from skycommons.governance.signers import SEED_BYTES, Ed25519Signer, MlDsa44CosignerKey, Signer, parse_secret
from skycommons.store.durable_files import create_file, read_file

MAX_BYTES: Final = 100_000
SECRET_MODE: Final = 0o600

_OPENSSH: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PEM: Final = b"-----BEGIN "

Ask: TypeAlias = Callable[[], str]


def new_member_key() -> FileKey:
    """A new key of ours."""
    return FileKey(secrets.token_bytes(SEED_BYTES))


def write_member_key(path: Path, key: SecretKey, *, passphrase: str = "") -> None:
    """Write a member's key to a new file, as PEM or as OpenSSH has it.

    Args:
        path: The file; it must not be there yet.
        key: The key.
        passphrase: Locks the file; empty for none. Keys of OpenSSH are locked by ``ssh-keygen -p``.

    Raises:
        InputError: A file lies there already, or a key of OpenSSH is to be locked.
        HostError: The machine refuses.
    """
    is_ssh = isinstance(key, SshKey)
    if is_ssh and passphrase:
        raise InputError(f"{path}: lock a key of OpenSSH by `ssh-keygen -p -f {path}`")
    locked = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    text = Ed25519PrivateKey.from_private_bytes(key.seed).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH if is_ssh else serialization.PrivateFormat.PKCS8,
        locked,
    )
    write_secret(path, text)


def read_member_key(path: Path, *, ask: Ask | None = None) -> SecretKey:
    """A member's key from its file.

    Args:
        path: The file.
        ask: Gives the passphrase, if the file is locked; ``None`` if nobody can be asked.

    Raises:
        FormatError: It holds no key that signs here, or others may read it.
        InputError: It is locked, and the passphrase is missing or wrong.
    """
    data = read_secret(path)
    if not data.startswith(_PEM):
        raise malformed(
            str(path), "file", "is no private key; give a file of `skycommons roster keygen` or of ssh-keygen"
        )
    is_ssh = data.startswith(_OPENSSH)
    load = serialization.load_ssh_private_key if is_ssh else serialization.load_pem_private_key
    try:
        try:
            key = load(data, None)
        except TypeError:  # this is how the library says that a key is locked
            key = load(data, _passphrase(path, ask, is_ssh=is_ssh))
    except InputError:
        raise
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InputError(f"{path}: the key cannot be read; the passphrase is wrong, or the file is damaged") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise malformed(str(path), "file", "is no Ed25519 key; make one by `ssh-keygen -t ed25519`")
    seed = key.private_bytes_raw()
    return SshKey(seed) if is_ssh else FileKey(seed)


def new_log_signers(origin: str) -> tuple[Ed25519Signer, MlDsa44CosignerKey]:
    """New keys of a log: one that every program knows, and one for the years of quantum computers.

    Raises:
        FormatError: The origin is no name of a key.
    """
    return (
        Ed25519Signer(origin, secrets.token_bytes(SEED_BYTES)),
        MlDsa44CosignerKey(origin, secrets.token_bytes(SEED_BYTES)),
    )


def write_log_key(path: Path, signer: Signer) -> None:
    """Write a log's or a witness's key to a new file.

    Raises:
        InputError: A file lies there already.
        HostError: The machine refuses.
    """
    write_secret(path, f"{signer.secret_text}\n".encode())


def read_log_key(path: Path) -> Signer:
    """A log's or a witness's key from its file.

    Raises:
        FormatError: It holds no key, or others may read it.
    """
    try:
        text = read_secret(path).decode("ascii").strip()
    except UnicodeDecodeError:
        raise malformed(str(path), "file", "is no key of a log or witness") from None
    return parse_secret(text)


def write_secret(path: Path, data: bytes) -> None:
    """Write a new file that its owner alone may read.

    Raises:
        InputError: A file lies there already.
        HostError: The machine refuses.
    """
    try:
        is_new = create_file(path, data, mode=SECRET_MODE)
    except OSError as error:
        raise HostError(f"{path} cannot be written: {error.strerror}") from None
    if not is_new:
        raise InputError(f"{path} is there already; a key is never written over another")


def read_secret(path: Path) -> bytes:
    """The bytes of a file that its owner alone may read.

    Raises:
        FormatError: There is none, others may read it, or it is too long to be a key.
    """
    data = read_file(path, most_bytes=MAX_BYTES)
    if data is None:
        raise malformed(str(path), "file", "is missing")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise malformed(str(path), "file", f"may be read by others (mode {mode:04o}); run `chmod 600` on it")
    return data


def _passphrase(path: Path, ask: Ask | None, *, is_ssh: bool) -> bytes:
    """What unlocks a file."""
    if is_ssh:
        raise InputError(
            f"{path} is a locked key of OpenSSH; write the message by --to-sign and sign it by ssh-keygen -Y sign"
        )
    if ask is None:
        raise InputError(f"{path} is locked by a passphrase, and nobody can be asked for it")
    return ask().encode()
