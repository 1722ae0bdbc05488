"""One link at a time, line by line, from the functions of `radio` alone: what the compiled rates must give."""

from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.model.equipment import Carrier, FeederAntenna, FeederPayload, Payload, TerminalType
from skycommons.model.rules import RadioRules
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind, Sites
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.radio.antenna import parabolic_gain_dbi, scan_loss_db
from skycommons.radio.climate import climate_at
from skycommons.radio.combining import combine_db
from skycommons.radio.decibels import to_db
from skycommons.radio.free_space import free_space_loss_db
from skycommons.radio.modcod import RateLaw
from skycommons.radio.noise import antenna_temperature_in_rain_k, thermal_cn_db
from skycommons.radio.spectrum import eirp_from_pfd_dbw, pfd_limit_dbw_m2_4khz
from tests.support.sky_chain import Exact, exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One site, one satellite, one weather.

    Attributes:
        range_m, elevation_rad, face_rad, nadir_rad: Geometry.
        in_field: Whether the site can point there.
        sites, site, rules: As in the scenario.
        exceedance, rain_rate_mm_h: At the site.
    """

    range_m: float
    elevation_rad: float
    face_rad: float
    nadir_rad: float
    in_field: bool
    sites: Sites
    site: int
    rules: RadioRules
    exceedance: float
    rain_rate_mm_h: float

    def air(self, frequency_hz: float, diameter_m: float) -> Exact:
        """The atmosphere on it."""
        place = slice(self.site, self.site + 1)
        climate = climate_at(
            self.sites.latitude_rad[place], self.sites.longitude_rad[place], self.sites.height_m[place]
        )
        return exact(
            climate,
            np.zeros(1, dtype=np.int64),
            np.array([self.elevation_rad]),
            frequency_hz=frequency_hz,
            diameter_m=diameter_m,
            exceedance=np.array([self.exceedance]),
            rain_rate_mm_h=np.array([self.rain_rate_mm_h]),
        )

    def loss_db(self, carrier: Carrier, air: Exact) -> float:
        """Free space and air."""
        return float(free_space_loss_db(np.array(self.range_m), np.array(carrier.frequency_hz))) + float(
            air.total_db[0]
        )

    def rate_bps(self, law: RateLaw, carrier: Carrier, cn_db: float) -> float:
        """Without limits; nothing outside the field of view."""
        bits = float(law.efficiency(np.array(cn_db), self.rules.margin))
        return bits * carrier.symbol_rate_hz if self.in_field else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a link must have, both ways."""

    down_bps: float
    up_bps: float
    down_cn_db: float
    up_cn_db: float
    loss_db: float
    fade_db: float


def expected(
    scenario: Scenario, site: int, satellite_m: Floats, *, exceedance: float, rain_rate_mm_h: float = np.nan
) -> Expected:
    """The link between a site and a satellite of the first payload."""
    sites, equipment = scenario.world.sites, scenario.world.equipment
    here = geodetic_to_itrf(sites.latitude_rad[site], sites.longitude_rad[site], sites.height_m[site])
    _, north, up = enu_axes(sites.latitude_rad[site], sites.longitude_rad[site])
    pole = north if sites.latitude_rad[site] >= 0.0 else -north
    face = np.cos(sites.tilt_rad[site]) * up + np.sin(sites.tilt_rad[site]) * pole
    sight = satellite_m - here
    way = Way(
        range_m=float(np.linalg.norm(sight)),
        elevation_rad=np.pi / 2 - _angle(sight, up),
        face_rad=_angle(sight, face),
        nadir_rad=_angle(-sight, -satellite_m),
        in_field=_angle(sight, face) <= sites.field_of_view_rad[site] / 2.0,
        sites=sites,
        site=site,
        rules=scenario.radio,
        exceedance=exceedance,
        rain_rate_mm_h=rain_rate_mm_h,
    )
    payload = equipment.payloads[int(equipment.payload_rows(("",))[0])]
    if sites.kind[site] == SiteKind.TERMINAL:
        return _service(way, payload, equipment.terminals[sites.equipment[site]])
    gateway = equipment.gateways[sites.equipment[site]]
    bands = [
        _feeder(way, antenna, feeder)
        for antenna in gateway.feeders
        for feeder in payload.feeders
        if antenna.band is feeder.band
    ]
    return replace(bands[0], down_bps=sum(band.down_bps for band in bands), up_bps=sum(band.up_bps for band in bands))


def _service(way: Way, payload: Payload, terminal: TerminalType) -> Expected:
    """A terminal's link."""
    down, up = (
        way.air(payload.down.frequency_hz, terminal.aperture_m),
        way.air(payload.up.frequency_hz, terminal.aperture_m),
    )
    satellite_scan = float(scan_loss_db(way.nadir_rad, scan_exponent=payload.scan_exponent))
    site_scan = float(scan_loss_db(way.face_rad, scan_exponent=terminal.scan_exponent))
    fixed = site_scan + terminal.pointing_loss_db + terminal.polarisation_loss_db
    limit = float(pfd_limit_dbw_m2_4khz(way.elevation_rad))
    pfd = limit if way.rules.full_pfd else min(limit, payload.down_pfd_dbw_m2_4khz)
    eirp = min(
        float(eirp_from_pfd_dbw(pfd, way.range_m, payload.down.bandwidth_hz)),
        payload.transmit_eirp_dbw - satellite_scan,
    )
    noise_k = terminal.receiver_k + float(antenna_temperature_in_rain_k(terminal.antenna_k, down.fade_db[0]))
    thermal = thermal_cn_db(
        eirp,
        terminal.receive_gain_dbi - float(to_db(noise_k)),
        loss_db=way.loss_db(payload.down, down) + fixed,
        bandwidth_hz=payload.down.bandwidth_hz,
    )
    cross = combine_db(payload.cross_polar_db, float(down.cross_polar_db[0]))
    down_cn = float(combine_db(thermal, payload.co_channel_db, cross, payload.intermodulation_db))
    up_thermal = thermal_cn_db(
        terminal.transmit_eirp_dbw,
        payload.g_over_t_db_k - satellite_scan,
        loss_db=way.loss_db(payload.up, up) + fixed,
        bandwidth_hz=payload.up.bandwidth_hz,
    )
    up_cn = float(combine_db(up_thermal, payload.up_co_channel_db))
    law = way.rules.service_law
    return Expected(
        down_bps=min(
            way.rate_bps(law, payload.down, down_cn),
            payload.beam_limit_bps * payload.down.carriers,
            payload.down_limit_bps,
        ),
        up_bps=min(way.rate_bps(law, payload.up, up_cn) * terminal.duty_cycle, payload.up_limit_bps),
        down_cn_db=down_cn,
        up_cn_db=up_cn,
        loss_db=float(down.total_db[0]),
        fade_db=float(down.fade_db[0]),
    )


def _feeder(way: Way, antenna: FeederAntenna, feeder: FeederPayload) -> Expected:
    """A gateway's link in one band."""
    down, up = way.air(antenna.down.frequency_hz, antenna.dish_m), way.air(antenna.up.frequency_hz, antenna.dish_m)
    gain = parabolic_gain_dbi(
        antenna.dish_m, antenna.down.frequency_hz, aperture_efficiency=antenna.aperture_efficiency
    )
    noise_k = antenna.receiver_k + float(antenna_temperature_in_rain_k(antenna.antenna_k, down.fade_db[0]))
    down_cn = thermal_cn_db(
        feeder.transmit_eirp_dbw,
        float(gain) - float(to_db(noise_k)),
        loss_db=way.loss_db(antenna.down, down) + antenna.pointing_loss_db,
        bandwidth_hz=antenna.down.bandwidth_hz,
    )
    up_cn = thermal_cn_db(
        antenna.transmit_eirp_dbw,
        feeder.g_over_t_db_k,
        loss_db=way.loss_db(antenna.up, up) + antenna.pointing_loss_db,
        bandwidth_hz=antenna.up.bandwidth_hz,
    )
    law = way.rules.feeder_law
    return Expected(
        down_bps=way.rate_bps(law, antenna.down, float(down_cn)),
        up_bps=way.rate_bps(law, antenna.up, float(up_cn)),
        down_cn_db=float(down_cn),
        up_cn_db=float(up_cn),
        loss_db=float(down.total_db[0]),
        fade_db=float(down.fade_db[0]),
    )


def _angle(one: Floats, other: Floats) -> float:
    """Angle between two vectors."""
    return float(np.arctan2(np.linalg.norm(np.cross(one, other)), one @ other))
