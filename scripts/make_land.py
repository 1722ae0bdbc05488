"""Write ``src/skycommons/data/land.json`` from Natural Earth's land at 1:110 million.

The source is ``land-110m.json`` (TopoJSON) of the npm package ``world-atlas`` 2.0.2; it is given as the argument::

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/make_land.py package/land-110m.json

TopoJSON stitches what touches the antimeridian, so that a ring may jump from +180 to -180 degrees and, drawn on a
flat map, paint a band across the world. Every ring is therefore unrolled, closed over the pole where it runs around
it, and cut at the antimeridian.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

Ring = list[tuple[float, float]]

TARGET = Path(__file__).resolve().parent.parent / "src" / "skycommons" / "data" / "land.json"


def main(arguments: list[str]) -> int:
    """Make the file and say how large it became."""
    if len(arguments) != 1:
        sys.stderr.write("usage: make_land.py LAND-110M.JSON\n")
        return 2
    topology = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    rings = [piece for ring in decode(topology) for piece in cut(unroll(ring))]
    rounded = [tidy(ring) for ring in rings]
    kept = [ring for ring in rounded if len(ring) >= 4]
    TARGET.write_text(json.dumps(kept, separators=(",", ":")) + "\n", encoding="utf-8")
    points = sum(len(ring) for ring in kept)
    sys.stdout.write(f"{TARGET.name}: {len(kept)} rings, {points} points, {TARGET.stat().st_size} bytes\n")
    return 0


def decode(topology: dict[str, Any]) -> list[Ring]:
    """All rings of all polygons, in degrees."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in topology["arcs"]:
        x = y = 0
        points: Ring = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    rings: list[Ring] = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for indices in (ring for polygon in polygons for ring in polygon):
            ring: Ring = []
            for index in indices:
                part = arcs[index] if index >= 0 else arcs[~index][::-1]
                ring += part[1:] if ring else part
            rings.append(ring)
    return rings


def unroll(ring: Ring) -> Ring:
    """The ring with continuous longitudes; one that runs around a pole is closed over it."""
    points = [ring[0]]
    for (before, _), (longitude, latitude) in pairwise(ring):
        step = (longitude - before + 180.0) % 360.0 - 180.0
        points.append((points[-1][0] + step, latitude))
    if abs(points[-1][0] - points[0][0]) > 180.0:
        pole = 90.0 if points[0][1] > 0 else -90.0
        points += [(points[-1][0], pole), (points[0][0], pole), points[0]]
    return points


def cut(ring: Ring) -> list[Ring]:
    """The parts of an unrolled ring within each turn of longitude, moved into -180 to 180 degrees."""
    low, high = min(x for x, _ in ring), max(x for x, _ in ring)
    pieces = []
    for turn in range(int((low + 180.0) // 360.0), int((high + 180.0) // 360.0) + 1):
        centre = 360.0 * turn
        piece = clip(clip(ring, centre - 180.0, +1.0), centre + 180.0, -1.0)
        pieces.append([(x - centre, y) for x, y in piece])
    return [piece for piece in pieces if piece]


def clip(ring: Ring, limit: float, side: float) -> Ring:
    """The part of a closed ring on one side of a meridian (Sutherland and Hodgman's rule)."""
    kept: Ring = []
    for (x0, y0), (x1, y1) in pairwise(ring):
        inside0, inside1 = side * (x0 - limit) >= 0.0, side * (x1 - limit) >= 0.0
        if inside0:
            kept.append((x0, y0))
        if inside0 != inside1:
            kept.append((limit, y0 + (y1 - y0) * (limit - x0) / (x1 - x0)))
    return [*kept, kept[0]] if kept else []


def tidy(ring: Ring) -> list[list[float]]:
    """The ring to 0.01 degree, without points that repeat."""
    points = [[round(x, 2) + 0.0, round(y, 2) + 0.0] for x, y in ring]
    return [point for k, point in enumerate(points) if k == 0 or point != points[k - 1]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
