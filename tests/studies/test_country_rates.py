"""Median rates of countries."""

import numpy as np
import pytest

from skycommons.base.errors import PlanError
from skycommons.studies.country_rates import DOWNLOAD_2026_05, UPLOAD_2026_05, RateModel, fit_rate

TRUE = RateModel(name="x", usual_bps=2e8, crowd_exponent=-0.1, wet_exponent=-0.4)


def test_known_parameters_are_recovered() -> None:
    """Exactly without noise, within errors with it; unknown rates do not count."""
    draws = np.random.default_rng(3)
    people, wet = 10.0 ** draws.uniform(3, 7, 60), draws.uniform(30, 130, 60)
    rate_bps = TRUE.rate_bps(people, wet)
    exact = fit_rate("x", people=people, wet_refractivity=wet, rate_bps=rate_bps)
    assert exact.usual_bps == pytest.approx(2e8)
    assert exact.crowd_exponent == pytest.approx(-0.1)
    noisy = rate_bps * np.exp(0.2 * draws.standard_normal(60))
    noisy[0] = np.nan
    fitted = fit_rate("x", people=people, wet_refractivity=wet, rate_bps=noisy)
    for name, error in fitted.errors:
        scale = TRUE.usual_bps if name == "usual_bps" else 1.0
        assert abs(getattr(fitted, name) - getattr(TRUE, name)) < 3 * error * scale


def test_crowds_and_moist_air_make_the_packaged_rates_lower() -> None:
    """Beyond two standard errors."""
    for model in (DOWNLOAD_2026_05, UPLOAD_2026_05):
        errors = dict(model.errors)
        assert model.crowd_exponent < -2 * errors["crowd_exponent"]
        assert model.wet_exponent < -2 * errors["wet_exponent"]


def test_too_few_countries_are_refused() -> None:
    """Three unknowns need more than three."""
    with pytest.raises(PlanError, match="too few"):
        fit_rate("x", people=np.ones(3), wet_refractivity=np.ones(3), rate_bps=np.ones(3))
