"""Zones gather points that share a climate."""

import numpy as np

from skycommons.model.cells import centres
from skycommons.model.zones import zones_of


def test_points_belong_to_a_zone_about_them() -> None:
    """Of three towns two share a zone; centres lie within a hundred kilometres."""
    latitude, longitude = np.radians([47.4, 47.5, -33.9]), np.radians([8.5, 8.6, 151.2])
    zone, north, east = zones_of(latitude, longitude)
    assert zone.tolist() == [0, 0, 1]
    away_km = 6_371.0 * np.hypot(latitude - north[zone], (longitude - east[zone]) * np.cos(latitude))
    assert away_km.max() < 100.0


def test_finer_zones_are_more() -> None:
    """A resolution of its own."""
    latitude, longitude = np.radians([47.4, 47.3]), np.radians([8.5, 8.9])
    assert len(zones_of(latitude, longitude, 5)[1]) == 2


def test_no_point_has_no_zone() -> None:
    """Nothing comes of nothing."""
    zone, north, east = zones_of(np.zeros(0), np.zeros(0))
    assert len(zone) == len(north) == len(east) == 0


def test_a_zone_has_forty_nine_cells() -> None:
    """All children of one coarse cell belong to it, those at its edge too."""
    import h3.api.numpy_int as h3

    family = h3.cell_to_children(h3.latlng_to_cell(47.4, 8.5, 3), 5)
    zone, _, _ = zones_of(*centres(family))
    assert len(zone) == 49
    assert (zone == 0).all()
