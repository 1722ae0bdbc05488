"""From an area that somebody names to the cells that a decision covers.

Rules:

* What reduces service covers the cells that lie in the area as a whole: never dark outside the named area. What adds service
  covers the cells whose centre lies in it, less those without a licence; so areas that share a border share no cell.
* Cells that the border cuts are listed apart, whether covered or not: somebody has to look at each.
* A cell lies in an area as a whole if H3 says so, all its corners lie in it and so does its centre: three answers, and the
  most careful one counts. Lines are straight in longitude and latitude, for areas and for edges of cells.
* The canonical form of an area is GeoJSON in one line: a MultiPolygon with its coordinates cut to seven decimals of a degree, a
  centimetre. Cells are those of the canonical form, so that whoever has its bytes finds the same cells.
* What is signed is the list of cells, not the area: how areas become cells may change between versions of H3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.base.errors import InputError
from skycommons.governance.decisions import Effect
from skycommons.governance.words import Border
from skycommons.model.cells import RESOLUTION, CellIds, canonical, cells_in
from skycommons.model.regions import Region
from skycommons.model.territories import Territory

DECIMALS: Final = 7  # of a degree
_WIDEST_RAD: Final = np.pi  # of a ring that H3 can follow


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """The cells that a decision covers.

    Attributes:
        border: Which cells at the border are covered.
        cells: ``(C,)`` canonical: those that are covered.
        border_cells: ``(B,)`` canonical: those that the border of the area cuts, covered or not.
        unlicensed: ``(U,)`` canonical: those that are in the area by the rule but have no licence, not covered.
        polygon: The area in its canonical form; empty if the cells were listed.
        h3_version: Of the library that found the cells.
    """

    border: Border
    cells: CellIds
    border_cells: CellIds
    unlicensed: CellIds
    polygon: bytes
    h3_version: str

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def territory(self) -> Territory:
        """The cells with their canonical bytes and their hash."""
        return Territory(name="scope", cells=self.cells)

    @property
    def polygon_sha256(self) -> str:
        """Hash of the canonical form of the area; empty if the cells were listed."""
        return sha256(self.polygon).hexdigest() if self.polygon else ""

    @property
    def border_in(self) -> CellIds:
        """Cells that the border cuts and that are covered."""
        return np.intersect1d(self.border_cells, self.cells)

    @property
    def border_out(self) -> CellIds:
        """Cells that the border cuts and that are not covered."""
        return np.setdiff1d(self.border_cells, self.cells)

    def __repr__(self) -> str:
        cut = f"{len(self.border_cells):,} at its border"
        return f"<Scope {self.border.value}: {len(self):,} cells, {cut}, {len(self.unlicensed):,} without licence>"


def scope_cells(regions: Region | Sequence[Region], effect: Effect, *, licensed: CellIds | None = None) -> Scope:
    """The cells of an area that a decision with this effect covers.

    Args:
        regions: The area; several count together, each for itself.
        effect: ``Effect.REDUCE`` or ``Effect.ADD``. What is restored has its cells from the decision that it ends.
        licensed: Cells with a valid licence, for what adds service; all unless given.
    Raises:
        InputError: No cell is covered, the effect has no rule, or the area lies around a pole or is wider than half the
            Earth.
    """
    if effect not in _BORDERS:
        raise InputError(f"an area becomes cells to reduce or to add service, not to {effect}; list the cells")
    area = _canonical_regions([regions] if isinstance(regions, Region) else regions)
    whole, touched = _cells_of(area, "full"), _cells_of(area, "overlap")
    whole = whole[_corners_inside(area, whole)]
    centred = np.unique(np.concatenate([cells_in(region) for region in area]))
    whole = np.intersect1d(whole, centred)
    border = _BORDERS[effect]
    covered = whole if border is Border.FULL else centred
    allowed = covered if licensed is None or effect is not Effect.ADD else np.intersect1d(covered, licensed)
    if not len(allowed):
        raise InputError(_nothing(effect, len(covered)))
    return Scope(
        border=border,
        cells=canonical(allowed),
        border_cells=canonical(np.setdiff1d(np.union1d(touched, centred), whole)),
        unlicensed=canonical(np.setdiff1d(covered, allowed)),
        polygon=canonical_polygon(area),
        h3_version=h3_version(),
    )


def scope_of_list(cells: CellIds) -> Scope:
    """A scope whose cells somebody listed: there is no area and no border."""
    none = canonical([])
    return Scope(
        border=Border.NONE,
        cells=canonical(cells),
        border_cells=none,
        unlicensed=none,
        polygon=b"",
        h3_version=h3_version(),
    )


def canonical_polygon(regions: Region | Sequence[Region]) -> bytes:
    """An area in its canonical form: GeoJSON in one line, which its hash is taken of.

    >>> box = Region.of("box", np.array([0.0, 0.0, 1.0]), np.array([2.0, 3.0, 3.0]))
    >>> canonical_polygon(box).decode().strip()
    '{"coordinates":[[[[2,0],[3,0],[3,1],[2,0]]]],"type":"MultiPolygon"}'
    """
    listed = [regions] if isinstance(regions, Region) else regions
    polygons = (
        "[" + ",".join(_ring_text(ring) for ring in polygon) + "]"
        for region in listed
        for polygon in region.polygons_rad
    )
    return f'{{"coordinates":[{",".join(polygons)}],"type":"MultiPolygon"}}\n'.encode("ascii")


def h3_version() -> str:
    """Version of the library that turns areas into cells."""
    import h3

    return str(h3.versions()["c"])


_BORDERS: Final = {Effect.REDUCE: Border.FULL, Effect.ADD: Border.CENTER}


def _nothing(effect: Effect, covered: int) -> str:
    """Why nothing is covered."""
    if covered:
        return f"none of the {covered:,} cells of the area has a licence; nothing can be added there"
    if effect is Effect.REDUCE:
        return "no cell lies in the area as a whole: it is smaller than its cells; name them in a list (--cells)"
    return "no cell has its centre in the area: it is smaller than its cells; name them in a list (--cells)"


def _canonical_regions(regions: Sequence[Region]) -> list[Region]:
    """The regions with their coordinates cut to the canonical decimals, if H3 can follow them."""
    for region in regions:
        for polygon in region.polygons_rad:
            if np.ptp(polygon[0][:, 0]) > _WIDEST_RAD:
                raise InputError(
                    f"area {region.name!r} lies around a pole or is wider than 180 degrees; cut it, or list cells"
                )
    return [
        Region(
            name=region.name,
            polygons_rad=tuple(
                tuple(np.radians(_rounded_deg(ring)) for ring in polygon) for polygon in region.polygons_rad
            ),
        )
        for region in regions
    ]


def _rounded_deg(ring_rad: Floats) -> Floats:
    """Longitudes and latitudes of a ring in degrees, cut to the canonical decimals."""
    return np.asarray(np.round(np.degrees(ring_rad), DECIMALS) + 0.0, dtype=np.float64)  # no minus before a zero


def _ring_text(ring_rad: Floats) -> str:
    """A ring as GeoJSON, with as few digits as its numbers need."""
    corners = (f"[{_number(east)},{_number(north)}]" for east, north in _rounded_deg(ring_rad).tolist())
    return "[" + ",".join(corners) + "]"


def _number(value_deg: float) -> str:
    """A number with its canonical decimals, without zeros at the end."""
    return f"{value_deg:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _cells_of(regions: Sequence[Region], contain: str) -> CellIds:
    """Cells of areas by H3's own rule, canonical."""
    import h3.api.numpy_int as h3

    found = [np.zeros(0, dtype=np.uint64)]
    for region in regions:
        for polygon in region.polygons_rad:
            rings = [_h3_ring(ring) for ring in polygon]
            found.append(
                h3.polygon_to_cells_experimental(h3.LatLngPoly(rings[0], *rings[1:]), RESOLUTION, contain=contain)
            )
    return np.unique(np.concatenate(found).astype(np.uint64))


def _h3_ring(ring_rad: Floats) -> list[tuple[float, float]]:
    """A ring as H3 takes it: latitude and longitude within a turn, in degrees, not closed."""
    ring_deg = np.degrees(ring_rad[:-1])
    east = np.mod(ring_deg[:, 0] + 180.0, 360.0) - 180.0
    return list(zip(ring_deg[:, 1].tolist(), east.tolist(), strict=True))


def _corners_inside(regions: Sequence[Region], cells: CellIds) -> Bools:
    """``(N,)`` whether all corners of cells lie in one of the areas."""
    import h3.api.basic_int as h3

    corners = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    owner = np.repeat(np.arange(len(cells)), [len(each) for each in corners])
    places = np.radians(np.array([place for each in corners for place in each], dtype=np.float64).reshape(-1, 2))
    inside = np.zeros(len(places), dtype=np.bool_)
    for region in regions:
        inside |= region.contains(places[:, 0], places[:, 1])
    return np.asarray(np.bincount(owner[~inside], minlength=len(cells)) == 0)
