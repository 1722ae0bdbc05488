"""Rasters of people: sums are kept, boxes fall into their cells, and what is no raster of people is refused."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from skycommons.base.errors import GroundError
from skycommons.model.cells import cells_of
from skycommons.model.people_raster import open_text, read_raster

HEAD = "ncols 3\nnrows 2\nxllcorner 8\nyllcorner 47\ncellsize 0.05\nNODATA_value -9999\n"


def written(folder: Path, text: str, name: str = "people.asc") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text)
    return path


def test_an_ascii_grid_is_read_from_the_north(tmp_path: Path) -> None:
    """Boxes without data or people are left out."""
    cells, people = read_raster(written(tmp_path, HEAD + "10 -9999 0\n0 20 30\n"))
    assert people.tolist() == [10.0, 20.0, 30.0]
    expected = cells_of(np.radians([47.075, 47.025, 47.025]), np.radians([8.025, 8.075, 8.125]))
    assert cells.tolist() == expected.tolist()


def test_centres_may_be_given_in_place_of_corners(tmp_path: Path) -> None:
    """The same boxes."""
    text = HEAD.replace("xllcorner 8\n", "XLLCENTER 8.025\n").replace("yllcorner 47\n", "yllcenter 47.025\n")
    corners = read_raster(written(tmp_path, HEAD + "10 -9999 0\n0 20 30\n"))
    centres = read_raster(written(tmp_path, text + "10 -9999 0\n0 20 30\n"))
    assert np.array_equal(corners[0], centres[0])


def test_a_wide_box_is_shared_by_all_its_cells(tmp_path: Path) -> None:
    """Half a degree holds a dozen cells, and all people."""
    text = "ncols 1\nnrows 1\nxllcorner 8\nyllcorner 47\ncellsize 0.5\n100\n"
    cells, people = read_raster(written(tmp_path, text))
    assert people.sum() == pytest.approx(100.0)
    assert len(np.unique(cells)) >= 8
    assert np.ptp(people) == 0.0


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("people\n1\n", ["ncols", "nrows", "cellsize"]),
        (HEAD.replace("3", "2.5"), ["ncols"]),
        (HEAD.replace("yllcorner 47", "yllcorner 5000000").replace("xllcorner 8", "xllcorner 600000"), ["yll", "xll"]),
        (HEAD.replace("ncols 3", "ncols three"), ["ncols: should be a number"]),
        (HEAD + "1 2 3\n1 2\n", ["row 2: has 2 numbers, not 3"]),
        (HEAD + "1 2 3\n", ["has 1 lines"]),
        (HEAD + "1 2 3\n" * 3, ["more lines than nrows"]),
        (HEAD + "1 2 x\n", ["no number"]),
        (HEAD + "1 2 -1\n", ["below 0"]),
        (HEAD.replace("ncols 3", "ncols 100000").replace("0.05", "1e-6").replace("nrows 2", "nrows 100000"), ["boxes"]),
    ],
    ids=["no-head", "half", "metres", "word", "short-row", "few-rows", "many-rows", "text", "negative", "large"],
)
def test_a_grid_that_cannot_be_used(tmp_path: Path, text: str, messages: list[str]) -> None:
    """All faults of the head at once; the first row that is wrong."""
    with pytest.raises(GroundError) as caught:
        read_raster(written(tmp_path, text))
    assert all(message in str(caught.value) for message in messages)


def saved(
    path: Path, *, name: str = "population", units: str = "people", latitude_deg: tuple[float, float] = (47.025, 47.075)
) -> Path:
    """A NetCDF raster of four boxes."""
    xr.Dataset(
        {name: (("time", "lat", "lon"), [[[1.0, 2.0], [np.nan, 4.0]]], {"units": units})},
        coords={"time": [0], "lat": list(latitude_deg), "lon": [8.025, 8.075]},
    ).to_netcdf(path, engine="h5netcdf")
    return path


def test_a_netcdf_raster(tmp_path: Path) -> None:
    """Latitudes either way; an axis of one place is no axis."""
    cells, people = read_raster(saved(tmp_path / "people.nc"))
    assert people.tolist() == [1.0, 2.0, 4.0]
    expected = cells_of(np.radians([47.025, 47.025, 47.075]), np.radians([8.025, 8.075, 8.075]))
    assert cells.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("name", "units", "latitude_deg", "message"),
    [
        ("rain", "people", (47.0, 47.1), "none of the variables"),
        ("people", "people/km2", (47.0, 47.1), "density"),
        ("people", "people", (47.0, 47.0), "evenly spaced"),
        ("people", "people", (470.0, 471.0), "evenly spaced"),
    ],
    ids=["name", "units", "uneven", "beyond"],
)
def test_a_netcdf_raster_that_cannot_be_used(
    tmp_path: Path, name: str, units: str, latitude_deg: tuple[float, float], message: str
) -> None:
    """With what is wrong."""
    with pytest.raises(GroundError, match=message):
        read_raster(saved(tmp_path / "people.nc", name=name, units=units, latitude_deg=latitude_deg))


def test_netcdf_without_axes_or_that_is_none(tmp_path: Path) -> None:
    """A column of numbers, a text, and too many boxes."""
    xr.Dataset({"people": (("lat",), [1.0, 2.0])}).to_netcdf(tmp_path / "column.nc", engine="h5netcdf")
    with pytest.raises(GroundError, match="latitude and longitude alone"):
        read_raster(tmp_path / "column.nc")
    with pytest.raises(GroundError, match="cannot be read as NetCDF"):
        read_raster(written(tmp_path, "no", "text.nc"))


def test_too_many_boxes_in_netcdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would not fit."""
    monkeypatch.setattr("skycommons.model.people_raster._MOST_BOXES", 3)
    with pytest.raises(GroundError, match="boxes"):
        read_raster(saved(tmp_path / "people.nc"))


def test_files_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent, not text, or too large."""
    with pytest.raises(GroundError, match="cannot be read"):
        open_text(tmp_path / "absent.asc")
    (tmp_path / "noise.asc").write_bytes(b"ncols 1\n\xff\xfe")
    with pytest.raises(GroundError, match="no text"):
        read_raster(tmp_path / "noise.asc")
    monkeypatch.setattr("skycommons.model.people_raster._MAX_BYTES", 1)
    with pytest.raises(GroundError, match="larger than"):
        open_text(tmp_path / "noise.asc")
