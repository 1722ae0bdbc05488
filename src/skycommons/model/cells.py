"""Cells: pieces of the Earth's surface that service is planned by, hexagons of H3 at resolution 5.

Rules: a cell is its H3 index, a ``uint64``; nothing else about it is stored. A set of cells is canonical: sorted, each cell
once. A cell belongs to an area if its centre does, so that areas which do not overlap never share a cell. H3 works on a
sphere and takes geodetic latitudes for the sphere's; so do we, both ways. There are 2,016,842 cells, 12 of them pentagons,
of 128 to 305 km². Outlines are in degrees and cut at the antimeridian. H3 is loaded when it is first asked.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skycommons.base.arrays import Bools, Floats
from skycommons.base.errors import Fault, GroundError, InputError, ShapeError
from skycommons.model.regions import Region

CellIds: TypeAlias = NDArray[np.uint64]
Ring: TypeAlias = list[tuple[float, float]]

RESOLUTION: Final = 5
CELLS: Final = 2_016_842
"""How many cells the Earth has."""
NO_CELL: Final = np.uint64(0)
"""What `neighbours` gives for the sixth side of a pentagon."""

_PARENTS: Final = 2  # resolution of the cells by which an area's surroundings are searched
_FAMILY: Final = 3  # resolution of the cells by which the surroundings of points are found
_REACH_RAD: Final = np.radians(1.9)  # farther from a parent's centre lies no centre of its cells; 1.78° is the farthest
_MAX_BYTES: Final = 64_000_000  # all cells of the world are 34 MB
_TEXT: Final = re.compile(r"[0-9a-fA-F]{15}")


def cells_of(latitude_rad: Floats, longitude_rad: Floats) -> CellIds:
    """``(N,)`` the cell of each point, in the order of the points.

    Args:
        latitude_rad: ``(N,)``, geodetic.
        longitude_rad: ``(N,)``, east positive, any turn.
    Raises:
        InputError: A coordinate is not finite, or a latitude lies beyond a pole.
        ShapeError: The two shapes differ.
    >>> cell_texts(cells_of(np.radians([47.37]), np.radians([8.54])))
    ['851f8edbfffffff']
    """
    import h3.api.basic_int as h3

    latitude, longitude = np.atleast_1d(latitude_rad), np.atleast_1d(longitude_rad)
    if latitude.shape != longitude.shape or latitude.ndim != 1:
        raise ShapeError("longitude_rad", latitude.shape, longitude.shape)
    if not (np.isfinite(longitude).all() and (np.abs(latitude) <= np.pi / 2.0).all()):
        raise InputError("a point that is not on Earth has no cell; latitudes lie within ±90°")
    points = zip(np.degrees(latitude).tolist(), np.degrees(longitude).tolist(), strict=True)
    return _ids((h3.latlng_to_cell(north, east, RESOLUTION) for north, east in points), len(latitude))


def centres(cells: CellIds) -> tuple[Floats, Floats]:
    """Latitude and longitude ``(N,)`` of the centres of cells."""
    import h3.api.basic_int as h3

    places = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()], dtype=np.float64).reshape(-1, 2)
    return np.radians(places[:, 0]), np.radians(places[:, 1])


def neighbours(cells: CellIds) -> CellIds:
    """``(N, 6)`` the cells around each cell, sorted; `NO_CELL` comes first where a pentagon has but five."""
    import h3.api.basic_int as h3

    around = np.zeros((len(cells), 6), dtype=np.uint64)
    for row, cell in enumerate(cells.tolist()):
        ring = h3.grid_ring(cell, 1)
        around[row, : len(ring)] = ring
    return np.sort(around, axis=1)


def disks(cells: CellIds, rings: int) -> CellIds:
    """``(N, 1 + 3 rings (rings + 1))`` all cells within so many steps of each cell, itself included; `NO_CELL` fills up.

    Args:
        cells: ``(N,)``.
        rings: Steps from cell to neighbouring cell, 0 or more.
    """
    import h3.api.basic_int as h3

    most = 1 + 3 * rings * (rings + 1)
    rows = [h3.grid_disk(cell, rings) for cell in cells.tolist()]
    short = [row for row in rows if len(row) < most]  # around a pentagon
    for row in short:
        row.extend([int(NO_CELL)] * (most - len(row)))
    return _ids(chain.from_iterable(rows), len(rows) * most).reshape(-1, most)


def areas_m2(cells: CellIds) -> Floats:
    """``(N,)`` areas of cells on a sphere of the Earth's surface."""
    import h3.api.basic_int as h3

    return np.fromiter((h3.cell_area(cell, unit="m^2") for cell in cells.tolist()), np.float64, len(cells))


def outlines_deg(cells: CellIds) -> list[tuple[Ring, ...]]:
    """Closed rings of longitude and latitude that cover each cell, counter-clockwise.

    Returns:
        One ring for most cells; two for one that lies on the antimeridian, all longitudes within ±180. A cell around a pole
        is closed over the pole.
    """
    import h3.api.basic_int as h3

    found: list[tuple[Ring, ...]] = []
    for cell in cells.tolist():
        ring = [(east, north) for north, east in h3.cell_to_boundary(cell)]
        ring.append(ring[0])
        crosses = any(abs(after - before) > 180.0 for (before, _), (after, _) in pairwise(ring))
        found.append(_cut(_unrolled(ring)) if crosses else (ring,))
    return found


def canonical(cells: Iterable[int] | CellIds) -> CellIds:
    """The same cells sorted, each once, read-only.

    Raises:
        InputError: One is no cell of H3, or of another resolution.
    """
    import h3.api.basic_int as h3

    found = np.unique(np.array(cells if isinstance(cells, np.ndarray) else list(cells), dtype=np.uint64))
    for cell in found.tolist():
        if not h3.is_valid_cell(cell):
            raise InputError(f"{cell:x} is no cell of H3")
        if h3.get_resolution(cell) != RESOLUTION:
            raise InputError(f"{cell:x} is a cell of resolution {h3.get_resolution(cell)}; give those of {RESOLUTION}")
    found.setflags(write=False)
    return found


def cell_texts(cells: CellIds) -> list[str]:
    """Cells as H3 writes them: 15 hexadecimal digits in lower case."""
    return [f"{cell:x}" for cell in cells.tolist()]


def parse_cells(texts: Sequence[object]) -> tuple[CellIds, dict[int, str]]:
    """``(N,)`` the cells that texts write, in their order, and what is wrong with those that write none, by row.

    Rows with a fault hold `NO_CELL`.
    >>> parse_cells(["851f8edbfffffff", "Berne"])[1]
    {1: "'Berne' is no cell; write 15 hexadecimal digits"}
    """
    import h3.api.basic_int as h3

    found = np.full(len(texts), NO_CELL)
    faults: dict[int, str] = {}
    for row, text in enumerate(texts):
        if not (isinstance(text, str) and _TEXT.fullmatch(text)):
            faults[row] = f"{text!r:.40} is no cell; write 15 hexadecimal digits"
        elif not h3.is_valid_cell(cell := int(text, 16)):
            faults[row] = f"{cell:x} is no cell of H3"
        elif h3.get_resolution(cell) != RESOLUTION:
            faults[row] = f"{cell:x} is a cell of resolution {h3.get_resolution(cell)}; give those of {RESOLUTION}"
        else:
            found[row] = cell
    return found, faults


def read_cells(path: Path) -> CellIds:
    """Cells of a text file: one to a line, alone or as the first column of a CSV with or without a heading.

    Returns:
        Canonical: sorted, each once.
    Raises:
        GroundError: The file cannot be read, a line holds no cell of resolution 5, or there is none; all faults are listed.
    """
    faults: list[Fault] = []
    found: list[int] = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        word = line.partition(",")[0].strip().strip('"')
        if not word or word.startswith("#") or (number == 1 and word.lower() in ("cell", "h3", "h3_index", "id")):
            continue
        if not _TEXT.fullmatch(word):
            faults.append(Fault(f"line {number}", f"{word[:40]!r} is no cell; write 15 hexadecimal digits"))
            continue
        try:
            found += canonical([int(word, 16)]).tolist()
        except InputError as error:
            faults.append(Fault(f"line {number}", str(error)))
    if not found and not faults:
        faults.append(Fault("file", "holds no cell; write one to a line"))
    if faults:
        raise GroundError(path.name, faults)
    return canonical(found)


def cells_around(latitude_rad: Floats, longitude_rad: Floats) -> CellIds:
    """The cells of points and those around them, sorted, each once: whole families of H3, 49 cells each at most.

    Where points lie as close as cells do, no cell between them is missed.
    """
    import h3.api.basic_int as h3
    import h3.api.numpy_int as h3_arrays

    cells = np.unique(cells_of(latitude_rad, longitude_rad)).tolist()
    families = {h3.cell_to_parent(cell, _FAMILY) for cell in cells}
    found = [h3_arrays.cell_to_children(family, RESOLUTION) for family in families]
    return np.sort(np.concatenate([np.empty(0, dtype=np.uint64), *found]))


def cells_in(region: Region) -> CellIds:
    """The cells whose centre lies in a region, canonical; none where it is too small to hold a centre."""
    import h3.api.numpy_int as h3

    near = np.zeros(len(_parents()[0]), dtype=np.bool_)
    for polygon in region.polygons_rad:
        near |= _is_near(polygon[0])
    parents = _parents()[0][near].tolist()
    candidates = [h3.cell_to_children(parent, RESOLUTION) for parent in parents]
    cells = np.concatenate([np.empty(0, dtype=np.uint64), *candidates])
    inside: Bools = region.contains(*centres(cells))
    found: CellIds = np.sort(cells[inside])
    found.setflags(write=False)
    return found


@cache
def _parents() -> tuple[CellIds, Floats, Floats]:
    """All cells of the coarse resolution with the latitudes and longitudes of their centres."""
    import h3.api.numpy_int as h3

    found = np.concatenate([h3.cell_to_children(int(base), _PARENTS) for base in h3.get_res0_cells()])
    return (found, *centres(found))


def _is_near(ring: Floats) -> Bools:
    """Whether a coarse cell may hold a cell whose centre lies within a ring's bounds of latitude and longitude."""
    _, latitude, longitude = _parents()
    (west, south), (east, north) = ring.min(axis=0), ring.max(axis=0)
    if east - west >= 2.0 * np.pi - 1e-9:  # around a pole: all of the cap
        south, north = (south, np.pi / 2.0) if ring[:, 1].mean() > 0.0 else (-np.pi / 2.0, north)
    narrow = np.sin(_REACH_RAD) / np.maximum(np.cos(latitude), 1e-9)
    half = np.where(narrow < 1.0, np.arcsin(np.minimum(narrow, 1.0)), np.pi)  # a cap's half width in longitude
    offset = np.mod(longitude - west + half, 2.0 * np.pi)
    beside = offset <= east - west + 2.0 * half
    near: Bools = beside & (latitude > south - _REACH_RAD) & (latitude < north + _REACH_RAD)
    return near


def _unrolled(ring: Ring) -> Ring:
    """A ring with continuous longitudes; one that runs around a pole is closed over it."""
    points = [ring[0]]
    for (before, _), (east, north) in pairwise(ring):
        points.append((points[-1][0] + (east - before + 180.0) % 360.0 - 180.0, north))
    if abs(points[-1][0] - points[0][0]) > 180.0:
        pole = 90.0 if ring[0][1] > 0.0 else -90.0
        points += [(points[-1][0], pole), (points[0][0], pole), points[0]]
    return points


def _cut(ring: Ring) -> tuple[Ring, ...]:
    """The parts of an unrolled ring in each turn of longitude, moved into ±180 degrees."""
    turns = range(int((min(east for east, _ in ring) + 180.0) // 360.0), int((max(ring)[0] + 180.0) // 360.0) + 1)
    pieces = (_clip(_clip(ring, 360.0 * turn - 180.0, 1.0), 360.0 * turn + 180.0, -1.0) for turn in turns)
    moved = [[(east - 360.0 * turn, north) for east, north in piece] for turn, piece in zip(turns, pieces, strict=True)]
    return tuple(piece for piece in moved if len(piece) > 3)


def _clip(ring: Ring, limit: float, side: float) -> Ring:
    """The part of a closed ring on one side of a meridian (Sutherland and Hodgman 1974, Comm. ACM 17, 32)."""
    kept: Ring = []
    for (x0, y0), (x1, y1) in pairwise(ring):
        is_in, stays_in = side * (x0 - limit) >= 0.0, side * (x1 - limit) >= 0.0
        if is_in:
            kept.append((x0, y0))
        if is_in != stays_in:
            kept.append((limit, y0 + (y1 - y0) * (limit - x0) / (x1 - x0)))
    return [*kept, kept[0]] if kept else []


def _ids(cells: Iterable[int], count: int) -> CellIds:
    return np.fromiter(cells, np.uint64, count)


def _text(path: Path) -> str:
    """Text of a file of cells, or a clear error."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise GroundError(path.name, [Fault("file", f"is larger than {_MAX_BYTES / 1e6:.0f} MB; is it cells?")])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise GroundError(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise GroundError(path.name, [Fault("file", f"byte {error.start} is not UTF-8")]) from None
