"""Weather that comes and goes: a standard Gaussian number at every place and instant, alike where places are near.

Rules: the number X says how good the weather is, and the share of the year with worse weather than now is Q(X), evenly
spread between 0 and 1. Each place's own statistics (ITU-R P.618) turn that share into losses, so that losses over the
years are those of the place, whatever the field does. The field is a sum of waves with random phases. It has no state:
any instant can be asked for, in any order, and gives the same numbers. Weather grows and decays where it is; nothing drifts
with the wind.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Floats32, check_shape, freeze
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import InputError

# Correlation in space of rain at two places (ITU-R P.618-14 §2.2.4.1, site diversity): two parts, by share and length.
NEAR_SHARE: Final = 0.70
NEAR_LENGTH_M: Final = 60e3
FAR_SHARE: Final = 0.30
FAR_LENGTH_M: Final = 700e3
DECAY_RAD_S: Final = 2e-4  # correlation in time (ITU-R P.1853-2, the same at every place)
FEATURES: Final = 1024
FEWEST_FEATURES: Final = 64  # below, tails are visibly thin: 15 % too few of the rarest 0.01 %

_ROOT: Final = 1.2207440846057596  # of x^4 = x + 1: its inverse powers fill three dimensions evenly
_TABLE: Final = 4096  # points of the tables that draw lengths of waves
_ROWS: Final = 256  # sites prepared at once: temporary arrays stay within 2 MB a thousand features


def space_correlation(distance_m: Floats | float) -> Floats:
    """Correlation of the field at two places at the same instant.

    Source: ITU-R P.618-14 §2.2.4.1.
    >>> space_correlation(np.array([0.0, 60e3, 232e3])).round(3).tolist()
    [1.0, 0.555, 0.283]
    """
    distance = np.asarray(distance_m, dtype=np.float64)
    return np.asarray(
        NEAR_SHARE * np.exp(-distance / NEAR_LENGTH_M) + FAR_SHARE * np.exp(-((distance / FAR_LENGTH_M) ** 2))
    )


def time_correlation(lag_s: Floats | float) -> Floats:
    """Correlation of the field at one place at two instants.

    Source: ITU-R P.1853-2.
    >>> time_correlation(np.array([0.0, 5_000.0])).round(3).tolist()
    [1.0, 0.368]
    """
    return np.asarray(np.exp(-DECAY_RAD_S * np.abs(lag_s)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeatherField:
    """The field at ``G`` sites, ready for any instant; ``N`` waves.

    Attributes:
        waves: ``(G, 2N)`` cosine and sine of each wave's phase at each site: 8 bytes a site and wave.
        amplitude: ``(N,)`` of the waves; half the sum of their squares is 1.
        frequency_rad_s: ``(N,)`` of the waves in time.
        phase_rad: ``(N,)`` of the waves at time zero.

    Accuracy: mean 0, deviation 1, and an excess kurtosis of about -1.5/N, so that with 1,024 waves 1 % too few of the
    rarest 0.01 % of values occur. The correlation of a pair of places is within some 0.01 at 60 km and 0.02 far apart, in
    time within 0.01 (tests/property/test_weather_field.py). Distances are chords: 0.01 % short at 300 km.
    """

    waves: Floats32
    amplitude: Floats
    frequency_rad_s: Floats
    phase_rad: Floats

    def __post_init__(self) -> None:
        count = len(self.amplitude)
        check_shape("waves", self.waves, (None, 2 * count))
        check_shape("frequency_rad_s", self.frequency_rad_s, (count,))
        check_shape("phase_rad", self.phase_rad, (count,))
        freeze(self.waves, self.amplitude, self.frequency_rad_s, self.phase_rad)

    @staticmethod
    def prepare(
        latitude_rad: Floats, longitude_rad: Floats, rng: np.random.Generator, *, features: int = FEATURES
    ) -> "WeatherField":
        """Draw the waves and evaluate them at the sites.

        Args:
            latitude_rad, longitude_rad: ``(G,)`` of the sites.
            rng: The waves depend on it alone, so that another set of sites sees the same weather.
            features: Number of waves.
        Raises:
            InputError: There are too few features for honest tails.
        Source: Rahimi and Recht (2007), random features of a stationary kernel.
        """
        if features < FEWEST_FEATURES:
            raise InputError(f"features: {features} waves make no weather; use {FEWEST_FEATURES} or more")
        near = round(NEAR_SHARE * features)
        wave_vectors = np.concatenate(
            [
                _wave_vectors(_near_lengths, near, rng) / NEAR_LENGTH_M,
                _wave_vectors(_far_lengths, features - near, rng) / FAR_LENGTH_M,
            ]
        )
        part = np.array([near, features - near])
        return WeatherField(
            waves=_waves(latitude_rad, longitude_rad, wave_vectors * EARTH_MEAN_RADIUS_M),
            amplitude=np.repeat(np.sqrt(2.0 * np.array([NEAR_SHARE, FAR_SHARE]) / part), part),
            # Frequencies of exp(-|t|) are spread as a Cauchy law; each part of the field gets one from each layer of it.
            frequency_rad_s=DECAY_RAD_S * np.concatenate([np.tan(np.pi * (_layers(n, rng) - 0.5)) for n in part]),
            phase_rad=rng.uniform(0.0, 2.0 * np.pi, features),
        )

    def at(self, time_s: float) -> Floats:
        """The field at one instant, ``(G,)``: standard Gaussian, high is good weather.

        Args:
            time_s: Since any origin that the caller keeps; unix time is fine.
        """
        turn = self.frequency_rad_s * time_s + self.phase_rad
        swing = np.concatenate([self.amplitude * np.cos(turn), -self.amplitude * np.sin(turn)])
        return (self.waves @ swing.astype(np.float32)).astype(np.float64)

    def exceedance(self, time_s: float) -> Floats:
        """Share of an average year with worse weather than at this instant, ``(G,)`` in (0, 1): small is bad weather."""
        return upper_tail(-self.at(time_s))


def upper_tail(deviate: Floats) -> Floats:
    """Probability that a standard Gaussian number is larger: Q(x).

    >>> upper_tail(np.array([0.0, 3.0902])).round(4).tolist()
    [0.5, 0.001]
    """
    scaled = (np.asarray(deviate) / math.sqrt(2.0)).tolist()
    return np.fromiter((0.5 * math.erfc(value) for value in scaled), dtype=np.float64, count=len(scaled))


def _layers(count: int, rng: np.random.Generator) -> Floats:
    """One number from each of ``count`` equal layers of (0, 1), shuffled."""
    return (rng.permutation(count) + rng.random(count)) / count


def _wave_vectors(lengths: Callable[[Floats], Floats], count: int, rng: np.random.Generator) -> Floats:
    """Wave vectors ``(count, 3)``, their lengths by a law, their directions even over the sphere.

    The three numbers behind each are points that fill a cube evenly from a random start, so that a finite set is close
    to the law: at 60 km that halves the error of independent draws.
    """
    step = np.power(_ROOT, -np.arange(1.0, 4.0))
    point = (rng.random(3) + np.arange(count)[:, None] * step) % 1.0
    height, around = 2.0 * point[:, 1] - 1.0, 2.0 * np.pi * point[:, 2]
    across = np.sqrt(1.0 - height**2)
    direction = np.stack([across * np.cos(around), across * np.sin(around), height], axis=1)
    return np.asarray(lengths(point[:, 0])[:, None] * direction)


def _near_lengths(share: Floats) -> Floats:
    """Lengths of the wave vectors of exp(-d) by the share that is shorter: density k² / (1 + k²)², with k = tan(angle)."""
    angle = np.linspace(0.0, np.pi / 2.0, _TABLE)
    return np.tan(np.interp(share, (2.0 * angle - np.sin(2.0 * angle)) / np.pi, angle))


def _far_lengths(share: Floats) -> Floats:
    """Lengths of the wave vectors of exp(-d²) by the share that is shorter: three Gaussian numbers of variance 2."""
    radius = np.linspace(0.0, 8.0, _TABLE)
    bulk = np.array([math.erf(value) for value in (radius / math.sqrt(2.0)).tolist()])
    shorter = bulk - math.sqrt(2.0 / np.pi) * radius * np.exp(-(radius**2) / 2.0)
    return math.sqrt(2.0) * np.interp(share, shorter, radius)


def _waves(latitude_rad: Floats, longitude_rad: Floats, wave_vectors: Floats) -> Floats32:
    """Cosines and sines of the waves at the sites; the vectors count Earth radii."""
    across = np.cos(latitude_rad)
    place = np.stack([across * np.cos(longitude_rad), across * np.sin(longitude_rad), np.sin(latitude_rad)], axis=1)
    count = len(wave_vectors)
    waves = np.empty((len(place), 2 * count), dtype=np.float32)
    for first in range(0, len(place), _ROWS):
        rows = slice(first, first + _ROWS)
        phase = np.remainder(place[rows] @ wave_vectors.T, 2.0 * np.pi).astype(np.float32)
        np.cos(phase, out=waves[rows, :count])
        np.sin(phase, out=waves[rows, count:])
    return waves
