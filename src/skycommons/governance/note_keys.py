"""Who signs: names, key ids, and three kinds of public keys.

* A key is known by its name and its id together. The id is four bytes of a hash: it tells keys apart and proves nothing.
* A kind is one byte. It goes into the id, so that one pair of keys under two kinds is two keys.

| kind | class | signs |
| --- | --- | --- |
| 1 | `Ed25519Key` | the text |
| 4 | `Ed25519Cosigner` | the text and a time |
| 6 | `MlDsa44Cosigner` | its own name, a time, and origin, size and root of a checkpoint; not its extension lines |

* Points of small order and points that are written in two ways are refused as Ed25519 keys: whoever has one could make signatures
  that fit every text, or that one verifier takes and another does not.

Source: C2SP signed-note v1.0.0 and tlog-cosignature v1.1.0-rc.1; RFC 8032; FIPS 204.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import ClassVar, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from skycommons.base.errors import FormatError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint
from skycommons.governance.lines import MAX_NUMBER, base64_of, bytes_of, malformed

KEY_ID_BYTES: Final = 4
TIME_BYTES: Final = 8
ED25519_KEY_BYTES: Final = 32
ED25519_SIGNATURE_BYTES: Final = 64
ML_DSA_44_KEY_BYTES: Final = 1312
ML_DSA_44_SIGNATURE_BYTES: Final = 2420
MAX_NAME_BYTES: Final = 255

_FIELD: Final = 2**255 - 19  # RFC 8032, section 5.1
_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# Second coordinates of the points whose order divides 8: of orders 4, 1 and 2, and the two of order 8.
_SMALL_ORDER: Final = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})


class Verifier(Protocol):
    """A public key that can tell whether a signature is its own."""

    @property
    def kind(self) -> int:
        """The byte that stands for the kind of signature."""
        ...

    @property
    def name(self) -> str:
        """Name of the key."""
        ...

    @property
    def public_key(self) -> bytes:
        """The key as bytes."""
        ...

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, tell which key signed."""
        ...

    @property
    def vkey(self) -> str:
        """The key as text."""
        ...

    def is_valid(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over this text."""
        ...

    def time_s(self, signature: bytes) -> int | None:
        """When a valid signature says it was made; ``None`` if it says nothing about time."""
        ...


@dataclass(frozen=True, slots=True)
class Ed25519Key:
    """A key that signs texts as they are: a log's."""

    kind: ClassVar[int] = 1
    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        check_ed25519(self.public_key)

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, tell which key signed."""
        return key_id(self.name, self.kind, self.public_key)

    @property
    def vkey(self) -> str:
        """The key as text."""
        return _vkey(self)

    def is_valid(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over this text."""
        return is_ed25519(self.public_key, text.encode(), signature)

    def time_s(self, signature: bytes) -> None:
        """Nothing: the signature does not say when it was made."""


@dataclass(frozen=True, slots=True)
class Ed25519Cosigner:
    """A key that signs texts with a time: a witness's. Its signature does not tell its name."""

    kind: ClassVar[int] = 4
    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        check_ed25519(self.public_key)

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, tell which key signed."""
        return key_id(self.name, self.kind, self.public_key)

    @property
    def vkey(self) -> str:
        """The key as text."""
        return _vkey(self)

    def is_valid(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over this text, at the time that it names."""
        time_s = _leading_time_s(signature)
        return time_s <= MAX_NUMBER and is_ed25519(
            self.public_key, cosignature_message(text, time_s), signature[TIME_BYTES:]
        )

    def time_s(self, signature: bytes) -> int:
        """When it was made."""
        return _leading_time_s(signature)


@dataclass(frozen=True, slots=True)
class MlDsa44Cosigner:
    """A key that signs the heads of logs with a time and its own name, safe from quantum computers."""

    kind: ClassVar[int] = 6
    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public_key) != ML_DSA_44_KEY_BYTES:
            raise malformed("key", self.name, f"must have {ML_DSA_44_KEY_BYTES} bytes, has {len(self.public_key)}")

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, tell which key signed."""
        return key_id(self.name, self.kind, self.public_key)

    @property
    def vkey(self) -> str:
        """The key as text."""
        return _vkey(self)

    def is_valid(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over the head that the text tells; false for other texts."""
        time_s = _leading_time_s(signature)
        if len(signature) != TIME_BYTES + ML_DSA_44_SIGNATURE_BYTES or time_s > MAX_NUMBER:
            return False
        try:
            message = subtree_message(self.name, time_s, parse_checkpoint(text))
            MLDSA44PublicKey.from_public_bytes(self.public_key).verify(signature[TIME_BYTES:], message)
        except (FormatError, InvalidSignature):
            return False
        return True

    def time_s(self, signature: bytes) -> int | None:
        """When it was made; zero stands for no statement about time."""
        return _leading_time_s(signature) or None


_KINDS: Final[Mapping[int, type[Ed25519Key | Ed25519Cosigner | MlDsa44Cosigner]]] = MappingProxyType(
    {kind.kind: kind for kind in (Ed25519Key, Ed25519Cosigner, MlDsa44Cosigner)}
)


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a key.

    Raises:
        FormatError: Empty, too long, not Unicode, or with a space, a plus sign or a control character.
    """
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise malformed("key", repr(name), "is no name: it is not Unicode") from error
    if not 0 < length <= MAX_NAME_BYTES:
        raise malformed("key", repr(name[:40]), f"is no name: it must have 1 to {MAX_NAME_BYTES} bytes")
    if any(letter.isspace() or letter == "+" or letter < " " for letter in name):
        raise malformed("key", repr(name), "is no name: spaces, plus signs and control characters cannot be in it")


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """Four bytes that, with the name, tell which key signed."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:KEY_ID_BYTES]


def parse_vkey(text: str) -> Verifier:
    """A public key from its text, ``name+id+base64``.

    Raises:
        FormatError: The text is no key, its id is not that of the key, or its kind is not known.
    """
    name, found_id, data = split_key(text)
    kind = _KINDS.get(data[0])
    if kind is None:
        raise malformed("key", name, f"is of kind {data[0]}; known are {', '.join(map(str, _KINDS))}")
    verifier = kind(name, data[1:])
    if verifier.key_id.hex() != found_id:
        raise malformed("key", name, f"has the id {verifier.key_id.hex()}, not {found_id}")
    return verifier


def split_key(text: str) -> tuple[str, str, bytes]:
    """Name, id and the bytes from the kind on, of ``name+id+base64``.

    Raises:
        FormatError: The text does not consist of these, or the name is none.
    """
    name, first, rest = text.partition("+")
    found_id, second, encoded = rest.partition("+")
    check_name(name)
    data = bytes_of(encoded)
    if not (first and second and data):
        raise malformed("key", name, "must be written as name+id+base64")
    return name, found_id, data


def cosignature_message(text: str, time_s: int) -> bytes:
    """What an `Ed25519Cosigner` signs."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def subtree_message(name: str, time_s: int, head: Checkpoint) -> bytes:
    """What a `MlDsa44Cosigner` signs for the whole tree of a checkpoint.

    Raises:
        FormatError: The origin has more than 255 bytes.
    """
    origin = head.origin.encode()
    if len(origin) > MAX_NAME_BYTES:
        raise malformed(
            "checkpoint", "line 1", f"an origin that is signed by ML-DSA has at most {MAX_NAME_BYTES} bytes"
        )
    signer = name.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(signer)]) + signer,
            time_s.to_bytes(TIME_BYTES, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),  # from the first entry
            head.size.to_bytes(8, "big"),  # to the last
            head.root,
        )
    )


def is_ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature by Ed25519 is right."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def check_ed25519(public_key: bytes) -> None:
    """Refuse bytes that are no public key of Ed25519, or one that proves nothing.

    Raises:
        FormatError: Another length, a point of small order, or a point written in a second way.
    """
    if len(public_key) != ED25519_KEY_BYTES:
        raise malformed("key", "Ed25519", f"must have {ED25519_KEY_BYTES} bytes, has {len(public_key)}")
    second = int.from_bytes(public_key, "little") & (2**255 - 1)
    if second >= _FIELD or second in _SMALL_ORDER:
        raise malformed("key", "Ed25519", "is a point of small order, or is not written in the one way")


def _vkey(verifier: Verifier) -> str:
    """Name, id and key as text."""
    data = bytes([verifier.kind]) + verifier.public_key
    return f"{verifier.name}+{verifier.key_id.hex()}+{base64_of(data)}"


def _leading_time_s(signature: bytes) -> int:
    """The first eight bytes as a time."""
    return int.from_bytes(signature[:TIME_BYTES], "big")
