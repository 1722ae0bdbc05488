"""Rules that hold for every set of beams and every signal."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.radio.combining import combine_db
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.modcod import AdaptationMargin, ladder, ladder_names
from skycommons.radio.spectrum import (
    beams_within_limit_dbw_m2_4khz,
    eirp_from_pfd_dbw,
    pfd_dbw_m2_4khz,
    pfd_limit_dbw_m2_4khz,
)

NANODECIBEL = 1e-9  # rounding of sums and logarithms

beam_dbw = st.one_of(st.just(-np.inf), st.floats(-60.0, 90.0))
ratio_db = st.floats(-40.0, 80.0)


@given(st.lists(beam_dbw, min_size=1, max_size=48), st.floats(0.0, 90.0), st.floats(200e3, 3_000e3))
def test_no_set_of_beams_is_above_the_limit(eirp_dbw: list[float], elevation_deg: float, range_m: float) -> None:
    """Whatever they would send, the sum on the ground keeps the rule, and none is turned up."""
    limit = pfd_limit_dbw_m2_4khz(np.radians(elevation_deg))
    wanted = pfd_dbw_m2_4khz(np.array(eirp_dbw), range_m, 240e6)
    kept = beams_within_limit_dbw_m2_4khz(wanted, limit)
    assert to_db(np.sum(from_db(kept))) <= limit + NANODECIBEL
    assert np.all(kept <= wanted)
    sent = eirp_from_pfd_dbw(kept, range_m, 240e6)
    assert np.all(sent <= np.array(eirp_dbw) + NANODECIBEL)


@given(st.lists(beam_dbw, min_size=2, max_size=8))
def test_beams_are_turned_down_together(eirp_dbw: list[float]) -> None:
    """Those that are on keep their differences, and a set that is loud enough ends exactly at the limit."""
    wanted = pfd_dbw_m2_4khz(np.array(eirp_dbw), 550e3, 240e6)
    kept = beams_within_limit_dbw_m2_4khz(wanted, -146.0)
    on = np.isfinite(wanted)
    turned = wanted[on] - kept[on]
    np.testing.assert_allclose(turned, np.resize(turned[:1], turned.shape), atol=NANODECIBEL)
    if to_db(np.sum(from_db(wanted))) > -146.0:
        assert abs(to_db(np.sum(from_db(kept))) + 146.0) < NANODECIBEL


@given(st.sampled_from(ladder_names()), ratio_db, st.floats(0.0, 20.0), st.floats(0.0, 10.0))
def test_a_better_signal_never_carries_less(name: str, cn_db: float, more_db: float, margin_db: float) -> None:
    """And a margin never carries more."""
    law, margin = ladder(name), AdaptationMargin(fixed_db=margin_db)
    assert law.efficiency(cn_db + more_db, margin) >= law.efficiency(cn_db, margin)
    assert law.efficiency(cn_db, margin) <= law.efficiency(cn_db, AdaptationMargin(fixed_db=0.0))


@given(st.lists(ratio_db, min_size=1, max_size=6))
def test_disturbances_add_in_any_order(ratios_db: list[float]) -> None:
    """The total is below the worst of them, by no more than their number."""
    total = combine_db(*ratios_db)
    assert min(ratios_db) - 10.0 * np.log10(len(ratios_db)) - NANODECIBEL <= total <= min(ratios_db) + NANODECIBEL
    assert abs(combine_db(*reversed(ratios_db)) - total) < NANODECIBEL
