"""What holds for a whole run follows from the scenario's section and date."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.emulation.line_rows import LineRow, LineRows, LineState
from skycommons.emulation.line_settings import gso_bytes_of, line_model_of, line_settings_of
from skycommons.emulation.loss_model import MEASURED_LOSSES
from skycommons.model.emulation_rules import Discipline
from skycommons.plan.latency import LATENCY_2024_11, LATENCY_2026_05
from tests.support.tiny_world import tiny_scenario

MTU = 1_500


def test_the_model_of_delay_is_that_of_the_date() -> None:
    """The losses are those that were measured, the seed is the run's."""
    model = line_model_of(tiny_scenario())
    assert model.latency in (LATENCY_2024_11, LATENCY_2026_05)
    assert model.losses is MEASURED_LOSSES
    old = line_model_of(tiny_scenario(time="[time]\nstart = 2024-11-01T00:00:00Z\nduration_s = 60\nstep_s = 15"))
    assert old.latency is LATENCY_2024_11
    assert line_model_of(tiny_scenario(seed="seed = 9")).seed == 9


def test_access_and_losses_may_be_left_out() -> None:
    """Then lines have light and rates alone."""
    bare = line_model_of(tiny_scenario(folder=Path(), emulation="[emulation]\naccess = false\nloss = false"))
    assert bare.latency is None
    assert bare.losses is None


def test_settings_are_those_of_the_section() -> None:
    """Waits are drawn from quantiles whose mean is one."""
    section = '[emulation]\nqueue = "codel"\nseparate_icmp = false\nwait_hold_ms = 5\nmtu = 1400'
    settings = line_settings_of(tiny_scenario(folder=Path(), emulation=section, seed="seed = 4"))
    assert (settings.queue, settings.separate_icmp, settings.seed) == (Discipline.CODEL, False, 4)
    assert (settings.wait_hold_ns, settings.mtu) == (5_000_000, 1_400)
    assert np.trapezoid(settings.wait_quantiles, np.linspace(0.0, 1.0, len(settings.wait_quantiles))) == pytest.approx(
        1.0, abs=0.01
    )


@pytest.mark.parametrize(
    ("up", "down", "expected"),
    [
        ([LineRow(ns_per_byte=100.0)], [LineRow(ns_per_byte=50.0)], 10_000),  # the slower line's millisecond
        (
            [LineRow(ns_per_byte=400.0), LineRow(ns_per_byte=200.0)],
            [LineRow(ns_per_byte=50.0)],
            5_000,
        ),  # at its fastest
        ([LineRow(ns_per_byte=8_000.0)], [LineRow()], MTU),
        ([LineRow()], [LineRow()], 65_536),
        ([LineRow(ns_per_byte=1.0)], [LineRow()], 65_536),
        ([LineRow(loss=0.01)], [LineRow()], 65_536),
        ([LineRow(ns_per_byte=100.0), LineRow(state=LineState.DROP)], [LineRow()], 10_000),
        ([LineRow(state=LineState.DROP)], [LineRow()], MTU),
    ],
)
def test_a_packet_takes_a_millisecond_of_a_line_at_most(up: list[LineRow], down: list[LineRow], expected: int) -> None:
    """But a whole packet always; what is not known yet is not handed over in long pieces."""
    lines = [list(enumerate(rows)) for rows in (up, down)]
    rows = LineRows.of_lines([*([(0, LineRow(ns_per_byte=80.0))] for _ in range(2)), *lines])
    assert gso_bytes_of(rows, MTU) == (12_500, expected)
