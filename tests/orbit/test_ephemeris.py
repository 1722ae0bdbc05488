"""Where satellites are over time."""

from typing import Any

import numpy as np
import pytest

from skycommons.base.constants import EARTH_ROTATION_RAD_S
from skycommons.base.errors import ShapeError
from skycommons.orbit.ephemeris import Ephemeris, propagate
from skycommons.orbit.time import SiderealOnly
from tests.support.orbits import EPOCH_NS, fly, table

TIME_NS = EPOCH_NS + np.arange(4) * 15_000_000_000


def test_satellites_are_placed_on_the_turning_earth() -> None:
    """Same heights as among the stars; the velocity is the change of the place over the ground, as far as SGP4 says so."""
    elements = table(mean_anomaly_rad=[0.0, 1.0, 2.0])
    ephemeris = propagate(elements, EPOCH_NS + np.arange(3) * 1_000_000)
    among_stars = fly(elements, ephemeris.time_ns)
    np.testing.assert_allclose(
        np.linalg.norm(ephemeris.position_itrf_m, axis=-1),
        np.linalg.norm(among_stars.position_m, axis=-1),
        rtol=1e-11,
    )
    change_m_s = (ephemeris.position_itrf_m[2] - ephemeris.position_itrf_m[0]) / 2e-3
    np.testing.assert_allclose(ephemeris.velocity_itrf_m_s[1], change_m_s, rtol=0, atol=0.1)
    assert ephemeris.valid.all()


def test_the_fast_path_is_near_the_exact_one() -> None:
    """In 2023 UT1 was within 0.05 s of UTC: 25 m, and 16 m of polar motion."""
    exact = propagate(table(), TIME_NS)
    fast = propagate(table(), TIME_NS, orientation=SiderealOnly())
    off_m = np.linalg.norm(exact.position_itrf_m - fast.position_itrf_m, axis=-1)
    assert 0.1 < off_m.max() < 0.05 * EARTH_ROTATION_RAD_S * 7e6 + 20.0


def test_a_satellite_that_cannot_fly_is_masked_and_the_others_go_on() -> None:
    """Its rows hold NaN."""
    ephemeris = propagate(table(eccentricity=[1e-3, np.nan, 1e-3]), TIME_NS)
    assert ephemeris.valid.tolist() == [[True, False, True]] * 4
    assert np.isnan(ephemeris.position_itrf_m[:, 1]).all()
    assert np.isnan(ephemeris.velocity_itrf_m_s[:, 1]).all()
    assert np.isfinite(ephemeris.position_itrf_m[:, [0, 2]]).all()


@pytest.mark.parametrize(("satellites", "steps"), [(0, 4), (2, 0), (0, 0)])
def test_nothing_to_fly_is_an_empty_ephemeris(satellites: int, steps: int) -> None:
    """No satellite, or no instant."""
    ephemeris = propagate(table(bstar=np.zeros(satellites)), TIME_NS[:steps])
    assert ephemeris.position_itrf_m.shape == (steps, satellites, 3)
    assert ephemeris.valid.shape == (steps, satellites)


def test_an_ephemeris_says_how_large_it_is() -> None:
    """Its length is the number of steps."""
    ephemeris = propagate(table(bstar=[0.0, 0.0]), TIME_NS)
    assert len(ephemeris) == 4
    assert repr(ephemeris) == "<Ephemeris: 4 steps, 2 satellites>"


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("position_itrf_m", (4, 3)),
        ("position_itrf_m", (5, 2, 3)),
        ("velocity_itrf_m_s", (4, 3, 3)),
        ("valid", (4, 3)),
    ],
)
def test_columns_of_another_shape_are_refused(name: str, shape: tuple[int, ...]) -> None:
    """The error names the array."""
    columns: dict[str, Any] = {
        "time_ns": TIME_NS,
        "position_itrf_m": np.zeros((4, 2, 3)),
        "velocity_itrf_m_s": np.zeros((4, 2, 3)),
        "valid": np.ones((4, 2), dtype=np.bool_),
    }
    with pytest.raises(ShapeError) as caught:
        Ephemeris(**{**columns, name: np.zeros(shape)})
    assert caught.value.name == name
