"""Rows as what the kernel is told, and when."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.emulation.line_rows import LineRow, LineRows, LineState
from skycommons.emulation.netem_shapes import DELAY_STEP_NS, HOLD_STEP_NS, MOST_BPS, NetemShape, Shapes, stretches_for
from skycommons.emulation.wire_draws import added_ns
from tests.support.wires import MS, rows_of, settings

S = 1_000 * MS
DARK = NetemShape(loss=1.0, is_dark=True)


def shapes_of(*lines: LineRow | list[tuple[int, LineRow]], stretches: int = 1) -> Shapes:
    """Of lines, with settings whose draws last 20 ms."""
    return Shapes(rows=rows_of(*lines), settings=settings(), stretches=stretches)


def test_what_stays_alike_is_told_once() -> None:
    """Over rows that say the same, too; before the first row it holds as well."""
    row = LineRow(delay_ns=20.0 * MS, ns_per_byte=1_000.0, loss=0.01, queue_bytes=9_000)
    found = shapes_of([(S, row), (2 * S, row)]).between(0, 0, 5 * S)
    assert found == [(0, NetemShape(delay_ns=20 * MS, loss=0.01, rate_bps=8_000_000, queue_bytes=9_000))]


def test_each_line_has_its_own_rows() -> None:
    """And a change is told at its instant; one after the end is not."""
    shapes = shapes_of(LineRow(), [(0, LineRow(delay_ns=5.0)), (S, LineRow(delay_ns=6.0)), (3 * S, LineRow())])
    assert [(at, shape.delay_ns) for at, shape in shapes.between(1, 7, 3 * S)] == [(7, 5), (S, 6)]
    assert [(at, shape.delay_ns) for at, shape in shapes.between(1, 2 * S, 2 * S + 9)] == [(2 * S, 6)]
    assert shapes.at(0, 0).rate_bps == MOST_BPS


def test_a_slope_is_told_in_steps_that_stay_near_it() -> None:
    """Each step has the delay of its middle; two who look at other times see the same."""
    slope = 2e-4
    shapes = shapes_of(LineRow(delay_ns=20.0 * MS, delay_slope=slope))
    found = shapes.between(0, 0, 2 * S)
    ends = [*(at for at, _ in found[1:]), 2 * S]
    for (begin_ns, shape), end_ns in zip(found, ends, strict=True):
        for instant in (begin_ns, end_ns):
            assert abs(shape.delay_ns - 20.0 * MS - slope * instant) <= DELAY_STEP_NS + 1
    assert len(found) == 4
    later = shapes.between(0, found[2][0], 2 * S)
    assert later == found[2:]


@pytest.mark.parametrize(("slope", "changes"), [(1e-6, 10), (-1.0, 500)])
def test_steps_are_neither_very_long_nor_very_short(slope: float, changes: int) -> None:
    """A second at most, 20 ms at least; no delay is below nothing."""
    found = shapes_of(LineRow(delay_ns=20.0 * S, delay_slope=slope)).between(0, 0, 10 * S)
    assert len(found) == changes
    assert min(shape.delay_ns for _, shape in found) >= 0


def test_waits_are_the_draws_of_the_wire() -> None:
    """One for each stretch; the stretch that runs at the begin counts from its own begin."""
    row = LineRow(delay_ns=10.0 * MS, wait_ns=8.0 * MS, extra_ns=3.0 * MS)
    shapes = shapes_of(row, LineRow())
    found = shapes.between(0, 30 * MS, 90 * MS)
    assert [at for at, _ in found] == [30 * MS, 40 * MS, 60 * MS, 80 * MS]
    drawn = added_ns(shapes.settings, 0, np.array([20, 40, 60, 80]) * MS, wait_ns=8.0 * MS, extra_ns=3.0 * MS)
    assert [shape.delay_ns for _, shape in found] == [round(10.0 * MS + one) for one in drawn]


def test_many_lines_share_out_what_the_kernel_can_be_told() -> None:
    """Fewer draws then, each for several stretches; where nothing is drawn nothing is shared."""
    drawing = LineRow(wait_ns=1.0 * MS)
    assert stretches_for(rows_of(*[drawing, LineRow()] * 40), settings()) == 1
    assert stretches_for(rows_of(*[drawing, LineRow()] * 41), settings()) == 2
    assert stretches_for(rows_of(*[LineRow()] * 400), settings()) == 1
    dark_as_yet = rows_of(drawing, *[LineRow()] * 399)
    assert stretches_for(dark_as_yet, settings()) == 5
    found = shapes_of(LineRow(wait_ns=1.0 * MS), stretches=3).between(0, 0, 240 * MS)
    assert [at for at, _ in found] == [0, 60 * MS, 120 * MS, 180 * MS]
    assert found[0][1] == shapes_of(LineRow(wait_ns=1.0 * MS)).at(0, 0)


def test_a_dark_line_keeps_its_rate() -> None:
    """So that what waits still leaves as before; it loses the rest."""
    before = NetemShape(delay_ns=9, rate_bps=5, queue_bytes=7, loss=0.1)
    assert shapes_of(LineRow(state=LineState.DROP)).between(0, 0, S) == [(0, DARK)]
    assert DARK.after(before) == replace(before, loss=1.0, is_dark=True)
    assert DARK.after(None) == DARK
    assert before.after(DARK) == before


def test_a_line_that_holds_has_the_delay_until_it_goes_on() -> None:
    """In steps, so that a packet is never early and at most a step late."""
    after = LineRow(delay_ns=20.0 * MS, ns_per_byte=1_000.0, wait_ns=4.0 * MS)
    shapes = shapes_of([(0, LineRow()), (S, LineRow(state=LineState.HOLD)), (S + 12 * MS, after)])
    found = shapes.between(0, S, S + 12 * MS)
    last = shapes.at(0, S + 12 * MS)
    assert last.delay_ns > 20 * MS
    assert [(at, shape.delay_ns + at) for at, shape in found] == [
        (at, S + 12 * MS + last.delay_ns) for at in (S, S + HOLD_STEP_NS, S + 2 * HOLD_STEP_NS)
    ]
    assert {shape.rate_bps for _, shape in found} == {8_000_000}


def test_what_is_held_without_an_end_or_until_it_is_lost_is_lost() -> None:
    """Nobody could tell when to let it go."""
    hold = LineRow(state=LineState.HOLD)
    assert shapes_of(hold).at(0, 0) == DARK
    assert shapes_of([(0, hold), (S, hold), (2 * S, LineRow(state=LineState.DROP))]).at(0, 0) == DARK
    assert not shapes_of([(0, hold), (S, hold), (2 * S, LineRow())]).at(0, 0).is_dark


def test_every_row_of_a_long_table_is_found() -> None:
    """The first and the last one as well."""
    rows = LineRows.of_lines([[(at * S, LineRow(delay_ns=float(at))) for at in range(50)]] * 2)
    found = Shapes(rows=rows, settings=settings()).between(1, 0, 60 * S)
    assert [(at // S, shape.delay_ns) for at, shape in found] == [(at, at) for at in range(50)]
