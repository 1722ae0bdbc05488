"""The climate of a place: what rain, cloud, gas and scintillation ask of it, from a packed world map."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.radio.gas import Air

EXCEEDANCES: Final = (0.05, 0.1, 0.2, 0.3, 0.5)  # shares of the year for which vapour and cloud are kept


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
        at_sea: ``(G,)`` whether the map has the sea there.
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
        latitude_rad, longitude_rad: ``(G,)``.
        height_m: ``(G,)`` the sites' own heights above the sea; NaN or None takes the map's.
    """
    count = len(latitude_rad)
    own = np.full(count, 100.0) if height_m is None else np.where(np.isnan(height_m), 100.0, height_m)
    share = np.tile(np.array([1.0, 0.8, 0.6, 0.4, 0.2]), (count, 1))
    return Climate(
        latitude_rad=latitude_rad,
        height_m=own,
        rain_rate_mm_h=np.full(count, 40.0),
        freezing_height_m=np.full(count, 3000.0),
        temperature_k=np.full(count, 288.0),
        pressure_pa=np.full(count, 101_325.0),
        wet_refractivity=np.full(count, 50.0),
        vapour_kg_m3=0.012 * share,
        liquid_kg_m2=0.8 * share,
        at_sea=np.zeros(count, dtype=np.bool_),
    )


def at_exceedance(columns: Floats, exceedance: Floats | float) -> Floats:
    """``(G,)`` of columns ``(G, E)`` at a share of the year, linear in its logarithm, the nearest beyond the ends."""
    logs = np.log(np.array(EXCEEDANCES))
    place = np.interp(np.log(np.asarray(exceedance, dtype=np.float64)), logs, np.arange(len(logs)))
    low = np.minimum(place.astype(np.int64), len(logs) - 2)
    row = np.arange(len(columns))
    return np.asarray(columns[row, low] + (place - low) * (columns[row, low + 1] - columns[row, low]))
