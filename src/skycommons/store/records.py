"""What the database keeps, as values.

* An entry is its bytes. Kind, digest and leaf hash are computed from them, and stand beside them so that a row which was changed
  contradicts itself.
* The digest is over what was meant, without the signature under it: whoever hands in the same again, signed anew, gets the
  place that it already has.
* A secret is what stands behind a commitment in the log. Its commitment is computed from it, so a changed secret is no
  longer found under its name; a forgotten one leaves a commitment that says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self

import rfc8785

from skycommons.governance.canonical import Json
from skycommons.governance.entries import parse_entry
from skycommons.governance.lines import malformed
from skycommons.governance.merkle import leaf_hash

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry that has no place yet.

    Attributes:
        data: Its bytes.
        kind: What it is, such as ``decision``.
        digest: Of what it says, as hex.
        leaf: Hash of its leaf, as hex.
    """

    data: bytes
    kind: str
    digest: str
    leaf: str

    @classmethod
    def of(cls, data: bytes) -> Self:
        """An entry from its bytes.

        Raises:
            FormatError: They are not in the form of an entry.
        """
        entry = parse_entry(data)
        return cls(data=data, kind=entry.kind.value, digest=entry.digest, leaf=leaf_hash(data).hex())


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry(NewEntry):
    """An entry as a row of the database says it; nothing of it is checked.

    Attributes:
        index: Its place in the log, counted from 0.
    """

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far the log has come.

    Attributes:
        size: Number of entries.
        root: Root over them, as hex.
    """

    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one transaction carries.

    Attributes:
        entries: Entries that were judged good, in order.
        projection: What they change: subject to value, as `canonical_text` writes it.
    """

    entries: tuple[NewEntry, ...]
    projection: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """A batch is durable.

    Attributes:
        indexes: The place of each of its entries, in their order; an entry that was there already keeps its place.
        head: The log afterwards.
    """

    indexes: tuple[int, ...]
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Nothing was written: somebody else has appended since the batch was judged.

    Attributes:
        head: The log as it is now.
    """

    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What the database is.

    Attributes:
        origin: Name of the log that it keeps.
        format: Number of the form in which rows are written.
    """

    origin: str
    format: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What stands behind a commitment in the log: erased when somebody must be forgotten.

    Attributes:
        domain: What is committed to, such as ``skycommons/sealed/v1``.
        salt: 32 bytes of chance.
        document: The text behind it.
    """

    domain: str
    salt: bytes = field(repr=False)
    document: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise malformed("secret", "salt", f"must have {SALT_BYTES} bytes")

    @property
    def commitment(self) -> str:
        """What the log says of it, as hex."""
        return sha256(self.domain.encode() + b"\0" + self.salt + self.document).hexdigest()


def canonical_text(value: Json) -> str:
    """A value of the projection as the one text that stands for it (RFC 8785); it may be longer than an entry."""
    return rfc8785.dumps(value).decode()
