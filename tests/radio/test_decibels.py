"""Decibels and ratios."""

import numpy as np

from skycommons.radio.decibels import from_db, to_db


def test_there_and_back() -> None:
    """A ratio comes back from its level."""
    ratio = np.array([1e-30, 0.5, 1.0, 2.0, 1e30])
    np.testing.assert_allclose(from_db(to_db(ratio)), ratio, rtol=1e-13)


def test_nothing_is_minus_infinity_and_less_than_nothing_is_masked() -> None:
    """No warning, no error."""
    np.testing.assert_array_equal(to_db(np.array([0.0, -1.0])), [-np.inf, np.nan])
    assert from_db(-np.inf) == 0.0
