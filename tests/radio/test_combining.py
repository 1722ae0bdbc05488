"""Disturbances on one link and two links in a row."""

import numpy as np
import pytest

from skycommons.radio.combining import bent_pipe_cn_db, combine_db


def test_equal_disturbances_cost_what_their_number_says() -> None:
    """Ten of them cost 10 dB; an absent one costs nothing; a masked one masks."""
    assert combine_db(*[30.0] * 10) == pytest.approx(20.0)
    np.testing.assert_array_equal(combine_db(12.0, np.array([np.inf, np.nan])), [12.0, np.nan])


def test_an_undisturbed_carrier_is_infinitely_better() -> None:
    """No disturbance at all."""
    assert combine_db() == np.inf


def test_a_bent_pipe_is_never_better_than_its_worse_half() -> None:
    """Noise of both halves adds; with a strong feeder the service link decides."""
    assert bent_pipe_cn_db(10.0, 10.0) == pytest.approx(10.0 - 3.0103, abs=1e-4)
    assert bent_pipe_cn_db(60.0, 10.0) == pytest.approx(10.0, abs=1e-4)
