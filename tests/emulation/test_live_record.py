"""The story of a live run: who is told what, and what the plan has between its instants."""

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.emulation.live_record import Expected, Handover, LiveStory, Span, SpanKind, TerminalStory


def test_the_first_terminal_among_hosts_is_told() -> None:
    """The other end of a probe is no terminal; a run without any has an empty story."""
    zurich = TerminalStory(handovers=(Handover(time_ns=5, before="a", after="b"),))
    story = LiveStory(terminals={"zurich": zurich})
    assert story.of("internet", "zurich") is zurich
    assert story.of("internet").handovers == ()


def test_the_plan_is_straight_between_its_instants_and_unknown_outside() -> None:
    """Two instants 1 ns apart make a step, also where unix time is beyond what a float holds."""
    base = 1_795_359_463_000_000_000
    expected = Expected(
        time_ns=base + np.array([0, 999, 1_000, 2_000]),
        rtt_s=np.array([0.03, 0.03, 0.05, np.nan]),
        up_bps=np.ones(4),
        down_bps=np.ones(4),
    )
    asked = base + np.array([-1, 500, 999, 1_000, 1_500, 2_001])
    assert expected.rtt_at(asked).tolist()[1:4] == pytest.approx([0.03, 0.03, 0.05])
    assert np.isnan(expected.rtt_at(asked)[[0, 4, 5]]).all()
    assert np.isnan(Expected.nothing().rtt_at(asked)).all()


def test_a_plan_that_makes_no_sense_is_refused() -> None:
    """Instants rise, columns are as long as they."""
    one = np.ones(2)
    with pytest.raises(InputError, match="must rise"):
        Expected(time_ns=np.array([2, 1]), rtt_s=one, up_bps=one, down_bps=one)
    with pytest.raises(ShapeError, match="rtt_low_s"):
        Expected(time_ns=np.array([1, 2]), rtt_s=one, up_bps=one, down_bps=one, rtt_low_s=np.ones(3))


def test_a_span_ends_after_it_begins() -> None:
    """Else it could not be drawn."""
    with pytest.raises(InputError, match="ends before it begins"):
        Span(begin_ns=2, end_ns=1, label="rain", kind=SpanKind.WEATHER)
