"""Estimates what a network adds to the travel time of light, from measured round-trip times.

Sites give a whole distribution: four parameters (fixed part, wait and its shape, extra around boundaries) come from the
quantiles of all sites together, by Gauss-Newton on logarithms; a quantile that is far off counts less (Huber), and the
minimum and the 99 % count half. Countries give one median each: only the wait is theirs, the median over the countries of
the wait that would explain each; so half of them are faster and half slower, and no single PoP that is assigned oddly moves it.
Errors come from leaving out one site, or from the spread of the countries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import PlanError
from skycommons.plan.latency import LatencyModel, light_points, rtt_quantiles

FITTED: Final = ("fixed_s", "wait_s", "wait_shape", "boundary_extra_s")
_START: Final = (8e-3, 12e-3, 2.5, 50e-3)
_QUANTILE_WEIGHTS: Final = (0.5, 1.0, 1.0, 1.0, 0.5)
_HUBER: Final = 0.15  # of a logarithm: farther off counts less than its square
_MAX_STEPS: Final = 60
_ENOUGH: Final = 1e-4
_NUDGE: Final = 1e-3
_LONGEST_STEP: Final = 0.5
_FEWEST_SITES: Final = 3
_LEAST_WAIT_S, _MOST_WAIT_S = 1e-4, 0.2
_BISECTIONS: Final = 30
_MAD_TO_DEVIATION: Final = 1.4826  # of a normal distribution
_MEDIAN_TO_MEAN: Final = 1.2533  # standard error of a median over that of a mean, for a normal distribution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredQuantiles:
    """Quantiles of ``F`` sites beside their light.

    Attributes:
        light_s: ``(N, F)`` there and back.
        weight: ``(N, F)``.
        shares, measured_s: ``(5, F)`` from the minimum to the 99 %.
    """

    light_s: Floats
    weight: Floats
    shares: Floats
    measured_s: Floats

    def take(self, sites: Ints) -> "MeasuredQuantiles":
        """Only these sites."""
        return MeasuredQuantiles(**{name: getattr(self, name)[:, sites] for name in self.__slots__})

    def off(self, model: LatencyModel) -> Floats:
        """``(5, F)`` logarithm of computed over measured."""
        return np.asarray(np.log(rtt_quantiles(model, self.light_s, self.shares, weight=self.weight) / self.measured_s))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedSites:
    """A model fitted to sites.

    Attributes:
        model: With standard errors.
        left_out: ``(5, F)`` computed over measured, less one, of each site by a model that was fitted to the others.
    """

    model: LatencyModel
    left_out: Floats


def fit_sites(name: str, data: MeasuredQuantiles, *, source: str = "") -> FittedSites:
    """The parameters that sites share.

    Args:
        name: Year and month.
        data: What was measured.
        source: Where it comes from.
    Raises:
        PlanError: There are fewer than three sites, a site has no light times, or the method does not settle.
    """
    sites = data.measured_s.shape[1]
    if sites < _FEWEST_SITES:
        raise PlanError(f"latency: {sites} site(s) are too few to fit to; give at least {_FEWEST_SITES}")
    points_s = light_points(data.light_s, data.weight)
    if np.isnan(points_s).any():
        raise PlanError("latency: a site never has a way to its PoP; nothing can be fitted to it")
    short = replace(data, light_s=points_s, weight=np.ones_like(points_s))
    best = _settled(name, short)
    left_out, others = np.empty_like(data.measured_s), []
    for site in range(sites):
        other = _settled(name, short.take(np.flatnonzero(np.arange(sites) != site)), start=best)
        others.append(other)
        left_out[:, site] = np.expm1(short.take(np.array([site])).off(_model(name, other))[:, 0])
    spread = np.exp(np.array(others))
    errors = np.sqrt((sites - 1) / sites * ((spread - spread.mean(axis=0)) ** 2).sum(axis=0))
    model = replace(_model(name, best), errors=tuple(zip(FITTED, errors.tolist(), strict=True)), source=source)
    return FittedSites(model=model, left_out=left_out)


def fit_wait(
    name: str, base: LatencyModel, *, light_s: Floats, weight: Floats, median_s: Floats, source: str = ""
) -> LatencyModel:
    """The mean wait that explains medians, all else as in another model.

    Args:
        name: Year and month.
        base: Fixed part, shape and boundary.
        light_s, weight: ``(N, C)`` light there and back of ``C`` countries.
        median_s: ``(C,)`` measured.
        source: Where it comes from.
    Raises:
        PlanError: No country has light times.
    """
    points_s = light_points(light_s, weight)
    known = ~np.isnan(points_s).any(axis=0) & np.isfinite(median_s)
    if not known.any():
        raise PlanError("latency: no country has both a median and a way to its PoP; nothing can be fitted")
    waits = np.array([_explaining_s(base, points_s[:, [row]], median_s[row]) for row in np.flatnonzero(known)])
    middle = float(np.median(waits))
    deviation = _MAD_TO_DEVIATION * float(np.median(np.abs(waits - middle)))
    error = _MEDIAN_TO_MEAN * deviation / np.sqrt(len(waits))
    return replace(base, name=name, wait_s=middle, errors=(("wait_s", float(error)),), source=source)


def _explaining_s(base: LatencyModel, points_s: Floats, median_s: float) -> float:
    """The mean wait under which the median is the measured one, within what a wait can be."""
    low, high = _LEAST_WAIT_S, _MOST_WAIT_S
    # Share of packets below the measured median; a gamma distribution of given shape only stretches with its mean.
    waits = base.wait_s
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        scale = middle / waits
        added_s = base.fixed_s + (median_s - points_s - base.fixed_s) / scale
        low, high = (middle, high) if float(base.added_share(added_s).mean()) > 0.5 else (low, middle)
    return 0.5 * (low + high)


def _model(name: str, logarithms: Floats) -> LatencyModel:
    """A model from the logarithms of its fitted parameters."""
    return LatencyModel(name=name, **dict(zip(FITTED, np.exp(logarithms).tolist(), strict=True)))


def _settled(name: str, data: MeasuredQuantiles, start: Floats | None = None) -> Floats:
    """Logarithms of the parameters of the least squares."""
    here = np.log(_START) if start is None else start.copy()
    off = data.off(_model(name, here))
    for _ in range(_MAX_STEPS):
        slopes = np.stack([_slope(name, data, here, off, row=row) for row in range(len(here))], axis=1)
        weight = _weights(off)
        step = -np.linalg.lstsq(slopes * weight[:, None], off.ravel() * weight, rcond=None)[0]
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), _ENOUGH))
        loss, after = _loss(off), data.off(_model(name, here + step))
        while _loss(after) > loss and np.abs(step).max() > _ENOUGH:
            step = 0.5 * step
            after = data.off(_model(name, here + step))
        here, off = here + step, after
        if np.abs(step).max() <= _ENOUGH:
            return here
    raise PlanError(f"the parameters of latency do not settle within {_MAX_STEPS} steps")


def _slope(name: str, data: MeasuredQuantiles, here: Floats, off: Floats, *, row: int) -> Floats:
    """How what is off changes with one parameter."""
    there = here.copy()
    there[row] += _NUDGE
    return np.asarray((data.off(_model(name, there)) - off) / _NUDGE).ravel()


def _weights(off: Floats) -> Floats:
    """Root of what each number counts."""
    quantile = np.broadcast_to(np.array(_QUANTILE_WEIGHTS)[:, None], off.shape)
    return np.asarray(quantile * np.sqrt(np.minimum(1.0, _HUBER / np.maximum(np.abs(off), 1e-12)))).ravel()


def _loss(off: Floats) -> float:
    """Huber's loss of all numbers."""
    size = np.abs(off)
    loss = np.where(size <= _HUBER, 0.5 * size**2, _HUBER * (size - 0.5 * _HUBER))
    return float((np.array(_QUANTILE_WEIGHTS)[:, None] ** 2 * loss).sum())


def relative_errors(computed: Floats, measured: Floats) -> Floats:
    """How far each number is off, as a share of the measured one."""
    return np.asarray(np.abs(computed - measured) / measured)


def in_the_fit(names: Sequence[str]) -> tuple[str, ...]:
    """Every second name of the alphabet, the first included: the half that parameters are fitted to."""
    return tuple(sorted(set(names))[::2])
