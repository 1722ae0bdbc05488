"""Choice among the satellites in view."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError, ShapeError
from skycommons.plan.choice import (
    CANDIDATE_COLUMNS,
    OBSERVED_WEIGHTS,
    ChoicePolicy,
    HighestElevation,
    NearestRange,
    ObservedUtility,
    Uniform,
    UtilityWeights,
    choose,
    choose_in_turn,
    features,
    join,
    log_probabilities,
    top_shares,
)
from tests.support.choices import choice_sets, drawn_sets

POLICIES: list[ChoicePolicy] = [Uniform(), HighestElevation(), NearestRange(), ObservedUtility()]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_probabilities_of_a_choice_add_up_to_one(policy: ChoicePolicy) -> None:
    """Whatever the policy."""
    sets = drawn_sets(np.random.default_rng(1), 50)
    sums = np.add.reduceat(np.exp(log_probabilities(policy, sets)), sets.offsets[:-1])
    np.testing.assert_allclose(sums, 1.0, rtol=1e-12)


def test_a_policy_that_is_not_random_never_takes_another() -> None:
    """Its first has probability one."""
    sets = choice_sets([[30.0, 60.0, 45.0], [80.0, 25.0]], slant_range_m=np.array([3.0, 2.0, 1.0, 1.0, 2.0]))
    assert np.exp(log_probabilities(HighestElevation(), sets)).tolist() == [0, 1, 0, 1, 0]
    assert np.exp(log_probabilities(NearestRange(), sets)).tolist() == [0, 0, 1, 1, 0]


def test_large_utilities_do_not_overflow() -> None:
    """The largest is taken off before the exponential."""
    policy = ObservedUtility(weights=replace(OBSERVED_WEIGHTS, v2_mini_nats=5_000.0))
    sets = choice_sets([[40.0, 40.0]], is_v2_mini=np.array([True, False]))
    assert log_probabilities(policy, sets).tolist() == [0.0, -5_000.0]


def test_each_feature_has_its_weight() -> None:
    """Higher, towards the pole, V2 mini and kept are good; low, near the arc and below the others are bad."""
    sets = choice_sets(
        [[30.0, 90.0, 30.0, 30.0, 20.0, 30.0, 90.0]],
        azimuth_rad=np.array([np.pi / 2, 0.0, 0.0, np.pi / 2, np.pi / 2, np.pi, 0.0]),
        slant_range_m=np.array([1e6, 550e3, 1e6, 1e6, 1e6, 1e6, 350e3]),
        is_v2_mini=np.array([False, False, False, True, False, False, False]),
        is_kept=np.array([False, False, False, True, False, False, False]),
        gso_separation_rad=np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.2, 1.0]),
    )
    low = -1.0 / np.sin(np.radians(20.0))
    expected = [
        [-2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [-2.0, np.cos(np.radians(30.0)), 0.0, 0.0, 0.0, 0.0, 0.0],
        [-2.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
        [low, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        [-2.0, -np.cos(np.radians(30.0)), 0.0, 0.0, 0.0, 1.0, 0.0],
        [-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
    ]
    np.testing.assert_allclose(features(sets), expected, atol=1e-12)


def test_poleward_is_south_in_the_south() -> None:
    """The sign of the latitude decides."""
    sets = choice_sets([[45.0], [45.0]], azimuth_rad=np.zeros(2), latitude_rad=np.array([0.8, -0.8]))
    assert np.sign(features(sets)[:, 1]).tolist() == [1.0, -1.0]


def test_built_in_weights_name_their_data() -> None:
    """A fitted number says so."""
    assert "fitted" in OBSERVED_WEIGHTS.source
    assert "976 slots" in OBSERVED_WEIGHTS.source
    again = UtilityWeights.of(OBSERVED_WEIGHTS.vector_nats, OBSERVED_WEIGHTS.source)
    assert again == OBSERVED_WEIGHTS


def test_top_shares_rank_by_utility_and_split_ties() -> None:
    """Of two that tie for two places each is among the top one half of the time."""
    sets = choice_sets([[30.0, 60.0, 45.0, 45.0], [80.0, 25.0]])
    shares = [
        top_shares(sets, sets.elevation_rad, np.array(chosen), count).tolist()
        for chosen, count in (([1, 5], 1), ([2, 4], 1), ([2, 4], 2), ([3, 4], 3), ([0, 5], 3))
    ]
    assert shares == [[1.0, 0.0], [0.0, 1.0], [0.5, 1.0], [1.0, 1.0], [0.0, 1.0]]


def test_draws_follow_the_probabilities() -> None:
    """Frequencies over many steps within five standard errors."""
    count = 20_000
    sets = choice_sets([[30.0, 60.0, 45.0]] * count)
    satellite = np.tile(np.arange(3), count)
    taken = choose(ObservedUtility(), sets, satellite=satellite, step=np.arange(count), seed=3)
    share = np.bincount(satellite[taken], minlength=3) / count
    expected = np.exp(log_probabilities(ObservedUtility(), sets)[:3])
    np.testing.assert_allclose(share, expected, atol=5.0 * 0.5 / np.sqrt(count))


def test_a_draw_hangs_on_step_and_satellite_alone() -> None:
    """Another order of candidates takes the same satellite; another seed differs."""
    sets = drawn_sets(np.random.default_rng(2), 200)
    satellite, step = np.arange(sets.offsets[-1]) % 97, np.arange(200)
    order = np.lexsort((-np.arange(sets.offsets[-1]), sets.choice))
    turned = replace(
        sets,
        **{name: getattr(sets, name)[order] for name in CANDIDATE_COLUMNS},
    )
    taken = choose(ObservedUtility(), sets, satellite=satellite, step=step, seed=5)
    again = choose(ObservedUtility(), turned, satellite=satellite[order], step=step, seed=5)
    assert (order[again] == taken).all()
    assert (choose(ObservedUtility(), sets, satellite=satellite, step=step, seed=6) != taken).any()


def test_the_highest_is_chosen_whatever_the_seed() -> None:
    """A policy that is not random draws nothing."""
    sets = choice_sets([[30.0, 60.0, 45.0], [80.0, 25.0]])
    taken = [
        choose(HighestElevation(), sets, satellite=np.arange(5), step=np.arange(2), seed=n).tolist() for n in (1, 2)
    ]
    assert taken == [[1, 3]] * 2


def test_in_turn_the_past_is_ones_own() -> None:
    """With a large weight the first satellite stays until a step is missing or it sets."""
    policy = ObservedUtility(weights=replace(OBSERVED_WEIGHTS, kept_nats=100.0, v2_mini_nats=100.0))
    sets = choice_sets(
        [[50.0, 50.0], [50.0, 50.0], [50.0, 50.0], [50.0]], is_v2_mini=np.array([1, 0, 0, 0, 0, 1, 0]) > 0
    )
    follows = np.array([False, True, False, True])
    satellite = np.array([7, 8, 7, 8, 7, 8, 9])
    taken = choose_in_turn(policy, sets, satellite=satellite, step=np.arange(4), follows=follows, seed=1)
    assert satellite[taken].tolist() == [7, 7, 8, 9]


def test_take_and_join_are_inverse() -> None:
    """Choices taken one by one and joined are the same table."""
    sets = drawn_sets(np.random.default_rng(4), 5)
    again = join(*(sets.take(np.array([row])) for row in range(5)))
    np.testing.assert_array_equal(again.offsets, sets.offsets)
    np.testing.assert_array_equal(features(again), features(sets))
    assert sets.rows_of(np.array([False, True, False, False, False])).tolist() == list(
        range(int(sets.offsets[1]), int(sets.offsets[2]))
    )


def test_a_choice_without_candidates_is_refused() -> None:
    """And so are columns of another length."""
    with pytest.raises(InputError, match="without candidates"):
        choice_sets([[40.0], []])
    with pytest.raises(ShapeError, match="is_kept"):
        choice_sets([[40.0, 50.0]], is_kept=np.zeros(3, dtype=np.bool_))
