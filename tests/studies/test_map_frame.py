"""The map that suits some places."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from skycommons.studies.drawing import LIGHT
from skycommons.studies.map_frame import MapFrame


@pytest.mark.parametrize(
    ("longitude_deg", "is_world", "middle_deg"),
    [
        ([5.0, 10.0, 15.0], False, 10.0),
        ([175.0, -170.0], False, -177.5),
        ([-150.0, 0.0, 150.0], True, None),
        ([], True, 0.0),
    ],
)
def test_a_frame_lies_around_its_places(longitude_deg: list[float], is_world: bool, middle_deg: float | None) -> None:
    """Opposite the widest gap, whatever the antimeridian."""
    frame = MapFrame.around(np.radians(longitude_deg))
    assert frame.is_world == is_world
    assert middle_deg is None or frame.middle_deg == pytest.approx(middle_deg)


def test_places_across_the_antimeridian_stay_together() -> None:
    """In the turn of longitude of the middle."""
    frame = MapFrame.around(np.radians([175.0, -170.0]))
    points = np.concatenate([frame.points(np.array([[east, 0.0]])) for east in (175.0, -170.0)])
    np.testing.assert_allclose(points[:, 0], [-185.0, -170.0])


def test_a_flat_map_shows_its_places_with_a_margin() -> None:
    """In degrees, which are as long north as east at its middle, and never beyond a pole."""
    axes = Figure().subplots()
    frame = MapFrame.around(np.radians([5.0, 15.0]))
    frame.base(axes, LIGHT)
    frame.fit(axes, np.array([[5.0, 55.0], [15.0, 89.9]]))
    assert axes.get_xlim() == pytest.approx((4.2, 15.8))
    assert axes.get_ylim() == pytest.approx((55.0 - 0.08 * 34.9, 90.0))
    assert axes.xaxis.get_major_formatter()(185.0, 0) == "-175"
    assert axes.axison


def test_the_world_is_shown_whole() -> None:
    """Without axes."""
    axes = Figure().subplots()
    frame = MapFrame.around(np.radians([-150.0, 0.0, 150.0]))
    frame.base(axes, LIGHT)
    frame.fit(axes, np.zeros((1, 2)))
    assert not axes.axison
    assert 2.5 < axes.get_xlim()[1] < 4.0
