"""GPS time counts the leap seconds that unix time leaves out."""

from datetime import UTC, datetime

import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.gps_time import GPS_EPOCH_NS, gps_ns


def unix_ns(text: str) -> int:
    """An instant of UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS_PER_S


@pytest.mark.parametrize(
    ("utc", "ahead_s"),
    [
        ("1980-01-06T00:00:00", 0),
        ("1981-06-30T23:59:59", 0),
        ("1981-07-01T00:00:00", 1),
        ("1999-01-01T00:00:00", 13),
        ("2006-01-01T00:00:00", 14),
        ("2016-12-31T23:59:59", 17),
        ("2017-01-01T00:00:00", 18),
        ("2026-05-21T00:00:00", 18),
    ],
)
def test_gps_is_ahead_by_the_leap_seconds(utc: str, ahead_s: int) -> None:
    """As many as were inserted since 1980."""
    assert gps_ns(unix_ns(utc)) == unix_ns(utc) - GPS_EPOCH_NS + ahead_s * NS_PER_S


def test_the_first_second_of_gps_week_2238() -> None:
    """A known pair: the week begins on 27 November 2022, 18 s before midnight of UTC."""
    assert gps_ns(unix_ns("2022-11-26T23:59:42")) == 2238 * 604_800 * NS_PER_S


def test_no_nanosecond_gets_lost() -> None:
    """Whole numbers all the way."""
    assert gps_ns(1_750_507_200_123_456_789) % NS_PER_S == 123_456_789
