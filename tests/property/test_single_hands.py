"""No single hand, and no few hands either: every set of seats below a quorum, with the log's key, the database and one witness.

Each set tries everything that its keys can sign: asks, votes in every role, votes for others, repeats itself, backdates, forges
reports of enforcement, and lets its witness lie about time. Then it shows the map that it would like. What is asserted is the
verdict of the verifier, who has the trust file and nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, combinations

import pytest

from skycommons.governance.bundles import Bundle
from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind
from skycommons.governance.ledger import Ledger
from skycommons.governance.operator_entries import Snapshot
from skycommons.governance.policy import RuleName
from skycommons.governance.states import State
from skycommons.governance.verify import service_map_result
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Role
from tests.governance.test_ledger_submit import dark, emergency, lit
from tests.support.commons import DAY_S, HOUR_S, ISLAND, SEATS, Commons

REQUESTER = "ops-1"
OTHERS = tuple(seat for seat in SEATS if seat != REQUESTER)


def subsets(seats: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Every set of some seats."""
    named = tuple(seats)
    return chain.from_iterable(combinations(named, count) for count in range(len(named) + 1))


def suspends(seats: tuple[str, ...]) -> bool:
    """Whether these and ops-1 may suspend, one of them asking: written down again, and not the kernel's own counting."""
    ring = (REQUESTER, *seats)
    return any(agree(seat, [one for one in ring if SEATS[one][0] != SEATS[seat][0]]) for seat in ring)


def agree(requester: str, voters: list[str]) -> bool:
    """Whether voters, each in the first role, are enough for what somebody else asks."""
    roles = {SEATS[seat][1][0] for seat in voters if seat != requester}
    return len(voters) >= 4 and {Role.OPERATIONS, Role.LEGAL, Role.OVERSIGHT} <= roles


def is_lit(ledger: Ledger) -> bool:
    """Whether the whole island has full service."""
    return set(ledger.state.levels(frozenset(ISLAND)).values()) == {3}


def try_everything(commons: Commons, seats: tuple[str, ...], effect: Effect, rule: RuleName) -> None:
    """All that these seats' keys, the log's key and one witness can do."""
    ring = [REQUESTER, *seats]
    first = commons.decision(effect, rule=rule)
    digests = [commons.submit(seat, replace(first, nonce=commons.nonce())).digest for seat in ring]
    for digest in digests:
        for seat in ring:
            for role in (*Role, SEATS[seat][1][0]):  # the last one that it has is the one that counts
                commons.cast(seat, digest, Verdict.APPROVE, role=role)
            for other in SEATS:
                commons.say(other, Kind.VOTE, commons.vote(digest, Verdict.APPROVE, SEATS[other][1][0]), signer=seat)
    lie_s = commons.now_s + 365 * DAY_S
    commons.witness(60, times=(lie_s, commons.now_s + 60, None))
    commons.witness(60, times=(lie_s, commons.now_s + 60, commons.now_s + 60))
    commons.witness(4 * DAY_S)
    for digest in digests:
        if digest in commons.ledger.state.decisions:
            commons.acknowledge(digest)
            commons.cast(REQUESTER, digest, Verdict.FAILED)
    commons.append(commons.entries[-1])


def forged(commons: Commons) -> Bundle:
    """The honest evidence with the map that the insiders would like, announced by the log's key."""
    wish = commons.ledger.state.manifest.replace(b'"default_state":"active"', b'"default_state":"suspended"')
    body = Snapshot(map_version=commons.ledger.state.map_version + 1, map_sha256="ab" * 32, previous_sha256="")
    commons.operator(Kind.SNAPSHOT, body)
    return replace(commons.bundle(), manifest=wish)


@pytest.mark.parametrize("seats", [set_ for set_ in subsets(OTHERS) if not suspends(set_)], ids="+".join)
def test_no_set_below_the_quorum_darkens_anything(seats: tuple[str, ...]) -> None:
    """Whatever they do, the island is lit, and the map that they forge is refused."""
    commons = lit()
    try_everything(commons, seats, Effect.REDUCE, RuleName.SUSPEND_TERRITORY)
    honest = commons.bundle()
    report = service_map_result(honest.manifest, honest, commons.trust, now_s=commons.now_s)
    assert report, report.refusals
    assert report.ledger is not None
    assert is_lit(report.ledger)
    bundle = forged(commons)
    assert not service_map_result(bundle.manifest, bundle, commons.trust, now_s=commons.now_s)


@pytest.mark.parametrize("seats", [set_ for set_ in subsets(OTHERS) if suspends(set_)], ids="+".join)
def test_every_set_with_a_quorum_can_decide(seats: tuple[str, ...]) -> None:
    """The same attempts by enough seats succeed: it is the quorum that makes the difference."""
    commons = lit()
    try_everything(commons, seats, Effect.REDUCE, RuleName.SUSPEND_TERRITORY)
    assert not is_lit(commons.ledger)


@pytest.mark.parametrize("seat", list(SEATS))
@pytest.mark.parametrize("rule", [RuleName.EMERGENCY_REDUCE, RuleName.SUSPEND_TERRITORY])
def test_one_person_cannot_darken_by_any_rule(seat: str, rule: RuleName) -> None:
    """Nor declare an emergency alone, in however many roles."""
    commons = lit()
    digest = commons.submit(seat, commons.decision(Effect.REDUCE, rule=rule)).digest
    for role in Role:
        commons.cast(seat, digest, Verdict.APPROVE, role=role)
    commons.witness(60)
    commons.witness(8 * DAY_S)
    assert is_lit(commons.ledger)


@pytest.mark.parametrize("seat", list(SEATS))
def test_one_person_cannot_light_either(seat: str) -> None:
    """Nor by an emergency."""
    commons = dark()
    for rule in (RuleName.ACTIVATE, RuleName.EMERGENCY_ADD):
        digest = commons.submit(seat, commons.decision(Effect.ADD, rule=rule)).digest
        for role in Role:
            commons.cast(seat, digest, Verdict.APPROVE, role=role)
    commons.witness(60)
    commons.witness(2 * DAY_S)
    assert not any(commons.ledger.state.levels(frozenset(ISLAND)).values())


@pytest.mark.parametrize("pair", list(combinations(SEATS, 2)), ids="+".join)
def test_two_persons_darken_only_for_hours_and_only_in_different_roles(pair: tuple[str, str]) -> None:
    """And what they did is over by itself, and reviewed."""
    commons = lit()
    digest = commons.submit(pair[0], emergency(commons, Effect.REDUCE)).digest
    roles = {SEATS[seat][1][0] for seat in pair}
    commons.approve(digest, *pair)
    commons.witness(60)
    assert is_lit(commons.ledger) == (len(roles) < 2)
    commons.witness(6 * HOUR_S)
    assert is_lit(commons.ledger)
    if len(roles) == 2:
        assert commons.record(digest).state == State.REVIEW_OPEN


@pytest.mark.parametrize("missing", range(3))
def test_one_witness_cannot_make_time_pass_or_vouch_for_a_fork(missing: int) -> None:
    """Alone with the log's key it is not a quorum."""
    commons = lit()
    digest = commons.submit(REQUESTER, commons.decision(Effect.REDUCE)).digest
    commons.approve(digest, "ops-2", "legal-2", "watch-1", "aid-1")
    commons.witness(60)
    times = [commons.now_s + 30 * DAY_S if place == missing else None for place in range(3)]
    assert not commons.witness(times=times)
    assert commons.record(digest).state == State.QUEUED
    bundle = replace(commons.bundle(), checkpoint=commons.note(times=times).encode())
    assert not service_map_result(bundle.manifest, bundle, commons.trust, now_s=None)
