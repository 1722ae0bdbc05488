"""Rates of a million links, both ways, beside the same chain in NumPy on a part of them."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.material import MIN_ELEVATION_DEG, START_NS, fleet, random_sites, scenario
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.arrays import Floats, Ints
from skycommons.model.equipment import Carrier
from skycommons.model.rules import FixedExceedance, RadioRules, SimulatedWeather, Weather
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind, Sites, World
from skycommons.plan.radio import Radio
from skycommons.plan.visibility import view
from skycommons.radio.antenna import scan_loss_db
from skycommons.radio.atmosphere import AtmosphereLoss, cross_polar_discrimination_db
from skycommons.radio.climate import at_exceedance
from skycommons.radio.cloud import cloud_loss_db
from skycommons.radio.combining import combine_db
from skycommons.radio.decibels import to_db
from skycommons.radio.free_space import free_space_loss_db
from skycommons.radio.gas import Air, gas_loss_db
from skycommons.radio.noise import antenna_temperature_in_rain_k, thermal_cn_db
from skycommons.radio.rain import RainPath, rain_height_m, rain_loss_db
from skycommons.radio.scintillation import Aperture, scintillation_deviation_db, scintillation_loss_db
from skycommons.radio.spectrum import eirp_from_pfd_dbw, pfd_limit_dbw_m2_4khz

TERMINALS, LINKS, PART = 20_000, 1_000_000, 20_000
EXCEEDANCE = 1e-3
DECIBEL, SHARE = 0.02, 5e-3  # by which a loss in the tables may differ from the chain


def measure() -> list[Figure]:
    """Preparing, the sky of a step, and rates of a million links."""
    world = _scenario(FixedExceedance(exceedance=EXCEEDANCE))
    radio, simulated = Radio.of(world), Radio.of(_scenario(SimulatedWeather()))
    ephemeris = world.propagate(np.array([START_NS]))
    position = ephemeris.position_itrf_m[0]
    seen = view(radio.horizon, position, ephemeris.valid[0])
    site, sat = np.repeat(np.arange(TERMINALS), seen.counts())[:LINKS], seen.sat[:LINKS].astype(np.int64)
    skies = radio.skies(START_NS)
    pick = np.linspace(0, len(site) - 1, PART).astype(np.int64)
    chain = _Chain(radio=radio, scenario=world, position_m=position, site=site[pick], sat=sat[pick])
    _agree(radio, chain)
    prepared = f"{TERMINALS:,} terminals, two carriers"
    links = f"{len(site):,} links of {len(np.unique(site)):,} terminals above {MIN_ELEVATION_DEG:g}°"
    return [
        Figure(name="rates: prepare", cpu_s=cpu_seconds(lambda: Radio.of(world), repeats=2), note=prepared),
        Figure(
            name="rates: sky of a step, weather given", cpu_s=cpu_seconds(lambda: radio.skies(START_NS)), note=prepared
        ),
        Figure(
            name="rates: sky of a step, weather simulated",
            cpu_s=cpu_seconds(lambda: simulated.skies(START_NS), repeats=3),
            note=prepared,
        ),
        Figure(
            name="rates: down and up",
            cpu_s=cpu_seconds(lambda: radio.rates_bps(skies, site, sat, position), repeats=20),
            peer="the same chain in NumPy",
            peer_cpu_s=cpu_seconds(chain.cn_db, repeats=2) * len(site) / PART,
            target="150 ms or less",
            note=f"{links}; the peer by {PART:,} of them",
        ),
        Figure(
            name="rates: down and up, and what explains them",
            cpu_s=cpu_seconds(lambda: radio.links(skies, site, sat, position)),
            note=links,
        ),
    ]


def _scenario(weather: Weather) -> Scenario:
    """Terminals all over the Earth, and the fleet."""
    latitude, longitude = random_sites(TERMINALS, "rates")
    sites = Sites(
        ids=tuple(f"terminal-{number}" for number in range(TERMINALS)),
        kind=np.full(TERMINALS, int(SiteKind.TERMINAL)),
        latitude_rad=latitude,
        longitude_rad=longitude,
        height_m=np.zeros(TERMINALS),
        min_elevation_rad=np.full(TERMINALS, np.radians(MIN_ELEVATION_DEG)),
        gso_exclusion_rad=np.zeros(TERMINALS),
        home_pop=np.full(TERMINALS, -1),
        equipment=np.zeros(TERMINALS, dtype=np.int64),
        tilt_rad=np.zeros(TERMINALS),
        field_of_view_rad=np.full(TERMINALS, 2.0 * np.pi),
        antennas=np.full(TERMINALS, -1),
    )
    return replace(
        scenario(), world=World(satellites=fleet().satellites, sites=sites), radio=RadioRules(weather=weather)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """The functions of `radio` on every link, as a study without tables would call them."""

    radio: Radio
    scenario: Scenario
    position_m: Floats
    site: Ints
    sat: Ints

    def cn_db(self) -> tuple[Floats, Floats]:
        """Carrier over noise and interference down and up; every satellite has the first one's payload."""
        equipment, horizon = self.scenario.world.equipment, self.radio.horizon
        payload, terminal = equipment.payloads[int(self.radio.payload[0])], equipment.terminals[0]
        place = self.position_m[self.sat]
        sight = place - horizon.position_itrf_m[self.site]
        range_m = np.linalg.norm(sight, axis=1)
        elevation = np.arcsin(np.einsum("ij,ij->i", sight, horizon.up_itrf[self.site]) / range_m)
        nadir = np.arccos(np.einsum("ij,ij->i", sight, place) / (range_m * np.linalg.norm(place, axis=1)))
        satellite_scan = scan_loss_db(nadir, scan_exponent=payload.scan_exponent)
        site_scan = scan_loss_db(np.pi / 2 - elevation, scan_exponent=terminal.scan_exponent)

        total, fade, cross = self._air(payload.down, elevation, terminal.aperture_m)
        pfd = np.minimum(pfd_limit_dbw_m2_4khz(elevation), payload.down_pfd_dbw_m2_4khz)
        eirp = np.minimum(
            eirp_from_pfd_dbw(pfd, range_m, payload.down.bandwidth_hz), payload.transmit_eirp_dbw - satellite_scan
        )
        noise_k = terminal.receiver_k + antenna_temperature_in_rain_k(terminal.antenna_k, fade)
        space = free_space_loss_db(range_m, np.array(payload.down.frequency_hz))
        down = thermal_cn_db(
            eirp,
            terminal.receive_gain_dbi - to_db(noise_k),
            loss_db=space + total + site_scan,
            bandwidth_hz=payload.down.bandwidth_hz,
        )
        down = combine_db(down, payload.co_channel_db, payload.cross_polar_db, cross, payload.intermodulation_db)

        total, _, _ = self._air(payload.up, elevation, terminal.aperture_m)
        space = free_space_loss_db(range_m, np.array(payload.up.frequency_hz))
        up = thermal_cn_db(
            terminal.transmit_eirp_dbw,
            payload.g_over_t_db_k - satellite_scan,
            loss_db=space + total + site_scan,
            bandwidth_hz=payload.up.bandwidth_hz,
        )
        return down, combine_db(up, payload.up_co_channel_db)

    def _air(self, carrier: Carrier, elevation_rad: Floats, diameter_m: float) -> tuple[Floats, Floats, Floats]:
        """Total loss, fade and cross-polar discrimination."""
        climate, site = self.radio.climate, self.site
        frequency, tilt, share = np.array(carrier.frequency_hz), np.array(np.pi / 4), np.array(EXCEEDANCE)

        def gas(exceedance: float) -> Floats:
            air = Air(
                pressure_pa=climate.pressure_pa[site],
                temperature_k=climate.temperature_k[site],
                vapour_kg_m3=at_exceedance(climate.vapour_kg_m3, exceedance)[site],
            )
            return gas_loss_db(frequency, elevation_rad, air).total_db

        path = RainPath(
            frequency_hz=frequency,
            elevation_rad=elevation_rad,
            tilt_rad=tilt,
            latitude_rad=climate.latitude_rad[site],
            height_m=climate.height_m[site],
            rain_height_m=rain_height_m(climate.freezing_height_m[site]),
            rate_mm_h=climate.rain_rate_mm_h[site],
        )
        deviation = scintillation_deviation_db(
            frequency,
            elevation_rad,
            wet_refractivity=climate.wet_refractivity[site],
            aperture=Aperture(diameter_m=np.array(diameter_m), efficiency=np.array(0.5)),
        )
        loss = AtmosphereLoss(
            gas_db=gas(0.05),
            cloud_db=cloud_loss_db(frequency, elevation_rad, at_exceedance(climate.liquid_kg_m2, 0.05)[site]),
            rain_db=rain_loss_db(path, share),
            scintillation_db=scintillation_loss_db(deviation, share),
        )
        held = np.minimum(elevation_rad, np.radians(60.0))
        cross = cross_polar_discrimination_db(frequency, held, tilt_rad=tilt, rain_db=loss.rain_db, exceedance=share)
        return loss.total_db, loss.gas_db + loss.cloud_db + loss.rain_db - gas(0.5), cross


def _agree(radio: Radio, chain: _Chain) -> None:
    """Both ways give the same where the payload is that of the chain."""
    found = radio.links(radio.skies(START_NS), chain.site, chain.sat, chain.position_m)
    same = radio.payload[chain.sat] == radio.payload[0]
    down, up = chain.cn_db()
    room = 2.0 * np.maximum(DECIBEL, SHARE * found.loss_db)
    worst = max(
        float(np.max((np.abs(a - b) / room)[same])) for a, b in ((found.down_cn_db, down), (found.up_cn_db, up))
    )
    if worst > 1.0:
        raise RuntimeError("the tables and the chain in NumPy disagree")
