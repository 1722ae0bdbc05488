"""Numbers of series, their distance to a plan, and what handovers changed."""

import math

import numpy as np
import pytest

from skycommons.emulation.live_record import Handover
from skycommons.emulation.probe_summary import compare_rtt, handover_rows, rate_summary, reordered, rtt_summary

NAN = float("nan")
SECOND = 1_000_000_000


def test_lost_packets_count_as_lost_and_nowhere_else() -> None:
    """Quantiles are of those that came back; jitter is of neighbours that both did."""
    found = rtt_summary(np.array([0.030, 0.034, NAN, 0.040, 0.038]))
    assert found["packets"] == 5.0
    assert found["loss_share"] == pytest.approx(0.2)
    assert (found["rtt_min_s"], found["rtt_median_s"], found["rtt_max_s"]) == pytest.approx((0.030, 0.036, 0.040))
    assert found["jitter_s"] == pytest.approx(0.003)
    assert 0.038 < found["rtt_p95_s"] < found["rtt_p99_s"] < 0.040


def test_nothing_measured_has_no_numbers() -> None:
    """NaN, and no warning."""
    assert all(math.isnan(value) for name, value in rtt_summary(np.empty(0)).items() if name != "packets")
    assert rtt_summary(np.array([NAN, NAN]))["loss_share"] == 1.0
    assert all(math.isnan(value) for value in rate_summary(np.array([NAN]), np.ones(1)).values())


def test_a_short_last_interval_counts_for_the_mean_by_its_length_alone() -> None:
    """It would be the least or the greatest rate otherwise."""
    found = rate_summary(np.array([10.0, 12.0, 14.0, 900.0]), np.array([1.0, 1.0, 1.0, 0.01]))
    assert found["goodput_median_bps"] == 12.0
    assert found["goodput_p95_bps"] < 14.0
    assert found["goodput_mean_bps"] == pytest.approx((36.0 + 9.0) / 3.01)


@pytest.mark.parametrize(("arrived", "late"), [([], 0), ([1, 2, 3], 0), ([1, 3, 2, 4], 1), ([4, 1, 2, 3], 3)])
def test_a_packet_is_reordered_if_a_later_one_came_before(arrived: list[int], late: int) -> None:
    """RFC 4737's singleton metric."""
    assert reordered(np.array(arrived, dtype=np.int64)) == late


def test_errors_are_measured_against_the_plan_of_the_same_instant() -> None:
    """Packets that were lost and instants without a plan do not count."""
    series = {"time_ns": np.arange(4) * SECOND, "rtt_s": np.array([0.031, 0.029, NAN, 0.050])}

    def expected(time_ns: np.ndarray) -> np.ndarray:
        return np.where(time_ns < 3 * SECOND, 0.030, NAN)

    found = compare_rtt(series, expected)
    assert found.compared == 2
    assert (found.p50_ms, found.p99_ms, found.bias_ms) == pytest.approx((1.0, 1.0, 0.0), abs=1e-9)
    assert compare_rtt(series, lambda time_ns: np.full(time_ns.shape, NAN)).compared == 0


def test_each_handover_has_its_round_trips_before_and_after() -> None:
    """No further than to the next handover; those outside the series are left out."""
    time_ns = np.arange(0, 10 * SECOND, SECOND // 10)
    rtt_s = np.where(time_ns < 4 * SECOND, 0.030, np.where(time_ns < 5 * SECOND, 0.060, 0.040))
    rtt_s[40] = NAN
    handovers = [
        Handover(time_ns=-SECOND, before="z", after="a"),
        Handover(time_ns=4 * SECOND, before="a", after="b"),
        Handover(time_ns=5 * SECOND, before="b", after="c"),
        Handover(time_ns=60 * SECOND, before="c", after="d"),
    ]
    series = {"time_ns": time_ns, "rtt_s": rtt_s}
    first, second = handover_rows(
        series, handovers, expected=lambda at: np.where(at < 4 * SECOND, 0.031, 0.061), span_s=3.0
    )
    assert (first.before, first.after, first.lost_packets) == ("a", "b", 1)
    assert (first.measured_before_s, first.measured_after_s) == (0.030, 0.060)
    assert (first.planned_before_s, first.planned_after_s) == (0.031, 0.061)
    assert (second.measured_before_s, second.measured_after_s, second.lost_packets) == (0.060, 0.040, 1)
    assert handover_rows({"time_ns": np.empty(0, dtype=np.int64), "rtt_s": np.empty(0)}, handovers) == ()


def test_without_a_plan_handovers_are_measured_only() -> None:
    """And a side on which nothing came back has no number."""
    series = {"time_ns": np.array([0, 1, 2, 3]) * SECOND, "rtt_s": np.array([0.03, 0.03, NAN, NAN])}
    (row,) = handover_rows(series, [Handover(time_ns=2 * SECOND, before="a", after="")])
    assert row.measured_before_s == 0.03
    assert math.isnan(row.measured_after_s)
    assert math.isnan(row.planned_before_s)
    assert row.lost_packets == 2
