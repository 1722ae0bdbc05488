"""Who has a seat: members with their roles, keys and interests, and the organisations that they belong to.

* A member is a seat (``seat-ops-1``), not a person: names of persons do not stand in a log that is never forgotten.
* One key belongs to one seat, whatever its kind and however it is spelled. One seat may have several keys, and still one vote.
* Every organisation of a member stands in the list of organisations. Affiliates are meant in both directions, and affiliates of
  affiliates are affiliates: a concern is one hand.
* A roster has an epoch. Every decision and vote names it, so that a change of the roster ends what is under way.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from skycommons.base.errors import FormatError
from skycommons.governance.canonical import Json, canonical_bytes, parse_canonical
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.lines import bytes_of
from skycommons.governance.note_keys import ED25519_KEY_BYTES, check_ed25519
from skycommons.governance.words import KeyKind, Role

VERSION: Final = 1
MAX_KEYS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberKey:
    """A public key of a seat.

    Attributes:
        kind: What signs with it.
        key: 32 bytes in base64.
    """

    kind: KeyKind
    key: str

    @property
    def public_key(self) -> bytes:
        """The key as bytes; empty if the text is not base64."""
        return bytes_of(self.key) or b""

    @classmethod
    def read(cls, fields: Fields) -> "MemberKey":
        """Its fields."""
        found = cls(
            kind=fields.word("kind", KeyKind),
            key=fields.base64("key", least=ED25519_KEY_BYTES, most=ED25519_KEY_BYTES),
        )
        if len(found.public_key) == ED25519_KEY_BYTES:
            try:
                check_ed25519(found.public_key)
            except FormatError as error:
                fields.fault("key", error.faults[0].message)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A seat.

    Attributes:
        id: Its name.
        organisation: Whom it belongs to.
        roles: What it may vote as.
        keys: What it signs with.
        interests: Parties that it cannot judge.
    """

    id: str
    organisation: str
    roles: tuple[Role, ...]
    keys: tuple[MemberKey, ...]
    interests: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Fields) -> "Member":
        """Its fields."""
        return cls(
            id=fields.id("id"),
            organisation=fields.id("organisation"),
            roles=fields.words("roles", Role, least=1),
            keys=tuple(map(MemberKey.read, fields.objects("keys", least=1, most=MAX_KEYS))),
            interests=fields.ids("interests"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Somebody who has seats.

    Attributes:
        id: Its name.
        affiliates: Organisations that it owns, is owned by, or acts together with.
    """

    id: str
    affiliates: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Fields) -> "Organisation":
        """Its fields."""
        return cls(id=fields.id("id"), affiliates=fields.ids("affiliates"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody who has a seat.

    Attributes:
        epoch: Rises by one with each change.
        members: The seats.
        organisations: Whom they belong to.
    """

    epoch: int
    members: tuple[Member, ...]
    organisations: tuple[Organisation, ...]
    _hands: dict[str, frozenset[str]] = field(init=False, repr=False, compare=False, default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hash of its text, in hex."""
        return sha256(self.encode()).hexdigest()

    def member(self, id: str) -> Member | None:  # noqa: A002 - a seat's id
        """The seat of a name; ``None`` if there is none."""
        return next((member for member in self.members if member.id == id), None)

    def differs_only_in(self, id: str, other: "Roster") -> bool:  # noqa: A002 - a seat's id
        """Whether another roster changes this seat, and leaves all others and every organisation as they are."""
        here, there = (tuple(member for member in one.members if member.id != id) for one in (self, other))
        is_rest_same = here == there and set(self.organisations) <= set(other.organisations)
        return is_rest_same and self.member(id) != other.member(id)

    def affiliates(self, organisation: str) -> frozenset[str]:
        """Every organisation that is one hand with this one, and this one itself; found once, for every vote asks for it."""
        if organisation not in self._hands:
            self._hands[organisation] = self._hand(organisation)
        return self._hands[organisation]

    def _hand(self, organisation: str) -> frozenset[str]:
        """Affiliates of affiliates, until there are no more."""
        found, added = frozenset[str](), frozenset({organisation})
        while added:
            found |= added
            near = {other for one in self.organisations if one.id in added for other in one.affiliates}
            near |= {one.id for one in self.organisations if added & set(one.affiliates)}
            added = frozenset(near) - found
        return found

    @classmethod
    def read(cls, fields: Fields) -> "Roster":
        """Its fields."""
        fields.constant("v", VERSION)
        found = cls(
            epoch=fields.number("epoch", least=1),
            members=tuple(map(Member.read, fields.objects("members", least=1))),
            organisations=tuple(map(Organisation.read, fields.objects("organisations", least=1))),
        )
        if fields.is_sound:
            found._check(fields)
        return found

    @classmethod
    def from_json(cls, value: Json, source: str = "roster") -> "Roster":
        """A roster from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The roster as an object."""
        return {"v": VERSION, **object_of(self)}

    def encode(self) -> bytes:
        """The roster as the text that is hashed.

        Raises:
            FormatError: It is too long to be signed.
        """
        return canonical_bytes(self.to_json(), source="roster")

    def _check(self, fields: Fields) -> None:
        """Everybody stands there once, and every organisation is known."""
        known = {one.id for one in self.organisations}
        _once(
            fields, "organisations", [(f"organisations.{row}.id", one.id) for row, one in enumerate(self.organisations)]
        )
        _once(fields, "members", [(f"members.{row}.id", one.id) for row, one in enumerate(self.members)])
        for row, member in enumerate(self.members):
            fields.require(
                f"members.{row}.organisation",
                f"{member.organisation} does not stand in the list of organisations",
                holds=member.organisation in known,
            )
        keys = [
            (f"members.{row}.keys.{place}.key", key.key)
            for row, member in enumerate(self.members)
            for place, key in enumerate(member.keys)
        ]
        _once(fields, "keys", keys)


def parse_roster(data: bytes, *, source: str = "roster") -> Roster:
    """A roster from its text.

    Raises:
        FormatError: It is not canonical, or has faults; all of them are told.
    """
    return Roster.from_json(parse_canonical(data, source=source), source)


def _once(fields: Fields, what: str, found: list[tuple[str, str]]) -> None:
    """Refuse what stands there twice."""
    first: dict[str, str] = {}
    for place, value in found:
        before = first.setdefault(value, place)
        fields.require(place, f"stands in {before} already; {what} are all different", holds=before == place)
