"""Two stations for one service: how often rain closes both, and how many decibels the second one saves.

Two methods of P.618. The joint exceedance holds for any two sites and thresholds: it asks how often it rains at both, and
how often both fades are deep when it does, each by a bivariate normal law whose correlation falls with the distance. The
diversity gain is a rule of thumb for two alike sites less than 20 km apart. Both speak of rain alone; above 20 GHz other
losses are shared by both sites and are not in them.
"""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, freeze
from skycommons.radio.rain import RainPath, rain_loss_db
from skycommons.radio.recommendations import above_horizon
from skycommons.radio.weather_field import space_correlation, upper_tail

LONGEST_GAIN_M: Final = 20_000.0  # sites further apart are outside the rule of thumb

_NODES: Final = 128
_SMALLEST_ANGLE_RAD: Final = 1e-12  # nearer to full correlation the integrand adds nothing that a float holds
# Where the law is fitted. P.618 leaves the choice free; these percentages give the ITU's own examples again, the set that
# its text suggests misses them by up to 23 %.
_FITTED_PERCENT: Final = (0.001, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RainFade:
    """Rain attenuation of ``N`` paths as a log-normal law that holds while it rains.

    Attributes:
        share: ``(N,)`` share of the year in which it rains.
        median_db: ``(N,)`` attenuation that half of the rain exceeds; 0 where it never rains on the path.
        deviation: ``(N,)`` standard deviation of the natural logarithm of the attenuation.
    """

    share: Floats
    median_db: Floats
    deviation: Floats

    def tail(self, loss_db: Floats | float) -> Floats:
        """``(N,)`` share of the year in which one path alone loses more."""
        return np.where(self.median_db > 0.0, self.share * _tail(self.level(loss_db)), 0.0)

    def level(self, loss_db: Floats | float) -> Floats:
        """``(N,)`` standard deviations that an attenuation above 0 dB lies above the median."""
        wet = np.where(self.median_db > 0.0, self.median_db, 1.0)
        return np.asarray((np.log(loss_db) - np.log(wet)) / self.deviation)


def fade_correlation(distance_m: Floats | float) -> Floats:
    """Correlation of the normal variates that stand for the depth of two fades while it rains at both places.

    Source: ITU-R P.618-14 §2.2.4.1.
    """
    km = np.asarray(distance_m, dtype=np.float64) / 1e3
    return np.asarray(0.94 * np.exp(-km / 30.0) + 0.06 * np.exp(-((km / 500.0) ** 2)))


def bivariate_normal_tail(
    first_level: Floats | float, second_level: Floats | float, correlation: Floats | float
) -> Floats:
    """Probability that two correlated standard normal variates both exceed their limits.

    Args:
        first_level, second_level: Finite limits; any shapes that broadcast.
        correlation: 0 to 1; NaN elsewhere.
    Accuracy: 1e-12 relative of a one-dimensional quadrature, limits of -1 to 4 (tests/radio/test_diversity.py).
    Source: Plackett 1954 (Biometrika 41, 351): the derivative by the correlation is the bivariate density; integrated over
        the angle whose cosine is the correlation, on nodes that are even in its logarithm.
    >>> bivariate_normal_tail(0.0, 0.0, 0.5).round(9).tolist()
    0.333333333
    """
    h, k, rho = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (first_level, second_level, correlation))
    )
    node, weight = _nodes()
    rho = np.where((rho >= 0.0) & (rho <= 1.0), rho, np.nan)
    span = np.log(np.pi / 2.0 / np.maximum(np.arccos(rho), _SMALLEST_ANGLE_RAD))
    angle = np.pi / 2.0 * np.exp(-span[..., np.newaxis] * node)
    apart = ((h - k)[..., np.newaxis] / np.sin(angle)) ** 2 / 2.0
    depth = (h * k)[..., np.newaxis] / (2.0 * np.cos(angle / 2.0) ** 2)
    together = span * np.sum(weight * angle * np.exp(-apart - depth), axis=-1) / (2.0 * np.pi)
    return np.asarray(_tail(h) * _tail(k) + together)


def rain_fade(path: RainPath, share: Floats | float) -> RainFade:
    """The log-normal law of a path's rain attenuation, fitted to P.618's percentages.

    Args:
        path: ``N`` paths.
        share: Share of the year in which it rains there, above 1e-4 and below 1; NaN elsewhere. Broadcasts.
    Source: ITU-R P.618-14 §2.2.4.1, fit of a log-normal law, to percentages below the share of rain.
    """
    fitted = np.array(_FITTED_PERCENT) / 100.0
    columns = np.stack(np.broadcast_arrays(*[rain_loss_db(path, one) for one in fitted]), axis=-1)
    rain, _ = np.broadcast_arrays(np.asarray(share, dtype=np.float64), columns[..., 0])
    rain = np.where((rain > fitted[1]) & (rain < 1.0), rain, np.nan)
    used = fitted < rain[..., np.newaxis]
    level = _level(np.where(used, fitted / rain[..., np.newaxis], 0.5))
    wet = columns[..., 0] > 0.0
    logs = np.log(np.where(wet[..., np.newaxis], columns, 1.0))
    count = np.maximum(np.sum(used, axis=-1), 1)
    mean_level = np.sum(level * used, axis=-1) / count
    mean_log = np.sum(logs * used, axis=-1) / count
    off = (level - mean_level[..., np.newaxis]) * used
    slope = np.sum(off * logs, axis=-1) / np.where(count > 1, np.sum(off**2, axis=-1), np.nan)
    median = np.where(wet, np.exp(mean_log - slope * mean_level), 0.0)
    return RainFade(share=rain, median_db=median, deviation=np.where(wet, slope, 1.0))


def joint_exceedance(
    first: RainFade, second: RainFade, *, first_db: Floats | float, second_db: Floats | float, distance_m: Floats
) -> Floats:
    """Share of the year in which the rain takes more than a threshold from both of two paths.

    Args:
        first, second: ``(N,)`` paths, pair by pair.
        first_db, second_db: Thresholds above 0 dB.
        distance_m: ``(N,)`` between the sites.
    Returns:
        ``(N,)``; 0 where it never rains on one of the paths.
    Accuracy: 0.6 % of the ITU's twelve examples, with rain rates of our own (tests/radio/test_diversity.py).
    Source: ITU-R P.618-14 §2.2.4.1.
    """
    rains = bivariate_normal_tail(_level(first.share), _level(second.share), space_correlation(distance_m))
    deep = bivariate_normal_tail(first.level(first_db), second.level(second_db), fade_correlation(distance_m))
    return np.where((first.median_db > 0.0) & (second.median_db > 0.0), rains * deep, 0.0)


def diversity_gain_db(
    loss_db: Floats | float,
    distance_m: Floats | float,
    *,
    frequency_hz: Floats | float,
    elevation_rad: Floats | float,
    baseline_rad: Floats | float,
) -> Floats:
    """Decibels that a second, alike site saves: a rule of thumb for near sites.

    Args:
        loss_db: Rain attenuation of one site alone.
        distance_m: Between the sites; `outside_gain` labels what is not below 20 km.
        frequency_hz: Of the carrier.
        elevation_rad: Of the path; NaN not above the horizon.
        baseline_rad: Between the path's azimuth and the line between the sites, 0 to π/2.
    Source: ITU-R P.618-14 §2.2.4.2, after Hodge 1982 (Radio Science 17, 1393).
    """
    loss, km = np.asarray(loss_db, dtype=np.float64), np.asarray(distance_m, dtype=np.float64) / 1e3
    most = 0.78 * loss - 1.94 * (1.0 - np.exp(-0.11 * loss))
    rate = 0.59 * (1.0 - np.exp(-0.1 * loss))
    of_distance = most * (1.0 - np.exp(-rate * km))
    of_frequency = np.exp(-0.025 * np.asarray(frequency_hz, dtype=np.float64) / 1e9)
    of_elevation = 1.0 + 0.006 * np.degrees(above_horizon(np.asarray(elevation_rad, dtype=np.float64)))
    of_baseline = 1.0 + 0.002 * np.degrees(np.asarray(baseline_rad, dtype=np.float64))
    return np.asarray(of_distance * of_frequency * of_elevation * of_baseline)


def outside_gain(distance_m: Floats | float) -> Bools:
    """Where two sites are too far apart for `diversity_gain_db`: results there are no more than formulas.

    >>> outside_gain(np.array([5e3, 80e3])).tolist()
    [False, True]
    """
    return ~(np.asarray(distance_m) < LONGEST_GAIN_M)


def _tail(level: Floats) -> Floats:
    """`upper_tail` of any shape."""
    return upper_tail(np.ravel(level)).reshape(np.shape(level))


def _level(share: Floats) -> Floats:
    """The level that a standard normal variate exceeds with a probability in (0, 1); NaN for others."""
    normal = NormalDist()
    return np.asarray(
        np.vectorize(lambda one: -normal.inv_cdf(one) if 0.0 < one < 1.0 else np.nan, otypes=[np.float64])(share)
    )


@cache
def _nodes() -> tuple[Floats, Floats]:
    """Gauss and Legendre's nodes and weights between 0 and 1."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    share, half = (node + 1.0) / 2.0, weight / 2.0
    freeze(share, half)
    return share, half
