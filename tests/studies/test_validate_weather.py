"""The simulated weather keeps its laws, and the comparison would say so if it did not."""

import pytest

from skycommons.studies import validate_weather
from skycommons.studies.radio_check import Acceptance
from skycommons.studies.validate_weather import weather_checks

SHORT = 3_000  # instants: enough for a test


def test_every_row_agrees_and_says_what_it_shows() -> None:
    """Three shares of the year, space, time; each with value, expectation and source."""
    checks = weather_checks(instants=SHORT)
    assert [check.name for check in checks if not check.verdict] == []
    assert [check.cases for check in checks] == [1, 1, 1, 2, 3]
    assert {check.test for check in checks} == {Acceptance.WEATHER}
    assert checks[0].expectation.startswith("1 %, within 0.045 %")
    assert checks[3].name == "correlation of the weather at 60, 232 km, mean of 150 pairs"
    assert checks[4].recommendation == "ITU-R P.1853-2"


def test_weather_of_another_law_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the reason of the tolerance stands beside."""
    monkeypatch.setattr(validate_weather, "LAGS_S", (1_800.0,))
    monkeypatch.setattr(validate_weather, "time_correlation", lambda lag_s: 0.5 + 0.0 * lag_s)
    last = weather_checks(instants=200)[-1]
    assert not last.verdict
    assert last.reason == "1,024 frequencies are a finite set"
