"""Land outlines: fit to draw, and right about well-known points."""

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.model.land import is_land, land_rings

LAND = {
    "Zurich": (47.4, 8.5),
    "Nairobi": (-1.3, 36.8),
    "Brasilia": (-15.8, -47.9),
    "South Pole": (-89.9, 0.0),
    "Chukotka, west of the antimeridian": (68.0, 179.5),
    "Chukotka, east of the antimeridian": (67.0, -178.0),
}
SEA = {
    "Gulf of Guinea": (0.0, 0.0),
    "Pacific": (-30.0, -140.0),
    "Pacific on the antimeridian": (30.0, 180.0),
    "Caspian Sea, a hole": (42.0, 50.5),
    "North Pole": (89.9, 0.0),
}


def test_rings_are_closed_and_lie_on_the_map() -> None:
    for ring in land_rings():
        assert ring.shape[1] == 2
        assert np.array_equal(ring[0], ring[-1])
        assert np.abs(ring[:, 0]).max() <= 180.0
        assert np.abs(ring[:, 1]).max() <= 90.0


def test_no_ring_paints_a_band_across_the_map() -> None:
    """An edge longer than half a turn exists only along the pole, where Antarctica is closed."""
    for ring in land_rings():
        long = np.abs(np.diff(ring[:, 0])) > 180.0
        assert np.all(ring[:-1][long, 1] == -90.0)


def test_rings_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        land_rings()[0][0, 0] = 1.0


@pytest.mark.parametrize("place", LAND)
def test_land_is_land(place: str) -> None:
    latitude_deg, longitude_deg = LAND[place]
    assert is_land(np.radians([latitude_deg]), np.radians([longitude_deg])).all()


@pytest.mark.parametrize("place", SEA)
def test_sea_is_not_land(place: str) -> None:
    latitude_deg, longitude_deg = SEA[place]
    assert not is_land(np.radians([latitude_deg]), np.radians([longitude_deg])).any()


def test_the_share_of_land_is_that_of_the_earth() -> None:
    """29.2 % of the Earth's surface is land (CIA World Factbook); points are spread evenly by a golden spiral."""
    count = 4000
    latitude_rad = np.arcsin(1.0 - 2.0 * (np.arange(count) + 0.5) / count)
    longitude_rad = np.arange(count) * np.pi * (3.0 - np.sqrt(5.0))
    assert is_land(latitude_rad, longitude_rad).mean() == pytest.approx(0.292, abs=0.01)


def test_shapes_turns_and_gaps() -> None:
    """Any shape comes back, another turn of longitude is the same place, NaN is not land, nothing gives nothing."""
    latitude_rad = np.radians([[47.4, 47.4], [0.0, np.nan]])
    longitude_rad = np.radians([[8.5, 368.5], [-30.0, 8.5]])
    assert is_land(latitude_rad, longitude_rad).tolist() == [[True, True], [False, False]]
    assert is_land(np.zeros(0), np.zeros(0)).shape == (0,)


def test_different_shapes_are_refused() -> None:
    with pytest.raises(ShapeError):
        is_land(np.zeros(2), np.zeros(3))
