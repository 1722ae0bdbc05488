"""Named random streams."""

from skycommons.base.rng import stream


def test_the_same_seed_and_names_give_the_same_numbers() -> None:
    """These very numbers stay the same on every machine and in every version, so that a scenario can be repeated."""
    assert stream(7, "rain", "zurich").integers(0, 1_000_000, 3).tolist() == [844296, 866142, 304968]


def test_another_name_or_seed_gives_other_numbers() -> None:
    """Adding a stream does not disturb the others."""
    numbers = {stream(seed, name).random() for seed in (0, 1) for name in ("rain", "demand", "")}
    assert len(numbers) == 6
