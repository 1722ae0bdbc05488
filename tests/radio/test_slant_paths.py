"""Slant paths: what each share of the year brings, ends of the methods, the polarisation, and parts of a set of paths."""

import numpy as np
import pytest

from skycommons.radio.climate import Climate, climate_at
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE, SlantPaths, clear_loss, fade_db, rain_path

ELEVATION_RAD = np.radians([30.0, 50.0, 80.0])


@pytest.fixture
def climate() -> Climate:
    """Singapore, Zurich and the Atacama."""
    return climate_at(np.radians([1.35, 47.4, -23.5]), np.radians([103.8, 8.5, -69.0]))


def paths_of(climate: Climate, frequency_hz: float = 11.7e9) -> SlantPaths:
    """To dishes of half a metre."""
    aperture = Aperture(diameter_m=0.5)
    return SlantPaths.over(climate, frequency_hz=frequency_hz, elevation_rad=ELEVATION_RAD, aperture=aperture)


def test_each_part_counts_for_its_shares_of_the_year(climate: Climate) -> None:
    """Rain up to 5 %, scintillation up to 50 %, gas and cloud always."""
    paths, shares = paths_of(climate), np.array([[0.01], [0.05], [0.06], [0.5], [0.9]])
    loss = paths.loss(shares)
    assert loss.total_db.shape == (5, 3)
    assert (loss.rain_db > 0.0).all(axis=1).tolist() == [True, True, False, False, False]
    assert (loss.rain_db[2:] == 0.0).all()
    assert (loss.scintillation_db > 0.0).all(axis=1).tolist() == [True, True, True, True, False]
    assert (loss.gas_db > 0.0).all()
    assert (loss.cloud_db[:, 0] > 0.0).all()


def test_a_table_has_the_rows_of_its_shares(climate: Climate) -> None:
    """A column of shares gives what each of them gives alone."""
    paths, shares = paths_of(climate), np.array([1e-4, 0.02, 0.3])
    table = paths.loss(shares[:, None]).total_db
    rows = [paths.loss(share).total_db for share in shares]
    np.testing.assert_allclose(table, rows, rtol=1e-12)


def test_only_absorption_beyond_a_clear_sky_warms_an_antenna(climate: Climate) -> None:
    """None under a clear sky, and no less than that; scintillation does not count."""
    paths, share = paths_of(climate), np.array(0.01)
    clear_db = paths.gas_db(MEDIAN_EXCEEDANCE)
    assert fade_db(clear_loss(clear_db), clear_db).tolist() == [0.0] * 3
    assert fade_db(clear_loss(clear_db), clear_db + 1.0).tolist() == [0.0] * 3
    loss = paths.loss(share)
    absorbed_db = loss.gas_db + loss.cloud_db + loss.rain_db - clear_db
    np.testing.assert_allclose(fade_db(loss, clear_db), absorbed_db, rtol=1e-12)


def test_discrimination_is_held_to_its_range_and_left_out_where_nothing_is_known(climate: Climate) -> None:
    """Above 60 degrees and beyond 1 % of the year the ends hold; without rain or above 55 GHz there is no limit."""
    rain_db = np.full(3, 3.0)
    commonest, beyond = (paths_of(climate).cross_polar_db(np.array(share), rain_db=rain_db) for share in (0.01, 0.05))
    assert commonest.tolist() == beyond.tolist()
    steep = SlantPaths.over(
        climate, frequency_hz=11.7e9, elevation_rad=np.radians([60.0, 70.0, 90.0]), aperture=Aperture(diameter_m=0.5)
    )
    assert len(set(steep.cross_polar_db(np.array(0.01), rain_db=rain_db).tolist())) == 1
    assert np.isinf(paths_of(climate).cross_polar_db(np.array(0.01), rain_db=np.zeros(3))).all()
    assert np.isinf(paths_of(climate, 73.5e9).cross_polar_db(np.array(0.01), rain_db=rain_db)).all()


def test_some_of_the_paths_are_as_before(climate: Climate) -> None:
    """Taking rows and asking changes nothing against asking and taking rows."""
    paths, rows, share = paths_of(climate), np.array([True, False, True]), np.array(1e-3)
    few = paths.take(rows)
    np.testing.assert_array_equal(few.gas_db(0.05), paths.gas_db(0.05)[rows])
    whole = paths.loss(share, gas_db=paths.gas_db(0.05)).total_db
    np.testing.assert_array_equal(few.loss(share).total_db, whole[rows])


def test_rain_starts_at_the_place_and_ends_above_its_freezing_height(climate: Climate) -> None:
    """The path through rain is that of the climate, 0.36 km above the 0 °C isotherm: P.839-4."""
    path = rain_path(climate, 11.7e9, 0.7, tilt_rad=0.0)
    assert path.height_m is climate.height_m
    np.testing.assert_allclose(path.rain_height_m, climate.freezing_height_m + 360.0)
