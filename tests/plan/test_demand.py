"""Demand follows the Sun: by longitude, exact at full hours, a straight line between them."""

import numpy as np
import pytest

from skycommons.base.clock import parse_time
from skycommons.base.errors import InputError
from skycommons.model.documents_service import BUSY_HOUR_SHAPE
from skycommons.plan.demand import busiest_share, demand_share

NOON_NS = parse_time("2026-05-21T12:00:00Z")
HOUR_NS = 3_600 * 10**9
EAST_RAD = np.radians(np.arange(-180.0, 180.0, 15.0))


def test_full_hours_have_what_the_shape_says() -> None:
    """At noon in Greenwich each meridian 15 degrees on is an hour on."""
    share = demand_share(BUSY_HOUR_SHAPE, EAST_RAD, NOON_NS)
    np.testing.assert_allclose(share, BUSY_HOUR_SHAPE, atol=1e-12)
    later = demand_share(BUSY_HOUR_SHAPE, EAST_RAD, NOON_NS + 5 * HOUR_NS)
    np.testing.assert_allclose(later, np.roll(BUSY_HOUR_SHAPE, -5), atol=1e-12)


def test_half_an_hour_is_half_way_also_over_midnight() -> None:
    """The last hour leads to the first."""
    share = demand_share(BUSY_HOUR_SHAPE, EAST_RAD, NOON_NS + HOUR_NS // 2)
    expected = (np.array(BUSY_HOUR_SHAPE) + np.roll(BUSY_HOUR_SHAPE, -1)) / 2.0
    np.testing.assert_allclose(share, expected, atol=1e-12)


def test_any_turn_of_longitude_and_any_day_are_the_same() -> None:
    """Only the time of day counts."""
    share = demand_share(BUSY_HOUR_SHAPE, EAST_RAD, NOON_NS)
    np.testing.assert_allclose(demand_share(BUSY_HOUR_SHAPE, EAST_RAD + 4.0 * np.pi, NOON_NS), share, atol=1e-9)
    np.testing.assert_allclose(demand_share(BUSY_HOUR_SHAPE, EAST_RAD, NOON_NS - 240 * HOUR_NS), share, atol=1e-12)


@pytest.mark.parametrize("hours", [0.0, 0.25, 1.0, 5.6, 23.0, 24.0, 100.0])
def test_the_busiest_share_is_the_most_of_the_span(hours: float) -> None:
    """Seen every minute, and never less than at any of them."""
    start_ns = NOON_NS + HOUR_NS // 3
    longitude_rad = EAST_RAD + 0.01
    minutes = np.arange(int(min(hours, 24.0) * 60) + 1)
    seen = np.max(
        [demand_share(BUSY_HOUR_SHAPE, longitude_rad, start_ns + int(minute) * 60 * 10**9) for minute in minutes],
        axis=0,
    )
    most = busiest_share(BUSY_HOUR_SHAPE, longitude_rad, start_ns=start_ns, duration_s=hours * 3600.0)
    assert np.all(most >= seen - 1e-12)
    np.testing.assert_allclose(most, seen, atol=0.2 / 60.0)
    if hours >= 24.0:
        assert most.tolist() == [1.0] * len(most)


def test_a_span_without_length_is_an_instant() -> None:
    """Both functions say the same of it."""
    most = busiest_share(BUSY_HOUR_SHAPE, EAST_RAD, start_ns=NOON_NS, duration_s=0.0)
    np.testing.assert_allclose(most, demand_share(BUSY_HOUR_SHAPE, EAST_RAD, NOON_NS))


def test_what_is_no_day_or_no_span_is_refused() -> None:
    """With what is wrong."""
    with pytest.raises(InputError, match="24 hours"):
        demand_share((1.0,), EAST_RAD, NOON_NS)
    with pytest.raises(InputError, match="lasts"):
        busiest_share(BUSY_HOUR_SHAPE, EAST_RAD, start_ns=NOON_NS, duration_s=-1.0)
