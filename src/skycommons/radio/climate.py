"""The climate of a place: what rain, cloud, gas and scintillation ask of it, from packed world maps of the ITU-R.

Rules: a site's own height counts where the recommendations let it: in the vapour and in the pressure here, in the path
through rain in `rain`. Rain rate, temperature, wet refractivity and cloud water are the map's. The sea has a climate too;
it is only labelled. The maps are read once, when they are first asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Floats, Ints, check_shape, freeze
from skycommons.base.errors import InputError
from skycommons.radio.gas import Air

EXCEEDANCES: Final = (0.05, 0.1, 0.2, 0.3, 0.5)  # shares of the year for which vapour and cloud are kept
CLOUD_WATER_FACTOR: Final = 0.46
"""What P.840-8's maps of cloud water are multiplied by to serve P.840-9, whose own maps are not to be had: the mean ratio
of both at the seven worked examples of P.840-9 within the shares kept (docs/adr/0020). Fitted, not published."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Climate:
    """Climate of ``G`` places.

    Attributes:
        latitude_rad: ``(G,)``.
        height_m: ``(G,)`` above the sea.
        rain_rate_mm_h: ``(G,)`` exceeded for 0.01 % of an average year.
        freezing_height_m: ``(G,)`` mean height of the 0 °C isotherm above the sea.
        temperature_k, pressure_pa: ``(G,)`` annual mean at the ground.
        wet_refractivity: ``(G,)`` median of the wet term, N units.
        vapour_kg_m3: ``(G, E)`` at the ground, exceeded for the shares `EXCEEDANCES` of the year.
        liquid_kg_m2: ``(G, E)`` cloud liquid water of the column, exceeded for these shares.
        at_sea: ``(G,)`` whether the map has nothing but the sea there and for some 15 km around.
    """

    latitude_rad: Floats
    height_m: Floats
    rain_rate_mm_h: Floats
    freezing_height_m: Floats
    temperature_k: Floats
    pressure_pa: Floats
    wet_refractivity: Floats
    vapour_kg_m3: Floats
    liquid_kg_m2: Floats
    at_sea: Bools

    def __len__(self) -> int:
        return len(self.latitude_rad)

    def take(self, rows: Bools | Ints) -> "Climate":
        """Only these places."""
        return Climate(**{name: getattr(self, name)[rows] for name in Climate.__slots__})

    def air(self, exceedance: Floats | float) -> Air:
        """Air at the ground with the vapour that is exceeded for a share of the year, ``(G,)`` or a number.

        Between the kept shares it is linear in the logarithm of the share; outside them the nearest holds.
        """
        return Air(
            pressure_pa=self.pressure_pa,
            temperature_k=self.temperature_k,
            vapour_kg_m3=at_exceedance(self.vapour_kg_m3, exceedance),
        )


def climate_at(latitude_rad: Floats, longitude_rad: Floats, height_m: Floats | None = None) -> Climate:
    """Climate of places from the packed maps.

    Args:
        latitude_rad, longitude_rad: ``(G,)``; longitudes of any turn.
        height_m: ``(G,)`` the sites' own heights above the sea; NaN or None takes the map's.

    Raises:
        InputError: A latitude or longitude is no number, or a latitude lies beyond a pole; the row is named.
        ShapeError: The arrays differ in length.

    Accuracy: total attenuation at 12 GHz and 40°, exceeded for 0.1 % of the year, is within 0.2 dB of that of the full maps
        at 95 of 100 random places on land, within 0.05 dB for sites with their own height (tests/peers/test_itur_maps.py).
    Source: ITU-R P.1511-2 (height), P.837-7 (rain rate), P.839-4 (0 °C height), P.1510-1 (temperature), P.453-14 (wet
        refractivity), P.836-6 (vapour), P.840-8 times `CLOUD_WATER_FACTOR` (cloud water), P.835-6 (pressure), by way of
        scripts/build_climate.py.
    """
    _check_places(latitude_rad, longitude_rad)
    maps = _maps()
    height = _bilinear(maps["height_m"], latitude_rad, longitude_rad)
    if height_m is not None:
        check_shape("height_m", height_m, (len(latitude_rad),))
        height = np.where(np.isnan(height_m), height, height_m)
    return Climate(
        latitude_rad=latitude_rad,
        height_m=height,
        rain_rate_mm_h=_bilinear(maps["rain_rate_mm_h"], latitude_rad, longitude_rad),
        freezing_height_m=_bilinear(maps["freezing_height_m"], latitude_rad, longitude_rad),
        temperature_k=_bilinear(maps["temperature_k"], latitude_rad, longitude_rad),
        pressure_pa=standard_pressure_pa(height),
        wet_refractivity=_bilinear(maps["wet_refractivity"], latitude_rad, longitude_rad),
        vapour_kg_m3=_vapour(latitude_rad, longitude_rad, height),
        liquid_kg_m2=CLOUD_WATER_FACTOR * _bilinear(maps["liquid_kg_m2"], latitude_rad, longitude_rad),
        at_sea=_at_sea(latitude_rad, longitude_rad),
    )


def terrain_height_m(latitude_rad: Floats, longitude_rad: Floats) -> Floats:
    """``(G,)`` height of the ground above the sea; 0 where the map has the sea.

    Args:
        latitude_rad, longitude_rad: ``(G,)``; longitudes of any turn.

    Raises:
        InputError: A latitude or longitude is no number, or a latitude lies beyond a pole; the row is named.
        ShapeError: The arrays differ in length.

    Accuracy: means over a quarter of a degree, so mountains and valleys are flattened.
    Source: ITU-R P.1511-2, by way of scripts/build_climate.py.
    """
    _check_places(latitude_rad, longitude_rad)
    height = _bilinear(_maps()["height_m"], latitude_rad, longitude_rad)
    return np.where(_at_sea(latitude_rad, longitude_rad), 0.0, height)


def standard_pressure_pa(height_m: Floats) -> Floats:
    """Pressure of the mean annual global reference atmosphere, up to 20 km.

    Args:
        height_m: Above the sea, any shape.

    Source: ITU-R P.835-6, equations (1a), (3a) and (3b).
    >>> standard_pressure_pa(np.array([0.0, 1000.0])).round().tolist()
    [101325.0, 89876.0]
    """
    height_km = np.asarray(height_m) / 1e3
    geopotential_km = 6356.766 * height_km / (6356.766 + height_km)
    low = 1013.25 * (288.15 / (288.15 - 6.5 * np.minimum(geopotential_km, 11.0))) ** (-34.1632 / 6.5)
    return np.asarray(100.0 * low * np.exp(-34.1632 * np.maximum(geopotential_km - 11.0, 0.0) / 216.65))


def at_exceedance(columns: Floats, exceedance: Floats | float) -> Floats:
    """``(G,)`` of columns ``(G, E)`` at a share of the year, linear in its logarithm, the nearest beyond the ends."""
    logs = np.log(np.array(EXCEEDANCES))
    place = np.interp(np.log(np.asarray(exceedance, dtype=np.float64)), logs, np.arange(len(logs)))
    low = np.minimum(place.astype(np.int64), len(logs) - 2)
    row = np.arange(len(columns))
    return np.asarray(columns[row, low] + (place - low) * (columns[row, low + 1] - columns[row, low]))


def _check_places(latitude_rad: Floats, longitude_rad: Floats) -> None:
    """Raise unless every place is one."""
    check_shape("longitude_rad", longitude_rad, (len(latitude_rad),))
    for name, values in (("latitude", latitude_rad), ("longitude", longitude_rad)):
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            raise InputError(f"place {wrong[0]}: the {name} is {values[wrong[0]]}; give a number of radians")
    beyond = np.flatnonzero(np.abs(latitude_rad) > np.pi / 2.0 + 1e-9)
    if len(beyond):
        degrees = np.degrees(latitude_rad[beyond[0]])
        raise InputError(f"place {beyond[0]}: no latitude is {degrees:.6g}°; the poles are at −90° and 90°")


def _vapour(latitude_rad: Floats, longitude_rad: Floats, height_m: Floats) -> Floats:
    """``(G, E)`` density of vapour at the ground: P.836-6 annex 1, scaled to the height at each corner of the map."""
    maps = _maps()
    corner, weight = _corners(maps["vapour_height_m"].shape, latitude_rad, longitude_rad)
    above_m = height_m - maps["vapour_height_m"].reshape(-1)[corner]
    density = maps["vapour_kg_m3"].reshape(-1, len(EXCEEDANCES))[corner]
    scale_m = maps["vapour_scale_m"].reshape(-1, len(EXCEEDANCES))[corner]
    return np.asarray(np.einsum("kg,kge->ge", weight, density * np.exp(-above_m[..., None] / scale_m)))


def _at_sea(latitude_rad: Floats, longitude_rad: Floats) -> Bools:
    """``(G,)`` where the nearest point of the map, every 0.25°, has no land within 0.25°; atolls are too small for it."""
    sea = _maps()["sea"]
    corner, weight = _corners(sea.shape, latitude_rad, longitude_rad)
    nearest = corner[weight.argmax(axis=0), np.arange(len(latitude_rad))]
    return np.asarray(sea.reshape(-1)[nearest] > 0.0)


def _bilinear(grid: Floats, latitude_rad: Floats, longitude_rad: Floats) -> Floats:
    """``(G, ...)`` of a grid ``(R, C, ...)`` at places."""
    corner, weight = _corners(grid.shape, latitude_rad, longitude_rad)
    values = grid.reshape(grid.shape[0] * grid.shape[1], -1)[corner]
    return np.asarray(np.einsum("kg,kge->ge", weight, values)).reshape(-1, *grid.shape[2:])


def _corners(shape: tuple[int, ...], latitude_rad: Floats, longitude_rad: Floats) -> tuple[Ints, Floats]:
    """Flat places and weights, ``(4, G)`` each, of the grid points around; rows from pole to pole, columns eastwards."""
    rows, columns = shape[:2]
    row = np.clip((0.5 - latitude_rad / np.pi) * (rows - 1), 0.0, rows - 1.0)
    column = longitude_rad / (2.0 * np.pi) % 1.0 * columns
    north, west = np.minimum(row.astype(np.int64), rows - 2), column.astype(np.int64) % columns
    down, across = row - north, column - np.floor(column)
    east = (west + 1) % columns
    corner = np.stack([north * columns + west, north * columns + east])
    level = np.stack([1.0 - across, across])
    return np.concatenate([corner, corner + columns]), np.concatenate([level * (1.0 - down), level * down])


@cache
def _maps() -> Mapping[str, Floats]:
    """The layers by name, ``(R, C)`` or ``(R, C, E)``, read once."""
    with (files("skycommons") / "data" / "radio" / "climate.npz").open("rb") as file, np.load(file) as archive:
        steps = {name.removesuffix("_step"): float(archive[name]) for name in archive.files if name.endswith("_step")}
        layers = {name: _unpacked(archive[name], step) for name, step in steps.items()}
    freeze(*layers.values())
    return MappingProxyType(layers)


def _unpacked(differences: NDArray[Any], step: float) -> Floats:
    """A layer from the differences of its columns, shares of the year last."""
    values = np.asarray(step * np.cumsum(differences, axis=-1, dtype=np.int16), dtype=np.float64)
    return np.ascontiguousarray(np.moveaxis(values, 0, -1)) if values.ndim == 3 else values
