"""Sine and cosine without calls, against exact arithmetic and the C library."""

import math
from fractions import Fraction

import numpy as np
import pytest

from skycommons.orbit.trigonometry import cosine_series, half_turns, sine_cosine, sine_series, small_sine_cosine

PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")
LARGEST_RAD = 4.0e6
# Near 1, half the distance between neighbouring doubles is 1.1e-16; each polynomial's last step rounds a few times.
ROUNDING = 4.0e-16

ANGLES = [
    0.0,
    1e-300,
    1.0,
    math.pi / 2,
    math.pi,
    1e3 * math.pi,
    355.0,
    103_993.0,
    1_146_408.0,
    LARGEST_RAD,
    3_999_999.7,
]


@pytest.mark.kernel
@pytest.mark.parametrize("angle_rad", [*ANGLES, *(-angle for angle in ANGLES)])
def test_half_turns_leave_the_exact_remainder(angle_rad: float) -> None:
    """Also where many half turns nearly cancel, such as 355 and 103,993 rad."""
    reduced, sign = half_turns(angle_rad)
    count = round(Fraction(angle_rad) / PI)
    assert abs(float(Fraction(reduced) - (Fraction(angle_rad) - count * PI))) < 2e-16
    assert abs(reduced) <= math.pi / 2 + 1e-9
    assert sign == (-1.0 if count % 2 else 1.0)


@pytest.mark.kernel
@pytest.mark.parametrize("angle_rad", [*ANGLES, *(-angle for angle in ANGLES)])
def test_sine_and_cosine_are_those_of_the_c_library(angle_rad: float) -> None:
    """Four million radians are 640,000 revolutions: more than a century of a low orbit."""
    sine, cosine = sine_cosine(angle_rad)
    assert sine == pytest.approx(math.sin(angle_rad), abs=ROUNDING)
    assert cosine == pytest.approx(math.cos(angle_rad), abs=ROUNDING)


def test_sine_and_cosine_hold_for_a_hundred_thousand_angles() -> None:
    """Evenly over the whole span, and densely over a few turns."""
    for span in (LARGEST_RAD, 20.0):
        angles = np.random.default_rng(7).uniform(-span, span, 50_000)
        ours = np.array([sine_cosine(angle) for angle in angles.tolist()])
        theirs = np.stack([np.sin(angles), np.cos(angles)], axis=1)
        assert np.abs(ours - theirs).max() < ROUNDING


@pytest.mark.kernel
@pytest.mark.parametrize("x", [-math.pi / 2, -1.0, -1e-8, 0.0, 0.5, math.pi / 4, math.pi / 2])
def test_the_series_reach_to_their_ends(x: float) -> None:
    """A quarter turn either way, where the last terms are largest."""
    assert sine_series(x) == pytest.approx(math.sin(x), abs=ROUNDING)
    assert cosine_series(x) == pytest.approx(math.cos(x), abs=ROUNDING)


@pytest.mark.kernel
@pytest.mark.parametrize("x", [-0.12, -0.11, -1e-9, 0.0, 1e-3, 0.05, 0.12])
def test_small_angles_need_fewer_terms(x: float) -> None:
    """To their stated end of 0.12 rad."""
    sine, cosine = small_sine_cosine(x)
    assert sine == pytest.approx(math.sin(x), abs=ROUNDING / 10)
    assert cosine == pytest.approx(math.cos(x), abs=ROUNDING)
