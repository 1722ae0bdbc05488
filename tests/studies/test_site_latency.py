"""Measured sites."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import DocumentError
from skycommons.plan.latency import LATENCY_2024_11
from skycommons.studies.site_latency import read_sites, site_samples
from tests.support.measured_sites import ALTITUDE_M, SITES, write_network

LIGHT_SPEED_M_S = 299_792_458.0


def test_rows_of_a_site_are_pooled(tmp_path: Path) -> None:
    """Weighted means of quantiles, the least of the minima, packets together."""
    (tmp_path / "sites.csv").write_text(SITES)
    sites = read_sites(tmp_path / "sites.csv")
    assert sites.names == ("alps", "fjord", "coast")
    assert [place.pop for place in sites.places] == ["Frankfurt", "", ""]
    np.testing.assert_allclose(1e3 * sites.measured_s[:, 0], [22.0, 33.0, 43.0, 57.0, 93.0])
    np.testing.assert_array_equal(sites.probes, [4000.0, 3000.0, 2000.0])
    assert sites.shares[0] == pytest.approx(np.log(2) / sites.probes, rel=1e-3)


def test_a_file_without_counts_or_pops_will_do(tmp_path: Path) -> None:
    """All rows count alike."""
    text = "site,latitude_deg,longitude_deg,min_ms,p10_ms,p50_ms,p90_ms,p99_ms\na,0,0,1,2,3,4,5\na,0,0,2,3,5,6,7\n"
    (tmp_path / "sites.csv").write_text(text)
    sites = read_sites(tmp_path / "sites.csv")
    assert sites.measured_s[2, 0] == pytest.approx(4e-3)


def test_faults_are_said_with_their_lines(tmp_path: Path) -> None:
    """East is no longitude, 91 no latitude."""
    (tmp_path / "sites.csv").write_text(SITES.replace("47.4,8.5", "91,east"))
    with pytest.raises(DocumentError, match=r"line 2: latitude_deg[\s\S]*line 2: longitude_deg"):
        read_sites(tmp_path / "sites.csv")


def test_computed_times_are_longer_than_light(tmp_path: Path) -> None:
    """Up and down twice, and the fixed part, is the least."""
    files = write_network(tmp_path)
    samples = site_samples(tmp_path / "sites.csv", files)
    least_s = 4 * ALTITUDE_M / LIGHT_SPEED_M_S + LATENCY_2024_11.fixed_s
    computed_s = samples.computed_s(LATENCY_2024_11)
    assert (computed_s > least_s).all()
    assert (np.diff(computed_s, axis=0) > 0).all()
