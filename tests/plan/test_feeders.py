"""Which antenna follows which satellite, seen from outside."""

import numpy as np
import pytest

from skycommons.base.errors import PlanError, ShapeError
from skycommons.plan.feeders import feeders_of
from skycommons.plan.visibility import View

SEEN = View(
    start=np.array([0, 2, 3], dtype=np.int64),
    sat=np.array([0, 1, 1], dtype=np.int32),
    range_m=np.array([900e3, 700e3, 800e3]),
    sine_elevation=np.array([0.5, 0.8, 0.7]),
)
NOBODY = np.full(3, -1, dtype=np.int32)


def test_each_satellite_has_the_range_of_its_own_feeder() -> None:
    """The nearest pair would leave satellite 0 without a feeder, so satellite 1 has the other gateway."""
    feeders = feeders_of(SEEN, np.array([1, 1]), NOBODY)
    assert feeders.gateway_row.tolist() == [0, 1, -1]
    np.testing.assert_array_equal(feeders.range_m, [900e3, 800e3, np.nan])
    assert repr(feeders) == "<Feeders: 2 of 3 satellites fed>"


def test_with_antennas_to_spare_the_nearest_gateway_feeds() -> None:
    """Both satellites have the first gateway."""
    assert feeders_of(SEEN, np.array([2, 1]), NOBODY).gateway_row.tolist() == [0, 0, -1]


def test_an_antenna_stays_with_its_satellite() -> None:
    """Satellite 1 had the farther gateway before."""
    kept = np.array([-1, 1, -1], dtype=np.int32)
    assert feeders_of(SEEN, np.array([2, 1]), kept).gateway_row.tolist() == [0, 1, -1]


def test_negative_antennas_are_refused() -> None:
    """The message says what to write."""
    with pytest.raises(PlanError, match="-1 antennas; write 0 or more"):
        feeders_of(SEEN, np.array([1, -1]), NOBODY)


def test_a_view_of_other_satellites_is_refused() -> None:
    """Row 1 of one satellite."""
    with pytest.raises(PlanError, match="satellite row 1 of 1"):
        feeders_of(SEEN, np.array([1, 1]), NOBODY[:1])


def test_antennas_of_other_gateways_are_refused() -> None:
    """One number for each row of the view."""
    with pytest.raises(ShapeError, match="antennas"):
        feeders_of(SEEN, np.array([1]), NOBODY)
