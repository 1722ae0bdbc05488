"""Computed latency and rates by country beside the operator's."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from skycommons.base.errors import InputError
from skycommons.plan.latency import LATENCY_2024_11, LATENCY_2026_05
from skycommons.studies.validate_countries import QUANTITIES, Agreement, spearman, validate_countries
from tests.support.measured_sites import write_network


def test_all_and_held_out_countries_are_judged(tmp_path: Path) -> None:
    """Of the five, Denmark's neighbours are held out; unknown medians do not count."""
    files = write_network(tmp_path)
    result = validate_countries(tmp_path / "countries.csv", files)
    assert [result.agreement(quantity).n for quantity in QUANTITIES] == [5, 4, 5]
    assert [result.held_out(quantity).n for quantity in QUANTITIES] == [5, 4, 5]
    assert not result.in_fit.any()
    found = result.agreement("latency")
    assert found.median_error == pytest.approx(
        np.median(np.abs(result.computed["latency"] / result.measured["latency"] - 1.0))
    )
    assert result.agreement("latency", result.in_fit) == Agreement(rank_correlation=None, median_error=None, n=0)
    assert result.pops[1] == ("Frankfurt",)
    assert result.left_out == ("ATA",)


def test_parameters_follow_the_catalogues_date_unless_named(tmp_path: Path) -> None:
    """As for sites."""
    files = write_network(tmp_path)
    assert validate_countries(tmp_path / "countries.csv", files).model is LATENCY_2026_05
    assert validate_countries(tmp_path / "countries.csv", files, parameters="2024-11").model is LATENCY_2024_11
    with pytest.raises(InputError, match="no latency parameters"):
        validate_countries(tmp_path / "countries.csv", files, parameters="x")


def test_ranks_are_scipys() -> None:
    """With ties; nothing where one side does not vary."""
    draws = np.random.default_rng(2)
    first, second = draws.integers(0, 9, 40).astype(float), draws.normal(size=40)
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-12)
    assert spearman(np.ones(3), np.arange(3.0)) is None
