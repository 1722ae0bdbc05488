"""The packed climate beside the ITU's worked examples."""

import json
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import DocumentError
from skycommons.radio.climate import climate_at
from skycommons.radio.scintillation import Aperture
from skycommons.studies.radio_check import Judgement, RadioCheck
from skycommons.studies.validate_climate import EXAMPLES, Link, climate_checks, climate_losses

CASES = {
    "map: rain rate exceeded for 0.01 % (mm/h)": 8,
    "map: height of the 0 °C isotherm (km)": 8,
    "map: annual mean temperature (K)": 64,
    "map: wet refractivity (N units)": 8,
    "map: height of the ground (km)": 9,
    "total attenuation through the maps": 48,
}


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> dict[str, RadioCheck]:
    """Every row by its name."""
    return {row.name: row for row in climate_checks(shared_data / "radio")}


@pytest.mark.parametrize("name", CASES)
def test_every_example_agrees(rows: dict[str, RadioCheck], name: str) -> None:
    """Within the row's own tolerance, for every case of the table."""
    assert (rows[name].cases, rows[name].judgement) == (CASES[name], Judgement.AGREES)


def test_examples_that_were_fitted_to_judge_nothing(rows: dict[str, RadioCheck]) -> None:
    """They are listed with the reason."""
    row = rows["cloud through the maps, 5 to 50 % of the year"]
    assert (row.cases, row.judgement) == (7, Judgement.NOT_COMPARABLE)
    assert "fitted" in row.reason


def test_common_weather_has_no_rain() -> None:
    """Rain counts up to 5 % of the year."""
    link = Link(
        frequency_hz=np.array(12e9),
        elevation_rad=np.array(0.7),
        tilt_rad=np.array(np.pi / 4),
        aperture=Aperture(diameter_m=np.array(0.5), efficiency=np.array(0.5)),
    )
    singapore = climate_at(np.radians([1.35]), np.radians([103.82]))
    assert climate_losses(singapore, link, np.array(0.05)).rain_db[0] > 0.0
    assert climate_losses(singapore, link, np.array(0.06)).rain_db[0] == 0.0


def test_a_column_of_shares_gives_a_table() -> None:
    """Each row is what its share alone gives."""
    link = Link(
        frequency_hz=np.array(20e9),
        elevation_rad=np.array([0.5, 1.0]),
        tilt_rad=np.array(np.pi / 4),
        aperture=Aperture(diameter_m=np.array(1.0), efficiency=np.array(0.6)),
    )
    climate = climate_at(np.radians([1.35, 59.9]), np.radians([103.82, 10.7]))
    shares = np.array([1e-4, 0.01, 0.2])
    table = climate_losses(climate, link, shares[:, None]).total_db
    np.testing.assert_allclose(table, [climate_losses(climate, link, share).total_db for share in shares], rtol=1e-12)


def test_a_file_without_the_examples_is_refused(tmp_path: Path) -> None:
    """The message names the file; so it does where there is none."""
    with pytest.raises(DocumentError, match="cannot be read"):
        climate_checks(tmp_path)
    (tmp_path / EXAMPLES).write_text(json.dumps({"cases": []}), encoding="utf-8")
    with pytest.raises(DocumentError, match="rain rate"):
        climate_checks(tmp_path)
