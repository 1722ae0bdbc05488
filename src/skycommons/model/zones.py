"""Zones: coarse cells of H3 whose climate and weather is taken for all of their cells.

A cell belongs to the zone that is its parent, even where its centre lies a little outside of that.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.model.cells import RESOLUTION

ZONE_RESOLUTION: Final = 3
"""Of H3: 12,393 km² on average, some 110 km from centre to centre."""


def zones_of(
    latitude_rad: Floats, longitude_rad: Floats, resolution: int = ZONE_RESOLUTION
) -> tuple[Ints, Floats, Floats]:
    """The zone of each point's cell, and latitudes and longitudes of the zones' centres.

    Args:
        latitude_rad, longitude_rad: ``(C,)``.
        resolution: Of H3, at most that of the cells.
    Returns:
        ``(C,)`` rows of the zones, and ``(Z,)`` twice.
    >>> zones_of(np.radians([47.4, 47.5, -33.9]), np.radians([8.5, 8.6, 151.2]))[0].tolist()
    [0, 0, 1]
    """
    import h3.api.basic_int as h3

    points = zip(np.degrees(latitude_rad).tolist(), np.degrees(longitude_rad).tolist(), strict=True)
    cells = (h3.latlng_to_cell(north, east, RESOLUTION) for north, east in points)
    found = np.fromiter((h3.cell_to_parent(cell, resolution) for cell in cells), np.uint64)
    zones, zone = np.unique(found, return_inverse=True)
    centres = np.radians(np.array([h3.cell_to_latlng(each) for each in zones.tolist()]).reshape(-1, 2))
    return zone.astype(np.int64), centres[:, 0], centres[:, 1]
