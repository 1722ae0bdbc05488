"""Two-line element sets: good ones in every dress, and bad ones that are named by line and columns."""

from collections.abc import Callable

import pytest

from skycommons.base.clock import format_time
from skycommons.base.errors import Fault
from skycommons.model.element_sets import ElementSet
from skycommons.model.tle import read_tle
from tests.support.element_texts import Sample, sealed, tle_lines

# Vanguard 1, the oldest satellite still in orbit: the verification set of SGP4 (Vallado et al. 2006) begins with it.
VANGUARD = (
    "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753",
    "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667",
)


def rows_of(*lines: str) -> list[ElementSet]:
    """The rows of a text that has no faults."""
    rows = list(read_tle(lines))
    assert [row for row in rows if isinstance(row, Fault)] == []
    return [row for row in rows if isinstance(row, ElementSet)]


def only_fault(*lines: str) -> Fault:
    """The one fault of a text that holds nothing else."""
    (fault,) = read_tle(lines)
    assert isinstance(fault, Fault)
    return fault


def changed(line: str, first: int, text: str) -> str:
    """A line with other text from a column (from 1) on, and the checksum that fits."""
    return sealed((line[: first - 1] + text + line[first - 1 + len(text) :])[:68])


def test_every_field_of_a_known_set() -> None:
    (row,) = rows_of(*VANGUARD)
    assert row == ElementSet(
        place="line 1",
        name="",
        object_id="1958-002B",
        catalogue_number=5,
        epoch_ns=962_131_819_733_568_000,
        mean_motion_rev_day=10.82419157,
        eccentricity=0.1859667,
        inclination_deg=34.2682,
        raan_deg=348.7242,
        arg_perigee_deg=331.7664,
        mean_anomaly_deg=19.3264,
        bstar=0.28098e-4,
    )
    assert format_time(row.epoch_ns) == "2000-06-27T18:50:19.733568Z"


@pytest.mark.parametrize(
    "dress",
    [
        lambda title, one, two: [title, one, two],
        lambda title, one, two: [f"0 {title}", one, two],
        lambda title, one, two: [f"{title}         \r\n", f"{one}\r\n", f"{two}  \r\n"],
        lambda title, one, two: ["", title, "", one, "", two, "", "\x1a"],
        lambda title, one, two: ["# a comment", f"  {title}", f"  {one}", f"  {two}"],
    ],
)
def test_a_title_and_its_lines_in_every_dress(dress: Callable[[str, str, str], list[str]]) -> None:
    (row,) = rows_of(*dress("STARLINK-1008", *tle_lines(Sample())[1:]))
    assert (row.name, row.catalogue_number) == ("STARLINK-1008", 44714)


def test_two_line_sets_have_no_name() -> None:
    lines = [line for number in (1, 2) for line in tle_lines(Sample(number=number))[1:]]
    assert [(row.name, row.catalogue_number) for row in rows_of(*lines)] == [("", 1), ("", 2)]


@pytest.mark.parametrize("name", ["1 OF MANY", "2 BE OR NOT 2 BE", "0"])
def test_a_name_may_look_like_a_line_number(name: str) -> None:
    assert rows_of(name, *tle_lines(Sample())[1:])[0].name == name


def test_letters_stand_for_large_numbers() -> None:
    assert rows_of(*tle_lines(Sample(number=270_449)))[0].catalogue_number == 270_449


@pytest.mark.parametrize(
    ("designator", "object_id"),
    [("98067A  ", "1998-067A"), ("24129ABC", "2024-129ABC"), (" " * 8, ""), ("ANALYST ", "")],
)
def test_designators(designator: str, object_id: str) -> None:
    title, one, two = tle_lines(Sample())
    assert rows_of(title, changed(one, 10, designator), two)[0].object_id == object_id


@pytest.mark.parametrize(
    ("text", "bstar"),
    [
        (" 28098-4", 0.28098e-4),
        ("-28098-4", -0.28098e-4),
        ("+12345+1", 1.2345),
        (" 00000+0", 0.0),
        (" 00000 0", 0.0),
        ("        ", 0.0),
    ],
)
def test_drag_terms(text: str, bstar: float) -> None:
    title, one, two = tle_lines(Sample())
    assert rows_of(title, changed(one, 54, text), two)[0].bstar == bstar


def test_blanks_before_digits_are_zeros() -> None:
    title, one, two = tle_lines(Sample())
    two = changed(changed(two, 27, "   2533"), 64, "    1")
    assert rows_of(title, changed(one, 65, "    "), two)[0].eccentricity == 0.0002533


@pytest.mark.parametrize(
    ("line", "column", "text", "message"),
    [
        (1, 3, "a4714", "columns 3 to 7 (catalogue number) cannot hold 'a4714'"),
        (1, 19, "26X40", "columns 19 to 33 (epoch) cannot hold '26X40.00000000'"),
        (1, 54, " 2107O-3", "columns 54 to 62 (BSTAR) cannot hold '2107O-3'"),
        (2, 9, " 5 .1522", "columns 9 to 17 (inclination) cannot hold '5 .1522'"),
        (2, 27, "00O2533", "columns 27 to 34 (eccentricity) cannot hold '00O2533'"),
        (2, 53, "1 .46851868", "columns 53 to 63 (mean motion) cannot hold '1 .46851868'"),
    ],
)
def test_a_field_that_holds_something_else_is_named(line: int, column: int, text: str, message: str) -> None:
    lines = tle_lines(Sample())
    lines[line] = changed(lines[line], column, text)
    assert only_fault(*lines) == Fault(f"line {line + 1}", message)


def test_a_letter_in_the_number_that_is_no_alpha_5() -> None:
    title, one, two = tle_lines(Sample())
    fault = only_fault(title, changed(one, 3, "I4714"), changed(two, 3, "I4714"))
    assert "'I4714' is no catalogue number" in fault.message


@pytest.mark.parametrize("line", [1, 2])
def test_a_wrong_checksum_says_the_right_one(line: int) -> None:
    lines = tle_lines(Sample())
    right = int(lines[line][-1])
    lines[line] = lines[line][:-1] + str((right + 1) % 10)
    fault = only_fault(*lines)
    assert fault.place == f"line {line + 1}"
    assert f"is {(right + 1) % 10}, but columns 1 to 68 sum up to {right}" in fault.message


@pytest.mark.parametrize(("line", "length"), [(1, 40), (1, 68), (2, 68), (2, 20)])
def test_a_truncated_line_is_told_by_its_length(line: int, length: int) -> None:
    lines = tle_lines(Sample())
    lines[line] = lines[line][:length]
    assert only_fault(*lines) == Fault(f"line {line + 1}", f"has {length} characters; a line {line} of elements has 69")


def test_lines_of_two_objects_are_no_pair() -> None:
    fault = only_fault(tle_lines(Sample(number=5))[1], tle_lines(Sample(number=6))[2])
    assert fault == Fault("line 2", "belongs to object 00006, but the line 1 before it to 00005")


def test_a_day_that_the_year_does_not_have() -> None:
    _, one, two = tle_lines(Sample())
    assert "day 366 is not in the year 2026" in only_fault(changed(one, 19, "26366"), two).message


def test_elements_for_another_theory_are_refused() -> None:
    _, one, two = tle_lines(Sample())
    assert "SGP4-XP" in only_fault(changed(one, 63, "4"), two).message


def test_values_outside_the_range_are_refused() -> None:
    _, one, two = tle_lines(Sample())
    fault = only_fault(one, changed(two, 53, "00.00000000"))
    assert fault.place == "line 2"
    assert "mean motion 0.0" in fault.message


def test_lines_without_their_partner_spoil_nothing_else() -> None:
    """The reader finds its way again after a missing line 1, a missing line 2, and at the end of a cut file."""
    sets = [tle_lines(Sample(name=f"SAT-{number}", number=number)) for number in range(1, 7)]
    lines = [*sets[0], *sets[1][:2], *sets[2], sets[3][0], sets[3][2], *sets[4], *sets[5][:2]]
    rows = list(read_tle(lines))
    assert [row.name for row in rows if isinstance(row, ElementSet)] == ["SAT-1", "SAT-3", "SAT-5"]
    assert [str(row) for row in rows if isinstance(row, Fault)] == [
        "line 5: a line 1 that no line 2 follows; the element set is left out",
        "line 10: a line 2 without its line 1; the element set is left out",
        "line 15: the file ends after this line 1; its line 2 is missing",
    ]


def test_a_line_1_after_a_line_1_counts_for_itself() -> None:
    title, one, two = tle_lines(Sample())
    rows = list(read_tle([title, one, one, two]))
    assert [type(row) for row in rows] == [Fault, ElementSet]


def test_text_that_belongs_to_no_set_is_one_fault_for_all_its_lines() -> None:
    lines = ["a report", "of nothing", "72 22", *tle_lines(Sample()), "that was", "all"]
    rows = list(read_tle(lines))
    assert [str(row) for row in rows if isinstance(row, Fault)] == [
        "lines 1 to 3: text that belongs to no element set",
        "lines 7 to 8: text that belongs to no element set",
    ]
    assert sum(isinstance(row, ElementSet) for row in rows) == 1


def test_a_single_stray_line() -> None:
    rows = list(read_tle(["72 22", *tle_lines(Sample()), "the end"]))
    assert [str(row) for row in rows if isinstance(row, Fault)] == [
        "line 1: text that belongs to no element set",
        "line 5: text that belongs to no element set",
    ]
