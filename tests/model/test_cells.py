"""Cells: points, centres, neighbours, areas, outlines and files of them; areas around poles and across the antimeridian."""

from pathlib import Path

import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import pytest

from skycommons.base.errors import GroundError, InputError, ShapeError
from skycommons.model.cells import (
    NO_CELL,
    CellIds,
    Ring,
    areas_m2,
    canonical,
    cell_texts,
    cells_around,
    cells_in,
    cells_of,
    centres,
    disks,
    neighbours,
    outlines_deg,
    read_cells,
)
from skycommons.model.regions import Region

ZURICH = "851f8edbfffffff"
FIJI_SEA = (-17.0, 180.0)


def box(south: float, north: float, west: float, east: float) -> Region:
    """An area between two parallels and two meridians."""
    return Region.of("box", np.array([south, south, north, north]), np.array([west, east, east, west]))


def at(latitude_deg: float, longitude_deg: float) -> CellIds:
    """The cell of one place."""
    return cells_of(np.radians([latitude_deg]), np.radians([longitude_deg]))


def signed_area(ring: Ring) -> float:
    """Square degrees inside a closed ring, positive if it is written counter-clockwise."""
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2.0)


def test_points_have_the_cells_that_the_library_says() -> None:
    """In their order, whatever the turn of the longitude."""
    latitude, longitude = np.array([47.37, -33.9, 78.2]), np.array([8.54, 151.2, 15.6])
    found = cell_texts(cells_of(np.radians(latitude), np.radians(longitude)))
    assert found == [h3.latlng_to_cell(north, east, 5) for north, east in zip(latitude, longitude, strict=True)]
    assert cell_texts(cells_of(np.radians(latitude), np.radians(longitude + 360.0))) == found


@pytest.mark.parametrize("place", [(np.nan, 0.0), (0.0, np.inf), (91.0, 0.0)])
def test_points_that_are_not_on_earth_are_refused(place: tuple[float, float]) -> None:
    """With one message; two lengths are a fault of shape."""
    with pytest.raises(InputError, match="not on Earth"):
        at(*place)
    with pytest.raises(ShapeError):
        cells_of(np.zeros(2), np.zeros(3))


def test_a_centre_lies_in_its_cell() -> None:
    """There and back; no cells have no centres."""
    cells = cells_in(box(-5.0, 5.0, 175.0, -175.0))
    assert np.array_equal(cells_of(*centres(cells)), cells)
    assert centres(canonical([]))[0].shape == (0,)


def test_neighbours_have_each_other() -> None:
    """Six for a hexagon, five for a pentagon, on both sides of the antimeridian."""
    cell = at(*FIJI_SEA)
    around = neighbours(cell)
    assert around.shape == (1, 6)
    assert all(cell[0] in row for row in neighbours(around[0]))
    pentagon = np.array([min(h3_numbers.get_pentagons(5))], dtype=np.uint64)
    five = neighbours(pentagon)[0]
    assert five[0] == NO_CELL
    assert NO_CELL not in five[1:]


def test_a_disk_holds_all_cells_within_its_rings() -> None:
    """The cell itself and its neighbours in one ring; around a pentagon there are fewer."""
    cell = at(*FIJI_SEA)
    assert set(disks(cell, 1)[0]) == {cell[0], *neighbours(cell)[0]}
    assert disks(cell, 0).tolist() == [cell.tolist()]
    assert len(set(disks(cell, 2)[0])) == 19
    pentagon = np.array([min(h3_numbers.get_pentagons(5))], dtype=np.uint64)
    assert np.count_nonzero(disks(pentagon, 1)) == 6
    assert disks(canonical([]), 1).shape == (0, 7)


def test_areas_are_those_of_the_globe() -> None:
    """The mean of all cells is the surface by their number; a parent has the area of what it holds."""
    children = h3_numbers.cell_to_children(int(h3.str_to_int("811fbffffffffff")), 5)
    parent_m2 = h3.cell_area("811fbffffffffff", unit="m^2")
    assert areas_m2(children).sum() == pytest.approx(parent_m2, rel=0.02)
    assert areas_m2(canonical([])).shape == (0,)


def test_outlines_are_closed_and_counter_clockwise() -> None:
    """One ring of seven points for a hexagon."""
    ((ring,),) = outlines_deg(at(47.37, 8.54))
    assert ring[0] == ring[-1]
    assert len(ring) == 7
    assert signed_area(ring) > 0.0


def test_an_outline_is_cut_at_the_antimeridian() -> None:
    """Two parts with the area of one, none of which spans the world."""
    (rings,) = outlines_deg(at(*FIJI_SEA))
    (whole,) = outlines_deg(at(FIJI_SEA[0], 179.0))
    assert len(rings) == 2
    assert all(np.ptp([east for east, _ in ring]) < 1.0 for ring in rings)
    assert all(ring[0] == ring[-1] for ring in rings)
    assert sum(signed_area(ring) for ring in rings) == pytest.approx(signed_area(whole[0]), rel=0.05)


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_the_outline_of_a_cell_around_a_pole_reaches_it(pole: float) -> None:
    """All longitudes, and the pole itself."""
    (rings,) = outlines_deg(at(pole, 0.0))
    points = np.array([point for ring in rings for point in ring])
    assert (points[:, 0].min(), points[:, 0].max()) == (-180.0, 180.0)
    assert pole in points[:, 1]
    assert np.abs(points[:, 0]).max() <= 180.0


def test_canonical_cells_are_sorted_and_single() -> None:
    """Whatever their order; they cannot be changed."""
    cells = cells_in(box(46.0, 47.0, 8.0, 9.0))
    shuffled = np.concatenate([cells[::-1], cells[:3]])
    assert np.array_equal(canonical(shuffled), cells)
    assert not canonical(shuffled).flags.writeable


@pytest.mark.parametrize(("cell", "message"), [(5, "5 is no cell"), (int("861f8ed97ffffff", 16), "resolution 6")])
def test_what_is_no_cell_of_ours_is_refused(cell: int, message: str) -> None:
    """With its digits."""
    with pytest.raises(InputError, match=message):
        canonical([cell])


def test_cells_are_read_from_text_and_csv(tmp_path: Path) -> None:
    """With or without a heading, remarks and empty lines; sorted, each once."""
    path = tmp_path / "cells.csv"
    path.write_text(f'cell,area\n"{ZURICH}",1\n# a remark\n\n{ZURICH.upper()},2\n85283473fffffff\n')
    assert cell_texts(read_cells(path)) == [ZURICH, "85283473fffffff"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "holds no cell"),
        (b"cell\nzurich\n", "line 2: 'zurich' is no cell"),
        (b"861f8ed97ffffff\n", "line 1: 861f8ed97ffffff is a"),
        (b"ffffffffffffff0\n", "line 1: ffffffffffffff0 is no cell"),
        (b"\xff\xfe\n", "byte 0 is not UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_faulty_files_of_cells_are_refused(text: bytes | None, message: str, tmp_path: Path) -> None:
    """By line."""
    path = tmp_path / "cells.txt"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(GroundError, match=message):
        read_cells(path)


def test_a_huge_file_of_cells_is_refused(tmp_path: Path) -> None:
    """Before it is read."""
    path = tmp_path / "cells.txt"
    with path.open("wb") as file:
        file.truncate(70_000_000)
    with pytest.raises(GroundError, match="larger than"):
        read_cells(path)


@pytest.mark.parametrize(
    ("south", "north", "west", "east"),
    [(40.0, 44.0, 5.0, 12.0), (-44.0, -40.0, 165.0, 172.0), (-20.0, -15.0, 177.0, -177.0), (64.0, 70.0, 170.0, -168.0)],
)
def test_the_cells_of_a_box_are_those_whose_centre_is_in_it(
    south: float, north: float, west: float, east: float
) -> None:
    """In both hemispheres and across the antimeridian: against a search of the box and its surroundings, point by point."""
    width = (east - west) % 360.0
    latitude, longitude = np.meshgrid(
        np.arange(south - 0.5, north + 0.5, 0.04), west + np.arange(-1.0, width + 1.0, 0.04)
    )
    around = canonical(cells_of(np.radians(latitude.ravel()), np.radians(longitude.ravel())))
    north_deg, east_deg = (np.degrees(angle) for angle in centres(around))
    inside = (north_deg > south) & (north_deg < north) & (np.mod(east_deg - west, 360.0) < width)
    assert np.array_equal(cells_in(box(south, north, west, east)), around[inside])


def test_a_box_of_half_the_world_is_not_turned_inside_out() -> None:
    """240 degrees wide, with corners between which no line is long."""
    corners = np.array([-120.0, -60.0, 0.0, 60.0, 120.0])
    wide = Region.of("wide", np.concatenate([np.full(5, -2.0), np.full(5, 2.0)]), np.append(corners, corners[::-1]))
    found = areas_m2(cells_in(wide)).sum()
    assert found == pytest.approx(2.0 / 3.0 * 510.1e12 * np.sin(np.radians(2.0)), rel=0.01)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_cap_around_a_pole_is_whole(sign: float) -> None:
    """Its ring goes around the pole; the area is the cap's."""
    longitude = np.arange(-180.0, 180.0, 30.0)
    cap = Region.of("cap", np.full(12, sign * 80.0), longitude)
    cells = cells_in(cap)
    assert at(sign * 90.0, 0.0)[0] in cells
    assert areas_m2(cells).sum() == pytest.approx(510.1e12 * (1.0 - np.sin(np.radians(80.0))) / 2.0, rel=0.02)


def test_a_hole_has_no_cells() -> None:
    """What its ring encloses is left out, and only that."""
    ring = np.array([[0.0, 0.0], [6.0, 0.0], [6.0, 6.0], [0.0, 6.0], [0.0, 0.0]])
    whole, hole = box(0.0, 6.0, 0.0, 6.0), box(2.0, 4.0, 2.0, 4.0)
    ringed = Region.stitched("ringed", [[ring, ring / 3.0 + 2.0]])
    assert np.array_equal(cells_in(ringed), np.setdiff1d(cells_in(whole), cells_in(hole)))


def test_an_area_between_centres_has_no_cell() -> None:
    """Less than a cell wide."""
    latitude, longitude = (np.degrees(angle[0]) for angle in centres(at(10.0, 10.0)))
    assert len(cells_in(box(latitude + 0.01, latitude + 0.02, longitude, longitude + 0.01))) == 0


def test_no_centre_lies_farther_from_its_coarse_cell_than_is_searched() -> None:
    """For the pentagons and every hundredth coarse cell; all of them were searched once, with 1.78° as the farthest."""
    coarse = np.concatenate([h3_numbers.cell_to_children(int(cell), 2) for cell in h3_numbers.get_res0_cells()])
    for parent in [*h3_numbers.get_pentagons(2).tolist(), *coarse[::100].tolist()]:
        latitude, longitude = centres(h3_numbers.cell_to_children(parent, 5))
        middle, meridian = np.radians(h3_numbers.cell_to_latlng(parent))
        cosine = np.sin(latitude) * np.sin(middle)
        cosine += np.cos(latitude) * np.cos(middle) * np.cos(longitude - meridian)
        assert np.degrees(np.arccos(cosine.min())) < 1.85


def test_cells_around_points_hold_their_cells_and_neighbours_of_most() -> None:
    """Whole families of 49 cells."""
    latitude_rad, longitude_rad = np.radians([47.37, 47.38]), np.radians([8.54, 8.54])
    found = cells_around(latitude_rad, longitude_rad)
    assert len(found) == 49
    assert np.all(np.diff(found.astype(np.int64)) > 0)
    assert np.isin(cells_of(latitude_rad, longitude_rad), found).all()
    assert len(cells_around(np.zeros(0), np.zeros(0))) == 0
