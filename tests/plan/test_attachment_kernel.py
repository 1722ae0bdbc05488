"""The compiled choice of the smallest values, and the columns to choose from."""

import numpy as np
import pytest

from skycommons.plan.attachment_kernel import gather, smallest

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_smallest_are_those_of_a_sort(count: int) -> None:
    """Ascending, infinite and missing values left out."""
    draw = np.random.default_rng(count)
    value = np.where(draw.random(60) < 0.3, np.inf, draw.permutation(60).astype(np.float64))
    value[7] = np.nan
    start = np.array([0, 0, 5, 12, 13, 40, 60])
    for flow, row in enumerate(smallest(start, value, count)):
        places = range(start[flow], start[flow + 1])
        expected = sorted((place for place in places if value[place] < np.inf), key=lambda place: value[place])[:count]
        assert row.tolist() == expected + [-1] * (count - len(expected))


def test_candidates_are_the_rows_of_the_source_with_the_costs_of_the_tree() -> None:
    """Sources may come more than once."""
    columns = gather(
        np.array([0, 2, 2, 3]),
        np.array([5, 6, 0], dtype=np.int32),
        np.array([10.0, 20.0, 30.0]),
        np.array([0.1, 0.2, 0.3]),
        np.array([2, 0, 1, 0]),
        np.array([0, 1, 1, 0], dtype=np.int32),
        np.arange(14.0).reshape(2, 7),
    )
    start, sat, range_m, sine, onward_m = (column.tolist() for column in columns)
    assert start == [0, 1, 3, 3, 5]
    assert sat == [0, 5, 6, 5, 6]
    assert range_m == [30.0, 10.0, 20.0, 10.0, 20.0]
    assert sine == [0.3, 0.1, 0.2, 0.1, 0.2]
    assert onward_m == [0.0, 12.0, 13.0, 5.0, 6.0]
