"""What time does to decisions, when witnesses say what time it is.

* A decision is open from when witnesses had seen it, and lapses when its time for votes is over. Silence is a no.
* A decision whose quorum is met waits from when witnesses had seen that. When they say that its delay is over, everything is checked
  again; then it takes effect, or is void. Nobody has to do anything. If so much time passed that its time for taking effect is
  over too, it lapses.
* A layer whose end has come is gone, and its decision with it; in the scheduler it was gone already, for the end stands in the map.
* What ends, ends before what begins.
"""

from dataclasses import replace

from skycommons.governance.ledger_apply import apply_decision, close
from skycommons.governance.ledger_state import DecisionRecord, LedgerState
from skycommons.governance.ledger_submit import waiting_fault
from skycommons.governance.ledger_votes import approval_counts
from skycommons.governance.log_clock import WitnessedHead
from skycommons.governance.states import State


def advance(state: LedgerState, seen: WitnessedHead, *, index: int) -> None:
    """Let the time of a witnessed head pass.

    Args:
        state: The books.
        seen: A head of this log, not newer than the entry that tells of it.
        index: Number of that entry.
    """
    state.now_s = max(state.now_s, seen.earliest_s)
    state.touched.add("clock")
    _note_seen(state, seen)
    _end(state, index=index)
    _lapse_failed(state, index=index)
    for digest in list(state.live):
        record = state.decisions[digest]  # of now: what takes effect may void what waits behind it
        if record.state == State.OPEN:
            _lapse_open(state, record, index=index)
        elif record.state == State.QUEUED and record.queued_at_s:
            _unlock(state, record, index=index)


def _note_seen(state: LedgerState, seen: WitnessedHead) -> None:
    """Begin the clocks of what this head shows; of several heads that show it, the earliest time is the best bound.

    A witness that lies while another is away can put off the beginning, until the next head tells better.
    """
    for record in state.pending():
        opened, queued = record.opened_at_s, record.queued_at_s
        if record.index < seen.head.size:
            opened = min(opened or seen.latest_s, seen.latest_s)
        if record.state == State.QUEUED and record.queued_index < seen.head.size:
            queued = min(queued or seen.latest_s, seen.latest_s)
        if (opened, queued) != (record.opened_at_s, record.queued_at_s):
            state.put(replace(record, opened_at_s=opened, queued_at_s=queued))


def _end(state: LedgerState, *, index: int) -> None:
    """Take away the layers whose end has come."""
    over = [layer.decision for layer in state.layers if not layer.is_running(state.now_s)]
    if over:
        state.new_version(tuple(layer for layer in state.layers if layer.is_running(state.now_s)), changed=frozenset())
    for digest in over:
        close(state, state.decisions[digest], index=index, why="its time is over")


def _lapse_failed(state: LedgerState, *, index: int) -> None:
    """What could not be enforced in its time is not sent again."""
    for digest in list(state.live):
        record = state.decisions[digest]
        if record.state == State.FAILED and state.now_s > _last_s(record):
            state.move(record, State.LAPSED, index=index, why="it was not enforced in its time")


def _lapse_open(state: LedgerState, record: DecisionRecord, *, index: int) -> None:
    """Silence is a no."""
    if record.opened_at_s and state.now_s >= record.opened_at_s + record.rule.approval_clock_s:
        state.move(record, State.LAPSED, index=index, why="its quorum was not met in its time")


def _unlock(state: LedgerState, record: DecisionRecord, *, index: int) -> None:
    """Put a decision in force if its delay is over."""
    delay_s = record.decision.not_before_delay_s
    if delay_s and state.now_s < record.queued_at_s + delay_s:
        return
    if state.now_s > _last_s(record):
        state.move(record, State.LAPSED, index=index, why="it could have taken effect, and its time for that is over")
        return
    fault = waiting_fault(state, record)
    if not fault and not all(approval_counts(state, record)):
        fault = "its quorum no longer holds"  # somebody declared an interest, or a party became known
    if fault:
        state.move(record, State.VOID, index=index, why=fault)
        return
    applied = replace(record, applied_at_s=state.now_s)
    apply_decision(state, applied, index=index, why=f"its quorum is met and its delay of {delay_s} s is over")


def _last_s(record: DecisionRecord) -> int:
    """The last second at which a decision may still take effect."""
    return record.queued_at_s + record.decision.not_before_delay_s + record.rule.execution_clock_s
