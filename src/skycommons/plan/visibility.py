"""Which satellites stand above which sites.

Rules: a link is every pair at or above the site's true minimum elevation, by the ellipsoid's tangent plane at the
site's own height; no nearest-only, no flat Earth. What may not be used (too near to the geostationary arc, or outside the
field of view of the site's antenna) is found here too, and marked, so that a user can see what the rule costs.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, Ints32, check_shape
from skycommons.base.errors import InputError
from skycommons.base.threads import in_parallel
from skycommons.model.equipment import TerminalType
from skycommons.model.world import Sites
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import geodetic_to_itrf, up_axis
from skycommons.plan.visibility_kernel import separations, visible_pairs

if TYPE_CHECKING:
    from skycommons.plan.radio import Radio

_UNLIMITED = -2.0  # a cosine that every direction exceeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Sites as the search needs them: prepared once, used at every step.

    Attributes:
        position_itrf_m, up_itrf: ``(G, 3)`` position and unit normal.
        min_elevation_rad, gso_exclusion_rad: ``(G,)``.
        boresight_itrf: ``(G, 3)`` unit normal of the antenna's face.
        cosine_field_of_view: ``(G,)`` of half the cone's width about it; -2 where nothing limits.
    """

    position_itrf_m: Floats
    up_itrf: Floats
    min_elevation_rad: Floats
    gso_exclusion_rad: Floats
    boresight_itrf: Floats
    cosine_field_of_view: Floats

    @staticmethod
    def of(sites: Sites, rows: Ints | None = None) -> "Horizon":
        """Horizons of all sites, or of some rows."""
        chosen = np.arange(len(sites)) if rows is None else rows
        latitude, longitude = sites.latitude_rad[chosen], sites.longitude_rad[chosen]
        half_rad = 0.5 * sites.field_of_view_rad[chosen]
        return Horizon(
            position_itrf_m=geodetic_to_itrf(latitude, longitude, sites.height_m[chosen]),
            up_itrf=up_axis(latitude, longitude),
            min_elevation_rad=sites.min_elevation_rad[chosen].copy(),
            gso_exclusion_rad=sites.gso_exclusion_rad[chosen].copy(),
            boresight_itrf=boresight_axis(latitude, longitude, sites.tilt_rad[chosen]),
            cosine_field_of_view=np.where(half_rad < np.pi, np.cos(half_rad), _UNLIMITED),
        )

    @staticmethod
    def grid(
        latitude_rad: Floats, longitudes: int, *, min_elevation_rad: float, gso_exclusion_rad: float = 0.0
    ) -> "Horizon":
        """Horizons at the ellipsoid on parallels, each with as many evenly spaced places, parallel by parallel.

        Antennas there can point anywhere.

        Args:
            latitude_rad: ``(B,)``; ``B * longitudes`` horizons come out.
            longitudes: Places on each parallel, the first at longitude 0.
            min_elevation_rad, gso_exclusion_rad: Of all places.
        """
        latitude = np.repeat(latitude_rad, longitudes)
        longitude = np.tile(2.0 * np.pi * np.arange(longitudes) / longitudes, len(latitude_rad))
        up = up_axis(latitude, longitude)
        return Horizon(
            position_itrf_m=geodetic_to_itrf(latitude, longitude, np.zeros(len(latitude))),
            up_itrf=up,
            min_elevation_rad=np.full(len(latitude), min_elevation_rad),
            gso_exclusion_rad=np.full(len(latitude), gso_exclusion_rad),
            boresight_itrf=up,
            cosine_field_of_view=np.full(len(latitude), _UNLIMITED),
        )

    @staticmethod
    def alike(latitude_rad: Floats, longitude_rad: Floats, terminal: TerminalType) -> "Horizon":
        """Horizons at the ellipsoid, each with a terminal of one type.

        Args:
            latitude_rad, longitude_rad: ``(G,)``.
            terminal: What stands at each.
        """
        count, half_rad = len(latitude_rad), 0.5 * terminal.field_of_view_rad
        return Horizon(
            position_itrf_m=geodetic_to_itrf(latitude_rad, longitude_rad, np.zeros(count)),
            up_itrf=up_axis(latitude_rad, longitude_rad),
            min_elevation_rad=np.full(count, terminal.min_elevation_rad),
            gso_exclusion_rad=np.full(count, terminal.gso_exclusion_rad),
            boresight_itrf=boresight_axis(latitude_rad, longitude_rad, np.full(count, terminal.tilt_rad)),
            cosine_field_of_view=np.full(count, np.cos(half_rad) if half_rad < np.pi else _UNLIMITED),
        )

    def __len__(self) -> int:
        return len(self.min_elevation_rad)


def boresight_axis(latitude_rad: Floats, longitude_rad: Floats, tilt_rad: Floats) -> Floats:
    """``(G, 3)`` normals of faces that are tilted from the zenith towards the nearer pole, north at the equator."""
    up = up_axis(latitude_rad, longitude_rad)
    polewards = up_axis(latitude_rad + np.where(latitude_rad >= 0.0, 0.5, -0.5) * np.pi, longitude_rad)
    tilt = tilt_rad[:, np.newaxis]
    return np.asarray(np.cos(tilt) * up + np.sin(tilt) * polewards)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What all sites see at one step, by site and then by satellite.

    Attributes:
        start: ``(G+1,)`` the pairs of site ``g`` are ``start[g]:start[g+1]``.
        sat: ``(P,)`` satellite row.
        range_m, sine_elevation: ``(P,)``.
    """

    start: Ints
    sat: Ints32
    range_m: Floats
    sine_elevation: Floats

    def counts(self) -> Ints:
        """``(G,)`` usable satellites per site."""
        return np.diff(self.start)


def view(horizon: Horizon, position_itrf_m: Floats, valid: Bools) -> View:
    """Usable pairs of one step: above the minimum elevation, in the field of view, off the geostationary arc.

    Args:
        horizon: ``G`` sites.
        position_itrf_m: ``(S, 3)``.
        valid: ``(S,)``.
    Raises:
        ShapeError: The positions are not ``(S, 3)``.
    """
    check_shape("position_itrf_m", position_itrf_m, (None, 3))
    start, sat, range_m, sine = visible_pairs(
        position_itrf_m,
        valid,
        horizon.position_itrf_m,
        horizon.up_itrf,
        horizon.min_elevation_rad,
        horizon.gso_exclusion_rad,
        horizon.boresight_itrf,
        horizon.cosine_field_of_view,
    )
    return View(start=start, sat=sat, range_m=range_m, sine_elevation=sine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """All pairs of a span of steps, ordered by step, site and satellite; ``L`` rows.

    Attributes:
        step, site, sat: ``(L,)`` rows of the ephemeris' times, the site table and the satellite table.
        elevation_rad, azimuth_rad: ``(L,)`` azimuth clockwise from true north, in [0, 2π).
        slant_range_m: ``(L,)``.
        gso_separation_rad: ``(L,)`` angle to the geostationary arc; π where none of it is above the horizon.
        usable: ``(L,)`` false where the site's exclusion of the geostationary arc or its field of view forbids the link.
        rate_down_bps, rate_up_bps: ``(L,)`` from the satellite and to it, in the weather of the step, whether usable or
            not; NaN without a radio.
    """

    step: Ints
    site: Ints
    sat: Ints
    elevation_rad: Floats
    azimuth_rad: Floats
    slant_range_m: Floats
    gso_separation_rad: Floats
    usable: Bools
    rate_down_bps: Floats
    rate_up_bps: Floats

    def __len__(self) -> int:
        return len(self.step)

    def __repr__(self) -> str:
        return f"<Links: {len(self):,} rows, {int(np.count_nonzero(self.usable)):,} usable>"


def find_links(
    sites: Sites, ephemeris: Ephemeris, *, site_rows: Ints | None = None, radio: "Radio | None" = None
) -> Links:
    """Every pair of satellite and site above the site's minimum elevation, at every step.

    Args:
        sites: The site table; PoPs see nothing.
        ephemeris: ``T`` steps.
        site_rows: Only these sites.
        radio: Gives each link its rates in the weather of the step; it must be that of the same sites and satellites.

    Raises:
        InputError: The ephemeris has no steps.
    Accuracy: the same pairs as a test of every pair (tests/property/test_visibility.py); angles within 1e-9 rad of
        pymap3d. No refraction, no terrain.
    """
    if not len(ephemeris):
        raise InputError("the ephemeris has no steps; ask for at least one instant")
    rows = np.arange(len(sites)) if site_rows is None else np.asarray(site_rows, dtype=np.int64)
    horizon = Horizon.of(sites, rows)
    parts = in_parallel(
        lambda step: _rated(_links_at(horizon, rows, ephemeris, step=step), ephemeris, radio),
        list(range(len(ephemeris))),
    )
    return Links(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Links.__slots__})


def _links_at(horizon: Horizon, rows: Ints, ephemeris: Ephemeris, *, step: int) -> Links:
    """Links of one step, without rates."""
    position = ephemeris.position_itrf_m[step]
    start, sat, range_m, sine = visible_pairs(
        position,
        ephemeris.valid[step],
        horizon.position_itrf_m,
        horizon.up_itrf,
        horizon.min_elevation_rad,
        np.zeros(len(horizon)),
        horizon.boresight_itrf,
        np.full(len(horizon), _UNLIMITED),
    )
    site = np.repeat(np.arange(len(horizon)), np.diff(start))
    up = horizon.up_itrf[site]
    sight = position[sat] - horizon.position_itrf_m[site]
    east = np.stack([-up[:, 1], up[:, 0], np.zeros(len(up))], axis=1)  # unnormalised, as north is below
    north = np.cross(up, east)
    azimuth = np.arctan2(np.einsum("ij,ij->i", sight, east), np.einsum("ij,ij->i", sight, north))
    separation = separations(position, horizon.position_itrf_m, horizon.up_itrf, start, sat)
    ahead_m = np.einsum("ij,ij->i", sight, horizon.boresight_itrf[site])
    in_field: Bools = ahead_m >= horizon.cosine_field_of_view[site] * range_m
    return Links(
        step=np.full(len(sat), step, dtype=np.int64),
        site=rows[site],
        sat=sat.astype(np.int64),
        elevation_rad=np.arcsin(np.clip(sine, -1.0, 1.0)),
        azimuth_rad=np.mod(azimuth, 2.0 * np.pi),
        slant_range_m=range_m,
        gso_separation_rad=separation,
        usable=in_field & (separation >= horizon.gso_exclusion_rad[site]),
        rate_down_bps=np.full(len(sat), np.nan),
        rate_up_bps=np.full(len(sat), np.nan),
    )


def _rated(links: Links, ephemeris: Ephemeris, radio: "Radio | None") -> Links:
    """The links of one step with the rates that a radio gives them."""
    if radio is None or not len(links):
        return links
    step = int(links.step[0])
    skies = radio.skies(int(ephemeris.time_ns[step]))
    down_bps, up_bps = radio.rates_bps(skies, links.site, links.sat, ephemeris.position_itrf_m[step])
    return replace(links, rate_down_bps=down_bps, rate_up_bps=up_bps)
