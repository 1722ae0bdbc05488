"""Demand by the hour: people are busy in the evening, wherever it is evening.

Rules: the time that counts is mean local solar time, which follows from the longitude alone: no time zones, no summer time.
A shape holds at full hours; between two of them it is a straight line, and its last hour leads to its first.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError

_DAY_S: Final = 86_400.0
_HOUR_S: Final = 3_600.0
_HOURS: Final = 24


def demand_share(shape: tuple[float, ...], longitude_rad: Floats, time_ns: int) -> Floats:
    """``(C,)`` demand at an instant as a share of the busiest hour's.

    Args:
        shape: 24 shares, at 0 to 23 h of local solar time.
        longitude_rad: ``(C,)``, east positive, any turn.
        time_ns: UTC unix ns.
    Raises:
        InputError: The shape has not 24 hours.
    Accuracy: Mean solar time; the Sun itself is up to 16 min before or behind it.
    >>> evening = tuple(1.0 if hour == 21 else 0.0 for hour in range(24))
    >>> demand_share(evening, np.radians([0.0, 90.0, 97.5]), 15 * 3600 * 10**9).tolist()
    [0.0, 1.0, 0.5]
    """
    return _at(_whole_day(shape), _local_s(longitude_rad, time_ns))


def busiest_share(shape: tuple[float, ...], longitude_rad: Floats, *, start_ns: int, duration_s: float) -> Floats:
    """``(C,)`` the most that `demand_share` reaches within a span.

    Args:
        shape: 24 shares, at 0 to 23 h of local solar time.
        longitude_rad: ``(C,)``, east positive, any turn.
        start_ns: Where the span begins, UTC unix ns.
        duration_s: Its length.
    Raises:
        InputError: The shape has not 24 hours, or the length is negative.
    """
    day = _whole_day(shape)
    if not duration_s >= 0.0:
        raise InputError(f"a span lasts 0 s or more, not {duration_s:g}")
    begin_s = _local_s(longitude_rad, start_ns)
    end_s = begin_s + min(duration_s, _DAY_S)
    most = np.maximum(_at(day, begin_s), _at(day, end_s))
    for hour in range(2 * _HOURS + 1):  # lines reach their most at their ends
        within = (hour * _HOUR_S >= begin_s) & (hour * _HOUR_S <= end_s)
        most[within] = np.maximum(most[within], day[hour % _HOURS])
    return most


def _whole_day(shape: tuple[float, ...]) -> Floats:
    """A shape with its first hour again at its end."""
    if len(shape) != _HOURS:
        raise InputError(f"a day's demand has {_HOURS} hours, not {len(shape)}")
    return np.array([*shape, shape[0]], dtype=np.float64)


def _local_s(longitude_rad: Floats, time_ns: int) -> Floats:
    """Mean solar time at each longitude, seconds from 0 to a day."""
    day_s = time_ns % int(_DAY_S * NS_PER_S) / NS_PER_S
    return np.asarray(np.mod(day_s + np.asarray(longitude_rad) * (_DAY_S / (2.0 * np.pi)), _DAY_S))


def _at(day: Floats, local_s: Floats) -> Floats:
    """A day's demand at times of up to two days."""
    hours = np.mod(local_s, _DAY_S) / _HOUR_S
    return np.interp(hours, np.arange(_HOURS + 1), day)
