"""How much of an average year a terminal gets a rate, place by place, at one elevation of the satellite.

The link is the planner's service downlink: power by the flux density that the satellite may lay on the ground, thermal
noise that rises in rain, the same interference. The weather is walked from rare to common until the rate holds: the share
of the year that is rarer is lost. Nothing here knows of traffic, of other satellites or of the network behind the beam.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, check_shape
from skycommons.base.errors import InputError, PhysicsError
from skycommons.model.equipment import Payload, TerminalType
from skycommons.model.rules import RadioRules
from skycommons.radio.antenna import scan_loss_db
from skycommons.radio.atmosphere import SLOW_EXCEEDANCE, slow_exceedance
from skycommons.radio.climate import Climate
from skycommons.radio.combining import combine_db
from skycommons.radio.free_space import free_space_loss_db, slant_range_m
from skycommons.radio.noise import antenna_temperature_in_rain_k, g_over_t_db_k, thermal_cn_db
from skycommons.radio.recommendations import P618_TOTAL
from skycommons.radio.scintillation import Aperture
from skycommons.radio.slant_paths import MEDIAN_EXCEEDANCE, RAREST_EXCEEDANCE, SlantPaths, fade_db
from skycommons.radio.spectrum import beam_eirp_dbw
from skycommons.radio.sphere import nadir_angle_rad

RAREST: Final = (
    RAREST_EXCEEDANCE  # P.618 knows no rarer weather: a link that holds there is up for at least 99.999 % of the year
)
COMMONEST: Final = (
    P618_TOTAL.highest_exceedance
)  # nor, as a whole, any commoner: a link that fails there is up for at most half of the year
_HALVINGS: Final = 30  # of the logarithm of the share between two ends: 1e-8 of it
_LOUDEST_DB: Final = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Downlink:
    """A satellite's beam and a terminal under it.

    Attributes:
        payload: What the satellite carries.
        terminal: What stands on the ground; its face leans towards the satellite.
        rules: Rate law, margin and power flux density.
        altitude_m: Of the satellite.
    """

    payload: Payload
    terminal: TerminalType
    rules: RadioRules
    altitude_m: float

    @property
    def limit_bps(self) -> float:
        """Most that the beam and the satellite carry, whatever the signal."""
        return min(self.payload.beam_limit_bps * self.payload.down.carriers, self.payload.down_limit_bps)

    @property
    def most_bps(self) -> float:
        """Rate of the best modulation and code, held by the beam's and the satellite's limits."""
        return min(float(self._efficiency(_LOUDEST_DB)) * self.payload.down.symbol_rate_hz, self.limit_bps)

    def needed_cn_db(self, rate_bps: float) -> float:
        """Least carrier over noise and interference that carries a rate.

        Raises:
            InputError: The rate is not above zero, or above the most that this link carries.
        """
        if not 0.0 < rate_bps < np.inf:
            raise InputError(f"a rate is above 0 Mbit/s, not {rate_bps / 1e6:g}")
        if rate_bps > self.most_bps:
            raise InputError(
                f"{rate_bps / 1e6:g} Mbit/s is more than payload {self.payload.name!r} sends to one terminal: its most "
                f"is {np.floor(self.most_bps / 1e5) / 10:g} Mbit/s"
            )
        wanted = rate_bps / self.payload.down.symbol_rate_hz
        low, high = -_LOUDEST_DB, _LOUDEST_DB
        while high - low > 1e-9:
            middle = (low + high) / 2.0
            low, high = (low, middle) if self._efficiency(middle) >= wanted else (middle, high)
        return high

    def _efficiency(self, cn_db: float) -> Floats:
        return np.asarray(self.rules.service_law.efficiency(np.asarray(cn_db), self.rules.margin))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Availability:
    """``G`` places.

    Attributes:
        share: ``(G,)`` of an average year in which the rate is reached; `COMMONEST` and 1 − `RAREST` are bounds; 0 where a
            clear sky does not carry it; NaN where there is no satellite.
        clear_margin_db: ``(G,)`` carrier over noise under a clear sky, above what the rate needs.
    """

    share: Floats
    clear_margin_db: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """``G`` paths of one link, and the gas on them that is asked for again and again."""

    link: Downlink
    paths: SlantPaths
    clear_gas_db: Floats
    slow_gas_db: Floats

    @staticmethod
    def over(link: Downlink, climate: Climate, elevation_rad: Floats) -> "_Places":
        """Prepare the paths."""
        paths = SlantPaths.over(
            climate,
            frequency_hz=link.payload.down.frequency_hz,
            elevation_rad=elevation_rad,
            aperture=Aperture(diameter_m=link.terminal.aperture_m),
        )
        return _Places(
            link=link,
            paths=paths,
            clear_gas_db=paths.gas_db(MEDIAN_EXCEEDANCE),
            slow_gas_db=paths.gas_db(SLOW_EXCEEDANCE),
        )

    def take(self, rows: Bools) -> "_Places":
        """Only these paths."""
        return _Places(
            link=self.link,
            paths=self.paths.take(rows),
            clear_gas_db=self.clear_gas_db[rows],
            slow_gas_db=self.slow_gas_db[rows],
        )

    def cn_db(self, exceedance: Floats) -> Floats:
        """Carrier over noise and interference in weather that is exceeded for a share of the year, ``(G,)``."""
        slow = slow_exceedance(exceedance)
        gas_db = self.slow_gas_db if (slow == SLOW_EXCEEDANCE).all() else self.paths.gas_db(slow)
        loss = self.paths.loss(exceedance, gas_db=gas_db)
        in_rain_db = self.paths.cross_polar_db(exceedance, rain_db=loss.rain_db)
        return self._over_noise(loss.total_db, fade_db(loss, self.clear_gas_db), in_rain_db)

    def clear_cn_db(self) -> Floats:
        """Carrier over noise and interference under a clear sky, ``(G,)``."""
        return self._over_noise(self.clear_gas_db, np.zeros_like(self.clear_gas_db), np.asarray(np.inf))

    def _over_noise(self, total_db: Floats, fade_db: Floats, in_rain_db: Floats) -> Floats:
        """Carrier over noise and interference behind what the air takes, adds and turns."""
        payload, terminal, elevation_rad = self.link.payload, self.link.terminal, self.paths.elevation_rad
        range_m = slant_range_m(np.asarray(self.link.altitude_m), elevation_rad)
        face = np.abs(np.pi / 2.0 - elevation_rad - terminal.tilt_rad)
        system_k = terminal.receiver_k + antenna_temperature_in_rain_k(terminal.antenna_k, fade_db)
        thermal_db = thermal_cn_db(
            _eirp_dbw(self.link, elevation_rad, range_m),
            g_over_t_db_k(terminal.receive_gain_dbi, system_k),
            loss_db=free_space_loss_db(range_m, np.asarray(payload.down.frequency_hz))
            + scan_loss_db(face, scan_exponent=terminal.scan_exponent)
            + terminal.pointing_loss_db
            + terminal.polarisation_loss_db
            + total_db,
            bandwidth_hz=payload.down.bandwidth_hz,
        )
        cross_db = combine_db(payload.cross_polar_db, in_rain_db)
        return combine_db(thermal_db, payload.co_channel_db, cross_db, payload.intermodulation_db)


def _eirp_dbw(link: Downlink, elevation_rad: Floats, range_m: Floats) -> Floats:
    """Power towards the ground: as loud as the flux density may be, or as the array can."""
    payload = link.payload
    scan_db = scan_loss_db(nadir_angle_rad(elevation_rad, link.altitude_m), scan_exponent=payload.scan_exponent)
    return beam_eirp_dbw(
        np.inf if link.rules.full_pfd else payload.down_pfd_dbw_m2_4khz,
        most_dbw=payload.transmit_eirp_dbw - scan_db,
        elevation_rad=elevation_rad,
        range_m=range_m,
        bandwidth_hz=payload.down.bandwidth_hz,
    )


def clear_sky_cn_db(link: Downlink, climate: Climate, elevation_rad: Floats) -> Floats:
    """Carrier over noise and interference of a downlink under a clear sky, ``(G,)``.

    Args:
        link: Satellite and terminal.
        climate: Of ``G`` places.
        elevation_rad: ``(G,)`` of the satellite above each.
    Accuracy: 0.01 dB of the line-by-line budget (tests/plan/test_availability.py).
    """
    return _Places.over(link, climate, elevation_rad).clear_cn_db()


def find_availability(link: Downlink, climate: Climate, elevation_rad: Floats, *, rate_bps: float) -> Availability:
    """How much of an average year a rate is reached at many places.

    Args:
        link: Satellite and terminal.
        climate: Of ``G`` places.
        elevation_rad: ``(G,)`` of the satellite above each; NaN where there is none.
        rate_bps: Wanted at least.
    Raises:
        InputError: The rate is not above zero, or more than the link carries.
        PhysicsError: An elevation is not in the sky.
        ShapeError: There are not as many elevations as places.
    Accuracy: the share is found to 1e-7 of itself; at it the line-by-line budget gives the rate, and just beyond does not
        (tests/plan/test_availability.py).
    Source: ITU-R P.618-14 §2.5, turned round by bisection.
    """
    check_shape("elevation_rad", elevation_rad, (len(climate),))
    outside = (elevation_rad <= 0.0) | (elevation_rad > np.pi / 2.0)
    if outside.any():
        raise PhysicsError(
            f"no satellite stands at an elevation of {np.degrees(elevation_rad[outside][0]):.6g}°: it must be above 0° and "
            "at most 90°"
        )
    needed_db = link.needed_cn_db(rate_bps)
    places = _Places.over(link, climate, elevation_rad)
    clear = places.clear_cn_db() - needed_db
    often = places.cn_db(np.full(len(climate), COMMONEST)) >= needed_db
    slow = places.cn_db(np.full(len(climate), SLOW_EXCEEDANCE)) >= needed_db
    lost = np.where(clear >= 0.0, COMMONEST, 1.0)
    for rows, ends in ((slow, (RAREST, SLOW_EXCEEDANCE)), (often & ~slow, (SLOW_EXCEEDANCE, COMMONEST))):
        if rows.any():
            lost[rows] = _rarest_that_holds(places.take(rows), needed_db, ends)
    share = np.where(np.isnan(elevation_rad), np.nan, 1.0 - lost)
    return Availability(share=share, clear_margin_db=np.asarray(clear))


def _rarest_that_holds(places: _Places, needed_db: float, ends: tuple[float, float]) -> Floats:
    """Share of the year beyond which the weather is too bad, between two ends of which the commoner one holds."""
    count = len(places.paths.climate)
    low, high = np.full(count, np.log(ends[0])), np.full(count, np.log(ends[1]))
    high = np.where(places.cn_db(np.exp(low)) >= needed_db, low, high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        holds = places.cn_db(np.exp(middle)) >= needed_db
        low, high = np.where(holds, low, middle), np.where(holds, middle, high)
    return np.asarray(np.exp(high))
