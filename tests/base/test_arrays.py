"""The one shape check, and arrays that cannot change."""

import numpy as np
import pytest

from skycommons.base.arrays import check_shape, freeze
from skycommons.base.errors import ShapeError


@pytest.mark.parametrize("expected", [(4, 3), (None, 3), (4, None), (None, None)])
def test_a_matching_shape_passes(expected: tuple[int | None, ...]) -> None:
    """None accepts any length."""
    check_shape("position_itrf_m", np.zeros((4, 3)), expected)


@pytest.mark.parametrize("expected", [(3, 4), (4, 3, 1), (12,), ()])
def test_a_shape_that_differs_is_refused(expected: tuple[int | None, ...]) -> None:
    """The number of dimensions counts as well as each length."""
    with pytest.raises(ShapeError, match="position_itrf_m"):
        check_shape("position_itrf_m", np.zeros((4, 3)), expected)


def test_frozen_arrays_cannot_be_written() -> None:
    """A value can then be shared without copies."""
    first, second = np.zeros(3), np.ones(2)
    freeze(first, second)
    for array in (first, second):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0
