"""Fit the parameters of latency and of rates by country again, and judge them on what they were not fitted to.

::

    python scripts/fit_latency.py [FOLDER]

FOLDER is that of the shared data. What the script prints is what ``skycommons.plan.latency`` and
``skycommons.studies.country_rates`` hold: the sites of November 2024 give the first set, half of the countries of May 2026
the second and the rates.
"""

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np

from skycommons.plan.latency import LatencyModel
from skycommons.studies.country_latency import CountrySamples, country_samples
from skycommons.studies.country_rates import RateModel, fit_rate
from skycommons.studies.fit_latency import FittedSites, MeasuredQuantiles, fit_sites, fit_wait, in_the_fit
from skycommons.studies.measured_network import NetworkFiles
from skycommons.studies.site_latency import QUANTILE_NAMES, SiteSamples, site_samples
from skycommons.studies.validate_countries import QUANTITIES
from skycommons.studies.validate_countries import compare as compare_countries
from skycommons.studies.validate_rtt import compare as compare_sites

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SITES, COUNTRIES = "2024-11", "2026-05"
HOURS = 3.0
SITES_SOURCE = (
    "fixed part, wait, shape and extra fitted by scripts/fit_latency.py to round-trip times of seven sites of November 2024 "
    "(LENS); length of the boundary's moments: 500 Hz measurement, arXiv 2601.08439"
)
COUNTRIES_SOURCE = "wait fitted by scripts/fit_latency.py to half of the operator's medians by country of May 2026; all else as in 2024-11"
RATES_SOURCE = "fitted by scripts/fit_latency.py to half of the operator's medians by country of May 2026"


def main(folder: Path = FOLDER) -> int:
    """Print parameters and errors."""
    sites = load_sites(folder)
    fitted = fit_2024(sites)
    print_sites(sites, fitted)
    countries = load_countries(folder)
    print_countries(countries, *fit_2026(countries, fitted.model))
    print_exchanged(countries, fitted.model)
    return 0


def load_sites(folder: Path) -> SiteSamples:
    """Measured sites with their light times."""
    return site_samples(
        folder / "measured" / "terminal_to_pop_rtt_2024-11.csv",
        NetworkFiles(
            catalogue=folder / "catalogues" / "starlink_tma25.tle",
            gateways=folder / "ground" / "gateways_2024_starperf.csv",
            pops=folder / "ground" / "pops_2026-04.csv",
            hours=HOURS,
        ),
    )


def load_countries(folder: Path) -> CountrySamples:
    """Countries with their light times."""
    return country_samples(
        folder / "measured" / "operator_country_metrics_2026-05.csv",
        NetworkFiles(
            catalogue=folder / "catalogues" / "starlink_2026-05-21.tle",
            gateways=folder / "ground" / "gateways_2026-03.csv",
            pops=folder / "ground" / "pops_2026-04.csv",
            hours=HOURS,
        ),
    )


def fit_2024(samples: SiteSamples) -> FittedSites:
    """The set of November 2024."""
    data = MeasuredQuantiles(
        light_s=2.0 * samples.light.light_s,
        weight=samples.light.weight,
        shares=samples.sites.shares,
        measured_s=samples.sites.measured_s,
    )
    return fit_sites(SITES, data, source=SITES_SOURCE)


def fit_2026(
    samples: CountrySamples, base: LatencyModel, *, exchanged: bool = False
) -> tuple[LatencyModel, tuple[RateModel, RateModel]]:
    """The set of May 2026, and the rates; each from half of the countries, or from the other half."""
    half = np.isin(np.array(samples.codes), in_the_fit((*samples.codes, *samples.left_out))) ^ exchanged
    model = fit_wait(
        COUNTRIES,
        base,
        light_s=2.0 * samples.light.light_s[:, half],
        weight=samples.light.weight[:, half],
        median_s=samples.latency_s[half],
        source=COUNTRIES_SOURCE,
    )
    people, wet = samples.places.people_near()[half], samples.places.wet_refractivity()[half]
    download, upload = (
        fit_rate(COUNTRIES, people=people, wet_refractivity=wet, rate_bps=rate_bps[half], source=RATES_SOURCE)
        for rate_bps in (samples.download_bps, samples.upload_bps)
    )
    return model, (download, upload)


def print_sites(samples: SiteSamples, fitted: FittedSites) -> None:
    """The set, its errors at the sites it saw, and at each site left out."""
    print_parameters(fitted.model)
    seen = compare_sites(samples, fitted.model).errors.T
    for words, errors in (("fitted to all sites", seen), ("fitted to the other sites", np.abs(fitted.left_out))):
        middles = ", ".join(f"{name} {np.median(row):.3f}" for name, row in zip(QUANTILE_NAMES, errors, strict=True))
        print(f"  {words}: median error {middles}; largest of p50 {errors[2].max():.3f}")
        for site, error in zip(samples.sites.names, errors.T, strict=True):
            print(
                f"    {site}: "
                + " ".join(f"{name} {value:.3f}" for name, value in zip(QUANTILE_NAMES, error, strict=True))
            )


def print_countries(samples: CountrySamples, model: LatencyModel, rates: tuple[RateModel, RateModel]) -> None:
    """The sets, and how they agree with both halves."""
    print_parameters(model)
    for name, rate in zip(QUANTITIES[1:], rates, strict=True):
        print(name)
        print_parameters(rate)
    result = compare_countries(samples, model, rates=rates)
    for quantity in QUANTITIES:
        for words, found in (
            ("fitted half", result.agreement(quantity, result.in_fit)),
            ("held-out half", result.held_out(quantity)),
            ("all", result.agreement(quantity)),
        ):
            print(
                f"  {quantity}, {words}: rank correlation {found.rank_correlation:.3f}, "
                f"median error {found.median_error:.3f}, n {found.n}"
            )


def print_exchanged(samples: CountrySamples, base: LatencyModel) -> None:
    """What comes out when the halves change places, and when one number stands for all countries."""
    model, rates = fit_2026(samples, base, exchanged=True)
    result = compare_countries(samples, model, rates=rates)
    for quantity in QUANTITIES:
        held_out = result.agreement(quantity, result.in_fit)
        measured = result.measured[quantity][np.isfinite(result.measured[quantity])]
        same = np.median(np.abs(np.median(measured) - measured) / measured)
        print(
            f"  {quantity}, halves exchanged, held out: rank correlation {held_out.rank_correlation:.3f}, "
            f"median error {held_out.median_error:.3f}; one number for all: median error {same:.3f}"
        )


def print_parameters(model: LatencyModel | RateModel) -> None:
    """Numbers as the source code holds them."""
    errors = dict(model.errors)
    for field in fields(model):
        value = getattr(model, field.name)
        if isinstance(value, float):
            print(
                f"    {field.name}={value:.4g}," + (f"  # ± {errors[field.name]:.2g}" if field.name in errors else "")
            )
        elif isinstance(value, str):
            print(f'    {field.name}="{value}",')


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
