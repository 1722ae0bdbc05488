"""The map of the sky that a dish paints while satellites cross it.

Rules: the map has 123 × 123 cells around the zenith, north up and east to the right, and the same angle from the zenith to each. A
cell that no satellite crossed is -1, others keep the newest signal between 0 and 1. Published readers of real maps take row 61 and column
62 for the zenith and a cell for 80/62 degrees, counting from 0, and so does this one: they read the directions that were
painted. Between two directions of one satellite that are a few seconds apart the track is painted through. Nothing below 10 degrees is.

Source: form and values of the dish's replies; the projection as SatInView (LEO-NET 2024) and LEOViz read it in the frame of the Earth.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats

CELLS: Final = 123
LEAST_ELEVATION_DEG: Final = 10.0
LARGEST_THETA_DEG: Final = 80.0
NEVER: Final = -1.0
BLOCKED_BELOW: Final = 0.5  # a signal below it counts as an obstruction
ZENITH: Final = (61, 62)
"""Row and column."""
CELLS_TO_LARGEST_THETA: Final = 62
_CELLS_PER_RAD: Final = CELLS_TO_LARGEST_THETA / math.radians(LARGEST_THETA_DEG)
_LONGEST_STRIDE_CELLS: Final = 24.0  # 31 degrees: no satellite moves so far between two looks of its track


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstructionStats:
    """What a map says in a few numbers.

    Attributes:
        patches: Cells with a signal.
        fraction: Share of them whose signal is too low.
    """

    patches: int
    fraction: float


class ObstructionMap:
    """One dish's map."""

    def __init__(self) -> None:
        self._signal = np.full((CELLS, CELLS), NEVER)
        self._last: tuple[int, float, float] | None = None

    def paint(self, satellite: int, *, azimuth_rad: float, elevation_rad: float, signal: float) -> None:
        """Paint a satellite's track up to where it stands now.

        Args:
            satellite: Which one; another one begins another track.
            azimuth_rad: Where it stands, from north over east; not a number for nowhere, which ends the track.
            elevation_rad: Likewise; nothing is painted below 10 degrees.
            signal: How well it comes through, from 0 to 1.
        """
        if not (math.isfinite(azimuth_rad) and elevation_rad >= math.radians(LEAST_ELEVATION_DEG)):
            self._last = None
            return
        reach = (math.pi / 2 - elevation_rad) * _CELLS_PER_RAD
        row = ZENITH[0] - reach * math.cos(azimuth_rad)
        column = ZENITH[1] + reach * math.sin(azimuth_rad)
        began = self._last if self._last is not None and self._last[0] == satellite else (satellite, row, column)
        stride = math.hypot(row - began[1], column - began[2])
        if stride > _LONGEST_STRIDE_CELLS:
            began, stride = (satellite, row, column), 0.0
        along = np.linspace(0.0, 1.0, 2 * math.ceil(stride) + 1)
        rows = np.rint(row + (began[1] - row) * along).astype(np.int64)
        columns = np.rint(column + (began[2] - column) * along).astype(np.int64)
        is_in = (rows >= 0) & (rows < CELLS) & (columns >= 0) & (columns < CELLS)
        self._signal[rows[is_in], columns[is_in]] = min(max(signal, 0.0), 1.0)
        self._last = (satellite, row, column)

    def clear(self) -> None:
        """Forget all."""
        self._signal.fill(NEVER)
        self._last = None

    def signal(self) -> Floats:
        """``(123, 123)`` a copy, row 0 in the north."""
        return self._signal.copy()

    def stats(self) -> ObstructionStats:
        """The map in numbers."""
        seen = self._signal[self._signal >= 0.0]
        fraction = float(np.mean(seen < BLOCKED_BELOW)) if len(seen) else 0.0
        return ObstructionStats(patches=len(seen), fraction=fraction)
