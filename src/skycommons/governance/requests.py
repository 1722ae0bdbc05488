"""Requests from outside, sealed or open; what they are answered; and what interests a seat declares.

* A request is on record even if nobody acts on it: who asks for service to be given or withheld, where, and on what ground.
* Names of persons do not stand in a log that is never forgotten. A public body is named; everybody else is an id, and a commitment
  to the name, whose opening whoever registers it keeps apart and can delete.
* A *sealed* request shows that one was made, its class, and when it is to be unsealed. Its ``commitment`` is
  ``SHA256("skycommons/sealed/v1" 0x00 salt document)``: 32 random bytes, and the canonical body of a request. ``unseal`` opens it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from skycommons.governance.canonical import Json, canonical_bytes
from skycommons.governance.decisions import MAX_REASON, LegalBasis
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.lines import malformed
from skycommons.governance.policy import MAX_CELLS
from skycommons.governance.words import AnswerVerdict

SALT_BYTES: Final = 32
MAX_NAME: Final = 200

_SEALED: Final = b"skycommons/sealed/v1\0"


class AskerKind(StrEnum):
    """Who asks from outside."""

    STATE = "state"
    COURT = "court"
    REGULATOR = "regulator"
    COMPANY = "company"
    HUMANITARIAN = "humanitarian"
    PERSON = "person"
    OTHER = "other"


class Want(StrEnum):
    """What is asked for."""

    WITHHOLD = "withhold"
    ACTIVATE = "activate"
    RESTRICT = "restrict"
    RESTORE = "restore"


_PUBLIC_BODIES: Final = frozenset({AskerKind.STATE, AskerKind.COURT, AskerKind.REGULATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody outside.

    Attributes:
        party: An id by which conflicts of interest are found; empty for none.
        kind: What they are.
        name: Name of a public body; empty for everybody else.
        commitment: Salted hash of who they are; empty for none.
    """

    party: str
    kind: AskerKind
    name: str = ""
    commitment: str = ""

    @classmethod
    def read(cls, fields: Fields) -> "Asker":
        """Its fields."""
        found = cls(
            party=fields.id_or_none("party"),
            kind=fields.word("kind", AskerKind),
            name=fields.text("name", most=MAX_NAME),
            commitment=fields.digest_or_none("commitment"),
        )
        if fields.is_sound:
            message = "must be empty: only public bodies are named in a log that is never forgotten"
            fields.require("name", message, holds=not found.name or found.kind in _PUBLIC_BODIES)
            is_known = bool(found.party or found.name or found.commitment)
            fields.require("party", "must say who it is: a party, a name or a commitment", holds=is_known)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where.

    Attributes:
        text: In the words of whoever asks.
        cells_sha256: Hash of the list of cells; empty for none.
        cells_count: How many there are.
    """

    text: str
    cells_sha256: str = ""
    cells_count: int = 0

    @classmethod
    def read(cls, fields: Fields) -> "Area":
        """Its fields."""
        found = cls(
            text=fields.text("text", most=MAX_REASON),
            cells_sha256=fields.digest_or_none("cells_sha256"),
            cells_count=fields.number("cells_count", most=MAX_CELLS),
        )
        if fields.is_sound:
            message = "must be 0 without a list of cells, and 1 or more with one"
            fields.require("cells_count", message, holds=bool(found.cells_sha256) == bool(found.cells_count))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody outside asks for.

    Attributes:
        asker: Who.
        country: Country that it concerns, by ISO 3166-1; empty for none.
        wants: What.
        area: Where.
        ground: Why.
        received_at: When it came, as whoever registers it says.
        nonce: Bytes of chance.
    """

    asker: Asker
    country: str
    wants: Want
    area: Area
    ground: LegalBasis
    received_at: int
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "Request":
        """Its fields."""
        return cls(
            asker=Asker.read(fields.nested("asker")),
            country=fields.country("country"),
            wants=fields.word("wants", Want),
            area=Area.read(fields.nested("area")),
            ground=LegalBasis.read(fields.nested("ground")),
            received_at=fields.time_s("received_at"),
            nonce=fields.nonce(),
        )

    @classmethod
    def from_json(cls, value: Json, source: str = "request") -> "Request":
        """A request from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The request as an object."""
        return object_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRequest:
    """That somebody asked, and no more.

    Attributes:
        received_at: When it came.
        commitment: What it will be checked against when it is opened.
        request_class: Which class of request it is; ``class`` in the document.
        unseal_at: When it is to be opened.
        nonce: Bytes of chance.
    """

    received_at: int
    commitment: str
    request_class: Want
    unseal_at: int
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "SealedRequest":
        """Its fields."""
        found = cls(
            received_at=fields.time_s("received_at"),
            commitment=fields.digest("commitment"),
            request_class=fields.word("class", Want),
            unseal_at=fields.time_s("unseal_at", least=1),
            nonce=fields.nonce(),
        )
        if fields.is_sound:
            message = "must be after received_at: nothing is sealed for ever"
            fields.require("unseal_at", message, holds=found.unseal_at > found.received_at)
        return found

    @classmethod
    def from_json(cls, value: Json, source: str = "sealed-request") -> "SealedRequest":
        """A sealed request from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The sealed request as an object."""
        written = object_of(self)
        written["class"] = written.pop("request_class")
        return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseal:
    """What was sealed.

    Attributes:
        target: Digest of the sealed request.
        salt: Its 32 random bytes in hex.
        document: The request. Nothing of it has been checked.
    """

    target: str
    salt: str
    document: Mapping[str, Json]

    @classmethod
    def read(cls, fields: Fields) -> "Unseal":
        """Its fields."""
        return cls(target=fields.digest("target"), salt=fields.digest("salt"), document=fields.raw("document"))

    @classmethod
    def from_json(cls, value: Json, source: str = "unseal") -> "Unseal":
        """An opening from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The opening as an object."""
        return object_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request is told without a decision.

    Attributes:
        request: Digest of the request.
        verdict: What it is told.
        reason: Why.
        nonce: Bytes of chance.
    """

    request: str
    verdict: AnswerVerdict
    reason: str
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "Answer":
        """Its fields."""
        return cls(
            request=fields.digest("request"),
            verdict=fields.word("verdict", AnswerVerdict),
            reason=fields.text("reason", least=1, most=MAX_REASON),
            nonce=fields.nonce(),
        )

    @classmethod
    def from_json(cls, value: Json, source: str = "answer") -> "Answer":
        """An answer from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The answer as an object."""
        return object_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What a seat cannot judge, as it says itself; it only ever adds.

    Attributes:
        parties: Ids of parties.
        nonce: Bytes of chance.
    """

    parties: tuple[str, ...]
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "Interest":
        """Its fields."""
        return cls(parties=fields.ids("parties", least=1), nonce=fields.nonce())

    @classmethod
    def from_json(cls, value: Json, source: str = "interest") -> "Interest":
        """A declaration from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The declaration as an object."""
        return object_of(self)


def commitment_of(salt: bytes, document: Mapping[str, Json]) -> str:
    """What a sealed request shows of its document, in hex.

    Args:
        salt: 32 random bytes. Whoever forgets them makes the commitment say nothing for ever.
        document: The body of a request.

    Raises:
        FormatError: Another length of salt, or a document that cannot be signed.
    """
    if len(salt) != SALT_BYTES:
        raise malformed("sealed request", "salt", f"must have {SALT_BYTES} bytes, has {len(salt)}")
    return sha256(_SEALED + salt + canonical_bytes(dict(document), source="sealed request")).hexdigest()
