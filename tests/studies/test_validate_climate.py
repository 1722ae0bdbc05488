"""The packed climate beside the ITU's worked examples."""

import json
from pathlib import Path

import pytest

from skycommons.base.errors import DocumentError
from skycommons.studies.itu_examples import EXAMPLES
from skycommons.studies.radio_check import Judgement, RadioCheck
from skycommons.studies.validate_climate import climate_checks

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


def test_a_file_without_the_examples_is_refused(tmp_path: Path) -> None:
    """The message names the file; so it does where there is none."""
    with pytest.raises(DocumentError, match="cannot be read"):
        climate_checks(tmp_path)
    (tmp_path / EXAMPLES).write_text(json.dumps({"cases": []}), encoding="utf-8")
    with pytest.raises(DocumentError, match="rain rate"):
        climate_checks(tmp_path)
