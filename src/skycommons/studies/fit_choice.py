"""Estimates what the real scheduler prefers, from measured choices of the serving satellite.

The weights of the conditional logit are those of the highest likelihood, by Newton's method with a halved step where a
full one would lose. A Gaussian prior of mean 0 and deviation 5 nats keeps finite the weight of what never was chosen;
on the others it is without visible effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import PlanError
from skycommons.plan.choice import ChoiceSets, features, join, log_softmax

_PRIOR_DEVIATION_NATS: Final = 5.0
_MAX_STEPS: Final = 60
_ENOUGH_NATS: Final = 1e-9
_SHORTEST_STEP: Final = 2.0**-30


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredChoices:
    """Choices that somebody made.

    Attributes:
        sets: ``N`` choices with their candidates; ``is_kept`` after the real past.
        chosen: ``(N,)`` rows of the candidates that were taken.
    """

    sets: ChoiceSets
    chosen: Ints

    def __len__(self) -> int:
        return len(self.chosen)

    def take(self, choices: Ints) -> "MeasuredChoices":
        """Only these choices, by their rows."""
        sets = self.sets.take(choices)
        place = self.chosen - self.sets.offsets[:-1]
        return MeasuredChoices(sets=sets, chosen=sets.offsets[:-1] + place[choices])

    def halves(self) -> tuple["MeasuredChoices", "MeasuredChoices"]:
        """The first half in time and the second."""
        rows = np.arange(len(self))
        return self.take(rows[: len(self) // 2]), self.take(rows[len(self) // 2 :])

    def log_likelihood_nats(self, weights_nats: Floats) -> float:
        """Mean log-likelihood of a choice under these weights."""
        return float(log_softmax(self.sets, features(self.sets) @ weights_nats)[self.chosen].mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedWeights:
    """Weights with their standard errors.

    Attributes:
        weights_nats, error_nats: ``(7,)`` in the order of `plan.choice.WEIGHT_NAMES`; one standard error.
        log_likelihood_nats: Per choice, on the data that the weights were fitted to.
        choices: How many there were.
    """

    weights_nats: Floats
    error_nats: Floats
    log_likelihood_nats: float
    choices: int


def fit_choice(parts: Sequence[MeasuredChoices]) -> FittedWeights:
    """The weights of the highest likelihood over all parts together.

    Raises:
        PlanError: There are no choices, or the method does not settle.
    """
    if not sum(len(part) for part in parts):
        raise PlanError("no choice to fit to: give measurements with at least one slot that can be scored")
    ends = np.cumsum([0, *(int(part.sets.offsets[-1]) for part in parts)])
    data = MeasuredChoices(
        sets=join(*(part.sets for part in parts)),
        chosen=np.concatenate([part.chosen + end for part, end in zip(parts, ends[:-1], strict=True)]),
    )
    columns = features(data.sets)
    weights_nats = np.zeros(columns.shape[1])
    for _ in range(_MAX_STEPS):
        slope, curvature = _slope_and_curvature(data, columns, weights_nats)
        newton_nats = np.asarray(np.linalg.solve(curvature, slope), dtype=np.float64)
        step = _improving(data, columns, weights_nats, newton_nats)
        weights_nats = weights_nats + step
        if np.abs(step).max() < _ENOUGH_NATS:
            break
    else:
        raise PlanError(f"the weights do not settle within {_MAX_STEPS} steps of Newton's method")
    curvature = _slope_and_curvature(data, columns, weights_nats)[1]
    return FittedWeights(
        weights_nats=weights_nats,
        error_nats=np.sqrt(np.diag(np.linalg.inv(curvature))),
        log_likelihood_nats=data.log_likelihood_nats(weights_nats),
        choices=len(data),
    )


def _objective(data: MeasuredChoices, columns: Floats, weights_nats: Floats) -> float:
    """Log-likelihood of all choices, and of the weights under the prior."""
    prior = 0.5 * weights_nats @ weights_nats / _PRIOR_DEVIATION_NATS**2
    return float(log_softmax(data.sets, columns @ weights_nats)[data.chosen].sum() - prior)


def _slope_and_curvature(data: MeasuredChoices, columns: Floats, weights_nats: Floats) -> tuple[Floats, Floats]:
    """Gradient of the objective, and its Hessian with the sign turned."""
    probability = np.exp(log_softmax(data.sets, columns @ weights_nats))
    weighted = columns * probability[:, None]
    mean = np.add.reduceat(weighted, data.sets.offsets[:-1])
    slope = (columns[data.chosen] - mean).sum(axis=0) - weights_nats / _PRIOR_DEVIATION_NATS**2
    curvature = columns.T @ weighted - mean.T @ mean
    return slope, curvature + np.eye(len(weights_nats)) / _PRIOR_DEVIATION_NATS**2


def _improving(data: MeasuredChoices, columns: Floats, weights_nats: Floats, step: Floats) -> Floats:
    """The step, halved until it does not lose."""
    before = _objective(data, columns, weights_nats)
    length = 1.0
    while length > _SHORTEST_STEP and _objective(data, columns, weights_nats + length * step) < before:
        length /= 2.0
    return length * step
