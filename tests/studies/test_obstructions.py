"""Masks of what stands between a dish and the sky, from three kinds of file."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imsave

from skycommons.base.errors import ShapeError
from skycommons.emulation.dish_obstructions import ObstructionMap
from skycommons.studies.obstructions import ObstructionError, ObstructionMask, read_obstructions

PIXELS = 123


def at(mask: ObstructionMask, azimuth_deg: float, elevation_deg: float) -> float:
    """How clear one direction is."""
    return float(mask.at(np.radians([azimuth_deg]), np.radians([elevation_deg]))[0])


def dish_map(**changes: object) -> dict[str, object]:
    """A dish's answer: the eastern half is blocked, the lowest rows are unknown."""
    values = np.ones((PIXELS, PIXELS))
    values[:, PIXELS // 2 + 2 :] = 0.0
    values[-10:] = -1.0
    found = {
        "numRows": PIXELS,
        "numCols": PIXELS,
        "snr": values.ravel().tolist(),
        "minElevationDeg": 10,
        "maxThetaDeg": 80,
        "mapReferenceFrame": "FRAME_EARTH",
    }
    return {"apiVersion": 3, "dishGetObstructionMap": found | changes}


def test_a_dish_map_is_a_round_picture_of_the_sky(tmp_path: Path) -> None:
    """Zenith a column east of the middle, north up, east to the right."""
    path = tmp_path / "map.json"
    path.write_text(json.dumps(dish_map()))
    mask = read_obstructions(path)
    assert at(mask, 90.0, 45.0) == 0.0
    assert at(mask, 270.0, 45.0) == 1.0
    assert at(mask, 0.0, 20.0) == 1.0
    assert np.isnan(at(mask, 180.0, 11.0))
    assert np.isnan(at(mask, 90.0, 5.0))
    assert np.isnan(at(mask, 90.0, -20.0))
    directions = np.radians([90.0, 270.0, 180.0])
    assert mask.is_blocked(directions, np.radians([45.0, 45.0, 11.0])).tolist() == [True, False, False]
    assert mask.blocked_share == pytest.approx(60 / 123)


def test_what_a_dish_painted_is_found_again(tmp_path: Path) -> None:
    """A dish of a live network and this reader agree on where each direction lies; a picture of its map does, too."""
    sky = ObstructionMap()
    looks = [(0.0, 90.0), (10.0, 80.0), (95.0, 40.0), (200.0, 25.0), (300.0, 60.0)]
    for satellite, (azimuth_deg, elevation_deg) in enumerate(looks):
        sky.paint(
            satellite,
            azimuth_rad=np.radians(azimuth_deg),
            elevation_rad=np.radians(elevation_deg),
            signal=satellite / 4,
        )
    path = tmp_path / "map.json"
    path.write_text(json.dumps(dish_map(snr=sky.signal().ravel().tolist())))
    mask = read_obstructions(path)
    assert np.isfinite(mask.clear).sum() == len(looks)
    assert [at(mask, *look) for look in looks] == [0.0, 0.25, 0.5, 0.75, 1.0]
    picture = tmp_path / "map.png"
    imsave(picture, np.where(sky.signal() < 0.0, 1.0, sky.signal()), cmap="gray", vmin=0.0, vmax=1.0)
    np.testing.assert_allclose(
        [at(read_obstructions(picture), *look) for look in looks], [0, 0.25, 0.5, 0.75, 1], atol=0.01
    )


def test_snake_case_and_a_bare_answer_are_read_too(tmp_path: Path) -> None:
    """Tools write the same answer in two ways."""
    path = tmp_path / "map.json"
    path.write_text(
        json.dumps([{"num_rows": 3, "num_cols": 3, "snr": [1, 1, 1, 1, 0, 1, 1, 1, 1], "max_theta_deg": 60}])
    )
    mask = read_obstructions(path)
    assert at(mask, 0.0, 90.0) == 0.0
    assert np.isnan(at(mask, 0.0, 20.0))


def test_all_faults_of_a_map_are_listed(tmp_path: Path) -> None:
    """Each with its place."""
    path = tmp_path / "map.json"
    path.write_text(json.dumps(dish_map(numRows=5, mapReferenceFrame="FRAME_UT", maxThetaDeg=200, snr=[1, "x"])))
    with pytest.raises(ObstructionError) as caught:
        read_obstructions(path)
    assert [fault.place for fault in caught.value.faults] == ["num_rows", "map_reference_frame", "max_theta_deg", "snr"]
    path.write_text(json.dumps(dish_map(snr=[1.0])))
    with pytest.raises(ObstructionError, match="has 1 values; 123 × 123 pixels have 15,129"):
        read_obstructions(path)
    path.write_text(json.dumps(dish_map(numRows="many")))
    with pytest.raises(ObstructionError, match="0 × 123 is no mask"):
        read_obstructions(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("map.json", b"{", "cannot be read as JSON"),
        ("map.json", b"{}", "has no list 'snr'"),
        ("horizon.csv", b"\xff", "byte 0 is not UTF-8"),
        ("horizon.csv", b"azimuth_deg,elevation_deg\n", "holds no row"),
        ("horizon.csv", b"0,10\nx,y\n400,3\n", "line 2: should hold azimuth"),
        ("horizon.csv", b"0,10\nx,y\n400,3\n", "line 3: azimuths lie within"),
        ("picture.png", b"no picture", "cannot be read as an image"),
    ],
)
def test_what_is_no_mask_is_told_in_one_message(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    """And what to give in its place."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ObstructionError, match=message):
        read_obstructions(path)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    """Before it is read."""
    with pytest.raises(ObstructionError, match="No such file"):
        read_obstructions(tmp_path / "none.csv")
    large = tmp_path / "large.csv"
    large.write_bytes(b"\n" * 8_000_001)
    with pytest.raises(ObstructionError, match="larger than 8 MB"):
        read_obstructions(large)


def test_a_horizon_blocks_what_lies_below_it(tmp_path: Path) -> None:
    """Straight lines between its rows, across north too."""
    path = tmp_path / "horizon.csv"
    path.write_text("azimuth_deg,elevation_deg\n90,20\n\n270,60\n")
    mask = read_obstructions(path)
    assert at(mask, 90.0, 15.0) == 0.0
    assert at(mask, 90.0, 25.0) == 1.0
    assert at(mask, 0.0, 36.0) == 0.0
    assert at(mask, 0.0, 44.0) == 1.0
    assert at(mask, 180.0, 36.0) == 0.0


@pytest.mark.parametrize("layers", [1, 3, 4])
def test_an_image_is_a_mask(layers: int, tmp_path: Path) -> None:
    """Black is blocked, white is clear, transparent is unknown."""
    image = np.ones((41, 41, max(layers, 3)))
    image[:20, :, :3] = 0.0
    if layers == 4:
        image[:5, :, 3] = 0.0
    path = tmp_path / "mask.png"
    imsave(path, image[..., 0] if layers == 1 else image, cmap="gray", vmin=0.0, vmax=1.0)
    mask = read_obstructions(path)
    assert at(mask, 0.0, 45.0) == pytest.approx(0.0, abs=0.01)
    assert at(mask, 180.0, 45.0) == pytest.approx(1.0, abs=0.01)
    assert np.isnan(at(mask, 0.0, 12.0)) == (layers == 4)


def test_an_image_must_be_square(tmp_path: Path) -> None:
    """A photograph is none."""
    path = tmp_path / "photo.png"
    imsave(path, np.zeros((4, 8, 3)))
    with pytest.raises(ObstructionError, match="8 × 4 pixels are not square"):
        read_obstructions(path)


def test_a_mask_of_which_nothing_is_known_has_no_share() -> None:
    """And one that is not square is none."""
    assert np.isnan(ObstructionMask(clear=np.full((3, 3), np.nan)).blocked_share)
    with pytest.raises(ShapeError):
        ObstructionMask(clear=np.zeros((3, 4)))
