"""Which satellites stand above which sites.

Rules: a link is every pair at or above the site's true minimum elevation, by the ellipsoid's tangent plane at the
site's own height; no nearest-only, no flat Earth. What may not be used (too near to the geostationary arc) is found
here too, and marked, so that a user can see what the rule costs.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, Ints32, check_shape
from skycommons.base.errors import InputError
from skycommons.base.threads import in_parallel
from skycommons.model.world import Sites
from skycommons.orbit.ephemeris import Ephemeris
from skycommons.orbit.frames import geodetic_to_itrf, up_axis
from skycommons.plan.visibility_kernel import separations, visible_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Sites as the search needs them: prepared once, used at every step.

    Attributes:
        position_itrf_m, up_itrf: ``(G, 3)`` position and unit normal.
        min_elevation_rad, gso_exclusion_rad: ``(G,)``.
    """

    position_itrf_m: Floats
    up_itrf: Floats
    min_elevation_rad: Floats
    gso_exclusion_rad: Floats

    @staticmethod
    def of(sites: Sites, rows: Ints | None = None) -> "Horizon":
        """Horizons of all sites, or of some rows."""
        chosen = np.arange(len(sites)) if rows is None else rows
        latitude, longitude = sites.latitude_rad[chosen], sites.longitude_rad[chosen]
        return Horizon(
            position_itrf_m=geodetic_to_itrf(latitude, longitude, sites.height_m[chosen]),
            up_itrf=up_axis(latitude, longitude),
            min_elevation_rad=sites.min_elevation_rad[chosen].copy(),
            gso_exclusion_rad=sites.gso_exclusion_rad[chosen].copy(),
        )

    @staticmethod
    def grid(
        latitude_rad: Floats, longitudes: int, *, min_elevation_rad: float, gso_exclusion_rad: float = 0.0
    ) -> "Horizon":
        """Horizons at the ellipsoid on parallels, each with as many evenly spaced places, parallel by parallel.

        Args:
            latitude_rad: ``(B,)``; ``B * longitudes`` horizons come out.
            longitudes: Places on each parallel, the first at longitude 0.
            min_elevation_rad, gso_exclusion_rad: Of all places.
        """
        latitude = np.repeat(latitude_rad, longitudes)
        longitude = np.tile(2.0 * np.pi * np.arange(longitudes) / longitudes, len(latitude_rad))
        return Horizon(
            position_itrf_m=geodetic_to_itrf(latitude, longitude, np.zeros(len(latitude))),
            up_itrf=up_axis(latitude, longitude),
            min_elevation_rad=np.full(len(latitude), min_elevation_rad),
            gso_exclusion_rad=np.full(len(latitude), gso_exclusion_rad),
        )

    def __len__(self) -> int:
        return len(self.min_elevation_rad)


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
    """Usable pairs of one step: above the minimum elevation and outside the exclusion of the geostationary arc.

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
        usable: ``(L,)`` false where the site's exclusion of the geostationary arc forbids the link.
    """

    step: Ints
    site: Ints
    sat: Ints
    elevation_rad: Floats
    azimuth_rad: Floats
    slant_range_m: Floats
    gso_separation_rad: Floats
    usable: Bools

    def __len__(self) -> int:
        return len(self.step)

    def __repr__(self) -> str:
        return f"<Links: {len(self):,} rows, {int(np.count_nonzero(self.usable)):,} usable>"


def find_links(sites: Sites, ephemeris: Ephemeris, *, site_rows: Ints | None = None) -> Links:
    """Every pair of satellite and site above the site's minimum elevation, at every step.

    Args:
        sites: The site table; PoPs see nothing.
        ephemeris: ``T`` steps.
        site_rows: Only these sites.

    Raises:
        InputError: The ephemeris has no steps.
    Accuracy: the same pairs as a test of every pair (tests/property/test_visibility.py); angles within 1e-9 rad of
        pymap3d. No refraction, no terrain.
    """
    if not len(ephemeris):
        raise InputError("the ephemeris has no steps; ask for at least one instant")
    rows = np.arange(len(sites)) if site_rows is None else np.asarray(site_rows, dtype=np.int64)
    horizon = Horizon.of(sites, rows)
    columns = in_parallel(lambda step: _links_at(horizon, ephemeris, step), list(range(len(ephemeris))))
    joined = {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}
    joined["usable"] = joined["gso_separation_rad"] >= sites.gso_exclusion_rad[rows][joined["site"].astype(np.int64)]
    joined["site"] = rows[joined["site"].astype(np.int64)]
    return Links(
        step=joined["step"].astype(np.int64),
        site=joined["site"],
        sat=joined["sat"].astype(np.int64),
        elevation_rad=joined["elevation_rad"],
        azimuth_rad=joined["azimuth_rad"],
        slant_range_m=joined["slant_range_m"],
        gso_separation_rad=joined["gso_separation_rad"],
        usable=joined["usable"].astype(np.bool_),
    )


def _links_at(horizon: Horizon, ephemeris: Ephemeris, step: int) -> dict[str, Floats]:
    """Columns of one step."""
    position = ephemeris.position_itrf_m[step]
    start, sat, range_m, sine = visible_pairs(
        position,
        ephemeris.valid[step],
        horizon.position_itrf_m,
        horizon.up_itrf,
        horizon.min_elevation_rad,
        np.zeros(len(horizon)),
    )
    site = np.repeat(np.arange(len(horizon)), np.diff(start))
    up = horizon.up_itrf[site]
    sight = position[sat] - horizon.position_itrf_m[site]
    east = np.stack([-up[:, 1], up[:, 0], np.zeros(len(up))], axis=1)  # unnormalised, as north is below
    north = np.cross(up, east)
    return {
        "step": np.full(len(sat), step, dtype=np.float64),
        "site": site.astype(np.float64),
        "sat": sat.astype(np.float64),
        "elevation_rad": np.arcsin(np.clip(sine, -1.0, 1.0)),
        "azimuth_rad": np.mod(
            np.arctan2(np.einsum("ij,ij->i", sight, east), np.einsum("ij,ij->i", sight, north)), 2.0 * np.pi
        ),
        "slant_range_m": range_m,
        "gso_separation_rad": separations(position, horizon.position_itrf_m, horizon.up_itrf, start, sat),
    }
