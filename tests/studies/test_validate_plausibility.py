"""Cells and users beside estimates, on a small table."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import DocumentError
from skycommons.model.equipment_data import standard_equipment
from skycommons.studies.radio_check import Acceptance, Judgement, RadioCheck
from skycommons.studies.validate_plausibility import cell_rates, plausibility_checks

TABLE = """metric,value,unit,scope,date,source
median_download,104.71,Mbit/s,US,2025-Q1,a
median_upload,14.84,Mbit/s,US,2025-Q1,a
median_download,53.95,Mbit/s,US,2022-Q3,a
share_meeting_100_20,17.4,%,US,2025-Q1,a
xlab_beam_area,62.9,square miles,per beam,2025-07,b
xlab_density_limit,6.66,households per square mile,test,2025-07,b
xlab_density_fail,19,terminals per square mile,test,2025-07,b
xlab_implied_uplink_per_beam,419,Mbit/s,derived,2025-07,b
xlab_implied_downlink_per_beam,5975,Mbit/s,derived,2025-07,b
pfd_limited_modulation,64QAM v2 / 16QAM v1,a margin,c,2026-01,c
"""


def rows(folder: Path, text: str = TABLE) -> dict[str, RadioCheck]:
    """The comparison with a table, by the first words of each row."""
    (folder / "starlink_capacity_anchors.csv").write_text(text, "utf-8")
    return {check.name.split(",")[0]: check for check in plausibility_checks(folder)}


def test_every_row_says_that_it_is_plausibility(tmp_path: Path) -> None:
    """And the one that nothing here could give is listed only."""
    checks = rows(tmp_path)
    assert {check.test for check in checks.values()} == {Acceptance.PLAUSIBILITY}
    listed = [name for name, check in checks.items() if check.judgement is Judgement.NOT_COMPARABLE]
    assert listed == ["terminals with at least 100 Mbit/s down and 20 Mbit/s up"]


def test_a_band_can_be_missed(tmp_path: Path) -> None:
    """An estimate of another size disagrees, and so does a median outside the band, with a reason."""
    checks = rows(tmp_path, TABLE.replace("5975", "60000").replace("14.84", "500"))
    assert checks["downlink of a cell"].judgement is Judgement.DISAGREES
    up = checks["uplink of a busy user"]
    assert (up.judgement, bool(up.reason)) == (Judgement.DISAGREES, True)
    assert up.largest_absolute_db == pytest.approx(480.0, abs=1.0)


def test_a_high_satellite_gives_more() -> None:
    """Until a limit of the satellite decides."""
    equipment = standard_equipment()
    payload, terminal = equipment.payloads[0], equipment.terminals[0]
    low, high = (cell_rates(payload, terminal, np.radians(angle)) for angle in (25.0, 80.0))
    assert low.down_bps < high.down_bps
    assert high.up_bps == payload.up_limit_bps / payload.beams_up
    small = replace(payload, down_limit_bps=1e9, up_limit_bps=1e15)
    limited = cell_rates(small, terminal, np.radians(80.0))
    assert limited.down_bps == 1e9
    assert limited.up_bps > high.up_bps


@pytest.mark.parametrize("text", ["metric,value,date\n", "a\n1\n", TABLE.replace("xlab_beam_area", "area")])
def test_a_table_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    """One message with the file's name."""
    with pytest.raises(DocumentError, match=r"starlink_capacity_anchors\.csv.*\n.*capacity figures"):
        rows(tmp_path, text)
