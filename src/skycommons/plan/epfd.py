"""What a constellation lays on the ground: each beam against the limit of flux density, all beams at a dish of others.

An EPFD-style comparison, not a validation after ITU-R S.1503. Its rules:

- Places around the dish (`NEIGHBOUR_RINGS_M`) are served at every step, each by one satellite drawn evenly from those that
  its minimum elevation and its distance from the geostationary arc allow. Real schedulers choose otherwise.
- All of them have a carrier on the channel that the dish receives: cautious, as one of eight channels is.
- A beam points at the middle of its place; elsewhere its flux density follows the side lobes of `radio.epfd.ASSUMED_BEAM`.
- Beams for places farther away, and satellites that send nothing to the sample of places, are left out: not cautious.
- Free space: no gas, no rain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.constants import GSO_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.base.rng import uniform_of
from skycommons.model.equipment import Payload
from skycommons.model.world import Sites
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import angle_between_rad, geodetic_to_itrf, up_axis
from skycommons.plan.visibility import Horizon, Links, View, view
from skycommons.radio.antenna import scan_loss_db
from skycommons.radio.epfd import ASSUMED_BEAM, ReferenceDish, epfd_dbw_m2_40khz, pfd_dbw_m2_40khz
from skycommons.radio.spectrum import beam_eirp_dbw, pfd_dbw_m2_4khz, pfd_limit_dbw_m2_4khz

NEIGHBOUR_RINGS_M: Final = (25e3, 50e3, 100e3, 200e3, 400e3, 800e3)
NEIGHBOURS_ON_RING: Final = 8
BANDS_RAD: Final = tuple((float(np.radians(low)), float(np.radians(high))) for low, high in ((0, 5), (5, 25), (25, 90)))
"""Elevations between which the limit has one form each."""

_ROUND_EARTH_M: Final = 6_371e3  # only spaces the places


@dataclass(frozen=True, slots=True, kw_only=True)
class PfdAudit:
    """Links of one payload in one band of elevations against 47 CFR 25.208(b).

    Attributes:
        payload: Its name.
        low_rad, high_rad: The band.
        links: How many were looked at.
        held_back: Of these, how many would pass the limit at the payload's own level, and come down to it.
        loudest_dbw_m2_4khz: What the loudest lays on the ground.
        worst_margin_db: Limit less level, at its smallest; never below zero but by rounding.
        worst_elevation_rad: Where that is.
    """

    payload: str
    low_rad: float
    high_rad: float
    links: int
    held_back: int
    loudest_dbw_m2_4khz: float
    worst_margin_db: float
    worst_elevation_rad: float

    def joined(self, other: "PfdAudit") -> "PfdAudit":
        """Both, of one payload and band, as one."""
        worst = min(self, other, key=lambda audit: audit.worst_margin_db)
        return PfdAudit(
            payload=self.payload,
            low_rad=self.low_rad,
            high_rad=self.high_rad,
            links=self.links + other.links,
            held_back=self.held_back + other.held_back,
            loudest_dbw_m2_4khz=max(self.loudest_dbw_m2_4khz, other.loudest_dbw_m2_4khz),
            worst_margin_db=worst.worst_margin_db,
            worst_elevation_rad=worst.worst_elevation_rad,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitters:
    """What the satellites send with.

    Attributes:
        payloads: Types.
        row: ``(S,)`` each satellite's type.
        full_pfd: Whether they use all that the limit allows instead of their own level.
    """

    payloads: tuple[Payload, ...]
    row: Ints
    full_pfd: bool = False

    def laid_dbw_m2_4khz(self, sat: Ints, *, elevation_rad: Floats, range_m: Floats, nadir_rad: Floats) -> Floats:
        """Flux density ``(L,)`` in the middle of a beam: its level, the limit, or what its power reaches.

        Args:
            sat: ``(L,)`` satellite rows.
            elevation_rad, range_m: ``(L,)`` of the satellite, seen from the beam's middle.
            nadir_rad: ``(L,)`` at the satellite, between straight down and the beam.
        """
        elevation = np.clip(elevation_rad, 0.0, np.pi / 2.0)
        laid = np.empty(len(sat))
        for number, payload in enumerate(self.payloads):
            some = np.flatnonzero(self.row[sat] == number)
            scan_db = scan_loss_db(nadir_rad[some], scan_exponent=payload.scan_exponent)
            eirp_dbw = beam_eirp_dbw(
                np.inf if self.full_pfd else payload.down_pfd_dbw_m2_4khz,
                most_dbw=payload.transmit_eirp_dbw - scan_db,
                elevation_rad=elevation[some],
                range_m=range_m[some],
                bandwidth_hz=payload.down.bandwidth_hz,
            )
            laid[some] = pfd_dbw_m2_4khz(eirp_dbw, range_m[some], payload.down.bandwidth_hz)
        return laid

    def audit(self, sites: Sites, ephemeris: Ephemeris, links: Links) -> tuple[PfdAudit, ...]:
        """Usable links against the limit, by payload and band; empty ones are left out.

        Args:
            sites: The table that the links' sites are rows of.
            ephemeris: The steps of the links.
            links: As `plan.visibility.find_links` gives them.
        """
        chosen = np.flatnonzero(links.usable)
        sat, elevation_rad = links.sat[chosen], links.elevation_rad[chosen]
        ground_m = Horizon.of(sites).position_itrf_m[links.site[chosen]]
        satellite_m = ephemeris.position_itrf_m[links.step[chosen], sat]
        laid = self.laid_dbw_m2_4khz(
            sat,
            elevation_rad=elevation_rad,
            range_m=links.slant_range_m[chosen],
            nadir_rad=angle_between_rad(-satellite_m, ground_m - satellite_m),
        )
        limit = pfd_limit_dbw_m2_4khz(np.clip(elevation_rad, 0.0, np.pi / 2.0))
        audits = []
        for (number, payload), (low_rad, high_rad) in product(enumerate(self.payloads), BANDS_RAD):
            is_last = high_rad == BANDS_RAD[-1][1]
            in_band = (elevation_rad >= low_rad) & ((elevation_rad < high_rad) | is_last)
            some = np.flatnonzero((self.row[sat] == number) & in_band)
            if not len(some):
                continue
            worst = some[np.argmin(limit[some] - laid[some])]
            audits.append(
                PfdAudit(
                    payload=payload.name,
                    low_rad=low_rad,
                    high_rad=high_rad,
                    links=len(some),
                    held_back=int(np.count_nonzero(payload.down_pfd_dbw_m2_4khz > limit[some])),
                    loudest_dbw_m2_4khz=float(laid[some].max()),
                    worst_margin_db=float(limit[worst] - laid[worst]),
                    worst_elevation_rad=float(elevation_rad[worst]),
                )
            )
        return tuple(audits)


def join_audits(parts: Sequence[PfdAudit]) -> tuple[PfdAudit, ...]:
    """One audit per payload and band, payloads as they first appear, bands from the horizon up."""
    joined: dict[tuple[str, float], PfdAudit] = {}
    for part in parts:
        key = (part.payload, part.low_rad)
        joined[key] = joined[key].joined(part) if key in joined else part
    order = {payload: place for place, payload in reversed(list(enumerate(part.payload for part in parts)))}
    return tuple(sorted(joined.values(), key=lambda audit: (order[audit.payload], audit.low_rad)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GsoStation:
    """A receiving earth station that looks at a geostationary satellite.

    Attributes:
        latitude_rad, longitude_rad: Of the dish, at the ellipsoid.
        gso_longitude_rad: Of the satellite.
        dish: What it hears with.
    Raises:
        InputError: The satellite is below the dish's horizon.
    """

    latitude_rad: float
    longitude_rad: float
    gso_longitude_rad: float
    dish: ReferenceDish

    def __post_init__(self) -> None:
        if not self.elevation_rad > 0.0:
            raise InputError(
                f"a geostationary satellite at {np.degrees(self.gso_longitude_rad):g}° of longitude is below the horizon "
                f"at latitude {np.degrees(self.latitude_rad):g}°, longitude {np.degrees(self.longitude_rad):g}°"
            )

    @property
    def position_itrf_m(self) -> Floats:
        """``(3,)``."""
        return geodetic_to_itrf(np.asarray(self.latitude_rad), np.asarray(self.longitude_rad), np.asarray(0.0))

    @property
    def up_itrf(self) -> Floats:
        """``(3,)`` unit normal."""
        return up_axis(np.asarray(self.latitude_rad), np.asarray(self.longitude_rad))

    @property
    def sight_m(self) -> Floats:
        """``(3,)`` from the dish to its satellite, ITRF."""
        longitude = self.gso_longitude_rad
        return GSO_RADIUS_M * np.array([np.cos(longitude), np.sin(longitude), 0.0]) - self.position_itrf_m

    @property
    def elevation_rad(self) -> float:
        """Of its satellite."""
        return float(np.pi / 2.0 - angle_between_rad(self.sight_m, self.up_itrf))

    def neighbours(self, sites: Sites, row: int, *, gso_exclusion_rad: float) -> Horizon:
        """The dish's own place and those on the rings around it, as places to be served.

        Args:
            sites: A table of sites.
            row: The site in it whose equipment and rules all places get.
            gso_exclusion_rad: In place of the site's.
        """
        up = self.up_itrf
        east = np.array([-up[1], up[0], 0.0]) / np.hypot(up[0], up[1])
        north = np.cross(up, east)
        azimuth = 2.0 * np.pi * np.arange(NEIGHBOURS_ON_RING) / NEIGHBOURS_ON_RING
        level = np.sin(azimuth)[:, None] * east + np.cos(azimuth)[:, None] * north
        arcs = [ring_m / _ROUND_EARTH_M for ring_m in NEIGHBOUR_RINGS_M]
        points = np.concatenate([up[None], *(np.cos(arc) * up + np.sin(arc) * level for arc in arcs)])
        like = np.full(len(points), row)
        places = Sites(
            ids=tuple(f"place {number}" for number in range(len(points))),
            kind=sites.kind[like],
            latitude_rad=np.arcsin(points[:, 2]),
            longitude_rad=np.arctan2(points[:, 1], points[:, 0]),
            height_m=np.zeros(len(points)),
            min_elevation_rad=sites.min_elevation_rad[like],
            gso_exclusion_rad=np.full(len(points), gso_exclusion_rad),
            home_pop=np.full(len(points), -1),
            equipment=sites.equipment[like],
            tilt_rad=sites.tilt_rad[like],
            field_of_view_rad=sites.field_of_view_rad[like],
            antennas=sites.antennas[like],
        )
        return Horizon.of(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpfdCase:
    """One dish, the places served around it, and who sends.

    Attributes:
        station: The dish.
        places: ``C`` places to be served, with their rules.
        transmitters: The satellites' side.
        seed: Of the draws of satellites; two cases of one seed draw alike.
    """

    station: GsoStation
    places: Horizon
    transmitters: Transmitters
    seed: int

    def serving(self, seen: View, time_ns: int) -> Ints:
        """``(C,)`` satellite row that serves each place at an instant, -1 where none may."""
        counts = seen.counts()
        draw = uniform_of(self.seed, np.full(len(counts), time_ns), np.arange(len(counts)))
        pick = seen.start[:-1] + np.minimum((draw * counts).astype(np.int64), np.maximum(counts - 1, 0))
        chosen = np.full(len(counts), -1, dtype=np.int64)
        chosen[counts > 0] = seen.sat[pick[counts > 0]]
        return chosen

    def epfd_dbw_m2_40khz(self, position_itrf_m: Floats, valid: Bools, time_ns: int) -> float:
        """What the dish hears at one instant; minus infinity for nothing.

        Args:
            position_itrf_m: ``(S, 3)`` satellites.
            valid: ``(S,)``.
            time_ns: The instant, for the draws.
        """
        sat = self.serving(view(self.places, position_itrf_m, valid), time_ns)
        place = np.flatnonzero(sat >= 0)
        satellite_m, sat = position_itrf_m[sat[place]], sat[place]
        heard = (satellite_m - self.station.position_itrf_m) @ self.station.up_itrf > 0.0
        return self._sum_dbw_m2_40khz(sat[heard], satellite_m[heard], place[heard])

    def _sum_dbw_m2_40khz(self, sat: Ints, satellite_m: Floats, place: Ints) -> float:
        """Of the beams from satellites ``(N, 3)`` above the dish's horizon to places ``(N,)``."""
        down = self.places.position_itrf_m[place] - satellite_m
        range_m = np.linalg.norm(down, axis=1)
        laid = self.transmitters.laid_dbw_m2_4khz(
            sat,
            elevation_rad=np.pi / 2.0 - angle_between_rad(-down, self.places.up_itrf[place]),
            range_m=range_m,
            nadir_rad=angle_between_rad(-satellite_m, down),
        )
        aside = self.station.position_itrf_m - satellite_m
        spread_db = 20.0 * np.log10(range_m / np.linalg.norm(aside, axis=1))
        arriving = laid + spread_db + ASSUMED_BEAM.relative_gain_db(angle_between_rad(down, aside))
        off_axis_rad = angle_between_rad(-aside, self.station.sight_m)
        return float(epfd_dbw_m2_40khz(pfd_dbw_m2_40khz(arriving), off_axis_rad, dish=self.station.dish))


def level_not_exceeded(values: Floats, share: float) -> float:
    """The lowest value that is not exceeded in at least a share of the cases.

    Args:
        values: ``(T,)``, at least one.
        share: 0 to 1.
    >>> level_not_exceeded(np.array([3.0, 1.0, 2.0, 4.0]), 0.75)
    3.0
    """
    needed = int(np.ceil(share * len(values) - 1e-9))
    return float(np.sort(values)[max(needed, 1) - 1])
