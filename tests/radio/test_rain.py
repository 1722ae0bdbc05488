"""Rain against worked examples of ITU-R study group 3 (CG-3M3J-13 ValEx), and where its method has corners."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.radio.rain import RainPath, rain_height_m, rain_loss_db, rain_power_law, rare_rain_loss_db


def path(**changed: float) -> RainPath:
    """London to a geostationary satellite at 14.25 GHz, as the example has it."""
    elevation = np.radians(changed.pop("elevation_deg", 31.07699124))
    london = RainPath(
        frequency_hz=np.array(14.25e9),
        elevation_rad=elevation,
        tilt_rad=np.array(0.0),
        latitude_rad=np.radians(51.5),
        height_m=np.array(31.382984),
        rain_height_m=np.array(31.382984 + 4690.817392 * np.sin(np.radians(31.07699124))),
        rate_mm_h=np.array(26.48052),
    )
    return replace(london, **{name: np.asarray(value) for name, value in changed.items()})


def test_specific_attenuation_of_an_example() -> None:
    """P.838-3: k, alpha and dB/km of London."""
    law = rain_power_law(np.array(14.25e9), np.radians(31.07699124), np.array(0.0))
    assert law.k == pytest.approx(0.03975488, rel=1e-6)
    assert law.alpha == pytest.approx(1.12418043, rel=1e-6)
    assert law.loss_db_km(np.array(26.48052)) == pytest.approx(1.58130839, rel=1e-6)


def test_circular_polarisation_does_not_care_for_elevation() -> None:
    """A tilt of 45 degrees takes the mean of both planes."""
    laws = rain_power_law(np.array(20e9), np.radians([10.0, 80.0]), np.array(np.pi / 4))
    assert laws.k[0] == pytest.approx(laws.k[1])


def test_rain_loss_of_an_example() -> None:
    """P.618-14: London, 1 % of the year."""
    assert rain_loss_db(path(), np.array(0.01)) == pytest.approx(0.495317069, rel=1e-6)


def test_rare_rain_is_the_reference_of_the_scaling() -> None:
    """At 0.01 % both functions agree."""
    assert rain_loss_db(path(), np.array(1e-4)) == pytest.approx(float(rare_rain_loss_db(path())))


def test_rarer_rain_takes_more() -> None:
    """For every latitude and elevation, over the whole range."""
    shares = np.geomspace(0.05, 1e-5, 30)
    for latitude_deg in (5.0, 50.0):
        for elevation_deg in (3.0, 20.0, 60.0, 90.0):
            losses = rain_loss_db(path(latitude_rad=np.radians(latitude_deg), elevation_deg=elevation_deg), shares)
            assert np.isfinite(losses).all()
            assert (np.diff(losses) > 0.0).all()


def test_no_rain_takes_nothing() -> None:
    """A desert, and a site above the rain, at every share."""
    shares = np.array([1e-5, 1e-4, 0.01])
    assert rain_loss_db(path(rate_mm_h=0.0), shares).tolist() == [0.0, 0.0, 0.0]
    assert rain_loss_db(path(height_m=5000.0), shares).tolist() == [0.0, 0.0, 0.0]


def test_below_the_horizon_there_is_no_value() -> None:
    """Masked, not raised."""
    assert np.isnan(rain_loss_db(path(elevation_deg=-3.0), np.array(0.01)))
    assert np.isnan(rain_loss_db(path(elevation_deg=95.0), np.array(0.01)))


def test_sites_and_shares_broadcast() -> None:
    """A column of sites and a row of shares give a table."""
    sites: Floats = np.radians(np.array([[30.0], [60.0]]))
    assert rain_loss_db(replace(path(), elevation_rad=sites), np.array([1e-4, 1e-3, 1e-2])).shape == (2, 3)


def test_rain_reaches_360_m_above_the_isotherm() -> None:
    """P.839-4, the example of Kuala Lumpur."""
    assert rain_height_m(np.array(4597.9744)) == pytest.approx(4957.9744)
