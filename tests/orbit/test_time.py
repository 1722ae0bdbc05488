"""Scales of time, and the IERS table."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.arrays import Floats, Ints
from skycommons.base.clock import parse_time
from skycommons.orbit.time import IersTable, SiderealOnly, julian_date, universal_time

ARCSECOND_RAD = np.pi / 648_000.0


def at(table: IersTable, *instants: str) -> Floats:
    """UT1 - UTC at ISO times."""
    return table.at(np.array([parse_time(instant) for instant in instants])).dut1_s


def row(mjd: float, dut1_s: str, *, x: str = "0.100000", y: str = "0.300000") -> str:
    """A line of a finals2000A file, in its fixed columns."""
    line = [" "] * 188
    for start, text in ((7, f"{mjd:8.2f}"), (18, f"{x:>9}"), (37, f"{y:>9}"), (58, f"{dut1_s:>10}")):
        line[start : start + len(text)] = text
    return "".join(line).rstrip()


@pytest.fixture
def small(tmp_path: Path) -> IersTable:
    """Four days around a leap second at the end of 2016, and a day without values."""
    rows = [row(57752, "-0.4060"), row(57753, "-0.4080", x="0.200000"), row(57754, "0.5910"), row(57755, "0.5890")]
    path = tmp_path / "finals.txt"
    path.write_text("\n".join([*rows, row(57756, "", x="", y="")]) + "\n", encoding="ascii")
    return IersTable.load(path)


def test_a_julian_date_comes_in_two_parts() -> None:
    """Midnight and fraction, before 1970 too."""
    time_ns = np.array([parse_time("2000-01-01T12:00:00Z"), parse_time("1969-12-31T18:00:00Z")])
    day, fraction = julian_date(time_ns)
    assert day.tolist() == [2_451_544.5, 2_440_586.5]
    assert fraction.tolist() == [0.5, 0.75]


def test_universal_time_is_off_by_its_difference() -> None:
    _, fraction = universal_time(np.array([0]), np.array([0.864]))
    assert fraction.tolist() == [pytest.approx(1e-5)]


def test_the_fast_path_knows_no_angles() -> None:
    angles = SiderealOnly().at(np.array([0, 1]))
    for column in (angles.dut1_s, angles.pole_x_rad, angles.pole_y_rad):
        assert column.tolist() == [0.0, 0.0]


def test_rows_without_values_are_left_out(small: IersTable) -> None:
    """Days of the future that the file lists and does not know."""
    assert small.mjd.tolist() == [57752, 57753, 57754, 57755]


def test_values_are_linear_between_days(small: IersTable) -> None:
    """UT1 and the pole alike; the pole is given in seconds of arc."""
    noon = np.array([parse_time("2016-12-30T12:00:00Z")])
    angles = small.at(noon)
    assert angles.dut1_s.tolist() == [pytest.approx(-0.4070)]
    assert angles.pole_x_rad.tolist() == [pytest.approx(0.15 * ARCSECOND_RAD)]
    assert angles.pole_y_rad.tolist() == [pytest.approx(0.3 * ARCSECOND_RAD)]


def test_outside_the_table_the_nearest_value_holds(small: IersTable) -> None:
    """Years before and after."""
    assert at(small, "1960-01-01", "2016-12-01", "2017-02-01", "2100-01-01").tolist() == [
        -0.4060,
        -0.4060,
        pytest.approx(0.5890),
        pytest.approx(0.5890),
    ]


def test_a_leap_second_is_a_step_at_midnight(small: IersTable) -> None:
    """Until the last moment of 2016 UT1 falls behind; then UTC waits a second."""
    before, last, after = at(small, "2016-12-31", "2016-12-31T23:59:59.999", "2017-01-01")
    assert before == pytest.approx(-0.4080)
    assert last == pytest.approx(-0.4090, abs=1e-6)
    assert after == pytest.approx(0.5910, abs=1e-9)


def test_the_bundled_table_has_the_same_step() -> None:
    """And it is read only once."""
    table = IersTable.load()
    last, after = at(table, "2016-12-31T23:59:59.999", "2017-01-01")
    assert after - last == pytest.approx(1.0, abs=1e-3)
    assert IersTable.load() is table


def test_the_bundled_table_keeps_the_law_of_leap_seconds() -> None:
    """UT1 stays within 0.9 s of UTC from 1973 to the end, and moves by less than 5 ms a day."""
    table = IersTable.load()
    assert table.mjd[0] == 41_684
    assert np.abs(table.dut1_s).max() < 0.9
    hours: Ints = parse_time("1973-01-03") + np.arange(24 * 365 * 45, dtype=np.int64) * 3_600_000_000_000
    dut1_s = table.at(hours).dut1_s
    jumps = np.diff(dut1_s)
    assert np.abs(jumps - np.rint(jumps)).max() < 5e-3 / 24
    assert set(np.rint(jumps)) == {0.0, 1.0}
