"""Cells of areas against H3's own fill of polygons, where that has an answer."""

import h3
import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.model.borders import country
from skycommons.model.cells import cell_texts, cells_in


def corners(ring: Floats) -> list[tuple[float, float]]:
    """A ring as the library wants it: latitude and longitude in degrees, within one turn."""
    return [(north, (east + 180.0) % 360.0 - 180.0) for east, north in np.degrees(ring).tolist()]


@pytest.mark.parametrize("code", ["CH", "FJ", "RU", "US", "ZA"])
def test_countries_have_the_cells_that_the_library_fills(code: str) -> None:
    """Each cell: both hemispheres, enclaves, and both sides of the antimeridian."""
    filled: set[str] = set()
    for outer, *holes in country(code).polygons_rad:
        polygon = h3.LatLngPoly(corners(outer), *(corners(hole) for hole in holes))
        filled.update(h3.polygon_to_cells(polygon, 5))
    assert set(cell_texts(cells_in(country(code)))) == filled


def test_the_library_does_not_fill_a_ring_around_a_pole() -> None:
    """Why the search is our own; if this fails, it may no longer be needed."""
    mainland = max(country("AQ").polygons_rad, key=lambda polygon: len(polygon[0]))
    with pytest.raises(h3.H3FailedError):
        h3.polygon_to_cells(h3.LatLngPoly(corners(mainland[0])), 5)
