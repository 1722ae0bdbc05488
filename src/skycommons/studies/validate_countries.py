"""Our latency and rates by country beside the operator's medians."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.plan.latency import LatencyModel, model_named, model_near
from skycommons.studies.country_latency import CountrySamples, country_samples
from skycommons.studies.country_rates import DOWNLOAD_2026_05, UPLOAD_2026_05, RateModel
from skycommons.studies.fit_latency import relative_errors
from skycommons.studies.fitted_countries import FITTED_COUNTRIES
from skycommons.studies.measured_network import NetworkFiles

QUANTITIES: Final = ("latency", "download", "upload")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well computed numbers agree with measured ones.

    Attributes:
        rank_correlation: Spearman's; None where it is not defined.
        median_error: Median of the relative errors; None without a country.
        n: Countries.
    """

    rank_correlation: float | None
    median_error: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountryComparison:
    """All countries.

    Attributes:
        codes: Three letters of ISO 3166-1.
        left_out: Countries of the file that have no place.
        in_fit: ``(C,)`` whether the country is one of those that parameters were fitted to.
        measured, computed: ``(C,)`` by quantity: seconds, bit/s, bit/s.
        pops: PoPs that the country's places are taken to.
        laser_hops: ``(C,)`` mean number of lasers crossed.
        model: What was added to the light.
        rates: Models of the rates, download and upload.
        added_gateways: PoPs beside which a gateway was assumed.
    """

    codes: tuple[str, ...]
    left_out: tuple[str, ...]
    in_fit: Bools
    measured: dict[str, Floats]
    computed: dict[str, Floats]
    pops: tuple[tuple[str, ...], ...]
    laser_hops: Floats
    model: LatencyModel
    rates: tuple[RateModel, RateModel]
    added_gateways: tuple[str, ...]

    def agreement(self, quantity: str, rows: Bools | None = None) -> Agreement:
        """Of all countries or some."""
        measured, computed = self.measured[quantity], self.computed[quantity]
        known = np.isfinite(measured) & np.isfinite(computed)
        if rows is not None:
            known &= rows
        if not known.any():
            return Agreement(rank_correlation=None, median_error=None, n=0)
        return Agreement(
            rank_correlation=spearman(computed[known], measured[known]),
            median_error=float(np.median(relative_errors(computed[known], measured[known]))),
            n=int(known.sum()),
        )

    def held_out(self, quantity: str) -> Agreement:
        """Of the countries that nothing was fitted to."""
        return self.agreement(quantity, ~self.in_fit)


def validate_countries(metrics: Path, files: NetworkFiles, *, parameters: str | None = None) -> CountryComparison:
    """Compare every country.

    Args:
        metrics: As `country_latency.read_countries` takes them.
        files: The network; a catalogue near the time of the measurements.
        parameters: Name of the latency parameters; those nearest to the catalogue unless given.
    Raises:
        InputError: A file is missing or has faults, no country has a place, or there are no such parameters.
    """
    named = None if parameters is None else model_named(parameters)
    samples = country_samples(metrics, files)
    model = model_near(samples.network.scenario.start_ns) if named is None else named
    return compare(samples, model, rates=(DOWNLOAD_2026_05, UPLOAD_2026_05))


def compare(samples: CountrySamples, model: LatencyModel, *, rates: tuple[RateModel, RateModel]) -> CountryComparison:
    """Countries whose light times are known, under models."""
    rows = [np.flatnonzero(samples.places.country == row) for row in range(len(samples.codes))]
    return CountryComparison(
        codes=samples.codes,
        left_out=samples.left_out,
        in_fit=np.isin(np.array(samples.codes, dtype=np.str_), FITTED_COUNTRIES),
        measured=dict(zip(QUANTITIES, (samples.latency_s, samples.download_bps, samples.upload_bps), strict=True)),
        computed=dict(
            zip(QUANTITIES, (samples.computed_s(model), *(samples.rate_bps(rate) for rate in rates)), strict=True)
        ),
        pops=tuple(
            tuple(sorted({samples.network.pop_names[place] or "nearest" for place in part.tolist()})) for part in rows
        ),
        laser_hops=samples.light.mean_of(samples.light.laser_hops),
        model=model,
        rates=rates,
        added_gateways=samples.network.added,
    )


def spearman(values: Floats, other_values: Floats) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None where one side does not vary.

    Accuracy: SciPy's to 1e-12 (tests/studies/test_validate_countries.py).
    >>> spearman(np.array([1.0, 2.0, 9.0]), np.array([3.0, 5.0, 4.0]))
    0.5
    """
    ranks = [_ranks(side) - 0.5 * (len(side) + 1) for side in (values, other_values)]
    size = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float(ranks[0] @ ranks[1]) / size if size > 0.0 else None


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, ties at their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - 0.5 * (count - 1.0))[place])
