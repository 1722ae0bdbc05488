"""Walker shells: altitude and mean motion, and the pattern."""

from typing import Any

import numpy as np
import pytest

from skycommons.base.constants import WGS84_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.orbit.walker import Shell, altitude_for_mean_motion, mean_motion_for_altitude, walker_elements
from tests.support.orbits import EPOCH_NS, REV_PER_DAY_RAD_S, fly

TURN_RAD = 2.0 * np.pi
TWENTY_METRES = 20.0
KEPLER_550_KM = 15.0549  # revolutions per day of a circle 550 km over the equator around a point mass
EARTH_MU_M3_S2 = 398_600.4418e9


def shell(**changes: Any) -> Shell:
    """Three planes of four satellites, but for these columns."""
    columns: dict[str, Any] = {
        "name": "s53",
        "planes": 3,
        "slots_per_plane": 4,
        "inclination_rad": np.radians(53.0),
        "altitude_m": 550e3,
        "phasing": 1,
        "raan_spread_rad": TURN_RAD,
    }
    return Shell(**{**columns, **changes})


@pytest.mark.parametrize("inclination_deg", [0.0, 30.0, 53.0, 63.4349, 90.0, 97.6, 144.0, 180.0])
@pytest.mark.parametrize("altitude_m", [340e3, 550e3, 1_200e3])
def test_a_shell_flies_at_the_altitude_that_it_says(inclination_deg: float, altitude_m: float) -> None:
    """Mean radius over one revolution; every satellite of it."""
    inclination_rad = np.radians(inclination_deg)
    elements = walker_elements(shell(inclination_rad=inclination_rad, altitude_m=altitude_m), EPOCH_NS)
    period_s = TURN_RAD / mean_motion_for_altitude(altitude_m, inclination_rad)
    states = fly(elements, EPOCH_NS + (np.arange(360) / 360 * period_s * 1e9).astype(np.int64))
    mean_m = np.linalg.norm(states.position_m, axis=-1).mean(axis=0) - WGS84_RADIUS_M
    np.testing.assert_allclose(mean_m, altitude_m, rtol=0, atol=TWENTY_METRES)


def test_mean_motion_is_near_keplers_and_not_the_same() -> None:
    """Oblateness makes a shell at 53° a little slower, one at 90° a little faster."""
    kepler = np.sqrt(EARTH_MU_M3_S2 / (WGS84_RADIUS_M + 550e3) ** 3) / REV_PER_DAY_RAD_S
    assert kepler == pytest.approx(KEPLER_550_KM, abs=5e-5)
    at_53 = mean_motion_for_altitude(550e3, np.radians(53.0)) / REV_PER_DAY_RAD_S
    assert at_53 == pytest.approx(15.05447, abs=1e-5)
    assert at_53 < kepler < mean_motion_for_altitude(550e3, np.pi / 2) / REV_PER_DAY_RAD_S


@pytest.mark.parametrize("inclination_deg", [0.0, 53.0, 97.6])
@pytest.mark.parametrize("altitude_m", [200e3, 550e3, 8_000e3])
def test_mean_motion_and_altitude_say_the_same(inclination_deg: float, altitude_m: float) -> None:
    """There and back again, to a micrometre."""
    inclination_rad = np.radians(inclination_deg)
    there = mean_motion_for_altitude(altitude_m, inclination_rad)
    assert altitude_for_mean_motion(there, inclination_rad) == pytest.approx(altitude_m, abs=1e-6)


def test_a_mean_motion_of_15_19_is_509_km_high() -> None:
    """The mean motion with which a well-known simulator of this field flies what it calls 550 km."""
    altitude_m = altitude_for_mean_motion(15.19 * REV_PER_DAY_RAD_S, np.radians(53.0))
    assert altitude_m == pytest.approx(508.7e3, abs=300.0)


def test_rows_go_plane_by_plane() -> None:
    """Nodes are spread over the whole turn; slots follow each other along the orbit."""
    elements = walker_elements(shell(phasing=0), EPOCH_NS)
    np.testing.assert_allclose(np.degrees(elements.raan_rad), np.repeat([0.0, 120.0, 240.0], 4), atol=1e-12)
    np.testing.assert_allclose(np.degrees(elements.mean_anomaly_rad), np.tile([0.0, 90.0, 180.0, 270.0], 3), atol=1e-12)
    assert set(elements.epoch_ns.tolist()) == {EPOCH_NS}
    assert len(elements) == len(shell()) == 12


@pytest.mark.parametrize("phasing", [1, 2, 0.5, -1])
def test_the_next_plane_is_ahead_by_its_phasing(phasing: float) -> None:
    """F times a whole turn over the number of all satellites."""
    elements = walker_elements(shell(phasing=phasing), EPOCH_NS)
    first = np.degrees(elements.mean_anomaly_rad[::4])
    np.testing.assert_allclose(first, np.mod(phasing * 30.0 * np.arange(3), 360.0), atol=1e-9)


def test_a_star_spreads_its_nodes_over_half_a_turn() -> None:
    """So that planes go up on one side of the Earth and down on the other."""
    elements = walker_elements(shell(raan_spread_rad=np.pi), EPOCH_NS)
    np.testing.assert_allclose(np.degrees(elements.raan_rad[::4]), [0.0, 60.0, 120.0], atol=1e-12)


def test_offsets_turn_the_whole_shell() -> None:
    """Angles stay within one turn."""
    elements = walker_elements(shell(raan_offset_rad=-0.1, anomaly_offset_rad=7.0), EPOCH_NS)
    assert elements.raan_rad[0] == pytest.approx(TURN_RAD - 0.1)
    assert elements.mean_anomaly_rad[0] == pytest.approx(7.0 - TURN_RAD)
    for angle_rad in (elements.raan_rad, elements.mean_anomaly_rad):
        assert ((angle_rad >= 0.0) & (angle_rad < TURN_RAD)).all()


@pytest.mark.parametrize("changes", [{"planes": 0}, {"slots_per_plane": 0}, {"planes": -3}])
def test_a_shell_without_satellites_is_refused(changes: dict[str, int]) -> None:
    """With its name in the message."""
    with pytest.raises(InputError, match="s53"):
        shell(**changes)
