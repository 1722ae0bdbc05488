"""The chain of P.618 for single paths, straight from the functions of the room, as the tables must give it."""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.atmosphere import AtmosphereLoss, cross_polar_discrimination_db, slow_exceedance
from skycommons.radio.climate import Climate, at_exceedance
from skycommons.radio.cloud import cloud_loss_db
from skycommons.radio.gas import Air, gas_loss_db
from skycommons.radio.rain import RainPath, rain_height_m, rain_loss_db, rare_rain_loss_db
from skycommons.radio.scintillation import Aperture, scintillation_deviation_db, scintillation_loss_db


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
    frequency, tilt = np.asarray(frequency_hz), np.asarray(np.pi / 4.0)
    measured, clear = ~np.isnan(rain_rate_mm_h), np.isnan(exceedance) & np.isnan(rain_rate_mm_h)
    share = np.clip(np.where(np.isnan(exceedance), 0.5, exceedance), 1e-5, 1.0)
    slow = np.where(measured, np.where(rain_rate_mm_h > 0.0, 0.05, 0.5), slow_exceedance(share))

    def gas(of: Floats) -> Floats:
        air = Air(
            pressure_pa=climate.pressure_pa[site],
            temperature_k=climate.temperature_k[site],
            vapour_kg_m3=at_exceedance(climate.vapour_kg_m3[site], of),
        )
        return gas_loss_db(frequency, elevation_rad, air).total_db

    def path(rate: Floats) -> RainPath:
        return RainPath(
            frequency_hz=frequency,
            elevation_rad=elevation_rad,
            tilt_rad=tilt,
            latitude_rad=climate.latitude_rad[site],
            height_m=climate.height_m[site],
            rain_height_m=rain_height_m(climate.freezing_height_m[site]),
            rate_mm_h=rate,
        )

    falling = rain_loss_db(path(climate.rain_rate_mm_h[site]), np.minimum(share, 0.05))
    rain = np.where(
        measured,
        rare_rain_loss_db(path(np.where(measured, rain_rate_mm_h, 0.0))),
        np.where(clear | (share > 0.05), 0.0, falling),
    )
    cloud = cloud_loss_db(frequency, elevation_rad, at_exceedance(climate.liquid_kg_m2[site], slow))
    deviation = scintillation_deviation_db(
        frequency,
        elevation_rad,
        wet_refractivity=climate.wet_refractivity[site],
        aperture=Aperture(diameter_m=np.asarray(diameter_m), efficiency=np.asarray(0.5)),
    )
    flicker = np.where(measured | clear | (share > 0.5), 0.0, scintillation_loss_db(deviation, share))
    cloud, gas_now, gas_clear = (
        np.where(clear, 0.0, cloud),
        gas(np.where(clear, 0.5, slow)),
        gas(np.full(len(site), 0.5)),
    )
    loss = AtmosphereLoss(gas_db=gas_now, cloud_db=cloud, rain_db=rain, scintillation_db=flicker)
    cross = cross_polar_discrimination_db(
        frequency,
        np.minimum(elevation_rad, np.radians(60.0)),
        tilt_rad=tilt,
        rain_db=rain,
        exceedance=np.where(measured, 0.01, np.clip(share, 1e-5, 0.01)),
    )
    return Exact(
        total_db=loss.total_db,
        fade_db=gas_now + cloud + rain - gas_clear,
        cross_polar_db=np.where((rain > 0.0) & ~np.isnan(cross), cross, np.inf),
    )
