"""Computed round-trip times beside measured ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.plan.latency import LATENCY_2024_11, LATENCY_2026_05
from skycommons.studies.measured_network import NetworkFiles
from skycommons.studies.validate_rtt import RttComparison, validate_rtt
from tests.support.measured_sites import write_network


def compared(folder: Path, parameters: str | None = None) -> RttComparison:
    """The small network."""
    return validate_rtt(folder / "sites.csv", write_network(folder), parameters=parameters)


def test_each_site_has_quantiles_light_and_parts(tmp_path: Path) -> None:
    """The parts sum to about the mean; light is below what is computed."""
    result = compared(tmp_path)
    assert [site.site for site in result.sites] == ["alps", "fjord", "coast"]
    for site in result.sites:
        assert (site.light_s < site.computed_s).all()
        assert site.computed_s[2] * 0.9 < sum(site.parts_s.values()) < site.computed_s[3]
        assert site.error_p50 == pytest.approx(abs(site.computed_s[2] / site.measured_s[2] - 1.0))
    assert result.sites[0].pop == "Frankfurt"


def test_errors_are_summed_up_over_sites(tmp_path: Path) -> None:
    """Their median and the largest."""
    result = compared(tmp_path)
    errors = [site.error_p50 for site in result.sites]
    assert result.median_error_p50 == pytest.approx(np.median(errors))
    assert result.max_error_p50 == pytest.approx(max(errors))


def test_parameters_follow_the_catalogues_date_unless_named(tmp_path: Path) -> None:
    """January 2026 is nearer to May 2026."""
    assert compared(tmp_path).model is LATENCY_2026_05
    assert compared(tmp_path, "2024-11").model is LATENCY_2024_11
    with pytest.raises(InputError, match="no latency parameters"):
        compared(tmp_path, "1999-01")


def test_a_site_without_a_way_to_its_pop_has_no_times(tmp_path: Path) -> None:
    """NaN, not zero; the others are as they were."""
    files: NetworkFiles = write_network(tmp_path)
    text = (tmp_path / "sites.csv").read_text() + "pole,-89,0,,100,1,2,3,4,5\n"
    (tmp_path / "sites.csv").write_text(text)
    result = validate_rtt(tmp_path / "sites.csv", replace(files, hours=0.02))
    assert np.isnan(result.sites[-1].computed_s).all()
    assert np.isnan(result.sites[-1].light_s).all()
    assert np.isfinite(result.median_error_p50)
    assert np.isfinite(result.max_error_p50)


def test_sites_that_nobody_serves_are_refused(tmp_path: Path) -> None:
    """There would be nothing to compare."""
    files = write_network(tmp_path)
    header = (tmp_path / "sites.csv").read_text().splitlines()[0]
    (tmp_path / "sites.csv").write_text(f"{header}\npole,-89,0,,100,1,2,3,4,5\n")
    with pytest.raises(InputError, match="no site ever has a way"):
        validate_rtt(tmp_path / "sites.csv", files)
