"""Carriers whose best modulation just closes under a clear sky, and what weather leaves of their rate.

For comparisons with a table of rates that says nothing of the signal behind them.

- Clear sky: at every elevation the signal is exactly what the table's modulation and code needs. Senders hold the flux
  that arrives, so a nearer satellite gives no better rung.
- Weather takes what P.618-14 says beyond the gas of the clear sky, and warms the sky that a dish on the ground hears. The
  carrier then stands on the best rung of DVB-S2X that is left, never on one above the table's.
- Because the table's rung just closes, the least weather costs a rung. So rates are half a rung too low, more or less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.radio.climate import Climate
from skycommons.radio.decibels import to_db
from skycommons.radio.modcod import NO_MARGIN, Modcod, ladder
from skycommons.radio.noise import antenna_temperature_in_rain_k
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE, RAREST_EXCEEDANCE, SlantPaths


@dataclass(frozen=True, slots=True, kw_only=True)
class EarthStation:
    """Noise of a dish on the ground under a clear sky.

    Attributes:
        antenna_k: What it hears of the sky and the ground.
        receiver_k: Of its receiver.
    """

    antenna_k: float
    receiver_k: float

    def rise_db(self, fade_db: Floats) -> Floats:
        """What the noise rises by through rain, cloud and vapour."""
        now_k = self.receiver_k + antenna_temperature_in_rain_k(self.antenna_k, fade_db)
        return np.asarray(to_db(now_k / (self.receiver_k + self.antenna_k)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FadingCarrier:
    """One carrier of a table.

    Attributes:
        frequency_hz: Middle of its band.
        modcod: On which it just stands under a clear sky.
        dish_m: Of the station on the ground.
        hears: That station if it hears the carrier; None if it sends it: a satellite hears the warm Earth anyway.
    """

    frequency_hz: float
    modcod: Modcod
    dish_m: float
    hears: EarthStation | None

    def share(self, loss_db: Floats) -> Floats:
        """Of the table's rate that is left after a loss of carrier over noise."""
        bits = ladder("dvb-s2x").efficiency(self.modcod.threshold_db - loss_db, NO_MARGIN)
        return np.minimum(bits / self.modcod.spectral_efficiency, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeatherTable:
    """What weather takes from a carrier, at a few elevations and shares of the year.

    Attributes:
        carrier: Which.
        cosecant: ``(E,)`` of the elevations, rising.
        exceedance: ``(P,)`` shares of the year, rising.
        loss_db: ``(E, P, G)`` of carrier over noise at ``G`` places.
    """

    carrier: FadingCarrier
    cosecant: Floats
    exceedance: Floats
    loss_db: Floats

    @property
    def least_share(self) -> Floats:
        """``(G,)`` of the table's rate, below which none falls."""
        return self.carrier.share(self.loss_db.max(axis=(0, 1)))

    def share(self, place: Ints, cosecant: Floats, exceedance: Floats | float) -> Floats:
        """Of the table's rate, for arrays that broadcast; losses in between are linear in cosecant and log share."""
        low, high, along = _between(self.cosecant, cosecant)
        rare, common, across = _between(np.log(self.exceedance), np.log(exceedance))
        loss_db = (1.0 - along) * (
            (1.0 - across) * self.loss_db[low, rare, place] + across * self.loss_db[low, common, place]
        ) + along * ((1.0 - across) * self.loss_db[high, rare, place] + across * self.loss_db[high, common, place])
        return self.carrier.share(loss_db)


def weather_table(
    carrier: FadingCarrier, climate: Climate, *, elevation_rad: Sequence[float], exceedance: Sequence[float]
) -> WeatherTable:
    """Compute the losses of a carrier at places.

    Args:
        carrier: Which.
        climate: Of ``G`` places.
        elevation_rad: Above the horizon, falling.
        exceedance: Shares of the year, rising; rarer than 1e-5 or commoner than one half counts as that.
    """
    share = np.clip(np.asarray(exceedance, dtype=np.float64), RAREST_EXCEEDANCE, MEDIAN_EXCEEDANCE)
    return WeatherTable(
        carrier=carrier,
        cosecant=1.0 / np.sin(np.asarray(elevation_rad, dtype=np.float64)),
        exceedance=share,
        loss_db=np.stack([_loss_db(carrier, climate, elevation, share) for elevation in elevation_rad]),
    )


def clear_sky_table(carrier: FadingCarrier, places: int) -> WeatherTable:
    """A table without weather."""
    return WeatherTable(
        carrier=carrier, cosecant=np.ones(1), exceedance=np.array([MEDIAN_EXCEEDANCE]), loss_db=np.zeros((1, 1, places))
    )


def _loss_db(carrier: FadingCarrier, climate: Climate, elevation_rad: float, exceedance: Floats) -> Floats:
    """``(P, G)`` of carrier over noise at one elevation, against the clear sky."""
    elevation, frequency_hz = np.full(len(climate), elevation_rad), np.array(carrier.frequency_hz)
    paths = SlantPaths.over(
        climate,
        frequency_hz=frequency_hz,
        elevation_rad=elevation,
        aperture=Aperture(diameter_m=np.array(carrier.dish_m)),
    )
    found, clear_db = paths.loss(exceedance[:, np.newaxis]), paths.gas_db(MEDIAN_EXCEEDANCE)
    loss_db = np.maximum(found.total_db - clear_db, 0.0)
    if carrier.hears is None:
        return loss_db
    return loss_db + carrier.hears.rise_db(np.maximum(found.gas_db + found.cloud_db + found.rain_db - clear_db, 0.0))


def _between(axis: Floats, values: Floats | float) -> tuple[Ints, Ints, Floats]:
    """Places on a rising axis on both sides of values and how far along, the nearest beyond its ends."""
    place = np.interp(values, axis, np.arange(len(axis)))
    low = np.floor(place).astype(np.int64)
    return low, np.minimum(low + 1, len(axis) - 1), np.asarray(place - low)
