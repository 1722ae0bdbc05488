"""The air on one path of a link budget, in one weather.

Rules: one place, frequency and elevation at a time; the chain is that of `radio.slant_paths`. What gas takes straight up is
kept, because a curve over elevations asks for the same air again and again.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import inf, nan

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.model.rules import BudgetWeather, ClearSky
from skycommons.radio.atmosphere import AtmosphereLoss, slow_exceedance
from skycommons.radio.climate import Climate
from skycommons.radio.gas import Air, check_slant_carrier, gas_loss_db
from skycommons.radio.recommendations import check_link
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE, RAREST_EXCEEDANCE, SlantPaths, clear_loss, fade_db


@dataclass(frozen=True, slots=True, kw_only=True)
class AirPath:
    """A way through the atmosphere at one place, frequency, elevation and weather.

    Attributes:
        frequency_hz, elevation_rad: Of the carrier.
        exceedance: Share of the year of the weather, within the methods' ends; NaN under a clear sky.
        loss: What each part of the air takes now; arrays of one.
        fade_db: By which gas, cloud and rain take more than the gas of a clear sky: this warms the antenna's sky.
        rain_cross_polar_db: Discrimination through rain, held to its method's range; infinite without rain.
    """

    frequency_hz: float
    elevation_rad: float
    exceedance: float
    loss: AtmosphereLoss
    fade_db: float
    rain_cross_polar_db: float


def air_path(
    climate: Climate, weather: BudgetWeather, *, frequency_hz: float, elevation_rad: float, aperture_m: float
) -> AirPath:
    """What the atmosphere takes on a way from one place.

    Args:
        climate: Of one place.
        weather: Clear, or the weather exceeded for a share of the year.
        frequency_hz: 1 to 90 GHz.
        elevation_rad: In (0, π/2].
        aperture_m: Diameter of the antenna at the ground.
    Raises:
        PhysicsError: A frequency or an elevation that the methods know nothing of.
    Source: ITU-R P.618-14 §2.5 and what it refers to.
    """
    check_link(frequency_hz, elevation_rad)
    check_slant_carrier(frequency_hz)
    paths = SlantPaths.over(
        climate,
        frequency_hz=frequency_hz,
        elevation_rad=np.array([elevation_rad]),
        aperture=Aperture(diameter_m=aperture_m),
    )
    clear_gas_db = _gas_db(climate, MEDIAN_EXCEEDANCE, frequency_hz=frequency_hz, elevation_rad=elevation_rad)
    loss, share, turned_db = clear_loss(clear_gas_db), nan, inf
    if not isinstance(weather, ClearSky):
        share = min(max(weather.exceedance, RAREST_EXCEEDANCE), 1.0)
        slow = float(slow_exceedance(np.array(share)))
        gas_db = _gas_db(climate, slow, frequency_hz=frequency_hz, elevation_rad=elevation_rad)
        loss = paths.loss(np.array(share), gas_db=gas_db)
        turned_db = float(paths.cross_polar_db(np.array(share), rain_db=loss.rain_db)[0])
    return AirPath(
        frequency_hz=frequency_hz,
        elevation_rad=elevation_rad,
        exceedance=share,
        loss=loss,
        fade_db=float(fade_db(loss, clear_gas_db)[0]),
        rain_cross_polar_db=turned_db,
    )


def _gas_db(climate: Climate, exceedance: float, *, frequency_hz: float, elevation_rad: float) -> Floats:
    """Gas on a slant path: that straight up, which the sine of the elevation stretches."""
    air = climate.air(exceedance)
    columns = (air.pressure_pa, air.temperature_k, air.vapour_kg_m3)
    pressure_pa, temperature_k, vapour_kg_m3 = (float(np.asarray(column)[0]) for column in columns)
    up_db = _zenith_gas_db(frequency_hz, pressure_pa, temperature_k, vapour_kg_m3)
    return np.array([up_db / np.sin(elevation_rad)])


@lru_cache(maxsize=256)
def _zenith_gas_db(frequency_hz: float, pressure_pa: float, temperature_k: float, vapour_kg_m3: float) -> float:
    """Gas straight up; kept, because a curve over elevations asks for the same air again and again."""
    air = Air(
        pressure_pa=np.array(pressure_pa), temperature_k=np.array(temperature_k), vapour_kg_m3=np.array(vapour_kg_m3)
    )
    return float(gas_loss_db(np.array(frequency_hz), np.array(np.pi / 2.0), air).total_db)


def weather_words(weather: BudgetWeather) -> str:
    """A weather as columns and legends name it.

    >>> weather_words(ClearSky())
    'clear sky'
    """
    return "clear sky" if isinstance(weather, ClearSky) else f"{100.0 * weather.exceedance:g} % of the year"
