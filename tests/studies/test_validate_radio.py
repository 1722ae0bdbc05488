"""The comparison with the ITU's examples, on a few of them re-keyed here (CG-3M3J-13 ValEx, as ITU-Rpy's tests carry them)."""

import json
from pathlib import Path
from typing import Any

import pytest

from skycommons.base.errors import DocumentError
from skycommons.studies.validate_radio import propagation_checks, validate_radio

GEOMETRY = "altitude_km,elevation_deg,slant_range_km,fspl_11.7ghz_db\n340,5,1625.603,178.032\n340,10,1275.243,175.923\n"
GAS = [1.0, 1013.25, 288.15, 7.5, 0.00538865816790655, 5.09046173249644e-05, 0.00543956278523152]


def case(recommendation: str, quantity: str, columns: str, *rows: list[float]) -> dict[str, Any]:
    """One table as the file writes it."""
    return {"recommendation": recommendation, "quantity": quantity, "columns": columns.split(), "rows": list(rows)}


def cases() -> list[dict[str, Any]]:
    """One example of every table, and a cloud example whose water is not given."""
    return [
        case(
            *(
                "P.618-14",
                "rain attenuation exceeded for p %",
                "lat lon hs f el tau p R001 Ls D eta N_wet A_rain A_scin",
            ),
            [
                *(51.5, -0.14, 0.031382984, 14.25, 31.07699124, 0.0, 1.0, 26.48052, 4.690817392, 1.0, 0.65),
                *(50.38926222, 0.495317069, 0.261931889),
            ],
        ),
        case(
            *("P.618-14", "scintillation fade exceeded for p %", "lat lon f el p D eta A_scin"),
            [51.5, -0.14, 14.25, 31.076991235657, 1.0, 1.0, 0.65, 0.261931888971004],
        ),
        case("P.618-14", "rain XPD", "p f el tau Ap XPD", [1.0, 14.25, 31.07699124, 0.0, 0.49531707, 49.47769944]),
        case(
            *("P.618-13", "total attenuation exceeded for p %", "A_gas_1 A_clouds_1 A_rain A_scin A_total"),
            [0.226874038, 0.455169824, 0.495316047, 0.261931889, 1.212790721],
        ),
        case("P.676-13", "specific gaseous attenuation", "f P T rho gamma0 gammaw gamma", GAS),
        case(
            *("P.676-13", "slant path gaseous attenuation", "f el rho P T A_gas"),
            [38.5, 45.0, 13.998103358274586, 988.3342860812425, 295.15, 0.6724061393008622],
        ),
        case(
            *("P.838-3", "rain specific attenuation", "el f R tau gamma_r"),
            [31.07699124, 14.25, 26.48052, 0.0, 1.58130839],
        ),
        case("P.839-4", "rain height", "h0 hr", [4.5979744, 4.9579744]),
        case(
            *("P.840-9", "cloud attenuation", "lat lon f el p Ac"),
            [0.0, 0.0, 6.0, 15.0, 0.015, 0.09905224128740467],
            [45.0, 90.0, 45.0, 90.0, 65.0, 0.0],
        ),
        case("P.840-9", "integrated cloud liquid water", "lat lon p Lred", [0.0, 0.0, 0.015, 0.82359246235649]),
    ]


def write(folder: Path, tables: object, geometry: str = GEOMETRY) -> Path:
    """A folder as the comparison reads it."""
    (folder / "itu_validation.json").write_text(json.dumps({"cases": tables}), "utf-8")
    (folder / "geometry_fspl.csv").write_text(geometry, "utf-8")
    return folder


def test_every_example_agrees(tmp_path: Path) -> None:
    """Those without water are left out."""
    checks = propagation_checks(write(tmp_path, cases()))
    assert [check.name for check in checks if not check.verdict] == []
    assert {check.name: check.cases for check in checks}["cloud, given its water"] == 1
    assert all(check.largest_relative < 1e-5 for check in checks)


def test_a_wrong_number_is_shown(tmp_path: Path) -> None:
    """With the size of the difference; nothing is fitted."""
    tables = cases()
    tables[4]["rows"] = [GAS, [*GAS[:-1], 2 * GAS[-1]]]
    check = next(check for check in propagation_checks(write(tmp_path, tables)) if check.name == "gas, both (dB/km)")
    assert (check.cases, check.within, check.verdict) == (2, 1, False)
    assert check.largest_relative == pytest.approx(0.5)
    assert check.largest_absolute_db == pytest.approx(GAS[-1])


def test_all_missing_tables_are_told_at_once(tmp_path: Path) -> None:
    """With the columns that lack."""
    tables = cases()
    del tables[9], tables[7]
    tables[3]["columns"][0] = "gas"
    with pytest.raises(DocumentError) as told:
        propagation_checks(write(tmp_path, tables))
    places = [fault.place for fault in told.value.faults]
    assert places == ["P.839-4 rain height", "P.618-13 total attenuation exceeded for p %", "P.840-9 cloud attenuation"]


@pytest.mark.parametrize(
    "tables", [None, [{}], [{"recommendation": "a", "quantity": "b", "columns": ["c"], "rows": "d"}]]
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, tables: object) -> None:
    """One message, no traceback."""
    with pytest.raises(DocumentError, match="cannot be read as validation examples"):
        propagation_checks(write(tmp_path, tables))


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """Its name is told."""
    with pytest.raises(DocumentError, match="nowhere"):
        propagation_checks(tmp_path / "nowhere")


def test_a_table_without_losses_shows_nothing(tmp_path: Path) -> None:
    """A check without cases does not agree."""
    check = propagation_checks(write(tmp_path, cases(), "altitude_km,elevation_deg\n340,5\n"))[12]
    assert (check.name, check.cases, check.verdict) == ("free-space loss", 0, False)


@pytest.mark.parametrize("geometry", ["", "altitude_km\n340\n", "altitude_km\nhigh\n", "a,b\n1\n"])
def test_a_table_of_something_else_is_refused(tmp_path: Path, geometry: str) -> None:
    """Empty, short, wordy or ragged."""
    with pytest.raises(DocumentError, match="cannot be read as a table of distances"):
        propagation_checks(write(tmp_path, cases(), geometry))


def test_all_parts_are_one_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Propagation first, then what the others add, in their order."""
    names = (
        "climate_checks",
        "budget_checks",
        "rule_checks",
        "delportillo_checks",
        "plausibility_checks",
        "weather_checks",
    )
    for name in names:
        monkeypatch.setattr(f"skycommons.studies.validate_radio.{name}", lambda *_, name=name, **__: [name])
    assert validate_radio(write(tmp_path, cases())) == [*propagation_checks(tmp_path), *names]


def test_faults_of_all_parts_are_told_at_once(tmp_path: Path) -> None:
    """Every file that is missing, by its name."""
    with pytest.raises(DocumentError) as told:
        validate_radio(tmp_path)
    text = str(told.value)
    assert len(set(told.value.faults)) == len(told.value.faults)
    assert text.startswith(str(tmp_path))
    for name in (
        "itu_validation.json",
        "isl_line_of_sight.csv",
        "gso_arc.csv",
        "delportillo2019.json",
        "starlink_capacity_anchors.csv",
    ):
        assert name in text


def test_a_folder_that_is_not_there_is_said_once(tmp_path: Path) -> None:
    """Not once for each file in it."""
    with pytest.raises(DocumentError, match="folder: is not there") as caught:
        validate_radio(tmp_path / "nowhere")
    assert len(caught.value.faults) == 1
