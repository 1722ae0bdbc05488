"""One trace from several."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation import trace_combine
from skycommons.emulation.trace import Trace
from skycommons.emulation.trace_combine import at_instants, with_delays_of, with_up_of
from tests.support.traces import SECOND_NS, column_at, side, small_trace


def other(length_s: int = 20) -> Trace:
    """Two rows, five seconds and the rest."""
    return small_trace(
        at_ns=np.array([0, 5 * SECOND_NS]),
        length_ns=length_s * SECOND_NS,
        up=side(2, delay_s=[0.1, 0.2], rate_bps=[1e6, 2e6]),
        down=side(2, delay_s=[0.3, 0.4]),
        context=None,
        source="another",
    )


def test_delays_come_from_another_trace_which_begins_anew_where_it_ends() -> None:
    """All else stays; where rows begin is where either changes."""
    both = with_delays_of(small_trace(), other())
    assert (both.at_ns / SECOND_NS).tolist() == [0, 5, 15, 20, 25, 30, 40]
    seconds = np.arange(45) * SECOND_NS
    wanted = np.where(np.arange(45) % 20 < 5, 0.1, 0.2)
    assert column_at(both, both.up.delay_s, seconds).tolist() == wanted.tolist()
    np.testing.assert_allclose(column_at(both, both.down.delay_s, seconds), wanted + 0.2)
    trace = small_trace()
    np.testing.assert_array_equal(
        column_at(both, both.down.rate_bps, seconds), column_at(trace, trace.down.rate_bps, seconds)
    )
    assert both.notes == ("delays from another, repeated",)
    assert both.context is not None
    assert both.at_ns[both.context.is_handover].tolist() == [15 * SECOND_NS]


def test_the_way_up_comes_from_another_trace() -> None:
    """A longer one is cut."""
    both = with_up_of(small_trace(context=None), other(length_s=60))
    assert both.length_ns == 45 * SECOND_NS
    assert (both.at_ns / SECOND_NS).tolist() == [0, 5, 15, 30]
    assert both.up.rate_bps.tolist() == [1e6, 2e6, 2e6, 2e6]
    assert both.notes == ("the way up from another",)


def test_instants_after_the_end_are_those_of_the_trace_begun_anew() -> None:
    """With the context of its rows."""
    again = at_instants(small_trace(), np.array([0, 46, 61]) * SECOND_NS, 90 * SECOND_NS)
    assert again.up.delay_s.tolist() == [0.012, 0.012, 0.02]
    assert again.context is not None
    assert again.context.satellite == ("s1", "s1", "s2")


def test_repeating_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace of a nanosecond over one of an hour."""
    monkeypatch.setattr(trace_combine, "MOST_ROWS", 5)
    with pytest.raises(InputError, match="repeated 3 times"):
        with_delays_of(small_trace(), other())
