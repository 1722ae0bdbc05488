"""One line of sight between a site and a satellite, with all the angles that a link budget asks for.

Tables of many links are found by `plan.visibility`; here is one pair by itself, whether or not the site may use it. A
satellite that is only known by its elevation and its altitude stands where the site's face leans: towards the nearer pole.
"""

from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import PhysicsError
from skycommons.model.world import Sites
from skycommons.orbit.frames import angle_between_rad, enu_axes, geodetic_to_itrf, look_angles
from skycommons.orbit.gso_arc import gso_separation
from skycommons.radio.recommendations import above_horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How one satellite stands to one site.

    Attributes:
        elevation_rad, azimuth_rad: At the site; azimuth clockwise from true north, in [0, 2π).
        range_m: Between the two.
        nadir_rad: At the satellite, between the Earth's centre and the site.
        face_rad: At the site, between the normal of its face and the satellite.
        gso_separation_rad: At the site, to the geostationary arc; π where none of it is above the horizon.
        in_field: Whether the site's face can steer there.
    """

    elevation_rad: float
    azimuth_rad: float
    range_m: float
    nadir_rad: float
    face_rad: float
    gso_separation_rad: float
    in_field: bool


def sight(sites: Sites, site: int, satellite_itrf_m: Floats) -> Sight:
    """The line of sight from a site to a place in space.

    Args:
        sites: The site table.
        site: Row in it.
        satellite_itrf_m: ``(3,)``.
    Accuracy: angles within 1e-9 rad of `find_links` (tests/plan/test_sight.py). No refraction.
    """
    latitude, longitude, height = (
        float(column[site]) for column in (sites.latitude_rad, sites.longitude_rad, sites.height_m)
    )
    look = look_angles(satellite_itrf_m, latitude, longitude, height)
    place = geodetic_to_itrf(np.array(latitude), np.array(longitude), np.array(height))
    up = enu_axes(np.array(latitude), np.array(longitude))[2]
    down = place - satellite_itrf_m
    elevation, azimuth = float(look.elevation_rad), float(look.azimuth_rad)
    face = _face_rad(elevation, azimuth, tilt_rad=float(sites.tilt_rad[site]), pole_rad=_pole_rad(latitude))
    return Sight(
        elevation_rad=elevation,
        azimuth_rad=azimuth,
        range_m=float(look.slant_range_m),
        nadir_rad=float(angle_between_rad(down, -satellite_itrf_m)),
        face_rad=face,
        gso_separation_rad=float(gso_separation(*place, *up, *-down)),
        in_field=face <= float(sites.field_of_view_rad[site]) / 2.0,
    )


def standing_sight(sites: Sites, site: int, *, elevation_rad: float, altitude_m: float) -> Sight:
    """The line of sight to a satellite that stands at an elevation, towards the nearer pole.

    Args:
        sites: The site table.
        site: Row in it.
        elevation_rad: Above 0, at most π/2.
        altitude_m: Of the satellite above a sphere through the site.
    Raises:
        PhysicsError: The elevation is not in the sky, or the altitude not above the ground.
    Accuracy: the altitude is met on a sphere through the site; the ellipsoid differs by up to 0.2 % of the range.
    """
    if not float(above_horizon(np.array(elevation_rad))) > 0.0:
        raise PhysicsError(
            f"no satellite stands at an elevation of {np.degrees(elevation_rad):.6g}°: it must be above 0° and at most 90°"
        )
    if not 0.0 < altitude_m < np.inf:
        raise PhysicsError(f"a satellite flies above the ground, not at {altitude_m / 1e3:g} km")
    latitude, longitude = np.array(sites.latitude_rad[site]), np.array(sites.longitude_rad[site])
    place = geodetic_to_itrf(latitude, longitude, np.array(sites.height_m[site]))
    azimuth = _pole_rad(float(latitude))
    flat = np.cos(elevation_rad)
    local = np.array([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation_rad)])
    towards = local @ enu_axes(latitude, longitude)
    along = float(place @ towards)
    radius_m = float(np.linalg.norm(place))
    range_m = np.sqrt(along**2 + altitude_m * (altitude_m + 2.0 * radius_m)) - along
    return replace(sight(sites, site, place + range_m * towards), azimuth_rad=azimuth)  # no rounding about the north


def _pole_rad(latitude_rad: float) -> float:
    """Azimuth of the nearer pole; the north from the equator."""
    return 0.0 if latitude_rad >= 0.0 else float(np.pi)


def _face_rad(elevation_rad: float, azimuth_rad: float, *, tilt_rad: float, pole_rad: float) -> float:
    """Angle between a face that leans towards a pole and a direction."""
    towards = np.sin(elevation_rad), np.cos(elevation_rad) * np.cos(azimuth_rad - pole_rad)
    aside = np.cos(elevation_rad) * np.sin(azimuth_rad - pole_rad)
    ahead = towards[0] * np.cos(tilt_rad) + towards[1] * np.sin(tilt_rad)
    across = towards[1] * np.cos(tilt_rad) - towards[0] * np.sin(tilt_rad)
    return float(np.arctan2(np.hypot(across, aside), ahead))
