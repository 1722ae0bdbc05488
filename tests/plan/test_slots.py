"""Slots begin where the real network's do, and everywhere else by the same count."""

import numpy as np
import pytest

from skycommons.base.clock import parse_time
from skycommons.base.errors import PlanError
from skycommons.model.service_rules import ScheduleRules
from skycommons.plan.slots import slot_begin, slot_begins, slot_ns, slot_number

SECOND = 1_000_000_000
MINUTE_NS = parse_time("2026-05-21T00:00:00Z")


def test_slots_begin_at_12_27_42_and_57() -> None:
    """The built-in rules are the real network's."""
    seconds = np.unique((slot_begin(MINUTE_NS + np.arange(180) * SECOND, ScheduleRules()) // SECOND) % 60)
    assert seconds.tolist() == [12, 27, 42, 57]


@pytest.mark.parametrize("second", [12, 27, 42, 57])
def test_a_slot_holds_its_begin_and_not_its_end(second: int) -> None:
    """The nanosecond before belongs to the slot before."""
    begin = MINUTE_NS + second * SECOND
    found = slot_begin(np.array([begin - 1, begin, begin + 15 * SECOND - 1, begin + 15 * SECOND]), ScheduleRules())
    assert (found - begin).tolist() == [-15 * SECOND, 0, 0, 15 * SECOND]


def test_numbers_count_slots() -> None:
    """Each slot has the number after that of the one before."""
    begins = slot_begins(MINUTE_NS + np.arange(60) * SECOND, ScheduleRules())
    assert np.diff(slot_number(begins, ScheduleRules())).tolist() == [1] * (len(begins) - 1)
    assert slot_number(begins[:1] - 1, ScheduleRules())[0] == slot_number(begins[:1], ScheduleRules())[0] - 1
    assert len(begins) == 5


def test_a_length_that_does_not_divide_a_minute_counts_from_1970() -> None:
    """Slots of 7 s wander through the minute without a gap."""
    rules = ScheduleRules(slot_s=7.0, slot_phase_s=2.0)
    begins = slot_begins(MINUTE_NS + np.arange(600) * SECOND, rules)
    assert np.unique(np.diff(begins)).tolist() == [7 * SECOND]
    assert ((begins // SECOND - 2) % 7 == 0).all()


def test_a_phase_beyond_the_slot_is_the_same_as_within() -> None:
    """Only where the slots stand in the minute counts."""
    instants = MINUTE_NS + np.arange(120) * SECOND
    late = slot_begin(instants, ScheduleRules(slot_phase_s=57.0))
    np.testing.assert_array_equal(late, slot_begin(instants, ScheduleRules(slot_phase_s=12.0)))


def test_a_slot_without_length_is_refused() -> None:
    """It would never end."""
    with pytest.raises(PlanError, match="above 0"):
        slot_ns(ScheduleRules(slot_s=0.0))
