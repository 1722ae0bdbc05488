"""One compiled number at a time is what the array function gives."""

import numpy as np
import pytest

from skycommons.base.rng import states_of, uniform_of
from skycommons.base.rng_kernel import next_uniform

pytestmark = pytest.mark.kernel


def test_one_key_more_is_the_number_of_all_keys() -> None:
    """To the last bit, for small keys and large ones."""
    cells, satellites = np.array([0, 3, 2**60 + 7]), np.array([55, 0, 12_345])
    with np.errstate(over="ignore"):
        found = [next_uniform(state, int(key)) for state, key in zip(states_of(7, cells), satellites, strict=True)]
    assert found == uniform_of(7, cells, satellites).tolist()
