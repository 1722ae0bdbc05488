"""Skyfield, an independent astronomy library, turns SGP4's frame into the Earth's as we do."""

import numpy as np
from skyfield.constants import ASEC2RAD
from skyfield.functions import mxm, rot_x, rot_y
from skyfield.sgp4lib import TEME_to_ITRF, theta_GMST1982

from skycommons.base.arrays import Ints
from skycommons.base.clock import parse_time
from skycommons.orbit.frames import teme_to_itrf
from skycommons.orbit.time import IersTable, SiderealOnly, julian_date, universal_time

TENTH_OF_A_MILLIMETRE_M = 1e-4
PRECESSION_M_S = 5e-5  # Skyfield turns the frame at the rate of sidereal time, which has precession in it; we do not
POSITION_TEME_M = np.array([5.0e6, -3.0e6, 4.0e6])
VELOCITY_TEME_M_S = np.array([4.0e3, 6.0e3, -1.0e3])


def instants_ns() -> Ints:
    """Two hundred instants from 1990 to 2026, at all hours."""
    return np.linspace(parse_time("1990-01-01"), parse_time("2026-06-01"), 200).astype(np.int64)


def test_sidereal_time_and_spin_are_skyfields() -> None:
    """Without polar motion; position and velocity as seen from the turning Earth."""
    time_ns = instants_ns()
    turn = teme_to_itrf(time_ns, SiderealOnly())
    for step, (day, fraction) in enumerate(zip(*julian_date(time_ns), strict=True)):
        position_m, velocity_m_day = TEME_to_ITRF(
            day, POSITION_TEME_M, VELOCITY_TEME_M_S * 86_400.0, 0.0, 0.0, fraction
        )
        ours_m = turn.rotation[step] @ POSITION_TEME_M
        ours_m_s = turn.rotation[step] @ VELOCITY_TEME_M_S - np.cross(turn.spin_rad_s[step], ours_m)
        np.testing.assert_allclose(ours_m, position_m, rtol=0, atol=TENTH_OF_A_MILLIMETRE_M)
        np.testing.assert_allclose(ours_m_s, velocity_m_day / 86_400.0, rtol=0, atol=PRECESSION_M_S)


def test_with_the_pole_it_is_still_skyfields() -> None:
    """With the IERS table's angles handed to both."""
    time_ns = instants_ns()
    table = IersTable.load()
    angles = table.at(time_ns)
    theta, _ = theta_GMST1982(*universal_time(time_ns, angles.dut1_s))
    turn = teme_to_itrf(time_ns, table)
    for step in range(len(time_ns)):
        x, y = angles.pole_x_rad[step], angles.pole_y_rad[step]
        cosine, sine = np.cos(theta[step]), np.sin(theta[step])
        sidereal = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        theirs_m = mxm(mxm(rot_x(y), rot_y(x)), sidereal) @ POSITION_TEME_M
        np.testing.assert_allclose(
            turn.rotation[step] @ POSITION_TEME_M, theirs_m, rtol=0, atol=TENTH_OF_A_MILLIMETRE_M
        )
    assert np.abs(angles.pole_y_rad).max() > 0.1 * ASEC2RAD
