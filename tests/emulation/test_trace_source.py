"""A trace is told in pieces that follow each other, and begins anew whenever it ends, at any phase of a piece."""

from bisect import bisect_right
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import QUEUE_BYTES, LineRow, LineState
from skycommons.emulation.player import SLOTS_AHEAD, Player
from skycommons.emulation.trace import Trace
from skycommons.emulation.trace_rows import LEAST_QUEUE_BYTES, rows_of_trace
from skycommons.emulation.trace_source import PIECE_S, TraceSource
from skycommons.model.emulation_rules import DishStows, RainFalls, SatelliteFails
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason
from tests.support.live_worlds import Clock, ListeningBackend
from tests.support.traces import BOUNDARY_NS, SECOND_NS, side, sides, small_trace

PIECE_NS = round(PIECE_S * NS_PER_S)
QUEUE_S = 0.1


def source_of(trace: Trace, *, terminals: int = 1, start_ns: int = BOUNDARY_NS) -> TraceSource:
    """Plays a trace at terminals whose PoPs are in a row."""
    return TraceSource(trace, pop=7 + np.arange(terminals, dtype=np.int64), start_ns=start_ns, queue_s=QUEUE_S)


def told(source: TraceSource, line: int = 0) -> list[tuple[int, LineRow]]:
    """All rows of a line that are known."""
    return [row for slot in source.slots for row in slot.rows[line]]


def row_at(rows: list[tuple[int, LineRow]], time_ns: int) -> LineRow:
    """What a line does at an instant."""
    return rows[bisect_right([begin_ns for begin_ns, _ in rows], time_ns) - 1][1]


@st.composite
def playable(draw: st.DrawFn) -> Trace:
    """Any trace of a few rows that lasts for half a second to forty seconds."""
    length_ns = draw(st.integers(SECOND_NS // 2, 40 * SECOND_NS))
    instants = draw(st.lists(st.integers(1, length_ns - 1), max_size=6))
    at_ns = np.array(sorted({0, *instants}), dtype=np.int64)
    up, down = draw(sides(len(at_ns))), draw(sides(len(at_ns)))
    return Trace(at_ns=at_ns, length_ns=length_ns, up=up, down=down, source="drawn")


@given(trace=playable(), start_ns=st.integers(0, 2 * 10**18), offsets=st.lists(st.floats(0.0, 1.0), max_size=5))
def test_lines_do_what_the_trace_says_again_and_again(trace: Trace, start_ns: int, offsets: list[float]) -> None:
    """Pieces follow each other without gaps; at every instant both lines do what the trace says at its own phase."""
    source = source_of(trace, start_ns=start_ns)
    pieces = [source.plan_next() for _ in range(4)]
    assert [(piece.lines.begin_ns, piece.lines.end_ns) for piece in pieces] == [
        (start_ns + number * PIECE_NS, start_ns + (number + 1) * PIECE_NS) for number in range(4)
    ]
    sides_told = rows_of_trace(trace, mono0_ns=0, queue_s=QUEUE_S)
    for line, wanted in enumerate(sides_told):
        rows = told(source, line)
        assert all(before < after for (before, _), (after, _) in pairwise(rows))
        for piece in pieces:
            assert piece.rows[line][0][0] == piece.lines.begin_ns
            assert piece.rows[line][-1][0] < piece.lines.end_ns
        begins = [time_ns for time_ns, _ in rows]
        looks = [*begins, *(time_ns - 1 for time_ns in begins[1:])]
        looks += [start_ns + round(share * (4 * PIECE_NS - 1)) for share in offsets]
        for time_ns in looks:
            at_ns = (time_ns - start_ns) % trace.length_ns
            assert row_at(rows, time_ns) == wanted[trace.row_at(at_ns)][1]


@given(trace=playable(), steps_s=st.lists(st.floats(0.05, 14.0), min_size=3, max_size=8))
def test_no_line_is_ever_told_more_rows_than_the_source_says(trace: Trace, steps_s: list[float]) -> None:
    """However a player is late, or not."""
    source, clock, backend = source_of(trace), Clock(), ListeningBackend()
    for _ in range(SLOTS_AHEAD):
        source.plan_next()
    player = Player(source, clock.pace(start_ns=BOUNDARY_NS))
    player._backend = backend
    for step_s in steps_s:
        clock.mono_ns += round(step_s * NS_PER_S)
        while player._is_due():
            player._step()
    assert max(np.diff(rows.first).max() for rows in backend.told) <= source.rows_per_line


def test_a_trace_that_ends_within_a_piece_has_a_row_for_each_of_its_parts() -> None:
    """One row a piece, and one where the trace begins anew."""
    trace = Trace(at_ns=np.array([0]), length_ns=22 * SECOND_NS, up=side(1), down=side(1), source="one row")
    source = source_of(trace)
    for _ in range(5):
        source.plan_next()
    assert [(time_ns - BOUNDARY_NS) / NS_PER_S for time_ns, _ in told(source)] == [0.0, 5.0, 10.0, 15.0, 20.0, 22.0]
    assert source.rows_per_line >= 6


def test_lines_have_the_states_rates_and_delays_of_the_trace() -> None:
    """What drops, what holds, a rate of nothing, which holds, and no limit at all."""
    seconds = np.arange(4, dtype=np.int64) * SECOND_NS
    up = side(4, delay_s=0.02, rate_bps=[8e6, 0.0, np.inf, 8e6], state=[0, 0, 2, 1])
    down = side(4, delay_s=0.01, rate_bps=[np.inf, 16e6, 8e4, 0.0], loss=[0.0, 0.5, 0.0, 1.0])
    source = source_of(Trace(at_ns=seconds, length_ns=4 * SECOND_NS, up=up, down=down, source="all kinds"))
    piece = source.plan_next()
    ups, downs = ([row for _, row in piece.rows[line]] for line in (0, 1))
    assert [row.state for row in ups] == [
        *(LineState.UP, LineState.HOLD, LineState.HOLD, LineState.DROP),
        LineState.UP,  # the trace begins anew
    ]
    assert [row.state for row in downs[:4]] == [LineState.UP, LineState.UP, LineState.UP, LineState.HOLD]
    assert [row.ns_per_byte for row in ups[:4]] == [1_000.0, 0.0, 0.0, 1_000.0]
    assert [row.ns_per_byte for row in downs[:4]] == [0.0, 500.0, 1e5, 0.0]
    assert [row.queue_bytes for row in downs[:3]] == [QUEUE_BYTES, 200_000, LEAST_QUEUE_BYTES]
    assert [row.loss for row in downs[:4]] == [0.0, 0.5, 0.0, 1.0]
    assert {row.delay_ns for row in ups} == {20e6}


def test_a_piece_looks_like_a_slot_in_which_nobody_schedules() -> None:
    """Rates and delays as it begins and ends; nothing in a gap; no satellite, no gateway, and each terminal at its own PoP."""
    source = source_of(small_trace(), terminals=2)
    slots = [source.plan_next() for _ in range(7)]
    first, last = slots[0].lines, slots[6].lines
    np.testing.assert_allclose(first.delay_s, 0.011)
    np.testing.assert_allclose(first.up_bps, 12e6)
    np.testing.assert_allclose(first.down_bps, 120e6)
    assert np.isnan(last.delay_s).all()
    assert (last.up_bps == 0.0).all()
    assert (last.down_bps == 0.0).all()
    for lines in (first, last):
        assert lines.time_ns.tolist() == [lines.begin_ns, lines.end_ns]
        assert lines.pop.tolist() == [7, 8]
        assert (lines.satellite == -1).all()
        assert (lines.gateway == -1).all()
        assert (lines.way == -1).all()
        assert set(lines.reason.tolist()) == {Unserved.SERVED}
        assert set(lines.route_reason.tolist()) == {Reason.REACHABLE}
        assert np.isnan([lines.azimuth_rad, lines.elevation_rad]).all()
        assert np.isnan(lines.fade_db).all()
    assert len(slots[0].rows) == 4
    assert slots[0].rows[0] == slots[0].rows[2]
    assert slots[0].rows[1] == slots[0].rows[3] != slots[0].rows[0]
    assert slots[0].dark == ()


def test_what_is_known_grows_piece_by_piece_and_is_kept() -> None:
    """A run's story is told from all of it."""
    source = source_of(small_trace())
    nothing = source.slots
    assert nothing == ()
    assert source.planned_until_ns == BOUNDARY_NS
    piece = source.plan_next()
    assert source.planned_until_ns == piece.lines.end_ns == BOUNDARY_NS + PIECE_NS
    source.forget_before(BOUNDARY_NS + 10 * PIECE_NS)
    assert source.slots == (piece,)


@pytest.mark.parametrize(
    "event",
    [
        SatelliteFails(serving="hut"),
        DishStows(terminal="hut"),
        RainFalls(duration_s=1.0, latitude_rad=0.0, longitude_rad=0.0, radius_m=1.0, rate_mm_h=1.0),
    ],
)
def test_nothing_can_happen_to_a_trace(event: SatelliteFails | DishStows | RainFalls) -> None:
    """It is refused with what to leave out, and leaves the pieces as they are."""
    source = source_of(small_trace())
    piece = source.plan_next()
    with pytest.raises(InputError, match=f"{type(event).__name__}: a trace is played"):
        source.check(event)
    with pytest.raises(InputError, match="leave out --trace"):
        source.insert(event)
    assert source.slots == (piece,)


def test_a_trace_that_changes_more_often_than_lines_can_be_told_is_refused() -> None:
    """Before a piece of it fills the memory."""
    trace = Trace(at_ns=np.array([0, 1]), length_ns=10_000, up=side(2), down=side(2), source="noise")
    with pytest.raises(InputError, match="make it coarser or longer"):
        source_of(trace)
