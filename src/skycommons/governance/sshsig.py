r"""Signatures by keys of OpenSSH, so that a seat can sign with the key that it has, and check with the program that it has.

* Only ``ssh-ed25519`` and SHA-512 are read: what ``ssh-keygen -Y sign`` makes with such a key.
* A signature is for one *namespace*. Ours is ``decision@<origin of the log>``: what was signed for mail, for git or for another log is
  worth nothing here, and the other way round.
* A blob has one form and its text has one form: what is read is what is written, byte for byte.

::

    ssh-keygen -Y sign -f KEY -n decision@log.example/decisions MESSAGE
    ssh-keygen -Y verify -f ALLOWED -I seat-ops-1 -n decision@log.example/decisions -s MESSAGE.sig < MESSAGE

Source: OpenSSH, PROTOCOL.sshsig; RFC 8709 for the key and signature within it.
"""

import re
from dataclasses import dataclass
from hashlib import sha512
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skycommons.base.errors import SignatureError
from skycommons.governance.lines import base64_of, bytes_of, malformed, printable
from skycommons.governance.note_keys import ED25519_SIGNATURE_BYTES, check_ed25519, is_ed25519

MAX_NAMESPACE: Final = 512

_SOURCE: Final = "SSH signature"
_NAMESPACE: Final = re.compile(rf"[ -~]{{1,{MAX_NAMESPACE}}}")
_MAGIC: Final = b"SSHSIG"
_VERSION: Final = (1).to_bytes(4, "big")
_ALGORITHM: Final = b"ssh-ed25519"
_HASH: Final = b"sha512"
_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_END: Final = "-----END SSH SIGNATURE-----"
_COLUMNS: Final = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSignature:
    """A signature as OpenSSH writes it. It has not been checked.

    Attributes:
        public_key: 32 bytes of Ed25519.
        namespace: What it is for.
        signature: 64 bytes.
    """

    public_key: bytes
    namespace: str
    signature: bytes

    def __post_init__(self) -> None:
        check_ed25519(self.public_key)
        if len(self.signature) != ED25519_SIGNATURE_BYTES:
            raise malformed(_SOURCE, "signature", f"must have {ED25519_SIGNATURE_BYTES} bytes")
        if not _NAMESPACE.fullmatch(self.namespace):
            raise malformed(_SOURCE, "namespace", f"must have 1 to {MAX_NAMESPACE} printable characters of ASCII")

    def encode(self) -> bytes:
        """The blob."""
        return b"".join(
            (
                _MAGIC,
                _VERSION,
                _string(public_blob(self.public_key)),
                _string(self.namespace.encode()),
                _string(b""),
                _string(_HASH),
                _string(_string(_ALGORITHM) + _string(self.signature)),
            )
        )

    @property
    def text(self) -> str:
        """The blob as the file that ``ssh-keygen`` writes."""
        encoded = base64_of(self.encode())
        rows = [encoded[start : start + _COLUMNS] for start in range(0, len(encoded), _COLUMNS)]
        return "".join(f"{row}\n" for row in (_BEGIN, *rows, _END))

    def is_valid(self, message: bytes, namespace: str) -> bool:
        """Whether it is the key's over this message, for this namespace."""
        return self.namespace == namespace and is_ed25519(
            self.public_key, signed_data(message, namespace), self.signature
        )


def namespace_of(origin: str) -> str:
    """What signatures for a log are for.

    >>> namespace_of("log.example/decisions")
    'decision@log.example/decisions'
    """
    return f"decision@{origin}"


def sign_ssh(message: bytes, namespace: str, *, seed: bytes) -> SshSignature:
    """A signature as ``ssh-keygen -Y sign`` makes it.

    Args:
        message: What is signed.
        namespace: What for.
        seed: 32 secret bytes.
    """
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return SshSignature(
        public_key=key.public_key().public_bytes_raw(),
        namespace=namespace,
        signature=key.sign(signed_data(message, namespace)),
    )


def verify_sshsig(signature: SshSignature, message: bytes, namespace: str) -> None:
    """`SshSignature.is_valid`, or an error.

    Raises:
        SignatureError: It is for something else, or not right.
    """
    if signature.namespace != namespace:
        raise SignatureError(
            f"the SSH signature is for {printable(signature.namespace)}, not for {printable(namespace)}"
        )
    if not signature.is_valid(message, namespace):
        raise SignatureError("the SSH signature is not right")


def parse_sshsig(data: bytes) -> SshSignature:
    """A signature from its blob.

    Raises:
        FormatError: It is not exactly what OpenSSH writes for a key of Ed25519 and SHA-512.
    """
    head = _MAGIC + _VERSION
    parts = _strings(data.removeprefix(head))
    if not data.startswith(head) or parts is None or len(parts) != 5:
        raise malformed(_SOURCE, "blob", "must be SSHSIG version 1: key, namespace, reserved, hash, signature")
    key, namespace, reserved, hash_name, signature = parts
    inner_key, inner_signature = _strings(key), _strings(signature)
    if inner_key is None or len(inner_key) != 2 or inner_key[0] != _ALGORITHM:
        raise malformed(_SOURCE, "key", "must be of the kind ssh-ed25519")
    if inner_signature is None or len(inner_signature) != 2 or inner_signature[0] != _ALGORITHM:
        raise malformed(_SOURCE, "signature", "must be of the kind ssh-ed25519")
    if reserved or hash_name != _HASH:
        raise malformed(_SOURCE, "hash", "must be sha512, with nothing reserved before it")
    # What is not ASCII becomes a character that no namespace may hold.
    text = namespace.decode("ascii", "replace")
    return SshSignature(public_key=inner_key[1], namespace=text, signature=inner_signature[1])


def parse_sshsig_text(text: str) -> SshSignature:
    """A signature from the file that ``ssh-keygen`` writes.

    Raises:
        FormatError: It is not exactly such a file.
    """
    rows = text.split("\n")
    data = bytes_of("".join(rows[1:-2])) if len(rows) > 3 else None
    if data is None or rows[0] != _BEGIN:
        raise malformed(_SOURCE, "text", f"must be base64 between {_BEGIN} and {_END}")
    signature = parse_sshsig(data)
    if signature.text != text:
        raise malformed(_SOURCE, "text", f"must have {_COLUMNS} characters a line and end with {_END} and a newline")
    return signature


def signed_data(message: bytes, namespace: str) -> bytes:
    """What the key signs: the hash of a message, with what it is for."""
    digest = sha512(message).digest()
    return _MAGIC + b"".join(map(_string, (namespace.encode(), b"", _HASH, digest)))


def public_blob(public_key: bytes) -> bytes:
    """A public key as OpenSSH has it in its files, before base64."""
    return _string(_ALGORITHM) + _string(public_key)


def public_line(public_key: bytes) -> str:
    """A public key as the line of an ``id_ed25519.pub``, without a comment."""
    return f"{_ALGORITHM.decode()} {base64_of(public_blob(public_key))}"


def parse_public_line(line: str) -> bytes:
    """The 32 bytes of a key from the line of an ``id_ed25519.pub``, with or without a comment.

    Raises:
        FormatError: It is no such line, or the key proves nothing.
    """
    words = line.split(maxsplit=2)
    parts = _strings(bytes_of(words[1]) or b"") if len(words) > 1 else None
    if parts is None or len(parts) != 2 or (words[0], parts[0]) != (_ALGORITHM.decode(), _ALGORITHM):
        raise malformed("SSH key", "line", "must be: ssh-ed25519 <base64> [comment]")
    check_ed25519(parts[1])
    return parts[1]


def _string(data: bytes) -> bytes:
    """Bytes with their length before them, RFC 4251."""
    return len(data).to_bytes(4, "big") + data


def _strings(data: bytes) -> list[bytes] | None:
    """The strings that bytes consist of; ``None`` if they do not end with one."""
    found = []
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        if len(data) < max(4, end):
            return None
        found.append(data[4:end])
        data = data[end:]
    return found
