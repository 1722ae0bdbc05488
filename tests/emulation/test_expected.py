"""What packets should meet: by hand, and packet by packet what the wire's own queues do with them."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.emulation.expected import one_way_ns, round_trip_s
from skycommons.emulation.line_rows import LineRow, LineRows, LineSettings, LineState
from skycommons.emulation.wire_draws import added_ns
from tests.support.wires import MS, Lines, rows_of, settings

PING = 84
DROP, HOLD = LineRow(state=LineState.DROP), LineRow(state=LineState.HOLD, delay_ns=9.0 * MS)
UP = LineRow(delay_ns=10.0 * MS)
HARD = [
    (0, LineRow(delay_ns=20.0 * MS, delay_slope=1e-2, wait_ns=8.0 * MS, extra_ns=60.0 * MS, ns_per_byte=1_000.0)),
    (300 * MS, LineRow(delay_ns=4.0 * MS, delay_slope=-1e-2, wait_ns=8.0 * MS, ns_per_byte=500.0)),
    (500 * MS, LineRow(state=LineState.DROP)),
    (600 * MS, LineRow(delay_ns=30.0 * MS)),
    (800 * MS, LineRow(state=LineState.HOLD, delay_ns=1.0)),
    (820 * MS, LineRow(delay_ns=3.0 * MS, wait_ns=20.0 * MS)),
]
BACK = [
    (50 * MS, LineRow(delay_ns=15.0 * MS)),
    (400 * MS, LineRow(delay_ns=2.0 * MS, ns_per_byte=2_000.0)),
    (700 * MS, LineRow(state=LineState.DROP)),
    (720 * MS, LineRow(delay_ns=5.0 * MS, extra_ns=3.0 * MS)),
]


def took_ms(rows: LineRows, sent_ms: list[float], *, line: int = 0, given: LineSettings | None = None) -> list[float]:
    """How long packets take that are sent at these instants."""
    at_ns = np.round(np.array(sent_ms) * MS).astype(np.int64)
    found: list[float] = (one_way_ns(rows, given or settings(), line, at_ns, packet_bytes=PING) / MS).tolist()
    return found


def by_the_wire(lines: Lines, sent_ns: Ints, *, line: int) -> Floats:
    """When packets come out of a line that the wire serves one by one; NaN for those that do not."""
    for at_ns in sent_ns.tolist():
        lines.send(PING, at_ns, line=line)
    lines.run(lines.now_ns + 10 * NS_PER_S)
    found = np.full(len(sent_ns), np.nan)
    for delivery in lines.delivered:
        if delivery.lane == 2 * line:
            found[delivery.number] = delivery.due_ns
    return found


def test_an_idle_line_is_its_delay_and_the_packets_own_length() -> None:
    """The delay is that of the instant at which the packet has left; the first row holds before its instant."""
    rows = rows_of([(100 * MS, LineRow(delay_ns=10.0 * MS, delay_slope=1e-2, ns_per_byte=1e4))], UP)
    assert took_ms(rows, [0.0, 100.0]) == pytest.approx([10.84, 10.0 + 0.84 * 1.01])
    assert took_ms(rows, [1_100.0]) == pytest.approx([20.0 + 0.84 * 1.01])
    assert took_ms(rows, [5.0], line=1) == [10.0]


def test_what_chance_adds_is_what_the_wire_draws() -> None:
    """For the stretch of time in which the packet departs; waits change from stretch to stretch."""
    given = settings(seed=3)
    rows = rows_of(LineRow(delay_ns=1.0 * MS, wait_ns=5.0 * MS, extra_ns=2.0 * MS), UP)
    at_ns = np.arange(5, dtype=np.int64) * NS_PER_S
    expected = MS + added_ns(
        given, np.zeros(5, dtype=np.int64), at_ns, wait_ns=np.full(5, 5.0 * MS), extra_ns=np.full(5, 2.0 * MS)
    )
    np.testing.assert_allclose(one_way_ns(rows, given, 0, at_ns, packet_bytes=PING), expected, atol=0.5)
    assert len(set(np.round(expected).tolist())) == 5


def test_none_overtakes_the_one_ahead() -> None:
    """Where the delay falls by 8 ms, a packet sent 3 ms later arrives at the same instant; in whichever order they are asked."""
    rows = rows_of([(0, UP), (10 * MS, LineRow(delay_ns=2.0 * MS))], UP)
    assert took_ms(rows, [9.0, 12.0, 30.0]) == [10.0, 7.0, 2.0]
    assert took_ms(rows, [30.0, 12.0, 9.0]) == [2.0, 7.0, 10.0]


def test_a_line_that_drops_loses_and_one_that_holds_keeps() -> None:
    """Until it goes on; for ever is lost. What was lost stands in nobody's way."""
    rows = rows_of([(0, UP), (10 * MS, DROP), (20 * MS, HOLD), (25 * MS, HOLD), (30 * MS, UP), (40 * MS, HOLD)], HOLD)
    found = took_ms(rows, [0.0, 9.0, 10.0, 19.9, 21.0, 29.0, 30.0, 41.0])
    np.testing.assert_allclose(found, [10.0, 10.0, np.nan, np.nan, 19.0, 11.0, 10.0, np.nan])
    assert np.isnan(took_ms(rows, [0.0, 99.0], line=1)).all()
    rows = rows_of([(0, HOLD), (5 * MS, DROP)], UP)
    assert np.isnan(took_ms(rows, [0.0, 6.0])).all()


def test_packets_wait_for_each_other() -> None:
    """One after the other at the line's rate, those that were held as well."""
    rows = rows_of([(0, LineRow(ns_per_byte=1e4)), (5 * MS, HOLD), (6 * MS, LineRow(ns_per_byte=1e4))], UP)
    assert took_ms(rows, [0.0, 0.1, 2.0, 5.2, 5.4]) == pytest.approx([0.84, 1.58, 0.84, 1.64, 2.28])


def test_a_line_that_stops_while_a_packet_leaves_carries_it() -> None:
    """By the row by which it was served."""
    slow = LineRow(delay_ns=10.0 * MS, ns_per_byte=1e4)
    for stop in (DROP, HOLD):
        rows = rows_of([(0, slow), (5 * MS, stop), (50 * MS, UP)], UP)
        assert took_ms(rows, [4.5]) == pytest.approx([10.84])


def test_a_round_trip_goes_up_and_comes_down() -> None:
    """The way down is that of the instant at which the reply is sent."""
    rows = rows_of([(0, UP)], [(0, LineRow(delay_ns=5.0 * MS)), (12 * MS, LineRow(delay_ns=6.0 * MS))])
    at_ns = np.array([0, 1, 3], dtype=np.int64) * MS
    np.testing.assert_allclose(round_trip_s(rows, settings(), 0, at_ns), [0.015, 0.015, 0.016])


def test_a_round_trip_is_lost_if_either_way_is() -> None:
    """The second terminal has lines of its own."""
    rows = rows_of(UP, UP, [(0, UP), (10 * MS, DROP)], [(0, UP), (15 * MS, DROP)])
    at_ns = np.array([0, 4, 6, 20], dtype=np.int64) * MS
    np.testing.assert_allclose(round_trip_s(rows, settings(), 1, at_ns), [0.020, 0.020, np.nan, np.nan])
    np.testing.assert_allclose(round_trip_s(rows, settings(), 0, at_ns), 0.020)
    assert len(round_trip_s(rows, settings(), 0, at_ns[:0])) == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_packets_meet_in_the_wire_what_was_expected(seed: int) -> None:
    """To the nanosecond, over rows of all kinds, on the way up, and then of the replies on the way down."""
    sent_ns = np.cumsum(np.random.default_rng(seed).integers(2 * MS, 9 * MS, 180))
    lines, given, rows = Lines.of(HARD, BACK, seed=seed), settings(seed=seed), rows_of(HARD, BACK)
    there_ns = by_the_wire(lines, sent_ns, line=0)
    expected_ns = one_way_ns(rows, given, 0, sent_ns, packet_bytes=PING)
    np.testing.assert_allclose(there_ns - sent_ns, expected_ns, rtol=0.0, atol=0.0)
    assert 10 < np.isnan(expected_ns).sum() < 40
    back = Lines.of(HARD, BACK, seed=seed)
    comes = ~np.isnan(there_ns)
    back_ns = by_the_wire(back, there_ns[comes].astype(np.int64), line=1)
    np.testing.assert_allclose(
        round_trip_s(rows, given, 0, sent_ns)[comes], (back_ns - sent_ns[comes]) / NS_PER_S, rtol=0.0, atol=1e-9
    )
