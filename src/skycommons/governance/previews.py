"""A preview: what a decision would do, as a program computed it from a plan, and as approvers saw it.

* A decision names its preview by hash, and so does every vote: nobody approves an effect that was not shown.
* It is recomputable: it names the cells, the map that it starts from, the scenario, the program and the slots. Whoever has these makes
  the same bytes, or has found that it is wrong. The log keeps it; it does not vouch for it.
* All figures are whole numbers, of terminals, people and kbit/s.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from skycommons.governance.canonical import Json, canonical_bytes, parse_canonical
from skycommons.governance.decisions import Effect, To
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.policy import MAX_CELLS

VERSION: Final = 1
MAX_SLOTS: Final = 1_000
MAX_SITES: Final = 500
MAX_PROGRAM: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalsEffect:
    """What becomes of terminals.

    Attributes:
        inside: How many there are in the cells.
        lose: How many of them lose service.
        gain: How many of them gain it.
        elsewhere_lose: How many lose it in other cells.
    """

    inside: int
    lose: int
    gain: int
    elsewhere_lose: int

    @classmethod
    def read(cls, fields: Fields) -> "TerminalsEffect":
        """Its fields."""
        return cls(
            inside=fields.number("inside"),
            lose=fields.number("lose"),
            gain=fields.number("gain"),
            elsewhere_lose=fields.number("elsewhere_lose"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleEffect:
    """What becomes of people.

    Attributes:
        inside: How many live in the cells.
        lose: How many of them lose service.
        gain: How many of them gain it.
    """

    inside: int
    lose: int
    gain: int

    @classmethod
    def read(cls, fields: Fields) -> "PeopleEffect":
        """Its fields."""
        return cls(inside=fields.number("inside"), lose=fields.number("lose"), gain=fields.number("gain"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedEffect:
    """What becomes of a protected user in the cells.

    Attributes:
        id: Who.
        site_class: What kind of user; ``class`` in the document.
        cell: Where.
        loses: Whether service is lost.
    """

    id: str
    site_class: str
    cell: str
    loses: bool

    @classmethod
    def read(cls, fields: Fields) -> "ProtectedEffect":
        """Its fields."""
        return cls(
            id=fields.id("id"), site_class=fields.id("class"), cell=fields.cell("cell"), loses=fields.flag("loses")
        )

    def to_json(self) -> dict[str, Json]:
        """As it stands in the preview."""
        return {"id": self.id, "class": self.site_class, "cell": self.cell, "loses": self.loses}


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityEffect:
    """What becomes of capacity.

    Attributes:
        inside_before_kbps, inside_after_kbps: In the cells.
        elsewhere_before_kbps, elsewhere_after_kbps: In all others.
    """

    inside_before_kbps: int
    inside_after_kbps: int
    elsewhere_before_kbps: int
    elsewhere_after_kbps: int

    @classmethod
    def read(cls, fields: Fields) -> "CapacityEffect":
        """Its fields."""
        return cls(
            inside_before_kbps=fields.number("inside_before_kbps"),
            inside_after_kbps=fields.number("inside_after_kbps"),
            elsewhere_before_kbps=fields.number("elsewhere_before_kbps"),
            elsewhere_after_kbps=fields.number("elsewhere_after_kbps"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsEffect:
    """What becomes of cells.

    Attributes:
        served_before, served_after: How many of the decision's cells are served.
    """

    served_before: int
    served_after: int

    @classmethod
    def read(cls, fields: Fields) -> "CellsEffect":
        """Its fields."""
        return cls(
            served_before=fields.number("served_before", most=MAX_CELLS),
            served_after=fields.number("served_after", most=MAX_CELLS),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a decision would do.

    Attributes:
        origin: The log that it is for.
        cells_sha256: Hash of the list of cells; empty for a decision without.
        cells_count: How many there are.
        to: What is to hold.
        effect: Which way it goes.
        base_state_version: Version of the service map before.
        base_map_sha256: Hash of that map; empty before the first.
        scenario_sha256: Hash of the scenario that was planned.
        program: What computed it, with its version.
        slots: Times of the plan that were looked at.
        terminals, people, protected, capacity, cells: What becomes of them.
    """

    origin: str
    cells_sha256: str
    cells_count: int
    to: To
    effect: Effect
    base_state_version: int
    base_map_sha256: str
    scenario_sha256: str
    program: str
    slots: tuple[int, ...]
    terminals: TerminalsEffect
    people: PeopleEffect
    protected: tuple[ProtectedEffect, ...]
    capacity: CapacityEffect
    cells: CellsEffect

    @property
    def sha256(self) -> str:
        """Hash of its text, in hex."""
        return sha256(self.encode()).hexdigest()

    @classmethod
    def read(cls, fields: Fields) -> "Preview":
        """Its fields."""
        fields.constant("v", VERSION)
        found = cls(
            origin=fields.text("origin", least=1, most=255),
            cells_sha256=fields.digest_or_none("cells_sha256"),
            cells_count=fields.number("cells_count", most=MAX_CELLS),
            to=To.read(fields.nested("to")),
            effect=fields.word("effect", Effect),
            base_state_version=fields.number("base_state_version"),
            base_map_sha256=fields.digest_or_none("base_map_sha256"),
            scenario_sha256=fields.digest("scenario_sha256"),
            program=fields.text("program", least=1, most=MAX_PROGRAM),
            slots=fields.numbers("slots", most=MAX_SLOTS),
            terminals=TerminalsEffect.read(fields.nested("terminals")),
            people=PeopleEffect.read(fields.nested("people")),
            protected=tuple(map(ProtectedEffect.read, fields.objects("protected", most=MAX_SITES))),
            capacity=CapacityEffect.read(fields.nested("capacity")),
            cells=CellsEffect.read(fields.nested("cells")),
        )
        ids = [site.id for site in found.protected]
        fields.require("protected", "names one of them twice", holds=len(set(ids)) == len(ids))
        return found

    @classmethod
    def from_json(cls, value: Json, source: str = "preview") -> "Preview":
        """A preview from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The preview as an object."""
        return {"v": VERSION, **object_of(self), "protected": [site.to_json() for site in self.protected]}

    def encode(self) -> bytes:
        """The preview as the text that is hashed.

        Raises:
            FormatError: It is too long to be signed.
        """
        return canonical_bytes(self.to_json(), source="preview")


def parse_preview(data: bytes, *, source: str = "preview") -> Preview:
    """A preview from its text.

    Raises:
        FormatError: It is not canonical, or has faults; all of them are told.
    """
    return Preview.from_json(parse_canonical(data, source=source), source)
