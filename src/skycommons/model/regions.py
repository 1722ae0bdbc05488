"""Regions: named areas of the Earth, from GeoJSON or from a list of corners, and the question which points lie in them.

Rules: lines between corners are straight in longitude and latitude, as RFC 7946 says, not great circles. A ring is taken as
it is written where no line spans more than 180° of longitude, or exactly 360° (a border that follows the antimeridian); a
ring with any other long line crosses the antimeridian, and each of its lines goes the short way. A region is the union of
its polygons, and a polygon is what its rings enclose an odd number of times. A ring around a pole encloses it; poles are
otherwise of no interest here. A point exactly on a border may fall on either side. Features of one name are one region.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, freeze
from skycommons.base.errors import Fault, GroundError, InputError, ShapeError
from skycommons.model.ground_formats import fold

NAME_KEYS: Final = ("name", "name_en", "name_long", "title", "admin", "iso", "iso_a2", "iso_a3", "iso2", "iso3", "id")
"""Folded keys of a feature's properties in which its name is looked for, best first."""

_NO_AREAS: Final = ("Point", "MultiPoint", "LineString", "MultiLineString")
_MAX_BYTES: Final = 64_000_000  # all countries at 1:10 million are some 25 MB
_MEETINGS_AT_ONCE: Final = 1_000_000  # of meridians and edges: keeps each table near 8 MB
_TURN: Final = 2.0 * np.pi


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A named area.

    Attributes:
        name: As its file calls it.
        polygons_rad: Of each polygon its outer ring and then its holes; a ring is ``(N, 2)``, longitude and latitude,
            closed, and its longitudes do not jump.
    """

    name: str
    polygons_rad: tuple[tuple[Floats, ...], ...]

    def __post_init__(self) -> None:
        for polygon in self.polygons_rad:
            freeze(*polygon)

    @staticmethod
    def of(name: str, latitude_deg: Floats, longitude_deg: Floats) -> "Region":
        """One polygon without holes, from its corners in either sense; the last may repeat the first.

        Args:
            name: What to call it.
            latitude_deg, longitude_deg: ``(N,)``.
        Raises:
            InputError: The corners are too few, or not on Earth.
        >>> box = Region.of("box", np.array([0.0, 0.0, 10.0, 10.0]), np.array([170.0, -170.0, -170.0, 170.0]))
        >>> box.contains(np.radians([5.0, 5.0]), np.radians([-175.0, 0.0])).tolist()
        [True, False]
        """
        latitude, longitude = np.atleast_1d(latitude_deg), np.atleast_1d(longitude_deg)
        if latitude.shape != longitude.shape or latitude.ndim != 1:
            raise ShapeError("longitude_deg", latitude.shape, longitude.shape)
        ring = _ring(list(zip(longitude.tolist(), latitude.tolist(), strict=True)))
        if isinstance(ring, str):
            raise InputError(f"region {name!r}: {ring}")
        return Region(name=name, polygons_rad=((ring,),))

    @staticmethod
    def stitched(name: str, polygons_deg: Sequence[Sequence[Floats]]) -> "Region":
        """Polygons whose every line goes the short way, across the antimeridian where that is shorter.

        Args:
            name: What to call it.
            polygons_deg: Of each polygon its outer ring and then its holes, ``(N, 2)``, longitude and latitude, closed.
        """
        polygons = ([np.radians(ring) for ring in polygon] for polygon in polygons_deg)
        unrolled = ([np.stack([np.unwrap(ring[:, 0]), ring[:, 1]], axis=1) for ring in polygon] for polygon in polygons)
        return Region(name=name, polygons_rad=tuple(_holes_beside_outer(tuple(polygon)) for polygon in unrolled))

    def contains(self, latitude_rad: Floats, longitude_rad: Floats) -> Bools:
        """Whether points lie in the region.

        Args:
            latitude_rad: Any shape; geodetic.
            longitude_rad: The same shape; east positive, any turn.
        Returns:
            The same shape; False where a coordinate is NaN.
        Raises:
            ShapeError: The two shapes differ.
        Source: ray casting (Shimrat 1962, Comm. ACM 5, algorithm 112), along the meridian.
        """
        latitude, longitude = np.asarray(latitude_rad), np.asarray(longitude_rad)
        if latitude.shape != longitude.shape:
            raise ShapeError("longitude_rad", latitude.shape, longitude.shape)
        inside = np.zeros(latitude.size, dtype=np.bool_)
        for polygon in self.polygons_rad:
            rows = np.flatnonzero(~inside)
            inside[rows] = _inside(polygon, longitude.ravel()[rows], latitude.ravel()[rows])
        return inside.reshape(latitude.shape)

    def __repr__(self) -> str:
        return f"<Region {self.name!r}: {len(self.polygons_rad):,} polygons>"


def read_regions(path: Path) -> tuple[Region, ...]:
    """Regions of a GeoJSON file: a FeatureCollection, a Feature, a Polygon or a MultiPolygon.

    Names come from the properties in `NAME_KEYS`, in any case, or from the feature's id; features of one name are joined.
    Points and lines are left out.

    Returns:
        In the order of the file, names unique.
    Raises:
        GroundError: The file cannot be read, has a faulty area, or holds none; all faults are listed.
    """
    document = _document(path)
    faults: list[Fault] = []
    found: dict[str, tuple[tuple[Floats, ...], ...]] = {}
    for place, feature in _features(document, path.stem):
        if not isinstance(feature, dict) or not isinstance(geometry := feature.get("geometry"), dict):
            faults.append(Fault(place, "has no geometry"))
            continue
        name = _name(feature, default=path.stem if place == "file" else place)
        found[name] = found.get(name, ()) + _polygons(geometry, place, faults)
    regions = tuple(Region(name=name, polygons_rad=polygons) for name, polygons in found.items() if polygons)
    if not regions and not faults:
        faults.append(Fault("file", "holds no area; write a Polygon or a MultiPolygon"))
    if faults:
        raise GroundError(path.name, faults)
    return regions


def _document(path: Path) -> dict[str, Any]:
    """The JSON object of a file, or a clear error."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read() if size <= _MAX_BYTES else b""
    except OSError as error:
        raise GroundError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
    if size > _MAX_BYTES:
        message = f"is {size / 1e6:.0f} MB large; a file of regions has at most {_MAX_BYTES / 1e6:.0f} MB: simplify it"
        raise GroundError(path.name, [Fault("file", message)])
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise GroundError(path.name, [Fault("file", f"cannot be read as GeoJSON: {error}")]) from None
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        raise GroundError(path.name, [Fault("file", "is not GeoJSON: there is no 'type' at its top")])
    return document


def _features(document: dict[str, Any], stem: str) -> list[tuple[str, Any]]:
    """Every feature with its place; a bare geometry counts as a feature without properties."""
    if document["type"] == "FeatureCollection":
        features = document.get("features")
        if isinstance(features, list):
            return [(f"features.{index}", feature) for index, feature in enumerate(features)]
        return [("features", None)]
    if document["type"] == "Feature":
        return [("file", document)]
    return [("file", {"geometry": document, "properties": {"name": stem}})]


def _name(feature: dict[str, Any], *, default: str) -> str:
    """What a feature calls itself."""
    properties = feature.get("properties")
    given = {fold(str(key)): value for key, value in properties.items()} if isinstance(properties, dict) else {}
    candidates = [given.get(key) for key in NAME_KEYS] + [feature.get("id")]
    texts = (" ".join(str(value).split()) for value in candidates if isinstance(value, str | int))
    return next(filter(None, texts), default)


def _polygons(geometry: dict[str, Any], place: str, faults: list[Fault]) -> tuple[tuple[Floats, ...], ...]:
    """The polygons of a geometry without faults; what is wrong goes to the faults."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind in _NO_AREAS:
        return ()
    if kind not in ("Polygon", "MultiPolygon"):
        faults.append(Fault(place, f"its geometry is a {str(kind)[:40]!r}; write a Polygon or a MultiPolygon"))
        return ()
    listed = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(listed, list) or not listed or not all(isinstance(rings, list) and rings for rings in listed):
        faults.append(Fault(place, f"a {kind} needs a list of rings in 'coordinates'"))
        return ()
    polygons = []
    for number, rings in enumerate(listed):
        read = [_ring(ring) for ring in rings]
        where = place if kind == "Polygon" else f"{place}.{number}"
        faults.extend(Fault(f"{where}.ring {row}", ring) for row, ring in enumerate(read) if isinstance(ring, str))
        polygons.append(_holes_beside_outer(tuple(ring for ring in read if not isinstance(ring, str))))
    return tuple(polygon for polygon in polygons if polygon)


def _ring(corners: object) -> Floats | str:
    """Closed longitudes and latitudes in rad without jumps, or what is wrong with the corners."""
    if not isinstance(corners, list) or not all(_is_position(corner) for corner in corners):
        return "a ring is a list of [longitude, latitude], in degrees within ±360 and ±90"
    points = np.array([corner[:2] for corner in corners], dtype=np.float64).reshape(-1, 2)
    if len(np.unique(points, axis=0)) < 3:
        return f"a ring needs 3 different corners or more, not {len(np.unique(points, axis=0))}"
    if not np.array_equal(points[0], points[-1]):
        points = np.concatenate([points, points[:1]])
    span_deg = np.abs(np.diff(points[:, 0]))
    longitude_rad = np.radians(points[:, 0])
    if np.any((span_deg > 180.0) & (span_deg != 360.0)):
        longitude_rad = np.unwrap(longitude_rad)
    return np.stack([longitude_rad, np.radians(points[:, 1])], axis=1)


def _is_position(corner: object) -> bool:
    """Two numbers or more, the first two on Earth; NaN is none."""
    if not isinstance(corner, list | tuple) or len(corner) < 2:
        return False
    longitude, latitude = corner[:2]
    if not isinstance(longitude, int | float) or not isinstance(latitude, int | float):
        return False
    return abs(longitude) <= 360.0 and abs(latitude) <= 90.0


def _holes_beside_outer(rings: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """The same rings with the holes in the turn in which the outer ring is written."""
    if not rings:
        return ()
    middle = (rings[0][:, 0].min() + rings[0][:, 0].max()) / 2.0
    turns = [np.round((middle - (ring[:, 0].min() + ring[:, 0].max()) / 2.0) / _TURN) for ring in rings]
    return tuple(ring + np.array([_TURN * turn, 0.0]) for ring, turn in zip(rings, turns, strict=True))


def _inside(polygon: tuple[Floats, ...], x: Floats, y: Floats) -> Bools:
    """Even-odd rule: along the meridian away from the pole, an odd number of edges."""
    outer = polygon[0]
    away = (
        -1.0 if outer[:, 1].mean() > 0.0 else 1.0
    )  # northwards in the south, so that a ring around a pole encloses it
    starts = np.concatenate([ring[:-1] for ring in polygon]) * [1.0, away]
    ends = np.concatenate([ring[1:] for ring in polygon]) * [1.0, away]
    west, span = outer[:, 0].min(), np.ptp(outer[:, 0])
    place, height = x - _TURN * np.floor((x - west) / _TURN), y * away
    inside = np.zeros(len(x), dtype=np.bool_)
    rows = np.flatnonzero((place <= west + span) & (height <= max(starts[:, 1].max(), ends[:, 1].max())))
    rows = rows[np.argsort(place[rows], kind="stable")]
    crossings = np.zeros(len(rows), dtype=np.int64)
    for turn in range(1 + int(span // _TURN)):
        crossings += _edges_ahead(starts, ends, place[rows] + turn * _TURN, height[rows])
    inside[rows] = crossings % 2 == 1
    return inside


def _edges_ahead(starts: Floats, ends: Floats, place: Floats, height: Floats) -> Ints:
    """How many edges each point's meridian meets above the point; the points come from west to east.

    An edge is walked from west to east whichever way it is written, so that two areas which share it agree about each point.
    """
    westward = (starts[:, 0] > ends[:, 0])[:, None]
    (x0, y0), (x1, y1) = np.where(westward, ends, starts).T, np.where(westward, starts, ends).T
    first, last = np.searchsorted(place, x0), np.searchsorted(place, x1)
    met = np.flatnonzero(last > first)  # an edge along a meridian is never met
    slope = (y1[met] - y0[met]) / (x1[met] - x0[met])
    meetings = (last - first)[met]
    ahead = np.zeros(len(place), dtype=np.int64)
    for some in _in_parts(meetings):
        edge = np.repeat(some, meetings[some])
        start = np.cumsum(meetings[some]) - meetings[some]
        point = first[met][edge] + np.arange(len(edge)) - np.repeat(start, meetings[some])
        above = y0[met][edge] + (place[point] - x0[met][edge]) * slope[edge] > height[point]
        ahead += np.bincount(point[above], minlength=len(place))
    return ahead


def _in_parts(meetings: Ints) -> list[Ints]:
    """Rows of edges in parts with not many more than `_MEETINGS_AT_ONCE` meetings each."""
    if not len(meetings):
        return []
    part = (np.cumsum(meetings) - meetings) // _MEETINGS_AT_ONCE
    return np.split(np.arange(len(meetings)), np.flatnonzero(np.diff(part)) + 1)
