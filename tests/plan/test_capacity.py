"""What a satellite and a cell can carry."""

import numpy as np

from skycommons.plan.capacity import cell_rate_bps, within_satellite_limit


def test_rates_of_one_satellite_come_down_together_and_others_stay() -> None:
    """Each keeps its share of the sum."""
    kept = within_satellite_limit(np.array([60e9, 60e9, 30e9, 5e9]), np.array([1, 1, 1, 0]), np.array([96e9, 96e9]))
    np.testing.assert_allclose(kept, [38.4e9, 38.4e9, 19.2e9, 5e9])
    assert kept[3] == 5e9


def test_nothing_on_nothing_is_nothing() -> None:
    """No links, and links that carry nothing."""
    assert within_satellite_limit(np.zeros(0), np.zeros(0, dtype=np.int64), np.array([96e9])).tolist() == []
    assert within_satellite_limit(np.zeros(2), np.zeros(2, dtype=np.int64), np.array([0.0])).tolist() == [0.0, 0.0]


def test_a_cell_takes_no_more_than_its_carriers() -> None:
    """Eight of twelve count, and three of three."""
    rates = cell_rate_bps(np.array(750e6), np.array([12, 3, 0]), carriers_per_cell=8)
    assert rates.tolist() == [6e9, 2.25e9, 0.0]
