"""What chance adds to a packet's way and which packets it loses, one at a time; `wire_draws` says the same of many."""

import numpy as np
from numba import njit

from skycommons.base.arrays import Floats
from skycommons.base.rng_kernel import next_uniform

_LEAST_UNIFORM = 2.0**-54


@njit(error_model="numpy", nogil=True, cache=True)
def added_ns(
    wait_state: np.uint64,
    extra_state: np.uint64,
    stretch: int,
    quantiles: Floats,
    wait_ns: float,
    extra_ns: float,
) -> float:
    """What is added to the delay of a packet that departs in a stretch of time.

    Args:
        wait_state, extra_state: What the line draws from, see `wire_draws.luck_of`.
        stretch: Number of the stretch: the instant of departure over its length, rounded down.
        quantiles: Of the wait over its mean, at shares that rise evenly from 0 to 1.
        wait_ns, extra_ns: Means; 0 for nothing.
    """
    added = 0.0
    if wait_ns > 0.0:
        place = next_uniform(wait_state, stretch) * (len(quantiles) - 1)
        low = min(int(place), len(quantiles) - 2)
        added += wait_ns * (quantiles[low] + (quantiles[low + 1] - quantiles[low]) * (place - low))
    if extra_ns > 0.0:
        added -= extra_ns * np.log(max(next_uniform(extra_state, stretch), _LEAST_UNIFORM))
    return added


@njit(error_model="numpy", nogil=True, cache=True)
def is_lost(state: np.uint64, number: int, loss: float) -> bool:
    """Whether the packet of this running number is lost, where a share of them is."""
    return bool(next_uniform(state, number) < loss)
