"""Budgets, ladders, geometry and light beside published figures.

Nothing is fitted. A printed row that contradicts its own geometry is listed (`contradicting_rows`), judges nothing and
counts for nothing.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import LIGHT_SPEED_M_S
from skycommons.base.errors import DocumentError, Fault
from skycommons.radio.antenna import beam_footprint
from skycommons.radio.budget import BudgetTerm, LinkBudget, link_budget
from skycommons.radio.free_space import free_space_loss_db, slant_range_m
from skycommons.radio.laser import LaserTerminal, longest_chord_m, received_power_dbm
from skycommons.radio.modcod import dvb_efficiency, ladder, outer_parity_bits, single_carrier_symbol_rate_hz
from skycommons.radio.sphere import central_angle_rad, nadir_angle_rad
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared, listed, not_comparable

TR_38_821 = "3GPP TR 38.821 table 6.1.3.3-1"
# What a terminal hears and a satellite sends is in the table; how high its satellites fly is in TR 38.821 table 6.1.1.1-1.
TR_ALTITUDES_M = {"GEO": 35_786e3, "LEO600": 600e3, "LEO1200": 1_200e3}
# Free-space losses that transcripts quote for cases whose range and frequency say otherwise.
_QUOTED_LOSSES_DB = (
    *((f"SC{number}", 201.6) for number in (16, 17, 18)),
    *((f"SC{number}", 196.0) for number in (19, 20)),
    *((f"SC{number}", 170.0) for number in (21, 22, 23)),
)
_ROLL_OFF = 0.1  # of del Portillo et al. 2019: inferred, and the six rates confirm it
_OTHER_LOSSES = (
    ("gas", "gas_loss_db"),
    ("shadowing margin", "shadow_margin_db"),
    ("scintillation", "scintillation_db"),
    ("polarisation", "polarisation_db"),
    ("further losses", "additional_db"),
)

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictingRow:
    """A printed loss that the row's own range and frequency contradict: ``quoted_db`` beside ``computed_db``."""

    case: str
    quoted_db: float
    computed_db: float


def budget_checks(folder: Path) -> list[RadioCheck]:
    """Every comparison of budgets, ladders, geometry and light with the reference tables of a folder.

    Raises:
        DocumentError: A table is missing or is not what its name says.
    """
    parts: tuple[Callable[[Path], list[RadioCheck]], ...] = (
        _nonterrestrial_checks,
        _ladder_checks,
        _constellation_checks,
        _geometry_checks,
        _laser_checks,
    )
    checks: list[RadioCheck] = []
    faults = []
    for part in parts:
        try:
            checks += part(folder)
        except OSError as error:
            faults.append(Fault(Path(error.filename).name, "this reference table cannot be read"))
        except (KeyError, IndexError, StopIteration, TypeError, ValueError) as error:
            faults.append(Fault(part.__name__.strip("_").replace("_", " "), f"a reference table is damaged: {error!r}"))
    if faults:
        raise DocumentError(str(folder), faults)
    return checks


def published_budget(row: dict[str, str]) -> LinkBudget:
    """The budget of one row of TR 38.821's table, its path loss computed from elevation, altitude and frequency."""
    loss_db = float(free_space_loss_db(_range_m(row), np.asarray(float(row["freq_ghz"]) * 1e9)))
    path = BudgetTerm(name="free space", value_db=loss_db, unit="dB", source="ITU-R P.525-4", loss=True)
    others = tuple(
        BudgetTerm(name=name, value_db=float(row[column]), unit="dB", source=TR_38_821, loss=True)
        for name, column in _OTHER_LOSSES
    )
    return link_budget(
        f"{row['case']} {row['direction']}",
        eirp=BudgetTerm(name="EIRP", value_db=float(row["eirp_dbw"]), unit="dBW", source=TR_38_821),
        g_over_t=BudgetTerm(
            name="G/T",
            value_db=float(row["rx_g_over_t_db_k"]),
            unit="dB/K",
            source=TR_38_821,
            # Satellites of set 2 and the geostationary one are recalled, not read in the table.
            assumed=row["direction"] == "UL" and (row["param_set"] == "2" or row["orbit"] == "GEO"),
        ),
        losses=(path, *others),
        bandwidth_hz=float(row["bandwidth_mhz"]) * 1e6,
    )


def contradicting_rows(folder: Path) -> tuple[ContradictingRow, ...]:
    """Cases of TR 38.821 whose quoted path loss is not that of their geometry by more than 0.5 dB.

    Raises:
        OSError: The table is missing.
        KeyError: It lacks a case.
    """
    down = {row["case"]: row for row in _nonterrestrial_rows(folder) if row["direction"] == "DL"}
    found = []
    for case, quoted_db in _QUOTED_LOSSES_DB:
        computed_db = float(free_space_loss_db(_range_m(down[case]), np.asarray(float(down[case]["freq_ghz"]) * 1e9)))
        if abs(computed_db - quoted_db) > 0.5:
            found.append(ContradictingRow(case=case, quoted_db=quoted_db, computed_db=computed_db))
    return tuple(found)


def _nonterrestrial_checks(folder: Path) -> list[RadioCheck]:
    rows = _nonterrestrial_rows(folder)
    printed = [row for row in rows if row["cnr_published_db"]]
    first = next(row for row in rows if row["case"] == "SC1" and row["direction"] == "DL")
    loss_db = [float(free_space_loss_db(_range_m(row), np.asarray(float(row["freq_ghz"]) * 1e9))) for row in rows]
    return [
        compared(
            "C/N of the printed rows, SC6 and SC9",
            f"{TR_38_821}, rows read in two transcripts",
            [published_budget(row).cn_db for row in printed],
            [float(row["cnr_published_db"]) for row in printed],
            test=Acceptance.BUDGETS,
            unit="dB",
            absolute=0.1,
        ),
        *(_contradiction(row) for row in contradicting_rows(folder)),
        compared(
            "path loss of SC1",
            TR_38_821,
            [loss_db[rows.index(first)]],
            [210.6],
            test=Acceptance.BUDGETS,
            unit="dB",
            absolute=0.05,
        ),
        compared(
            "path loss of all rows",
            f"{TR_38_821}, from geometry",
            loss_db,
            _column(rows, "fspl_db"),
            test=Acceptance.BUDGETS,
            unit="dB",
            absolute=0.01,
        ),
        compared(
            "C/N of all rows",
            f"{TR_38_821}, recomputed from its inputs, not printed there",
            [published_budget(row).cn_db for row in rows],
            _column(rows, "cnr_recomputed_db"),
            test=Acceptance.BUDGETS,
            unit="dB",
            absolute=0.02,
        ),
    ]


def _contradiction(row: ContradictingRow) -> RadioCheck:
    """A row for the list that judges nothing."""
    return not_comparable(
        f"path loss quoted for {row.case}",
        "transcripts of 3GPP TR 38.821",
        test=Acceptance.BUDGETS,
        value=listed([row.computed_db], "dB"),
        expectation=listed([row.quoted_db], "dB"),
        reason="the quoted loss contradicts the range and frequency of its own row",
    )


def _ladder_checks(folder: Path) -> list[RadioCheck]:
    rows = _table(folder / "dvbs2_dvbs2x_modcod.csv")
    ours = {row.name: row for row in ladder("dvb-s2x").modcods}
    lengths = [
        dvb_efficiency(
            ours[row["modcod"]].bits_per_symbol,
            ours[row["modcod"]].code_rate,
            parity_bits=outer_parity_bits(row["standard"], ours[row["modcod"]].code_rate),
        )
        for row in rows
    ]
    source = "EN 302 307-1 table 13, EN 302 307-2 table 20a"
    nr_rows = _table(folder / "nr_mcs_38214.csv")
    nr_ours = [ladder(f"nr-{row['mcs_table']}").modcod(f"MCS {row['mcs_index']}") for row in nr_rows]
    return [
        compared(
            "bits per symbol from the frame's lengths",
            source,
            lengths,
            _column(rows, "efficiency_bit_per_symbol"),
            test=Acceptance.LADDERS,
            absolute=2e-6,
        ),
        compared(
            "thresholds of DVB-S2X",
            source,
            [ours[row["modcod"]].threshold_db for row in rows],
            _column(rows, "esn0_db_awgn"),
            test=Acceptance.LADDERS,
            absolute=1e-9,
        ),
        compared(
            "bits per symbol of NR, order times rate",
            "TS 38.214 tables 5.1.3.1-1 and -2",
            [float(row.bits_per_symbol * row.code_rate) for row in nr_ours],
            _column(nr_rows, "spectral_efficiency"),
            test=Acceptance.LADDERS,
            absolute=5.1e-5,
        ),
    ]


def _constellation_checks(folder: Path) -> list[RadioCheck]:
    document = json.loads((folder / "delportillo2019.json").read_text(encoding="utf-8"))
    rates = document["data_rates_mbps"]
    beams: list[dict[str, Any]] = [beam for link in ("gateway_up", "user_down") for beam in rates[link].values()]
    results, fleet = document["results"], document["n_sat"]
    names = sorted(fleet)
    average, share = results["avg_per_sat_gbps"], results["sat_efficiency"]
    paper = "del Portillo et al. 2019 (Acta Astronautica 159)"
    return [
        compared(
            "rates of beams",
            f"{paper}, tables 5 and 6 (recalled)",
            [_beam_rate_bps(beam["modcod"], beam["bw_mhz"] * 1e6) / 1e6 for beam in beams],
            [beam["rate"] for beam in beams],
            test=Acceptance.CONSTELLATIONS,
            unit="Mbit/s",
            relative=1e-3,
        ),
        compared(
            "average rate times satellites",
            paper,
            [average[name] * fleet[name] / 1e3 for name in names],
            [results["total_throughput_tbps"][name] for name in names],
            test=Acceptance.CONSTELLATIONS,
            unit="Tbit/s",
            relative=2e-3,
        ),
        compared(
            "average rate by its share of the most",
            paper,
            [average[name] / share[name] for name in names],
            [results["per_sat_max_gbps_derived_from_avg_over_efficiency"][name] for name in names],
            test=Acceptance.CONSTELLATIONS,
            unit="Gbit/s",
            relative=1e-3,
        ),
    ]


def _geometry_checks(folder: Path) -> list[RadioCheck]:
    rows = _table(folder / "geometry_fspl.csv")
    altitude_m, elevation_rad = _column(rows, "altitude_km") * 1e3, np.radians(_column(rows, "elevation_deg"))
    range_m, nadir_rad = slant_range_m(altitude_m, elevation_rad), nadir_angle_rad(elevation_rad, altitude_m)
    central_rad = central_angle_rad(nadir_rad, altitude_m)
    spots = _table(folder / "beam_footprint_550km.csv")
    spot = beam_footprint(
        np.radians(_column(spots, "beamwidth_nadir_deg")), np.radians(_column(spots, "elevation_deg")), 550e3
    )
    sphere = "triangles on a sphere of 6,371 km"
    return [
        *_anchor_checks(sphere),
        compared(
            "slant range, km",
            sphere,
            range_m / 1e3,
            _column(rows, "slant_range_km"),
            test=Acceptance.GEOMETRY,
            absolute=6e-4,
        ),
        compared(
            "nadir angle, degrees",
            sphere,
            np.degrees(nadir_rad),
            _column(rows, "nadir_angle_deg"),
            test=Acceptance.GEOMETRY,
            absolute=6e-5,
        ),
        compared(
            "central angle, degrees",
            sphere,
            np.degrees(central_rad),
            _column(rows, "earth_central_angle_deg"),
            test=Acceptance.GEOMETRY,
            absolute=6e-5,
        ),
        compared(
            "beam on the ground away from the satellite, km",
            "beam widened by 1/cos at 550 km",
            spot.radial_m / 1e3,
            _column(spots, "footprint_radial_km"),
            test=Acceptance.GEOMETRY,
            absolute=0.06,
        ),
        compared(
            "beam on the ground across, km",
            "beam at 550 km",
            spot.transverse_m / 1e3,
            _column(spots, "footprint_transverse_km"),
            test=Acceptance.GEOMETRY,
            absolute=0.06,
        ),
    ]


def _anchor_checks(source: str) -> list[RadioCheck]:
    """A satellite at 550 km, seen 25 degrees above the horizon: the figures of every paper."""
    elevation_rad = np.radians(25.0)
    range_m = slant_range_m(np.asarray(550e3), elevation_rad)
    nadir_rad = nadir_angle_rad(elevation_rad, 550e3)
    anchors = (
        ("slant range", range_m / 1e3, 1_123.3, 0.05, "km"),
        ("nadir angle", np.degrees(nadir_rad), 56.54, 0.005, "degrees"),
        ("central angle", np.degrees(central_angle_rad(nadir_rad, 550e3)), 8.46, 0.005, "degrees"),
        ("one way", range_m / LIGHT_SPEED_M_S * 1e3, 3.747, 0.0005, "ms"),
    )
    return [
        compared(
            f"550 km at 25 degrees: {name}",
            source,
            ours,
            printed,
            test=Acceptance.GEOMETRY,
            unit=unit,
            absolute=half_digit,
        )
        for name, ours, printed, half_digit, unit in anchors
    ]


def _laser_checks(folder: Path) -> list[RadioCheck]:
    rows = _table(folder / "isl_line_of_sight.csv")
    altitude_m, grazing_m = _column(rows, "altitude_km") * 1e3, _column(rows, "grazing_altitude_km") * 1e3
    facts = json.loads((folder / "laser_isl.json").read_text(encoding="utf-8"))
    return [
        compared(
            "longest laser, km",
            "line of sight above a grazing height",
            longest_chord_m(altitude_m, altitude_m, grazing_m) / 1e3,
            _column(rows, "max_range_km"),
            test=Acceptance.LIGHT,
            absolute=0.06,
        ),
        compared(
            "longest laser flown is the chord of 550 km",
            "the operator's figure at SPIE Photonics West, 2024",
            [float(longest_chord_m(550e3, 550e3, 0.0)) / 1e3],
            [facts["longest_link_km"]],
            test=Acceptance.LIGHT,
            unit="km",
            relative=2e-3,
        ),
        compared(
            "light received at 1,000 and 5,016 km",
            "Liang et al. 2022 (arXiv 2204.13177), equations; terminal assumed",
            received_power_dbm(LaserTerminal(), np.array([1_000e3, 5_016e3])),
            [-18.0, -32.0],
            test=Acceptance.LIGHT,
            unit="dBm",
            absolute=0.5,
        ),
    ]


def _beam_rate_bps(modcod: str, bandwidth_hz: float) -> float:
    symbols_hz = single_carrier_symbol_rate_hz(bandwidth_hz, roll_off=_ROLL_OFF)
    return symbols_hz * ladder("dvb-s2x").modcod(modcod).spectral_efficiency


def _range_m(row: dict[str, str]) -> Floats:
    return slant_range_m(np.asarray(TR_ALTITUDES_M[row["orbit"]]), np.radians(float(row["elevation_deg"])))


def _nonterrestrial_rows(folder: Path) -> Rows:
    return _table(folder / "tr38821_link_budget_sc1_sc30.csv")


def _table(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _column(rows: Rows, name: str) -> Floats:
    return np.array([float(row[name]) for row in rows])
