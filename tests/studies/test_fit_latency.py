"""Fitting what is added to light."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import PlanError
from skycommons.plan.latency import LATENCY_2024_11, LatencyModel, rtt_quantiles
from skycommons.studies import fit_latency as module
from skycommons.studies.fit_latency import (
    FITTED,
    MeasuredQuantiles,
    fit_sites,
    fit_wait,
    in_the_fit,
    relative_errors,
)

TRUE = LatencyModel(name="true", fixed_s=9e-3, wait_s=15e-3, wait_shape=2.0, boundary_extra_s=60e-3)
SHARES = np.array([1e-3, 0.1, 0.5, 0.9, 0.99])


def measured(sites: int = 4, *, noise: float = 0.0) -> MeasuredQuantiles:
    """Sites whose times come from the true model."""
    draws = np.random.default_rng(5)
    light_s = draws.uniform(6e-3, 14e-3, (40, sites)) + np.linspace(0.0, 10e-3, sites)
    shares = np.repeat(SHARES[:, None], sites, axis=1)
    times_s = rtt_quantiles(TRUE, light_s, shares) * np.exp(noise * draws.standard_normal((1, sites)))
    return MeasuredQuantiles(light_s=light_s, weight=np.ones_like(light_s), shares=shares, measured_s=times_s)


def test_known_parameters_are_recovered() -> None:
    """From exact quantiles, whichever site is left out."""
    fitted = fit_sites("x", measured())
    for name in FITTED:
        assert getattr(fitted.model, name) == pytest.approx(getattr(TRUE, name), rel=0.02)
    assert np.abs(fitted.left_out).max() < 0.01
    assert all(error < 0.02 * getattr(TRUE, name) for name, error in fitted.model.errors)


def test_sites_that_differ_give_larger_errors() -> None:
    """Noise of 10 % between sites shows in the standard errors and at the sites left out."""
    exact, noisy = fit_sites("x", measured()), fit_sites("x", measured(noise=0.1))
    assert dict(noisy.model.errors)["wait_s"] > 10 * dict(exact.model.errors)["wait_s"]
    assert np.abs(noisy.left_out[2]).max() > 0.03


def test_the_wait_of_countries_is_recovered() -> None:
    """A third of countries with ways that nobody knows of does not move it much; unknown medians do not count."""
    draws = np.random.default_rng(6)
    light_s = draws.uniform(6e-3, 30e-3, (40, 30))
    weight = np.ones_like(light_s)
    true = replace(LATENCY_2024_11, wait_s=9e-3)
    median_s = rtt_quantiles(true, light_s, np.array([0.5]))[0]
    exact = fit_wait("x", LATENCY_2024_11, light_s=light_s, weight=weight, median_s=median_s)
    assert exact.wait_s == pytest.approx(9e-3, rel=1e-3)
    odd_s = median_s + np.where(np.arange(30) % 3 == 0, 20e-3, 0.0) + 1e-3 * draws.standard_normal(30)
    odd_s[1] = np.nan
    robust = fit_wait("x", LATENCY_2024_11, light_s=light_s, weight=weight, median_s=odd_s)
    assert robust.wait_s == pytest.approx(9e-3, rel=0.15)
    assert 0.0 < dict(robust.errors)["wait_s"] < 2e-3
    assert (robust.fixed_s, robust.wait_shape) == (LATENCY_2024_11.fixed_s, LATENCY_2024_11.wait_shape)


def test_what_cannot_be_fitted_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few sites, a site without ways, no country, a fit that does not settle."""
    data = measured()
    with pytest.raises(PlanError, match="too few"):
        fit_sites("x", data.take(np.array([0, 1])))
    nowhere = data.weight.copy()
    nowhere[:, 1] = 0.0
    with pytest.raises(PlanError, match="never has a way"):
        fit_sites("x", replace(data, weight=nowhere))
    with pytest.raises(PlanError, match="no country"):
        fit_wait("x", TRUE, light_s=data.light_s, weight=data.weight, median_s=np.full(4, np.nan))
    monkeypatch.setattr(module, "_MAX_STEPS", 1)
    with pytest.raises(PlanError, match="do not settle"):
        fit_sites("x", data)


def test_a_step_that_loses_is_halved() -> None:
    """From far away the method still comes home."""
    far = np.log([4e-3, 30e-3, 4.0, 20e-3])
    np.testing.assert_allclose(module._settled("x", measured(), start=far), module._settled("x", measured()), atol=0.05)


def test_every_second_name_is_fitted_to() -> None:
    """In the order of the alphabet, each once."""
    assert in_the_fit(["c", "a", "b", "d", "a"]) == ("a", "c")


def test_errors_are_shares_of_what_is_measured() -> None:
    """On either side."""
    np.testing.assert_allclose(relative_errors(np.array([9.0, 12.0]), np.array([10.0, 10.0])), [0.1, 0.2])
