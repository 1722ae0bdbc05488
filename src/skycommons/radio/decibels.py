"""Decibels and ratios of power: the one place where they are turned into each other."""

import numpy as np

from skycommons.base.arrays import Floats


def to_db(ratio: Floats | float) -> Floats:
    """Ten times the decimal logarithm: minus infinity for zero, NaN for what is negative.

    >>> to_db(100.0).tolist()
    20.0
    """
    ratio = np.asarray(ratio, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(10.0 * np.log10(ratio))


def from_db(level_db: Floats | float) -> Floats:
    """The ratio of powers that a level stands for.

    >>> from_db(20.0).tolist()
    100.0
    """
    return np.asarray(np.power(10.0, np.asarray(level_db, dtype=np.float64) / 10.0))
