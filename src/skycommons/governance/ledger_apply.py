"""How decisions come into the service map and leave it.

* A decision that takes effect puts one layer on the map; a restore takes places out of another's layer; one that governs puts a policy
  or a roster in force. Each is a new version of the map or of the rules.
* A change at some places voids every decision that waits there: it was prepared on another state. A new policy or roster voids all that
  wait.
* What ends by the clock was known to everybody, and voids nothing.
* An emergency that ended goes to its review.
"""

from dataclasses import replace

from skycommons.governance.decisions import Effect
from skycommons.governance.layers import Layer, Places
from skycommons.governance.ledger_state import DecisionRecord, LedgerState
from skycommons.governance.ledger_submit import GOVERNING
from skycommons.governance.policy import Policy
from skycommons.governance.roster import Roster
from skycommons.governance.states import PENDING, State


def apply_decision(state: LedgerState, record: DecisionRecord, *, index: int, why: str) -> None:
    """Put a decision in force.

    Args:
        state: The books.
        record: Of a decision whose quorum is met and whose time has come.
        index: Number of the entry that brings it about.
        why: For the history.
    """
    if record.decision.kind in GOVERNING:
        _govern(state, record, index=index, why=why)
        return
    if record.decision.effect == Effect.RESTORE:
        _restore(state, record, index=index, why=why)
        return
    layers = (*(layer for layer in state.layers if layer.decision != record.digest), _layer_of(record))
    version = state.new_version(layers, changed=record.places)
    begun = State.EMERGENCY_EFFECTIVE if record.is_emergency else State.APPLYING
    state.move(replace(record, map_version=version), begun, index=index, why=why)
    _void_waiting(state, record.places, index=index)


def withdraw(state: LedgerState, record: DecisionRecord, *, index: int) -> None:
    """Take a decision's layer from the map; its places are then as they were before it."""
    layers = tuple(layer for layer in state.layers if layer.decision != record.digest)
    state.new_version(layers, changed=record.places)
    _void_waiting(state, record.places, index=index)


def end_decision(state: LedgerState, record: DecisionRecord, *, index: int, why: str) -> None:
    """End a decision that is in force before its time."""
    withdraw(state, record, index=index)
    close(state, record, index=index, why=why)


def close(state: LedgerState, record: DecisionRecord, *, index: int, why: str) -> None:
    """Note that a decision is no longer in force; an emergency goes to its review, and what lapsed stays lapsed."""
    match record.state:
        case State.EMERGENCY_EFFECTIVE:
            reverted = state.move(record, State.AUTO_REVERTED, index=index, why=why)
            state.move(reverted, State.REVIEW_OPEN, index=index, why="every emergency is reviewed")
        case State.FAILED:
            state.move(record, State.LAPSED, index=index, why=why)
        case State.LAPSED:  # an addition that failed stayed in the map, and nobody sent it again
            pass
        case _:
            state.move(record, State.ENDED, index=index, why=why)


def _void_all(state: LedgerState, *, index: int, why: str) -> None:
    """Void every decision that waits, because the rules or the seats changed."""
    for record in _waiting(state):
        _void(state, record, index=index, why=why)


def _void_waiting(state: LedgerState, places: Places, *, index: int) -> None:
    """Void decisions that wait at places whose state changed."""
    for record in _waiting(state):
        if record.places & places:
            _void(state, record, index=index, why="the map changed at its places")


def _waiting(state: LedgerState) -> list[DecisionRecord]:
    """Decisions that could still take effect."""
    records = [state.decisions[digest] for digest in state.live]
    return [record for record in records if record.state in PENDING or record.state == State.FAILED]


def _void(state: LedgerState, record: DecisionRecord, *, index: int, why: str) -> None:
    """What waited is void; what failed is not sent again."""
    state.move(record, State.LAPSED if record.state == State.FAILED else State.VOID, index=index, why=why)


def _govern(state: LedgerState, record: DecisionRecord, *, index: int, why: str) -> None:
    """Put a policy, a roster, or the announcement of a key in force."""
    if isinstance(record.change, Policy):
        state.policy = record.change
        state.touched.add("policy")
    elif isinstance(record.change, Roster):
        state.roster = record.change
        state.touched.add("roster")
    applied = state.move(record, State.APPLYING, index=index, why=why)
    effective = state.move(applied, State.EFFECTIVE, index=index, why="in force from this entry on")
    state.move(effective, State.ENDED, index=index, why="nothing more is to be done")
    if record.change is not None:
        _void_all(state, index=index, why=f"a new {record.decision.kind} came in force")


def _restore(state: LedgerState, record: DecisionRecord, *, index: int, why: str) -> None:
    """Take places out of a reduction; if none are left, it has ended."""
    target = state.decisions[record.decision.target]
    layers = tuple(_without(layer, record) if layer.decision == target.digest else layer for layer in state.layers)
    is_over = not any(layer.places for layer in layers if layer.decision == target.digest)
    if is_over:
        layers = tuple(layer for layer in layers if layer.decision != target.digest)
    version = state.new_version(layers, changed=record.places)
    state.move(replace(record, map_version=version), State.APPLYING, index=index, why=why)
    if is_over:
        close(state, target, index=index, why=f"restored by {record.digest[:12]}")
    _void_waiting(state, record.places, index=index)


def _layer_of(record: DecisionRecord) -> Layer:
    """The layer of a decision."""
    decision = record.decision
    return Layer(
        decision=record.digest,
        entry=record.index,
        kind=decision.kind.value,
        effect=decision.effect.value,
        state=decision.to.state,
        service_class=decision.to.service_class,
        who=decision.scope.who,
        exempt=decision.protected.exempt,
        sites=tuple(site.id for site in decision.protected.sites),
        ends_at_s=decision.ends_at,
        cells_sha256=decision.scope.cells_sha256,
        cells_count=decision.scope.cells_count,
        groups=decision.scope.groups,
        places=record.places,
    )


def _without(layer: Layer, record: DecisionRecord) -> Layer:
    """A layer without what a restore takes out."""
    scope = record.decision.scope
    left = layer.places - record.places
    if scope.cells_sha256:
        return replace(layer, places=left, without=(*layer.without, scope.cells_sha256))
    return replace(layer, places=left, groups_without=(*layer.groups_without, *scope.groups))
