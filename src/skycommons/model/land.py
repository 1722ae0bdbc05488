"""Where the land is: coarse outlines for maps, and the question whether a point lies on land.

Land only. There are no borders in it, and nothing in skycommons draws any.
"""

import json
from functools import cache
from importlib.resources import files

import numpy as np

from skycommons.base.arrays import Bools, Floats, freeze
from skycommons.base.errors import ShapeError


@cache
def land_rings() -> tuple[Floats, ...]:
    """Closed outlines of land (and of the Caspian Sea, as a hole) to draw on a flat map.

    Returns:
        Read-only arrays ``(N, 2)`` of longitude and latitude in degrees, first point repeated at the end; no ring
        crosses the antimeridian, Antarctica reaches down to -90 degrees.
    Accuracy: outlines of 1:110 million, good for a world map: a coast may be off by some tens of kilometres, and
        small islands are absent.
    Source: Natural Earth (public domain) by way of ``world-atlas`` 2.0.2; cut by ``scripts/make_land.py``.
    >>> min(len(ring) for ring in land_rings()) >= 4
    True
    """
    text = files("skycommons").joinpath("data/land.json").read_text(encoding="utf-8")
    rings = tuple(np.array(ring, dtype=np.float64) for ring in json.loads(text))
    freeze(*rings)
    return rings


def is_land(latitude_rad: Floats, longitude_rad: Floats) -> Bools:
    """Whether points lie on land, by the even-odd rule over `land_rings`.

    Args:
        latitude_rad: Any shape; rad, geodetic.
        longitude_rad: The same shape; rad, east positive, any turn.
    Returns:
        The same shape; False where a coordinate is NaN.
    Raises:
        ShapeError: The two shapes differ.
    Accuracy: that of `land_rings`: do not ask it about a harbour.
    Source: ray casting along the parallel (Shimrat 1962, Comm. ACM 5, algorithm 112).
    >>> is_land(np.radians([47.4, 0.0]), np.radians([8.5, -30.0])).tolist()
    [True, False]
    """
    latitude_deg, longitude_deg = np.degrees(latitude_rad), np.degrees(longitude_rad)
    if latitude_deg.shape != longitude_deg.shape:
        raise ShapeError("longitude_rad", latitude_deg.shape, longitude_deg.shape)
    wrapped_deg = (longitude_deg + 180.0) % 360.0 - 180.0
    y, x = latitude_deg.ravel(), wrapped_deg.ravel()
    inside = _inside(x, y)
    return inside.reshape(latitude_deg.shape)


def _inside(x: Floats, y: Floats) -> Bools:
    """Even-odd rule: an odd number of edges lies to the east. Each edge is held against the points in its belt alone."""
    order = np.argsort(y)
    x, y = x[order], y[order]
    odd = np.zeros(len(x), dtype=np.bool_)
    x0, y0, x1, y1 = _edges()
    first, last = np.searchsorted(y, np.minimum(y0, y1)), np.searchsorted(y, np.maximum(y0, y1))
    slope = (x1 - x0) / (y1 - y0)
    for edge in np.flatnonzero(first < last).tolist():
        belt = slice(first[edge], last[edge])
        odd[belt] ^= x0[edge] + (y[belt] - y0[edge]) * slope[edge] > x[belt]
    inside = np.empty_like(odd)
    inside[order] = odd
    return inside


@cache
def _edges() -> tuple[Floats, Floats, Floats, Floats]:
    """Start and end of every edge that is not level; level ones never cross a parallel."""
    starts = np.concatenate([ring[:-1] for ring in land_rings()])
    ends = np.concatenate([ring[1:] for ring in land_rings()])
    sloped = starts[:, 1] != ends[:, 1]
    return starts[sloped, 0], starts[sloped, 1], ends[sloped, 0], ends[sloped, 1]
