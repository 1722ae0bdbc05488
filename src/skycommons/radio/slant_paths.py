"""What the atmosphere takes from slant paths of known places: the chain of P.618-14 in NumPy, from a climate to all losses.

Rules: one share of the year rules all parts; it is held to what P.618 knows. Polarisation is circular unless said otherwise.
Whoever asks often for the same gas keeps it and hands it in. `sky` tabulates the same chain for millions of links.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.radio.atmosphere import AtmosphereLoss, cross_polar_discrimination_db, slow_exceedance
from skycommons.radio.climate import Climate, at_exceedance
from skycommons.radio.cloud import cloud_loss_db
from skycommons.radio.gas import gas_loss_db
from skycommons.radio.rain import RainPath, rain_height_m, rain_loss_db
from skycommons.radio.recommendations import P618_DEPOLARISATION, P618_RAIN, P618_SCINTILLATION, P618_TOTAL
from skycommons.radio.scintillation import Aperture, scintillation_deviation_db, scintillation_loss_db

CIRCULAR_TILT_RAD: Final = np.pi / 4.0  # of circular polarisation; ITU-R P.838-3
MEDIAN_EXCEEDANCE: Final = 0.5  # the air of a clear sky
RAREST_EXCEEDANCE: Final = P618_TOTAL.lowest_exceedance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlantPaths:
    """Paths from ``G`` places; the other arrays broadcast with them.

    Attributes:
        climate: Of the places.
        frequency_hz: 1 to 90 GHz.
        elevation_rad: In (0, π/2]; results are NaN elsewhere.
        tilt_rad: Of the polarisation against the horizontal.
        flicker_db: ``(G,)`` standard deviation of scintillation.
    """

    climate: Climate
    frequency_hz: Floats
    elevation_rad: Floats
    tilt_rad: Floats
    flicker_db: Floats

    @staticmethod
    def over(
        climate: Climate,
        *,
        frequency_hz: Floats | float,
        elevation_rad: Floats,
        aperture: Aperture,
        tilt_rad: Floats | float = CIRCULAR_TILT_RAD,
    ) -> "SlantPaths":
        """Paths to antennas on the ground; arrays broadcast with the places."""
        frequency = np.asarray(frequency_hz)
        return SlantPaths(
            climate=climate,
            frequency_hz=frequency,
            elevation_rad=elevation_rad,
            tilt_rad=np.asarray(tilt_rad),
            flicker_db=scintillation_deviation_db(
                frequency, elevation_rad, wet_refractivity=climate.wet_refractivity, aperture=aperture
            ),
        )

    def gas_db(self, exceedance: Floats | float) -> Floats:
        """``(G,)`` gas with the vapour exceeded for a share of the year; that of a clear sky at `MEDIAN_EXCEEDANCE`.

        A column ``(P, 1)`` of shares gives ``(P, G)``. Gas is dear, and equal shares are computed once.
        """
        share = np.asarray(exceedance)
        if share.ndim == 2 and share.shape[1] == 1:
            levels, level = np.unique(share[:, 0], return_inverse=True)
            return np.stack([self.gas_db(one) for one in levels])[level]
        return gas_loss_db(self.frequency_hz, self.elevation_rad, self.climate.air(share)).total_db

    def loss(self, exceedance: Floats, *, gas_db: Floats | None = None) -> AtmosphereLoss:
        """What the atmosphere takes in weather that is exceeded for a share of the year.

        Args:
            exceedance: One number, ``(G,)``, or a column ``(P, 1)`` for a table ``(P, G)``; 1e-5 to 1. Rain counts up to
                5 % and scintillation up to 50 % of the year.
            gas_db: `gas_db` at `slow_exceedance` of it, from those who keep it.
        Accuracy: 0.3 dB of the ITU's examples, by way of the packed maps (studies/validate_climate.py); 1e-8 dB with the
            examples' own climate (tests/golden/test_itu_validation.py).
        Source: ITU-R P.618-14 §2.5 and what it refers to.
        """
        share = np.asarray(exceedance)
        slow = slow_exceedance(share)
        water = at_exceedance(self.climate.liquid_kg_m2, slow)
        rain_db = rain_loss_db(
            rain_path(self.climate, self.frequency_hz, self.elevation_rad, tilt_rad=self.tilt_rad), share
        )
        return AtmosphereLoss(
            gas_db=self.gas_db(slow) if gas_db is None else gas_db,
            cloud_db=cloud_loss_db(self.frequency_hz, self.elevation_rad, water),
            rain_db=np.where(share <= P618_RAIN.highest_exceedance, rain_db, 0.0),
            scintillation_db=np.where(
                share <= P618_SCINTILLATION.highest_exceedance, scintillation_loss_db(self.flicker_db, share), 0.0
            ),
        )

    def cross_polar_db(self, exceedance: Floats, *, rain_db: Floats) -> Floats:
        """Discrimination through rain and ice, infinite where the method knows nothing of the frequency.

        Args:
            exceedance: As for `loss`; it and the elevation are held to the range of the method.
            rain_db: At that share; without rain the discrimination is infinite.
        Accuracy: as `cross_polar_discrimination_db`.
        Source: ITU-R P.618-14 §4.1.
        """
        method = P618_DEPOLARISATION
        turned_db = cross_polar_discrimination_db(
            self.frequency_hz,
            np.minimum(self.elevation_rad, method.highest_rad),
            tilt_rad=self.tilt_rad,
            rain_db=rain_db,
            exceedance=np.clip(exceedance, method.lowest_exceedance, method.highest_exceedance),
        )
        return np.where(np.isnan(turned_db), np.inf, turned_db)

    def take(self, rows: Bools) -> "SlantPaths":
        """Only the paths of these places; all paths share their frequency and polarisation."""
        return replace(
            self,
            climate=self.climate.take(rows),
            elevation_rad=self.elevation_rad[rows],
            flicker_db=self.flicker_db[rows],
        )


def clear_loss(gas_db: Floats) -> AtmosphereLoss:
    """What the atmosphere takes under a clear sky: gas with the vapour of a median day, and nothing else."""
    nothing = np.zeros_like(gas_db)
    return AtmosphereLoss(gas_db=gas_db, cloud_db=nothing, rain_db=nothing, scintillation_db=nothing)


def fade_db(loss: AtmosphereLoss, clear_gas_db: Floats | float) -> Floats:
    """By which gas, cloud and rain take more than the gas of a clear sky: this warms an antenna; never below zero."""
    return np.asarray(np.maximum(loss.gas_db + loss.cloud_db + loss.rain_db - clear_gas_db, 0.0))


def rain_path(
    climate: Climate, frequency_hz: Floats | float, elevation_rad: Floats | float, *, tilt_rad: Floats | float
) -> RainPath:
    """Paths through the rain of a climate; arrays broadcast with its ``G`` places."""
    return RainPath(
        frequency_hz=np.asarray(frequency_hz),
        elevation_rad=np.asarray(elevation_rad),
        tilt_rad=np.asarray(tilt_rad),
        latitude_rad=climate.latitude_rad,
        height_m=climate.height_m,
        rain_height_m=rain_height_m(climate.freezing_height_m),
        rate_mm_h=climate.rain_rate_mm_h,
    )
