"""What a ledger says of each subject, as plain values: what a database keeps, and compares with the replay of the log.

Subjects are ``genesis``, ``policy``, ``roster``, ``map``, ``clock``, ``decision/<digest>``, ``request/<digest>``, ``appeal/<digest>``,
``licence/<id>`` and ``interest/<seat>``.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from skycommons.governance.canonical import Json
from skycommons.governance.ledger_state import CastVote, DecisionRecord, LedgerState


def subjects_of(state: LedgerState) -> tuple[str, ...]:
    """Every subject, sorted."""
    named = (
        ("decision", state.decisions),
        ("request", state.requests),
        ("appeal", state.appeals),
        ("licence", state.licences),
        ("interest", state.interests),
    )
    return tuple(sorted([*_SINGLE, *(f"{kind}/{name}" for kind, table in named for name in table)]))


def summary_of(state: LedgerState) -> dict[str, Json]:
    """Every subject with its state."""
    return {subject: value_of(state, subject) for subject in subjects_of(state)}


def value_of(state: LedgerState, subject: str) -> Json:
    """The state of one subject.

    Raises:
        KeyError: There is no such subject.
    """
    kind, _, name = subject.partition("/")
    return _SINGLE[kind](state) if kind in _SINGLE else _NAMED[kind](state, name)


def decision_value(record: DecisionRecord) -> dict[str, Json]:
    """A decision and what became of it."""
    return {
        "entry": record.index,
        "by": record.by,
        "title": record.decision.title,
        "state": record.state.value,
        "rule": record.decision.quorum_rule,
        "effect": record.decision.effect.value,
        "kind": record.decision.kind.value,
        "ends_at": record.decision.ends_at,
        "request": record.decision.request,
        "opened_at": record.opened_at_s,
        "queued_at": record.queued_at_s,
        "applied_at": record.applied_at_s,
        "map_version": record.map_version,
        "votes": [_vote(cast) for cast in record.votes],
        "history": [
            {"entry": step.index, "state": step.state.value, "why": step.why, "at": step.at_s}
            for step in record.history
        ],
    }


def _vote(cast: CastVote) -> dict[str, Json]:
    """One vote."""
    return {"entry": cast.index, "by": cast.member, "verdict": cast.vote.verdict.value, "role": cast.vote.role}


def _genesis(state: LedgerState) -> Json:
    """The log."""
    return {"origin": state.origin, "created_at": state.genesis.created_at}


def _policy(state: LedgerState) -> Json:
    """The rules in force."""
    return {"version": state.policy.version, "sha256": state.policy.sha256}


def _roster(state: LedgerState) -> Json:
    """The seats in force."""
    return {"epoch": state.roster.epoch, "sha256": state.roster.sha256}


def _map(state: LedgerState) -> Json:
    """The service map."""
    return {
        "version": state.map_version,
        "sha256": state.versions[-1],
        "announced": state.map_version in state.announced,
        "layers": [layer.decision for layer in state.layers],
    }


def _clock(state: LedgerState) -> Json:
    """The log's time."""
    return {"now": state.now_s}


def _decision(state: LedgerState, name: str) -> Json:
    """One decision."""
    return decision_value(state.decisions[name])


def _request(state: LedgerState, name: str) -> Json:
    """One request."""
    record = state.requests[name]
    return {
        "entry": record.index,
        "by": record.by,
        "party": record.party,
        "status": record.status,
        "is_opened": record.opened is not None,
        "decisions": list(record.decisions),
        "answers": [reply.digest for reply in record.answers],
    }


def _appeal(state: LedgerState, name: str) -> Json:
    """One appeal."""
    record = state.appeals[name]
    return {
        "entry": record.index,
        "by": record.by,
        "decision": record.appeal.decision,
        "status": record.status,
        "votes": [_vote(cast) for cast in record.votes],
    }


def _licence(state: LedgerState, name: str) -> Json:
    """One licence."""
    record = state.licences[name]
    return {
        "entry": record.index,
        "by": record.by,
        "status": record.licence.status.value,
        "valid_until": record.licence.valid_until,
    }


def _interest(state: LedgerState, name: str) -> Json:
    """What one seat declared."""
    return list[Json](sorted(state.interests[name]))


_SINGLE: Final[Mapping[str, Callable[[LedgerState], Json]]] = MappingProxyType(
    {"genesis": _genesis, "policy": _policy, "roster": _roster, "map": _map, "clock": _clock}
)
_NAMED: Final[Mapping[str, Callable[[LedgerState, str], Json]]] = MappingProxyType(
    {"decision": _decision, "request": _request, "appeal": _appeal, "licence": _licence, "interest": _interest}
)
