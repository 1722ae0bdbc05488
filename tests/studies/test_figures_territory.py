"""The map of a territory: the frame that suits it, and its words."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from skycommons.model.cells import CellIds, cells_in
from skycommons.model.regions import Region
from skycommons.model.territories import Territory
from skycommons.studies.drawing import DARK, Drawing
from skycommons.studies.figures_territory import territory_map


def cells_between(south: float, north: float, west: float, east: float) -> CellIds:
    """The cells of a box less than half the world wide."""
    return cells_in(Region.of("box", np.array([south, south, north, north]), np.array([west, east, east, west])))


def drawn(cells: CellIds) -> Drawing:
    """Its map."""
    return territory_map(Territory(name="Box", cells=cells))


def polygons(drawing: Drawing) -> int:
    """How many cells, or parts of some, are drawn."""
    (found,) = [each for each in drawing.figure.axes[0].collections if isinstance(each, PolyCollection)]
    return len(found.get_paths())


@pytest.mark.parametrize(("west", "east"), [(7.0, 9.0), (179.0, -179.0)])
def test_a_small_territory_fills_its_map(west: float, east: float) -> None:
    """The antimeridian tears it into no two corners of the world."""
    cells = cells_between(-18.0, -16.0, west, east)
    drawing = drawn(cells)
    low, high = drawing.figure.axes[0].get_xlim()
    assert 2.0 < high - low < 3.5
    assert polygons(drawing) >= len(cells)
    assert f"{len(cells)} cells" in drawing.alt


def test_a_wide_territory_is_drawn_on_the_world() -> None:
    """Equal Earth, without axes."""
    cells = np.concatenate([cells_between(0.0, 1.0, west, west + 1.0) for west in (-150.0, 0.0, 150.0)])
    axes = drawn(cells).figure.axes[0]
    assert not axes.axison
    assert axes.get_xlim()[1] < 4.0


def test_a_territory_around_a_pole_is_drawn() -> None:
    """Down to the pole, in either theme."""
    cap = Region.of("cap", np.full(8, -85.0), np.arange(-180.0, 180.0, 45.0))
    territory = Territory(name="South", cells=cells_in(cap))
    drawing = territory_map(territory, theme=DARK)
    assert polygons(drawing) >= len(territory)
    assert drawing.png(dpi=40).startswith(b"\x89PNG")
