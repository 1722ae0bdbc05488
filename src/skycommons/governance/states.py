"""The states of a decision, and which may follow which.

* ``OPEN`` is asked and voted on; ``QUEUED`` has its quorum and waits for its time-lock; ``APPLYING`` stands in the service map;
  ``EFFECTIVE`` was reported to be enforced.
* An emergency goes from ``QUEUED`` to ``EMERGENCY_EFFECTIVE``, reverts by itself, and is reviewed.
* A final state is never left. Nobody edits a decision: a change is a new one that names the old one.
* ``FAILED`` was reported by two persons of different roles: it may be sent again, or lapses.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """Where a decision stands."""

    OPEN = "open"
    QUEUED = "queued"
    APPLYING = "applying"
    EFFECTIVE = "effective"
    ENDED = "ended"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    VOID = "void"
    VETOED = "vetoed"
    FAILED = "failed"
    EMERGENCY_EFFECTIVE = "emergency-effective"
    AUTO_REVERTED = "auto-reverted"
    REVIEW_OPEN = "review-open"
    UPHELD = "upheld"
    CENSURED = "censured"


_NO: Final = frozenset({State.REJECTED, State.LAPSED, State.CANCELLED, State.VOID, State.VETOED})

FOLLOWERS: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.OPEN: _NO | {State.QUEUED},
        State.QUEUED: (_NO - {State.REJECTED}) | {State.APPLYING, State.EMERGENCY_EFFECTIVE},
        State.APPLYING: frozenset({State.EFFECTIVE, State.FAILED, State.ENDED}),
        State.FAILED: frozenset({State.APPLYING, State.LAPSED}),
        State.EFFECTIVE: frozenset({State.ENDED}),
        State.EMERGENCY_EFFECTIVE: frozenset({State.AUTO_REVERTED}),
        State.AUTO_REVERTED: frozenset({State.REVIEW_OPEN}),
        State.REVIEW_OPEN: frozenset({State.UPHELD, State.CENSURED}),
    }
)

PENDING: Final = frozenset({State.OPEN, State.QUEUED})
IN_FORCE: Final = frozenset({State.APPLYING, State.EFFECTIVE, State.EMERGENCY_EFFECTIVE})
UNREVIEWED: Final = frozenset({State.EMERGENCY_EFFECTIVE, State.AUTO_REVERTED, State.REVIEW_OPEN})


def is_final(state: State) -> bool:
    """Whether nothing can follow."""
    return state not in FOLLOWERS


def may_follow(state: State, after: State) -> bool:
    """Whether a decision may go from one state to another."""
    return after in FOLLOWERS.get(state, frozenset())
