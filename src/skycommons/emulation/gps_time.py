"""Time as GPS counts it: from midnight at the begin of 6 January 1980, leap seconds included.

Rules: unix time has no leap seconds and GPS time has them, so that the two drift apart by one second at each. The table of leap
seconds is that of ERFA; none has been announced after the last of it.
"""

from bisect import bisect_right
from datetime import UTC, datetime
from functools import cache
from typing import Final

import erfa

from skycommons.base.constants import NS_PER_S

GPS_EPOCH_NS: Final = 315_964_800 * NS_PER_S  # 1980-01-06T00:00:00Z
_TAI_LESS_GPS_S: Final = 19


def gps_ns(time_ns: int) -> int:
    """Nanoseconds since the GPS epoch of an instant of UTC, given as unix time.

    Source: IS-GPS-200, 3.3.4; leap seconds of IERS Bulletin C by way of ERFA.
    """
    begins, leaps_s = _leaps()
    return time_ns - GPS_EPOCH_NS + leaps_s[bisect_right(begins, time_ns) - 1] * NS_PER_S


@cache
def _leaps() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """From when on GPS is how many seconds ahead, from its epoch on."""
    begins, leaps_s = [0], [0]
    for year, month, tai_less_utc_s in erfa.leap_seconds.get():
        ahead_s = round(float(tai_less_utc_s)) - _TAI_LESS_GPS_S
        if ahead_s > 0:
            begins.append(int(datetime(int(year), int(month), 1, tzinfo=UTC).timestamp()) * NS_PER_S)
            leaps_s.append(ahead_s)
    return tuple(begins), tuple(leaps_s)
