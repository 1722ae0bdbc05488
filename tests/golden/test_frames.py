"""Frames against published numbers and against ERFA's exact matrices.

Authorities: the example of Vallado et al. 2006 (AIAA 2006-6753), appendix C; ERFA, which is the IAU's SOFA.
"""

import erfa
import numpy as np
import pytest

from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import parse_time
from skycommons.base.constants import EARTH_ROTATION_RAD_S
from skycommons.orbit.frames import FrameTurn, teme_to_itrf
from skycommons.orbit.time import EarthAngles, IersTable, SiderealOnly, universal_time

ARCSECOND_RAD = np.pi / 648_000.0
FIVE_CENTIMETRES_M = 0.05  # the example is printed to 0.01 mm; its own time is rounded to a microsecond
LOW_ORBIT_M = 6_878_137.0  # 500 km above the equator

INSTANT_NS = np.array([parse_time("2004-04-06T07:51:28.386009Z")])
POSITION_TEME_M = np.array([5_094_180.16210, 6_127_644.65950, 6_380_344.53270])
VELOCITY_TEME_M_S = np.array([-4_746.131487, 785.818041, 5_531.931288])
POSITION_ITRF_M = np.array([-1_033_479.38300, 7_901_295.27540, 6_380_356.59580])
VELOCITY_ITRF_M_S = np.array([-3_225.636520, -2_872.451450, 5_531.924446])


class Printed:
    """The Earth's angles that are printed with the example."""

    def at(self, time_ns: Ints) -> EarthAngles:
        whole = np.ones(len(time_ns))
        return EarthAngles(
            dut1_s=-0.4399619 * whole,
            pole_x_rad=-0.140682 * ARCSECOND_RAD * whole,
            pole_y_rad=0.333309 * ARCSECOND_RAD * whole,
        )


def turned(turn: FrameTurn, step: int) -> tuple[Floats, Floats]:
    """The example's state in the new frame."""
    position_m = turn.rotation[step] @ POSITION_TEME_M
    return position_m, turn.rotation[step] @ VELOCITY_TEME_M_S - np.cross(turn.spin_rad_s[step], position_m)


def test_the_published_example_is_met() -> None:
    """Position to centimetres, velocity to a twentieth of a millimetre per second."""
    position_m, velocity_m_s = turned(teme_to_itrf(INSTANT_NS, Printed()), 0)
    np.testing.assert_allclose(position_m, POSITION_ITRF_M, rtol=0, atol=FIVE_CENTIMETRES_M)
    np.testing.assert_allclose(velocity_m_s, VELOCITY_ITRF_M_S, rtol=0, atol=5e-5)


def test_the_bundled_table_gives_the_example_within_a_metre() -> None:
    """Newer values of the same day, between its two midnights, differ a little from those that were printed in 2006."""
    position_m, _ = turned(teme_to_itrf(INSTANT_NS, IersTable.load()), 0)
    np.testing.assert_allclose(position_m, POSITION_ITRF_M, rtol=0, atol=1.0)


@pytest.fixture(scope="module")
def instants_ns() -> Ints:
    """A thousand instants from 1973 to 2026."""
    return np.linspace(parse_time("1973-01-03"), parse_time("2026-06-01"), 1_000).astype(np.int64)


def test_first_order_polar_motion_is_enough(instants_ns: Ints) -> None:
    """ERFA's full rotation differs by 0.03 mm at 500 km."""
    angles = IersTable.load().at(instants_ns)
    pole = erfa.pom00(angles.pole_x_rad, angles.pole_y_rad, 0.0)
    sidereal = erfa.gmst82(*universal_time(instants_ns, angles.dut1_s))
    exact = np.array([p @ erfa.rz(angle, np.eye(3)) for p, angle in zip(pole, sidereal, strict=True)])
    off = np.linalg.norm(teme_to_itrf(instants_ns, IersTable.load()).rotation - exact, ord=2, axis=(1, 2))
    assert off.max() * LOW_ORBIT_M < 3e-5


def test_the_fast_path_is_as_far_off_as_it_says(instants_ns: Ints) -> None:
    """Below 450 m in all years, below 50 m in 2025, and no more than UT1 and the pole explain."""
    exact, fast = teme_to_itrf(instants_ns, IersTable.load()), teme_to_itrf(instants_ns, SiderealOnly())
    off_m = np.linalg.norm(exact.rotation - fast.rotation, ord=2, axis=(1, 2)) * LOW_ORBIT_M
    angles = IersTable.load().at(instants_ns)
    pole_rad = np.hypot(angles.pole_x_rad, angles.pole_y_rad)
    turning_rad = np.abs(angles.dut1_s) * EARTH_ROTATION_RAD_S
    assert (off_m <= (turning_rad + pole_rad) * LOW_ORBIT_M * 1.001).all()
    assert 300.0 < off_m.max() < 450.0
    in_2025 = (instants_ns >= parse_time("2025-01-01")) & (instants_ns < parse_time("2026-01-01"))
    assert 10.0 < off_m[in_2025].max() < 50.0
    assert pole_rad.max() * LOW_ORBIT_M < 20.1


def test_a_frame_spins_as_its_rotation_changes() -> None:
    """The rate is the rotation's own derivative, to a nanoradian per second."""
    half_ns = 500_000_000
    around = teme_to_itrf(INSTANT_NS[0] + np.array([-half_ns, 0, half_ns]), Printed())
    drift = (around.rotation[2] - around.rotation[0]) @ around.rotation[1].T
    spin_rad_s = np.array([drift[1, 2], drift[2, 0], drift[0, 1]])
    np.testing.assert_allclose(spin_rad_s, around.spin_rad_s[1], rtol=0, atol=1e-9)
