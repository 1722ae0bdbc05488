"""The operator's medians by country."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import DocumentError
from skycommons.plan.latency import LATENCY_2026_05
from skycommons.studies.country_latency import country_samples, read_countries
from skycommons.studies.country_rates import DOWNLOAD_2026_05
from tests.support.measured_sites import COUNTRIES, write_network


def test_countries_without_a_town_are_left_out(tmp_path: Path) -> None:
    """The others have a flow each, and a time."""
    files = write_network(tmp_path)
    samples = country_samples(tmp_path / "countries.csv", files)
    assert samples.codes == ("CHE", "DEU", "FRA", "NOR", "ITA")
    assert samples.left_out == ("ATA",)
    assert samples.light.light_s.shape[1] == 5
    computed_s = samples.computed_s(LATENCY_2026_05)
    assert ((computed_s > 20e-3) & (computed_s < 0.2)).all()
    assert ((samples.rate_bps(DOWNLOAD_2026_05) > 1e8) & (samples.rate_bps(DOWNLOAD_2026_05) < 4e8)).all()
    assert np.isnan(samples.download_bps[2])
    assert samples.upload_bps[0] == 30e6


def test_wrong_codes_are_all_named(tmp_path: Path) -> None:
    """Unknown ones and those that stand there twice."""
    (tmp_path / "c.csv").write_text(COUNTRIES + "XYZ,1,2,3\nche,1,2,3\n")
    with pytest.raises(DocumentError, match=r"'XYZ' is no code[\s\S]*CHE stands there twice"):
        read_countries(tmp_path / "c.csv")


def test_a_file_of_countries_without_towns_is_refused(tmp_path: Path) -> None:
    """Nothing can be compared."""
    files = write_network(tmp_path)
    (tmp_path / "c.csv").write_text(COUNTRIES.splitlines()[0] + "\nATA,1,2,3\n")
    with pytest.raises(DocumentError, match="no country that has a listed town"):
        country_samples(tmp_path / "c.csv", files)
