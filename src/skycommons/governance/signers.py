"""Keys with their secret: what a log and a witness sign with.

* The secret is a seed of 32 bytes. It is never shown: the text of these objects holds the public key alone.
* Ed25519 signatures are the same each time; those of ML-DSA-44 differ each time and are all valid.
* Time comes from the caller.

Source: as `skycommons.governance.note_keys`; texts of secret keys as Go's ``sumdb/note`` writes them.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from skycommons.governance.checkpoint import Checkpoint
from skycommons.governance.lines import MAX_NUMBER, base64_of, malformed
from skycommons.governance.note_keys import (
    TIME_BYTES,
    Ed25519Cosigner,
    Ed25519Key,
    MlDsa44Cosigner,
    check_name,
    cosignature_message,
    split_key,
    subtree_message,
)
from skycommons.governance.notes import NoteSignature

SEED_BYTES: Final = 32

_PREFIX: Final = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """A log's secret key.

    Attributes:
        name: Name of the key: the log's origin.
        seed: 32 secret bytes.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        _check_seed(self.seed)

    @property
    def verifier(self) -> Ed25519Key:
        """The public key."""
        return Ed25519Key(self.name, _ed25519_public(self.seed))

    @property
    def secret_text(self) -> str:
        """The secret key as text, to be kept in a file."""
        return _secret_text(self.verifier, self.seed)

    def sign(self, text: str) -> NoteSignature:
        """The signature over a text."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return NoteSignature(name=self.name, key_id=self.verifier.key_id, signature=signature)


@dataclass(frozen=True, slots=True)
class Ed25519CosignerKey:
    """A witness's secret key.

    Attributes:
        name: Name of the witness.
        seed: 32 secret bytes, of this witness alone: the signature does not tell the name.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        _check_seed(self.seed)

    @property
    def verifier(self) -> Ed25519Cosigner:
        """The public key."""
        return Ed25519Cosigner(self.name, _ed25519_public(self.seed))

    @property
    def secret_text(self) -> str:
        """The secret key as text, to be kept in a file."""
        return _secret_text(self.verifier, self.seed)

    def cosign(self, head: Checkpoint, *, time_s: int) -> NoteSignature:
        """The cosignature over the head of a log.

        Args:
            head: A head that was found consistent with all that this witness cosigned before.
            time_s: Now.

        Raises:
            FormatError: The time is before 1970, or too large.
        """
        stamp = _stamp(time_s)
        message = cosignature_message(head.text, time_s)
        signature = stamp + Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
        return NoteSignature(name=self.name, key_id=self.verifier.key_id, signature=signature)


@dataclass(frozen=True, slots=True)
class MlDsa44CosignerKey:
    """A log's or a witness's secret key for the years of quantum computers.

    Attributes:
        name: Name of the log or witness.
        seed: 32 secret bytes.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        _check_seed(self.seed)

    @property
    def verifier(self) -> MlDsa44Cosigner:
        """The public key."""
        key = MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return MlDsa44Cosigner(self.name, key.public_key().public_bytes_raw())

    @property
    def secret_text(self) -> str:
        """The secret key as text, to be kept in a file."""
        return _secret_text(self.verifier, self.seed)

    def cosign(self, head: Checkpoint, *, time_s: int) -> NoteSignature:
        """The cosignature over the head of a log.

        Args:
            head: A head that was found consistent with all that was cosigned before.
            time_s: Now; 0 to say nothing about time.

        Raises:
            FormatError: The time is before 1970 or too large, or the origin has more than 255 bytes.
        """
        stamp = _stamp(time_s)
        message = subtree_message(self.name, time_s, head)
        signature = stamp + MLDSA44PrivateKey.from_seed_bytes(self.seed).sign(message)
        return NoteSignature(name=self.name, key_id=self.verifier.key_id, signature=signature)


Signer: TypeAlias = Ed25519Signer | Ed25519CosignerKey | MlDsa44CosignerKey


def parse_secret(text: str) -> Signer:
    """A secret key from its text.

    Raises:
        FormatError: The text is no secret key. The message does not show it.
    """
    if not text.startswith(_PREFIX):
        raise malformed("secret key", "text", f"must begin with {_PREFIX}")
    name, found_id, data = split_key(text.removeprefix(_PREFIX))
    match data[0]:
        case Ed25519Key.kind:
            signer: Signer = Ed25519Signer(name, data[1:])
        case Ed25519Cosigner.kind:
            signer = Ed25519CosignerKey(name, data[1:])
        case MlDsa44Cosigner.kind:
            signer = MlDsa44CosignerKey(name, data[1:])
        case kind:
            raise malformed("secret key", name, f"is of kind {kind}, which is not known")
    if signer.verifier.key_id.hex() != found_id:
        raise malformed("secret key", name, "does not belong to its id")
    return signer


def _check_seed(seed: bytes) -> None:
    """Refuse a seed of another length."""
    if len(seed) != SEED_BYTES:
        raise malformed("secret key", "seed", f"must have {SEED_BYTES} bytes, has {len(seed)}")


def _ed25519_public(seed: bytes) -> bytes:
    """The public key of a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _secret_text(verifier: Ed25519Key | Ed25519Cosigner | MlDsa44Cosigner, seed: bytes) -> str:
    """Name, id and seed as text."""
    return f"{_PREFIX}{verifier.name}+{verifier.key_id.hex()}+{base64_of(bytes([verifier.kind]) + seed)}"


def _stamp(time_s: int) -> bytes:
    """A time as the eight bytes before a signature."""
    if not 0 <= time_s <= MAX_NUMBER:
        raise malformed("cosignature", "time", f"must be 0 to {MAX_NUMBER} seconds, is {time_s}")
    return time_s.to_bytes(TIME_BYTES, "big")
