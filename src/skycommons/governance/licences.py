"""A licence: what a country's authority allows, as a seat with the role legal puts it on record.

* It allows and never switches anything: without one, nothing can be activated.
* A newer record with the same id takes the place of the older one; that is how a licence is withdrawn or renewed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skycommons.governance.canonical import Json
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.policy import MAX_CELLS
from skycommons.governance.words import ServiceClass

MAX_AUTHORITY: Final = 200
MAX_BANDS: Final = 32


class LicenceStatus(StrEnum):
    """Whether a licence holds."""

    VALID = "valid"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What an authority allows.

    Attributes:
        id: Name on record.
        authority: Who gave it: a public body.
        country: Its country, by ISO 3166-1.
        cells_sha256: Hash of the list of cells that it covers.
        cells_count: How many there are.
        bands: Bands of the spectrum, by id.
        service_classes: What may be offered.
        valid_from: From when it holds.
        valid_until: When it ends.
        document_sha256: Hash of the document.
        status: Whether it holds.
        nonce: Bytes of chance.
    """

    id: str
    authority: str
    country: str
    cells_sha256: str
    cells_count: int
    bands: tuple[str, ...]
    service_classes: tuple[ServiceClass, ...]
    valid_from: int
    valid_until: int
    document_sha256: str
    status: LicenceStatus
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "Licence":
        """Its fields."""
        found = cls(
            id=fields.id("id"),
            authority=fields.text("authority", least=1, most=MAX_AUTHORITY),
            country=fields.country("country"),
            cells_sha256=fields.digest("cells_sha256"),
            cells_count=fields.number("cells_count", least=1, most=MAX_CELLS),
            bands=fields.ids("bands", most=MAX_BANDS),
            service_classes=fields.words("service_classes", ServiceClass, least=1),
            valid_from=fields.time_s("valid_from"),
            valid_until=fields.time_s("valid_until"),
            document_sha256=fields.digest_or_none("document_sha256"),
            status=fields.word("status", LicenceStatus),
            nonce=fields.nonce(),
        )
        if fields.is_sound:
            fields.require("valid_until", "must be after valid_from", holds=found.valid_from < found.valid_until)
        return found

    @classmethod
    def from_json(cls, value: Json, source: str = "licence") -> "Licence":
        """A licence from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The licence as an object."""
        return object_of(self)
