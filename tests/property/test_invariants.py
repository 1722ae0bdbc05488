"""The invariants of the service plane, held by a machine that does everything in any order.

Seats ask, vote, veto, recuse and report as they like; a party asks from outside; insiders write with the log's key what no rule allows;
witnesses let time pass, one of them lies. After every entry the machine asks, of the records and the log alone, what
docs/concepts/service-plane.md lists as I1 to I16. I17 is held by the crash tests of the store, I18 by those of the service.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from skycommons.governance.decisions import DecisionKind, Effect, Protected, ProtectedSite
from skycommons.governance.entries import Kind
from skycommons.governance.ledger import Ledger, Ruling
from skycommons.governance.ledger_state import DecisionRecord
from skycommons.governance.merkle import consistency_proof, leaf_hash, nodes_in_memory, verify_consistency
from skycommons.governance.policy import RuleName
from skycommons.governance.requests import Interest
from skycommons.governance.states import FOLLOWERS, State, is_final
from skycommons.governance.votes import Verdict
from skycommons.governance.words import Role, ServiceState
from tests.support.commons import DAY_S, HOUR_S, ISLAND, SEATS, SHORE, Commons, member_of, roster_of

CELLS = (*ISLAND, *SHORE)
AREAS = st.sampled_from([ISLAND, SHORE, ISLAND[:2], ISLAND[1:4], CELLS])
BEGUN = {State.APPLYING, State.EMERGENCY_EFFECTIVE}
seats = st.sampled_from(sorted(SEATS))


class ServicePlane(RuleBasedStateMachine):
    """Everybody does what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.commons = Commons(default_state=ServiceState.ACTIVE)
        self.held = self.levels()
        self.seen_at: dict[int, int] = {0: self.commons.now_s}  # when each entry was written, by honest clocks
        self.heads: list[tuple[int, bytes]] = []
        self.last: Ruling | None = None

    # ------------------------------------------------------------------------------------------------- what is done

    @initialize()
    def licence(self) -> None:
        """There is one."""
        self.note(self.commons.register_licence())
        self.note(self.commons.witness())

    def note(self, ruling: Ruling) -> None:
        """Remember when an entry was written."""
        self.last = ruling
        self.seen_at[ruling.index] = self.commons.now_s

    def levels(self) -> dict[str, int]:
        """What every cell has."""
        return self.commons.ledger.state.levels(frozenset(CELLS))

    def digests(self, *states: State) -> list[str]:
        """Decisions that are in some state."""
        records = self.commons.ledger.state.decisions.values()
        return [record.digest for record in records if record.state in states]

    @rule(seat=seats, area=AREAS, name=st.sampled_from([RuleName.SUSPEND_TERRITORY, RuleName.EMERGENCY_REDUCE]))
    def reduce(self, seat: str, area: tuple[str, ...], name: RuleName) -> None:
        """Somebody asks to darken."""
        self.note(self.commons.submit(seat, self.commons.decision(Effect.REDUCE, area, rule=name)))

    @rule(seat=seats, area=AREAS, name=st.sampled_from([RuleName.ACTIVATE, RuleName.EMERGENCY_ADD]))
    def add(self, seat: str, area: tuple[str, ...], name: RuleName) -> None:
        """Somebody asks to light."""
        self.note(self.commons.submit(seat, self.commons.decision(Effect.ADD, area, rule=name)))

    @rule(seat=seats, area=AREAS)
    def reduce_protected(self, seat: str, area: tuple[str, ...]) -> None:
        """Somebody asks to darken a clinic too, and names it."""
        decision = self.commons.decision(Effect.REDUCE, area, protected=("clinic",), losing=("clinic",))
        named = Protected(exempt=False, sites=(ProtectedSite(id="clinic", reason="asked for"),))
        self.note(self.commons.submit(seat, replace(decision, protected=named)))

    @precondition(lambda self: self.digests(*BEGUN, State.EFFECTIVE))
    @rule(seat=seats, area=AREAS, data=st.data())
    def restore(self, seat: str, area: tuple[str, ...], data: st.DataObject) -> None:
        """Somebody asks to give back."""
        target = data.draw(st.sampled_from(self.digests(*BEGUN, State.EFFECTIVE)))
        self.note(self.commons.submit(seat, self.commons.decision(Effect.RESTORE, area, target=target)))

    @rule(seat=seats, is_roster=st.booleans())
    def govern(self, seat: str, is_roster: bool) -> None:
        """Somebody asks for other rules or seats."""
        state = self.commons.ledger.state
        if is_roster:
            data = replace(state.roster, epoch=state.roster.epoch + 1).encode()
        else:
            data = replace(state.policy, version=state.policy.version + 1).encode()
        kind = DecisionKind.ROSTER if is_roster else DecisionKind.POLICY
        change = self.commons.decision(Effect.CHANGE, kind=kind, change_sha256=self.commons.put(data))
        self.note(self.commons.submit(seat, change))

    @precondition(lambda self: self.commons.ledger.state.live)
    @rule(seat=seats, verdict=st.sampled_from([*Verdict, *[Verdict.APPROVE] * 8]), data=st.data())
    def vote(self, seat: str, verdict: Verdict, data: st.DataObject) -> None:
        """Somebody says something of a decision, in any role."""
        digest = data.draw(st.sampled_from(sorted(self.commons.ledger.state.live)))
        role = data.draw(st.sampled_from([SEATS[seat][1][0], *Role]))
        self.note(self.commons.cast(seat, digest, verdict, role=role))

    @precondition(lambda self: self.digests(State.OPEN))
    @rule(data=st.data())
    def panel(self, data: st.DataObject) -> None:
        """Everybody who may approves a decision."""
        digest = data.draw(st.sampled_from(self.digests(State.OPEN)))
        for seat in SEATS:
            self.note(self.commons.cast(seat, digest, Verdict.APPROVE))

    @rule(seat=seats, party=st.sampled_from(["chamber", "operator", "state-x"]))
    def interest(self, seat: str, party: str) -> None:
        """Somebody declares an interest."""
        body = Interest(parties=(party,), nonce=self.commons.nonce())
        self.note(self.commons.say(seat, Kind.INTEREST, body))

    @rule(after_s=st.sampled_from([60, HOUR_S, 6 * HOUR_S, DAY_S, 3 * DAY_S, 8 * DAY_S]), lie=st.integers(0, 3))
    def time(self, after_s: int, lie: int) -> None:
        """Time passes; one witness may say that more did, or less."""
        self.commons.now_s += after_s
        now_s = self.commons.now_s
        liars = {0: now_s, 1: now_s + 400 * DAY_S, 2: 1, 3: None}
        ruling = self.commons.witness(times=(liars[lie], now_s, now_s))
        self.note(ruling)
        self.heads.append((self.commons.ledger.size - 1, self.commons.ledger.root_at(self.commons.ledger.size - 1)))

    @rule(data=st.data())
    def insider(self, data: st.DataObject) -> None:
        """The log's key writes what it likes."""
        acts: list[Any] = [
            lambda: self.commons.append(b'{"rubbish":1}'),
            lambda: self.commons.append(data.draw(st.sampled_from(self.commons.entries))),
            lambda: self.commons.witness(times=(self.commons.now_s + 90 * DAY_S, None, None)),
            lambda: self.commons.say("ops-1", Kind.REQUEST, self.commons.request(), signer="nobody"),
            self.commons.announce,
        ]
        self.note(data.draw(st.sampled_from(acts))())

    @precondition(lambda self: self.digests(State.APPLYING))
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        """A decision is reported to be enforced."""
        self.note(self.commons.acknowledge(data.draw(st.sampled_from(self.digests(State.APPLYING)))))

    # ---------------------------------------------------------------------------------------------- what must hold

    def steps(self, record: DecisionRecord, *states: State) -> list[int]:
        """Entries by which a decision came into some states."""
        return [step.index for step in record.history if step.state in states]

    def now_begun(self) -> list[DecisionRecord]:
        """Decisions that the last entry brought into force."""
        if self.last is None:
            return []
        records = self.commons.ledger.state.decisions.values()
        return [record for record in records if self.last.index in self.steps(record, *BEGUN)]

    @invariant()
    def i1_i11_nothing_changes_but_by_a_decision_and_only_its_cells(self) -> None:
        """Service falls only where a decision took effect at this very entry, or where one ended."""
        now, before = self.levels(), self.held
        self.held = now
        fallen = {cell for cell in CELLS if now[cell] < before[cell]}
        risen = {cell for cell in CELLS if now[cell] > before[cell]}
        records = list(self.commons.ledger.state.decisions.values())
        index = self.last.index if self.last else -1
        begun = {cell for record in self.now_begun() for cell in record.places}
        over = {State.ENDED, State.AUTO_REVERTED, State.FAILED, State.LAPSED}
        has_ended = any(index in self.steps(record, *over) for record in records)
        assert fallen <= begun or has_ended
        assert risen <= begun or has_ended
        reducing = {
            cell for record in self.now_begun() for cell in record.places if record.decision.effect == Effect.REDUCE
        }
        added_ended = any(
            record.decision.effect == Effect.ADD and index in self.steps(record, *over) for record in records
        )
        assert fallen <= reducing or added_ended

    @invariant()
    def i2_approvals_are_distinct_eligible_and_of_this_content(self) -> None:
        """Counted again, by hand, at the moment when a decision takes effect."""
        for record in self.now_begun():
            last = {c.member: c for c in record.votes if c.vote.verdict in {Verdict.APPROVE, Verdict.REJECT}}
            recused = {c.member for c in record.votes if c.vote.verdict == Verdict.RECUSE}
            yes = [c for c in last.values() if c.vote.verdict == Verdict.APPROVE and c.member not in recused]
            organisation = SEATS[record.by][0]
            if not record.rule.requester_counts:
                yes = [c for c in yes if SEATS[c.member][0] != organisation]
            assert len({c.member for c in yes}) >= record.rule.approvals
            assert len({c.vote.role for c in yes}) >= record.rule.distinct_roles
            for name, least in record.rule.roles.items():
                assert sum(c.vote.role == name for c in yes) >= least
            assert all(c.vote.preview_sha256 == record.decision.preview_sha256 for c in yes)
            assert all(c.vote.subject == record.digest for c in yes)

    @invariant()
    def i3_i10_rules_and_seats_change_only_through_themselves(self) -> None:
        """And void all that waits."""
        state = self.commons.ledger.state
        records = state.decisions.values()
        done = [one for one in records if one.decision.effect == Effect.CHANGE and one.state == State.ENDED]
        assert state.policy.version + state.roster.epoch == 2 + len(done)
        for record in records:
            if record.state in {State.OPEN, State.QUEUED}:
                assert record.decision.policy_sha256 == state.policy.sha256
                assert record.decision.roster_epoch == state.roster.epoch
        assert all(len(one.members_with(Verdict.APPROVE)) >= 5 for one in done)

    @invariant()
    def i4_no_clock_was_shortened(self) -> None:
        """By the honest clocks of the machine, and not by what the log says."""
        for record in self.now_begun():
            if State.FAILED not in {step.state for step in record.history}:
                asked_s = self.seen_at[record.queued_index]
                assert self.commons.now_s >= asked_s + record.decision.not_before_delay_s
                assert record.decision.not_before_delay_s >= record.rule.delay_s

    @invariant()
    def i5_a_decision_takes_effect_once_and_final_is_final(self) -> None:
        """But for one that failed and was sent again; and every step is one that may follow."""
        for record in self.commons.ledger.state.decisions.values():
            states = [step.state for step in record.history]
            assert len([one for one in states if one in BEGUN]) <= 1 + states.count(State.FAILED)
            assert all(after in FOLLOWERS[before] for before, after in pairwise(states))
            assert not any(is_final(state) for state in states[:-1])

    @invariant()
    def i6_every_reduction_ends_by_itself(self) -> None:
        """No layer runs beyond its end, and an emergency is short."""
        state = self.commons.ledger.state
        for layer in state.layers:
            assert layer.is_running(state.now_s)
            record = state.decisions[layer.decision]
            if layer.effect == "reduce":
                assert layer.ends_at_s
            if record.is_emergency:
                assert layer.ends_at_s <= self.commons.now_s + record.rule.max_duration_s

    @invariant()
    def i7_no_second_emergency_before_the_review(self) -> None:
        """At no place do two wait."""
        unreviewed = [
            self.commons.record(digest).places
            for digest in self.digests(State.EMERGENCY_EFFECTIVE, State.REVIEW_OPEN)
            if self.commons.record(digest).is_emergency
        ]
        assert sum(map(len, unreviewed)) == len(frozenset().union(*unreviewed))

    @invariant()
    def i8_protected_users_keep_service_or_are_named(self) -> None:
        """In every layer of the map."""
        for layer in self.commons.ledger.state.layers:
            if layer.effect == "reduce":
                assert layer.exempt or layer.sites == ("clinic",)

    @invariant()
    def i9_a_veto_wins(self) -> None:
        """Nothing that was vetoed is in the map."""
        in_map = {layer.decision for layer in self.commons.ledger.state.layers}
        for record in self.commons.ledger.state.decisions.values():
            if record.members_with(Verdict.VETO):
                assert record.state == State.VETOED
                assert record.digest not in in_map

    @invariant()
    def i13_every_head_continues_the_ones_before(self) -> None:
        """The last two at least, each time."""
        leaves = [leaf_hash(entry) for entry in self.commons.entries]
        for size, root in self.heads[-2:]:
            proof = consistency_proof(nodes_in_memory(leaves), old=size, new=len(leaves))
            verify_consistency(old=size, new=len(leaves), proof=proof, old_root=root, new_root=self.commons.ledger.root)

    @invariant()
    def i14_i16_nobody_alone_and_no_silence(self) -> None:
        """Whatever is in the map was agreed to by two at least."""
        for layer in self.commons.ledger.state.layers:
            assert len(self.commons.record(layer.decision).members_with(Verdict.APPROVE)) >= 2

    def teardown(self) -> None:
        """I12: the state is the fold of the log."""
        again = Ledger(self.commons.trust, self.commons.blobs.get)
        for entry in self.commons.entries:
            again.append(entry)
        assert again.summary() == self.commons.ledger.summary()
        assert again.state.manifest == self.commons.ledger.state.manifest
        assert again.root == self.commons.ledger.root


TestServicePlane = ServicePlane.TestCase
TestServicePlane.settings = settings(deadline=None)


def test_the_good_ways_are_reached() -> None:
    """The machine's world lets every kind of decision through: an invariant over nothing would say nothing."""
    commons = Commons(default_state=ServiceState.ACTIVE)
    commons.register_licence()
    commons.witness()
    digest = commons.in_force(Effect.REDUCE)
    assert set(commons.ledger.state.levels(frozenset(ISLAND)).values()) == {0}
    restore = commons.submit("ops-1", commons.decision(Effect.RESTORE, target=digest)).digest
    commons.approve(restore, "ops-2", "aid-1")
    commons.witness(10)
    assert set(commons.ledger.state.levels(frozenset(ISLAND)).values()) == {3}
    assert roster_of(2, ops_1=member_of("ops-1", "operator", [Role.LEGAL])).epoch == 2
