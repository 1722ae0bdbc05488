"""The ledger goes where the model of one decision goes: random traces of votes, times and reports, read by both.

`Plain` is `models/decision/decision.pml` by hand, with the figures of the policy to begin with: who may say what in which state, and
where that leads. It shares no code with the kernel.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.governance.decisions import Effect
from skycommons.governance.entries import Kind
from skycommons.governance.policy import RuleName
from skycommons.governance.requests import Interest
from skycommons.governance.states import State
from skycommons.governance.votes import Verdict
from tests.governance.test_ledger_submit import lit
from tests.support.commons import DAY_S, HOUR_S, SEATS, Commons

REQUESTER = "ops-1"
ELIGIBLE = frozenset({"ops-2", "legal-2", "watch-1", "watch-2", "aid-1"})  # legal-1 is of the requester's organisation
OVERSIGHT = frozenset({"watch-1", "watch-2"})
APPROVALS, REJECTIONS = 4, 4
DELAY_S, APPROVAL_CLOCK_S, EXECUTION_CLOCK_S = 72 * HOUR_S, 14 * DAY_S, 3 * DAY_S
PENDING = frozenset({"open", "queued"})


@dataclass
class Plain:
    """One decision as the model holds it.

    Attributes:
        now_s: The log's clock.
        ends_s: The end that was signed.
        state: In the words of the kernel.
        opened_s: When witnesses first saw it; 0 for not yet.
        queued_s: When they first saw its quorum.
        failures: Who reported a failure since it was sent last.
    """

    now_s: int
    ends_s: int
    state: str = "open"
    yes: set[str] = field(default_factory=set)
    no: set[str] = field(default_factory=set)
    recused: set[str] = field(default_factory=set)
    opened_s: int = 0
    queued_s: int = 0
    failures: set[str] = field(default_factory=set)

    @property
    def has_quorum(self) -> bool:
        """Whether four agree, one each of operations, legal and oversight among them."""
        agreed = self.yes - self.recused
        return len(agreed) >= APPROVALS and {"ops-2", "legal-2"} <= agreed and bool(agreed & OVERSIGHT)

    @property
    def last_s(self) -> int:
        """The last second at which it may take effect."""
        return self.queued_s + DELAY_S + EXECUTION_CLOCK_S

    def say(self, seat: str, verdict: Verdict) -> bool:
        """A vote; whether it stands."""
        may_vote = seat in ELIGIBLE - self.recused
        match verdict:
            case Verdict.APPROVE if self.state == "open" or (self.state == "failed" and self.now_s < self.ends_s):
                return may_vote and self._approve(seat)
            case Verdict.REJECT if self.state == "open":
                return may_vote and self._reject(seat)
            case Verdict.RECUSE if self.state in PENDING:
                return self._recuse(seat)
            case Verdict.VETO if self.state in PENDING and seat in OVERSIGHT:
                self.state = "vetoed"
            case Verdict.CANCEL if self.state in PENDING and seat == REQUESTER:
                self.state = "cancelled"
            case Verdict.FAILED if self.state == "applying":
                return self._fail(seat)
            case _:
                return False
        return True

    def witness(self, time_s: int) -> None:
        """Time passes, and witnesses have seen everything so far."""
        self.now_s = time_s
        self.opened_s = self.opened_s or time_s
        if self.state == "queued":
            self.queued_s = self.queued_s or time_s
        if self.state in {"applying", "effective"} and time_s >= self.ends_s:
            self.state = "ended"
        elif self._is_too_late(time_s):
            self.state = "lapsed"
        elif self.state == "queued" and time_s >= self.queued_s + DELAY_S:
            self.state = "applying" if time_s < self.ends_s else "void"

    def acknowledge(self) -> bool:
        """The operator says that it is enforced; whether that stands."""
        stands = self.state == "applying"
        self.state = "effective" if stands else self.state
        return stands

    def _is_too_late(self, time_s: int) -> bool:
        """Whether a clock has run out: that for votes, or that for taking effect."""
        if self.state == "open":
            return time_s >= self.opened_s + APPROVAL_CLOCK_S
        return self.state in {"queued", "failed"} and time_s > self.last_s

    def _approve(self, seat: str) -> bool:
        self.yes.add(seat)
        self.no.discard(seat)
        if self.has_quorum:
            self.failures.clear()
            self.state = "queued" if self.state == "open" else "applying"
        return True

    def _reject(self, seat: str) -> bool:
        self.no.add(seat)
        self.yes.discard(seat)
        self.state = "rejected" if len(self.no - self.recused) >= REJECTIONS else "open"
        return True

    def _recuse(self, seat: str) -> bool:
        self.recused.add(seat)
        if self.state == "queued" and not self.has_quorum:
            self.state = "void"
        return True

    def _fail(self, seat: str) -> bool:
        self.failures.add(seat)
        roles = {SEATS[one][1][0] for one in self.failures}
        self.state = "failed" if len(roles) >= 2 else "applying"
        return True


Step: TypeAlias = tuple[str, str, str | int]  # what, who, and what he says or how long

QUORUM: list[Step] = [("say", seat, Verdict.APPROVE) for seat in ("ops-2", "legal-2", "watch-1", "aid-1")]
SEEN: Step = ("witness", "", 60)
UNLOCKED: Step = ("witness", "", DELAY_S)
FAILURE: list[Step] = [("say", seat, Verdict.FAILED) for seat in ("ops-2", "watch-1")]
BEGINNINGS: tuple[list[Step], ...] = (
    [],
    QUORUM,
    [*QUORUM, SEEN],
    [*QUORUM, SEEN, UNLOCKED],
    [*QUORUM, SEEN, UNLOCKED, *FAILURE],
)
VERDICTS = (Verdict.APPROVE, Verdict.REJECT, Verdict.RECUSE, Verdict.VETO, Verdict.CANCEL, Verdict.FAILED)
STEPS = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(sorted(SEATS)), st.sampled_from(VERDICTS)),
    st.tuples(st.just("say"), st.sampled_from(sorted(ELIGIBLE)), st.sampled_from((Verdict.APPROVE, Verdict.REJECT))),
    st.tuples(st.just("witness"), st.just(""), st.sampled_from((1, HOUR_S, DAY_S, DELAY_S - 1, DELAY_S, 9 * DAY_S))),
    st.tuples(st.just("acknowledge"), st.just(""), st.just(0)),
)


def both(commons: Commons, digest: str, plain: Plain, step: Step) -> tuple[bool, bool]:
    """Take one step in both; whether it stands in each."""
    what, seat, value = step
    if what == "witness":
        ruling = commons.witness(int(value))
        plain.witness(commons.now_s)
        return bool(ruling), True
    if what == "acknowledge":
        commons.announce()
        return bool(commons.acknowledge(digest)), plain.acknowledge()
    verdict = Verdict(str(value))
    return bool(commons.cast(seat, digest, verdict)), plain.say(seat, verdict)


@given(st.sampled_from(BEGINNINGS), st.lists(STEPS, max_size=25))
def test_ledger_and_model_agree_on_every_entry(beginning: list[Step], steps: list[Step]) -> None:
    """On whether it stands, and on the state that it leads to."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE)
    digest = commons.submit(REQUESTER, decision).digest
    plain = Plain(now_s=commons.now_s, ends_s=decision.ends_at)
    for number, step in enumerate([*beginning, *steps]):
        ruled, expected = both(commons, digest, plain, step)
        assert (number, step, ruled, commons.record(digest).state.value) == (number, step, expected, plain.state)


@pytest.mark.parametrize("lie_s", [-90 * DAY_S, 0, 90 * DAY_S])
def test_no_witness_alone_puts_off_the_end_of_an_emergency(lie_s: int) -> None:
    """`BUG_TTL_CLOCK`: its longest time is counted from the earliest time of a quorum, whichever two the operator shows."""
    commons = lit()
    decision = commons.decision(Effect.REDUCE, rule=RuleName.EMERGENCY_REDUCE, ends_at=commons.now_s + 80 * DAY_S)
    digest = commons.submit(REQUESTER, decision).digest
    commons.approve(digest, REQUESTER, "legal-2")
    honest_s = commons.now_s + 60
    assert commons.witness(60, times=(honest_s, None, honest_s + lie_s))
    assert commons.record(digest).state != State.EMERGENCY_EFFECTIVE
    assert not commons.ledger.state.layers


def test_what_failed_is_counted_again_before_it_is_sent_again() -> None:
    """`BUG_RETRY`: seats that agreed declared an interest meanwhile, and one more approval is not a quorum."""
    commons = lit()
    digest = commons.in_force(Effect.REDUCE, parties=("state-x",))
    for seat in ("ops-2", "watch-1"):
        commons.cast(seat, digest, Verdict.FAILED)
    for seat in ("ops-2", "legal-2"):
        commons.say(seat, Kind.INTEREST, Interest(parties=("state-x",), nonce=commons.nonce()))
    assert commons.cast("aid-1", digest, Verdict.APPROVE)
    assert commons.record(digest).state == State.FAILED
