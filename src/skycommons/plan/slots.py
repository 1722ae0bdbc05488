"""When scheduling slots begin.

Rules: slots follow each other without a gap; one begins at the phase after midnight of 1970-01-01 UTC. A slot whose length
divides a minute thus begins at the same seconds of every minute (with the built-in rules at :12, :27, :42 and :57); one
whose length does not, begins where the count from 1970 puts it. An instant belongs to the slot that has begun last.
"""

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import PlanError
from skycommons.model.service_rules import ScheduleRules


def slot_begin(time_ns: Ints, rules: ScheduleRules) -> Ints:
    """Begin of the slot that contains each instant.

    Args:
        time_ns: ``(...)`` UTC unix ns.
        rules: Length and phase of the slots.
    Returns:
        ``(...)`` UTC unix ns.
    Raises:
        PlanError: A slot is shorter than a nanosecond.
    >>> slot_begin(np.array([11_999_999_999, 12_000_000_000]), ScheduleRules()).tolist()
    [-3000000000, 12000000000]
    """
    instants = np.asarray(time_ns, dtype=np.int64)
    return np.asarray(instants - np.mod(instants - _phase_ns(rules), slot_ns(rules)))


def slot_number(time_ns: Ints, rules: ScheduleRules) -> Ints:
    """Which slot contains each instant, counted from the first that begins in 1970.

    Args:
        time_ns: ``(...)`` UTC unix ns.
        rules: Length and phase of the slots.
    """
    instants = np.asarray(time_ns, dtype=np.int64)
    return np.asarray((instants - _phase_ns(rules)) // slot_ns(rules))


def slot_begins(time_ns: Ints, rules: ScheduleRules) -> Ints:
    """Begins of all slots that contain one of the instants, ascending, each once."""
    return np.unique(slot_begin(time_ns, rules))


def slot_ns(rules: ScheduleRules) -> int:
    """Length of a slot.

    Raises:
        PlanError: A slot is shorter than a nanosecond.
    """
    length_ns = round(rules.slot_s * NS_PER_S)
    if length_ns < 1:
        raise PlanError(f"a slot of {rules.slot_s:g} s is none; give it a length above 0")
    return length_ns


def _phase_ns(rules: ScheduleRules) -> int:
    """Where the first slot of 1970 begins."""
    return round(rules.slot_phase_s * NS_PER_S) % slot_ns(rules)
