"""What a trace amounts to."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.emulation.trace_formats import read_series, read_trace
from skycommons.emulation.trace_rtt import rtt_series
from skycommons.emulation.trace_statistics import (
    SHARES,
    loss_near_boundaries,
    pings_lost_near_boundaries,
    summarise_trace,
    weighted_quantiles,
)
from skycommons.model.service_rules import ScheduleRules
from tests.support.traces import BOUNDARY_NS, SECOND_NS, side, small_trace


def test_a_summary_counts_time_not_rows() -> None:
    """Delays and rates of the time in which packets pass; losses of that in which a way serves."""
    told = summarise_trace(small_trace())
    assert (told.rows, told.length_s, told.gaps, told.handovers) == (3, 45.0, 1, 1)
    assert told.rtt_s[SHARES.index(0.5)] == pytest.approx(0.022)
    assert told.rtt_s[SHARES.index(0.75)] == pytest.approx(0.038)
    assert told.up_bps[0] == 12e6
    assert told.up_loss == pytest.approx(0.005)
    assert told.down_loss == pytest.approx(0.001)
    assert told.drop_share == pytest.approx(1 / 3)
    assert told.hold_share == 0.0
    assert told.evenly_share == pytest.approx(2 / 15)


def test_what_is_not_known_is_said_to_be_so() -> None:
    """No context, no losses, nothing that ever passes."""
    told = summarise_trace(small_trace(context=None, up=side(state=[2, 2, 2]), down=side()))
    assert told.handovers == -1
    assert np.isnan(told.rtt_s).all()
    assert np.isnan(told.up_loss)
    assert told.hold_share == 1.0
    assert np.isnan(told.near_boundary_share)
    assert told.gaps == 1
    assert np.isnan(loss_near_boundaries(small_trace(begin_ns=None)))


def test_quantiles_occur_and_may_be_infinite() -> None:
    """A limit that is not there is the largest rate."""
    assert weighted_quantiles(np.array([np.inf, 1.0]), np.array([1.0, 1.0]), (0.5, 0.51)) == (1.0, np.inf)
    assert np.isnan(weighted_quantiles(np.array([1.0]), np.zeros(1))).all()


def test_losses_near_boundaries_are_found_to_the_nanosecond() -> None:
    """Half a second of drops after a boundary counts whole, an even loss as two of fifteen seconds."""

    def share(**columns: object) -> float:
        up = side(4, **columns)
        at_ns = np.array([0, 500_000_000, 5 * SECOND_NS, 5_500_000_000])
        return loss_near_boundaries(
            small_trace(at_ns=at_ns, up=up, down=side(4), context=None, length_ns=15 * SECOND_NS)
        )

    assert share(state=[1, 0, 0, 0]) == 1.0
    assert share(state=[1, 0, 1, 0]) == pytest.approx(0.5)
    assert share(state=[0, 0, 1, 0]) == 0.0
    assert share(loss=0.1) == pytest.approx(2 / 15)
    rules = ScheduleRules(slot_s=1.0)
    assert loss_near_boundaries(small_trace(), rules, near_s=3.0) == pytest.approx(1.0)


def test_lost_pings_count_by_when_they_were_sent() -> None:
    """A second before a boundary is near, a second and a bit is not."""
    sent_ns = BOUNDARY_NS + np.array([-1_000_000_001, -1_000_000_000, 0, SECOND_NS, SECOND_NS + 1])
    rtt_s = np.full(5, np.nan)
    series = rtt_series(sent_ns, rtt_s, is_dated=True, source="x")
    assert pings_lost_near_boundaries(series) == pytest.approx(0.6)
    assert np.isnan(pings_lost_near_boundaries(rtt_series(sent_ns, rtt_s, is_dated=False, source="x")))
    assert np.isnan(pings_lost_near_boundaries(rtt_series(sent_ns, np.ones(5), is_dated=True, source="x")))


def test_a_trace_over_lasers_loses_most_about_boundaries_as_published(shared_data: Path) -> None:
    """82 % of the losses of a dish on lasers were published to lie within a second of a boundary; evenly it were 13 %."""
    path = shared_data / "traces" / "ping_isl_2023-09-12_0.1s.txt.gz"
    series, trace = read_series(path), read_trace(path, window_s=0.25)
    assert series is not None
    assert pings_lost_near_boundaries(series) == pytest.approx(0.82, abs=0.02)
    told = summarise_trace(trace)
    assert told.near_boundary_share > 4.0 * told.evenly_share
    lost = 1.0 - (1.0 - trace.up.loss) * (1.0 - trace.down.loss)
    assert np.average(lost, weights=trace.span_ns) == pytest.approx(series.loss_share, rel=0.25)
