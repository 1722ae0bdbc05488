"""Rates keep the limits of carriers, cells and satellites, whatever is asked."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skycommons.base.arrays import Floats
from skycommons.plan.capacity import cell_rate_bps, within_satellite_limit

SATELLITES = 4
rate_bps = st.one_of(st.just(0.0), st.floats(1.0, 2e10))
rates_bps = st.lists(st.tuples(rate_bps, st.integers(0, SATELLITES - 1)), max_size=60)


@given(rates_bps, arrays(np.float64, SATELLITES, elements=st.one_of(st.just(0.0), st.floats(1.0, 1e11))))
def test_no_satellite_carries_more_than_its_limit(links: list[tuple[float, int]], limit_bps: Floats) -> None:
    """The sum keeps it, no rate grows, shares stay, and a satellite within its limit is left alone."""
    asked = np.array([rate for rate, _ in links], dtype=np.float64)
    sat = np.array([row for _, row in links], dtype=np.int64)
    kept = within_satellite_limit(asked, sat, limit_bps)
    for row in range(SATELLITES):
        mine = sat == row
        assert kept[mine].sum() <= limit_bps[row]
        if asked[mine].sum() <= limit_bps[row]:
            np.testing.assert_array_equal(kept[mine], asked[mine])
        else:
            np.testing.assert_allclose(kept[mine] * asked[mine].sum(), asked[mine] * limit_bps[row], rtol=1e-9)
    assert np.all(kept <= asked)


@given(st.floats(0.0, 2e9), st.integers(0, 60), st.integers(1, 8))
def test_no_cell_carries_more_than_its_carriers_together(carrier_bps: float, carriers: int, most: int) -> None:
    """Nor more than those that shine on it."""
    rate = float(cell_rate_bps(np.array(carrier_bps), np.array(carriers), carriers_per_cell=most))
    assert rate <= carrier_bps * most
    assert rate <= carrier_bps * carriers
