"""Time as int64 nanoseconds: reading, writing, grids."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.clock import format_time, parse_time, time_grid
from skycommons.base.errors import InputError

# Years 1 to 9999 in unix nanoseconds would not fit int64; what fits is 1678 to 2262.
INSTANTS_NS = st.integers(min_value=-(2**63) // 2, max_value=2**63 - 1)


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01", 0),
        ("1970-01-01 00:00:01", 1_000_000_000),
        ("  1970-01-01T00:00:01Z\n", 1_000_000_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T00:00:00.1234567899Z", 123_456_789),
        ("1970-01-01T01:00:00.5+01:00", 500_000_000),
        ("1969-12-31T23:59:59.75Z", -250_000_000),
        ("2026-05-21T12:00:00Z", int(datetime(2026, 5, 21, 12, tzinfo=UTC).timestamp()) * 1_000_000_000),
    ],
)
def test_an_iso_time_is_read_to_the_nanosecond(text: str, time_ns: int) -> None:
    """No offset means UTC; digits past the ninth are dropped."""
    assert parse_time(text) == time_ns


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-05-21T25:00:00Z", "2026-05-21T12:00:00.", "nan"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    """The message shows how a time is written."""
    with pytest.raises(InputError, match="2026-05-21T12:00:00Z"):
        parse_time(text)


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [(0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000000001Z"), (-250_000_000, "1969-12-31T23:59:59.75Z")],
)
def test_a_time_is_written_with_no_more_digits_than_it_has(time_ns: int, text: str) -> None:
    """Whole seconds carry no fraction."""
    assert format_time(time_ns) == text


@given(INSTANTS_NS)
def test_writing_and_reading_gives_the_same_instant(time_ns: int) -> None:
    """To the last nanosecond, before and after 1970."""
    assert parse_time(format_time(time_ns)) == time_ns


@pytest.mark.parametrize(("duration_s", "count"), [(45.0, 3), (46.0, 4), (1.0, 1), (15.0, 1), (86_400.0, 5_760)])
def test_a_grid_holds_its_start_and_not_its_end(duration_s: float, count: int) -> None:
    """A day of 15 s steps has 5,760 of them; two grids laid end to end share no step."""
    grid = time_grid(1_000, duration_s, 15.0)
    assert len(grid) == count
    assert grid[0] == 1_000
    assert grid[-1] < 1_000 + duration_s * 1e9


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_grid_needs_a_positive_step_and_duration(bad: float) -> None:
    """The message names which of the two is wrong."""
    with pytest.raises(InputError, match="step_s"):
        time_grid(0, 60.0, bad)
    with pytest.raises(InputError, match="duration_s"):
        time_grid(0, bad, 15.0)


def test_a_step_below_a_nanosecond_is_refused() -> None:
    """It would round to no step at all."""
    with pytest.raises(InputError, match="nanosecond"):
        time_grid(0, 60.0, 1e-10)
