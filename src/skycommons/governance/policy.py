"""The policy: which decision needs whom, how long it waits, and how long it may last.

* A policy is governed by itself: it is changed by the rule ``governance``, under the old and the new text.
* Its figures are free within bounds that stand here and that no policy can leave, so that a policy cannot be the way around:

  * Whatever changes service or governance needs two approvals at least, and all but a restore two different roles.
  * The requester's own vote counts in emergencies and restores alone, and then as one of them.
  * ``governance`` needs no fewer approvals than any other rule, waits no shorter, and waits at all.
  * Every reduction ends. A regular one waits, so that it can be vetoed; an emergency is short (72 hours at most), small and for a named
    reason.
  * A restore needs no more than any other rule over service, and waits no longer: what was taken is given back easily.
  * A reduction takes cells that lie in the area as a whole: nobody outside is darkened.

* The default figures stand in `default_policy`. They are a proposal; lawyers have to read them.

Source of the figures: this project's choice, after AWS multi-party approval, TUF, ICANN's key ceremonies and the principles on
shutdowns of OHCHR (A/HRC/50/55); see docs/concepts/decisions-documents.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from skycommons.governance.canonical import Json, canonical_bytes, parse_canonical
from skycommons.governance.fields import Fields, object_of, read_object
from skycommons.governance.words import Basis, Border, Role, ServiceClass

VERSION: Final = 1
H3_RES: Final = 5
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
MAX_DURATION_S: Final = 3_660 * DAY_S
MAX_EMERGENCY_S: Final = 72 * HOUR_S
MAX_SEATS: Final = 100
MAX_CELLS: Final = 2_016_842  # all cells of resolution 5 there are


class RuleName(StrEnum):
    """The rules that every policy has."""

    SUSPEND_TERRITORY = "suspend-territory"
    RESTRICT_TERRITORY = "restrict-territory"
    SUSPEND_GROUP = "suspend-group"
    ACTIVATE = "activate"
    RESTORE = "restore"
    GOVERNANCE = "governance"
    EMERGENCY_REDUCE = "emergency-reduce"
    EMERGENCY_ADD = "emergency-add"
    REVIEW = "review"
    APPEAL = "appeal"


_REGULAR_REDUCTIONS: Final = (RuleName.SUSPEND_TERRITORY, RuleName.RESTRICT_TERRITORY, RuleName.SUSPEND_GROUP)
_EMERGENCIES: Final = (RuleName.EMERGENCY_REDUCE, RuleName.EMERGENCY_ADD)
_JUDGING: Final = (RuleName.REVIEW, RuleName.APPEAL)  # change nothing by themselves
_ENDING: Final = (*_REGULAR_REDUCTIONS, *_EMERGENCIES)
_REQUESTER_MAY_COUNT: Final = (*_EMERGENCIES, RuleName.RESTORE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one class of decisions needs.

    Attributes:
        approvals: So many seats agree.
        seats: So many seats there must be.
        roles: So many of them at least, by role.
        distinct_roles: In so many different roles.
        organisations: Of so many different organisations.
        rejections: So many noes end it.
        requester_counts: Whether the requester's own vote counts, and the requester's organisation may vote.
        delay_s: How long it waits after its quorum.
        max_duration_s: How long it may last; 0 for as long as a licence does.
        max_cells: How many cells it may cover; 0 for any number.
        bases: On which grounds; none for any.
        approval_clock_s: After so long without a quorum it lapses.
        execution_clock_s: After so long without taking effect it lapses.
        emergency: Whether it takes effect at once and is reviewed afterwards.
    """

    approvals: int
    seats: int
    roles: Mapping[Role, int]
    distinct_roles: int
    organisations: int
    rejections: int
    requester_counts: bool
    delay_s: int
    max_duration_s: int
    max_cells: int
    bases: tuple[Basis, ...]
    approval_clock_s: int
    execution_clock_s: int
    emergency: bool

    @property
    def least_roles(self) -> int:
        """How many different roles have to agree."""
        return max(self.distinct_roles, len(self.roles))

    @classmethod
    def read(cls, fields: Fields) -> "Rule":
        """Its fields."""
        found = cls(
            approvals=fields.number("approvals", least=1, most=MAX_SEATS),
            seats=fields.number("seats", least=1, most=MAX_SEATS),
            roles=MappingProxyType(fields.counts("roles", Role, most=MAX_SEATS)),
            distinct_roles=fields.number("distinct_roles", least=1, most=len(Role)),
            organisations=fields.number("organisations", least=1, most=MAX_SEATS),
            rejections=fields.number("rejections", least=1, most=MAX_SEATS),
            requester_counts=fields.flag("requester_counts"),
            delay_s=fields.number("delay_s", most=MAX_DURATION_S),
            max_duration_s=fields.number("max_duration_s", most=MAX_DURATION_S),
            max_cells=fields.number("max_cells", most=MAX_CELLS),
            bases=fields.words("bases", Basis),
            approval_clock_s=fields.number("approval_clock_s", least=1, most=MAX_DURATION_S),
            execution_clock_s=fields.number("execution_clock_s", least=1, most=MAX_DURATION_S),
            emergency=fields.flag("emergency"),
        )
        if fields.is_sound:
            found._check(fields)
        return found

    def _check(self, fields: Fields) -> None:
        """It can be met."""
        fields.require("approvals", "cannot be more than seats", holds=self.approvals <= self.seats)
        fields.require("rejections", "cannot be more than seats", holds=self.rejections <= self.seats)
        for name, count in (
            ("roles", sum(self.roles.values())),
            ("distinct_roles", self.distinct_roles),
            ("organisations", self.organisations),
        ):
            fields.require(name, "ask for more seats than there are approvals", holds=count <= self.approvals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules in force.

    Attributes:
        version: Rises by one with each change.
        rules: The rules by `RuleName`.
        protected_delay_s: How long a reduction waits where protected users lose service.
        floor_class: A class below it counts as a suspension.
        border: Which cells at the border a ``reduce`` and an ``add`` take.
        h3_res: Resolution of the cells.
        protected_classes: Users who keep their service unless named one by one.
        open_requests_per_member: So many decisions of one seat may wait at a time.
    """

    version: int
    rules: Mapping[str, Rule]
    protected_delay_s: int
    floor_class: ServiceClass
    border: Mapping[str, Border]
    h3_res: int
    protected_classes: tuple[str, ...]
    open_requests_per_member: int
    _sha256: str = field(init=False, repr=False, compare=False, default="")

    @property
    def sha256(self) -> str:
        """Hash of its text, in hex; computed once, for every decision asks for it."""
        if not self._sha256:
            object.__setattr__(self, "_sha256", sha256(self.encode()).hexdigest())
        return self._sha256

    @classmethod
    def read(cls, fields: Fields) -> "Policy":
        """Its fields."""
        fields.constant("v", VERSION)
        border, rules = fields.nested("border"), fields.nested("rules")
        found = cls(
            version=fields.number("version", least=1),
            rules=MappingProxyType({name.value: Rule.read(rules.nested(name)) for name in RuleName}),
            protected_delay_s=fields.number("protected_delay_s", most=MAX_DURATION_S),
            floor_class=fields.word("floor_class", ServiceClass),
            border=MappingProxyType({effect: border.word(effect, Border) for effect in ("reduce", "add")}),
            h3_res=fields.number("h3_res", least=H3_RES, most=H3_RES),
            protected_classes=fields.ids("protected_classes"),
            open_requests_per_member=fields.number("open_requests_per_member", least=1),
        )
        if fields.is_sound:
            for place, message in found._faults():
                fields.fault(place, message)
        return found

    @classmethod
    def from_json(cls, value: Json, source: str = "policy") -> "Policy":
        """A policy from its object.

        Raises:
            FormatError: It has faults; all of them are told.
        """
        return read_object(value, source, cls.read)

    def to_json(self) -> dict[str, Json]:
        """The policy as an object."""
        return {"v": VERSION, **object_of(self)}

    def encode(self) -> bytes:
        """The policy as the text that is hashed.

        Raises:
            FormatError: It is too long to be signed.
        """
        return canonical_bytes(self.to_json(), source="policy")

    def _faults(self) -> Iterable[tuple[str, str]]:
        """Where it leaves the bounds of every policy: place and message."""
        yield from self._hands_faults()
        yield from self._governance_faults()
        yield from self._restore_faults()
        yield from self._reduction_faults()
        if self.border["reduce"] != Border.FULL:
            yield "border.reduce", "must be full: a reduction darkens nobody outside its area"

    def _hands_faults(self) -> Iterable[tuple[str, str]]:
        """No rule can be met by one person."""
        for name, rule in self.rules.items():
            at = f"rules.{name}"
            if name not in _JUDGING and rule.approvals < 2:
                yield f"{at}.approvals", "must be 2 or more: no single hand"
            if name not in (*_JUDGING, RuleName.RESTORE) and rule.least_roles < 2:
                yield f"{at}.distinct_roles", "must be 2 or more: nobody decides among their own"
            if rule.requester_counts and name not in _REQUESTER_MAY_COUNT:
                yield f"{at}.requester_counts", "must be false: who asks does not decide"
            if rule.emergency != (name in _EMERGENCIES):
                yield f"{at}.emergency", f"must be {'true' if name in _EMERGENCIES else 'false'}"

    def _governance_faults(self) -> Iterable[tuple[str, str]]:
        """The rule that can change the others is as hard as they are."""
        own = self.rules[RuleName.GOVERNANCE]
        if own.approvals < max(rule.approvals for rule in self.rules.values()):
            yield "rules.governance.approvals", "must be no fewer than those of any other rule, which it can change"
        if own.delay_s < max(1, *(rule.delay_s for rule in self.rules.values())):
            yield "rules.governance.delay_s", "must be 1 or more, and no less than that of any other rule"

    def _restore_faults(self) -> Iterable[tuple[str, str]]:
        """Giving back is no harder than taking."""
        own = self.rules[RuleName.RESTORE]
        others = [self.rules[name] for name in (*_REGULAR_REDUCTIONS, RuleName.ACTIVATE)]
        if own.approvals > min(rule.approvals for rule in others):
            yield "rules.restore.approvals", "must be no more than those of any regular rule over service"
        if own.delay_s > min(rule.delay_s for rule in others):
            yield "rules.restore.delay_s", "must be no more than that of any regular rule over service"

    def _reduction_faults(self) -> Iterable[tuple[str, str]]:
        """Reductions wait and end; emergencies are short and small."""
        for name in _ENDING:
            if not self.rules[name].max_duration_s:
                yield f"rules.{name}.max_duration_s", "must be 1 or more: it has to end"
        for name in _REGULAR_REDUCTIONS:
            if not self.rules[name].delay_s:
                yield f"rules.{name}.delay_s", "must be 1 or more: there has to be time for a veto"
        if self.protected_delay_s < self.rules[RuleName.SUSPEND_TERRITORY].delay_s:
            yield "protected_delay_s", "must be no less than the delay of suspend-territory"
        for name in _EMERGENCIES:
            if self.rules[name].max_duration_s > MAX_EMERGENCY_S:
                yield f"rules.{name}.max_duration_s", f"must be {MAX_EMERGENCY_S:,} or less: an emergency is short"
        emergency = self.rules[RuleName.EMERGENCY_REDUCE]
        if emergency.max_duration_s > min(self.rules[name].max_duration_s for name in _REGULAR_REDUCTIONS):
            yield "rules.emergency-reduce.max_duration_s", "must be no more than that of any regular reduction"
        if not emergency.max_cells:
            yield "rules.emergency-reduce.max_cells", "must be 1 or more: an emergency is small"
        if not emergency.bases:
            yield "rules.emergency-reduce.bases", "must name the grounds that an emergency may have"


def parse_policy_document(data: bytes, *, source: str = "policy") -> Policy:
    """A policy from its text.

    Raises:
        FormatError: It is not canonical, or has faults; all of them are told.
    """
    return Policy.from_json(parse_canonical(data, source=source), source)


def default_policy() -> Policy:
    """The policy to begin with."""
    return Policy(
        version=1,
        rules=MappingProxyType({name.value: _default_rule(name) for name in RuleName}),
        protected_delay_s=7 * DAY_S,
        floor_class=ServiceClass.STANDARD,
        border=MappingProxyType({"reduce": Border.FULL, "add": Border.CENTER}),
        h3_res=H3_RES,
        protected_classes=(
            *("hospital", "emergency-service", "humanitarian", "diplomatic-mission"),
            *("aviation-safety", "maritime-safety", "public-warning", "election-body", "news-media"),
        ),
        open_requests_per_member=10,
    )


def _default_rule(name: RuleName) -> Rule:
    """One rule of the policy to begin with."""
    two_roles = 2
    three_sides = MappingProxyType({Role.OPERATIONS: 1, Role.LEGAL: 1, Role.OVERSIGHT: 1})
    public_law = (Basis.COURT_ORDER, Basis.REGULATOR, Basis.LICENCE, Basis.SAFETY, Basis.INTERFERENCE)
    urgent = (Basis.SAFETY, Basis.INTERFERENCE, Basis.STOLEN_KITS)
    match name:
        case RuleName.SUSPEND_TERRITORY:
            rule = _rule(4, 7, roles=three_sides, organisations=2, delay_s=72 * HOUR_S, max_duration_s=30 * DAY_S)
            return replace(rule, distinct_roles=3, bases=public_law)
        case RuleName.RESTRICT_TERRITORY | RuleName.SUSPEND_GROUP:
            return _rule(3, 5, distinct_roles=two_roles, delay_s=DAY_S, max_duration_s=90 * DAY_S)
        case RuleName.ACTIVATE:
            return _rule(3, 5, distinct_roles=two_roles, delay_s=DAY_S)
        case RuleName.RESTORE:
            return _rule(2, 5)
        case RuleName.GOVERNANCE:
            return _rule(5, 7, distinct_roles=two_roles, organisations=2, delay_s=7 * DAY_S)
        case RuleName.EMERGENCY_REDUCE:
            rule = _rule(2, 2, distinct_roles=two_roles, max_duration_s=6 * HOUR_S)
            return replace(rule, max_cells=500, bases=urgent, requester_counts=True, emergency=True)
        case RuleName.EMERGENCY_ADD:
            rule = _rule(2, 2, distinct_roles=two_roles, max_duration_s=72 * HOUR_S)
            return replace(rule, bases=(Basis.HUMANITARIAN, Basis.SAFETY), requester_counts=True, emergency=True)
        case RuleName.REVIEW:
            return _rule(2, 2, roles=MappingProxyType({Role.OVERSIGHT: 1}))
        case _:  # an appeal
            return _rule(2, 2)


_NO_ROLES: Final[Mapping[Role, int]] = MappingProxyType({})


def _rule(
    approvals: int,
    seats: int,
    *,
    roles: Mapping[Role, int] = _NO_ROLES,
    distinct_roles: int = 1,
    organisations: int = 1,
    delay_s: int = 0,
    max_duration_s: int = 0,
) -> Rule:
    """A rule with what most rules have."""
    return Rule(
        approvals=approvals,
        seats=seats,
        roles=roles,
        distinct_roles=distinct_roles,
        organisations=organisations,
        rejections=seats - approvals + 1,
        requester_counts=False,
        delay_s=delay_s,
        max_duration_s=max_duration_s,
        max_cells=0,
        bases=(),
        approval_clock_s=14 * DAY_S,
        execution_clock_s=3 * DAY_S,
        emergency=False,
    )
