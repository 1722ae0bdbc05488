"""Delays as tables of netem."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.trace import Direction, Trace
from skycommons.emulation.trace_netem_table import ENTRIES, UNIT, table_entries, table_lines
from tests.support.traces import side, small_trace


def test_a_table_has_the_delays_at_even_shares_around_their_mean() -> None:
    """Two delays for as long each are one standard deviation below and above."""
    half = side(2, delay_s=[0.01, 0.03])
    trace = Trace(at_ns=np.array([0, 10]), length_ns=20, up=half, down=half, source="x")
    lines = "".join(table_lines(trace, Direction.UP)).splitlines()
    assert lines[1] == "# mean 20.000000ms, spread 10.000000ms:"
    assert "delay 20.000000ms 10.000000ms distribution NAME" in lines[2]
    numbers = [int(word) for line in lines[3:] for word in line.split()]
    assert numbers == [-UNIT] * (ENTRIES // 2) + [UNIT] * (ENTRIES // 2)


def test_gaps_do_not_count_and_both_ways_are_half_the_round_trip() -> None:
    """The third row of the small trace loses everything."""
    assert "# mean 15.000000ms, spread 4.000000ms:" in "".join(table_lines(small_trace(), Direction.BOTH))


def test_far_delays_are_cut_to_sixteen_bits() -> None:
    """netem keeps no more."""
    entries = table_entries(np.array([-9.0, 0.0, 9.0]), np.ones(3))
    assert (entries[0], entries[-1]) == (-32_768, 32_767)
    assert len(entries) == ENTRIES


def test_delays_that_never_change_or_never_pass_have_no_table() -> None:
    """The message says so."""
    with pytest.raises(InputError, match="never changes"):
        list(table_lines(small_trace(up=side(delay_s=0.1)), Direction.UP))
    with pytest.raises(InputError, match="nothing ever passes"):
        list(table_lines(small_trace(up=side(state=[1, 2, 1])), Direction.UP))
