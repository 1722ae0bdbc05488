"""A dish paints the sky where satellites were, so that readers of real maps find them there."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.emulation.dish_obstructions import CELLS, NEVER, ObstructionMap


def painted(sky: ObstructionMap) -> list[tuple[int, int]]:
    """Rows and columns with a signal."""
    return [(int(row), int(column)) for row, column in np.argwhere(sky.signal() >= 0.0)]


def look(
    sky: ObstructionMap, azimuth_deg: float, elevation_deg: float, *, satellite: int = 1, signal: float = 1.0
) -> None:
    """Paint a direction given in degrees."""
    sky.paint(
        satellite, azimuth_rad=math.radians(azimuth_deg), elevation_rad=math.radians(elevation_deg), signal=signal
    )


def test_a_new_map_has_seen_nothing() -> None:
    """All cells say never."""
    sky = ObstructionMap()
    assert sky.signal().shape == (CELLS, CELLS)
    assert (sky.signal() == NEVER).all()
    assert sky.stats().patches == 0
    assert sky.stats().fraction == 0.0


@pytest.mark.parametrize(
    ("azimuth_deg", "cell"), [(0.0, (30, 62)), (90.0, (61, 93)), (180.0, (92, 62)), (270.0, (61, 31))]
)
def test_north_is_up_and_east_is_right(azimuth_deg: float, cell: tuple[int, int]) -> None:
    """Forty degrees from the zenith are 31 cells."""
    sky = ObstructionMap()
    look(sky, azimuth_deg, 50.0)
    assert painted(sky) == [cell]


@given(azimuth_deg=st.floats(0.0, 360.0), elevation_deg=st.floats(16.0, 90.0))
def test_published_readers_find_the_direction_that_was_painted(azimuth_deg: float, elevation_deg: float) -> None:
    """Within half a cell each way: SatInView takes ``x - 62`` and ``(123 - y) - 62`` cells of 80/62 degrees."""
    sky = ObstructionMap()
    look(sky, azimuth_deg, elevation_deg)
    ((row, column),) = painted(sky)
    read_deg = np.array([(123 - row) - 62, column - 62]) * (80.0 / 62.0)
    azimuth_rad = math.radians(azimuth_deg)
    meant_deg = (90.0 - elevation_deg) * np.array([math.cos(azimuth_rad), math.sin(azimuth_rad)])
    assert np.abs(read_deg - meant_deg).max() <= 0.5 * 80.0 / 62.0 + 1e-9


def test_a_track_has_no_holes() -> None:
    """Between two looks at the same satellite every cell is painted; neighbours touch."""
    sky = ObstructionMap()
    look(sky, 45.0, 40.0)
    look(sky, 45.0, 60.0)
    cells = sorted(painted(sky))
    assert len(cells) >= 11
    assert all(abs(a[0] - b[0]) <= 1 and abs(a[1] - b[1]) <= 1 for a, b in pairwise(cells))


def test_another_satellite_begins_another_track() -> None:
    """Nothing is painted from where the last one stood."""
    sky = ObstructionMap()
    look(sky, 0.0, 60.0, satellite=1)
    look(sky, 180.0, 60.0, satellite=2)
    assert len(painted(sky)) == 2


def test_a_gap_ends_a_track() -> None:
    """Without a direction there is nothing to go on from, nor across half the sky."""
    sky = ObstructionMap()
    look(sky, 0.0, 60.0)
    sky.paint(1, azimuth_rad=math.nan, elevation_rad=math.nan, signal=1.0)
    look(sky, 20.0, 60.0)
    look(sky, 200.0, 60.0)
    assert len(painted(sky)) == 3


@pytest.mark.parametrize("elevation_deg", [-5.0, 0.0, 9.9])
def test_nothing_is_painted_near_the_horizon(elevation_deg: float) -> None:
    """Below ten degrees."""
    sky = ObstructionMap()
    look(sky, 120.0, elevation_deg)
    assert painted(sky) == []


@given(azimuth_deg=st.floats(0.0, 360.0), elevation_deg=st.floats(-90.0, 90.0), signal=st.floats(0.0, 1.0))
def test_every_direction_stays_on_the_map(azimuth_deg: float, elevation_deg: float, signal: float) -> None:
    """Whatever is looked at, nothing fails, and signals stay between 0 and 1."""
    sky = ObstructionMap()
    look(sky, azimuth_deg, elevation_deg, signal=signal)
    values = sky.signal()
    assert ((values == NEVER) | ((values >= 0.0) & (values <= 1.0))).all()


def test_the_newest_signal_counts() -> None:
    """A cell behind a new tree is obstructed, and the share says so."""
    sky = ObstructionMap()
    look(sky, 0.0, 60.0)
    look(sky, 90.0, 60.0, satellite=2, signal=0.1)
    assert (sky.stats().patches, sky.stats().fraction) == (2, 0.5)
    look(sky, 0.0, 60.0, satellite=3, signal=0.2)
    assert sky.stats().fraction == 1.0


def test_a_cleared_map_has_seen_nothing() -> None:
    """Nor does a track go on from before."""
    sky = ObstructionMap()
    look(sky, 0.0, 60.0)
    sky.clear()
    assert painted(sky) == []
    look(sky, 20.0, 60.0)
    assert len(painted(sky)) == 1
