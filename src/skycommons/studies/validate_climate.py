"""Our climate of a place beside the worked examples of ITU-R study group 3 that read the world maps.

The maps are packed (scripts/build_climate.py), so these rows have tolerances of their own, each with its reason. One number
is fitted: what stands in for the maps of P.840-9, which are not to be had. The seven examples that it is fitted to are
listed and judge nothing; the examples of total attenuation, which it was not fitted to, judge it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.climate import EXCEEDANCES, Climate, at_exceedance, climate_at
from skycommons.radio.cloud import cloud_loss_db
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import SlantPaths
from skycommons.studies.itu_examples import EXAMPLES, read_examples, unreadable
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared

_Columns = Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    """One table of the examples, what we give for it, and how near that must be.

    Attributes:
        chosen: The rows that the pack can answer.
        comparable: Whether the table can judge us: False where it was fitted to.
    """

    name: str
    table: tuple[str, str]
    expected: str
    compute: Callable[[_Columns], Floats]
    absolute: float
    reason: str
    chosen: Callable[[_Columns], Floats] = lambda columns: np.ones(len(columns["lat"]))
    comparable: bool = True


def climate_checks(folder: Path) -> list[RadioCheck]:
    """Compare every worked example that the packed maps can answer.

    Args:
        folder: With ``itu_validation.json``.

    Raises:
        DocumentError: The file is missing or lacks what it should hold.
    """
    path = folder / EXAMPLES
    tables = read_examples(path)
    try:
        return [_check(example, tables[example.table]) for example in _EXAMPLES]
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(path, error) from error


def _check(example: _Example, columns: _Columns) -> RadioCheck:
    """One row."""
    rows = example.chosen(columns) > 0.0
    columns = {name: values[rows] for name, values in columns.items()}
    row = compared(
        example.name,
        example.table[0],
        example.compute(columns),
        columns[example.expected],
        test=Acceptance.PROPAGATION,
        absolute=example.absolute,
        reason=example.reason,
    )
    return row if example.comparable else replace(row, comparable=False, reason=example.reason)


def _place(columns: _Columns, height_m: Floats | None = None) -> Climate:
    return climate_at(np.radians(columns["lat"]), np.radians(columns["lon"]), height_m)


def _total(columns: _Columns) -> Floats:
    paths = SlantPaths.over(
        _place(columns, columns["hs"] * 1e3),
        frequency_hz=columns["f"] * 1e9,
        elevation_rad=np.radians(columns["el"]),
        tilt_rad=np.radians(columns["tau"]),
        aperture=Aperture(diameter_m=columns["D"], efficiency=columns["eta"]),
    )
    return paths.loss(columns["p"] / 100.0).total_db


def _cloud(columns: _Columns) -> Floats:
    water = at_exceedance(_place(columns).liquid_kg_m2, columns["p"] / 100.0)
    return cloud_loss_db(columns["f"] * 1e9, np.radians(columns["el"]), water)


def _kept(columns: _Columns) -> Floats:
    """Rows within the shares of the year that the pack keeps, with water in them."""
    share = columns["p"] / 100.0
    return np.asarray((share >= EXCEEDANCES[0]) & (share <= EXCEEDANCES[-1]) & (columns["Ac"] > 0.0), dtype=np.float64)


_EXAMPLES = (
    _Example(
        name="map: rain rate exceeded for 0.01 % (mm/h)",
        table=("P.837-7", "rain rate exceeded 0.01 %"),
        expected="Rp",
        compute=lambda columns: _place(columns).rain_rate_mm_h,
        absolute=1.0,
        reason="the map is thinned from 0.125° to 0.25°",
    ),
    _Example(
        name="map: height of the 0 °C isotherm (km)",
        table=("P.839-4", "rain height"),
        expected="h0",
        compute=lambda columns: _place(columns).freezing_height_m / 1e3,
        absolute=0.002,
        reason="the map is rounded to 2 m",
    ),
    _Example(
        name="map: annual mean temperature (K)",
        table=("P.1510-1", "mean surface temperature"),
        expected="T",
        compute=lambda columns: _place(columns).temperature_k,
        absolute=0.01,
        reason="the map is rounded to 0.02 K",
    ),
    _Example(
        name="map: wet refractivity (N units)",
        table=("P.453-14", "wet term of refractivity"),
        expected="Nwet",
        compute=lambda columns: _place(columns).wet_refractivity,
        absolute=0.01,
        reason="the map is rounded to 0.02",
    ),
    _Example(
        name="map: height of the ground (km)",
        table=("P.1511-2", "topographic altitude"),
        expected="hs",
        compute=lambda columns: _place(columns).height_m / 1e3,
        absolute=0.15,
        reason="the map is thinned from 1/12° to 0.25°; a site's own height is better",
    ),
    _Example(
        name="total attenuation through the maps",
        table=("P.618-14", "total attenuation exceeded for p %"),
        expected="A_total",
        compute=_total,
        absolute=0.3,
        reason="vapour is P.836-6's where the examples take P.2145's, cloud water is not P.840-9's",
    ),
    _Example(
        name="cloud through the maps, 5 to 50 % of the year",
        table=("P.840-9", "cloud attenuation"),
        expected="Ac",
        compute=_cloud,
        absolute=0.1,
        reason="the maps of P.840-9 are not to be had; those of P.840-8 are scaled by one factor fitted to these examples",
        chosen=_kept,
        comparable=False,
    ),
)
