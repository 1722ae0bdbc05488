"""Comparing budgets with reference tables, on small tables that are right, wrong, missing or damaged."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from skycommons.base.errors import DocumentError
from skycommons.studies.radio_check import Judgement
from skycommons.studies.validate_budgets import budget_checks, contradicting_rows

TABLES = {
    "dvbs2_dvbs2x_modcod.csv": [
        {"standard": "DVB-S2", "modcod": "QPSK 2/3", "efficiency_bit_per_symbol": "1.322253", "esn0_db_awgn": "3.1"},
        {
            "standard": "DVB-S2X",
            "modcod": "128APSK 3/4",
            "efficiency_bit_per_symbol": "5.163248",
            "esn0_db_awgn": "17.73",
        },
    ],
    "nr_mcs_38214.csv": [{"mcs_table": "2", "mcs_index": "11", "spectral_efficiency": "2.7305"}],
    "geometry_fspl.csv": [
        {
            "altitude_km": "550",
            "elevation_deg": "25",
            "slant_range_km": "1123.277",
            "nadir_angle_deg": "56.5415",
            "earth_central_angle_deg": "8.4585",
        }
    ],
    "beam_footprint_550km.csv": [
        {
            "beamwidth_nadir_deg": "1.5",
            "elevation_deg": "90",
            "footprint_radial_km": "14.4",
            "footprint_transverse_km": "14.4",
        }
    ],
    "isl_line_of_sight.csv": [{"altitude_km": "550", "grazing_altitude_km": "80", "max_range_km": "5013.9"}],
}
LASER: dict[str, Any] = {"source": "a talk", "longest_link_km": 5400}
BEAM = {"rate": 674.3, "bw_mhz": 250, "modcod": "16APSK 3/4"}
PAPER: dict[str, Any] = {
    "data_rates_mbps": {"gateway_up": {"one": BEAM}, "user_down": {"one": BEAM}},
    "n_sat": {"one": 720},
    "results": {
        "total_throughput_tbps": {"one": 1.56},
        "avg_per_sat_gbps": {"one": 2.17},
        "sat_efficiency": {"one": 0.217},
        "per_sat_max_gbps_derived_from_avg_over_efficiency": {"one": 10.0},
    },
}


def budget_row(case: str, orbit: str, elevation_deg: str, fspl_db: str) -> dict[str, str]:
    """One downlink at 20 GHz with nothing but path loss, and the C/N that follows in 400 MHz."""
    return {
        "case": case,
        "param_set": "1",
        "orbit": orbit,
        "direction": "DL",
        "freq_ghz": "20.0",
        "elevation_deg": elevation_deg,
        "bandwidth_mhz": "400",
        "eirp_dbw": "30.02",
        "rx_g_over_t_db_k": "15.86",
        "fspl_db": fspl_db,
        **dict.fromkeys(
            ("gas_loss_db", "shadow_margin_db", "scintillation_db", "polarisation_db", "additional_db"), "0.0"
        ),
        "cnr_recomputed_db": f"{30.02 + 15.86 + 228.599 - 86.021 - float(fspl_db):.2f}",
        "cnr_published_db": "9.4" if case == "SC6" else "",
    }


BUDGETS = [
    budget_row("SC1", "GEO", "12.5", "210.58"),
    budget_row("SC6", "LEO600", "30", "179.10"),
    *(budget_row(f"SC{number}", "LEO600", "30", "179.10") for number in range(16, 24)),
]


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder of small tables, all of them right."""
    for name, rows in TABLES.items():
        write_table(tmp_path / name, rows)
    write_table(tmp_path / "tr38821_link_budget_sc1_sc30.csv", BUDGETS)
    (tmp_path / "laser_isl.json").write_text(json.dumps(LASER))
    (tmp_path / "delportillo2019.json").write_text(json.dumps(PAPER))
    return tmp_path


def test_tables_that_are_right_agree(tables: Path) -> None:
    """Every comparison has cases, and all are within their tolerance."""
    checks = budget_checks(tables)
    assert [check.name for check in checks if check.judgement is Judgement.DISAGREES] == []
    assert sum(check.judgement is Judgement.NOT_COMPARABLE for check in checks) == 8
    assert len({check.name for check in checks}) == len(checks) == 30


def test_a_number_that_is_wrong_is_found(tables: Path) -> None:
    """Only its own comparison fails, and says by how much."""
    write_table(
        tables / "isl_line_of_sight.csv", [{"altitude_km": "550", "grazing_altitude_km": "80", "max_range_km": "5000"}]
    )
    wrong = [check for check in budget_checks(tables) if check.judgement is Judgement.DISAGREES]
    assert [check.name for check in wrong] == ["longest laser, km"]
    assert wrong[0].largest_absolute_db == pytest.approx(13.9, abs=0.1)


def test_only_losses_that_contradict_geometry_are_listed(tables: Path) -> None:
    """Those quoted at 170 dB where 179 is true; none where the quoted one is true."""
    assert {row.case for row in contradicting_rows(tables)} == {f"SC{number}" for number in range(16, 24)}
    rows = [dict(row, freq_ghz="7.012") if row["case"] == "SC21" else row for row in BUDGETS]
    write_table(tables / "tr38821_link_budget_sc1_sc30.csv", rows)
    assert "SC21" not in {row.case for row in contradicting_rows(tables)}


def test_missing_and_damaged_tables_are_told_at_once(tables: Path) -> None:
    """Each by its name or by what it is for, without a traceback."""
    (tables / "laser_isl.json").unlink()
    (tables / "delportillo2019.json").write_text("{}")
    with pytest.raises(DocumentError) as caught:
        budget_checks(tables)
    first, second = caught.value.faults
    assert str(first) == "constellation checks: a reference table is damaged: KeyError('data_rates_mbps')"
    assert str(second) == "laser_isl.json: this reference table cannot be read"
