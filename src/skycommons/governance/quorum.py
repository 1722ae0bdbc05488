"""Whether enough different hands agree.

* A vote is a person's: one seat, one vote, whatever number of keys; the last one stands. Silence is a no.
* Who may not vote: the requester and everybody of the requester's organisation and its affiliates (unless the rule counts the
  requester); who recused himself; whoever is, belongs to, or declared an interest in a party to the decision.
* A vote is cast in one role that the seat has. The rule says how many votes, how many of which roles, how many different
  roles and organisations. Organisations that are affiliates of each other are one.
* A quorum rules over one decision, by its digest, and one preview, by its hash: votes name both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from skycommons.base.errors import QuorumError
from skycommons.governance.policy import Rule
from skycommons.governance.roster import Member, Roster

NO_INTERESTS: Mapping[str, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One vote as it is counted.

    Attributes:
        member: The seat.
        role: In which of its roles.
    """

    member: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """What keeps seats from voting on one matter.

    Attributes:
        requester: The seat that asked; empty for none.
        requester_hand: Organisations that are one hand with it, by the roster in force; a new roster that parts them frees nobody.
        parties: Parties to the matter, by id.
        recused: Seats that recused themselves.
        barred: Seats that had a hand in what is judged now.
        interests: Parties that each seat declared an interest in, those of the roster apart.
    """

    requester: str = ""
    requester_hand: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    interests: Mapping[str, frozenset[str]] = field(default_factory=lambda: NO_INTERESTS)

    def fault_of(self, member: Member, rule: Rule, roster: Roster) -> str:
        """Why a seat may not vote, as the end of a sentence; empty if it may."""
        if member.id in self.recused:
            return "recused itself"
        if member.id in self.barred:
            return "had a hand in what is judged"
        if self.requester and not rule.requester_counts:
            if member.id == self.requester:
                return "made the request"
            asking = roster.member(self.requester)
            hand = self.requester_hand if asking is None else self.requester_hand | {asking.organisation}
            if not hand.isdisjoint(related(member, roster)):
                return f"belongs to {member.organisation}, as the requester does"
        held = {member.id, *related(member, roster), *member.interests}
        concerned = sorted((self.parties & held) | (self.parties & self.interests.get(member.id, frozenset())))
        return f"has an interest in the party {concerned[0]}" if concerned else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumCount:
    """How a rule fares with some votes; true if it is met.

    Attributes:
        rule: The rule.
        counted: Votes that count.
        excluded: Seats whose votes do not count, and why.
        missing: What the rule still lacks, each as a phrase.
    """

    rule: Rule
    counted: tuple[Ballot, ...]
    excluded: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.missing


def related(member: Member, roster: Roster) -> frozenset[str]:
    """A seat's organisation with everybody who is one hand with it."""
    return roster.affiliates(member.organisation)


def quorum_result(rule: Rule, roster: Roster, ballots: Iterable[Ballot], conflicts: Conflicts) -> QuorumCount:
    """Count votes of agreement.

    Args:
        rule: What is needed.
        roster: Who has a seat. A ballot of anybody else, or in a role that the seat does not have, does not count.
        ballots: One for each seat at most; of two, the last.
        conflicts: What keeps seats from voting.
    """
    counted, excluded = [], []
    for ballot in {one.member: one for one in ballots}.values():
        member = roster.member(ballot.member)
        if member is None or ballot.role not in member.roles:
            excluded.append((ballot.member, f"has no seat as {ballot.role}"))
        elif why := conflicts.fault_of(member, rule, roster):
            excluded.append((ballot.member, why))
        else:
            counted.append((ballot, related(member, roster)))
    votes = [ballot for ballot, _ in counted]
    return QuorumCount(
        rule=rule,
        counted=tuple(votes),
        excluded=tuple(excluded),
        missing=tuple(_missing(rule, [one.role for one in votes], {hand for _, hand in counted})),
    )


def verify_quorum(rule: Rule, roster: Roster, ballots: Iterable[Ballot], conflicts: Conflicts) -> QuorumCount:
    """`quorum_result`, or an error.

    Raises:
        QuorumError: The rule is not met; the message says what is missing.
    """
    result = quorum_result(rule, roster, ballots, conflicts)
    if not result:
        raise QuorumError(f"the quorum is not met: {', '.join(result.missing)}")
    return result


def eligible(rule: Rule, roster: Roster, conflicts: Conflicts) -> tuple[str, ...]:
    """Seats that may vote, in the order of the roster."""
    return tuple(member.id for member in roster.members if not conflicts.fault_of(member, rule, roster))


def _missing(rule: Rule, roles: Sequence[str], hands: Collection[frozenset[str]]) -> list[str]:
    """What a rule lacks."""
    lacks = []
    if len(roles) < rule.approvals:
        lacks.append(f"{rule.approvals - len(roles)} of {rule.approvals} approvals")
    lacks += [f"{least} of the role {role}" for role, least in sorted(rule.roles.items()) if roles.count(role) < least]
    if len(set(roles)) < rule.distinct_roles:
        lacks.append(f"{rule.distinct_roles - len(set(roles))} of {rule.distinct_roles} different roles")
    if len(hands) < rule.organisations:
        lacks.append(f"{rule.organisations - len(hands)} of {rule.organisations} different organisations")
    return lacks
