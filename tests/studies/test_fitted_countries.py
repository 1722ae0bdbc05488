"""Which countries the packaged parameters were fitted to."""

import csv
from pathlib import Path

from skycommons.studies.fit_latency import in_the_fit
from skycommons.studies.fitted_countries import FITTED_COUNTRIES


def test_they_are_every_second_one_of_the_measured(shared_data: Path) -> None:
    """In the order of the alphabet."""
    with (shared_data / "measured" / "operator_country_metrics_2026-05.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["iso3"] for row in csv.DictReader(file)]
    assert in_the_fit(codes) == FITTED_COUNTRIES
