"""What a network adds to the travel time of light."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from skycommons.base.clock import parse_time
from skycommons.base.errors import InputError, ShapeError
from skycommons.plan.latency import (
    LATENCY_2024_11,
    LATENCY_2026_05,
    LATENCY_MODELS,
    POINTS,
    LatencyModel,
    estimated_rtt_s,
    light_points,
    model_named,
    model_near,
    rtt_quantiles,
)

PLAIN = LatencyModel(name="plain", fixed_s=10e-3, wait_s=12e-3, wait_shape=3.0, boundary_extra_s=0.0, hop_s=1e-3)
TENTH_OF_A_MILLISECOND = 1e-4
SLOT_NS = parse_time("2026-05-21T12:00:12Z")


def test_without_boundary_the_wait_is_scipys_gamma_distribution() -> None:
    """Quantiles of one light time."""
    shares = np.array([0.01, 0.1, 0.5, 0.9, 0.99])
    ours = rtt_quantiles(PLAIN, np.full((3, 1), 8e-3), shares)[:, 0]
    theirs = 18e-3 + stats.gamma.ppf(shares, 3.0, scale=4e-3)
    np.testing.assert_allclose(ours, theirs, atol=TENTH_OF_A_MILLISECOND)


def test_boundaries_lengthen_the_tail_alone() -> None:
    """The median hardly moves, the 99.5 % does."""
    spiky = replace(PLAIN, boundary_extra_s=0.1)
    calm, late = (rtt_quantiles(model, np.zeros((1, 1)), np.array([0.5, 0.995]))[:, 0] for model in (PLAIN, spiky))
    assert late[0] - calm[0] < 1e-3
    assert late[1] - calm[1] > 30e-3


def test_quantiles_rise_with_light_and_share() -> None:
    """A flow with longer ways is later in every quantile."""
    found = rtt_quantiles(LATENCY_2024_11, np.array([[8e-3, 20e-3], [10e-3, 30e-3]]), np.array([0.1, 0.5, 0.9]))
    assert (np.diff(found, axis=0) > 0).all()
    assert (found[:, 1] > found[:, 0]).all()


def test_draws_have_the_quantiles_that_are_computed() -> None:
    """Over many packets at even times; and the same again with the same seed."""
    time_ns = SLOT_NS + np.arange(60_000, dtype=np.int64) * 10_000_000
    light_s = np.full(len(time_ns), 4e-3)
    drawn = LATENCY_2024_11.draw(light_s, time_ns, 7)
    shares = np.array([0.1, 0.5, 0.9, 0.99])
    expected = rtt_quantiles(LATENCY_2024_11, 2.0 * light_s[:1, None], shares)[:, 0]
    np.testing.assert_allclose(np.quantile(drawn, shares), expected, rtol=0.05)
    np.testing.assert_array_equal(LATENCY_2024_11.draw(light_s, time_ns, 7), drawn)
    assert (LATENCY_2024_11.draw(light_s, time_ns, 8) != drawn).any()


def test_packets_near_a_boundary_are_later() -> None:
    """On the same draws, by the extra; each laser adds its part."""
    time_ns = SLOT_NS + np.arange(200, dtype=np.int64) * 15_000_000_000
    calm = replace(LATENCY_2024_11, boundary_extra_s=0.0)
    extra = LATENCY_2024_11.draw(np.zeros(200), time_ns, 1) - calm.draw(np.zeros(200), time_ns, 1)
    assert extra.mean() == pytest.approx(LATENCY_2024_11.boundary_extra_s, rel=0.3)
    middle = time_ns + 7_000_000_000
    np.testing.assert_array_equal(LATENCY_2024_11.draw(np.zeros(200), middle, 1), calm.draw(np.zeros(200), middle, 1))
    hops = np.full(200, 3)
    more = PLAIN.draw(np.zeros(200), middle, 1, laser_hops=hops) - PLAIN.draw(np.zeros(200), middle, 1)
    np.testing.assert_allclose(more, 3e-3)


def test_summaries_get_median_and_95_percent_of_each_flow() -> None:
    """NaN steps do not count, a flow without any path has no time."""
    delay_s = np.array([[4e-3, np.nan, np.nan], [4e-3, 9e-3, np.nan]])
    found = estimated_rtt_s(LATENCY_2026_05, delay_s)
    assert found.shape == (2, 3)
    assert found[0, 1] - found[0, 0] == pytest.approx(10e-3, abs=TENTH_OF_A_MILLISECOND)
    assert (found[1, :2] > found[0, :2]).all()
    assert np.isnan(found[:, 2]).all()
    hops = estimated_rtt_s(PLAIN, delay_s, np.array([[2, 2, 0], [2, 2, 0]]))
    np.testing.assert_allclose(hops[:, 0] - estimated_rtt_s(PLAIN, delay_s)[:, 0], 2e-3, atol=1e-6)
    assert estimated_rtt_s(PLAIN, np.zeros((1, 0))).shape == (2, 0)


def test_points_stand_for_weighted_times() -> None:
    """A time of three times the weight stands three times as often."""
    points = light_points(np.array([[1.0], [2.0]]), np.array([[3.0], [1.0]]))[:, 0]
    assert len(points) == POINTS
    assert np.median(points) < 1.5
    assert points.min() == 1.0
    assert points.max() == 2.0


def test_the_parameters_nearest_in_time_are_taken() -> None:
    """By month; unknown names are refused with those that there are."""
    assert model_near(parse_time("2025-01-29T00:00:00Z")) is LATENCY_2024_11
    assert model_near(parse_time("2026-11-01T00:00:00Z")) is LATENCY_2026_05
    assert model_named("2026-05") is LATENCY_2026_05
    with pytest.raises(InputError, match="there are 2024-11, 2026-05"):
        model_named("1999-01")


def test_every_packaged_set_says_where_it_comes_from() -> None:
    """And how sure its fitted parameters are."""
    for model in LATENCY_MODELS:
        assert "fitted" in model.source
        assert all(0.0 < error < getattr(model, name) for name, error in model.errors)


def test_impossible_parameters_and_shares_are_refused() -> None:
    """By their names."""
    with pytest.raises(InputError, match="fixed_s, wait_s"):
        replace(PLAIN, fixed_s=-1.0, wait_s=0.0)
    with pytest.raises(InputError, match="longer than the slot"):
        replace(PLAIN, boundary_after_s=16.0)
    with pytest.raises(InputError, match="shares"):
        rtt_quantiles(PLAIN, np.zeros((1, 1)), np.array([1.0]))
    with pytest.raises(ShapeError):
        rtt_quantiles(PLAIN, np.zeros(1), np.array([0.5]))
