"""The row that every comparison of radio numbers gives."""

from dataclasses import replace

import pytest

from skycommons.studies.radio_check import Acceptance, Judgement, RadioCheck, compared, markdown_table, not_comparable


@pytest.mark.parametrize(("cases", "within", "verdict"), [(3, 3, True), (3, 2, False), (0, 0, False)])
def test_a_check_holds_if_it_has_cases_and_all_agree(cases: int, within: int, *, verdict: bool) -> None:
    """Nothing compared is nothing shown."""
    check = RadioCheck(
        name="rain",
        recommendation="P.618-14",
        cases=cases,
        within=within,
        largest_relative=0.0,
        largest_absolute_db=0.0,
        tolerance="1e-6 relative",
    )
    assert check.verdict is verdict


def checked(ours: list[float], theirs: list[float], *, absolute: float = 0.0, relative: float = 0.0) -> RadioCheck:
    """A comparison of numbers in decibels."""
    return compared(
        "C/N",
        "a table",
        ours,
        theirs,
        test=Acceptance.BUDGETS,
        unit="dB",
        reason="other noise",
        absolute=absolute,
        relative=relative,
    )


def test_few_numbers_are_shown_one_by_one() -> None:
    """Ours, theirs and the tolerance, with the unit; the reason only where it is needed."""
    check = checked([8.561, 18.37], [8.5, 18.4], absolute=0.1)
    assert check.shown_value == "8.561, 18.37 dB"
    assert check.shown_expectation == "8.5, 18.4 dB, within 0.1 dB"
    assert (check.judgement, check.reason) == (Judgement.AGREES, "")
    assert checked([1.0], [2.0], relative=0.2).shown_expectation == "2 dB, within 20 %"
    assert checked([1.0], [2.0], relative=0.2).reason == "other noise"


def test_many_numbers_are_counted() -> None:
    """With the largest difference; what is only rounding is rounded up to a power of ten."""
    check = checked([1.0] * 7, [1.0] * 6 + [1.05], absolute=0.01)
    assert (check.shown_value, check.shown_expectation) == ("6 of 7, at most 0.05 apart", "7 numbers, 0.01 absolute")
    assert check.judgement is Judgement.DISAGREES
    assert checked([1.0] * 7, [1.0 + 4e-8] * 7, absolute=0.01).shown_value == "7 of 7, at most 1e-07 apart"
    assert checked([1.0] * 7, [1.0] * 7, absolute=0.01).shown_value == "7 of 7, at most 1e-09 apart"


def test_nothing_compared_says_so() -> None:
    """No numbers, no agreement."""
    check = checked([], [], absolute=1.0)
    assert (check.judgement, check.reason, check.cases) == (Judgement.DISAGREES, "other noise", 0)


def test_what_cannot_be_compared_has_no_verdict() -> None:
    """Whatever the numbers say."""
    assert replace(checked([1.0], [1.0], absolute=0.1), comparable=False).judgement is Judgement.NOT_COMPARABLE
    check = not_comparable("C/N", "a rumour", test=Acceptance.BUDGETS, value="1 dB", expectation="9 dB", reason="old")
    assert (check.judgement, check.shown_value, check.shown_expectation) == (Judgement.NOT_COMPARABLE, "1 dB", "9 dB")


def test_a_page_shows_rows_in_the_order_of_the_tests() -> None:
    """With the reason beside the verdict, and no bar that would break the table."""
    late = replace(checked([1.0], [2.0], absolute=0.1), test=Acceptance.PLAUSIBILITY, name="a|b")
    lines = markdown_table([late, checked([1.0], [1.0], absolute=0.1)]).splitlines()
    assert lines[2] == "| link budgets | C/N | 1 dB | 1 dB, within 0.1 dB | agrees | a table |"
    assert lines[3].startswith("| plausibility, not accuracy | a/b |")
    assert "| disagrees: other noise |" in lines[3]
