"""How terminals stand at an instant, in numbers and in words."""

import math
from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.line_model import DarkSpan
from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.live_state import Names, TerminalNow, row_now, slot_at, terminals_at
from skycommons.emulation.loss_model import MEASURED_LOSSES
from skycommons.model.emulation_rules import EmulationRules
from skycommons.plan.latency import LATENCY_2026_05
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Reason
from tests.support.live_worlds import SLOT_NS, live_slot, plain_model, slot_lines

NAMES = Names(terminals=("hut", "farm"), satellites=("a", "b", "c", "d"), sites=("hut", "gw", "pop"))


def hut(seconds: float = 6.0, *, dark: tuple[DarkSpan, ...] = (), **columns: object) -> TerminalNow:
    """How the first of two terminals stands."""
    lines = slot_lines(terminals=2, **columns)  # type: ignore[arg-type] # columns of any kind
    return terminals_at(live_slot(lines, dark=dark), round(seconds * NS_PER_S), NAMES)[0]


def test_the_slot_of_an_instant_is_the_last_that_began() -> None:
    """Before all of them the first, after all the last."""
    slots = [live_slot(slot_lines(row * SLOT_NS)) for row in range(3)]
    found = [slots.index(slot_at(slots, time_ns)) for time_ns in (-5, 0, SLOT_NS - 1, SLOT_NS, 99 * SLOT_NS)]
    assert found == [0, 0, 0, 1, 2]


def test_the_row_of_an_instant_is_the_last_that_began() -> None:
    """Before all of them the first."""
    rows = [(10, LineRow(delay_ns=1.0)), (20, LineRow(delay_ns=2.0))]
    assert [row_now(rows, time_ns)[0] for time_ns in (0, 10, 19, 20, 99)] == [10, 10, 10, 20, 20]


def test_a_terminal_with_a_line_says_by_whom_and_how_fast() -> None:
    """Rates are those of the instant's stretch."""
    now = hut(down_bps=np.array([[1e6] * 2, [2e6] * 2, [3e6] * 2, [4e6] * 2]))
    assert (now.name, now.row, now.time_ns) == ("hut", 0, 6 * NS_PER_S)
    assert (now.satellite, now.gateway, now.pop) == ("d", "gw", "pop")
    assert now.is_up
    assert now.why == ""
    assert now.rtt_s == pytest.approx(0.020)
    assert (now.down_bps, now.up_bps) == (2e6, 8e6)
    assert (now.slot_begin_ns, now.slot_end_ns) == (0, SLOT_NS)
    assert hut(99.0, down_bps=np.array([[1e6] * 2] * 3 + [[4e6] * 2])).down_bps == 1e6


def test_round_trips_have_the_mean_wait_in_them() -> None:
    """And the extra near the slot's boundary."""
    slot = live_slot(slot_lines(terminals=2), model=plain_model(latency=LATENCY_2026_05))
    middle, edge = (terminals_at(slot, time_ns, NAMES)[1].rtt_s for time_ns in (6 * NS_PER_S, 0))
    expected_s = 0.020 + LATENCY_2026_05.fixed_s + LATENCY_2026_05.wait_s
    assert middle == pytest.approx(expected_s)
    assert edge == pytest.approx(expected_s + LATENCY_2026_05.boundary_extra_s)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"delay_s": np.nan, "reason": Unserved.SUSPENDED, "route_reason": Reason.NOT_SERVED}, "suspended"),
        ({"delay_s": np.nan, "route_reason": Reason.NO_LASER_PATH}, "no laser path"),
        (
            {"delay_s": np.array([[0.01] * 2, [np.nan] * 2, [np.nan] * 2, [np.nan] * 2])},
            "no way for now",
        ),
        (
            {
                "delay_s": np.array([[0.01] * 2, [np.nan] * 2, [np.nan] * 2, [0.01] * 2]),
                "fade_db": np.array([[0.0] * 2, [np.nan] * 2, [np.nan] * 2, [9.0] * 2]),
            },
            "rain",
        ),
        ({"up_bps": 0.0}, "no rate is left for it"),
        ({"down_bps": 0.0}, "no rate is left for it"),
        ({"dark": (DarkSpan(terminal=0, begin_ns=0, why="its satellite failed"),)}, "its satellite failed"),
    ],
)
def test_a_terminal_without_a_line_says_why(columns: dict[str, object], why: str) -> None:
    """And has neither a rate nor a round trip."""
    now = hut(**columns)  # type: ignore[arg-type] # columns of any kind
    assert not now.is_up
    assert now.why == why
    assert math.isnan(now.rtt_s)
    assert now.up_bps == now.down_bps == 0.0


def test_a_gap_at_the_boundary_is_called_so() -> None:
    """Served, with a way and a rate."""
    model = plain_model(losses=replace(MEASURED_LOSSES, gap_share=1.0))
    slot = live_slot(slot_lines(terminals=2, laser_hops=1), model=model)
    early, later = (terminals_at(slot, time_ns, NAMES)[0] for time_ns in (NS_PER_S // 4, NS_PER_S))
    assert early.why == "a gap at the slot's boundary"
    assert later.is_up


def test_a_line_that_holds_packets_is_up() -> None:
    """They arrive, only later."""
    lines = slot_lines(SLOT_NS, terminals=2)
    model = plain_model(EmulationRules(handover_gap_s=1.0))
    held = model.rows(lines, slot_lines(terminals=2, satellite=0))
    slot = live_slot(lines)
    slot = replace(slot, rows=type(slot.rows).of(held))
    assert terminals_at(slot, SLOT_NS, NAMES)[0].is_up


def test_what_others_cut_counts_for_its_time() -> None:
    """Besides what the slot knows; names of nobody are empty."""
    slot = live_slot(slot_lines(terminals=2, satellite=-1, gateway=-1, pop=-1, way=np.zeros((2, 0))))
    dark = (DarkSpan(terminal=1, begin_ns=5, end_ns=10, why="its dish is down"),)
    found = [terminals_at(slot, time_ns, NAMES, dark=dark)[1].why for time_ns in (4, 5, 9, 10)]
    assert found == ["", "its dish is down", "its dish is down", ""]
    now = terminals_at(slot, 0, NAMES)[1]
    assert (now.satellite, now.gateway, now.pop) == ("", "", "")
