"""The compiled side of `rng.uniform_of`: one more key, for one number at a time."""

import numpy as np
from numba import njit

from skycommons.base.rng import GOLDEN, MIX, SHIFTS

_FIRST_MIX, _SECOND_MIX = MIX
_FIRST_SHIFT, _SECOND_SHIFT, _THIRD_SHIFT = SHIFTS
_KEPT_BITS = np.uint64(11)


@njit(error_model="numpy", nogil=True, cache=True)
def next_uniform(state: np.uint64, key: int) -> float:
    """A number in [0, 1): what `uniform_of` gives for the keys of the state and one more.

    Args:
        state: Of `rng.states_of`.
        key: Zero or more.
    """
    bits = state ^ (np.uint64(key) * GOLDEN)
    bits = (bits ^ (bits >> _FIRST_SHIFT)) * _FIRST_MIX
    bits = (bits ^ (bits >> _SECOND_SHIFT)) * _SECOND_MIX
    bits = bits ^ (bits >> _THIRD_SHIFT)
    return float(bits >> _KEPT_BITS) * 2.0**-53
