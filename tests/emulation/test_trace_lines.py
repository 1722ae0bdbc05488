"""A trace from a plan."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.packed_rows import PackedRows
from skycommons.emulation.plan_source import LiveSlot
from skycommons.emulation.trace import Trace
from skycommons.emulation.trace_lines import MEAN_NOTE, record_plan, trace_from_lines
from skycommons.model.emulation_rules import SatelliteFails
from skycommons.model.scenario import Scenario, parse
from tests.support.live_world import live_scenario
from tests.support.live_worlds import slot_lines
from tests.support.tiny_world import DENSE, tiny_text
from tests.support.traces import BOUNDARY_NS, SECOND_NS, column_at

SLOT_NS = 15 * SECOND_NS


def slot(
    number: int, satellite: int, up: Sequence[tuple[float, LineRow]], down: Sequence[tuple[float, LineRow]]
) -> LiveSlot:
    """A slot of one terminal; rows at seconds after its begin."""
    begin_ns = BOUNDARY_NS + number * SLOT_NS
    lines = slot_lines(begin_ns, satellite=satellite, gateway=1 if satellite >= 0 else -1, pop=2)
    rows = [[(begin_ns + round(at_s * 1e9), row) for at_s, row in part] for part in (up, down)]
    return LiveSlot(lines=lines, rows=PackedRows.of(rows), dark=())


def traced(slots: Sequence[LiveSlot], *, until_s: float = 30.0, from_s: float = 0.0) -> Trace:
    """The trace of the only terminal between two instants."""
    span_ns = BOUNDARY_NS + round(from_s * 1e9), BOUNDARY_NS + round(until_s * 1e9)
    return trace_from_lines(
        slots, terminal=0, span_ns=span_ns, satellites=("a", "b"), sites=("home", "gw", "pop"), source="x"
    )


PLAIN = LineRow(delay_ns=20e6, ns_per_byte=80.0, loss=0.01)


def test_rows_of_slots_become_rows_of_a_trace_with_their_satellites() -> None:
    """A handover is where the satellite changes."""
    cut = replace(PLAIN, state=LineState.DROP)
    trace = traced([slot(0, 0, [(0, PLAIN)], [(0, PLAIN)]), slot(1, 1, [(0, PLAIN), (3, cut)], [(0, LineRow())])])
    assert (trace.begin_ns, trace.length_ns) == (BOUNDARY_NS, 30 * SECOND_NS)
    assert (trace.at_ns / SECOND_NS).tolist() == [0, 15, 18]
    assert trace.up.rate_bps.tolist() == [1e8] * 3
    assert np.isinf(trace.down.rate_bps[1:]).all()
    assert trace.up.state.tolist() == [0, 0, 1]
    assert trace.context is not None
    assert trace.context.satellite == ("a", "b", "b")
    assert trace.context.gateway == ("gw", "gw", "gw")
    assert trace.context.pop == ("pop", "pop", "pop")
    assert trace.context.is_handover.tolist() == [False, True, False]
    assert trace.notes == ()


def test_a_slope_becomes_steps_with_the_delay_at_their_middle() -> None:
    """Of at most a second."""
    falling = replace(PLAIN, delay_slope=-1e-5)
    trace = traced([slot(0, 0, [(0, falling)], [(0, PLAIN)])], until_s=2.5)
    np.testing.assert_allclose(trace.up.delay_s, [0.02 - 5e-6, 0.02 - 15e-6, 0.02 - 22.5e-6])
    assert column_at(trace, trace.down.delay_s, np.array([0, 2 * SECOND_NS])).tolist() == [0.02, 0.02]


def test_what_is_random_stands_there_as_its_mean_and_a_note_says_so() -> None:
    """A trace has no dice."""
    waiting = replace(PLAIN, wait_ns=5e6, extra_ns=1e6)
    trace = traced([slot(0, 0, [(0, waiting)], [(0, PLAIN)])], until_s=1.0)
    assert trace.up.delay_s.tolist() == [0.026]
    assert trace.notes == (MEAN_NOTE,)


def test_a_trace_may_begin_and_end_within_slots() -> None:
    """What began before holds."""
    trace = traced([slot(0, -1, [(0, PLAIN), (2, LineRow(loss=0.5))], [(0, PLAIN)])], from_s=1.0, until_s=3.0)
    assert trace.up.loss.tolist() == [0.01, 0.5]
    assert trace.context is not None
    assert trace.context.satellite == ("", "")
    for begin_s, end_s in ((-1.0, 3.0), (3.0, 3.0), (1.0, 16.0)):
        with pytest.raises(InputError, match="not within the slots"):
            traced([slot(0, 0, [(0, PLAIN)], [(0, PLAIN)])], from_s=begin_s, until_s=end_s)
    with pytest.raises(InputError, match="not within the slots"):
        traced([])


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A terminal under many satellites."""
    return parse(tiny_text(constellation=DENSE), "tiny")


def test_a_plan_is_recorded_without_any_network(scenario: Scenario) -> None:
    """Every slot has its satellite; a trace's begin is the scenario's."""
    trace = record_plan(scenario, "zurich", duration_s=40.0)
    assert trace.begin_ns == scenario.start_ns
    assert trace.length_ns == 40 * SECOND_NS
    assert trace.context is not None
    assert set(trace.context.satellite) <= {*scenario.world.satellites.ids, ""}
    served = np.array([bool(name) for name in trace.context.satellite])
    assert served.any()
    assert (trace.rtt_s[served] > 2 * 550e3 / 3e8).all()
    assert np.isfinite(trace.down.rate_bps[served]).all()
    assert "zurich" in trace.source


def test_events_of_other_terminals_are_left_out() -> None:
    """They are not of this plan."""
    plain = live_scenario()
    rules = replace(plain.emulation, events=(SatelliteFails(at_s=5.0, serving="east"),))
    trace = record_plan(plain.replace(emulation=rules), "zurich", duration_s=15.0)
    assert len(trace) == len(record_plan(plain, "zurich", duration_s=15.0))


def test_a_length_or_a_name_that_makes_no_sense_is_refused(scenario: Scenario) -> None:
    """Before anything is planned."""
    for duration_s in (0.0, float("nan"), 1e9):
        with pytest.raises(InputError, match="should be above 0"):
            record_plan(scenario, "zurich", duration_s=duration_s)
    with pytest.raises(InputError, match="did you mean zurich"):
        record_plan(scenario, "zurch", duration_s=1.0)
