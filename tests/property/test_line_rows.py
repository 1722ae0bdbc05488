"""Rows of lines, whatever the plan and the events: complete, in order, dark where they must be, without jumps of their own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_model import FOREVER_NS, DarkSpan, LineModel
from skycommons.emulation.line_overlay import cut, slots_on_clock
from skycommons.emulation.line_rows import COLUMNS, LineRow, LineState, TimedRows
from skycommons.emulation.live_state import row_now
from skycommons.emulation.loss_model import MEASURED_LOSSES
from skycommons.emulation.pace import Pace
from skycommons.emulation.packed_rows import PackedRows
from skycommons.model.emulation_rules import EmulationRules
from skycommons.plan.latency import LATENCY_2026_05
from skycommons.plan.lines import SlotLines
from tests.support.live_worlds import SLOT_NS, slot_lines

BEGIN_NS = 1_800_000_012 * NS_PER_S
END_NS = BEGIN_NS + SLOT_NS
NEAR = st.integers(BEGIN_NS - SLOT_NS, END_NS + SLOT_NS)
LIGHT = st.one_of(st.just(float("nan")), st.floats(0.002, 0.2))
MODELS = st.builds(
    LineModel,
    latency=st.sampled_from([None, LATENCY_2026_05]),
    losses=st.sampled_from([None, MEASURED_LOSSES]),
    rules=st.builds(EmulationRules, handover_gap_s=st.sampled_from([0.0, 0.3, 20.0]), limit_rates=st.booleans()),
    seed=st.integers(0, 2**32),
)


@st.composite
def rows_of_a_line(draw: st.DrawFn) -> TimedRows:
    """Rows whose delays never fall below zero as long as they hold."""
    starts = sorted(draw(st.sets(st.integers(0, 10_000), min_size=1, max_size=8)))
    rows = st.builds(
        LineRow,
        delay_ns=st.floats(2e4, 1e6),
        delay_slope=st.floats(-1.0, 1.0),
        state=st.sampled_from(list(LineState)),
    )
    return [(start, draw(rows)) for start in starts]


@st.composite
def spans(draw: st.DrawFn, instants: st.SearchStrategy[int], *, terminals: int = 1) -> list[DarkSpan]:
    """Some spans, a few of them without an end."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        begin_ns = draw(instants)
        end_ns = draw(st.one_of(st.just(FOREVER_NS), instants.map(lambda end, begin=begin_ns: max(begin, end))))  # type: ignore[misc] # a default
        found.append(DarkSpan(terminal=draw(st.integers(0, terminals - 1)), begin_ns=begin_ns, end_ns=end_ns))
    return found


@st.composite
def slots(draw: st.DrawFn, *, begin_ns: int = BEGIN_NS, terminals: int = 2) -> SlotLines:
    """A slot in which anything may happen to two terminals."""
    cells = 4 * terminals

    def column(values: st.SearchStrategy[float]) -> np.ndarray:
        drawn = draw(st.lists(values, min_size=cells, max_size=cells))
        return np.array(drawn, dtype=np.float64).reshape(4, terminals)

    return slot_lines(
        begin_ns,
        terminals=terminals,
        delay_s=column(LIGHT),
        laser_hops=column(st.integers(0, 2).map(float)),
        up_bps=column(st.sampled_from([0.0, 1e3, 1e7])),
        down_bps=column(st.sampled_from([0.0, 1e6, 1e9])),
        satellite=draw(st.lists(st.integers(-1, 3), min_size=terminals, max_size=terminals)),
    )


def is_dark(dark: list[DarkSpan], time_ns: int, *, terminal: int = 0) -> bool:
    """Whether a span cuts a terminal at an instant."""
    return any(span.terminal == terminal and span.begin_ns <= time_ns < span.end_ns for span in dark)


def delay_ns(rows: TimedRows, time_ns: int) -> float:
    """By the row that holds."""
    since_ns, row = row_now(rows, time_ns)
    return row.delay_ns + row.delay_slope * (time_ns - since_ns)


@given(rows=rows_of_a_line(), dark=spans(st.integers(-2_000, 12_000)), time_ns=st.integers(-2_000, 12_000))
def test_a_cut_line_drops_within_spans_and_is_as_it_was_outside(
    rows: TimedRows, dark: list[DarkSpan], time_ns: int
) -> None:
    """At any instant; its instants rise, and its delay is the same as without."""
    found = cut(rows, dark)
    starts = [start for start, _ in found]
    assert starts == sorted(set(starts))
    assert {start for start, _ in rows} <= set(starts)
    assert starts[0] == rows[0][0]
    assert all(row.delay_ns >= 0.0 for _, row in found)
    if time_ns < rows[0][0]:
        return
    before, after = row_now(rows, time_ns)[1], row_now(found, time_ns)[1]
    assert after.state is (LineState.DROP if is_dark(dark, time_ns) else before.state)
    np.testing.assert_allclose(delay_ns(found, time_ns), delay_ns(rows, time_ns), rtol=1e-9, atol=1e-6)


@given(
    lines=slots(), before=st.none() | slots(begin_ns=BEGIN_NS - SLOT_NS), model=MODELS, dark=spans(NEAR, terminals=2)
)
def test_rows_of_a_slot_say_of_every_instant_what_the_line_does(
    lines: SlotLines, before: SlotLines | None, model: LineModel, dark: list[DarkSpan]
) -> None:
    """From its begin to its end, in order; nothing is negative; what is dark drops, and what has no way."""
    found = model.rows(lines, before, dark)
    assert len(found) == 4
    PackedRows.of(found)  # refuses what is not in order, negative or not finite
    for line, rows in enumerate(found):
        starts = [start for start, _ in rows]
        assert starts[0] == BEGIN_NS
        assert starts[-1] < END_NS
        assert set(lines.time_ns[:-1].tolist()) <= set(starts)
        for time_ns in {*starts, *(start - 1 for start in starts[1:]), END_NS - 1}:
            since_ns, row = row_now(rows, time_ns)
            step = int(np.searchsorted(lines.time_ns, time_ns, side="right")) - 1
            rate_bps = float((lines.down_bps if line % 2 else lines.up_bps)[step, line // 2])
            has_way = bool(np.isfinite(lines.delay_s[step, line // 2])) and rate_bps > 0.0
            assert row.delay_ns + row.delay_slope * (time_ns - since_ns) >= 0.0
            if is_dark(dark, time_ns, terminal=line // 2) or not has_way:
                assert row.state is LineState.DROP
            if has_way:
                assert row.ns_per_byte == (8e9 / rate_bps if model.rules.limit_rates else 0.0)
                assert row.queue_bytes >= 10 * model.rules.mtu


@given(
    light_s=st.lists(st.floats(-1e-4, 1e-4), min_size=4, max_size=4).map(np.array),
    hops=st.integers(0, 3),
    model=MODELS,
    dark=spans(NEAR),
)
def test_the_delay_of_one_path_has_no_jump(
    light_s: np.ndarray, hops: int, model: LineModel, dark: list[DarkSpan]
) -> None:
    """From row to row, and to the slot's end; waits aside."""
    lines = slot_lines(BEGIN_NS, delay_s=(0.03 + light_s)[:, np.newaxis], laser_hops=hops)
    for rows in model.rows(lines, None, dark):
        for start, row in rows[1:]:
            np.testing.assert_allclose(delay_ns(rows, start - 1) + row.delay_slope, row.delay_ns, rtol=0.0, atol=0.5)
        added_ns = rows[0][1].delay_ns - 1e9 * float(lines.delay_s[0, 0])
        np.testing.assert_allclose(delay_ns(rows, END_NS), 1e9 * lines.delay_s[3, 0] + added_ns, rtol=0.0, atol=0.5)


@given(
    many=st.lists(slots(), min_size=1, max_size=3),
    dark=spans(NEAR, terminals=2),
    speed=st.sampled_from([0.5, 1.0, 7.0, 100.0]),
)
def test_slots_told_at_once_are_their_lines_told_one_by_one(
    many: list[SlotLines], dark: list[DarkSpan], speed: float
) -> None:
    """On the machine's clock, where instants of a line rise, however fast time goes."""
    model = LineModel(latency=LATENCY_2026_05, losses=MEASURED_LOSSES, rules=EmulationRules(), seed=1)
    pace = Pace(start_ns=BEGIN_NS, start_mono_ns=10**12, speed=speed)
    packed = []
    for row, lines in enumerate(many):
        later_ns = row * SLOT_NS
        rows = model.rows(lines, None)
        packed.append(PackedRows.of([[(start + later_ns, one) for start, one in line] for line in rows]))
    at_once = slots_on_clock(packed, pace, dark=dark)
    one_by_one = [
        cut([row for slot in packed for row in slot[line]], [span for span in dark if span.terminal == line // 2])
        for line in range(4)
    ]
    told = slots_on_clock([PackedRows.of(one_by_one)], pace)
    for name in ("first", *COLUMNS):
        np.testing.assert_array_equal(getattr(at_once, name), getattr(told, name), err_msg=name)
