"""Pictures of measured and computed latency."""

from pathlib import Path

from skycommons.studies.figures_latency import country_medians, site_quantiles
from skycommons.studies.validate_countries import validate_countries
from skycommons.studies.validate_rtt import validate_rtt
from tests.support.measured_sites import write_network

PNG = b"\x89PNG"


def test_both_pictures_say_what_they_show(tmp_path: Path) -> None:
    """With a title that carries the result."""
    files = write_network(tmp_path)
    sites = site_quantiles(validate_rtt(tmp_path / "sites.csv", files))
    assert "3 sites" in sites.alt
    assert sites.png(dpi=40).startswith(PNG)
    countries = country_medians(validate_countries(tmp_path / "countries.csv", files))
    assert "5 countries" in countries.alt
    assert countries.png(dpi=40).startswith(PNG)


def test_a_single_country_has_no_rank(tmp_path: Path) -> None:
    """And a picture all the same."""
    files = write_network(tmp_path)
    (tmp_path / "one.csv").write_text("iso3,latency_p50_ms,download_p50_mbps,upload_p50_mbps\nCHE,40,200,20\n")
    assert "not defined" in country_medians(validate_countries(tmp_path / "one.csv", files)).alt
