"""The chain of P.618 for single paths, straight from the functions of the room, as the tables must give it."""

from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.atmosphere import AtmosphereLoss
from skycommons.radio.climate import Climate
from skycommons.radio.rain import rare_rain_loss_db
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE, SlantPaths, rain_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Losses of paths."""

    total_db: Floats
    fade_db: Floats
    cross_polar_db: Floats


def climates(count: int, seed: int) -> Climate:
    """Places of every kind, inside and outside the 36th parallels."""
    rng = np.random.default_rng(seed)
    fall = np.cumprod(np.concatenate([np.ones((count, 1)), rng.uniform(0.5, 0.95, (count, 4))], axis=1), axis=1)
    return Climate(
        latitude_rad=np.radians(rng.uniform(-70.0, 70.0, count)),
        height_m=rng.uniform(0.0, 2_500.0, count),
        rain_rate_mm_h=rng.uniform(1.0, 120.0, count),
        freezing_height_m=rng.uniform(500.0, 5_200.0, count),
        temperature_k=rng.uniform(265.0, 302.0, count),
        pressure_pa=rng.uniform(75e3, 102e3, count),
        wet_refractivity=rng.uniform(10.0, 130.0, count),
        vapour_kg_m3=rng.uniform(0.005, 0.025, (count, 1)) * fall,
        liquid_kg_m2=rng.uniform(0.2, 2.5, (count, 1)) * fall,
        at_sea=np.zeros(count, dtype=np.bool_),
    )


def exact(
    climate: Climate,
    site: "np.typing.NDArray[np.int64]",
    elevation_rad: Floats,
    *,
    frequency_hz: float,
    diameter_m: float,
    exceedance: Floats,
    rain_rate_mm_h: Floats,
) -> Exact:
    """Losses of paths ``(L,)`` at sites with weather ``(L,)``; NaN exceedance is a clear sky."""
    measured, clear = ~np.isnan(rain_rate_mm_h), np.isnan(exceedance) & np.isnan(rain_rate_mm_h)
    share = np.clip(np.where(np.isnan(exceedance), 0.5, exceedance), 1e-5, 1.0)
    share = np.where(measured, np.where(rain_rate_mm_h > 0.0, 0.05, 0.5), share)
    paths = SlantPaths.over(
        climate.take(site),
        frequency_hz=frequency_hz,
        elevation_rad=elevation_rad,
        aperture=Aperture(diameter_m=diameter_m),
    )
    gas_clear = paths.gas_db(MEDIAN_EXCEEDANCE)
    weather = paths.loss(share)
    path = rain_path(paths.climate, paths.frequency_hz, elevation_rad, tilt_rad=paths.tilt_rad)
    in_shower = rare_rain_loss_db(replace(path, rate_mm_h=np.where(measured, rain_rate_mm_h, 0.0)))
    loss = AtmosphereLoss(
        gas_db=np.where(clear, gas_clear, weather.gas_db),
        cloud_db=np.where(clear, 0.0, weather.cloud_db),
        rain_db=np.where(measured, in_shower, np.where(clear, 0.0, weather.rain_db)),
        scintillation_db=np.where(measured | clear, 0.0, weather.scintillation_db),
    )
    return Exact(
        total_db=loss.total_db,
        fade_db=loss.gas_db + loss.cloud_db + loss.rain_db - gas_clear,
        cross_polar_db=paths.cross_polar_db(np.where(measured, 0.01, share), rain_db=loss.rain_db),
    )
