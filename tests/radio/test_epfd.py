"""Equivalent power flux density and the two reference patterns."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.radio.antenna import parabolic_beamwidth_rad, parabolic_gain_dbi
from skycommons.radio.epfd import (
    ASSUMED_BEAM,
    ReferenceDish,
    SatelliteBeam,
    epfd_dbw_m2_40khz,
    pfd_dbw_m2_40khz,
)

FREQUENCY_HZ = 11.7e9
ROUNDED_PARTS_DB = 0.02  # the recommendation's angles are rounded to a tenth of a degree
DISHES_M = (0.6, 1.2, 3.0, 10.0)


def dish(diameter_m: float) -> ReferenceDish:
    """At Ku band."""
    return ReferenceDish(diameter_m=diameter_m, frequency_hz=FREQUENCY_HZ)


@pytest.mark.parametrize("diameter_m", DISHES_M)
def test_a_dish_hears_best_straight_ahead(diameter_m: float) -> None:
    """The envelope falls up to 80 degrees, is symmetric, and ends at 180."""
    gain_dbi = dish(diameter_m).gain_dbi(np.radians(np.linspace(0.0, 80.0, 20_001)))
    assert gain_dbi[0] == dish(diameter_m).peak_gain_dbi
    assert np.all(np.diff(gain_dbi) <= ROUNDED_PARTS_DB)
    assert dish(diameter_m).gain_dbi(-0.3) == dish(diameter_m).gain_dbi(0.3)
    assert np.isnan(dish(diameter_m).gain_dbi(np.array([3.2, np.nan]))).all()
    assert dish(diameter_m).relative_gain_db(np.pi) < -30.0


@pytest.mark.parametrize("diameter_m", DISHES_M)
def test_the_parts_of_the_pattern_meet(diameter_m: float) -> None:
    """Up to 80 degrees no step is larger than rounding, however finely one looks."""
    angle_rad = np.radians(np.geomspace(1e-3, 80.0, 400_001))
    gain_dbi = dish(diameter_m).gain_dbi(angle_rad)
    smooth_db = 1.5e-2  # the steepest place of the main beam between two of these angles
    assert np.max(np.abs(np.diff(gain_dbi))) < ROUNDED_PARTS_DB + smooth_db


def test_the_levels_are_the_recommendations() -> None:
    """29 - 25 log of degrees; flat beyond; larger dishes are quieter, and steps at 80 and 120 degrees."""
    angle_rad = np.radians([10.0, 20.0, 50.0, 100.0, 150.0])
    np.testing.assert_allclose(dish(0.6).gain_dbi(angle_rad), [4.0, -3.526, -9.0, -5.0, -5.0], atol=1e-3)
    np.testing.assert_allclose(dish(1.2).gain_dbi(angle_rad), [4.0, -3.526, -9.0, -4.0, -9.0], atol=1e-3)
    for large in (dish(3.0), dish(10.0)):
        np.testing.assert_allclose(large.gain_dbi(angle_rad), [4.0, -5.031, -12.0, -7.0, -12.0], atol=1e-3)


def test_the_peak_is_that_of_a_good_dish() -> None:
    """Between 55 and 75 % of the aperture."""
    for diameter_m in DISHES_M:
        at_55, at_75 = (
            parabolic_gain_dbi(diameter_m, FREQUENCY_HZ, aperture_efficiency=share) for share in (0.55, 0.75)
        )
        assert at_55 < dish(diameter_m).peak_gain_dbi < at_75


@pytest.mark.parametrize(
    ("diameter_m", "frequency_hz", "message"),
    [
        (0.5, FREQUENCY_HZ, "from 20 wavelengths, 0.52 m here, not for a dish of 0.5 m"),
        (0.0, FREQUENCY_HZ, "not for a dish of 0 m"),
        (-1.0, FREQUENCY_HZ, "not for a dish of -1 m"),
        (np.inf, FREQUENCY_HZ, "not for a dish of inf m"),
        (1.2, 4e9, "holds from 10.7 to 30 GHz, not at 4 GHz"),
        (1.2, np.nan, "not at nan GHz"),
    ],
)
def test_a_dish_outside_the_recommendation_is_refused(diameter_m: float, frequency_hz: float, message: str) -> None:
    """One sentence with the number."""
    with pytest.raises(InputError, match=message):
        ReferenceDish(diameter_m=diameter_m, frequency_hz=frequency_hz)


def test_a_beam_has_side_lobes_down_to_a_floor() -> None:
    """Half power at its half width, -6.75 dB at 1.5 of them, then 25 dB a decade, then 5 dBi everywhere."""
    widths = np.array([0.0, 1.0, 1.5, 15.0, 40.0, 100.0])
    relative_db = ASSUMED_BEAM.relative_gain_db(widths * ASSUMED_BEAM.half_beamwidth_rad)
    np.testing.assert_allclose(relative_db, [0.0, -3.0, -6.75, -31.75, -36.5, -36.5], atol=1e-9)
    near = ASSUMED_BEAM.relative_gain_db(np.linspace(0.0, 1.0, 100_001))
    assert np.all(np.diff(near) <= 0.0)
    assert np.min(np.diff(near)) > -0.02


def test_the_assumed_beam_is_as_narrow_as_its_gain_says() -> None:
    """A dish of 1.5 degrees has 41.5 dBi."""
    diameter_m = float(parabolic_beamwidth_rad(1.0, FREQUENCY_HZ) / (2.0 * ASSUMED_BEAM.half_beamwidth_rad))
    assert parabolic_gain_dbi(diameter_m, FREQUENCY_HZ) == pytest.approx(ASSUMED_BEAM.peak_gain_dbi, abs=0.1)


@pytest.mark.parametrize(
    ("half_beamwidth_rad", "peak_gain_dbi"), [(0.0, 40.0), (1.0, 40.0), (0.01, 5.0), (0.01, np.nan)]
)
def test_a_beam_that_is_none_is_refused(half_beamwidth_rad: float, peak_gain_dbi: float) -> None:
    """One sentence with both numbers."""
    with pytest.raises(InputError, match="a beam has a half width above 0 and below 45 degrees"):
        SatelliteBeam(half_beamwidth_rad=half_beamwidth_rad, peak_gain_dbi=peak_gain_dbi)


def test_epfd_weighs_each_satellite_by_where_the_dish_looks() -> None:
    """One straight ahead counts in full; ten elsewhere at -30 dB each count for -20; none is silence."""
    receiver = dish(1.2)
    assert epfd_dbw_m2_40khz(np.array([-140.0]), np.array([0.0]), dish=receiver) == pytest.approx(-140.0)
    aside = np.radians(20.0)
    expected = -140.0 + receiver.relative_gain_db(aside) + 10.0
    assert epfd_dbw_m2_40khz(np.full(10, -140.0), np.full(10, aside), dish=receiver) == pytest.approx(float(expected))
    rows = epfd_dbw_m2_40khz(np.array([[-140.0, -np.inf], [-np.inf, -np.inf]]), np.zeros((2, 2)), dish=receiver)
    np.testing.assert_allclose(rows, [-140.0, -np.inf])
    assert epfd_dbw_m2_40khz(np.zeros((3, 0)), np.zeros((3, 0)), dish=receiver).tolist() == [-np.inf] * 3


def test_forty_kilohertz_hold_ten_times_as_much_as_four() -> None:
    """For a flat carrier."""
    assert pfd_dbw_m2_40khz(-146.0) == pytest.approx(-136.0)
