"""Random streams: every draw comes from a named stream of the scenario's seed, never from a global generator."""

from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Floats, Ints

States: TypeAlias = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


def stream(seed: int, *names: str) -> np.random.Generator:
    """An independent generator for one purpose: same seed and names, same numbers, on every machine.

    >>> bool(stream(7, "rain").random() == stream(7, "rain").random())
    True
    >>> bool(stream(7, "rain").random() == stream(7, "demand").random())
    False
    """
    digests = [int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *digests])))


def uniform_of(seed: int, *keys: Ints) -> Floats:
    """Numbers in [0, 1) that hang on their keys alone, so that an event draws the same whenever it is asked for.

    Args:
        seed: Of the scenario.
        keys: Arrays of one shape.
    Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014), once for each key.
    >>> bool(uniform_of(7, np.array([1, 2]))[1] == uniform_of(7, np.array([2]))[0])
    True
    """
    return np.asarray((states_of(seed, *keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def states_of(seed: int, *keys: Ints) -> States:
    """The bits behind `uniform_of`; one key more makes others of them, as `rng_kernel.next_uniform` does.

    Args:
        seed: Of the scenario.
        keys: Arrays that broadcast to one shape.
    """
    with np.errstate(over="ignore"):
        state = np.full(np.broadcast_shapes(*(np.shape(key) for key in keys)), np.uint64(seed) + GOLDEN)
        for key in keys:
            state = _mixed(state ^ np.asarray(key, dtype=np.int64).view(np.uint64) * GOLDEN)
    return state


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result hangs on every bit of the argument."""
    bits = (bits ^ (bits >> SHIFTS[0])) * MIX[0]
    bits = (bits ^ (bits >> SHIFTS[1])) * MIX[1]
    return bits ^ (bits >> SHIFTS[2])
