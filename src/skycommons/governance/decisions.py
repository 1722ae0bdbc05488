"""A decision: what is to change, where, for whom, on what ground, and by which rule.

* Everything that an approver agrees to stands in it, or in a blob that it names by its hash: the list of cells, the preview of the
  effect, the new policy or roster. Another text is another decision.
* It names the policy, the epoch of the roster and the version of the service map that it was made under; if one of them changes, it
  is void.
* Nobody edits a decision. A change is a new one that names the old one in ``replaces``.
* What stands here is the form. What is allowed depends on the log so far, and stands in `ledger`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skycommons.governance.canonical import Json
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.policy import H3_RES, MAX_CELLS, MAX_DURATION_S, RuleName
from skycommons.governance.words import Basis, Border, ServiceClass, ServiceState

MAX_TITLE: Final = 200
MAX_REFERENCE: Final = 300
MAX_REASON: Final = 2_000
MAX_SITES: Final = 200
MAX_PARTIES: Final = 100


class DecisionKind(StrEnum):
    """What a decision is about."""

    TERRITORY = "territory"
    CUSTOMER_GROUP = "customer-group"
    TERMINAL_CLASS = "terminal-class"
    POLICY = "policy"
    ROSTER = "roster"
    KEY = "key"


class Effect(StrEnum):
    """Which way a decision goes."""

    REDUCE = "reduce"
    ADD = "add"
    RESTORE = "restore"
    CHANGE = "change"  # of the policy, the roster or the keys


class Presence(StrEnum):
    """Which terminals a decision over a territory is about."""

    REGISTERED = "registered"
    LOCATED = "located"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """What is to hold.

    Attributes:
        state: Whether there is service.
        service_class: How good it is.
    """

    state: ServiceState
    service_class: ServiceClass

    @classmethod
    def read(cls, fields: Fields) -> "To":
        """Its fields."""
        return cls(state=fields.word("state", ServiceState), service_class=fields.word("service_class", ServiceClass))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where, and for whom.

    Attributes:
        h3_res: Resolution of the cells; 0 where there are none.
        h3_version: Version of the library that chose them.
        cells_sha256: Hash of their list; empty where there is none.
        cells_count: How many there are.
        polygon_sha256: Hash of the area that they were chosen from; empty for none.
        border: How cells at its border were chosen.
        who: Terminals registered there, located there, or both.
        groups: Groups of customers or classes of terminals.
    """

    h3_res: int
    h3_version: str
    cells_sha256: str
    cells_count: int
    polygon_sha256: str
    border: Border
    who: Presence
    groups: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Fields) -> "Scope":
        """Its fields."""
        found = cls(
            h3_res=fields.number("h3_res", most=15),
            h3_version=fields.text("h3_version", most=20),
            cells_sha256=fields.digest_or_none("cells_sha256"),
            cells_count=fields.number("cells_count", most=MAX_CELLS),
            polygon_sha256=fields.digest_or_none("polygon_sha256"),
            border=fields.word("border", Border),
            who=fields.word("who", Presence),
            groups=fields.ids("groups"),
        )
        if fields.is_sound:
            has_cells = bool(found.cells_sha256)
            fields.require(
                "cells_count",
                "must be 0 without a list of cells, and 1 or more with one",
                holds=has_cells == bool(found.cells_count),
            )
            resolutions = (H3_RES,) if has_cells else (0, H3_RES)
            fields.require("h3_res", f"must be {' or '.join(map(str, resolutions))}", holds=found.h3_res in resolutions)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSite:
    """A protected user who loses service all the same.

    Attributes:
        id: Who.
        reason: Why.
    """

    id: str
    reason: str

    @classmethod
    def read(cls, fields: Fields) -> "ProtectedSite":
        """Its fields."""
        return cls(id=fields.id("id"), reason=fields.text("reason", least=1, most=MAX_REFERENCE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """What becomes of protected users.

    Attributes:
        exempt: Whether they keep their service.
        sites: Those who lose it, one by one.
    """

    exempt: bool
    sites: tuple[ProtectedSite, ...] = ()

    @classmethod
    def read(cls, fields: Fields) -> "Protected":
        """Its fields."""
        found = cls(
            exempt=fields.flag("exempt"),
            sites=tuple(map(ProtectedSite.read, fields.objects("sites", most=MAX_SITES))),
        )
        ids = [site.id for site in found.sites]
        fields.require("sites", "names one of them twice", holds=len(set(ids)) == len(ids))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """On what ground.

    Attributes:
        type: What kind of ground.
        ref: What others know it by.
        document_sha256: Hash of the document; empty for none.
        sealed_until: Until when the law keeps the document secret; 0 for not at all.
    """

    type: Basis
    ref: str
    document_sha256: str = ""
    sealed_until: int = 0

    @classmethod
    def read(cls, fields: Fields) -> "LegalBasis":
        """Its fields."""
        return cls(
            type=fields.word("type", Basis),
            ref=fields.text("ref", most=MAX_REFERENCE),
            document_sha256=fields.digest_or_none("document_sha256"),
            sealed_until=fields.time_s("sealed_until"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to change. Who asks for it stands in the entry's ``by``.

    Attributes:
        title: For people.
        kind: What it is about.
        effect: Which way it goes.
        to: What is to hold.
        scope: Where, and for whom.
        target: Digest of the decision that is restored; empty for none.
        replaces: Digest of the decision that this one stands for; empty for none.
        request: Digest of the request that it answers; empty for none.
        licence: Id of the licence that it needs; empty for none.
        protected: What becomes of protected users.
        preview_sha256: Hash of the preview of its effect; empty for none.
        base_state_version: Version of the service map that it changes.
        legal_basis: On what ground.
        parties: Whoever is concerned, by id.
        policy_sha256: Hash of the policy that it was made under.
        roster_epoch: Epoch of the roster that it was made under.
        quorum_rule: The rule that it needs.
        not_before_delay_s: How long it waits after its quorum.
        ends_at: When it ends; 0 for never.
        created_at: When it was made, as its maker says.
        change_sha256: Hash of the new policy, roster or trust; empty for none.
        nonce: Bytes of chance.
    """

    title: str
    kind: DecisionKind
    effect: Effect
    to: To
    scope: Scope
    target: str
    replaces: str
    request: str
    licence: str
    protected: Protected
    preview_sha256: str
    base_state_version: int
    legal_basis: LegalBasis
    parties: tuple[str, ...]
    policy_sha256: str
    roster_epoch: int
    quorum_rule: RuleName
    not_before_delay_s: int
    ends_at: int
    created_at: int
    change_sha256: str
    nonce: str

    @classmethod
    def read(cls, fields: Fields) -> "Decision":
        """Its fields."""
        return cls(
            title=fields.text("title", least=1, most=MAX_TITLE),
            kind=fields.word("kind", DecisionKind),
            effect=fields.word("effect", Effect),
            to=To.read(fields.nested("to")),
            scope=Scope.read(fields.nested("scope")),
            target=fields.digest_or_none("target"),
            replaces=fields.digest_or_none("replaces"),
            request=fields.digest_or_none("request"),
            licence=fields.id_or_none("licence"),
            protected=Protected.read(fields.nested("protected")),
            preview_sha256=fields.digest_or_none("preview_sha256"),
            base_state_version=fields.number("base_state_version"),
            legal_basis=LegalBasis.read(fields.nested("legal_basis")),
            parties=fields.ids("parties", most=MAX_PARTIES),
            policy_sha256=fields.digest("policy_sha256"),
            roster_epoch=fields.number("roster_epoch", least=1),
            quorum_rule=fields.word("quorum_rule", RuleName),
            not_before_delay_s=fields.number("not_before_delay_s", most=MAX_DURATION_S),
            ends_at=fields.time_s("ends_at"),
            created_at=fields.time_s("created_at"),
            change_sha256=fields.digest_or_none("change_sha256"),
            nonce=fields.nonce(),
        )

    @classmethod
    def from_json(cls, value: Json, source: str = "decision") -> "Decision":
        """A decision from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The decision as an object."""
        return object_of(self)
