"""Site diversity beside the ITU's examples, another integral, and what must hold for any pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from skycommons.base.arrays import Floats
from skycommons.radio.diversity import (
    RainFade,
    bivariate_normal_tail,
    diversity_gain_db,
    fade_correlation,
    joint_exceedance,
    outside_gain,
    rain_fade,
)
from skycommons.radio.rain import RainPath, rain_loss_db
from skycommons.radio.weather_field import space_correlation

# Latitude, longitude and elevation in degrees: ITU-R SG3 validation examples for P.618-13 §2.2.4.1. Share of rain, rain
# rate exceeded for 0.01 %, rain height and site height: the maps of P.837-7, P.839-4 and P.1511 at these places.
SITES = {
    "A": (25.768, -80.205, 52.40999326, 0.0289548, 78.24401, 4569.547, 7.248),
    "B": (25.463, -80.486, 52.48526958, 0.0285807, 80.12490, 4582.595, 6.220),
    "C": (25.796, -80.287, 52.33141826, 0.0294475, 78.61273, 4570.100, 8.001),
    "D": (25.889, -80.278, 52.25682688, 0.0298253, 78.27777, 4567.451, 8.209),
}
DISTANCE_M = {"AB": 44_025.6, "CD": 10_342.5}  # geodesics on WGS 84
# Pair, thresholds in dB, GHz, and the ITU's joint exceedance in percent.
EXAMPLES = [
    ("AB", 9.0, 9.0, 14.5, 0.00098637),
    ("AB", 9.0, 3.0, 14.5, 0.0049444),
    ("AB", 3.0, 9.0, 14.5, 0.00503721),
    ("AB", 9.0, 9.0, 18.0, 0.00513052),
    ("AB", 9.0, 3.0, 18.0, 0.01982845),
    ("AB", 3.0, 9.0, 18.0, 0.02027952),
    ("AB", 9.0, 9.0, 29.0, 0.07543135),
    ("AB", 9.0, 3.0, 29.0, 0.16564191),
    ("AB", 3.0, 9.0, 29.0, 0.17005653),
    ("CD", 9.0, 9.0, 29.0, 0.25228844),
    ("CD", 9.0, 3.0, 29.0, 0.40360211),
    ("CD", 3.0, 9.0, 29.0, 0.39740505),
]
OWN_RAIN_RATES = 0.006  # relative: the maps' rain rates and heights differ a little from those of the examples


def path_of(site: str, frequency_hz: float, *, tilt_rad: float = 0.0) -> RainPath:
    """The path of one of the examples' sites."""
    latitude, _, elevation, _, rate, rain_height_m, height_m = SITES[site]
    return RainPath(
        frequency_hz=np.array(frequency_hz),
        elevation_rad=np.radians(np.array(elevation)),
        tilt_rad=np.array(tilt_rad),
        latitude_rad=np.radians(np.array([latitude])),
        height_m=np.array([height_m]),
        rain_height_m=np.array([rain_height_m]),
        rate_mm_h=np.array([rate]),
    )


def fade_of(site: str, frequency_hz: float) -> RainFade:
    """The law of one of the examples' sites."""
    return rain_fade(path_of(site, frequency_hz), SITES[site][3])


@pytest.mark.parametrize(("pair", "first_db", "second_db", "ghz", "percent"), EXAMPLES)
def test_joint_exceedance_is_that_of_the_examples(
    pair: str, first_db: float, second_db: float, ghz: float, percent: float
) -> None:
    """All twelve, over near and far pairs, three carriers, and unequal thresholds."""
    joint = joint_exceedance(
        fade_of(pair[0], ghz * 1e9),
        fade_of(pair[1], ghz * 1e9),
        first_db=first_db,
        second_db=second_db,
        distance_m=np.array([DISTANCE_M[pair]]),
    )
    assert 100.0 * joint[0] == pytest.approx(percent, rel=OWN_RAIN_RATES)


@pytest.mark.parametrize("first", [-1.0, 0.5, 2.3, 4.0])
@pytest.mark.parametrize("second", [-1.0, 0.501, 1.65, 3.7])
@pytest.mark.parametrize("correlation", [0.05, 0.564, 0.95, 0.9999])
def test_the_bivariate_tail_is_that_of_a_quadrature(first: float, second: float, correlation: float) -> None:
    """Over one variate, with the conditional tail of the other: another way to the same number."""

    def density(x: float) -> float:
        spread = np.sqrt(1.0 - correlation**2)
        return float(norm.pdf(x) * norm.sf((second - correlation * x) / spread))

    corners = sorted(x for x in (second / correlation, first + 1.0) if first < x < first + 30.0)
    expected, _ = quad(density, first, first + 40.0, points=corners, epsabs=1e-18, epsrel=1e-12, limit=500)
    assert bivariate_normal_tail(first, second, correlation) == pytest.approx(expected, rel=1e-11)


def test_the_ends_of_correlation() -> None:
    """Without correlation tails multiply; with all of it the rarer one decides; beyond there is nothing."""
    assert bivariate_normal_tail(1.0, 2.0, 0.0) == pytest.approx(norm.sf(1.0) * norm.sf(2.0), rel=1e-13)
    assert bivariate_normal_tail(1.0, 2.0, 1.0) == pytest.approx(norm.sf(2.0), rel=1e-10)
    assert bivariate_normal_tail(2.0, 2.0, 1.0) == pytest.approx(norm.sf(2.0), rel=1e-10)
    assert np.isnan(bivariate_normal_tail(0.0, 0.0, np.array([-0.1, 1.1]))).all()


def test_the_law_follows_the_rain_that_it_is_fitted_to() -> None:
    """Within a quarter of the share, which is the method's own roughness."""
    fade, path = fade_of("A", 14.5e9), path_of("A", 14.5e9)
    for share in (1e-4, 1e-3):
        assert fade.tail(rain_loss_db(path, np.array(share))) == pytest.approx(share, rel=0.25)


def test_two_stations_at_one_place_are_one() -> None:
    """At no distance the joint exceedance is that of one path."""
    fade = fade_of("A", 18e9)
    joint = joint_exceedance(fade, fade, first_db=5.0, second_db=5.0, distance_m=np.array([0.0]))
    assert joint == pytest.approx(fade.tail(5.0), rel=1e-9)


def test_where_it_never_rains_both_are_never_closed() -> None:
    """A site above the rain has no law, and no share of rain outside 0.01 to 100 % has one."""
    wet = path_of("A", 18e9)
    dry = rain_fade(
        RainPath(
            **{name: getattr(wet, name) for name in RainPath.__slots__ if name != "height_m"}, height_m=np.array([9e3])
        ),
        0.03,
    )
    joint = joint_exceedance(fade_of("B", 18e9), dry, first_db=1.0, second_db=1.0, distance_m=np.array([1e4]))
    assert joint.tolist() == [0.0]
    assert dry.tail(1.0).tolist() == [0.0]
    for share in (1e-4, 1.0):
        assert np.isnan(rain_fade(wet, share).median_db).all()


@given(st.floats(0.0, 3_000e3), st.floats(1.0, 500e3), st.floats(0.5, 40.0))
def test_more_distance_never_means_more_joint_outage(distance_m: float, more_m: float, loss_db: float) -> None:
    """Both correlations fall with the distance."""
    both = np.array([distance_m, distance_m + more_m])
    fade = fade_of("A", 28.5e9)
    twice = RainFade(**{name: np.repeat(getattr(fade, name), 2) for name in RainFade.__slots__})
    near, far = joint_exceedance(twice, twice, first_db=loss_db, second_db=loss_db, distance_m=both)
    assert far <= near * (1.0 + 1e-9)
    assert near <= fade.tail(loss_db)[0] * (1.0 + 1e-9)


def test_correlations_start_at_one_and_fall() -> None:
    """At 60 km of rain and 30 km of fades the first part has fallen to 1/e."""
    distance_m = np.array([0.0, 30e3, 60e3, 300e3])
    for correlation in (space_correlation(distance_m), fade_correlation(distance_m)):
        assert correlation[0] == pytest.approx(1.0)
        assert (np.diff(correlation) < 0.0).all()
    assert fade_correlation(30e3) == pytest.approx(0.94 / np.e + 0.06 * np.exp(-0.0036))


@pytest.mark.parametrize(
    ("loss_db", "km", "expected_db"),
    [(10.0, 10.0, 5.3371), (25.0, 5.0, 13.8730), (3.0, 15.0, 1.3563)],
)
def test_the_gain_of_near_sites(loss_db: float, km: float, expected_db: float) -> None:
    """19 GHz, 40 degrees, 45 degrees to the baseline, each of the four factors worked with a calculator."""
    gain: Floats = diversity_gain_db(
        loss_db, km * 1e3, frequency_hz=19e9, elevation_rad=np.radians(40.0), baseline_rad=np.radians(45.0)
    )
    assert gain == pytest.approx(expected_db, abs=1e-3)


def test_the_rule_of_thumb_ends_at_twenty_kilometres() -> None:
    """Its results beyond are labelled, and a path below the horizon has none."""
    assert outside_gain(np.array([0.0, 19_999.0, 20_000.0, np.nan])).tolist() == [False, False, True, True]
    none = diversity_gain_db(10.0, 5e3, frequency_hz=19e9, elevation_rad=-0.1, baseline_rad=0.0)
    assert np.isnan(none)
