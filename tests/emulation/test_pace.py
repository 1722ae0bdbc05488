"""Emulated time and the machine's clock go over into each other, at any speed."""

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.pace import Pace
from tests.support.live_worlds import Clock

START_NS = 1_800_000_000 * NS_PER_S


def test_emulated_time_goes_on_by_the_speed_from_its_start() -> None:
    """A second of the machine is ten of the network's at speed 10, and a tenth at a tenth."""
    clock = Clock(mono_ns=7)
    for speed in (0.1, 1.0, 10.0):
        pace = Pace(start_ns=START_NS, start_mono_ns=7, speed=speed, now_mono_ns=clock)
        assert pace.now_ns() == START_NS
        assert pace.time_of(7 + NS_PER_S) == START_NS + round(speed * NS_PER_S)
        assert pace.mono_of(START_NS + 10 * NS_PER_S) == 7 + round(10 * NS_PER_S / speed)


def test_instants_go_there_and_back_without_a_trace() -> None:
    """A year in, to the nanosecond at speed 1; before the start as well."""
    pace = Pace(start_ns=START_NS, start_mono_ns=123_456_789)
    for time_ns in (START_NS - 5, START_NS, START_NS + 31_536_000 * NS_PER_S // 8 + 1):
        assert pace.time_of(pace.mono_of(time_ns)) == time_ns
        assert pace.monos_of(np.array([time_ns, time_ns + 1])).tolist() == [
            pace.mono_of(time_ns),
            pace.mono_of(time_ns + 1),
        ]


def test_what_is_to_come_is_above_zero_and_what_is_over_below() -> None:
    """Seconds of the machine, not of the network."""
    clock = Clock(mono_ns=2 * NS_PER_S)
    pace = clock.pace(start_ns=START_NS, speed=2.0)
    assert pace.wait_s(START_NS + 10 * NS_PER_S) == 3.0
    assert pace.wait_s(START_NS) == -2.0


@pytest.mark.parametrize("speed", [0.0, -1.0, 100.5, float("nan")])
def test_a_speed_is_above_zero_and_at_most_a_hundred(speed: float) -> None:
    """What is not, is refused."""
    with pytest.raises(InputError, match="speed"):
        Pace(start_ns=0, start_mono_ns=0, speed=speed)


def test_the_clock_is_the_machines_own_unless_given() -> None:
    """It does not stand still for ever, and never goes back."""
    pace = Pace(start_ns=0, start_mono_ns=0)
    assert pace.now_ns() <= pace.now_ns()
