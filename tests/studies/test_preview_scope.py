"""Tests of the way from an area to the cells of a decision."""

from hashlib import sha256

import h3.api.basic_int as h3
import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.governance.decisions import Effect
from skycommons.governance.words import Border
from skycommons.model.cells import cells_in
from skycommons.model.regions import Region
from skycommons.studies.preview_scope import canonical_polygon, scope_cells, scope_of_list


def box(south: float, west: float, north: float, east: float) -> Region:
    """A rectangle of longitudes and latitudes."""
    return Region.of("box", np.array([south, south, north, north]), np.array([west, east, east, west]))


def is_within(cell: int, south: float, west: float, north: float, east: float) -> bool:
    """Whether a rectangle, which is convex, holds a cell as a whole: it does if it holds all its corners."""
    return all(south < lat < north and (lng - west) % 360.0 < east - west for lat, lng in h3.cell_to_boundary(cell))


@pytest.mark.parametrize("edges", [(46.0, 6.0, 48.0, 9.0), (-18.0, 178.5, -16.0, 181.5), (-1.0, -1.0, 1.0, 1.0)])
def test_a_reduction_covers_the_cells_that_lie_in_the_area_as_a_whole(edges: tuple[float, ...]) -> None:
    """Not one more and not one less, across the antimeridian too."""
    area = box(*edges)
    near = {cell for centre in cells_in(area).tolist() for cell in h3.grid_disk(centre, 2)}
    south, west, north, east = edges
    expected = sorted(cell for cell in near if is_within(cell, south, west, north, east))
    scope = scope_cells(area, Effect.REDUCE)
    assert scope.border is Border.FULL
    assert scope.cells.tolist() == expected


def test_an_addition_covers_the_cells_whose_centre_lies_in_the_area() -> None:
    """The same cells as territories of scenarios, so that two areas beside each other share none."""
    west, east = (scope_cells(box(46.0, *each), Effect.ADD) for each in ((6.0, 48.0, 7.5), (7.5, 48.0, 9.0)))
    assert west.border is Border.CENTER
    assert np.array_equal(west.cells, cells_in(box(46.0, 6.0, 48.0, 7.5)))
    assert not np.intersect1d(west.cells, east.cells).size


def test_cells_at_the_border_are_listed_apart() -> None:
    """A reduction covers none of them, an addition some; both list the same."""
    area = box(46.0, 6.0, 48.0, 9.0)
    less, more = scope_cells(area, Effect.REDUCE), scope_cells(area, Effect.ADD)
    assert np.array_equal(less.border_cells, more.border_cells)
    assert not len(less.border_in)
    assert np.array_equal(less.border_out, less.border_cells)
    assert len(more.border_in)
    assert len(more.border_out)
    assert np.array_equal(np.union1d(less.cells, more.border_in), more.cells)


def test_a_hole_is_no_part_of_an_area() -> None:
    """Cells that a hole touches are at the border."""
    outer, hole = box(46.0, 6.0, 48.0, 9.0), box(46.8, 7.0, 47.2, 8.0)
    ring = Region(name="ring", polygons_rad=((outer.polygons_rad[0][0], hole.polygons_rad[0][0]),))
    scope = scope_cells(ring, Effect.REDUCE)
    touched = set(cells_in(hole).tolist())
    assert touched.isdisjoint(scope.cells.tolist())
    assert len(scope) < len(scope_cells(outer, Effect.REDUCE)) - len(touched)


def test_nothing_is_added_without_a_licence() -> None:
    """Cells without one are listed and not covered; a reduction needs none."""
    area = box(46.0, 6.0, 48.0, 9.0)
    every = scope_cells(area, Effect.ADD).cells
    scope = scope_cells(area, Effect.ADD, licensed=every[::2])
    assert np.array_equal(scope.cells, every[::2])
    assert np.array_equal(scope.unlicensed, every[1::2])
    assert not len(scope_cells(area, Effect.REDUCE, licensed=every[::2]).unlicensed)
    with pytest.raises(InputError, match="has a licence"):
        scope_cells(area, Effect.ADD, licensed=every[:0])


def test_the_canonical_polygon_has_one_form() -> None:
    """What is noise below a centimetre, and a closed or open ring, do not change its bytes; its hash is of these bytes."""
    noisy = Region.of("other name", np.array([46, 46, 48, 48.0]) + 1e-9, np.array([6, 9, 9, 6.0]))
    assert canonical_polygon(noisy) == canonical_polygon(box(46.0, 6.0, 48.0, 9.0))
    scope = scope_cells(noisy, Effect.REDUCE)
    assert scope.polygon.startswith(b'{"coordinates":[[[[6,46],[9,46],[9,48],[6,48],[6,46]]]]')
    assert scope.polygon_sha256 == sha256(scope.polygon).hexdigest()
    assert scope.h3_version.count(".") == 2


def test_several_areas_count_together() -> None:
    """A country and its island are one area."""
    one, two = box(46.0, 6.0, 47.0, 7.0), box(36.0, 6.0, 37.0, 7.0)
    both = scope_cells([one, two], Effect.REDUCE)
    apart = [scope_cells(each, Effect.REDUCE).cells for each in (one, two)]
    assert np.array_equal(both.cells, np.union1d(*apart))


def test_a_list_of_cells_has_no_border_and_no_polygon() -> None:
    """Its hash is that of its lines."""
    scope = scope_of_list(scope_cells(box(46.0, 6.0, 46.5, 6.5), Effect.REDUCE).cells)
    lines = "".join(f"{cell:x}\n" for cell in scope.cells.tolist())
    assert (scope.border, scope.polygon, scope.polygon_sha256) == (Border.NONE, b"", "")
    assert scope.territory.sha256 == sha256(lines.encode()).hexdigest()
    assert "0 at its border" in repr(scope)


def test_areas_that_cover_nothing_are_refused() -> None:
    """Each with what to do."""
    small = box(46.0, 6.0, 46.01, 6.01)
    with pytest.raises(InputError, match="no cell lies in the area as a whole"):
        scope_cells(small, Effect.REDUCE)
    with pytest.raises(InputError, match="no cell has its centre"):
        scope_cells(small, Effect.ADD)
    with pytest.raises(InputError, match="not to restore"):
        scope_cells(small, Effect.RESTORE)
    cap = Region.of("cap", np.full(4, 80.0), np.array([-135.0, -45.0, 45.0, 135.0]))
    with pytest.raises(InputError, match="around a pole"):
        scope_cells(cap, Effect.REDUCE)
