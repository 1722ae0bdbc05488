"""Every acceptance test of the radio room at once, and the page that shows them."""

from pathlib import Path

import pytest

from scripts.make_accuracy import page
from skycommons.studies.radio_check import Acceptance, Judgement, RadioCheck
from skycommons.studies.validate_radio import validate_radio

# What disagrees, and stays on the page until the model is better: nothing is fitted.
DISAGREES: list[str] = []


@pytest.fixture(scope="module")
def checks(shared_data: Path) -> list[RadioCheck]:
    """One run for all tests."""
    return validate_radio(shared_data / "radio")


def test_all_agree_but_those_that_are_known_not_to(checks: list[RadioCheck]) -> None:
    """Each of these says why."""
    found = [check for check in checks if check.judgement is Judgement.DISAGREES]
    assert [check.name for check in found] == DISAGREES
    assert all(check.reason for check in checks if check.judgement is not Judgement.AGREES)


def test_every_acceptance_test_has_rows(checks: list[RadioCheck]) -> None:
    """And no quantity stands twice."""
    assert {check.test for check in checks} == set(Acceptance)
    assert len({check.name for check in checks}) == len(checks)


def test_the_page_shows_what_the_command_computes(checks: list[RadioCheck], repository: Path) -> None:
    """If this fails, run ``python scripts/make_accuracy.py``."""
    text = (repository / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert page(text, checks) == text
