"""Every acceptance test of the radio room in one list, and the part about propagation.

Our propagation stands beside the worked examples of ITU-R study group 3, our geometry beside a table of distances.
Nothing is fitted. Examples that need a world map of the climate take its value from the example itself, or are left out:
what a map gives is another comparison.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import DocumentError, Fault
from skycommons.radio.atmosphere import AtmosphereLoss, cross_polar_discrimination_db
from skycommons.radio.cloud import cloud_loss_db
from skycommons.radio.free_space import free_space_loss_db, slant_range_m
from skycommons.radio.gas import Air, gas_loss_db, specific_gas_loss_db_km
from skycommons.radio.rain import RainPath, rain_height_m, rain_loss_db, rain_power_law
from skycommons.radio.scintillation import Aperture, scintillation_deviation_db, scintillation_loss_db
from skycommons.studies.itu_examples import EXAMPLES, ExampleColumns, ExampleKey, read_examples
from skycommons.studies.radio_check import RadioCheck
from skycommons.studies.validate_budgets import budget_checks
from skycommons.studies.validate_climate import climate_checks
from skycommons.studies.validate_delportillo import delportillo_checks
from skycommons.studies.validate_plausibility import plausibility_checks
from skycommons.studies.validate_rules import rule_checks
from skycommons.studies.validate_weather import weather_checks

GEOMETRY = "geometry_fspl.csv"
RELATIVE = 1e-6
_FEW_INSTANTS = 8  # of the day, for totals of constellations; all day long takes their own command
ABSOLUTE_DB = 1e-8
_EXAMPLE_TOLERANCE = "1e-6 relative or 1e-8 dB"
_Columns = ExampleColumns
_Key = ExampleKey
_Tables = dict[_Key, _Columns]

_RAIN: _Key = ("P.618-14", "rain attenuation exceeded for p %")
_SCINTILLATION: _Key = ("P.618-14", "scintillation fade exceeded for p %")
_CLOUD: _Key = ("P.840-9", "cloud attenuation")
_LIQUID: _Key = ("P.840-9", "integrated cloud liquid water")
_GAS: _Key = ("P.676-13", "specific gaseous attenuation")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    """One table of the examples and how we compute its expected column."""

    name: str
    table: _Key
    expected: str
    compute: Callable[[_Columns], Floats]


def validate_radio(folder: Path) -> list[RadioCheck]:
    """Compare everything: every acceptance test has its rows.

    Args:
        folder: With the tables of published numbers.
    Raises:
        DocumentError: Files are missing or lack what they should hold; all faults at once.
    """
    if not folder.is_dir():
        raise DocumentError(
            str(folder), [Fault("folder", "is not there; name the one that holds the published tables")]
        )
    checks: list[RadioCheck] = []
    faults: list[Fault] = []
    for part in (
        propagation_checks,
        climate_checks,
        budget_checks,
        rule_checks,
        partial(delportillo_checks, instants=_FEW_INSTANTS),
        plausibility_checks,
    ):
        try:
            checks += part(folder)
        except DocumentError as error:
            faults += [
                fault
                if error.source == str(folder)
                else Fault(f"{Path(error.source).name}: {fault.place}", fault.message)
                for fault in error.faults
            ]
    if faults:
        raise DocumentError(str(folder), list(dict.fromkeys(faults)))  # two parts may miss the same file
    return [*checks, *weather_checks()]


def propagation_checks(folder: Path) -> list[RadioCheck]:
    """Compare every worked example that needs no map, and free-space loss.

    Args:
        folder: With ``itu_validation.json`` and ``geometry_fspl.csv``.
    Raises:
        DocumentError: A file is missing or lacks what it should hold; all faults at once.
    """
    tables = _read_examples(folder / EXAMPLES)
    faults: list[Fault] = []
    checks: list[RadioCheck] = []
    for example in _EXAMPLES:
        try:
            columns = tables[example.table]
            expected, ours = columns[example.expected], example.compute(columns)
        except (KeyError, ValueError) as error:
            faults.append(Fault(" ".join(example.table), f"the table is missing or lacks a column ({error})"))
            continue
        checks.append(_check(example.name, example.table[0], ours=ours, expected=expected))
    if faults:
        raise DocumentError(str(folder / EXAMPLES), faults)
    return [*checks, *_distance_checks(folder / GEOMETRY)]


def _check(name: str, recommendation: str, *, ours: Floats, expected: Floats) -> RadioCheck:
    """Ours beside the example's, case by case."""
    difference = np.abs(ours - expected)
    relative = np.divide(difference, np.abs(expected), out=np.zeros_like(difference), where=expected != 0.0)
    return RadioCheck(
        name=name,
        recommendation=recommendation,
        cases=expected.size,
        within=int(np.count_nonzero((difference <= ABSOLUTE_DB) | (difference <= RELATIVE * np.abs(expected)))),
        largest_relative=float(np.max(relative, initial=0.0)),
        largest_absolute_db=float(np.max(difference, initial=0.0)),
        tolerance=_EXAMPLE_TOLERANCE,
    )


def _read_examples(path: Path) -> _Tables:
    """The tables, with the columns that an example takes from another one's table."""
    tables = read_examples(path)
    _join(tables, _CLOUD, source=_LIQUID, column="Lred", keys=("lat", "lon", "p"))
    _join(tables, _SCINTILLATION, source=_RAIN, column="N_wet", keys=("lat", "lon"))
    return tables


def _join(tables: _Tables, table: _Key, *, source: _Key, column: str, keys: Sequence[str]) -> None:
    """Take one column of another table over, row by row by its keys; rows that it does not know are dropped."""
    rows, given = tables.get(table, {}), tables.get(source, {})
    if not {*keys, column} <= given.keys() or not set(keys) <= rows.keys():
        return  # the comparison that needs it tells
    known = dict(zip(zip(*(given[key].tolist() for key in keys), strict=True), given[column].tolist(), strict=True))
    places = list(zip(*(rows[key].tolist() for key in keys), strict=True))
    kept = np.array([place in known for place in places], dtype=np.bool_)
    joined = np.array([known[place] for place in places if place in known])
    tables[table] = {**{name: values[kept] for name, values in rows.items()}, column: joined}


def _distance_checks(path: Path) -> list[RadioCheck]:
    """Free-space loss over the slant range, to the digits that the table prints."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
        columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        range_m = slant_range_m(1e3 * columns["altitude_km"], np.radians(columns["elevation_deg"]))
        losses = [name for name in columns if name.startswith("fspl_")]
        printed_db = np.array([columns[name] for name in losses]).reshape(-1, range_m.size)
        carriers_hz = [1e9 * float(name.removeprefix("fspl_").removesuffix("ghz_db")) for name in losses]
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise DocumentError(
            str(path), [Fault("file", f"cannot be read as a table of distances ({error!r})")]
        ) from error
    ours_db = free_space_loss_db(range_m, np.array(carriers_hz)[:, np.newaxis])
    away_db = np.abs(ours_db - printed_db)
    return [
        RadioCheck(
            name="free-space loss",
            recommendation="P.525-4",
            cases=away_db.size,
            within=int(np.count_nonzero(away_db <= 0.5e-3 + 1e-6)),
            largest_relative=float(np.max(away_db / ours_db, initial=0.0)),
            largest_absolute_db=float(np.max(away_db, initial=0.0)),
            tolerance="0.0005 dB, as printed",
        ),
    ]


def _air(columns: _Columns) -> Air:
    """The air of an example; its pressure column is that of dry air."""
    dry = Air(pressure_pa=100.0 * columns["P"], temperature_k=columns["T"], vapour_kg_m3=columns["rho"] / 1e3)
    return replace(dry, pressure_pa=dry.pressure_pa + dry.vapour_pressure_pa)


def _power_law_loss(columns: _Columns) -> Floats:
    law = rain_power_law(1e9 * columns["f"], np.radians(columns["el"]), np.radians(columns["tau"]))
    return law.loss_db_km(columns["R"])


def _rain(columns: _Columns) -> Floats:
    """The examples give the slant path; the rain height follows."""
    elevation = np.radians(columns["el"])
    path = RainPath(
        frequency_hz=1e9 * columns["f"],
        elevation_rad=elevation,
        tilt_rad=np.radians(columns["tau"]),
        latitude_rad=np.radians(columns["lat"]),
        height_m=1e3 * columns["hs"],
        rain_height_m=1e3 * (columns["hs"] + columns["Ls"] * np.sin(elevation)),
        rate_mm_h=columns["R001"],
    )
    return rain_loss_db(path, columns["p"] / 100.0)


def _scintillation(columns: _Columns) -> Floats:
    deviation = scintillation_deviation_db(
        1e9 * columns["f"],
        np.radians(columns["el"]),
        wet_refractivity=columns["N_wet"],
        aperture=Aperture(diameter_m=columns["D"], efficiency=columns["eta"]),
    )
    return scintillation_loss_db(deviation, columns["p"] / 100.0)


def _total(columns: _Columns) -> Floats:
    return AtmosphereLoss(
        gas_db=columns["A_gas_1"],
        cloud_db=columns["A_clouds_1"],
        rain_db=columns["A_rain"],
        scintillation_db=columns["A_scin"],
    ).total_db


def _discrimination(columns: _Columns) -> Floats:
    return cross_polar_discrimination_db(
        1e9 * columns["f"],
        np.radians(columns["el"]),
        tilt_rad=np.radians(columns["tau"]),
        rain_db=columns["Ap"],
        exceedance=columns["p"] / 100.0,
    )


def _cloud(columns: _Columns) -> Floats:
    return cloud_loss_db(1e9 * columns["f"], np.radians(columns["el"]), columns["Lred"])


def _slant_gas(columns: _Columns) -> Floats:
    return gas_loss_db(1e9 * columns["f"], np.radians(columns["el"]), _air(columns)).total_db


def _specific(part: str) -> Callable[[_Columns], Floats]:
    """One column of the specific attenuation of gas."""
    return lambda columns: np.asarray(getattr(specific_gas_loss_db_km(1e9 * columns["f"], _air(columns)), part))


_EXAMPLES = tuple(
    _Example(name=name, table=table, expected=expected, compute=compute)
    for name, table, expected, compute in (
        ("rain, specific (dB/km)", ("P.838-3", "rain specific attenuation"), "gamma_r", _power_law_loss),
        (
            "rain height (km)",
            ("P.839-4", "rain height"),
            "hr",
            lambda columns: rain_height_m(1e3 * columns["h0"]) / 1e3,
        ),
        ("rain", _RAIN, "A_rain", _rain),
        ("rain, cross-polar discrimination", ("P.618-14", "rain XPD"), "XPD", _discrimination),
        ("scintillation", _SCINTILLATION, "A_scin", _scintillation),
        ("scintillation, to 29 GHz and 0.001 %", _RAIN, "A_scin", _scintillation),
        ("total of given parts", ("P.618-13", "total attenuation exceeded for p %"), "A_total", _total),
        ("gas, oxygen (dB/km)", _GAS, "gamma0", _specific("oxygen_db")),
        ("gas, water vapour (dB/km)", _GAS, "gammaw", _specific("vapour_db")),
        ("gas, both (dB/km)", _GAS, "gamma", _specific("total_db")),
        ("gas, slant path", ("P.676-13", "slant path gaseous attenuation"), "A_gas", _slant_gas),
        ("cloud, given its water", _CLOUD, "Ac", _cloud),
    )
)
