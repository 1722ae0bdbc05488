"""When a wanted laser is up."""

from dataclasses import dataclass

import numpy as np
import pytest

from skycommons.base.arrays import Bools, Floats, Ints32
from skycommons.base.errors import PlanError, ShapeError
from skycommons.model.rules import LaserRules, Nearest, NoLasers
from skycommons.plan.lasers import Lasers, LaserState, grazing_height_m, lasers_at
from skycommons.plan.topology import FixedPointing, NearestPointing, Pointing

SECOND_NS = 10**9
DOWN, ACQUIRING, UP = LaserState.DOWN, LaserState.ACQUIRING, LaserState.UP
RULES = LaserRules(topology=NoLasers(), max_range_m=1_000e3, acquisition_s=12.0)
PAIR = FixedPointing(pairs=np.array([[0, 1]], dtype=np.int32))


def at(
    time_s: float,
    *east_m: float,
    before: Lasers | None = None,
    pointing: Pointing = PAIR,
    rules: LaserRules = RULES,
    seed: int = 0,
) -> Lasers:
    """Lasers of satellites side by side over the equator."""
    position_m = np.array([[7_000e3, east, 0.0] for east in east_m])
    return lasers_at(
        rules,
        pointing,
        round(time_s * SECOND_NS),
        position_itrf_m=position_m,
        valid=np.isfinite(position_m).all(axis=1),
        before=before,
        seed=seed,
    )


def test_everything_in_reach_is_up_at_the_first_step() -> None:
    """Nobody knows for how long it has been."""
    lasers = at(0, 0.0, 900e3)
    assert lasers.state.tolist() == [UP]
    assert lasers.up().tolist() == [True]
    assert lasers.range_m.tolist() == [900e3]
    assert len(lasers) == 1
    assert repr(lasers) == "<Lasers: 1 up, 0 acquiring, 0 down>"


def test_a_laser_beyond_its_range_is_down() -> None:
    """The limit itself is in reach."""
    assert at(0, 0.0, 1_000e3).state.tolist() == [UP]
    assert at(0, 0.0, 1_000.001e3).state.tolist() == [DOWN]


def test_a_satellite_without_a_position_has_no_laser() -> None:
    """Nor a fault."""
    assert at(0, 0.0, np.nan).state.tolist() == [DOWN]


def test_a_laser_that_comes_into_reach_is_up_after_the_acquisition_time() -> None:
    """Twelve seconds are the third step of five."""
    lasers, states = at(0, 0.0, 2_000e3), []
    for step in range(1, 6):
        lasers = at(5 * step, 0.0, 900e3, before=lasers)
        states.append(int(lasers.state[0]))
    assert states == [ACQUIRING, ACQUIRING, ACQUIRING, UP, UP]


def test_a_laser_that_was_down_starts_anew() -> None:
    """Up, out of reach for one step, and acquired again."""
    lasers = at(0, 0.0, 900e3)
    lasers = at(15, 0.0, 1_900e3, before=lasers)
    assert lasers.state.tolist() == [DOWN]
    lasers = at(30, 0.0, 900e3, before=lasers)
    assert lasers.state.tolist() == [ACQUIRING]
    assert at(45, 0.0, 900e3, before=lasers).state.tolist() == [UP]


def test_each_acquisition_takes_its_own_time_between_the_two_limits() -> None:
    """A second attempt draws anew, another seed too, and the same one always draws the same."""
    rules = LaserRules(topology=NoLasers(), max_range_m=1_000e3, acquisition_s=12.0, longest_acquisition_s=30.0)

    def waited(start_s: float, seed: int = 0) -> int:
        lasers = at(start_s - 1, 0.0, 2_000e3, rules=rules)
        for second in range(40):
            lasers = at(start_s + second, 0.0, 900e3, rules=rules, before=lasers, seed=seed)
            if lasers.up()[0]:
                return second
        return 40

    times = [waited(float(start)) for start in range(100, 160)]
    assert min(times) >= 12
    assert max(times) <= 30
    assert len(set(times)) > 10
    assert waited(100.0) == times[0]
    assert [waited(float(start), seed=1) for start in range(100, 110)] != times[:10]


def test_without_acquisition_time_a_laser_is_up_at_once() -> None:
    """Zero seconds."""
    rules = LaserRules(topology=NoLasers(), max_range_m=1_000e3, acquisition_s=0.0)
    far = at(0, 0.0, 2_000e3, rules=rules)
    assert at(15, 0.0, 900e3, before=far, rules=rules).state.tolist() == [UP]


def test_a_partner_that_is_new_has_to_be_acquired() -> None:
    """The nearest neighbours change: who stays is up, who is new is acquiring, and up a step later."""
    pointing = NearestPointing(per_satellite=2, max_range_m=1_000e3)
    lasers = at(0, 0.0, 300e3, 600e3, 3_000e3, pointing=pointing)
    assert sorted(lasers.pairs.tolist()) == [[0, 1], [0, 2], [1, 2]]
    assert lasers.state.tolist() == [UP, UP, UP]
    lasers = at(15, 0.0, 300e3, 2_950e3, 3_000e3, before=lasers, pointing=pointing)
    assert lasers.pairs.tolist() == [[2, 3], [0, 1]]
    assert lasers.state.tolist() == [ACQUIRING, UP]
    lasers = at(30, 0.0, 300e3, 2_950e3, 3_000e3, before=lasers, pointing=pointing)
    assert lasers.state.tolist() == [UP, UP]


def test_pairs_may_come_after_none_and_go_again() -> None:
    """Nothing was known of them."""
    pointing = NearestPointing(per_satellite=1, max_range_m=1_000e3)
    none = at(0, 0.0, 3_000e3, pointing=pointing)
    assert len(none) == 0
    some = at(15, 0.0, 300e3, before=none, pointing=pointing)
    assert some.state.tolist() == [ACQUIRING]
    assert len(at(30, 0.0, 3_000e3, before=some, pointing=pointing)) == 0


def test_a_repointed_pair_out_of_reach_is_not_remembered_as_acquired() -> None:
    """A pair that was wanted but down starts at the instant at which it comes into reach."""

    @dataclass(frozen=True, slots=True)
    class Fresh:
        def pairs_at(self, position_itrf_m: Floats, valid: Bools) -> Ints32:
            return np.array([[0, 1], [1, 2]], dtype=np.int32)

    lasers = at(0, 0.0, 900e3, 4_000e3, pointing=Fresh())
    assert lasers.state.tolist() == [UP, DOWN]
    lasers = at(15, 0.0, 900e3, 1_800e3, before=lasers, pointing=Fresh())
    assert lasers.state.tolist() == [UP, ACQUIRING]
    assert repr(lasers) == "<Lasers: 1 up, 1 acquiring, 0 down>"


@pytest.mark.parametrize("row", [-1, 2])
def test_a_pair_that_names_no_satellite_is_refused(row: int) -> None:
    """Before a compiled loop reads what is not there."""
    pointing = FixedPointing(pairs=np.array([[0, row]], dtype=np.int32))
    with pytest.raises(PlanError, match=f"row {row} of 2"):
        at(0, 0.0, 1.0, pointing=pointing)


def test_pairs_of_another_shape_are_refused() -> None:
    """Three columns are no pairs."""
    with pytest.raises(ShapeError, match="pairs"):
        at(0, 0.0, 1.0, pointing=FixedPointing(pairs=np.zeros((1, 3), dtype=np.int32)))


def test_the_rule_of_nearest_neighbours_has_four_lasers_unless_told_otherwise() -> None:
    """As a +Grid has."""
    assert Nearest().per_satellite == 4


def test_the_lowest_point_of_a_line_is_between_its_ends_or_one_of_them() -> None:
    """A chord over a quarter of the Earth dips; two satellites above each other have the lower one's height."""
    radius_m = 6_378_137.0 + 550e3
    chord = grazing_height_m(np.array([radius_m, 0.0, 0.0]), np.array([0.0, radius_m, 0.0]))
    assert float(chord) == pytest.approx(radius_m / np.sqrt(2.0) - 6_378_137.0)
    stacked = grazing_height_m(np.array([[radius_m, 0.0, 0.0]]), np.array([[radius_m + 1e5, 0.0, 0.0]]))
    assert stacked.tolist() == pytest.approx([550e3])
