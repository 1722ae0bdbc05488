"""Where things stand on the globe, for drawing only: no delay, link or visibility is computed here.

Angles are radians; ``(N, 2)`` lines hold longitude, then latitude. Directions are unit vectors of a sphere.
"""

from itertools import pairwise
from typing import Final

import numpy as np
import xarray as xr

from skycommons.base.arrays import Floats, Ints
from skycommons.orbit.frames import angle_between_rad, itrf_to_geodetic, up_axis
from skycommons.studies.store import time_ns

_ARC_STEP_RAD: Final = 0.02  # about 130 km: arcs look smooth on a map of the world
_WINDOW: Final = 4  # samples around an instant, for a cubic


def directions(longitude_rad: Floats, latitude_rad: Floats) -> Floats:
    """Unit vectors ``(..., 3)`` towards places on a sphere."""
    return up_axis(latitude_rad, longitude_rad)


def longitude_latitude(vectors: Floats) -> Floats:
    """Longitude and spherical latitude ``(..., 2)`` of directions ``(..., 3)``."""
    flat = np.hypot(vectors[..., 0], vectors[..., 1])
    return np.stack([np.arctan2(vectors[..., 1], vectors[..., 0]), np.arctan2(vectors[..., 2], flat)], axis=-1)


def ground_point(position_itrf_m: Floats) -> Floats:
    """Longitude and geodetic latitude ``(N, 2)`` under positions ``(N, 3)``; NaN where a position is."""
    places = np.full((len(position_itrf_m), 2), np.nan)
    known = np.isfinite(position_itrf_m).all(axis=1)
    if known.any():
        latitude_rad, longitude_rad, _ = itrf_to_geodetic(position_itrf_m[known].astype(np.float64))
        places[known] = np.stack([longitude_rad, latitude_rad], axis=-1)
    return places


def great_circle(line_rad: Floats) -> Floats:
    """A line through places ``(N, 2)`` with points added so that each leg follows its great circle."""
    corners = directions(line_rad[:, 0], line_rad[:, 1])
    pieces = [corners[:1]]
    for start, end in pairwise(corners):
        angle = float(angle_between_rad(start, end))
        count = max(int(np.ceil(angle / _ARC_STEP_RAD)), 1)
        share = np.arange(1, count + 1)[:, None] / count
        turned = start * np.sin((1.0 - share) * angle) + end * np.sin(share * angle)
        pieces.append(turned / np.sin(angle) if 0.0 < angle < np.pi - 1e-9 else np.tile(end, (count, 1)))
    return longitude_latitude(np.concatenate(pieces))


def split_at_antimeridian(line_rad: Floats) -> tuple[Floats, ...]:
    """A line ``(N, 2)`` cut where it crosses 180 degrees of longitude, with a point on each side of the cut."""
    longitude_rad = line_rad[:, 0]
    crossings = np.flatnonzero(np.abs(np.diff(longitude_rad)) > np.pi)
    pieces, begin, opening = [], 0, np.empty((0, 2))
    for crossing in crossings:
        here, beyond = line_rad[crossing], line_rad[crossing + 1]
        side = np.pi if here[0] > 0 else -np.pi
        span = beyond[0] + 2.0 * side - here[0]
        share = (side - here[0]) / span if span else 0.0
        latitude_rad = here[1] + share * (beyond[1] - here[1])
        pieces.append(np.vstack([opening, line_rad[begin : crossing + 1], [[side, latitude_rad]]]))
        opening, begin = np.array([[-side, latitude_rad]]), int(crossing) + 1
    pieces.append(np.vstack([opening, line_rad[begin:]]))
    return tuple(piece for piece in pieces if len(piece) > 1)


def positions_at(dataset: xr.Dataset, satellite: Ints, instant_ns: Ints) -> Floats:
    """Positions ``(N, 3)`` of satellites ``(N,)`` at instants ``(N,)``, a cubic through the stored samples.

    Accuracy: 0.1 km where samples lie two minutes apart (tests/studies/test_geography.py); for drawing only.
    """
    if not len(satellite):
        return np.empty((0, 3))
    rows, which = np.unique(satellite, return_inverse=True)
    position_m = dataset["sample_position_itrf_m"].isel(satellite=rows).values.astype(np.float64)
    sample_ns = time_ns(dataset["sample_time"])
    window = min(_WINDOW, len(sample_ns))
    after = np.searchsorted(sample_ns, instant_ns, side="right")
    first = np.clip(after - window // 2, 0, len(sample_ns) - window)
    used = first[:, None] + np.arange(window)
    knots_s = (sample_ns[used] - instant_ns[:, None]) / 1e9
    weights = np.ones_like(knots_s)
    for other in range(window):
        apart_s = knots_s[:, [other]] - knots_s
        factor = np.divide(knots_s[:, [other]], apart_s, out=np.ones_like(apart_s), where=apart_s != 0)
        weights *= factor
    return np.asarray(np.einsum("nw,nwx->nx", weights, position_m[used, which[:, None]]))


def flow_line(dataset: xr.Dataset, tracked: int, step: int) -> Floats:
    """The places that a tracked flow passes at one step, source to target, ``(N, 2)``; fewer than 2 if unreachable."""
    path = dataset["path_satellite"].isel(time=step, tracked=tracked).values
    path = path[path >= 0].astype(np.int64)
    if not len(path):
        return np.empty((0, 2))
    flow = int(dataset["tracked_flow"].values[tracked])
    instant_ns = np.full(len(path), time_ns(dataset["time"].isel(time=[step]))[0])
    above = ground_point(positions_at(dataset, path, instant_ns))
    ends = [int(dataset[name].values[flow]) for name in ("flow_source", "flow_target")]
    gateway = int(dataset["exit_gateway"].isel(time=step, flow=flow).values)
    tail = [gateway, ends[1]] if gateway >= 0 else [ends[1]]
    line = np.vstack([site_point(dataset, ends[:1]), above, site_point(dataset, tail)])
    known: Floats = line[np.isfinite(line).all(axis=1)]
    return known


def site_point(dataset: xr.Dataset, rows: list[int]) -> Floats:
    """Longitude and latitude ``(N, 2)`` of sites."""
    columns = [dataset[name].values[rows] for name in ("site_longitude_rad", "site_latitude_rad")]
    return np.stack(columns, axis=-1)


def shown_flow(dataset: xr.Dataset) -> int:
    """The tracked flow of which a picture tells: the first that ever has a path, or the first of all."""
    ever = (first_reachable(dataset, tracked) is not None for tracked in range(dataset.sizes["tracked"]))
    return next((tracked for tracked, is_reached in enumerate(ever) if is_reached), 0)


def first_reachable(dataset: xr.Dataset, tracked: int) -> int | None:
    """The first step at which a tracked flow has a path, or none."""
    reached = np.flatnonzero(dataset["path_satellite"].isel(tracked=tracked, place=0).values >= 0)
    return int(reached[0]) if reached.size else None
