"""The operator's own entries: how the log begins, what time it is, and what is in force.

* None of them decides anything. A verifier computes what they say from the entries before them, and finds one that says otherwise.
* ``genesis`` is the first entry and the only one of its kind: whoever trusts a log trusts its hash.
* ``witnessed`` is the log's clock: a checkpoint of this very log that witnesses saw, each at a time of its own clock.
* ``effective`` says that a decision is enforced; ``snapshot`` announces a version of the service map.
"""

from dataclasses import dataclass
from typing import Final

from skycommons.governance.canonical import Json
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.policy import Policy
from skycommons.governance.roster import Roster
from skycommons.governance.words import ServiceClass, ServiceState

MAX_NOTE: Final = 60_000
MAX_REMARK: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """How a log begins.

    Attributes:
        policy: The policy to begin with.
        roster: The seats to begin with.
        default_state: Whether there is service where nobody decided anything.
        default_class: How good it is there.
        created_at: When, as the operator says.
        note: For people.
    """

    policy: Policy
    roster: Roster
    default_state: ServiceState
    default_class: ServiceClass
    created_at: int
    note: str = ""

    @classmethod
    def read(cls, fields: Fields) -> "Genesis":
        """Its fields."""
        return cls(
            policy=Policy.read(fields.nested("policy")),
            roster=Roster.read(fields.nested("roster")),
            default_state=fields.word("default_state", ServiceState),
            default_class=fields.word("default_class", ServiceClass),
            created_at=fields.time_s("created_at"),
            note=fields.lines("note", most=MAX_REMARK),
        )

    @classmethod
    def from_json(cls, value: Json, source: str = "genesis") -> "Genesis":
        """A beginning from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The beginning as an object."""
        return {**object_of(self), "policy": self.policy.to_json(), "roster": self.roster.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """That witnesses saw this log.

    Attributes:
        note: The checkpoint with its cosignatures, as text. Nothing of it has been checked.
    """

    note: str

    @classmethod
    def read(cls, fields: Fields) -> "Witnessed":
        """Its fields."""
        return cls(note=fields.lines("note", least=1, most=MAX_NOTE))

    @classmethod
    def from_json(cls, value: Json, source: str = "witnessed") -> "Witnessed":
        """A sighting from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The sighting as an object."""
        return object_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """That a decision is enforced.

    Attributes:
        decision: Its digest.
        map_version: Version of the service map that it made.
        map_sha256: Hash of that map.
    """

    decision: str
    map_version: int
    map_sha256: str

    @classmethod
    def read(cls, fields: Fields) -> "Effective":
        """Its fields."""
        return cls(
            decision=fields.digest("decision"),
            map_version=fields.number("map_version"),
            map_sha256=fields.digest_or_none("map_sha256"),
        )

    @classmethod
    def from_json(cls, value: Json, source: str = "effective") -> "Effective":
        """A report from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The report as an object."""
        return object_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """That a version of the service map is announced.

    Attributes:
        map_version: Which.
        map_sha256: Hash of the map.
        previous_sha256: Hash of the one before; empty for the first.
    """

    map_version: int
    map_sha256: str
    previous_sha256: str

    @classmethod
    def read(cls, fields: Fields) -> "Snapshot":
        """Its fields."""
        return cls(
            map_version=fields.number("map_version"),
            map_sha256=fields.digest("map_sha256"),
            previous_sha256=fields.digest_or_none("previous_sha256"),
        )

    @classmethod
    def from_json(cls, value: Json, source: str = "snapshot") -> "Snapshot":
        """An announcement from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The announcement as an object."""
        return object_of(self)
