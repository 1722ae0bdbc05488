"""From a slot of the plan to rows of its lines: delays, waits, losses, gaps, queues."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_model import FOREVER_NS, DarkSpan
from skycommons.emulation.line_rows import LineRow, LineState, TimedRows
from skycommons.emulation.live_state import row_now
from skycommons.emulation.loss_model import MEASURED_LOSSES
from skycommons.model.emulation_rules import EmulationRules
from skycommons.plan.latency import LATENCY_2026_05
from skycommons.plan.lines import SlotLines
from tests.support.live_worlds import SLOT_NS, plain_model, slot_lines

MS = 1_000_000
GAPS = replace(MEASURED_LOSSES, gap_share=1.0)


def delay_ns(rows: TimedRows, time_ns: int) -> float:
    """Of a line at an instant, without waits."""
    since_ns, row = row_now(rows, time_ns)
    return row.delay_ns + row.delay_slope * (time_ns - since_ns)


def starts_ms(rows: TimedRows) -> list[float]:
    """When rows begin."""
    return [time_ns / MS for time_ns, _ in rows]


def states(rows: TimedRows) -> list[tuple[float, LineState]]:
    """When which state begins."""
    found = [(time_ns / MS, row.state) for time_ns, row in rows]
    return found[:1] + [later for before, later in pairwise(found) if before[1] is not later[1]]


def test_delay_goes_straight_from_instant_to_instant() -> None:
    """Both ways alike; in the middle it is half of both."""
    lines = slot_lines(delay_s=np.array([[0.010], [0.0101], [0.0101], [0.0100]]))
    up, down = plain_model().rows(lines, None)
    assert starts_ms(up) == [0.0, 5_000.0, 10_000.0]
    for time_s, light_s in ((0.0, 0.010), (2.5, 0.01005), (5.0, 0.0101), (7.5, 0.0101), (12.5, 0.01005)):
        for rows in (up, down):
            assert delay_ns(rows, round(time_s * NS_PER_S)) == pytest.approx(light_s * NS_PER_S, abs=1e-3)


@pytest.mark.parametrize(
    "changes",
    [
        {"delay_s": np.array([[0.010], [0.012], [0.012], [0.012]])},
        {"delay_s": np.array([[0.010], [0.01001], [0.01001], [0.01001]]), "laser_hops": np.array([[1], [2], [2], [2]])},
    ],
)
def test_delay_jumps_where_the_path_changes(changes: dict[str, Any]) -> None:
    """Until then it stays what it was: another number of lasers, or too far for a moving satellite."""
    lines = slot_lines(**changes)
    up, _ = plain_model().rows(lines, None)
    assert up[0][1].delay_slope == 0.0
    assert delay_ns(up, 5 * NS_PER_S - 1) == 10e6
    assert delay_ns(up, 5 * NS_PER_S) == lines.delay_s[1, 0] * NS_PER_S


def test_a_way_that_ends_within_the_slot_stays_straight_until_then_and_drops_after() -> None:
    """And one that begins within it is there from its instant on."""
    lines = slot_lines(delay_s=np.array([[np.nan], [0.010], [0.010], [np.nan]]))
    up, _ = plain_model().rows(lines, None)
    assert states(up) == [(0.0, LineState.DROP), (5_000.0, LineState.UP)]
    assert up[-1][1].delay_slope == 0.0
    lines = slot_lines(delay_s=np.array([[0.010], [np.nan], [np.nan], [np.nan]]))
    up, _ = plain_model().rows(lines, None)
    assert states(up) == [(0.0, LineState.UP), (5_000.0, LineState.DROP)]


def test_rates_become_time_for_bytes_and_room_in_the_queue() -> None:
    """8 Mbit/s up: a microsecond a byte, and 100 ms of queue; a slow line holds ten packets at least."""
    up, down = plain_model().rows(slot_lines(), None)
    assert up[0][1].ns_per_byte == pytest.approx(1_000.0)
    assert up[0][1].queue_bytes == 100_000
    assert down[0][1].ns_per_byte == pytest.approx(100.0)
    assert down[0][1].queue_bytes == 1_000_000
    slow, _ = plain_model().rows(slot_lines(up_bps=1e3), None)
    assert slow[0][1].queue_bytes == 15_000


def test_a_line_without_a_rate_drops() -> None:
    """One direction alone, too."""
    up, down = plain_model().rows(slot_lines(up_bps=0.0), None)
    assert states(up) == [(0.0, LineState.DROP)]
    assert states(down) == [(0.0, LineState.UP)]


def test_rates_may_be_left_unlimited() -> None:
    """Bytes take no time, and the queue is long; without a way there is none all the same."""
    model = plain_model(EmulationRules(limit_rates=False))
    up, down = model.rows(slot_lines(), None)
    assert up[0][1].ns_per_byte == down[0][1].ns_per_byte == 0.0
    assert up[0][1].queue_bytes > 10_000_000
    assert states(model.rows(slot_lines(delay_s=np.nan), None)[0]) == [(0.0, LineState.DROP)]


def test_the_access_adds_what_was_measured() -> None:
    """Half of the fixed part each way, the wait up, and an extra up near both ends of the slot."""
    lines = slot_lines()
    model = plain_model(latency=LATENCY_2026_05)
    up, down = model.rows(lines, None)
    fixed_ns = 0.5 * LATENCY_2026_05.fixed_s * NS_PER_S
    assert up[0][1].delay_ns == down[0][1].delay_ns == pytest.approx(10e6 + fixed_ns)
    assert {row.wait_ns for _, row in up} == {LATENCY_2026_05.wait_s * NS_PER_S}
    assert {row.wait_ns + row.extra_ns for _, row in down} == {0.0}
    assert [(time_ns / MS, row.extra_ns > 0.0) for time_ns, row in up] == [
        (0.0, True),
        (140.0, False),
        (5_000.0, False),
        (10_000.0, False),
        (14_925.0, True),
    ]
    extra_ns = LATENCY_2026_05.boundary_extra_s * NS_PER_S
    assert up[0][1].extra_ns == up[-1][1].extra_ns == extra_ns
    whole_ns = sum(rows[0][1].delay_ns + rows[0][1].wait_ns for rows in (up, down)) - 20e6
    assert whole_ns == pytest.approx((LATENCY_2026_05.fixed_s + LATENCY_2026_05.wait_s) * NS_PER_S)


def test_every_laser_adds_its_part() -> None:
    """Half of it each way."""
    latency = replace(LATENCY_2026_05, hop_s=1e-3)
    none, two = (plain_model(latency=latency).rows(slot_lines(laser_hops=hops), None) for hops in (0, 2))
    assert [two[side][0][1].delay_ns - none[side][0][1].delay_ns for side in (0, 1)] == pytest.approx([1e6, 1e6])


def test_slots_shorter_than_the_boundarys_moments_are_all_boundary() -> None:
    """Nothing breaks."""
    lines = slot_lines()
    brief = replace(lines, end_ns=100 * MS, time_ns=np.array([0, 30 * MS, 60 * MS, 100 * MS]))
    up, _ = plain_model(latency=LATENCY_2026_05).rows(brief, None)
    assert all(row.extra_ns > 0.0 for _, row in up)
    assert starts_ms(up) == [0.0, 25.0, 30.0, 60.0]


def test_losses_hang_on_the_direction_and_on_lasers() -> None:
    """Without a model there are none."""
    model = plain_model(losses=MEASURED_LOSSES)
    assert [rows[0][1].loss for rows in model.rows(slot_lines(), None)] == [0.0035, 0.0001]
    assert [rows[-1][1].loss for rows in model.rows(slot_lines(laser_hops=2), None)] == [0.00085, 0.0]
    assert [rows[0][1].loss for rows in plain_model().rows(slot_lines(), None)] == [0.0, 0.0]


def test_a_gap_over_lasers_drops_for_half_a_second_from_the_boundary_on() -> None:
    """Both ways; a path without lasers has none."""
    model = plain_model(losses=GAPS)
    for rows in model.rows(slot_lines(laser_hops=1), None):
        assert states(rows) == [(0.0, LineState.DROP), (500.0, LineState.UP)]
    for rows in model.rows(slot_lines(), None):
        assert states(rows) == [(0.0, LineState.UP)]


def test_gaps_are_the_seeds() -> None:
    """The same again with the same one, others with another."""

    def gaps(seed: int) -> list[LineState]:
        model = plain_model(losses=MEASURED_LOSSES, seed=seed)
        return [model.rows(slot_lines(row * SLOT_NS, laser_hops=1), None)[0][0][1].state for row in range(200)]

    assert gaps(1) == gaps(1)
    assert gaps(1) != gaps(2)
    assert set(gaps(1)) == {LineState.UP, LineState.DROP}


def test_a_handover_holds_packets_for_its_gap() -> None:
    """Where the satellite changes from one to another, and nowhere else."""
    model = plain_model(EmulationRules(handover_gap_s=0.2))
    lines, after = (
        slot_lines(terminals=4, satellite=[1, 2, -1, 4]),
        slot_lines(SLOT_NS, terminals=4, satellite=[1, 3, 4, -1]),
    )
    rows = model.rows(after, lines)
    begin_ms = SLOT_NS / MS
    assert [states(rows[2 * terminal])[0][1] for terminal in range(4)] == [
        LineState.UP,
        LineState.HOLD,
        LineState.UP,
        LineState.UP,
    ]
    assert states(rows[3]) == [(begin_ms, LineState.HOLD), (begin_ms + 200.0, LineState.UP)]
    assert {states(one)[0][1] for one in model.rows(after, None)} == {LineState.UP}
    without = plain_model().rows(after, lines)
    assert {states(one)[0][1] for one in without} == {LineState.UP}


def test_a_gap_of_losses_comes_before_one_that_holds() -> None:
    """What is lost is not kept; the longer of the two goes on alone."""
    model = plain_model(EmulationRules(handover_gap_s=0.8), losses=GAPS)
    before, lines = slot_lines(satellite=1), slot_lines(SLOT_NS, satellite=2, laser_hops=1)
    up, _ = model.rows(lines, before)
    assert [(time_ms - SLOT_NS / MS, state) for time_ms, state in states(up)] == [
        (0.0, LineState.DROP),
        (500.0, LineState.HOLD),
        (800.0, LineState.UP),
    ]


def test_dark_spans_cut_their_terminal_for_their_time() -> None:
    """Those of others, and of other slots, do not; the delay goes on as if nothing were."""
    lines = slot_lines(terminals=2, delay_s=np.array([[0.010] * 2, [0.0101] * 2, [0.0102] * 2, [0.0103] * 2]))
    dark = (
        DarkSpan(terminal=1, begin_ns=2 * NS_PER_S, end_ns=4 * NS_PER_S),
        DarkSpan(terminal=1, begin_ns=13 * NS_PER_S, end_ns=FOREVER_NS),
        DarkSpan(terminal=0, begin_ns=2 * SLOT_NS, end_ns=3 * SLOT_NS),
    )
    rows = plain_model().rows(lines, None, dark)
    for side in (0, 1):
        assert states(rows[side]) == [(0.0, LineState.UP)]
        assert states(rows[2 + side]) == [
            (0.0, LineState.UP),
            (2_000.0, LineState.DROP),
            (4_000.0, LineState.UP),
            (13_000.0, LineState.DROP),
        ]
    free = plain_model().rows(lines, None)
    for time_ns in (3 * NS_PER_S, 14 * NS_PER_S):
        assert delay_ns(rows[2], time_ns) == pytest.approx(delay_ns(free[2], time_ns))


def test_lines_are_told_terminal_by_terminal() -> None:
    """Up and down of the first, then of the second."""
    lines: SlotLines = slot_lines(
        terminals=2, up_bps=np.full((4, 2), [8e6, 4e6]), down_bps=np.full((4, 2), [80e6, 40e6])
    )
    rows = plain_model().rows(lines, None)
    first: list[LineRow] = [one[0][1] for one in rows]
    assert [round(row.ns_per_byte) for row in first] == [1_000, 100, 2_000, 200]
