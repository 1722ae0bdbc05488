"""Fitting the weights of choice."""

import numpy as np
import pytest

from skycommons.base.errors import PlanError
from skycommons.plan.choice import ObservedUtility, choose, features
from skycommons.studies import fit_choice as module
from skycommons.studies.fit_choice import MeasuredChoices, fit_choice
from tests.support.choices import choice_sets, drawn_sets


def measured(seed: int, choices: int = 400) -> MeasuredChoices:
    """Choices of the built-in policy."""
    sets = drawn_sets(np.random.default_rng(seed), choices)
    satellite = np.arange(sets.offsets[-1])
    taken = choose(ObservedUtility(), sets, satellite=satellite, step=np.arange(choices), seed=seed)
    return MeasuredChoices(sets=sets, chosen=taken)


def test_no_other_weights_are_likelier() -> None:
    """A step in any direction from the fit loses."""
    data = measured(1)
    fitted = fit_choice([data])
    assert fitted.choices == 400
    assert fitted.log_likelihood_nats == data.log_likelihood_nats(fitted.weights_nats)
    for direction in np.vstack([np.eye(3, 7), -np.eye(3, 7)]):
        assert data.log_likelihood_nats(fitted.weights_nats + 0.1 * direction) < fitted.log_likelihood_nats


def test_parts_are_fitted_as_one() -> None:
    """Two halves give the weights of the whole."""
    data = measured(2)
    first, second = data.halves()
    assert (len(first), len(second)) == (200, 200)
    np.testing.assert_allclose(fit_choice([first, second]).weights_nats, fit_choice([data]).weights_nats, atol=1e-9)


def test_a_half_keeps_who_was_chosen() -> None:
    """Rows move, candidates do not."""
    data = measured(3)
    second = data.halves()[1]
    np.testing.assert_array_equal(features(second.sets)[second.chosen], features(data.sets)[data.chosen][200:])


def test_what_was_never_chosen_gets_a_finite_weight() -> None:
    """Perfectly separated data: the prior holds, and Newton's step is halved where it would lose."""
    sets = choice_sets([[24.0, 26.0]] * 50)
    fitted = fit_choice([MeasuredChoices(sets=sets, chosen=np.arange(50) * 2 + 1)])
    assert np.isfinite(fitted.weights_nats).all()
    assert fitted.weights_nats[4] < -2.0


def test_a_step_that_loses_is_halved() -> None:
    """From far away the full step overshoots."""
    data = measured(4)
    columns, here = features(data.sets), np.zeros(7)
    slope, curvature = module._slope_and_curvature(data, columns, here)
    far = np.asarray(64.0 * np.linalg.solve(curvature, slope), dtype=np.float64)
    step = module._improving(data, columns, here, far)
    assert module._objective(data, columns, here + far) < module._objective(data, columns, here)
    assert module._objective(data, columns, here + step) >= module._objective(data, columns, here)


def test_nothing_to_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is a fit that does not settle."""
    with pytest.raises(PlanError, match="no choice"):
        fit_choice([])
    monkeypatch.setattr(module, "_MAX_STEPS", 1)
    with pytest.raises(PlanError, match="do not settle"):
        fit_choice([measured(5)])
