"""No set of beams is ever above the limit on the ground, and nothing is turned down without need."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.spectrum import (
    beams_within_limit_dbw_m2_4khz,
    eirp_from_pfd_dbw,
    pfd_dbw_m2_4khz,
    pfd_limit_dbw_m2_4khz,
)

NANODECIBEL = 1e-9  # rounding of sums and logarithms

level = st.one_of(st.just(-np.inf), st.floats(-200.0, -100.0))
places = st.integers(1, 6)
beams = st.integers(1, 48)
elevation_deg = st.floats(0.0, 90.0)
range_m = st.floats(300e3, 5_000e3)
bandwidth_hz = st.floats(4e3, 500e6)


@st.composite
def beams_at_places(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Levels ``(P, B)`` and the elevations ``(P,)`` of the satellite that sends them."""
    rows, columns = draw(places), draw(beams)
    levels = draw(st.lists(level, min_size=rows * columns, max_size=rows * columns))
    elevations = draw(st.lists(elevation_deg, min_size=rows, max_size=rows))
    return np.array(levels).reshape(rows, columns), np.radians(elevations)


def total(levels: Floats) -> Floats:
    """Power of all beams together."""
    return to_db(np.sum(from_db(levels), axis=-1))


@given(beams_at_places())
def test_the_sum_never_exceeds_the_limit(case: tuple[Floats, Floats]) -> None:
    """At every place and elevation; and no beam is turned up."""
    wanted, elevation = case
    limit = pfd_limit_dbw_m2_4khz(elevation)
    kept = beams_within_limit_dbw_m2_4khz(wanted, limit)
    assert np.all(total(kept) <= limit + NANODECIBEL)
    assert np.all(kept <= wanted)


@given(beams_at_places())
def test_a_set_that_keeps_the_limit_stays_untouched(case: tuple[Floats, Floats]) -> None:
    """To the last bit; and doing it twice is doing it once."""
    wanted, elevation = case
    limit = pfd_limit_dbw_m2_4khz(elevation)
    kept = beams_within_limit_dbw_m2_4khz(wanted, limit)
    quiet = total(wanted) <= limit
    np.testing.assert_array_equal(kept[quiet], wanted[quiet])
    np.testing.assert_allclose(beams_within_limit_dbw_m2_4khz(kept, limit), kept, atol=NANODECIBEL)
    np.testing.assert_allclose(total(kept)[~quiet], limit[~quiet], atol=NANODECIBEL)


@given(beams_at_places(), range_m, bandwidth_hz)
def test_the_limit_holds_after_the_way_through_power(
    case: tuple[Floats, Floats], distance_m: float, width_hz: float
) -> None:
    """Power that is set from a kept level lays that level, and not more, on the ground."""
    wanted, elevation = case
    limit = pfd_limit_dbw_m2_4khz(elevation)
    kept = beams_within_limit_dbw_m2_4khz(wanted, limit)
    laid = pfd_dbw_m2_4khz(eirp_from_pfd_dbw(kept, distance_m, width_hz), distance_m, width_hz)
    assert np.all(total(laid) <= limit + NANODECIBEL)
    np.testing.assert_allclose(laid, kept, atol=NANODECIBEL)


@given(st.integers(1, 8), elevation_deg)
def test_beams_on_one_channel_share_the_limit(number: int, elevation: float) -> None:
    """As many beams at the limit come down by ten times the logarithm of their number: 9 dB for eight."""
    limit = pfd_limit_dbw_m2_4khz(np.radians(np.array([elevation])))
    kept = beams_within_limit_dbw_m2_4khz(np.tile(limit[:, None], (1, number)), limit)
    np.testing.assert_allclose(limit - kept[:, 0], 10.0 * np.log10(number), atol=NANODECIBEL)


def test_eight_beams_come_down_by_nine_decibels() -> None:
    """The figure that filings give."""
    kept = beams_within_limit_dbw_m2_4khz(np.full(8, -140.0), -140.0)
    np.testing.assert_allclose(kept, -149.03, atol=1e-3)
