"""Every worked example of ITU-R study group 3 that needs no map, and the tables of geometry."""

from pathlib import Path

import pytest

from skycommons.studies.validate_radio import propagation_checks

CASES = {
    "rain, specific (dB/km)": 64,
    "rain height (km)": 8,
    "rain": 64,
    "rain, cross-polar discrimination": 64,
    "scintillation": 48,
    "scintillation, to 29 GHz and 0.001 %": 64,
    "total of given parts": 64,
    "gas, oxygen (dB/km)": 350,
    "gas, water vapour (dB/km)": 350,
    "gas, both (dB/km)": 350,
    "gas, slant path": 10,
    "cloud, given its water": 17,
    "free-space loss": 576,
}


@pytest.mark.parametrize("name", CASES)
def test_every_case_agrees(shared_data: Path, name: str) -> None:
    """1e-6 relative or 1e-8 dB; geometry to the printed digits."""
    check = next(check for check in propagation_checks(shared_data / "radio") if check.name == name)
    assert (check.cases, check.within) == (CASES[name], CASES[name])
    assert check.verdict
