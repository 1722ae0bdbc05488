"""Many satellites at many times: what runs where, and what is an error."""

from typing import Any

import numpy as np
import pytest

from skycommons.base import threads
from skycommons.base.errors import ShapeError
from skycommons.orbit.frames import FrameTurn, inertial, teme_to_itrf
from skycommons.orbit.sgp4 import Propagator, StateVectors, library_satellite
from skycommons.orbit.sgp4_kernel import LANES
from skycommons.orbit.time import IersTable
from tests.support.orbits import DAY_NS, EPOCH_NS, ORDINARY, REV_PER_DAY_RAD_S, fly, library_states, table

MILLIMETRE_M = 1e-3
MICROMETRE_M_S = 1e-6
TIME_NS = EPOCH_NS + np.array([-3_600_000_000_000, 0, DAY_NS])
DEEP_SPACE_RAD_S = 2.0 * REV_PER_DAY_RAD_S


def assert_as_the_library_says(states: StateVectors, theirs: StateVectors) -> None:
    """The same masks and states; NaN where there is none."""
    np.testing.assert_array_equal(states.valid, theirs.valid)
    np.testing.assert_allclose(states.position_m, theirs.position_m, rtol=0, atol=MILLIMETRE_M)
    np.testing.assert_allclose(states.velocity_m_s, theirs.velocity_m_s, rtol=0, atol=MICROMETRE_M_S)


def test_near_earth_and_deep_space_fly_side_by_side() -> None:
    """Rows keep their order, whichever of the two computed them."""
    mean_motion_rad_s = np.array([15.0, 2.0, 14.0, 1.0, 13.0]) * REV_PER_DAY_RAD_S
    elements = table(mean_motion_rad_s=mean_motion_rad_s)
    propagator = Propagator.prepare(elements)
    assert propagator.library_rows.tolist() == [1, 3]
    assert propagator.rows[:3].tolist() == [0, 2, 4]
    assert set(propagator.rows[3:].tolist()) == {-1}
    assert_as_the_library_says(propagator(TIME_NS, inertial(3)), library_states(elements, TIME_NS))


@pytest.mark.parametrize("count", [0, 1, LANES, LANES + 1, 3 * LANES - 1])
def test_any_number_of_satellites_flies(count: int) -> None:
    """Blocks are filled up where needed; on one processor and on many."""
    elements = table(mean_anomaly_rad=np.linspace(0.0, 6.0, count))
    assert_as_the_library_says(fly(elements, TIME_NS), library_states(elements, TIME_NS))


@pytest.mark.parametrize("available", [1, 2, 16])
def test_the_number_of_processors_changes_no_number(available: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit."""
    elements = table(mean_anomaly_rad=np.linspace(0.0, 6.0, 200))
    usual = fly(elements, TIME_NS)
    monkeypatch.setattr(threads, "processors", lambda: available)
    monkeypatch.setattr("skycommons.orbit.sgp4.processors", lambda: available)
    np.testing.assert_array_equal(fly(elements, TIME_NS).position_m, usual.position_m)


@pytest.mark.parametrize("steps", [0, 3])
def test_a_table_of_deep_space_alone_flies(steps: int) -> None:
    """No kernel lane at all."""
    elements = table(mean_motion_rad_s=[DEEP_SPACE_RAD_S] * 2)
    states = fly(elements, TIME_NS[:steps])
    assert states.position_m.shape == (steps, 2, 3)
    assert_as_the_library_says(states, library_states(elements, TIME_NS[:steps]))


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"eccentricity": 0.2, "mean_motion_rad_s": 10 * REV_PER_DAY_RAD_S}, id="eccentric"),
        pytest.param({"bstar": 0.3}, id="coming-down"),
        pytest.param({"eccentricity": 1.5}, id="hyperbola"),
        pytest.param({"eccentricity": np.nan}, id="no-eccentricity"),
        pytest.param({"mean_motion_rad_s": 0.0}, id="at-rest"),
        pytest.param({"mean_motion_rad_s": 20 * REV_PER_DAY_RAD_S}, id="inside-the-earth"),
        pytest.param({"bstar": np.inf}, id="endless-drag"),
        pytest.param({"inclination_rad": np.nan}, id="no-inclination"),
    ],
)
def test_the_library_judges_what_the_kernel_cannot_do(columns: dict[str, Any]) -> None:
    """The ordinary satellite between two such is not disturbed."""
    odd = {name: [value, ORDINARY[name], value] for name, value in columns.items()}
    elements = table(**odd)
    states = fly(elements, TIME_NS)
    assert_as_the_library_says(states, library_states(elements, TIME_NS))
    assert states.valid[:, 1].all()


def test_a_satellite_is_masked_from_its_decay_on() -> None:
    """Before it, the states are good."""
    elements = table(bstar=[0.3, 1e-4])
    states = fly(elements, EPOCH_NS + np.arange(10) * DAY_NS)
    assert states.valid[0].all()
    assert not states.valid[-1, 0]
    assert states.valid[:, 1].all()
    assert np.isnan(states.position_m[~states.valid]).all()
    assert np.isfinite(states.position_m[states.valid]).all()


def test_kernel_and_library_agree_on_the_turning_earth() -> None:
    """The same orbit, near the Earth, once on each: the second is flagged because its table says so."""
    elements = table(mean_anomaly_rad=[0.5, 0.5])
    kernel = Propagator.prepare(elements)
    rows = np.where(kernel.rows == 1, -1, kernel.rows)
    mixed = Propagator(elements=elements, rows=rows, terms=kernel.terms, library_rows=np.array([1]))
    states = mixed(TIME_NS, teme_to_itrf(TIME_NS, IersTable.load()))
    np.testing.assert_allclose(states.position_m[:, 0], states.position_m[:, 1], rtol=0, atol=MILLIMETRE_M)
    np.testing.assert_allclose(states.velocity_m_s[:, 0], states.velocity_m_s[:, 1], rtol=0, atol=MICROMETRE_M_S)


def test_memory_of_an_earlier_call_can_be_used_again() -> None:
    """The same numbers and masks come out, whatever stood there, and no new memory is taken."""
    elements = table(bstar=[0.3, 1e-4], mean_motion_rad_s=[15.05 * REV_PER_DAY_RAD_S, DEEP_SPACE_RAD_S])
    propagator = Propagator.prepare(elements)
    late, early = EPOCH_NS + np.array([20, 30]) * DAY_NS, EPOCH_NS + np.array([0, 1]) * DAY_NS
    memory = propagator(late, inertial(2))
    assert not memory.valid[:, 0].any()
    fresh = propagator(early, inertial(2))
    again = propagator(early, inertial(2), reuse=memory)
    assert again.position_m is memory.position_m
    for name in ("position_m", "velocity_m_s", "valid"):
        np.testing.assert_array_equal(getattr(again, name), getattr(fresh, name))


@pytest.mark.parametrize("name", ["position_m", "velocity_m_s", "valid"])
def test_memory_of_another_shape_is_refused(name: str) -> None:
    """Compiled code would write beside it."""
    right, wrong = StateVectors.empty(3, 1), StateVectors.empty(2, 1)
    columns = {
        each: getattr(wrong if each == name else right, each) for each in ("position_m", "velocity_m_s", "valid")
    }
    with pytest.raises(ShapeError, match=f"reuse.{name}"):
        Propagator.prepare(table())(TIME_NS, inertial(3), reuse=StateVectors(**columns))


@pytest.mark.parametrize("name", ["rotation", "spin_rad_s"])
def test_a_turn_of_other_length_is_refused(name: str) -> None:
    """Compiled code would read beside it."""
    columns = {each: getattr(inertial(2 if each == name else 3), each) for each in ("rotation", "spin_rad_s")}
    with pytest.raises(ShapeError, match=f"turn.{name}"):
        Propagator.prepare(table())(TIME_NS, FrameTurn(**columns))


def test_the_librarys_record_holds_the_same_elements() -> None:
    """In its own units: radians and minutes."""
    record = library_satellite(table(), 0)
    assert record.no_kozai == pytest.approx(15.05 * 2 * np.pi / 1440, rel=1e-14)
    assert record.ecco == 1e-3
    assert record.inclo == np.radians(53.0)
    assert (record.jdsatepoch + record.jdsatepochF - 2_440_587.5) * 86_400 == pytest.approx(EPOCH_NS / 1e9, abs=1e-3)
