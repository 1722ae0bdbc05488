"""Sine and cosine as polynomials, written so that a compiler can do eight satellites at a time.

Calls to the C library's ``sin`` and ``cos`` keep a loop scalar. These are the Taylor series after the argument has been
brought into ``[-π/2, π/2]`` by a whole number of half turns. No branches, no tables.
"""

import numpy as np
from numba import njit

# π as a sum of three parts; the first two have 30 significant bits, so that their product with a half-turn count below
# 2^22 is exact (method of Cody & Waite 1980). Made by rounding a 60-digit π.
_PI_1 = float.fromhex("0x1.921fb54400000p+1")
_PI_2 = float.fromhex("0x1.0b4611a400000p-33")
_PI_3 = float.fromhex("0x1.13198a2e03707p-64")
_INVERSE_PI = 1.0 / np.pi

inlined = njit(fastmath={"contract"}, error_model="numpy", inline="always", cache=True)


@inlined
def half_turns(angle_rad: float) -> tuple[float, float]:
    """The angle reduced to ``[-π/2, π/2]`` by half turns, and the sign that those half turns bring.

    Accuracy: within 2e-16 rad for angles up to 4e6 rad (tests/orbit/test_trigonometry.py).
    """
    count = np.rint(angle_rad * _INVERSE_PI)
    reduced = ((angle_rad - count * _PI_1) - count * _PI_2) - count * _PI_3
    odd = count - 2.0 * np.floor(0.5 * count)
    return reduced, 1.0 - 2.0 * odd


@inlined
def sine_series(x: float) -> float:
    """Sine of ``x`` in ``[-π/2, π/2]``: Taylor series to the 21st power; the rest is below 2e-18."""
    y = x * x
    p = 1.0 / 51090942171709440000.0
    p = p * y - 1.0 / 121645100408832000.0
    p = p * y + 1.0 / 355687428096000.0
    p = p * y - 1.0 / 1307674368000.0
    p = p * y + 1.0 / 6227020800.0
    p = p * y - 1.0 / 39916800.0
    p = p * y + 1.0 / 362880.0
    p = p * y - 1.0 / 5040.0
    p = p * y + 1.0 / 120.0
    p = p * y - 1.0 / 6.0
    return x + x * (y * p)


@inlined
def cosine_series(x: float) -> float:
    """Cosine of ``x`` in ``[-π/2, π/2]``: Taylor series to the 22nd power; the rest is below 1e-19."""
    y = x * x
    p = -1.0 / 1124000727777607680000.0
    p = p * y + 1.0 / 2432902008176640000.0
    p = p * y - 1.0 / 6402373705728000.0
    p = p * y + 1.0 / 20922789888000.0
    p = p * y - 1.0 / 87178291200.0
    p = p * y + 1.0 / 479001600.0
    p = p * y - 1.0 / 3628800.0
    p = p * y + 1.0 / 40320.0
    p = p * y - 1.0 / 720.0
    p = p * y + 1.0 / 24.0
    p = p * y - 0.5
    return 1.0 + y * p


@inlined
def sine_cosine(angle_rad: float) -> tuple[float, float]:
    """Sine and cosine of any angle up to about 4e6 rad."""
    x, sign = half_turns(angle_rad)
    return sign * sine_series(x), sign * cosine_series(x)


@inlined
def small_sine_cosine(angle_rad: float) -> tuple[float, float]:
    """Sine and cosine of an angle below 0.12 rad: six and seven terms; the rest is below 1e-20."""
    y = angle_rad * angle_rad
    sine = 1.0 / 362880.0 - y * (1.0 / 39916800.0)
    sine = sine * y - 1.0 / 5040.0
    sine = sine * y + 1.0 / 120.0
    sine = sine * y - 1.0 / 6.0
    cosine = y * (1.0 / 479001600.0) - 1.0 / 3628800.0
    cosine = cosine * y + 1.0 / 40320.0
    cosine = cosine * y - 1.0 / 720.0
    cosine = cosine * y + 1.0 / 24.0
    cosine = cosine * y - 0.5
    return angle_rad * (1.0 + y * sine), 1.0 + y * cosine
