"""Which other gateway helps when rain closes this one, and by how much.

A partner takes over the satellites of a gateway whose sky is closed. What that buys is asked of rain alone, site by site and
band by band: how often rain takes as much from both, and how many decibels less have to be held in reserve.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.errors import InputError, PhysicsError
from skycommons.model.equipment import Band
from skycommons.model.world import SiteKind, World
from skycommons.plan.flows import great_circle_m
from skycommons.radio.climate import climate_at
from skycommons.radio.diversity import (
    RainFade,
    diversity_gain_db,
    joint_exceedance,
    outside_gain,
    rain_fade,
)
from skycommons.radio.rain import RainPath, rain_loss_db
from skycommons.radio.recommendations import P618_JOINT_RAIN, P618_RAIN, outside_frequency
from skycommons.radio.slant_paths import CIRCULAR_TILT_RAD, rain_path

GAIN_EXCEEDANCES: Final = (1e-3, 1e-4)  # where gains are told: 0.1 and 0.01 % of the year
RAIN_SHARE: Final = P618_RAIN.highest_exceedance  # assumed everywhere: share of the year in which it rains
_BASELINE_RAD = np.pi / 4.0  # satellites pass in all directions; the mean of 0 and π/2
_HALVINGS: Final = 50
_LEAST_DB: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandDiversity:
    """What ``N`` partners buy in one band.

    Attributes:
        band: Which feeder band.
        frequency_hz: Of its uplink, which rain hurts more.
        extrapolated: Whether P.618 is stated for this frequency.
        site_db: Rain attenuation of the site alone, exceeded for the wanted share of the year.
        partner_db: ``(N,)`` the same for each partner.
        joint: ``(N,)`` share of the year in which rain takes more than ``site_db`` from both.
        gain_db: ``(N, 2)`` what the site alone exceeds, less what both exceed, for `GAIN_EXCEEDANCES` of the year.
        near_gain_db: ``(N, 2)`` the same by the rule of thumb for near, alike sites; NaN from 20 km on.
    """

    band: Band
    frequency_hz: float
    extrapolated: bool
    site_db: float
    partner_db: Floats
    joint: Floats
    gain_db: Floats
    near_gain_db: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteDiversity:
    """A gateway and its nearest ``N`` partners.

    Attributes:
        site: Row of the gateway.
        partner: ``(N,)`` rows, the nearest first.
        distance_m: ``(N,)`` along the ground.
        exceedance: Wanted share of the year.
        elevation_rad: Of all paths.
        bands: Those that the gateway has.
    """

    site: int
    partner: Ints
    distance_m: Floats
    exceedance: float
    elevation_rad: float
    bands: tuple[BandDiversity, ...]


def find_diversity(
    world: World, site: int, *, exceedance: float, elevation_rad: float, partners: int = 8
) -> SiteDiversity:
    """The nearest gateways of a gateway, and what each buys.

    Args:
        world: Its sites and their equipment.
        site: Row of a gateway.
        exceedance: Share of the year, 1e-5 to 0.05.
        elevation_rad: Of the satellites, the same at all sites.
        partners: How many at most.
    Raises:
        InputError: The site is no gateway or the only one, or the share or the count is out of range.
        PhysicsError: The elevation is not in the sky.
    Source: ITU-R P.618-14 §2.2.4, circular polarisation; that it rains for 5 % of the year at every site is assumed.
    """
    sites = world.sites
    if sites.kind[site] != SiteKind.GATEWAY:
        raise InputError(f"{sites.ids[site]!r} is no gateway; name one, only gateways stand in for each other")
    if not P618_JOINT_RAIN.lowest_exceedance <= exceedance <= P618_JOINT_RAIN.highest_exceedance:
        raise InputError(f"{100.0 * exceedance:g} % of the year: rain is known for 0.001 to 5 %; choose a share within")
    if partners < 1:
        raise InputError(f"{partners} partners: ask for at least 1")
    if not 0.0 < elevation_rad <= np.pi / 2.0:
        raise PhysicsError(
            f"no satellite stands at an elevation of {np.degrees(elevation_rad):.6g}°: it must be above 0° and at most 90°"
        )
    others = sites.rows(SiteKind.GATEWAY)
    others = others[others != site]
    if not len(others):
        raise InputError(f"{sites.ids[site]!r} is the only gateway of the scenario; add a second one")
    distance_m = great_circle_m(sites, np.array([site]), others)[0]
    nearest = np.argsort(distance_m, kind="stable")[:partners]
    rows = np.concatenate([[site], others[nearest]])
    climate = climate_at(sites.latitude_rad[rows], sites.longitude_rad[rows])
    feeders = world.equipment.gateways[int(sites.equipment[site])].feeders
    return SiteDiversity(
        site=site,
        partner=others[nearest],
        distance_m=distance_m[nearest],
        exceedance=exceedance,
        elevation_rad=elevation_rad,
        bands=tuple(
            _in_band(
                feeder.band,
                rain_path(climate, feeder.up.frequency_hz, elevation_rad, tilt_rad=CIRCULAR_TILT_RAD),
                exceedance=exceedance,
                distance_m=distance_m[nearest],
            )
            for feeder in feeders
        ),
    )


def _in_band(band: Band, path: RainPath, *, exceedance: float, distance_m: Floats) -> BandDiversity:
    """What partners buy; the first path is the site's own."""
    alone_db = rain_loss_db(path, np.array(exceedance))
    fade = rain_fade(path, RAIN_SHARE)
    own, others = _rows(fade, np.zeros(len(distance_m), dtype=np.int64)), _rows(fade, 1 + np.arange(len(distance_m)))
    threshold_db = max(float(alone_db[0]), _LEAST_DB)
    gains, near = [], []
    for share in GAIN_EXCEEDANCES:
        site_db = float(rain_loss_db(path, np.array(share))[0])
        gains.append(np.maximum(site_db - _joint_db(own, others, share, distance_m), 0.0))
        rule_db = diversity_gain_db(
            site_db,
            distance_m,
            frequency_hz=path.frequency_hz,
            elevation_rad=path.elevation_rad,
            baseline_rad=_BASELINE_RAD,
        )
        near.append(np.where(outside_gain(distance_m), np.nan, rule_db))
    return BandDiversity(
        band=band,
        frequency_hz=float(path.frequency_hz),
        extrapolated=bool(outside_frequency(P618_JOINT_RAIN, path.frequency_hz)),
        site_db=float(alone_db[0]),
        partner_db=alone_db[1:],
        joint=joint_exceedance(own, others, first_db=threshold_db, second_db=threshold_db, distance_m=distance_m),
        gain_db=np.stack(gains, axis=1),
        near_gain_db=np.stack(near, axis=1),
    )


def _rows(fade: RainFade, rows: Ints | Bools) -> RainFade:
    """Some rows of a table of fades."""
    return RainFade(**{name: getattr(fade, name)[rows] for name in RainFade.__slots__})


def _joint_db(first: RainFade, second: RainFade, exceedance: float, distance_m: Floats) -> Floats:
    """``(N,)`` attenuation that both paths exceed for a share of the year; the least if they hardly ever do."""
    low = np.full(len(distance_m), np.log(_LEAST_DB))
    high = np.full(len(distance_m), np.log(1e4))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        both = joint_exceedance(first, second, first_db=np.exp(middle), second_db=np.exp(middle), distance_m=distance_m)
        low, high = np.where(both > exceedance, middle, low), np.where(both > exceedance, high, middle)
    return np.where(high > np.log(_LEAST_DB) + 1e-6, np.exp(high), 0.0)
