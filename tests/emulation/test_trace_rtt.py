"""Round trips that were measured, and the trace that gives them again."""

from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.emulation.line_rows import LineState
from skycommons.emulation.trace_rtt import Fate, RttSeries, dated, rtt_series, trace_of_rtts
from tests.support.traces import BOUNDARY_NS, SECOND_NS, column_at

LOST = float("nan")


def pings(*rtts_ms: float, every_s: float = 0.2, **columns: Any) -> RttSeries:
    """Packets at even intervals."""
    sent_ns = BOUNDARY_NS + np.arange(len(rtts_ms), dtype=np.int64) * round(every_s * SECOND_NS)
    known: dict[str, Any] = {"is_dated": True, "source": "x", **columns}
    if "fate" in known:
        known["fate"] = np.array(known["fate"], dtype=np.uint8)
    return rtt_series(sent_ns, np.array(rtts_ms) / 1e3, **known)


def test_half_of_each_round_trip_is_taken_either_way() -> None:
    """From the instant at which the packet was sent."""
    trace = trace_of_rtts(pings(20.0, 20.0, 30.0))
    assert trace.begin_ns == BOUNDARY_NS
    assert trace.at_ns.tolist() == [0, 400_000_000]
    assert trace.length_ns == 600_000_000
    np.testing.assert_allclose(trace.up.delay_s, [0.01, 0.015])
    np.testing.assert_allclose(trace.down.delay_s, [0.01, 0.015])
    assert np.isinf(trace.up.rate_bps).all()


def test_single_losses_become_a_share_of_loss_in_their_second() -> None:
    """One of five is lost: both ways together lose a fifth, until the second ends; the delay is that before."""
    trace = trace_of_rtts(pings(20.0, LOST, 30.0, 30.0, 30.0, *[30.0] * 5))
    passed = (1.0 - trace.up.loss) * (1.0 - trace.down.loss)
    assert column_at(trace, passed, np.array([0, SECOND_NS - 1, SECOND_NS])).tolist() == pytest.approx([0.8, 0.8, 1.0])
    assert column_at(trace, trace.rtt_s, 200_000_000) == pytest.approx(0.02)
    assert trace.is_passing.all()
    assert not trace_of_rtts(pings(20.0, 30.0)).up.loss.any()


def test_a_run_of_losses_is_a_gap_until_the_next_answer() -> None:
    """And no share of loss beside it."""
    trace = trace_of_rtts(pings(20.0, LOST, LOST, LOST, 30.0))
    assert trace.at_ns.tolist() == [0, 200_000_000, 800_000_000]
    assert trace.up.state.tolist() == [LineState.UP, LineState.DROP, LineState.UP]
    assert trace.down.state.tolist() == [LineState.UP, LineState.DROP, LineState.UP]
    assert not trace.up.loss.any()
    assert trace_of_rtts(pings(20.0, LOST, LOST, LOST, 30.0), gap_pings=4).is_passing.all()


def test_losses_whose_way_is_known_are_given_to_it() -> None:
    """Single ones and gaps; what is lost somewhere is shared."""
    single = trace_of_rtts(pings(20.0, LOST, 20.0, LOST, 20.0, fate=[0, 2, 0, 3, 0]))
    assert single.up.loss[0] == pytest.approx(1 / 5)
    assert single.down.loss[0] == pytest.approx(1 / 4)
    up, down = Fate.LOST_UP, Fate.LOST_DOWN
    for fates, wanted in (((up, up, up), (1, 0)), ((down, down, down), (0, 1)), ((up, down, Fate.LOST), (1, 1))):
        trace = trace_of_rtts(pings(20.0, LOST, LOST, LOST, 20.0, fate=[0, *fates, 0]))
        row = trace.row_at(300_000_000)
        assert (int(trace.up.state[row]), int(trace.down.state[row])) == wanted


def test_a_first_packet_that_was_lost_has_the_delay_of_the_first_answer() -> None:
    """Something has to stand there."""
    trace = trace_of_rtts(pings(LOST, LOST, LOST, 40.0, LOST))
    assert trace.up.state[0] == LineState.DROP
    assert trace.rtt_s.tolist() == pytest.approx([0.04] * len(trace))


def test_packets_that_were_not_sent_while_ping_waited_count_as_answered() -> None:
    """One of five packets that a second usually has, not the only one of it."""
    sent_s = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 6.0, 6.2, 6.4])
    rtt_s = np.where(sent_s == 1.0, LOST, 0.05)
    trace = trace_of_rtts(rtt_series((sent_s * 1e9).astype(np.int64), rtt_s, is_dated=False, source="x"))
    passed = (1.0 - trace.up.loss) * (1.0 - trace.down.loss)
    assert column_at(trace, passed, np.array([999_999_999, SECOND_NS, 2 * SECOND_NS])).tolist() == pytest.approx(
        [1.0, 0.8, 1.0]
    )
    assert trace.begin_ns is None


def test_packets_are_put_in_order_and_of_two_at_once_the_answered_one_stays() -> None:
    """Files need not be in order."""
    series = rtt_series(np.array([5, 1, 5]), np.array([LOST, 0.1, 0.2]), is_dated=False, source="x")
    assert series.sent_ns.tolist() == [1, 5]
    assert series.rtt_s.tolist() == [0.1, 0.2]
    assert series.loss_share == 0.0
    assert repr(series) == "<RttSeries 'x': 2 packets, 0 lost>"
    assert rtt_series(np.array([7]), np.array([0.1]), is_dated=False, source="x").interval_ns() == SECOND_NS


def test_a_series_can_be_given_a_date() -> None:
    """When its first packet was sent."""
    series = dated(rtt_series(np.array([5, 9]), np.array([0.1, 0.2]), is_dated=False, source="x"), BOUNDARY_NS)
    assert series.sent_ns.tolist() == [BOUNDARY_NS, BOUNDARY_NS + 4]
    assert series.is_dated


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sent_ns": np.array([3, 3])}, "one after the other"),
        ({"rtt_s": np.array([0.1, LOST])}, "an answered packet has a round trip"),
        ({"rtt_s": np.array([0.1, -0.1])}, "a round trip is 0 or more"),
        ({"rtt_s": np.array([0.1, 7_201.0])}, "at most two hours"),
        (
            {"sent_ns": np.zeros(0, np.int64), "rtt_s": np.zeros(0), "fate": np.zeros(0, np.uint8)},
            "holds no packet",
        ),
        ({"notes": ("a\nb",)}, "one line"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(changes: dict[str, Any], why: str) -> None:
    """Whatever is wrong is said."""
    known: dict[str, Any] = {"sent_ns": np.array([1, 2]), "rtt_s": np.array([0.1, 0.2]), "fate": np.zeros(2, np.uint8)}
    with pytest.raises(InputError, match=why):
        RttSeries(**{**known, **changes}, is_dated=False, source=changes.get("source", "x"))


def test_columns_have_one_length() -> None:
    """As of any value."""
    with pytest.raises(ShapeError):
        RttSeries(sent_ns=np.array([1]), rtt_s=np.zeros(2), fate=np.zeros(1, np.uint8), is_dated=False, source="x")


def test_without_any_answer_there_is_no_delay() -> None:
    """Nor with a window of no length."""
    with pytest.raises(InputError, match="no packet was answered"):
        trace_of_rtts(pings(LOST, LOST))
    for numbers in ({"window_s": 0.0}, {"window_s": np.inf}, {"gap_pings": 0}):
        with pytest.raises(InputError, match="must be longer than 0 s"):
            trace_of_rtts(pings(1.0), **numbers)
