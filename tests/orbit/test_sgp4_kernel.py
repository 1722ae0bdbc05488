"""The compiled loop itself: its lanes, its flags, its rotation. Tiny, so that it also runs uncompiled."""

import numpy as np
import pytest

from skycommons.base.arrays import Bools, Floats
from skycommons.orbit import sgp4_kernel
from skycommons.orbit.elements import Elements
from skycommons.orbit.frames import FrameTurn, inertial, teme_to_itrf
from skycommons.orbit.sgp4 import Propagator
from skycommons.orbit.sgp4_kernel import LANES, SCRATCH_ROWS, TERM_NAMES, TERMS, propagate_blocks
from skycommons.orbit.time import SiderealOnly
from tests.support.orbits import DAY_NS, EPOCH_NS, REV_PER_DAY_RAD_S, library_states, table

MILLIMETRE_M = 1e-3
UNTOUCHED = -1.0


def run(elements: Elements, minutes: Floats, turn: FrameTurn) -> tuple[Floats, Floats, Bools]:
    """Positions, velocities and flags of one block."""
    propagator = Propagator.prepare(elements)
    position_m = np.full((len(minutes), len(elements), 3), UNTOUCHED)
    velocity_m_s = np.full_like(position_m, UNTOUCHED)
    flagged = np.zeros(LANES, dtype=np.bool_)
    propagate_blocks(
        0,
        1,
        propagator.terms,
        propagator.rows,
        minutes,
        turn.rotation,
        turn.spin_rad_s,
        position_m,
        velocity_m_s,
        flagged,
    )
    return position_m, velocity_m_s, flagged


@pytest.mark.kernel
def test_a_block_flies_as_the_library_says() -> None:
    """Ordinary, circular, equatorial, retrograde and polar, with no, much and negative drag; nothing is flagged."""
    elements = table(
        eccentricity=[1e-3, 0.0, 1e-3, 1e-5, 0.03, 1e-3],
        inclination_rad=np.radians([53.0, 53.0, 0.0, 180.0, 90.0, 63.4349488]),
        bstar=[1e-4, 0.0, -1e-4, 1e-3, 1e-4, 1e-2],
    )
    minutes = np.array([0.0, 50.0])
    position_m, velocity_m_s, flagged = run(elements, minutes, inertial(2))
    theirs = library_states(elements, EPOCH_NS + (minutes * 60e9).astype(np.int64))
    np.testing.assert_allclose(position_m, theirs.position_m, rtol=0, atol=MILLIMETRE_M)
    np.testing.assert_allclose(velocity_m_s, theirs.velocity_m_s, rtol=0, atol=MILLIMETRE_M / 1e3)
    assert not flagged.any()


@pytest.mark.kernel
def test_what_the_steps_cannot_do_is_flagged() -> None:
    """An eccentricity that grew beyond 0.1, and a satellite below the ground; the ordinary one between is not."""
    elements = table(
        eccentricity=[0.06, 1e-3, 1e-3],
        mean_motion_rad_s=np.array([15.0, 15.05, 17.5]) * REV_PER_DAY_RAD_S,
        bstar=[-0.05, 1e-4, 1e-4],
    )
    _, _, flagged = run(elements, np.array([4.0 * 1440.0]), inertial(1))
    assert flagged[:3].tolist() == [True, False, True]


@pytest.mark.kernel
def test_padding_writes_nothing() -> None:
    """Satellites that are not in the block keep what stood there."""
    elements = table(mean_anomaly_rad=[1.0, 2.0])
    propagator = Propagator.prepare(elements)
    rows = propagator.rows.copy()
    rows[0] = -1
    position_m = np.full((1, 2, 3), UNTOUCHED)
    flagged = np.zeros(LANES, dtype=np.bool_)
    turn = inertial(1)
    propagate_blocks(
        0,
        1,
        propagator.terms,
        rows,
        np.zeros(1),
        turn.rotation,
        turn.spin_rad_s,
        position_m,
        position_m.copy(),
        flagged,
    )
    assert (position_m[0, 0] == UNTOUCHED).all()
    assert (position_m[0, 1] != UNTOUCHED).all()


@pytest.mark.kernel
def test_states_are_turned_into_the_wanted_frame() -> None:
    """Position by the rotation; velocity loses the turning."""
    elements = table(mean_anomaly_rad=[1.0, 2.0])
    minutes = np.array([0.0, 1.0])
    turn = teme_to_itrf(EPOCH_NS + (minutes * 60e9).astype(np.int64), SiderealOnly())
    still_m, still_m_s, _ = run(elements, minutes, inertial(2))
    position_m, velocity_m_s, _ = run(elements, minutes, turn)
    expected_m = np.einsum("tij,tsj->tsi", turn.rotation, still_m)
    expected_m_s = np.einsum("tij,tsj->tsi", turn.rotation, still_m_s) - np.cross(turn.spin_rad_s[:, None], expected_m)
    np.testing.assert_allclose(position_m, expected_m, rtol=0, atol=1e-6)
    np.testing.assert_allclose(velocity_m_s, expected_m_s, rtol=0, atol=1e-9)


def test_no_state_is_wrong_without_a_flag_when_drag_is_negative() -> None:
    """Eccentricity grows until the series no longer hold; near perigee and apogee Kepler's steps alone would not tell."""
    anomalies = np.linspace(0.0, 2.0 * np.pi, LANES, endpoint=False)
    elements = table(
        eccentricity=0.06, mean_motion_rad_s=15.0 * REV_PER_DAY_RAD_S, bstar=-0.05, mean_anomaly_rad=anomalies
    )
    right = 0
    for days in (0.0, 0.5, 1.0, 2.0, 4.0):
        minutes = np.array([days * 1440.0])
        position_m, _, flagged = run(elements, minutes, inertial(1))
        theirs = library_states(elements, np.array([EPOCH_NS + int(days * DAY_NS)]))
        good = ~flagged
        right += good.sum()
        assert theirs.valid[0, good].all()
        np.testing.assert_allclose(position_m[0, good], theirs.position_m[0, good], rtol=0, atol=MILLIMETRE_M)
    assert 0 < right < 5 * LANES


def test_names_and_places_of_constants_agree() -> None:
    """The table of names is the order in which the loop reads."""
    for place, name in enumerate(TERM_NAMES):
        assert getattr(sgp4_kernel, f"C_{name.upper()}") == place
    assert len(TERM_NAMES) == TERMS
    places = sorted(getattr(sgp4_kernel, name) for name in dir(sgp4_kernel) if name.startswith("S_"))
    assert places == list(range(SCRATCH_ROWS))


@pytest.mark.kernel
@pytest.mark.parametrize("x", [0.0, 1e-4, 0.005, 0.01])
def test_series_in_the_squared_eccentricity_hold_to_their_end(x: float) -> None:
    """Both to the last digits up to 0.01."""
    assert sgp4_kernel._one_over_one_minus(x) == pytest.approx(1.0 / (1.0 - x), rel=5e-16)
    assert sgp4_kernel._one_over_one_plus_root(x) == pytest.approx(1.0 / (1.0 + np.sqrt(1.0 - x)), rel=5e-16)
