"""Named random streams."""

import numpy as np

from skycommons.base.rng import stream, uniform_of


def test_the_same_seed_and_names_give_the_same_numbers() -> None:
    """These very numbers stay the same on every machine and in every version, so that a scenario can be repeated."""
    assert stream(7, "rain", "zurich").integers(0, 1_000_000, 3).tolist() == [844296, 866142, 304968]


def test_another_name_or_seed_gives_other_numbers() -> None:
    """Adding a stream does not disturb the others."""
    numbers = {stream(seed, name).random() for seed in (0, 1) for name in ("rain", "demand", "")}
    assert len(numbers) == 6


def test_a_keyed_number_hangs_on_its_keys_alone() -> None:
    """Not on its neighbours, nor on the order; each key and the seed make a difference."""
    first = uniform_of(7, np.array([1, 2, 3]), np.array([4, 5, 6]))
    assert uniform_of(7, np.array([3]), np.array([6]))[0] == first[2]
    assert uniform_of(7, np.array([6]), np.array([3]))[0] != first[2]
    assert uniform_of(8, np.array([3]), np.array([6]))[0] != first[2]


def test_keyed_numbers_are_even() -> None:
    """A hundred thousand neighbours: mean, spread and lag as of independent uniform numbers, to five deviations."""
    numbers = uniform_of(1, np.arange(100_000), np.full(100_000, -5))
    assert 0.0 <= numbers.min() < numbers.max() < 1.0
    assert abs(numbers.mean() - 0.5) < 5 * 0.2887 / np.sqrt(1e5)
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 5 / np.sqrt(1e5)
