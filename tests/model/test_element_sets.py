"""Rows of catalogues: exact epochs, physical ranges, bounded lists of faults."""

import math

import pytest

from skycommons.base.errors import Fault
from skycommons.model.element_sets import (
    ElementSet,
    FaultList,
    day_fraction_ns,
    day_of_year_ns,
    full_year,
    range_fault,
)

GOOD = ElementSet(
    place="line 1",
    name="",
    object_id="",
    catalogue_number=5,
    epoch_ns=0,
    mean_motion_rev_day=15.5,
    eccentricity=0.001,
    inclination_deg=53.0,
    raan_deg=1.0,
    arg_perigee_deg=2.0,
    mean_anomaly_deg=3.0,
    bstar=1e-4,
)


def with_column(column: str, value: float) -> ElementSet:
    """The good row but for one column."""
    return ElementSet(**(GOOD._asdict() | {column: value}))


def test_a_good_row_has_no_fault() -> None:
    assert range_fault(GOOD) == ""


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "column",
    [
        "mean_motion_rev_day",
        "eccentricity",
        "inclination_deg",
        "raan_deg",
        "arg_perigee_deg",
        "mean_anomaly_deg",
        "bstar",
    ],
)
def test_what_is_no_finite_number_is_a_fault(column: str, bad: float) -> None:
    fault = range_fault(with_column(column, bad))
    assert str(bad) in fault
    assert "must be" in fault


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        ("mean_motion_rev_day", 0.0),
        ("mean_motion_rev_day", -15.0),
        ("mean_motion_rev_day", 17.2),
        ("eccentricity", 1.0),
        ("eccentricity", -1e-9),
        ("inclination_deg", 180.1),
        ("inclination_deg", -0.1),
        ("raan_deg", 361.0),
    ],
)
def test_what_no_orbit_of_the_earth_has_is_a_fault(column: str, bad: float) -> None:
    assert range_fault(with_column(column, bad)).count("must be") == 1


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    assert range_fault(GOOD._replace(eccentricity=2.0, inclination_deg=200.0)).count("must be") == 2


def test_days_of_the_year_know_leap_years() -> None:
    assert day_of_year_ns(1970, 1) == 0
    assert day_of_year_ns(1957, 1) == -4748 * 86_400 * 10**9
    assert day_of_year_ns(2024, 366) == day_of_year_ns(2025, 1) - 86_400 * 10**9
    with pytest.raises(ValueError, match="day 366 is not in the year 2025"):
        day_of_year_ns(2025, 366)


def test_fractions_of_a_day_are_exact() -> None:
    assert day_fraction_ns("99999999") == 86_400 * 10**9 - 864_000


def test_two_digit_years_turn_at_57() -> None:
    assert [full_year(two) for two in (56, 57, 99, 0)] == [2056, 1957, 1999, 2000]


def test_a_list_of_faults_keeps_some_and_counts_all() -> None:
    faults = FaultList(2)
    for count in range(5):
        faults.add(Fault(f"line {count}", "is wrong"))
    assert (len(faults.kept), faults.count) == (2, 5)
