"""Properties of cells: areas that share a line share no cell and lose none, anywhere on Earth."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.model.cells import cells_in, cells_of, centres, neighbours, outlines_deg
from skycommons.model.regions import Region
from skycommons.model.territories import Extent, TerritorySpec, territory_of

LATITUDES = st.floats(-89.0, 89.0)
LONGITUDES = st.floats(-180.0, 180.0)


def ring(*corners_deg: tuple[float, float]) -> Floats:
    """A closed ring of longitudes and latitudes."""
    return np.array([*corners_deg, corners_deg[0]])


@settings(max_examples=25, deadline=None)
@given(
    south=st.floats(-86.0, 82.0),
    west=LONGITUDES,
    height=st.floats(0.5, 4.0),
    width=st.floats(0.5, 4.0),
    steps=st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)), min_size=1, max_size=8),
)
def test_neighbours_share_no_cell_and_lose_none(
    south: float, west: float, height: float, width: float, steps: list[tuple[float, float]]
) -> None:
    """A box that any line from south to north cuts in two: each of its cells is in one part."""
    north, east = south + height, west + width
    line = [(west + across * width, south + up * height) for across, up in sorted(steps, key=lambda step: step[1])]
    line = [(line[0][0], south), *line, (line[-1][0], north)]
    left = Region.stitched("left", [[ring((west, south), *line, (west, north))]])
    right = Region.stitched("right", [[ring(*line[::-1], (east, south), (east, north))]])
    whole = Region.stitched("whole", [[ring((west, south), (east, south), (east, north), (west, north))]])
    one, other = cells_in(left), cells_in(right)
    assert not np.isin(one, other).any()
    assert np.array_equal(np.union1d(one, other), cells_in(whole))


@settings(max_examples=50, deadline=None)
@given(latitude=LATITUDES, longitude=LONGITUDES)
def test_a_cell_is_a_place_with_neighbours_and_an_outline(latitude: float, longitude: float) -> None:
    """Its centre is in it, its neighbours have it, and its outline keeps to the map."""
    cells = cells_of(np.radians([latitude]), np.radians([longitude]))
    assert np.array_equal(cells_of(*centres(cells)), cells)
    assert all(cells[0] in row for row in neighbours(neighbours(cells)[0, 1:]))
    (rings,) = outlines_deg(cells)
    points = np.array([point for one in rings for point in one])
    assert np.abs(points[:, 0]).max() <= 180.0
    assert np.abs(points[:, 1]).max() <= 90.0
    assert all(one[0] == one[-1] for one in rings)


@settings(max_examples=20, deadline=None)
@given(south=st.floats(-80.0, 76.0), west=LONGITUDES, cut=st.floats(0.2, 3.8))
def test_what_is_taken_away_and_added_again_is_the_whole(south: float, west: float, cut: float) -> None:
    """For territories, and their hashes."""
    box = ring((west, south), (west + 4.0, south), (west + 4.0, south + 4.0), (west, south + 4.0))
    part = ring((west, south), (west + cut, south), (west + cut, south + 4.0), (west, south + 4.0))
    whole = Extent(regions=(Region.stitched("whole", [[box]]),))
    some = Extent(regions=(Region.stitched("some", [[part]]),))
    everything = territory_of(TerritorySpec(name="whole", plus=whole))
    taken = cells_in(some.regions[0])
    left = everything.cells[~np.isin(everything.cells, taken)]
    if len(taken) and len(left):
        rest = territory_of(TerritorySpec(name="rest", plus=whole, minus=some))
        assert np.array_equal(rest.cells, left)
        assert (rest | territory_of(TerritorySpec(name="some", plus=some))).sha256 == everything.sha256
