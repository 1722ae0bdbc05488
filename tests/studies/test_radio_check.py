"""The row that every comparison of radio numbers gives."""

import pytest

from skycommons.studies.radio_check import RadioCheck


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
