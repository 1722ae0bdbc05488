"""An appeal: somebody who is affected asks others than the deciders to look at a decision again."""

from dataclasses import dataclass

from skycommons.governance.canonical import Json
from skycommons.governance.decisions import MAX_REASON
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.requests import Asker


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal, as a seat registers it.

    Attributes:
        decision: Digest of the decision.
        appellant: Who appeals.
        ground: Why.
        nonce: Bytes of chance.
    """

    decision: str
    appellant: Asker
    ground: str
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "Appeal":
        """Its fields."""
        return cls(
            decision=fields.digest("decision"),
            appellant=Asker.read(fields.nested("appellant")),
            ground=fields.text("ground", least=1, most=MAX_REASON),
            nonce=fields.nonce(),
        )

    @classmethod
    def from_json(cls, value: Json, source: str = "appeal") -> "Appeal":
        """An appeal from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The appeal as an object."""
        return object_of(self)
