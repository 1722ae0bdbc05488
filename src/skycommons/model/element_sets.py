"""One element set as a file holds it, before it becomes a row of a table.

Rules: readers yield, row by row, either an `ElementSet` or a `Fault`; they never raise for a bad row. Epochs are computed
from their digits in whole nanoseconds, never through floating point. A row outside the physical range is a fault.
"""

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from skycommons.base.errors import Fault

_DAY_NS: Final = 86_400_000_000_000
_UNIX_DAY: Final = date(1970, 1, 1).toordinal()
_CENTURY_PIVOT: Final = 57  # two-digit years 57 to 99 are 19xx: T. S. Kelso, Satellite Times 4(3), 1998
_MAX_REV_DAY: Final = 17.1  # a circular orbit at the Earth's surface makes 17.04 turns a day (WGS 72)
_MIN_REV_DAY: Final = 0.01  # beyond the Moon's distance, where SGP4 says nothing


class ElementSet(NamedTuple):
    """Mean elements of one satellite in the units of TLE and OMM files.

    Attributes:
        place: Where it stands in the file.
        name: Name of the satellite; empty where the file has none.
        object_id: International designator such as ``2019-074A``; empty where unknown.
        catalogue_number: NORAD catalogue number; 0 where there is none.
        epoch_ns: UTC unix ns.
        mean_motion_rev_day: Kozai mean motion in turns a day.
        bstar: Drag term, per Earth radius.
    """

    place: str
    name: str
    object_id: str
    catalogue_number: int
    epoch_ns: int
    mean_motion_rev_day: float
    eccentricity: float
    inclination_deg: float
    raan_deg: float
    arg_perigee_deg: float
    mean_anomaly_deg: float
    bstar: float


@dataclass(slots=True)
class FaultList:
    """Faults up to a limit; the rest are only counted, so that noise fills neither memory nor screen.

    Attributes:
        limit: How many are kept.
        kept: The first ones.
        count: How many there were.
    """

    limit: int
    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: Fault) -> None:
        """Keep or count one more."""
        self.count += 1
        if len(self.kept) < self.limit:
            self.kept.append(fault)


def range_fault(row: ElementSet) -> str:
    """What lies outside the range of an orbit round the Earth, as one sentence; empty when nothing does."""
    complaints = []
    if not _MIN_REV_DAY <= row.mean_motion_rev_day <= _MAX_REV_DAY:
        complaints.append(
            f"mean motion {row.mean_motion_rev_day} rev/day must be in {_MIN_REV_DAY} to {_MAX_REV_DAY}, an orbit of the Earth"
        )
    if not 0.0 <= row.eccentricity < 1.0:
        complaints.append(f"eccentricity {row.eccentricity} must be at least 0 and below 1")
    if not 0.0 <= row.inclination_deg <= 180.0:
        complaints.append(f"inclination {row.inclination_deg} must be in 0 to 180 degrees")
    for name, angle_deg in (
        ("right ascension of the node", row.raan_deg),
        ("argument of perigee", row.arg_perigee_deg),
        ("mean anomaly", row.mean_anomaly_deg),
    ):
        if not -360.0 <= angle_deg <= 360.0:
            complaints.append(f"{name} {angle_deg} must be in -360 to 360 degrees")
    if not math.isfinite(row.bstar):
        complaints.append(f"BSTAR {row.bstar} must be a finite number")
    return "; ".join(complaints)


def full_year(two_digits: int) -> int:
    """The year that two digits stand for in a TLE: 57 to 99 are 19xx, 00 to 56 are 20xx.

    Source: T. S. Kelso, "Frequently Asked Questions: Two-Line Element Set Format", Satellite Times 4(3), 1998.

    >>> full_year(57), full_year(56)
    (1957, 2056)
    """
    return two_digits + (1900 if two_digits >= _CENTURY_PIVOT else 2000)


def day_of_year_ns(year: int, day: int) -> int:
    """UTC unix ns of the midnight that begins a day of a year; day 1 is 1 January.

    Raises:
        ValueError: The year has no such day.
    """
    first = date(year, 1, 1).toordinal()
    days = date(year + 1, 1, 1).toordinal() - first
    if not 1 <= day <= days:
        raise ValueError(f"day {day} is not in the year {year}, which has {days} days")
    return (first - _UNIX_DAY + day - 1) * _DAY_NS


def day_fraction_ns(digits: str) -> int:
    """Nanoseconds of the decimals of a day, exactly for up to eight digits.

    >>> day_fraction_ns("5"), day_fraction_ns("00000001")
    (43200000000000, 864000)
    """
    whole_day: int = 10 ** len(digits)
    return int(digits) * _DAY_NS // whole_day
