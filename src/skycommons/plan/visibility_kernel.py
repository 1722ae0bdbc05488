"""The compiled search for satellites above the horizon of many sites, one step at a time.

Satellites are put into a grid of latitude bands and longitude sectors; a site only looks into the boxes that its own
horizon can reach. The search is exact: boxes are chosen by a bound that no visible satellite escapes, and each
candidate is then tested by its true elevation above the ellipsoid's tangent plane. No trigonometry per satellite.
"""

import numpy as np
from numba import njit

from skycommons.base.arrays import Bools, Floats, Ints, Ints32
from skycommons.base.constants import WGS84_FLATTENING
from skycommons.orbit.gso_arc import gso_separation

BANDS = 48  # in sine of latitude
SECTORS = 64  # in longitude
_VERTICAL_DEFLECTION_RAD = 0.0034  # the largest angle between geodetic and geocentric vertical, 0.1924°, rounded up
_POLAR_RADIUS_SHARE = 1.0 - WGS84_FLATTENING


@njit(error_model="numpy", nogil=True, cache=True)
def _sector_angle(x: float, y: float) -> float:
    """A number that grows with longitude, 0 to 4 around the circle, without trigonometry."""
    total = abs(x) + abs(y)
    if total == 0.0:
        return 0.0
    share = y / total
    if x < 0.0:
        return 2.0 - share
    return share if share >= 0.0 else 4.0 + share


@njit(error_model="numpy", nogil=True, cache=True)
def _band_of(sine_latitude: float) -> int:
    """Latitude band of a sine of latitude."""
    return min(max(int((sine_latitude + 1.0) * 0.5 * BANDS), 0), BANDS - 1)


@njit(error_model="numpy", nogil=True, cache=True)
def bin_satellites(position_m: Floats, valid: Bools) -> tuple[Ints32, Ints32, float]:
    """Sort satellites into boxes.

    Args:
        position_m: ``(S, 3)`` ITRF.
        valid: ``(S,)``.
    Returns:
        Start of every box in the order ``(BANDS * SECTORS + 1,)``, the satellites in that order, the largest radius.
    """
    count = len(position_m)
    box = np.full(count, -1, np.int32)
    start = np.zeros(BANDS * SECTORS + 1, np.int32)
    largest = 0.0
    for sat in range(count):
        if not valid[sat]:
            continue
        x, y, z = position_m[sat, 0], position_m[sat, 1], position_m[sat, 2]
        radius = np.sqrt(x * x + y * y + z * z)
        largest = max(largest, radius)
        sector = min(int(_sector_angle(x, y) * (SECTORS / 4.0)), SECTORS - 1)
        box[sat] = _band_of(z / radius) * SECTORS + sector
        start[box[sat] + 1] += 1
    for index in range(BANDS * SECTORS):
        start[index + 1] += start[index]
    order = np.empty(start[-1], np.int32)
    cursor = start[:-1].copy()
    for sat in range(count):
        if box[sat] >= 0:
            order[cursor[box[sat]]] = sat
            cursor[box[sat]] += 1
    return start, order, largest


@njit(error_model="numpy", nogil=True, cache=True)
def _reach_rad(site_radius_m: float, satellite_radius_m: float, min_elevation_rad: float) -> float:
    """Central angle within which a satellite can stand above the minimum elevation; never too small."""
    elevation = min_elevation_rad - _VERTICAL_DEFLECTION_RAD
    ratio = site_radius_m * np.cos(elevation) / satellite_radius_m
    if ratio >= 1.0:
        return -1.0 if elevation > 0.0 else np.pi
    return float(np.arccos(ratio) - elevation)


@njit(error_model="numpy", nogil=True, cache=True)
def _sectors_of(x: float, y: float, sine: float, reach_rad: float) -> tuple[int, int]:
    """First sector and number of sectors that the cap of this reach touches."""
    latitude = np.arcsin(min(max(sine, -1.0), 1.0))
    if abs(latitude) + reach_rad >= 0.5 * np.pi:
        return 0, SECTORS
    half = np.arcsin(min(np.sin(reach_rad) / np.cos(latitude), 1.0))
    longitude = np.arctan2(y, x)
    first = int(_sector_angle(np.cos(longitude - half), np.sin(longitude - half)) * (SECTORS / 4.0))
    last = int(_sector_angle(np.cos(longitude + half), np.sin(longitude + half)) * (SECTORS / 4.0))
    if half >= 0.5 * np.pi:
        return 0, SECTORS
    return first % SECTORS, (last - first) % SECTORS + 1


@njit(error_model="numpy", nogil=True, cache=True)
def boxes_in_reach(
    x: float, y: float, z: float, min_elevation_rad: float, largest_m: float
) -> tuple[int, int, int, int]:
    """First and last band, first sector and number of sectors in which a site may see satellites; no band where none.

    Args:
        x, y, z: ITRF position of the site.
        min_elevation_rad: NaN, or beyond the zenith, for a site that sees nothing.
        largest_m: The largest radius of a satellite; 0 without satellites.
    """
    if not (min_elevation_rad <= 0.5 * np.pi) or largest_m == 0.0:
        return 0, -1, 0, 0
    radius = np.sqrt(x * x + y * y + z * z)
    reach = _reach_rad(radius, largest_m, min_elevation_rad)
    if reach < 0.0:
        return 0, -1, 0, 0
    sine = z / radius
    latitude = np.arcsin(sine)
    first_band = _band_of(np.sin(max(latitude - reach, -0.5 * np.pi)))
    last_band = _band_of(np.sin(min(latitude + reach, 0.5 * np.pi)))
    first_sector, sectors = _sectors_of(x, y, sine, reach)
    return first_band, last_band, first_sector, sectors


@njit(error_model="numpy", nogil=True, cache=True)
def _grow(array: Ints32) -> Ints32:
    """Twice the room, same content."""
    larger = np.empty(2 * len(array), np.int32)
    larger[: len(array)] = array
    return larger


@njit(error_model="numpy", nogil=True, cache=True)
def visible_pairs(
    position_m: Floats,
    valid: Bools,
    site_m: Floats,
    site_up: Floats,
    min_elevation_rad: Floats,
    gso_exclusion_rad: Floats,
    boresight: Floats,
    cosine_field_of_view: Floats,
) -> tuple[Ints, Ints32, Floats, Floats]:
    """All pairs of one step in which the satellite stands at or above the site's minimum elevation, where it can point.

    Args:
        position_m: ``(S, 3)`` ITRF; ``valid`` ``(S,)``.
        site_m, site_up: ``(G, 3)`` ITRF position and ellipsoid normal of the sites.
        min_elevation_rad: ``(G,)``; NaN for a site that sees nothing.
        gso_exclusion_rad: ``(G,)``; pairs nearer to the geostationary arc are left out; 0 leaves none out.
        boresight: ``(G, 3)`` unit normals of the sites' faces.
        cosine_field_of_view: ``(G,)`` pairs whose cosine to the normal is smaller are left out; -2 leaves none out.
    Returns:
        ``start (G+1)``; and per pair, by site and then by satellite: satellite, range (m), sine of elevation.
    """
    box_start, order, largest = bin_satellites(position_m, valid)
    sites = len(site_m)
    start = np.zeros(sites + 1, np.int64)
    found = np.empty(64 * sites + 64, np.int32)
    used = 0
    for site in range(sites):
        start[site + 1] = used
        x, y, z = site_m[site, 0], site_m[site, 1], site_m[site, 2]
        first_band, last_band, first_sector, sectors = boxes_in_reach(x, y, z, min_elevation_rad[site], largest)
        ux, uy, uz = site_up[site, 0], site_up[site, 1], site_up[site, 2]
        fx, fy, fz = boresight[site, 0], boresight[site, 1], boresight[site, 2]
        least = np.sin(min_elevation_rad[site])
        begin = used
        for band in range(first_band, last_band + 1):
            for turn in range(sectors):
                box = band * SECTORS + (first_sector + turn) % SECTORS
                for place in range(box_start[box], box_start[box + 1]):
                    sat = order[place]
                    dx, dy, dz = position_m[sat, 0] - x, position_m[sat, 1] - y, position_m[sat, 2] - z
                    height = dx * ux + dy * uy + dz * uz
                    distance = np.sqrt(dx * dx + dy * dy + dz * dz)
                    if height < least * distance:
                        continue
                    if dx * fx + dy * fy + dz * fz < cosine_field_of_view[site] * distance:
                        continue
                    if (
                        gso_exclusion_rad[site] > 0.0
                        and gso_separation(x, y, z, ux, uy, uz, dx, dy, dz) < gso_exclusion_rad[site]
                    ):
                        continue
                    if used == len(found):
                        found = _grow(found)
                    found[used] = sat
                    used += 1
        found[begin:used].sort()
        start[site + 1] = used
    pairs = found[:used].copy()
    range_m, sine_elevation = _measure(position_m, site_m, site_up, start, pairs)
    return start, pairs, range_m, sine_elevation


@njit(error_model="numpy", nogil=True, cache=True)
def _measure(position_m: Floats, site_m: Floats, site_up: Floats, start: Ints, pairs: Ints32) -> tuple[Floats, Floats]:
    """Slant range and sine of elevation of every pair."""
    range_m = np.empty(len(pairs))
    sine_elevation = np.empty(len(pairs))
    for site in range(len(site_m)):
        for pair in range(start[site], start[site + 1]):
            sat = pairs[pair]
            dx = position_m[sat, 0] - site_m[site, 0]
            dy = position_m[sat, 1] - site_m[site, 1]
            dz = position_m[sat, 2] - site_m[site, 2]
            distance = np.sqrt(dx * dx + dy * dy + dz * dz)
            height = dx * site_up[site, 0] + dy * site_up[site, 1] + dz * site_up[site, 2]
            range_m[pair] = distance
            sine_elevation[pair] = height / distance
    return range_m, sine_elevation


@njit(error_model="numpy", nogil=True, cache=True)
def separations(position_m: Floats, site_m: Floats, site_up: Floats, start: Ints, pairs: Ints32) -> Floats:
    """Angle to the geostationary arc of every pair, rad."""
    result = np.empty(len(pairs))
    for site in range(len(site_m)):
        for pair in range(start[site], start[site + 1]):
            sat = pairs[pair]
            result[pair] = gso_separation(
                site_m[site, 0],
                site_m[site, 1],
                site_m[site, 2],
                site_up[site, 0],
                site_up[site, 1],
                site_up[site, 2],
                position_m[sat, 0] - site_m[site, 0],
                position_m[sat, 1] - site_m[site, 1],
                position_m[sat, 2] - site_m[site, 2],
            )
    return result
