"""The moving picture."""

from itertools import pairwise

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.emulation.video_clock import band_height
from skycommons.emulation.video_scene import Scene


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Small pictures."""
    return Scene(320, 180, rate_hz=25.0)


def test_a_picture_depends_on_its_number_alone(scene: Scene) -> None:
    """Another scene of the same size makes the same one, whatever was filmed before."""
    other = Scene(320, 180, rate_hz=25.0)
    other.picture(3)
    np.testing.assert_array_equal(scene.picture(40), other.picture(40))


def test_a_picture_is_in_planes_of_limited_range(scene: Scene) -> None:
    """Three halves of its height; nothing blacker than black or whiter than white."""
    picture = scene.picture(0)
    assert picture.shape == (270, 320)
    assert picture.dtype == np.uint8
    assert picture.min() >= 16
    assert picture.max() <= 240


def test_something_moves_from_each_picture_to_the_next(scene: Scene) -> None:
    """Near hills, a counter, satellites."""
    pictures = [scene.picture(number)[:180].astype(int) for number in range(12)]
    changed = [(abs(later - earlier) > 8).mean() for earlier, later in pairwise(pictures)]
    assert min(changed) > 0.005
    assert max(changed) < 0.5


@pytest.mark.parametrize("number", [0, 99, 600, 12_345, (1 << 24) - 1])
def test_every_number_makes_a_picture(scene: Scene, number: int) -> None:
    """Hills repeat, satellites leave and return; the counter may be longer than usual."""
    assert scene.picture(number).shape == (270, 320)


def test_the_rows_of_the_clocks_have_no_colour() -> None:
    """So that black is black and white is white."""
    picture = Scene(354, 200, rate_hz=30.0).picture(5)
    chroma = picture[200:].reshape(2, 100, 177)
    rows = band_height(354) // 2
    assert (chroma[:, -rows:] == 128).all()
    assert (chroma[:, :rows] == 128).all()


@pytest.mark.parametrize(("width", "height"), [(640, 361), (640, 90), (300, 200)])
def test_a_size_without_room_is_refused(width: int, height: int) -> None:
    """An odd height, one that is mostly clock, or too narrow a picture."""
    with pytest.raises(InputError):
        Scene(width, height, rate_hz=25.0)
