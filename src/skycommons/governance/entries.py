"""One entry of the log of decisions: what somebody says, and the signature under it.

An entry is canonical JSON with exactly these keys::

    {
        "body": {...},
        "by": "seat-ops-1",
        "kind": "decision",
        "origin": "log.example/decisions",
        "signature": {"key": "...", "kind": "ed25519", "value": "..."},
        "v": 1,
    }

* The operator's own entries (genesis, witnessed, effective, snapshot) have neither ``by`` nor ``signature``: the checkpoint of the
  log signs them. Every other kind must have both.
* The *payload* is the entry without its signature. The kind and the origin of the log stand in it, so nothing that was signed here
  is worth anything elsewhere.
* The *digest* names an entry: ``SHA256("skycommons/<kind>/v1" 0x00 payload)``. Signing again, with another key, does not change it.
* The *message* is what is signed: the payload in the encoding of DSSE, with its type before it, so that an entry of one kind is
  never one of another.
* Reading an entry says nothing about whether its body is in its form (`bodies`), its signature right (`member_keys`), or what it
  says allowed (`ledger`).

Source: DSSE v1.0.2, PAE.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from skycommons.governance.canonical import Json, canonical_bytes, parse_canonical
from skycommons.governance.fields import Fields, read_object
from skycommons.governance.lines import malformed
from skycommons.governance.note_keys import ED25519_KEY_BYTES
from skycommons.governance.words import SignatureKind

VERSION: Final = 1
MAX_ORIGIN: Final = 255
MAX_SIGNATURE_BYTES: Final = 4_096

_SOURCE: Final = "entry"
_SIGNATURE: Final = b',"signature":'
_VERSION: Final = b',"v":%d}' % VERSION


class Kind(StrEnum):
    """What an entry is."""

    GENESIS = "genesis"
    REQUEST = "request"
    SEALED_REQUEST = "sealed-request"
    UNSEAL = "unseal"
    ANSWER = "answer"
    INTEREST = "interest"
    LICENCE = "licence"
    DECISION = "decision"
    VOTE = "vote"
    APPEAL = "appeal"
    WITNESSED = "witnessed"
    EFFECTIVE = "effective"
    SNAPSHOT = "snapshot"

    @property
    def is_operators(self) -> bool:
        """Whether the operator of the log writes it, and no member signs."""
        return self in _OPERATORS


_OPERATORS: Final = frozenset({Kind.GENESIS, Kind.WITNESSED, Kind.EFFECTIVE, Kind.SNAPSHOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSignature:
    """The signature under an entry. Nothing of it has been checked.

    Attributes:
        key: The public key, 32 bytes in base64.
        kind: How it was made.
        value: The signature in base64.
    """

    key: str
    kind: SignatureKind
    value: str

    @classmethod
    def read(cls, fields: Fields) -> "MemberSignature":
        """Its fields."""
        return cls(
            key=fields.base64("key", least=ED25519_KEY_BYTES, most=ED25519_KEY_BYTES),
            kind=fields.word("kind", SignatureKind),
            value=fields.base64("value", least=1, most=MAX_SIGNATURE_BYTES),
        )

    def to_json(self) -> dict[str, Json]:
        """As it stands in the entry."""
        return {"key": self.key, "kind": self.kind.value, "value": self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry.

    Attributes:
        kind: What it is.
        origin: The log that it is for.
        by: Seat that says so; empty for the operator's own entries.
        body: What is said.
        signature: The seat's; ``None`` for the operator's own entries, and before it is signed.
    """

    kind: Kind
    origin: str
    by: str
    body: Mapping[str, Json]
    signature: MemberSignature | None = None
    _read_payload: bytes = field(init=False, repr=False, compare=False, default=b"")

    @property
    def payload(self) -> bytes:
        """The entry without its signature.

        Raises:
            FormatError: The body holds what no document may hold, or is too long.
        """
        return self._read_payload or canonical_bytes(self._unsigned(), source=self.kind)

    @property
    def digest(self) -> str:
        """Name of the entry, in hex.

        Raises:
            FormatError: As `payload`.
        """
        return digest_of(self.kind, self.payload)

    @property
    def message(self) -> bytes:
        """What is signed.

        Raises:
            FormatError: As `payload`.
        """
        return pae(f"application/vnd.skycommons.{self.kind}.v{VERSION}+json", self.payload)

    def encode(self) -> bytes:
        """The entry as it stands in the log.

        Raises:
            FormatError: It is not signed and has to be, or the other way round; or as `payload`.
        """
        is_signed = self.signature is not None and bool(self.by)
        if self.kind.is_operators and (self.signature is not None or self.by):
            raise malformed(self.kind, "signature", "is the operator's own: nobody signs it, and it has no by")
        if not (self.kind.is_operators or is_signed):
            raise malformed(self.kind, "signature", "is missing: the seat that says so has to sign")
        signature = {} if self.signature is None else {"signature": self.signature.to_json()}
        return canonical_bytes({**self._unsigned(), **signature}, source=self.kind)

    def _unsigned(self) -> dict[str, Json]:
        """The entry without its signature, as an object."""
        by = {"by": self.by} if self.by else {}
        return {"body": dict(self.body), **by, "kind": self.kind.value, "origin": self.origin, "v": VERSION}


def parse_entry(data: bytes, *, source: str = _SOURCE) -> Entry:
    """The entry that bytes of the log stand for; its body is not looked into.

    Args:
        data: The whole entry.
        source: What is read, for the error.

    Raises:
        FormatError: It is not canonical, or not in the form of an entry; all faults are told.
    """
    entry = read_object(parse_canonical(data, source=source), source, _read)
    # The signature stands last but for the version, and holds no quotes within its texts: it is cut out, not written again.
    payload = data if entry.signature is None else data.rpartition(_SIGNATURE)[0] + _VERSION
    object.__setattr__(entry, "_read_payload", payload)
    return entry


def digest_of(kind: Kind, payload: bytes) -> str:
    """The hash that names an entry, in hex: no two kinds share one."""
    return sha256(f"skycommons/{kind}/v{VERSION}\0".encode() + payload).hexdigest()


def pae(payload_type: str, payload: bytes) -> bytes:
    """A payload with its type and both lengths before it.

    Source: DSSE v1.0.2, PAE.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _read(fields: Fields) -> Entry:
    """The fields of an entry."""
    fields.constant("v", VERSION)
    kind = fields.word("kind", Kind)
    origin = fields.text("origin", least=1, most=MAX_ORIGIN)
    body = fields.raw("body")
    if kind.is_operators:
        return Entry(kind=kind, origin=origin, by="", body=body)
    signature = MemberSignature.read(fields.nested("signature"))
    return Entry(kind=kind, origin=origin, by=fields.id("by"), body=body, signature=signature)
