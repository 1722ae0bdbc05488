"""Time inside is ``int64`` nanoseconds of UTC since 1970-01-01 (unix time); durations are float seconds.

Leap seconds: unix time has none, so an interval across a leap second is one second short. SGP4 and every satellite
tool in use share this convention.
"""

from datetime import UTC, datetime, timedelta

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_time(text: str) -> int:
    """UTC unix nanoseconds of an ISO 8601 instant; without an offset it is read as UTC.

    Raises:
        InputError: The text is not an ISO 8601 instant.
    >>> parse_time("1970-01-01T00:00:01.5Z")
    1500000000
    """
    head, fraction_ns = _split_fraction(text.strip())
    try:
        instant = datetime.fromisoformat(head)
    except ValueError:
        raise InputError(f"{text!r} is not an ISO 8601 time such as 2026-05-21T12:00:00Z") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * NS_PER_S + since.microseconds * 1000 + fraction_ns


def _split_fraction(text: str) -> tuple[str, int]:
    """The text without its decimal seconds, and those as whole nanoseconds."""
    head, dot, tail = text.partition(".")
    if not dot:
        return text, 0
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    if not digits:
        return text, 0
    return head + tail[len(digits) :], int(digits[:9].ljust(9, "0"))


def format_time(time_ns: int) -> str:
    """ISO 8601 in UTC, with a fraction only where there is one.

    >>> format_time(1_500_000_000)
    '1970-01-01T00:00:01.5Z'
    """
    seconds, fraction_ns = divmod(int(time_ns), NS_PER_S)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{fraction_ns:09d}".rstrip("0") if fraction_ns else ""
    return f"{text}{fraction}Z"


def time_grid(start_ns: int, duration_s: float, step_s: float) -> Ints:
    """Instants from the start (included) to the end of the duration (excluded), ``(T,)`` ns.

    Raises:
        InputError: The step or the duration is not positive and finite.
    >>> time_grid(0, 45.0, 15.0).tolist()
    [0, 15000000000, 30000000000]
    """
    if not (np.isfinite(step_s) and step_s > 0):
        raise InputError(f"step_s: {step_s} must be a positive number of seconds")
    if not (np.isfinite(duration_s) and duration_s > 0):
        raise InputError(f"duration_s: {duration_s} must be a positive number of seconds")
    step_ns = round(step_s * NS_PER_S)
    if step_ns < 1:
        raise InputError(f"step_s: {step_s} is below one nanosecond")
    count = -(-round(duration_s * NS_PER_S) // step_ns)
    return start_ns + step_ns * np.arange(max(count, 1), dtype=np.int64)
